package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// MaxAnswersAtOnce is how many answers one request may save.
const MaxAnswersAtOnce = 2_000

// AnyVersion asks for no check of what the author saw. It is for those who write
// alone; a request names a version.
const AnyVersion int64 = -1

// AnswerRow is one answer to save. Without a value it takes the answer away.
type AnswerRow struct {
	Requirement uuid.UUID
	// Version is that of the answer which the author saw: 0 for none.
	Version int64
	requirement.Answer
}

// Unmarked are rows for values without marks, whatever stands.
func Unmarked(values requirement.Values) []AnswerRow {
	out := make([]AnswerRow, 0, len(values))
	for _, id := range slices.SortedFunc(maps.Keys(values), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }) {
		out = append(out, AnswerRow{id, AnyVersion, requirement.Answer{Value: values[id]}})
	}
	return out
}

// AnswersToSave is a whole or partial set of answers.
type AnswersToSave struct {
	Tender uuid.UUID
	// Expected is the tender's version, for one who wants nobody else to have
	// written anything; 0 for any.
	Expected int64
	Rows     []AnswerRow
	// Declaration is nil where it stays as it is; DeclarationVersion is as the
	// version of a row.
	Declaration        *procurement.Declaration
	DeclarationVersion int64
	// Reply says what a repetition of the request is answered. It is kept in the
	// transaction that saves, and must hold no values. It may be nil.
	Reply func(SavedAnswers) Answer
}

// SavedAnswers is what became of answers to save.
type SavedAnswers struct {
	Tender Tender
	// Saved are the answers that are stored as they were given, in the order of
	// the request, with the version that stands.
	Saved []SavedAnswer
	// Problems are those of the rows that were not stored.
	Problems []RowProblem
	// DeclarationVersion is that of the declaration that stands; 0 for none.
	DeclarationVersion int64
	Summary            requirement.Summary
}

// SavedAnswer is one answer that is stored as it was given.
type SavedAnswer struct {
	Requirement uuid.UUID
	// Version is 0 for an answer that has been taken away.
	Version int64
}

// RowProblem is why a row was not stored.
type RowProblem struct {
	// Row counts the rows of the request from 0; -1 is the declaration.
	Row         int
	Requirement uuid.UUID
	Number      string // the buyer's
	// Version is that of the answer that stands.
	Version int64
	Problem *fault.Error
}

// SaveAnswers saves answers of a draft: each row that is good, whatever becomes
// of the others. Nothing of an answer is written in clear anywhere. An answer
// that is not valid yet is stored and named in the summary. A row is not stored,
// and its problem says why, for
//   - answers.unknown-requirement, answers.repeated;
//   - answers.changed: another has saved something else than the author saw, and
//     than the row says. The same content again is no conflict;
//   - answers.too-large, answer.unreadable, answer.secret-reason,
//     answer.buyer-unknown, answer.buyer-repeated, answer.mark-without-answer;
//   - attachment.unknown, attachment.name-differs: a file that it lists is not
//     attached to the requirement;
//   - declaration.changed, for the declaration.
//
// The first change after a submission begins a replacement: a new encrypted
// draft with the submitted answers; what was submitted stands until the new one
// is submitted. Rows that change nothing change nothing, so a repeated request
// has no second effect. It returns stale for another version of the tender than
// expected.
func (a *App) SaveAnswers(ctx context.Context, in AnswersToSave) (SavedAnswers, error) {
	var out SavedAnswers
	err := a.do(ctx, TenderWrite, func(w *work) error {
		d, err := w.openDraft(ctx, in.Tender, in.Expected, true)
		if err != nil {
			return err
		}
		defer func() { d.zero() }()
		if err := d.writable(); err != nil {
			return err
		}
		b, err := d.put(in)
		if err != nil {
			return err
		}
		if b.changes > 0 {
			if err := d.save(ctx); err != nil {
				return err
			}
			if err := w.audit(ctx, entry{action: "tender.draft-saved", object: in.Tender, audience: onObject,
				after: map[string]string{"answers": itoa(b.changes), "draft": itoa(d.row.Draft)}, hash: d.ciphertextHash()}); err != nil {
				return err
			}
		}
		out = SavedAnswers{tenderOf(d.row, d.pub.Title, d.pub.Deadline), b.saved(), b.problems, d.stored[d.ownDeclaration()].n, d.summary()}
		if in.Reply != nil {
			w.reply(ctx, in.Reply(out))
		}
		return nil
	})
	return out, err
}

