package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
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
	keys    map[place]draftKey
	fresh   []place // keys made in this request
	values  requirement.Values
	version map[uuid.UUID]int64
	changed []uuid.UUID
	removed []uuid.UUID
	sealed  map[uuid.UUID][]byte

	files        map[uuid.UUID]draftFile
	filesChanged []uuid.UUID
	filesRemoved []uuid.UUID
}

// place is the lot (nil: common to all) and part that a value is sealed in.
type place struct {
	lot  uuid.UUID
	part seal.Part
}

type draftKey struct {
	id  uuid.UUID
	key seal.DataKey
}

// openDraft loads a tender of the actor's organisation with its answers. With
// lock nobody else writes it until the transaction ends.
func (w *work) openDraft(ctx context.Context, id uuid.UUID, expected int64, lock bool) (*draft, error) {
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
	d := &draft{w: w, row: row, pub: pub, set: set, keys: map[place]draftKey{}, values: requirement.Values{}, version: map[uuid.UUID]int64{}, sealed: map[uuid.UUID][]byte{}, files: map[uuid.UUID]draftFile{}}
	if d.begun() {
		return d, d.readDraft(ctx)
	}
	return d, d.readSubmitted(ctx)
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
		plain, err := d.keys[p].key.DecryptValue(d.scope(p), r.RequirementID, r.Version, r.Sealed)
		if err != nil {
			return err
		}
		d.values[r.RequirementID], d.version[r.RequirementID] = plain, r.Version
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
			d.values[a.Requirement], d.version[a.Requirement] = a.Value, a.Version
		}
		for _, f := range content.Files {
			d.files[f.ID] = draftFile{File: f, part: p.part}
		}
	}
	return d.readSubmittedFiles(ctx)
}

// writable refuses writing after the deadline. Before the gate this is only a
// courtesy: receipt is judged when the tender is submitted.
func (d *draft) writable() error {
	if !procurement.InTime(d.w.now, d.pub.Deadline) {
		return fault.New(fault.Conflict, "tender.deadline-passed", fault.Params{"deadline": d.pub.Deadline.UTC().Format(timeFormat)})
	}
	if p := procurement.Phase(d.pub.Phase); p != procurement.Tendering {
		return fault.New(fault.Conflict, "procurement.wrong-phase", fault.Params{"phase": string(p)})
	}
	return nil
}

const timeFormat = "2006-01-02T15:04:05Z07:00"

