package app

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/consortium"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// draft is a tender being written, opened for one request of its own supplier.
// Its keys and values live in memory only for that long.
type draft struct {
	w       *work
	row     sqlcgen.Tender
	pub     sqlcgen.PublicProcurementRow
	set     requirement.Set
	index   map[uuid.UUID]int // of the set's requirements, when first asked for
	keys    map[place]draftKey
	fresh   []place // keys made in this request
	answers requirement.Answers
	stored  map[uuid.UUID]storedVersion
	changed []uuid.UUID
	removed []uuid.UUID
	sealed  map[uuid.UUID][]byte
	// gone are answers to requirements that an amendment took out; carried are
	// answers that a replacement takes over as they were given.
	gone    requirement.Answers
	carried map[uuid.UUID]bool

	together consortium.Consortium

	// judged is the summary for some lots; nil after a change of an answer.
	judged    *requirement.Summary
	judgedFor []uuid.UUID
	// handedIn tells that it is read from envelopes to show what they hold.
	handedIn bool

	files        map[uuid.UUID]draftFile
	filesChanged []uuid.UUID
	filesRemoved []uuid.UUID
}

// place is the lot (nil: common to all) and part that a value is sealed in.
type place struct {
	lot  uuid.UUID
	part seal.Part
}

// storedVersion is when and by whom an answer was saved, or what stands of it
// was submitted.
type storedVersion struct {
	n  int64
	by *uuid.UUID
	at time.Time
}

type draftKey struct {
	id  uuid.UUID
	key seal.DataKey
}

// openDraft loads a tender of the actor's organisation with its answers. With
// lock nobody else writes it until the transaction ends.
func (w *work) openDraft(ctx context.Context, id uuid.UUID, expected int64, lock bool) (*draft, error) {
	if !lock {
		if err := w.q.HoldOwnTender(ctx, w.tx, id); err != nil {
			return nil, db.Fault(err)
		}
	}
	row, pub, err := w.ownTenderByID(ctx, id, lock)
	if err != nil {
		return nil, err
	}
	if expected != 0 && expected != row.Version {
		return nil, fault.New(fault.Stale, "case.version", fault.Params{"expected": itoa(expected), "is": itoa(row.Version)})
	}
	set, err := decodeSet(pub.RequirementSet)
	if err != nil {
		return nil, err
	}
	d := &draft{w: w, row: row, pub: pub, set: set, keys: map[place]draftKey{}, sealed: map[uuid.UUID][]byte{}}
	d.empty()
	if d.together, err = w.together(ctx, row); err != nil {
		return nil, err
	}
	if d.begun() {
		err = d.readDraft(ctx)
	} else {
		err = d.readSubmitted(ctx)
	}
	d.dropFormer()
	d.setGoneAside()
	return d, err
}

func (d *draft) empty() {
	d.answers, d.stored, d.files = requirement.Answers{}, map[uuid.UUID]storedVersion{}, map[uuid.UUID]draftFile{}
}

// begun reports whether there is a draft that has not been submitted. A
// submission has the number of the draft that it came from, so a tender whose
// newest draft was submitted has none.
func (d *draft) begun() bool { return d.row.Draft > d.row.Submission }

func (d *draft) scope(p place) seal.Scope {
	return seal.Scope{Procurement: d.row.ProcurementID, Tender: d.row.ID, Lot: p.lot, Part: p.part}
}

func (d *draft) zero() {
	for _, k := range d.keys {
		k.key.Zero()
	}
}

// readKeys unwraps the data keys of a draft for the supplier's own request.
func (d *draft) readKeys(ctx context.Context, number int32) (map[place]draftKey, error) {
	rows, err := d.w.q.DataKeys(ctx, d.w.tx, sqlcgen.DataKeysParams{TenderID: d.row.ID, Draft: number})
	if err != nil {
		return nil, db.Fault(err)
	}
	keys := map[place]draftKey{}
	for _, r := range rows {
		k, err := d.w.app.Wrapping.UnwrapForOrg(ctx, d.w.by.Org, r.ID, r.Wrapped)
		if err != nil {
			return nil, err
		}
		keys[place{r.LotID, seal.Part(r.Part)}] = draftKey{r.ID, k}
	}
	return keys, nil
}

func (d *draft) readDraft(ctx context.Context) error {
	keys, err := d.readKeys(ctx, d.row.Draft)
	if err != nil {
		return err
	}
	d.keys = keys
	rows, err := d.w.q.DraftAnswers(ctx, d.w.tx, sqlcgen.DraftAnswersParams{TenderID: d.row.ID, Draft: d.row.Draft})
	if err != nil {
		return db.Fault(err)
	}
	for _, r := range rows {
		p := place{r.LotID, seal.Part(r.Part)}
		a, err := d.keys[p].key.DecryptAnswer(d.scope(p), r.RequirementID, r.Version, r.Sealed)
		if err != nil {
			return err
		}
		d.answers[r.RequirementID], d.stored[r.RequirementID] = answerOf(a), storedVersion{r.Version, r.SavedBy, r.SavedAt}
		d.sealed[r.RequirementID] = r.Sealed
	}
	return d.readFiles(ctx)
}