// batch is a set of answers being put into a draft.
type batch struct {
	d       *draft
	named   []uuid.UUID // the buyers
	good    []uuid.UUID // requirements whose row is stored as given
	seen    map[uuid.UUID]bool
	changes int

	problems []RowProblem
}

func (d *draft) put(in AnswersToSave) (*batch, error) {
	named, err := d.buyers()
	if err != nil {
		return nil, err
	}
	b := &batch{d: d, named: named, seen: make(map[uuid.UUID]bool, len(in.Rows))}
	for i, r := range in.Rows {
		if f, bad := fault.As(b.row(r)); bad {
			b.problem(i, r.Requirement, f)
		}
	}
	if in.Declaration != nil {
		changes, err := d.declare(*in.Declaration, in.DeclarationVersion)
		if f, bad := fault.As(err); bad {
			b.problem(-1, d.ownDeclaration(), f)
		}
		if changes {
			b.changes++
		}
	}
	return b, nil
}

// row puts one answer in, or says why not.
func (b *batch) row(r AnswerRow) error {
	d, id := b.d, r.Requirement
	if _, known := d.requirement(id); !known {
		return fault.New(fault.Invalid, "answers.unknown-requirement").At("requirement")
	}
	if b.seen[id] {
		return fault.New(fault.Invalid, "answers.repeated").At("requirement")
	}
	b.seen[id] = true
	if len(r.Value) > seal.MaxValue {
		return fault.New(fault.TooLarge, "answers.too-large", fault.Params{"limit": itoa(seal.MaxValue)}).At("value")
	}
	answer, err := r.Marked(b.named)
	if err != nil {
		return err
	}
	stored := d.stored[id].n
	switch {
	case answer.Same(d.answers[id]):
		b.good = append(b.good, id)
		return nil
	case r.Version != AnyVersion && r.Version != stored:
		return fault.New(fault.Stale, "answers.changed", fault.Params{"seen": itoa(r.Version), "version": itoa(stored)}).At("version")
	}
	gone, err := d.linkFiles(id, answer.Value)
	if err != nil {
		return err
	}
	d.dropFiles(gone)
	d.begin()
	d.set1(id, answer)
	b.good = append(b.good, id)
	b.changes++
	return nil
}

func (b *batch) problem(row int, id uuid.UUID, f *fault.Error) {
	b.problems = append(b.problems, RowProblem{row, id, b.d.number(id), b.d.stored[id].n, f})
}

func (b *batch) saved() []SavedAnswer {
	out := make([]SavedAnswer, len(b.good))
	for i, id := range b.good {
		out[i] = SavedAnswer{id, b.d.stored[id].n}
	}
	return out
}

// Draft is what a supplier has written so far, or has submitted where nothing
// newer is written.
type Draft struct {
	Tender
	Answers []DraftAnswer
	// Gone are answers to requirements that an amendment has taken out. They are
	// not submitted any more.
	Gone requirement.Answers
	// Declaration is the reader's own organisation's; Declarations says whose are
	// there.
	Declaration        *procurement.Declaration
	DeclarationVersion int64
	Declarations       []DeclarationState
	Assignments        []Assignment
	Reviews            ReviewTally
	Summary            requirement.Summary
}

