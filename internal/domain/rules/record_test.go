package rules_test

import (
	"testing"

	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

func TestProtocolItems(t *testing.T) {
	t.Parallel()
	p := pack(t)
	for _, c := range []struct {
		regime      rules.Regime
		count       int
		last        string
		winner      string
		onlyHere    rules.RecordKey
		notHere     rules.RecordKey
		paragraphOf string
	}{
		{rules.PartIII, 16, "p", "m", rules.RecordNoLots, rules.RecordNonProfit, "FOA § 25-5 a"},
		{rules.PartII, 15, "o", "k", rules.RecordNonProfit, rules.RecordNoLots, "FOA § 10-5 a"},
	} {
		items := p.ProtocolItems(c.regime, today)
		if len(items) != c.count || items[0].Paragraph != c.paragraphOf || items[len(items)-1].Letter != c.last {
			t.Fatalf("%s: %d items %v", c.regime, len(items), items)
		}
		letters := map[rules.RecordKey]string{}
		for i, item := range items {
			if item.Letter != string(rune('a'+i)) {
				t.Errorf("%s: item %d is %s", c.regime, i, item.Letter)
			}
			letters[item.Key] = item.Letter
		}
		if len(letters) != c.count || letters[rules.RecordWinner] != c.winner ||
			letters[c.onlyHere] == "" || letters[c.notHere] != "" {
			t.Errorf("%s: %v", c.regime, letters)
		}
	}
	for _, regime := range []rules.Regime{rules.NoRegime, rules.PartI, rules.PartIV} {
		if items := p.ProtocolItems(regime, today); len(items) != 0 {
			t.Errorf("%s has %d items", regime, len(items))
		}
	}
}

func TestProcedures(t *testing.T) {
	t.Parallel()
	p := pack(t)
	if got := p.Procedures(rules.PartII, today); len(got) != 2 || !got[0].Always || !got[0].Negotiation || got[0].EForms {
		t.Errorf("Part II: %+v", got)
	}
	conditional := false
	negotiation := map[rules.Procedure]bool{}
	for _, r := range p.Procedures(rules.PartIII, today) {
		if conditional && r.Always {
			t.Errorf("%s comes after a procedure on conditions", r.Code)
		}
		conditional = !r.Always
		negotiation[r.Code] = r.Negotiation
	}
	for code, want := range map[rules.Procedure]bool{ // § 23-6: no negotiation in open and restricted
		rules.OpenProcedure: false, rules.Restricted: false, rules.Negotiated: true, rules.Dialogue: true,
	} {
		if got, ok := negotiation[code]; !ok || got != want {
			t.Errorf("%s: listed %t, negotiation %t", code, ok, got)
		}
	}
	if got := p.Procedures(rules.PartI, today); len(got) != 0 {
		t.Errorf("Part I: %+v", got)
	}
}
