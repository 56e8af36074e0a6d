package rules_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

const (
	standstill = "foa.25-2.1.standstill"
	eeaOther   = "foa.5-3.1b.eea-threshold-goods-services-other"
)

func at(hour int) time.Time { return time.Date(2026, 11, 23, hour, 0, 0, 0, time.UTC) }

func TestOpenListsWhatNobodyVouchesFor(t *testing.T) {
	t.Parallel()
	p := pack(t)
	ids := []string{eeaOther, standstill, "loa.5b-5c.environment-weight", standstill, "foa.7-9.environment-weight"}
	open := p.With(nil).Open(today, ids)
	if len(open) != 2 || open[0].ID != eeaOther || open[1].ID != standstill {
		t.Fatalf("open: %v", open)
	}
	// Confirming a value that nobody knows needs a value.
	half := []rules.Confirmation{
		{RuleID: eeaOther, Source: "Lovdata", ConfirmedAt: at(9)},
		{RuleID: standstill, Source: "Lovdata", ConfirmedAt: at(9)},
	}
	if open = p.With(half).Open(today, ids); len(open) != 1 || open[0].ID != eeaOther {
		t.Errorf("open after a confirmation without value: %v", open)
	}
	whole := append(slices.Clone(half), rules.Confirmation{RuleID: eeaOther, Value: ptr(2_400_000), Source: "Lovdata", ConfirmedAt: at(10)})
	if open = p.With(whole).Open(today, ids); len(open) != 0 {
		t.Errorf("open after all is confirmed: %v", open)
	}
}

