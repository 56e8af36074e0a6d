package rules

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Exemption is a ground on which environment need not be weighted.
type Exemption string

// The grounds. Which of them the law knows depends on the day.
const (
	Insignificant    Exemption = "insignificant"     // the environmental impact is insignificant
	CriticalInterest Exemption = "critical-interest" // from 1 July 2026
	NationalMinimum  Exemption = "national-minimum"  // from 1 July 2026
)

// EnvironmentDuty is the form of the environment duty in force between two
// days. The numbers are rules of their own, so that they can be confirmed.
type EnvironmentDuty struct {
	WeightRule   string        `json:"weight_rule"` // id of the smallest weight in percent
	RankRule     string        `json:"rank_rule"`   // id of the lowest rank that is enough
	Exemptions   []Exemption   `json:"exemptions"`
	Paragraph    string        `json:"paragraph"`
	Source       string        `json:"source"`
	Mark         Mark          `json:"mark"`
	ValidFrom    calendar.Date `json:"valid_from"`
	ValidTo      calendar.Date `json:"valid_to,omitzero"`
	CheckedUntil calendar.Date `json:"checked_until,omitzero"`
}

// EnvironmentChoice is how a procurement takes care of the environment. One of
// the ways is enough.
type EnvironmentChoice struct {
	// Weights are those of the environment criteria, in percent of all
	// criteria; they count together.
	Weights []decimal.Decimal
	// Ranks are the places of environment criteria in a ranked list; 1 is first.
	Ranks []int
	// Specified tells that environment is a requirement in the specification
	// instead, because that is clearly better.
	Specified bool
	Exempt    Exemption // "" for none
	// Justification is needed with Specified and Exempt.
	Justification string
}

// EnvironmentRules gives the ids of the rules that the duty rests on, for the
// list of what is to be confirmed. The fault is that of EnvironmentSatisfied
// for a day without a duty in the pack.
func (p Pack) EnvironmentRules(on calendar.Date) ([]string, error) {
	d, err := p.environmentDuty(on)
	if err != nil {
		return nil, err
	}
	return []string{d.WeightRule, d.RankRule}, nil
}

// EnvironmentSatisfied tells whether a procurement published on the day meets
// the environment duty: FOA § 7-9 through 30 June 2026, anskaffelsesloven
// §§ 5b–5c from 1 July 2026. Nil means yes.
//
// It returns an Invalid fault with the paragraph: environment.not-met (with the
// weight found and needed), environment.exemption-unknown for a ground that the
// law of the day does not have, environment.justification-missing; a Conflict
// fault (rules.value-unknown) where a number is unknown; a NotFound fault
// (rules.not-in-force) for a day that the pack has no duty for.
func EnvironmentSatisfied(c EnvironmentChoice, e Effective, on calendar.Date) error {
	duty, err := e.pack.environmentDuty(on)
	if err != nil {
		return err
	}
	weight, err := e.number(duty.WeightRule, on)
	if err != nil {
		return err
	}
	rank, err := e.number(duty.RankRule, on)
	if err != nil {
		return err
	}
	if c.weight().GreaterThanOrEqual(decimal.NewFromInt(weight)) || c.ranked(rank) {
		return nil
	}
	return c.otherwise(duty, weight)
}

// otherwise judges the ways that need a justification.
func (c EnvironmentChoice) otherwise(duty EnvironmentDuty, weight int64) error {
	switch {
	case c.Exempt != "" && !slices.Contains(duty.Exemptions, c.Exempt):
		return fault.New(fault.Invalid, "environment.exemption-unknown",
			fault.Params{"exemption": string(c.Exempt)}).By(duty.Paragraph)
	case c.Exempt == "" && !c.Specified:
		return fault.New(fault.Invalid, "environment.not-met", fault.Params{
			"rule": duty.WeightRule, "found": c.weight().String(), "needed": decimal.NewFromInt(weight).String(),
		}).By(duty.Paragraph)
	case strings.TrimSpace(c.Justification) == "":
		return fault.New(fault.Invalid, "environment.justification-missing").By(duty.Paragraph)
	}
	return nil
}

func (c EnvironmentChoice) weight() decimal.Decimal {
	sum := decimal.Zero
	for _, w := range c.Weights {
		sum = sum.Add(w)
	}
	return sum
}

func (c EnvironmentChoice) ranked(lowest int64) bool {
	return slices.ContainsFunc(c.Ranks, func(r int) bool { return r >= 1 && int64(r) <= lowest })
}

func (e Effective) number(id string, on calendar.Date) (int64, error) {
	r, err := e.At(id, on)
	if err != nil {
		return 0, err
	}
	return r.Number()
}

func (p Pack) environmentDuty(on calendar.Date) (EnvironmentDuty, error) {
	for _, d := range p.duties {
		if inForce(d.ValidFrom, d.ValidTo, on) {
			return d, nil
		}
	}
	return EnvironmentDuty{}, fault.New(fault.NotFound, "rules.not-in-force",
		fault.Params{"rule": "environment", "on": on.String()})
}
