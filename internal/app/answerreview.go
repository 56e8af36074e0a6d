package app

import (
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// NoteKind is what a note says of an answer.
type NoteKind string

// The kinds.
const (
	NoteReviewed NoteKind = "reviewed"
	NoteReturned NoteKind = "returned" // sent back to be written anew
	NoteComment  NoteKind = "comment"
)

// ReviewState is how the newest verdict stands to the answer.
type ReviewState string

// The states. An answer that nobody has judged has none.
const (
	ReviewedAsIs   ReviewState = "reviewed"
	ReturnedAsIs   ReviewState = "returned"
	ReviewOutdated ReviewState = "outdated" // the answer has been changed since
)

// AnswerNote is a line of the thread about an answer, which only the supplier's
// own people read, before and after the opening.
type AnswerNote struct {
	ID          uuid.UUID
	Requirement uuid.UUID
	Version     int64 // of the answer that it is about
	Kind        NoteKind
	Comment     string
	// By is nil for one outside the reader's own organisation.
	By *Colleague
	At time.Time
}

// NoteRow is a note to write.
type NoteRow struct {
	Requirement uuid.UUID
	Version     int64
	Kind        NoteKind
	Comment     string
}

// NotedAnswers is what became of notes to write.
type NotedAnswers struct {
	Tender   Tender
	Noted    int
	Problems []RowProblem
}

// maxNote bounds a comment, in characters.
const maxNote = 4_000

// ReviewAnswers writes down that versions of answers have been reviewed, are sent
// back, or a comment on them: each row that is good. Nothing of it stands in the
// way of a submission. A comment is encrypted and never opened to a buyer. A row
// is not written for
//   - answers.unknown-requirement, review.not-answered;
//   - review.other-version: another version stands than was reviewed;
//   - review.own-answer: who has written a version does not judge it;
//   - review.comment: sent back without a comment, or one that is too long or
//     cannot be read.
func (a *App) ReviewAnswers(ctx context.Context, tenderID uuid.UUID, rows []NoteRow) (NotedAnswers, error) {
	var out NotedAnswers
	err := a.do(ctx, TenderReview, func(w *work) error {
		d, err := w.openDraft(ctx, tenderID, 0, false)
		if err != nil {
			return err
		}
		defer d.zero()
		if err := d.writable(); err != nil {
			return err
		}
		type row struct {
			ID          uuid.UUID `json:"id"`
			Requirement uuid.UUID `json:"requirement_id"`
			Version     int64     `json:"answer_version"`
			Kind        NoteKind  `json:"kind"`
			Sealed      *string   `json:"sealed"`
		}
		var notes []row
		summary := place{uuid.Nil, seal.PartSummary}
		for i, r := range rows {
			if f, bad := fault.As(d.judgeNote(r)); bad {
				out.Problems = append(out.Problems, RowProblem{i, r.Requirement, d.number(r.Requirement), d.stored[r.Requirement].n, f})
				continue
			}
			n := row{uuid.Must(uuid.NewV7()), r.Requirement, r.Version, r.Kind, nil}
			if r.Comment != "" {
				sealed, err := d.keys[summary].key.EncryptNote(d.scope(summary), r.Requirement, n.ID, []byte(r.Comment))
				if err != nil {
					return err
				}
				text := base64.StdEncoding.EncodeToString(sealed)
				n.Sealed = &text
			}
			notes = append(notes, n)
		}
		out.Tender, out.Noted = tenderOf(d.row, d.pub.Title, d.pub.Deadline), len(notes)
		if len(notes) == 0 {
			return nil
		}
		if err := w.q.InsertAnswerNotes(ctx, w.tx, sqlcgen.InsertAnswerNotesParams{TenderID: tenderID, Draft: d.keysOf(), NotedBy: w.by.ID, NotedAt: w.now, Rows: asJSON(notes)}); err != nil {
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "tender.answers-reviewed", object: tenderID, after: map[string]string{"notes": itoa(len(notes))}})
	})
	return out, err
}

// keysOf is the number of the draft whose keys are open.
func (d *draft) keysOf() int32 {
	if d.begun() {
		return d.row.Draft
	}
	return d.row.Submission
}

func (d *draft) judgeNote(r NoteRow) error {
	if _, known := d.requirement(r.Requirement); !known {
		return fault.New(fault.Invalid, "answers.unknown-requirement").At("requirement")
	}
	stored := d.stored[r.Requirement]
	switch n := utf8.RuneCountInString(r.Comment); {
	case stored.n == 0:
		return fault.New(fault.Conflict, "review.not-answered").At("requirement")
	case stored.n != r.Version:
		return fault.New(fault.Stale, "review.other-version", fault.Params{"version": itoa(stored.n)}).At("version")
	case r.Kind != NoteComment && stored.by != nil && *stored.by == d.w.by.ID:
		return fault.New(fault.Denied, "review.own-answer").At("kind")
	case n > maxNote || r.Kind != NoteReviewed && strings.TrimSpace(r.Comment) == "" || !utf8.ValidString(r.Comment) || strings.ContainsRune(r.Comment, 0):
		return fault.New(fault.Invalid, "review.comment", fault.Params{"max": itoa(maxNote)}).At("comment")
	}
	return nil
}

