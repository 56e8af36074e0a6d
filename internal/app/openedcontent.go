package app

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/consortium"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// OpenedContent is what an opened tender says, as the team reads it.
type OpenedContent struct {
	Set  requirement.Set
	Lots []uuid.UUID
	// Declaration is the leader's; in a preview that of the reader's own
	// organisation, since each of several knows its own.
	Declaration json.RawMessage
	Answers     map[uuid.UUID]OpenedAnswer
	Files       []Attachment
	// Price tells that the price part is open too.
	Price bool
	// Buyers are the names of the buyers that answers cover, by id.
	Buyers map[uuid.UUID]string
}

// OpenedAnswer is one answer of an opened tender.
type OpenedAnswer struct {
	Part          procurement.Part `json:"part"`
	FailsAbsolute bool             `json:"failsAbsolute"`
	requirement.Answer
}

// FailsAbsolute counts answers that say no to an absolute requirement.
func (c OpenedContent) FailsAbsolute() int {
	n := 0
	for _, a := range c.Answers {
		if a.FailsAbsolute {
			n++
		}
	}
	return n
}

// Marked gives the answers with their marks.
func (c OpenedContent) Marked() requirement.Answers {
	out := make(requirement.Answers, len(c.Answers))
	for id, a := range c.Answers {
		out[id] = a.Answer
	}
	return out
}

// openedRow is an opened answer as it is stored.
type openedRow struct {
	Requirement   uuid.UUID       `json:"requirement_id"`
	Lot           uuid.UUID       `json:"lot_id"`
	Part          seal.Part       `json:"part"`
	Value         json.RawMessage `json:"value"`
	FailsAbsolute bool            `json:"fails_absolute"`
	Secret        *string         `json:"secret,omitempty"`
	Buyers        []uuid.UUID     `json:"buyers,omitempty"`
}

// openedRows is what becomes of an envelope's answers at the opening: the rows,
// and the declarations that the envelope has, by organisation. The preview shows
// the same.
func openedRows(set requirement.Set, p place, of consortium.Consortium, answers []seal.Answer) (rows []openedRow, declared map[uuid.UUID]json.RawMessage) {
	declarations := of.Declarations()
	declared = map[uuid.UUID]json.RawMessage{}
	index := make(map[uuid.UUID]int, len(set.Requirements))
	for i, r := range set.Requirements {
		index[r.ID] = i
	}
	rows = make([]openedRow, 0, len(answers))
	for _, a := range answers {
		if org, is := declarations[a.Requirement]; is {
			declared[org] = a.Value
			continue
		}
		i, known := index[a.Requirement]
		rows = append(rows, openedRow{a.Requirement, p.lot, p.part, a.Value, known && requirement.FailsAbsolute(set.Requirements[i], a.Value), textOrNull(a.Secret), a.Buyers})
	}
	return rows, declared
}

func (r openedRow) answer() OpenedAnswer {
	return OpenedAnswer{procurement.Part(r.Part), r.FailsAbsolute, requirement.Answer{Value: r.Value, Secret: secretOf(deref(r.Secret)), Buyers: r.Buyers}}
}

// TenderPreview is the own tender exactly as the buyer will see it.
type TenderPreview struct {
	Tender Tender
	// Submission is the one that is shown; 0 for the draft.
	Submission int
	Content    OpenedContent
	// Summary says what a submission of it would be refused for.
	Summary requirement.Summary
}

// PreviewTender shows the own tender as its opening would: what a submission for
// the lots would seal, without answers to questions that fell away or for other
// lots. Without lots they are those of the newest submission, else all. With
// standing it shows the tender that stands, whatever is written since, and takes
// no lots. It returns conflict (tender.not-submitted) where none stands, invalid
// (tender.unknown-lot).
func (a *App) PreviewTender(ctx context.Context, tenderID uuid.UUID, standing bool, lots []uuid.UUID) (TenderPreview, error) {
	var out TenderPreview
	err := a.do(ctx, TenderRead, func(w *work) error {
		d, err := w.openDraft(ctx, tenderID, 0, false)
		if err != nil {
			return err
		}
		defer func() { d.zero() }()
		out.Tender = tenderOf(d.row, d.pub.Title, d.pub.Deadline)
		switch {
		case standing && !out.Tender.Submitted():
			return fault.New(fault.Conflict, "tender.not-submitted")
		case standing:
			if d, err = d.submitted(ctx, int(d.row.Submission)); err != nil {
				return err
			}
		case !standing:
			if err := d.chooseLots(lots); err != nil {
				return err
			}
		}
		if !d.begun() || d.handedIn {
			out.Submission = int(d.row.Submission)
		}
		out.Summary = d.summary()
		if out.Content, err = d.asOpened(); err != nil {
			return err
		}
		return w.audit(ctx, entry{action: "tender.previewed", object: tenderID})
	})
	return out, err
}

