package app

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// ConfirmedTender is the proof that a tender stands under a later version.
type ConfirmedTender struct {
	Tender
	Amended procurement.Standing
	// Record is the signed confirmation, byte for byte.
	Record json.RawMessage
}

// TenderConfirmation is one confirmation of a submission.
type TenderConfirmation struct {
	SetVersion  int
	ConfirmedAt time.Time
	Record      json.RawMessage
}

// ConfirmTender is the signatory's word that the standing tender stands as it is
// under the published version, too. It passes the gate as a submission does.
// expected is the tender's version (0: any). It returns conflict
// (tender.not-submitted, tender.late, amendment.nothing-to-confirm), and stale for
// another version than the published one (amendment.confirmed-version).
func (a *App) ConfirmTender(ctx context.Context, tenderID uuid.UUID, expected int64, setVersion int) (ConfirmedTender, error) {
	var out ConfirmedTender
	err := a.throughGate(ctx, tenderID, TenderSubmit, func(w *work, gate db.Gate) error {
		row, pub, err := w.ownTenderByID(ctx, tenderID, true)
		if err != nil {
			return err
		}
		if expected != 0 && expected != row.Version {
			return fault.New(fault.Stale, "case.version", fault.Params{"expected": itoa(expected), "is": itoa(row.Version)})
		}
		v := newVersions(w, pub)
		standing, err := v.standing(ctx, tenderID)
		if err != nil {
			return err
		}
		if standing == nil {
			return fault.New(fault.Conflict, "tender.not-submitted")
		}
		if err := standing.MayConfirm(setVersion); err != nil {
			return err
		}
		if out.Record, err = w.confirm(ctx, row, pub, gate); err != nil {
			return err
		}
		d := &draft{w: w, row: row, pub: pub}
		if err := d.saveRow(ctx); err != nil {
			return err
		}
		standing.Confirmed, standing.Touched = setVersion, nil
		out.Tender, out.Amended = tenderOf(d.row, pub.Title, pub.Deadline), *standing
		w.now = gate.ReceivedAt
		if err := w.audit(ctx, entry{action: "tender.confirmed", object: tenderID, audience: onObject, hash: hashOf(out.Record),
			after: map[string]string{"submission": itoa(row.Submission), "version": itoa(setVersion), "receivedAt": gate.ReceivedAt.UTC().Format(time.RFC3339Nano)}}); err != nil {
			return err
		}
		together, err := w.together(ctx, row)
		if err != nil {
			return err
		}
		w.inCase(pub)
		return w.tellSigners(ctx, together, "tender.confirmed", tenderID, map[string]string{"version": itoa(setVersion), "receivedAt": gate.ReceivedAt.UTC().Format(timeFormat)})
	})
	return out, err
}

// confirm signs and keeps the confirmation.
func (w *work) confirm(ctx context.Context, row sqlcgen.Tender, pub sqlcgen.PublicProcurementRow, gate db.Gate) (json.RawMessage, error) {
	stands, err := w.q.StandingTender(ctx, w.tx, row.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	version, err := w.q.PublicVersion(ctx, w.tx, sqlcgen.PublicVersionParams{ProcurementID: row.ProcurementID, Version: pub.SetVersion})
	if err != nil {
		return nil, db.Fault(err)
	}
	signed, err := w.app.Signing.Confirm(seal.Confirmation{Procurement: row.ProcurementID, Tender: row.ID, Supplier: row.SupplierOrg, Submission: int(stands.N),
		Receipt: sha256.Sum256(stands.Receipt), SetVersion: int(pub.SetVersion), Requirements: seal.Digest(version.Sha256)}, gate.ReceivedAt, gate.Deadline)
	if err != nil {
		return nil, err
	}
	record := asJSON(signed)
	return record, db.Fault(w.q.InsertTenderConfirmation(ctx, w.tx, sqlcgen.InsertTenderConfirmationParams{TenderID: row.ID, Submission: stands.N, SetVersion: pub.SetVersion,
		ConfirmedBy: w.by.ID, ConfirmedAt: gate.ReceivedAt, Receipt: record}))
}

// TenderStanding tells how the organisation's own standing tender stands to the
// published version; nil where none stands.
func (a *App) TenderStanding(ctx context.Context, tenderID uuid.UUID) (*procurement.Standing, []TenderConfirmation, error) {
	var standing *procurement.Standing
	var given []TenderConfirmation
	err := a.do(ctx, TenderRead, func(w *work) error {
		_, pub, err := w.ownTenderByID(ctx, tenderID, false)
		if err != nil {
			return err
		}
		if standing, err = newVersions(w, pub).standing(ctx, tenderID); err != nil {
			return err
		}
		rows, err := w.q.TenderConfirmations(ctx, w.tx, tenderID)
		for _, r := range rows {
			given = append(given, TenderConfirmation{int(r.SetVersion), r.ConfirmedAt, r.Receipt})
		}
		return db.Fault(err)
	})
	return standing, given, err
}
