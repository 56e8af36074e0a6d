package rules_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func weights(all ...string) []decimal.Decimal {
	var out []decimal.Decimal
	for _, w := range all {
		out = append(out, decimal.RequireFromString(w))
	}
	return out
}

func TestEnvironmentSatisfied(t *testing.T) {
	t.Parallel()
	// The last day of FOA § 7-9 and the first of anskaffelsesloven §§ 5b–5c.
	const before, after = "2026-06-30", "2026-07-01"
	e := pack(t).With(nil)
	for _, c := range []struct {
		name   string
		choice rules.EnvironmentChoice
		before string // rule that refuses, "" for satisfied
		after  string
	}{
		{"thirty percent", rules.EnvironmentChoice{Weights: weights("30")}, "", ""},
		{"thirty percent together", rules.EnvironmentChoice{Weights: weights("20", "10")}, "", ""},
		{"just below", rules.EnvironmentChoice{Weights: weights("29.99")}, "environment.not-met", "environment.not-met"},
		{"nothing", rules.EnvironmentChoice{}, "environment.not-met", "environment.not-met"},
		{"nothing, but explained", rules.EnvironmentChoice{Justification: "because"}, "environment.not-met", "environment.not-met"},
		{"ranked first", rules.EnvironmentChoice{Ranks: []int{1}}, "", ""},
		{"ranked third", rules.EnvironmentChoice{Ranks: []int{5, 3}}, "", ""},
		{"ranked fourth", rules.EnvironmentChoice{Ranks: []int{4}}, "environment.not-met", "environment.not-met"},
		{"no rank", rules.EnvironmentChoice{Ranks: []int{0}}, "environment.not-met", "environment.not-met"},
		{"specified", rules.EnvironmentChoice{Specified: true, Justification: "because"}, "", ""},
		{"specified, not explained", rules.EnvironmentChoice{Specified: true, Justification: " "},
			"environment.justification-missing", "environment.justification-missing"},
		{"insignificant", rules.EnvironmentChoice{Exempt: rules.Insignificant, Justification: "because"}, "", ""},
		{"insignificant, not explained", rules.EnvironmentChoice{Exempt: rules.Insignificant},
			"environment.justification-missing", "environment.justification-missing"},
		{"critical interest", rules.EnvironmentChoice{Exempt: rules.CriticalInterest, Justification: "because"},
			"environment.exemption-unknown", ""},
		{"national minimum", rules.EnvironmentChoice{Exempt: rules.NationalMinimum, Justification: "because"},
			"environment.exemption-unknown", ""},
		{"an invented ground", rules.EnvironmentChoice{Exempt: "expensive", Justification: "because"},
			"environment.exemption-unknown", "environment.exemption-unknown"},
	} {
		for on, want := range map[string]string{before: c.before, after: c.after} {
			if err := rules.EnvironmentSatisfied(c.choice, e, day(on)); fault.RuleOf(err) != want {
				t.Errorf("%s on %s: %v, want %q", c.name, on, err, want)
			}
		}
	}
}

func TestEnvironmentCitesTheLawOfTheDay(t *testing.T) {
	t.Parallel()
	e := pack(t).With(nil)
	for on, paragraph := range map[string]string{
		"2026-06-30": "FOA § 7-9", "2026-07-01": "anskaffelsesloven §§ 5b–5c",
	} {
		f, ok := fault.As(rules.EnvironmentSatisfied(rules.EnvironmentChoice{Weights: weights("12.5")}, e, day(on)))
		if !ok || f.Paragraph != paragraph || f.Params["found"] != "12.5" || f.Params["needed"] != "30" {
			t.Errorf("on %s: %v", on, f)
		}
	}
	if err := rules.EnvironmentSatisfied(rules.EnvironmentChoice{}, e, day("2020-01-01")); fault.RuleOf(err) != "rules.not-in-force" {
		t.Errorf("before what was read: %v", err)
	}
}

func TestEnvironmentTakesConfirmedNumbers(t *testing.T) {
	t.Parallel()
	p := pack(t)
	list, err := p.EnvironmentRules(today)
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	e := p.With([]rules.Confirmation{{RuleID: list[0], Value: ptr(40), Source: "own policy", ConfirmedAt: at(9)}})
	if err := rules.EnvironmentSatisfied(rules.EnvironmentChoice{Weights: weights("35")}, e, today); fault.RuleOf(err) != "environment.not-met" {
		t.Errorf("35 of 40 percent: %v", err)
	}
	if open := p.With(nil).Open(today, list); len(open) != 0 {
		t.Errorf("checked in a primary source, yet open: %v", ids(open))
	}
}
