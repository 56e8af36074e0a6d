package app

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// GiveMandate records the actor's municipality's own decision to take part
// (door 2). A municipality may change its answer until the mandate deadline.
func (a *App) GiveMandate(ctx context.Context, id uuid.UUID, terms procurement.MandateTerms) error {
	return a.do(ctx, MandateGive, func(w *work) error {
		if err := w.lock(ctx, id, MandateGive); err != nil {
			return err
		}
		// Judged before it is written, so that a refusal names the field and not
		// a constraint; and counted after.
		if _, err := w.p.Decide(procurement.GiveMandate{Terms: terms, Tally: w.p.Participants}, w.now); err != nil {
			return err
		}
		n, err := w.q.GiveMandate(ctx, w.tx, sqlcgen.GiveMandateParams{
			ProcurementID: id, OrgID: w.by.Org, DecidedOn: db.DateOrNull(terms.DecidedOn), CaseReference: &terms.CaseReference, Scope: &terms.Scope, Lots: terms.Lots,
			MandateMaximum: ptr(int64(terms.Maximum)), CostShareE4: int64(terms.CostShare), MandateEndsOn: db.DateOrNull(terms.EndsOn), RecordedBy: &w.by.ID, RecordedAt: &w.now,
		})
		return w.answered(ctx, n, err, func(t procurement.ParticipantTally) procurement.Command {
			return procurement.GiveMandate{Terms: terms, Tally: t}
		})
	})
}

// DeclineMandate records the actor's municipality's own decision to stay out.
func (a *App) DeclineMandate(ctx context.Context, id uuid.UUID, reason, caseReference string, decidedOn calendar.Date) error {
	return a.do(ctx, MandateGive, func(w *work) error {
		if err := w.lock(ctx, id, MandateGive); err != nil {
			return err
		}
		if _, err := w.p.Decide(procurement.DeclineMandate{Reason: reason, Tally: w.p.Participants}, w.now); err != nil {
			return err
		}
		n, err := w.q.DeclineMandate(ctx, w.tx, sqlcgen.DeclineMandateParams{ProcurementID: id, OrgID: w.by.Org, DeclineReason: &reason,
			CaseReference: textOrNull(caseReference), DecidedOn: db.DateOrNull(decidedOn), RecordedBy: &w.by.ID, RecordedAt: &w.now})
		return w.answered(ctx, n, err, func(t procurement.ParticipantTally) procurement.Command {
			return procurement.DeclineMandate{Reason: reason, Tally: t}
		})
	})
}

// answered decides with the count that an answer has led to. A participant that
// was dropped has no row to write to any more.
func (w *work) answered(ctx context.Context, written int64, err error, command func(procurement.ParticipantTally) procurement.Command) error {
	if err != nil {
		return db.Fault(err)
	}
	if written == 0 {
		return fault.New(fault.Conflict, "mandate.dropped")
	}
	tally, err := w.tally(ctx)
	if err != nil {
		return err
	}
	if err := w.aboutParticipant(ctx); err != nil {
		return err
	}
	return w.decide(ctx, command(tally))
}

// aboutParticipant names the actor's municipality in what the lead buyer is
// told.
func (w *work) aboutParticipant(ctx context.Context) error {
	o, err := w.q.Organisation(ctx, w.tx, w.by.Org)
	w.about = map[string]string{"participant": o.Name}
	return db.Fault(err)
}

// tally counts the participants again, after a change in this transaction.
func (w *work) tally(ctx context.Context) (procurement.ParticipantTally, error) {
	p, _, err := db.LoadProcurement(ctx, w.tx, w.p.ID, false)
	return p.Participants, err
}

// ExtendMandates sets a new mandate deadline, also after a missed quorum.
func (a *App) ExtendMandates(ctx context.Context, id uuid.UUID, expected int64, until time.Time) (Case, error) {
	err := a.do(ctx, ProcurementSteer, func(w *work) error {
		if err := w.lock(ctx, id, ProcurementSteer); err != nil {
			return err
		}
		if err := w.fresh(expected); err != nil {
			return err
		}
		return w.decide(ctx, procurement.ExtendMandates{Until: until})
	})
	if err != nil {
		return Case{}, err
	}
	return a.Procurement(ctx, id)
}

func percentOf(d *decimal.Decimal) requirement.Percent {
	if d == nil {
		return 0
	}
	return requirement.Percent(d.Shift(4).IntPart())
}
