package rules_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// FOA chapter 5. Values in kroner; the regime begins at the threshold itself.
func TestRegimeFor(t *testing.T) {
	t.Parallel()
	const known, later = "2025-06-02", "2026-11-23"
	e := pack(t).With(nil)
	for _, c := range []struct {
		name   string
		kind   rules.ContractKind
		class  rules.BuyerClass
		kroner int64
		on     string
		want   rules.Regime
	}{
		{"below the entry threshold", rules.Goods, rules.OtherBuyer, 99_999, known, rules.NoRegime},
		{"at the entry threshold", rules.Goods, rules.OtherBuyer, 100_000, known, rules.PartI},
		{"entry threshold from 1 July 2026", rules.Goods, rules.OtherBuyer, 499_999, later, rules.NoRegime},
		{"at the new entry threshold", rules.Goods, rules.OtherBuyer, 500_000, later, rules.PartI},
		{"the last day of the old one", rules.Goods, rules.OtherBuyer, 499_999, "2026-06-30", rules.PartI},
		{"§ 5-1 (2) a: below the national threshold", rules.Services, rules.OtherBuyer, 1_299_999, known, rules.PartI},
		{"§ 5-1 (2) a: at the national threshold", rules.Services, rules.OtherBuyer, 1_300_000, known, rules.PartII},
		{"§ 5-1 (2) a: below the EEA threshold", rules.Services, rules.OtherBuyer, 2_299_999, known, rules.PartII},
		{"§ 5-1 (3): at the EEA threshold", rules.Services, rules.OtherBuyer, 2_300_000, known, rules.PartIII},
		{"§ 5-3 (1) a: state", rules.Goods, rules.StateBuyer, 1_490_000, known, rules.PartIII},
		{"§ 5-3 (1) a: state, below", rules.Goods, rules.StateBuyer, 1_489_999, known, rules.PartII},
		{"§ 5-3 (1) a: state from April 2026", rules.Goods, rules.StateBuyer, 1_490_000, later, rules.PartIII},
		{"§ 5-3 (1) c: works, below", rules.WorksContract, rules.OtherBuyer, 57_799_999, known, rules.PartII},
		{"§ 5-3 (1) c: works", rules.WorksContract, rules.StateBuyer, 57_800_000, known, rules.PartIII},
		{"§ 5-1 (2) b: special, no upper limit", rules.SpecialServices, rules.OtherBuyer, 900_000_000, known, rules.PartII},
		{"§ 5-1 (2) b: special needs no EEA threshold", rules.SpecialServices, rules.OtherBuyer, 900_000_000, later, rules.PartII},
		{"special below the national threshold", rules.SpecialServices, rules.OtherBuyer, 1_299_999, known, rules.PartI},
		{"§ 5-1 (2) a: health below 7.8 million", rules.HealthSocialServices, rules.OtherBuyer, 7_799_999, known, rules.PartI},
		{"§ 5-1 (4): health from 7.8 million", rules.HealthSocialServices, rules.OtherBuyer, 7_800_000, known, rules.PartIV},
		{"below the national threshold needs no EEA threshold", rules.Goods, rules.OtherBuyer, 1_200_000, later, rules.PartI},
	} {
		got, used, err := rules.RegimeFor(rules.Input{Kind: c.kind, Class: c.class, Value: money.Kroner(c.kroner)}, e, day(c.on))
		if got != c.want || err != nil || len(used) == 0 {
			t.Errorf("%s: %q by %v, %v; want %q", c.name, got, ids(used), err, c.want)
		}
	}
}