// DraftAnswer is one answer as it is stored.
type DraftAnswer struct {
	Requirement uuid.UUID
	requirement.Answer
	Version int64
	// SavedBy saved it last, or submitted it where it is unchanged since: a
	// person or system of the reader's own organisation, else nil.
	SavedBy *Colleague
	SavedAt time.Time
	// Review is the newest verdict of another on it; nil for none.
	Review *Review
}

// ReviewTally counts answers by the verdict on the version that stands.
type ReviewTally struct{ Reviewed, Returned, Unreviewed int }

// ReadDraft gives the supplier its own answers, in the order of the
// requirements, and how complete they are.
func (a *App) ReadDraft(ctx context.Context, tenderID uuid.UUID) (Draft, error) {
	var out Draft
	err := a.do(ctx, TenderRead, func(w *work) error {
		d, err := w.openDraft(ctx, tenderID, 0, false)
		if err != nil {
			return err
		}
		defer d.zero()
		if out, err = d.view(ctx); err != nil {
			return err
		}
		return w.audit(ctx, entry{action: "tender.draft-read", object: tenderID})
	})
	return out, err
}

// Completeness is how complete a tender is.
type Completeness struct {
	Tender  Tender
	Summary requirement.Summary
	// Reviews is nil while no draft is being written.
	Reviews *ReviewTally
}

// Completeness tells how complete a tender is. Where the summary is that of the
// requirements as they are, it is one read and no answer is decrypted.
func (a *App) Completeness(ctx context.Context, tenderID uuid.UUID) (Completeness, error) {
	var out Completeness
	err := a.do(ctx, TenderRead, func(w *work) error {
		row, pub, err := w.ownTenderByID(ctx, tenderID, false)
		if err != nil {
			return err
		}
		out.Tender = tenderOf(row, pub.Title, pub.Deadline)
		d := &draft{w: w, row: row, pub: pub}
		if out.Reviews, err = d.tally(ctx); err != nil {
			return err
		}
		if read, err := d.readSummary(ctx); err != nil || read != nil {
			out.Summary = deref(read)
			return err
		}
		if d, err = w.openDraft(ctx, tenderID, 0, false); err != nil {
			return err
		}
		defer d.zero()
		out.Summary = d.summary()
		return nil
	})
	return out, err
}

func (d *draft) view(ctx context.Context) (Draft, error) {
	out := Draft{Tender: tenderOf(d.row, d.pub.Title, d.pub.Deadline), Gone: d.gone, Summary: d.summary(), Declarations: d.declarations(), DeclarationVersion: d.stored[d.ownDeclaration()].n}
	var err error
	if out.Declaration, err = d.declaration(); err != nil {
		return out, err
	}
	if out.Assignments, err = d.assignments(ctx); err != nil {
		return out, err
	}
	reviews, err := d.reviews(ctx)
	if err != nil {
		return out, err
	}
	people, err := d.w.colleagues(ctx, append(d.authors(), reviewers(reviews)...))
	if err != nil {
		return out, err
	}
	for _, r := range d.set.Requirements {
		answer, answered := d.answers[r.ID]
		if !answered {
			continue
		}
		v := d.stored[r.ID]
		review := reviewOf(reviews[r.ID], v.n, people)
		out.Reviews.count(review)
		out.Answers = append(out.Answers, DraftAnswer{r.ID, answer, v.n, people[deref(v.by)], v.at, review})
	}
	return out, nil
}

func (t *ReviewTally) count(r *Review) {
	switch {
	case r == nil || r.State == ReviewOutdated:
		t.Unreviewed++
	case r.State == ReturnedAsIs:
		t.Returned++
	default:
		t.Reviewed++
	}
}

// authors are those who saved the answers that stand.
func (d *draft) authors() []uuid.UUID {
	seen := map[uuid.UUID]bool{}
	for _, v := range d.stored {
		if v.by != nil {
			seen[*v.by] = true
		}
	}
	return slices.Collect(maps.Keys(seen))
}
