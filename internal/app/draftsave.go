package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// begin makes the draft writable: a replacement begins with everything that was
// submitted, under new keys.
func (d *draft) begin() {
	if !d.begun() {
		d.row.Draft = d.row.Submission + 1
		d.zero()
		d.keys = map[place]draftKey{}
		d.carried = map[uuid.UUID]bool{}
		for id := range d.answers {
			d.changed = append(d.changed, id)
			d.carried[id] = true
		}
		d.carryFiles()
	}
	if d.row.State != stateSubmitted {
		d.row.State = "draft"
	}
	d.row.SetVersion = &d.pub.SetVersion
}

// set1 puts an answer into a draft that has begun, under a new version: that of
// the tender with it, so no version of an answer ever comes again.
func (d *draft) set1(id uuid.UUID, a requirement.Answer) {
	d.judged = nil
	delete(d.carried, id)
	if a.Absent() {
		delete(d.answers, id)
		delete(d.stored, id)
		d.changed = slices.DeleteFunc(d.changed, func(c uuid.UUID) bool { return c == id })
		d.removed = append(d.removed, id)
		return
	}
	d.answers[id], d.stored[id] = a, storedVersion{d.row.Version + 1, &d.w.by.ID, d.w.now}
	d.changed = append(d.changed, id)
}

// save writes the changed answers and the summary, all encrypted, and the
// tender's row.
func (d *draft) save(ctx context.Context) error {
	rows, err := d.sealChanged()
	if err != nil {
		return err
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
	if len(rows) > 0 {
		if err := q.SaveDraftAnswers(ctx, tx, sqlcgen.SaveDraftAnswersParams{TenderID: d.row.ID, Draft: d.row.Draft, SetVersion: d.pub.SetVersion, Rows: asJSON(rows)}); err != nil {
			return db.Fault(err)
		}
	}
	if err := d.markCarried(ctx); err != nil {
		return err
	}
	if err := q.SaveSummary(ctx, tx, sqlcgen.SaveSummaryParams{TenderID: d.row.ID, Draft: d.row.Draft, SetVersion: d.pub.SetVersion, Version: d.row.Version + 1, Sealed: sealedSummary}); err != nil {
		return db.Fault(err)
	}
	return d.saveRow(ctx)
}

// readSummary reads the stored summary; nil where there is none of the set as it
// is now, as after an amendment or a submission.
func (d *draft) readSummary(ctx context.Context) (*requirement.Summary, error) {
	if !d.begun() {
		return nil, nil
	}
	row, err := d.w.q.SummaryWithKey(ctx, d.w.tx, sqlcgen.SummaryWithKeyParams{TenderID: d.row.ID, Draft: d.row.Draft})
	if err = db.Fault(err); fault.Is(err, fault.NotFound) || err == nil && row.SetVersion != d.pub.SetVersion {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	key, err := d.w.app.Wrapping.UnwrapForOrg(ctx, d.w.by.Org, row.DataKeyID, row.Wrapped)
	if err != nil {
		return nil, err
	}
	defer key.Zero()
	plain, err := key.DecryptSummary(d.scope(place{uuid.Nil, seal.PartSummary}), int64(row.SetVersion), row.Sealed)
	if err != nil {
		return nil, err
	}
	var out requirement.Summary
	if err := json.Unmarshal(plain, &out); err != nil {
		return nil, fault.Wrap(fault.Internal, "summary.decode", err)
	}
	if out.Warnings == nil {
		return nil, nil // stored before answers had marks
	}
	return &out, nil
}

// answerRow is an answer of a draft as it is stored.
type answerRow struct {
	Requirement uuid.UUID  `json:"requirement_id"`
	Lot         uuid.UUID  `json:"lot_id"`
	Part        seal.Part  `json:"part"`
	Version     int64      `json:"version"`
	Sealed      string     `json:"sealed"`
	SavedBy     *uuid.UUID `json:"saved_by"`
	SavedAt     string     `json:"saved_at"`
}

func (d *draft) sealChanged() ([]answerRow, error) {
	slices.SortFunc(d.changed, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	d.changed = slices.Compact(d.changed)
	rows := make([]answerRow, 0, len(d.changed))
	for _, id := range d.changed {
		p := d.placeOf(id)
		sealed, err := d.key(p).key.EncryptAnswer(d.scope(p), d.sealable(id))
		if err != nil {
			return nil, err
		}
		d.sealed[id] = sealed
		v := d.stored[id]
		rows = append(rows, answerRow{id, p.lot, p.part, v.n, base64.StdEncoding.EncodeToString(sealed), v.by, v.at.UTC().Format(timeFormatExact)})
	}
	return rows, nil
}

const timeFormatExact = "2006-01-02T15:04:05.999999Z07:00"

func (d *draft) saveRow(ctx context.Context) error {
	if d.row.Lots == nil {
		d.row.Lots = []uuid.UUID{}
	}
	err := d.w.q.SaveTender(ctx, d.w.tx, sqlcgen.SaveTenderParams{ID: d.row.ID, State: d.row.State, Lots: d.row.Lots, Draft: d.row.Draft, SetVersion: d.row.SetVersion,
		Submission: d.row.Submission, ReceivedAt: d.row.ReceivedAt})
	d.row.Version++
	return db.Fault(err)
}

// buyers are the buyers that the notice names.
func (d *draft) buyers() ([]uuid.UUID, error) {
	var notice struct {
		Buyers []struct {
			ID uuid.UUID `json:"id"`
		} `json:"buyers"`
	}
	if err := json.Unmarshal(d.pub.Notice, &notice); err != nil {
		return nil, fault.Wrap(fault.Internal, "notice.decode", err)
	}
	out := make([]uuid.UUID, len(notice.Buyers))
	for i, b := range notice.Buyers {
		out[i] = b.ID
	}
	return out, nil
}

// declare puts the own organisation's declaration in, decided on a version as an answer is. It
// returns stale (declaration.changed).
func (d *draft) declare(c procurement.Declaration, version int64) (changes bool, err error) {
	own := d.ownDeclaration()
	a, stored := requirement.Answer{Value: asJSON(c)}, d.stored[own].n
	switch {
	case a.Same(d.answers[own]):
		return false, nil
	case version != AnyVersion && version != stored:
		return false, fault.New(fault.Stale, "declaration.changed", fault.Params{"version": itoa(stored)}).At("declaration")
	}
	d.begin()
	d.set1(own, a)
	return true, nil
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
