package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Tender is a supplier's own tender as the supplier sees it, alone or with
// others.
type Tender struct {
	ID          uuid.UUID
	Procurement uuid.UUID
	// Lead is the organisation that began the tender and hands it in.
	Lead uuid.UUID
	// State: interest, draft, submitted or withdrawn. A replacement under way is
	// submitted with a Draft number above the standing submission's.
	State      string
	Version    int64
	Lots       []uuid.UUID
	Draft      int
	SetVersion int
	Submission int
	// ReceivedAt is when the standing tender was received; zero where none
	// stands.
	ReceivedAt time.Time
	StartedAt  time.Time
	Deadline   time.Time
	Title      string
}

// RegisterInterest lets a supplier be told of answers and amendments (FOA § 22-5
// (1): without e-signature). Doing it again changes nothing. Who is interested
// is hidden from the buyers until the opening, and from other suppliers always.
func (a *App) RegisterInterest(ctx context.Context, procurementID uuid.UUID) (Tender, error) {
	var out Tender
	err := a.do(ctx, InterestRegister, func(w *work) error {
		pub, err := w.published(ctx, procurementID)
		if err != nil {
			return err
		}
		out, err = w.ownTender(ctx, pub)
		return err
	})
	return out, err
}

// published reads what is public of a procurement: not_found before publication.
func (w *work) published(ctx context.Context, id uuid.UUID) (sqlcgen.PublicProcurementRow, error) {
	row, err := w.q.PublicProcurement(ctx, w.tx, id)
	if err == nil {
		w.now = row.CaseNow
	}
	return row, db.Fault(err)
}

// ownTender finds or makes the organisation's tender in a procurement.
func (w *work) ownTender(ctx context.Context, pub sqlcgen.PublicProcurementRow) (Tender, error) {
	// A municipality that buys cannot also answer.
	if _, err := w.q.Participant(ctx, w.tx, sqlcgen.ParticipantParams{ProcurementID: pub.ID, OrgID: w.by.Org}); err == nil {
		return Tender{}, fault.New(fault.Denied, "tender.buyer-cannot-answer")
	}
	n, err := w.q.InsertTender(ctx, w.tx, sqlcgen.InsertTenderParams{ID: uuid.Must(uuid.NewV7()), SpaceID: pub.SpaceID, ProcurementID: pub.ID, SupplierOrg: w.by.Org, StartedAt: w.now})
	if err != nil {
		return Tender{}, db.Fault(err)
	}
	row, err := w.q.OwnTender(ctx, w.tx, pub.ID)
	if err != nil {
		return Tender{}, db.Fault(err)
	}
	if n > 0 {
		if err := w.audit(ctx, entry{action: "interest.registered", object: row.ID, audience: onObject, after: map[string]string{"procurement": pub.ID.String()}}); err != nil {
			return Tender{}, err
		}
	}
	return tenderOf(row, pub.Title, pub.Deadline), nil
}

func tenderOf(r sqlcgen.Tender, title string, deadline time.Time) Tender {
	return Tender{ID: r.ID, Procurement: r.ProcurementID, Lead: r.SupplierOrg, State: r.State, Version: r.Version, Lots: r.Lots, Draft: int(r.Draft), SetVersion: int(deref(r.SetVersion)),
		Submission: int(r.Submission), ReceivedAt: deref(r.ReceivedAt), StartedAt: r.StartedAt, Deadline: deadline, Title: title}
}

// OwnTender gives the organisation's tender.
func (a *App) OwnTender(ctx context.Context, id uuid.UUID) (Tender, error) {
	var out Tender
	err := a.do(ctx, TenderRead, func(w *work) error {
		row, pub, err := w.ownTenderByID(ctx, id, false)
		if err != nil {
			return err
		}
		out = tenderOf(row, pub.Title, pub.Deadline)
		return nil
	})
	return out, err
}

func (w *work) ownTenderByID(ctx context.Context, id uuid.UUID, lock bool) (sqlcgen.Tender, sqlcgen.PublicProcurementRow, error) {
	w.wanted = id
	var row sqlcgen.Tender
	var err error
	if lock {
		row, err = w.q.LockOwnTender(ctx, w.tx, id)
	} else {
		row, err = w.q.Tender(ctx, w.tx, id)
	}
	if err != nil {
		return row, sqlcgen.PublicProcurementRow{}, db.Fault(err)
	}
	if row.SupplierOrg != w.by.Org {
		// Asked after the lock: a membership may have ended while it was waited for.
		mine, err := w.q.IsOwnTender(ctx, w.tx, id)
		if err != nil {
			return row, sqlcgen.PublicProcurementRow{}, db.Fault(err)
		}
		if !mine {
			return row, sqlcgen.PublicProcurementRow{}, fault.New(fault.NotFound, "not-found")
		}
	}
	pub, err := w.published(ctx, row.ProcurementID)
	return row, pub, err
}

// OwnTenders lists the organisation's tenders behind an id.
func (a *App) OwnTenders(ctx context.Context, after uuid.UUID, upTo int) ([]Tender, error) {
	var out []Tender
	err := a.do(ctx, TenderRead, func(w *work) error {
		rows, err := w.q.OwnTenders(ctx, w.tx, sqlcgen.OwnTendersParams{After: after, UpTo: int32(upTo)}) //nolint:gosec // a page size
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, Tender{ID: r.ID, Procurement: r.ProcurementID, Lead: r.SupplierOrg, State: r.State, Version: r.Version, Lots: r.Lots, Draft: int(r.Draft), SetVersion: int(deref(r.SetVersion)),
				Submission: int(r.Submission), ReceivedAt: deref(r.ReceivedAt), StartedAt: r.StartedAt, Deadline: r.Deadline, Title: r.Title})
		}
		return nil
	})
	return out, err
}

func decodeSet(raw json.RawMessage) (requirement.Set, error) {
	var s requirement.Set
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, fault.Wrap(fault.Internal, "requirement-set.decode", err)
	}
	return s, nil
}