// maxThread is how many notes are read at once.
const maxThread = 5_000

// AnswerNotes reads the thread about one requirement, or with uuid.Nil those
// about all, oldest first.
func (a *App) AnswerNotes(ctx context.Context, tenderID, requirementID uuid.UUID) (OfTender[AnswerNote], error) {
	var out OfTender[AnswerNote]
	err := a.do(ctx, TenderRead, func(w *work) error {
		row, pub, err := w.ownTenderByID(ctx, tenderID, false)
		if err != nil {
			return err
		}
		out.Tender = tenderOf(row, pub.Title, pub.Deadline)
		notes, err := w.q.AnswerNotes(ctx, w.tx, sqlcgen.AnswerNotesParams{TenderID: tenderID, Requirement: idOrNull(requirementID), UpTo: maxThread})
		if err != nil || len(notes) == 0 {
			return db.Fault(err)
		}
		keys, err := w.summaryKeys(ctx, tenderID)
		if err != nil {
			return err
		}
		defer func() {
			for _, k := range keys {
				k.Zero()
			}
		}()
		ids := make([]uuid.UUID, len(notes))
		for i, n := range notes {
			ids[i] = n.NotedBy
		}
		people, err := w.colleagues(ctx, ids)
		if err != nil {
			return err
		}
		scope := seal.Scope{Procurement: row.ProcurementID, Tender: row.ID, Part: seal.PartSummary}
		for _, n := range notes {
			note := AnswerNote{n.ID, n.RequirementID, n.AnswerVersion, NoteKind(n.Kind), "", people[n.NotedBy], n.NotedAt}
			if n.Sealed != nil {
				plain, err := keys[n.Draft].DecryptNote(scope, n.RequirementID, n.ID, n.Sealed)
				if err != nil {
					return err
				}
				note.Comment = string(plain)
			}
			out.Items = append(out.Items, note)
		}
		return w.audit(ctx, entry{action: "tender.notes-read", object: tenderID})
	})
	return out, err
}

// summaryKeys opens the keys of all summaries of a tender, by draft.
func (w *work) summaryKeys(ctx context.Context, tenderID uuid.UUID) (map[int32]seal.DataKey, error) {
	rows, err := w.q.SummaryKeys(ctx, w.tx, tenderID)
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make(map[int32]seal.DataKey, len(rows))
	for _, r := range rows {
		if out[r.Draft], err = w.app.Wrapping.UnwrapForOrg(ctx, w.by.Org, r.ID, r.Wrapped); err != nil {
			return out, err
		}
	}
	return out, nil
}

// Review is the newest verdict on an answer.
type Review struct {
	State ReviewState
	By    *Colleague
	At    time.Time
}

// reviews reads the newest verdicts, held against the answers that stand.
func (d *draft) reviews(ctx context.Context) (map[uuid.UUID]sqlcgen.AnswerReviewsRow, error) {
	rows, err := d.w.q.AnswerReviews(ctx, d.w.tx, d.row.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make(map[uuid.UUID]sqlcgen.AnswerReviewsRow, len(rows))
	for _, r := range rows {
		out[r.RequirementID] = r
	}
	return out, nil
}

func reviewOf(r sqlcgen.AnswerReviewsRow, version int64, people map[uuid.UUID]*Colleague) *Review {
	if r.AnswerVersion == 0 {
		return nil
	}
	state := ReviewState(r.Kind)
	if r.AnswerVersion != version {
		state = ReviewOutdated
	}
	return &Review{state, people[r.NotedBy], r.NotedAt}
}

func reviewers(all map[uuid.UUID]sqlcgen.AnswerReviewsRow) []uuid.UUID {
	out := make([]uuid.UUID, 0, len(all))
	for _, r := range all {
		out = append(out, r.NotedBy)
	}
	return out
}

// tally counts the verdicts on a draft without opening an answer; nil where
// none is being written.
func (d *draft) tally(ctx context.Context) (*ReviewTally, error) {
	if !d.begun() {
		return nil, nil
	}
	together, err := d.w.together(ctx, d.row)
	if err != nil {
		return nil, err
	}
	row, err := d.w.q.ReviewTally(ctx, d.w.tx, sqlcgen.ReviewTallyParams{TenderID: d.row.ID, Draft: d.row.Draft, Declarations: slices.Collect(maps.Keys(together.Declarations()))})
	if err != nil {
		return nil, db.Fault(err)
	}
	return &ReviewTally{int(row.Reviewed), int(row.Returned), int(row.Answers - row.Reviewed - row.Returned)}, nil
}
