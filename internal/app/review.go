package app

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Review is the dry run: what the law says of the plan if the notice is
// dispatched on a day (zero: the planned one). It changes nothing.
func (a *App) Review(ctx context.Context, id uuid.UUID, dispatch calendar.Date) (procurement.Review, error) {
	var out procurement.Review
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		if dispatch.IsZero() {
			dispatch = w.p.Plan.DispatchOn
		}
		set, law, err := w.setAndLaw(ctx)
		if err != nil {
			return err
		}
		out = w.p.Review(dispatch, law, set)
		return nil
	})
	return out, err
}

// setAndLaw reads the requirement set (nil where there is none) and the rules
// as they count for the case, and counts its inputs.
func (w *work) setAndLaw(ctx context.Context) (*requirement.Set, rules.Effective, error) {
	law, err := w.law(ctx)
	if err != nil {
		return nil, rules.Effective{}, err
	}
	if err := w.countInputs(ctx); err != nil {
		return nil, rules.Effective{}, err
	}
	s, err := w.currentSet(ctx)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, law, nil
	case err != nil:
		return nil, rules.Effective{}, err
	}
	return &s.Set, law, nil
}

// law gives the rule packs with what the lead buyer has confirmed for the case.
func (w *work) law(ctx context.Context) (rules.Effective, error) {
	given, err := w.confirmations(ctx)
	return w.app.Law.With(given), err
}

func (w *work) confirmations(ctx context.Context) ([]rules.Confirmation, error) {
	rows, err := w.q.Confirmations(ctx, w.tx, w.p.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make([]rules.Confirmation, len(rows))
	for i, r := range rows {
		out[i] = rules.Confirmation{RuleID: r.RuleID, Value: r.Value, Source: r.Source, ConfirmedAt: r.ConfirmedAt, By: r.ConfirmedBy.String()}
	}
	return out, nil
}

// Confirmations lists what the lead buyer stands behind.
func (a *App) Confirmations(ctx context.Context, id uuid.UUID) ([]rules.Confirmation, error) {
	var out []rules.Confirmation
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		var err error
		out, err = w.confirmations(ctx)
		return err
	})
	return out, err
}

// ConfirmRules records that the lead buyer stands behind the values of rules,
// or replaces them, each with a source of its own. From then on they count for
// this procurement and stand in its record. All or none are recorded.
func (a *App) ConfirmRules(ctx context.Context, id uuid.UUID, given []rules.Confirmation) error {
	return a.do(ctx, ProcurementPlan, func(w *work) error {
		if err := w.lock(ctx, id, ProcurementPlan); err != nil {
			return err
		}
		if err := w.unpublished(); err != nil {
			return err
		}
		var l fault.List
		type row struct {
			RuleID string `json:"rule_id"`
			Value  *int64 `json:"value"`
			Source string `json:"source"`
		}
		rows := make([]row, len(given))
		for i, c := range given {
			rows[i] = row{c.RuleID, c.Value, c.Source}
			if err := a.Law.Check(c, w.p.Plan.DispatchOn); err != nil {
				f, ok := fault.As(err)
				if !ok {
					return err
				}
				for _, e := range f.All() {
					e := *e
					e.Also, e.Kind = nil, fault.Invalid
					l.Add(e.At(fmt.Sprintf("confirmations[%d].%s", i, orElse(e.Field, "rule"))))
				}
			}
		}
		if err := l.Err(); err != nil {
			return err
		}
		if err := w.q.ConfirmRules(ctx, w.tx, sqlcgen.ConfirmRulesParams{ProcurementID: id, SpaceID: w.p.Space, ConfirmedBy: w.by.ID, ConfirmedAt: w.now, Rows: asJSON(rows)}); err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			after := map[string]string{"rule": r.RuleID, "source": r.Source}
			if r.Value != nil {
				after["value"] = itoa(*r.Value)
			}
			if err := w.audit(ctx, entry{action: "rule.confirmed", object: id, audience: onObject, after: after}); err != nil {
				return err
			}
		}
		return nil
	})
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