func TestTheLatestConfirmationCounts(t *testing.T) {
	t.Parallel()
	e := pack(t).With([]rules.Confirmation{
		{RuleID: standstill, Value: ptr(12), Source: "second", ConfirmedAt: at(10)},
		{RuleID: standstill, Value: ptr(11), Source: "first", ConfirmedAt: at(9)},
	})
	r, err := e.At(standstill, today)
	if err != nil || *r.Value != 12 || r.Confirmed.Source != "second" {
		t.Errorf("%+v, %v", r, err)
	}
	// A later word that the pack's value stands withdraws the replacement.
	e = pack(t).With([]rules.Confirmation{
		{RuleID: standstill, Value: ptr(12), Source: "first", ConfirmedAt: at(9)},
		{RuleID: standstill, Source: "second", ConfirmedAt: at(10)},
	})
	if r, err := e.At(standstill, today); err != nil || *r.Value != 10 || r.Unverified(today) {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAConfirmationIsForOneVersion(t *testing.T) {
	t.Parallel()
	const entry = "loa.2.entry-threshold"
	e := pack(t).With([]rules.Confirmation{
		{RuleID: entry, On: day("2026-06-01"), Source: "Lovdata", ConfirmedAt: at(9)},
	})
	if open := e.Open(day("2026-06-30"), []string{entry}); len(open) != 0 {
		t.Errorf("confirmed, yet open: %v", open)
	}
	if open := e.Open(day("2026-07-01"), []string{entry}); len(open) != 1 {
		t.Errorf("the next version was confirmed with it")
	}
}

func TestAConfirmationGivesANumberWhereTheLawSetsNone(t *testing.T) {
	t.Parallel()
	e := pack(t).With([]rules.Confirmation{
		{RuleID: "foa.10-2.standstill-national", Value: ptr(10), Source: "lead buyer's practice", ConfirmedAt: at(9)},
	})
	r, err := e.Pick(rules.PartII, rules.OpenNational, rules.Standstill, rules.Main, today)
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Period(day("2026-11-04"))
	if err != nil || p.Last != day("2026-11-16") {
		t.Errorf("through %s, %v", p.Last, err)
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	p := pack(t)
	for _, c := range []struct {
		name string
		give rules.Confirmation
		rule string
	}{
		{"no source", rules.Confirmation{RuleID: standstill, Source: " "}, "rules.source-missing"},
		{"unknown without value", rules.Confirmation{RuleID: eeaOther, Source: "s"}, "rules.value-missing"},
		{"negative", rules.Confirmation{RuleID: standstill, Source: "s", Value: ptr(-1)}, "rules.value-range"},
		{"eleven years of days", rules.Confirmation{RuleID: standstill, Source: "s", Value: ptr(4000)}, "rules.value-range"},
		{"more than all", rules.Confirmation{RuleID: "foa.5-4.8.small-lot-share", Source: "s", Value: ptr(101)}, "rules.value-range"},
		{"a number for no number", rules.Confirmation{RuleID: "foa.8-14.tender-deadline-open-national", Source: "s", Value: ptr(5)},
			"rules.value-not-a-number"},
		{"no such rule", rules.Confirmation{RuleID: "foa.1", Source: "s"}, "rules.unknown-rule"},
		{"retired", rules.Confirmation{RuleID: "foa.7-9.environment-weight", Source: "s"}, "rules.not-in-force"},
	} {
		if err := p.Check(c.give, today); fault.RuleOf(err) != c.rule {
			t.Errorf("%s: %v, want %s", c.name, err, c.rule)
		}
		// What may not be recorded has no effect where it was recorded.
		if r, err := p.With([]rules.Confirmation{c.give}).At(c.give.RuleID, today); err == nil && r.Confirmed != nil &&
			c.rule != "rules.value-missing" {
			t.Errorf("%s: has effect", c.name)
		}
	}
	for _, ok := range []rules.Confirmation{
		{RuleID: standstill, Source: "Lovdata"},
		{RuleID: eeaOther, Source: "Lovdata", Value: ptr(2_400_000)},
	} {
		if err := p.Check(ok, today); err != nil {
			t.Errorf("%s: %v", ok.RuleID, err)
		}
	}
}

func TestPickPrefersTheProceduresOwnRule(t *testing.T) {
	t.Parallel()
	e := pack(t).With(nil)
	for _, c := range []struct {
		regime    rules.Regime
		procedure rules.Procedure
		stage     rules.Stage
		variant   rules.Variant
		want      string
	}{
		{rules.PartIII, rules.OpenProcedure, rules.Standstill, rules.Main, standstill},
		{rules.PartIII, rules.OpenProcedure, rules.TenderDeadline, rules.Urgent, "foa.20-2.3.tender-deadline-open-urgent"},
		{rules.PartIV, rules.HealthSocial, rules.Standstill, rules.NotElectronic, "foa.30-9.standstill-health-social-not-electronic"},
		{rules.PartII, rules.RestrictedNational, rules.SelectionMinimum, rules.Main, "foa.8-9.selection-minimum-restricted-national"},
		{rules.PartIII, rules.OpenProcedure, rules.TaxCertificate, rules.Age, "foa.7-2.tax-certificate-age"},
	} {
		r, err := e.Pick(c.regime, c.procedure, c.stage, c.variant, today)
		if err != nil || r.ID != c.want {
			t.Errorf("%v: %q, %v", c, r.ID, err)
		}
	}
	if r, err := e.Pick(rules.PartI, rules.AnyProcedure, rules.Standstill, rules.Main, today); fault.RuleOf(err) != "rules.not-in-force" {
		t.Errorf("Part I has a standstill: %s, %v", r.ID, err)
	}
}

// Whatever is confirmed, a rule that is not open has a number or is one that
// the law sets no number for.
func TestWhatIsNotOpenIsKnown(t *testing.T) {
	t.Parallel()
	p := pack(t)
	all := p.Rules()
	rapid.Check(t, func(t *rapid.T) {
		var given []rules.Confirmation
		for range rapid.IntRange(0, 6).Draw(t, "confirmations") {
			c := rules.Confirmation{
				RuleID:      rapid.SampledFrom(all).Draw(t, "rule").ID,
				Source:      rapid.SampledFrom([]string{"", "Lovdata"}).Draw(t, "source"),
				ConfirmedAt: at(rapid.IntRange(0, 23).Draw(t, "hour")),
			}
			if rapid.Bool().Draw(t, "with value") {
				c.Value = ptr(rapid.Int64Range(-5, 200).Draw(t, "value"))
			}
			given = append(given, c)
		}
		e := p.With(given)
		for _, r := range all {
			if !r.Holds(today) || len(e.Open(today, []string{r.ID})) > 0 {
				continue
			}
			now, err := e.At(r.ID, today)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := now.Number(); err != nil && fault.RuleOf(err) != "rules.no-fixed-value" {
				t.Fatalf("%s is not open and gives %v", r.ID, err)
			}
		}
	})
}