func TestAnUnknownThresholdBlocks(t *testing.T) {
	t.Parallel()
	p := pack(t)
	for kind, id := range map[rules.ContractKind]string{
		rules.Goods: eeaOther, rules.Services: eeaOther,
		rules.WorksContract:        "foa.5-3.1c.eea-threshold-works",
		rules.HealthSocialServices: "foa.5-3.2.eea-threshold-special-health-social",
	} {
		in := rules.Input{Kind: kind, Class: rules.OtherBuyer, Value: money.Kroner(60_000_000)}
		got, used, err := rules.RegimeFor(in, p.With(nil), today)
		f, ok := fault.As(err)
		if got != "" || !ok || f.Kind != fault.Conflict || f.Rule != "rules.value-unknown" ||
			f.Params["rule"] != id || !strings.HasPrefix(f.Paragraph, "FOA § 5-3") {
			t.Errorf("%s: %q, %v", kind, got, err)
			continue
		}
		if last := used[len(used)-1]; last.ID != id {
			t.Errorf("%s: the last rule used is %s", kind, last.ID)
		}
		confirmed := p.With([]rules.Confirmation{{RuleID: id, Value: ptr(50_000_000), Source: "Lovdata", ConfirmedAt: at(9)}})
		if got, _, err := rules.RegimeFor(in, confirmed, today); err != nil || got != rules.PartIII && got != rules.PartIV {
			t.Errorf("%s with a confirmed threshold: %q, %v", kind, got, err)
		}
	}
}

func TestUsedRulesAreThoseToConfirm(t *testing.T) {
	t.Parallel()
	e := pack(t).With(nil)
	in := rules.Input{Kind: rules.Services, Class: rules.OtherBuyer, Value: money.Kroner(40_000_000)}
	_, used, _ := rules.RegimeFor(in, e, today)
	open := e.Open(today, ids(used))
	want := "loa.2.entry-threshold foa.5-1.2.national-threshold " + eeaOther
	if got := strings.Join(ids(open), " "); got != want {
		t.Errorf("open: %s, want %s", got, want)
	}
}

func TestRegimeForRefusesBadInput(t *testing.T) {
	t.Parallel()
	e := pack(t).With(nil)
	for rule, in := range map[string]rules.Input{
		"rules.contract-kind":  {Kind: "boats", Class: rules.OtherBuyer, Value: 1},
		"rules.buyer-class":    {Kind: rules.Goods, Value: 1},
		"rules.value-negative": {Kind: rules.Goods, Class: rules.OtherBuyer, Value: -1},
	} {
		if _, _, err := rules.RegimeFor(in, e, today); fault.RuleOf(err) != rule || !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v, want %s", in, err, rule)
		}
	}
}

// A higher value never leads to a regime with fewer duties.
func TestRegimeGrowsWithValue(t *testing.T) {
	t.Parallel()
	e := pack(t).With(nil)
	order := map[rules.Regime]int{rules.NoRegime: 0, rules.PartI: 1, rules.PartII: 2, rules.PartIII: 3, rules.PartIV: 3}
	kinds := []rules.ContractKind{rules.Goods, rules.Services, rules.WorksContract, rules.SpecialServices, rules.HealthSocialServices}
	rapid.Check(t, func(t *rapid.T) {
		in := rules.Input{
			Kind:  rapid.SampledFrom(kinds).Draw(t, "kind"),
			Class: rapid.SampledFrom([]rules.BuyerClass{rules.StateBuyer, rules.OtherBuyer}).Draw(t, "class"),
			Value: money.NOK(rapid.Int64Range(0, 10_000_000_000).Draw(t, "øre")),
		}
		more := in
		more.Value += money.NOK(rapid.Int64Range(0, 10_000_000_000).Draw(t, "more"))
		low, _, err := rules.RegimeFor(in, e, day("2025-06-02"))
		if err != nil {
			t.Fatal(err)
		}
		high, _, err := rules.RegimeFor(more, e, day("2025-06-02"))
		if err != nil || order[high] < order[low] {
			t.Fatalf("%s kroner: %s; %s kroner: %s, %v", in.Value, low, more.Value, high, err)
		}
	})
}

func ids(list []rules.Rule) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.ID)
	}
	return out
}