// chooseLots sets the lots that a preview is for.
func (d *draft) chooseLots(lots []uuid.UUID) error {
	notice, err := d.notice()
	if err != nil {
		return err
	}
	for i, lot := range lots {
		if !notice.Plan.HasLot(lot) {
			return fault.New(fault.Invalid, "tender.unknown-lot").At("lots[" + itoa(i) + "]")
		}
	}
	if len(lots) > 0 {
		d.row.Lots = lots
	}
	if len(d.row.Lots) == 0 {
		for _, l := range notice.Plan.Lots {
			d.row.Lots = append(d.row.Lots, l.ID)
		}
	}
	return nil
}

func (d *draft) notice() (PublicNotice, error) {
	var n PublicNotice
	if err := json.Unmarshal(d.pub.Notice, &n); err != nil {
		return n, fault.Wrap(fault.Internal, "notice.decode", err)
	}
	return n, nil
}

// asOpened is what the opening of the draft's parcels would give.
func (d *draft) asOpened() (OpenedContent, error) {
	notice, err := d.notice()
	if err != nil {
		return OpenedContent{}, err
	}
	out := OpenedContent{Set: d.set, Lots: d.row.Lots, Answers: map[uuid.UUID]OpenedAnswer{}, Price: true, Buyers: notice.buyerNames()}
	for _, p := range d.parcels() {
		rows, declared := openedRows(d.set, p.place, d.together, p.content.Answers)
		if own := declared[d.w.by.Org]; own != nil {
			out.Declaration = own
		}
		for _, r := range rows {
			out.Answers[r.Requirement] = r.answer()
		}
		for _, f := range p.files {
			out.Files = append(out.Files, Attachment{ID: f.ID, Requirement: f.Requirement, Part: procurement.Part(p.part), Name: f.Name, MediaType: f.MediaType,
				Size: f.Size, SHA256: f.SHA256[:], Scan: f.scan, Secret: secretOf(f.Secret)})
		}
	}
	slices.SortFunc(out.Files, func(a, b Attachment) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return out, nil
}

func (n PublicNotice) buyerNames() map[uuid.UUID]string {
	out := make(map[uuid.UUID]string, len(n.Buyers))
	for _, b := range n.Buyers {
		out[b.ID] = b.Name
	}
	return out
}

// openedContent reads what has been opened of a tender.
func (w *work) openedContent(ctx context.Context, t OpenedTender) (OpenedContent, error) {
	out := OpenedContent{Lots: t.Lots, Declaration: t.Declaration, Price: !w.p.State.PriceOpenedAt.IsZero()}
	var err error
	if out.Set, err = w.publishedSet(ctx); err != nil {
		return out, err
	}
	if out.Buyers, err = w.buyerNames(ctx); err != nil {
		return out, err
	}
	raw, err := w.q.OpenedAnswers(ctx, w.tx, t.ID)
	if err != nil {
		return out, db.Fault(err)
	}
	if err := json.Unmarshal(raw, &out.Answers); err != nil {
		return out, fault.Wrap(fault.Internal, "answers.decode", err)
	}
	files, err := w.q.OpenedFiles(ctx, w.tx, t.ID)
	if err != nil {
		return out, db.Fault(err)
	}
	for _, r := range files {
		out.Files = append(out.Files, openedFileOf(r))
	}
	return out, nil
}

func openedFileOf(r sqlcgen.OpenedFilesRow) Attachment {
	return Attachment{ID: r.ID, Requirement: deref(r.RequirementID), Part: procurement.Part(r.Part), Name: r.Name, MediaType: r.MediaType, Size: r.Size, SHA256: r.ContentSha256, Scan: r.Scan,
		Secret: secretOf(deref(r.Secret))}
}

// buyerNames are the names of the buyers in the published notice.
func (w *work) buyerNames(ctx context.Context) (map[uuid.UUID]string, error) {
	row, err := w.q.PublicProcurement(ctx, w.tx, w.p.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	n, err := (&draft{pub: row}).notice()
	return n.buyerNames(), err
}