// readSubmitted reads back what was submitted, from the supplier's own
// envelopes.
func (d *draft) readSubmitted(ctx context.Context) error {
	keys, err := d.readKeys(ctx, d.row.Submission)
	if err != nil {
		return err
	}
	d.keys = keys
	rows, err := d.w.q.Envelopes(ctx, d.w.tx, sqlcgen.EnvelopesParams{TenderID: d.row.ID, Submission: d.row.Submission})
	if err != nil {
		return db.Fault(err)
	}
	for _, r := range rows {
		p := place{r.LotID, seal.Part(r.Part)}
		content, err := seal.OpenContent(d.keys[p].key, d.scope(p), r.Sealed)
		if err != nil {
			return err
		}
		for _, a := range content.Answers {
			d.answers[a.Requirement], d.stored[a.Requirement] = answerOf(a), storedVersion{a.Version, &r.SubmittedBy, r.ReceivedAt}
		}
		for _, f := range content.Files {
			d.files[f.ID] = draftFile{File: f, part: p.part}
		}
	}
	return d.readSubmittedFiles(ctx)
}

// writable refuses writing after the deadline. Before the gate this is only a
// courtesy: receipt is judged when the tender is submitted.
func (d *draft) writable() error { return d.w.writable(d.pub) }

func (w *work) writable(pub sqlcgen.PublicProcurementRow) error {
	if !procurement.InTime(w.now, pub.Deadline) {
		return fault.New(fault.Conflict, "tender.deadline-passed", fault.Params{"deadline": pub.Deadline.UTC().Format(timeFormat)})
	}
	if p := procurement.Phase(pub.Phase); p != procurement.Tendering {
		return fault.New(fault.Conflict, "procurement.wrong-phase", fault.Params{"phase": string(p)})
	}
	return nil
}

const timeFormat = "2006-01-02T15:04:05Z07:00"

// placeOf says where a requirement's answer is sealed: with its lot where it
// belongs to exactly one, else with what is common to all lots.
func (d *draft) placeOf(id uuid.UUID) place {
	r, known := d.requirement(id)
	if !known {
		return place{uuid.Nil, seal.PartQuality} // the declaration
	}
	p := place{part: seal.Part(r.Part())}
	if len(r.Lots) == 1 {
		p.lot = r.Lots[0]
	}
	return p
}

func (d *draft) key(p place) draftKey {
	k, ok := d.keys[p]
	if !ok {
		k = draftKey{uuid.Must(uuid.NewV7()), seal.NewDataKey()}
		d.keys[p] = k
		d.fresh = append(d.fresh, p)
	}
	return k
}

// saveKeys keeps new data keys, wrapped for the tender's organisations.
func (d *draft) saveKeys(ctx context.Context) error {
	type keyRow struct {
		ID      uuid.UUID `json:"id"`
		Lot     uuid.UUID `json:"lot_id"`
		Part    seal.Part `json:"part"`
		Wrapped string    `json:"wrapped"`
	}
	if len(d.fresh) == 0 {
		return nil
	}
	rows := make([]keyRow, len(d.fresh))
	for i, p := range d.fresh {
		k := d.keys[p]
		wrapped, err := d.w.app.Wrapping.WrapForOrg(d.w.by.Org, k.id, k.key)
		if err != nil {
			return err
		}
		rows[i] = keyRow{k.id, p.lot, p.part, base64.StdEncoding.EncodeToString(wrapped)}
	}
	d.fresh = nil
	if err := d.w.q.InsertDataKeys(ctx, d.w.tx, sqlcgen.InsertDataKeysParams{TenderID: d.row.ID, Draft: d.row.Draft, Rows: asJSON(rows)}); err != nil {
		return db.Fault(err)
	}
	if err := d.w.q.InsertSupplierWraps(ctx, d.w.tx, sqlcgen.InsertSupplierWrapsParams{TenderID: d.row.ID, Rows: asJSON(rows)}); err != nil {
		return db.Fault(err)
	}
	return d.shareKeys(ctx)
}

// answered gives the answers to requirements, without the declaration.
func (d *draft) answered() requirement.Answers {
	out := make(requirement.Answers, len(d.answers))
	for id, a := range d.answers {
		if !d.isDeclaration(id) {
			out[id] = a
		}
	}
	return out
}

// summary judges the answers for the draft's lots, once as long as neither
// changes.
func (d *draft) summary() requirement.Summary {
	if d.judged == nil || !slices.Equal(d.judgedFor, d.row.Lots) {
		sum := d.answered().Completeness(d.set, d.row.Lots...)
		d.judged, d.judgedFor = &sum, slices.Clone(d.row.Lots)
	}
	return *d.judged
}

// requirement finds a requirement of the set.
func (d *draft) requirement(id uuid.UUID) (requirement.Requirement, bool) {
	if d.index == nil {
		d.index = make(map[uuid.UUID]int, len(d.set.Requirements))
		for i, r := range d.set.Requirements {
			d.index[r.ID] = i
		}
	}
	i, known := d.index[id]
	if !known {
		return requirement.Requirement{}, false
	}
	return d.set.Requirements[i], true
}

func answerOf(a seal.Answer) requirement.Answer {
	return requirement.Answer{Value: a.Value, Secret: secretOf(a.Secret), Buyers: a.Buyers}
}

func secretOf(reason string) *requirement.Secret {
	if reason == "" {
		return nil
	}
	return &requirement.Secret{Reason: reason}
}

// sealable is an answer as it is sealed.
func (d *draft) sealable(id uuid.UUID) seal.Answer {
	a := d.answers[id]
	out := seal.Answer{Requirement: id, Version: d.stored[id].n, Value: a.Value, Buyers: a.Buyers}
	if a.Secret != nil {
		out.Secret = a.Secret.Reason
	}
	return out
}
