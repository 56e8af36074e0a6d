package app

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Documentation is a winner's evidence for what it has declared.
type Documentation struct {
	ID         uuid.UUID
	Tender     uuid.UUID
	Heading    string
	Reference  string
	IssuedOn   calendar.Date
	ValidUntil calendar.Date
	RecordedAt time.Time
}

// RecordDocumentation records a winner's evidence under one of the headings that
// the plan asks for (FOA § 17-1).
func (a *App) RecordDocumentation(ctx context.Context, id uuid.UUID, d Documentation) (Documentation, error) {
	d.ID = uuid.Must(uuid.NewV7())
	err := a.do(ctx, DocumentationRecord, func(w *work) error {
		if err := w.lock(ctx, id, DocumentationRecord); err != nil {
			return err
		}
		if w.p.Phase != procurement.Evaluation {
			return fault.New(fault.Conflict, "procurement.wrong-phase", fault.Params{"phase": string(w.p.Phase)})
		}
		if _, err := w.openedTender(ctx, d.Tender); err != nil {
			return err
		}
		var l fault.List
		if !slices.Contains(w.p.Plan.Evidence, d.Heading) {
			l.Addf("documentation.heading", "heading")
		}
		if d.IssuedOn.IsZero() || d.IssuedOn.After(today(w.now)) {
			l.Addf("documentation.issued-on", "issuedOn")
		}
		if !d.ValidUntil.IsZero() && d.ValidUntil.Before(today(w.now)) {
			l.Addf("documentation.expired", "validUntil")
		}
		if err := l.Err(); err != nil {
			return err
		}
		d.RecordedAt = w.now
		if err := w.q.InsertDocumentation(ctx, w.tx, sqlcgen.InsertDocumentationParams{ID: d.ID, ProcurementID: id, TenderID: d.Tender, Heading: d.Heading, Reference: d.Reference,
			IssuedOn: d.IssuedOn.UTC(), ValidUntil: db.DateOrNull(d.ValidUntil), RecordedBy: w.by.ID, RecordedAt: w.now}); err != nil {
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "documentation.recorded", object: id, audience: onObject, after: map[string]string{"tender": d.Tender.String(), "documentation": d.ID.String()}})
	})
	return d, err
}

// Documentation lists what has been recorded.
func (a *App) Documentation(ctx context.Context, id uuid.UUID) ([]Documentation, error) {
	var out []Documentation
	err := a.do(ctx, TendersRead, func(w *work) error {
		if err := w.load(ctx, id, TendersRead); err != nil {
			return err
		}
		rows, err := w.q.Documentation(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, Documentation{r.ID, r.TenderID, r.Heading, r.Reference, calendar.FromTime(r.IssuedOn), db.DateOf(r.ValidUntil), r.RecordedAt})
		}
		return nil
	})
	return out, err
}