// put takes new values in. A replacement begins with everything that was
// submitted, under new keys.
func (d *draft) put(answers requirement.Values, declaration *procurement.Declaration) error {
	var l fault.List
	for id := range answers {
		if _, known := d.set.Requirement(id); !known {
			l.Addf("answers.unknown-requirement", "answers."+id.String())
		}
	}
	gone := d.linkFiles(answers, &l)
	if err := l.Err(); err != nil {
		return err
	}
	d.dropFiles(gone)
	if !d.begun() {
		d.row.Draft = d.row.Submission + 1
		d.zero()
		d.keys = map[place]draftKey{}
		for id := range d.values {
			d.changed = append(d.changed, id)
		}
		d.carryFiles()
	}
	if d.row.State != "submitted" {
		d.row.State = "draft"
	}
	d.row.SetVersion = &d.pub.SetVersion
	for id, value := range answers {
		d.set1(id, value)
	}
	if declaration != nil {
		d.set1(procurement.DeclarationID, asJSON(declaration))
	}
	slices.SortFunc(d.changed, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	d.changed = slices.Compact(d.changed)
	return nil
}

func (d *draft) set1(id uuid.UUID, value json.RawMessage) {
	d.version[id]++
	if v := strings.TrimSpace(string(value)); v == "" || v == "null" {
		delete(d.values, id)
		d.changed = slices.DeleteFunc(d.changed, func(c uuid.UUID) bool { return c == id })
		d.removed = append(d.removed, id)
		return
	}
	d.values[id] = value
	d.changed = append(d.changed, id)
}

// placeOf says where a requirement's answer is sealed: with its lot where it
// belongs to exactly one, else with what is common to all lots.
func (d *draft) placeOf(id uuid.UUID) place {
	r, known := d.set.Requirement(id)
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

// save writes the changed values and the summary, all encrypted, and the
// tender's row.
func (d *draft) save(ctx context.Context) error {
	type row struct {
		Requirement uuid.UUID `json:"requirement_id"`
		Lot         uuid.UUID `json:"lot_id"`
		Part        seal.Part `json:"part"`
		Version     int64     `json:"version"`
		Sealed      string    `json:"sealed"`
	}
	rows := make([]row, 0, len(d.changed))
	for _, id := range d.changed {
		p := d.placeOf(id)
		sealed, err := d.key(p).key.EncryptValue(d.scope(p), id, d.version[id], d.values[id])
		if err != nil {
			return err
		}
		d.sealed[id] = sealed
		rows = append(rows, row{id, p.lot, p.part, d.version[id], base64.StdEncoding.EncodeToString(sealed)})
	}
	summary := place{uuid.Nil, seal.PartSummary}
	sealedSummary, err := d.key(summary).key.EncryptSummary(d.scope(summary), int64(d.pub.SetVersion), asJSON(d.summary()))
	if err != nil {
		return err
	}
	if err := d.saveFiles(ctx); err != nil {
		return err
	}
	if err := d.saveKeys(ctx); err != nil {
		return err
	}
	q, tx := d.w.q, d.w.tx
	if len(d.removed) > 0 {
		if err := q.DeleteDraftAnswers(ctx, tx, sqlcgen.DeleteDraftAnswersParams{TenderID: d.row.ID, Draft: d.row.Draft, Requirements: d.removed}); err != nil {
			return db.Fault(err)
		}
	}
	if err := q.SaveDraftAnswers(ctx, tx, sqlcgen.SaveDraftAnswersParams{TenderID: d.row.ID, Draft: d.row.Draft, SetVersion: d.pub.SetVersion, SavedAt: d.w.now, Rows: asJSON(rows)}); err != nil {
		return db.Fault(err)
	}
	if err := q.SaveSummary(ctx, tx, sqlcgen.SaveSummaryParams{TenderID: d.row.ID, Draft: d.row.Draft, SetVersion: d.pub.SetVersion, Version: d.row.Version + 1, Sealed: sealedSummary}); err != nil {
		return db.Fault(err)
	}
	return d.saveRow(ctx)
}

func (d *draft) saveRow(ctx context.Context) error {
	if d.row.Lots == nil {
		d.row.Lots = []uuid.UUID{}
	}
	err := d.w.q.SaveTender(ctx, d.w.tx, sqlcgen.SaveTenderParams{ID: d.row.ID, State: d.row.State, Lots: d.row.Lots, Draft: d.row.Draft, SetVersion: d.row.SetVersion, Submission: d.row.Submission})
	d.row.Version++
	return db.Fault(err)
}

// saveKeys keeps new data keys, wrapped for the supplier's organisation.
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
	return db.Fault(d.w.q.InsertSupplierWraps(ctx, d.w.tx, sqlcgen.InsertSupplierWrapsParams{TenderID: d.row.ID, Rows: asJSON(rows)}))
}

// answered gives the answers to requirements, without the declaration.
func (d *draft) answered() requirement.Values {
	out := make(requirement.Values, len(d.values))
	for id, v := range d.values {
		if id != procurement.DeclarationID {
			out[id] = v
		}
	}
	return out
}

func (d *draft) summary() requirement.Summary {
	return d.set.Completeness(d.answered(), d.row.Lots...)
}

func (d *draft) declaration() (*procurement.Declaration, error) {
	raw, ok := d.values[procurement.DeclarationID]
	if !ok {
		return nil, nil
	}
	var out procurement.Declaration
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fault.Wrap(fault.Internal, "declaration.decode", err)
	}
	return &out, nil
}

func (d *draft) view() Draft {
	declaration, err := d.declaration()
	if err != nil {
		declaration = nil // it is stored by this program only; a fault shows at submission
	}
	return Draft{Tender: tenderOf(d.row, d.pub.Title, d.pub.Deadline), Answers: d.answered(), Declaration: declaration, Summary: d.summary()}
}

// ciphertextHash is what the audit entry of a draft commits to.
func (d *draft) ciphertextHash() []byte {
	h := sha256.New()
	for _, id := range d.changed {
		fmt.Fprintf(h, "%s %d ", id, len(d.sealed[id]))
		h.Write(d.sealed[id])
	}
	return h.Sum(nil)
}
