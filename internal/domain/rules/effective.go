package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// maxValue is the largest value that a confirmation may give, per unit. It
// keeps a slip of the keyboard from becoming a deadline of centuries.
var maxValue = map[Unit]int64{
	Days: 3650, WorkingDays: 2500, Months: 600, Years: 100,
	NOK: 1_000_000_000_000, Percent: 100, Count: 1000,
}

// Effective is the pack as it counts for one procurement: with what its lead
// buyer has confirmed.
type Effective struct {
	pack      Pack
	confirmed []Confirmation // sorted by time, latest last
}

// With applies confirmations. Where several are for the same version of a rule
// the latest one counts. Those that Check would refuse have no effect.
func (p Pack) With(given []Confirmation) Effective {
	sorted := slices.Clone(given)
	slices.SortStableFunc(sorted, func(a, b Confirmation) int { return a.ConfirmedAt.Compare(b.ConfirmedAt) })
	return Effective{pack: p, confirmed: sorted}
}

// Check tells whether a confirmation may be recorded for the day. It returns
// the faults of At, or an Invalid one: rules.source-missing,
// rules.value-missing for an unknown value confirmed without one,
// rules.value-range, rules.value-not-a-number for a rule that has no number.
func (p Pack) Check(c Confirmation, on calendar.Date) error {
	r, err := p.At(c.RuleID, on)
	if err != nil {
		return err
	}
	var faults fault.List
	if strings.TrimSpace(c.Source) == "" {
		faults.Addf("rules.source-missing", "source", fault.Params{"rule": r.ID})
	}
	faults.Add(checkValue(r, c.Value))
	return faults.Err()
}

func checkValue(r Rule, value *int64) *fault.Error {
	switch {
	case value == nil && r.Kind == Unknown:
		return fault.New(fault.Invalid, "rules.value-missing", fault.Params{"rule": r.ID}).At("value").By(r.Paragraph)
	case value == nil:
		return nil
	case r.Unit == Unitless:
		return fault.New(fault.Invalid, "rules.value-not-a-number", fault.Params{"rule": r.ID}).At("value")
	case *value < 0 || *value > maxValue[r.Unit]:
		return fault.New(fault.Invalid, "rules.value-range", fault.Params{
			"rule": r.ID, "unit": string(r.Unit), "min": "0", "max": strconv.FormatInt(maxValue[r.Unit], 10),
		}).At("value")
	}
	return nil
}

// At gives the version of a rule that holds on the day, with the confirmed
// value where there is one. The faults are those of Pack.At.
func (e Effective) At(id string, on calendar.Date) (Rule, error) {
	r, err := e.pack.At(id, on)
	if err != nil {
		return Rule{}, err
	}
	return e.apply(r), nil
}

// Find is Pack.Find with the confirmed values.
func (e Effective) Find(regime Regime, procedure Procedure, stage Stage, on calendar.Date) []Rule {
	found := e.pack.Find(regime, procedure, stage, on)
	for i := range found {
		found[i] = e.apply(found[i])
	}
	return found
}

// Pick gives the one rule of a stage that holds in a circumstance; a rule of
// the procedure itself is preferred to one for any procedure. It returns a
// NotFound fault (rules.not-in-force) where there is none.
func (e Effective) Pick(regime Regime, procedure Procedure, stage Stage, variant Variant, on calendar.Date) (Rule, error) {
	var pick *Rule
	for _, r := range e.Find(regime, procedure, stage, on) {
		if r.Variant == variant && (pick == nil || pick.Procedure == AnyProcedure) {
			pick = &r
		}
	}
	if pick == nil {
		return Rule{}, fault.New(fault.NotFound, "rules.not-in-force", fault.Params{
			"regime": string(regime), "procedure": string(procedure), "stage": string(stage),
			"variant": string(variant), "on": on.String(),
		})
	}
	return *pick, nil
}

// Open lists those of the rules that are still unverified on the day, in the
// order of ids and each once. An id that is not in force on the day is left
// out: there is nothing to confirm.
func (e Effective) Open(on calendar.Date, ids []string) []Rule {
	var open []Rule
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			continue
		}
		if r, err := e.At(id, on); err == nil && r.Unverified(on) {
			open = append(open, r)
		}
	}
	return open
}

// Pack gives the rules without confirmations.
func (e Effective) Pack() Pack { return e.pack }

func (e Effective) apply(r Rule) Rule {
	for _, c := range e.confirmed {
		if c.RuleID != r.ID || !c.On.IsZero() && !r.Holds(c.On) {
			continue
		}
		if strings.TrimSpace(c.Source) == "" || checkValue(r, c.Value) != nil {
			continue
		}
		r.Confirmed = &c
	}
	if r.Confirmed != nil && r.Confirmed.Value != nil {
		value := *r.Confirmed.Value
		r.Kind, r.Value = Fixed, &value
	}
	return r
}
