package demonstration

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// Whenever the demonstration is run, its first plan stands by itself and has a
// tender deadline on the last day of the minimum period (FOA § 20-2 (1)): one
// day too early, and by no other rule of the calendar.
func TestFirstPlanIsOneDayShort(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(1_780_000_000, 2_000_000_000).Draw(t, "now"), 0)
		estimated := money.NOK(rapid.Int64Range(100, 1_000_000_000_00).Draw(t, "estimated"))
		p := firstPlan(now, estimated, estimated*3/2)
		for i := range p.Lots {
			p.Lots[i].ID = uuid.New()
		}
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		period := calendar.Forward(p.DispatchOn, minimum)
		if !p.TenderDeadline.Before(period.EndsBefore()) || p.TenderDeadline.AddDate(0, 0, 1).Before(period.EndsBefore()) {
			t.Fatalf("deadline %s, period through %s", p.TenderDeadline, period.Last)
		}
		if p.Estimated() != estimated || p.Maximum() != estimated*3/2 {
			t.Fatalf("the lots' sums are %s and %s of %s", p.Estimated(), p.Maximum(), estimated)
		}
		for _, d := range []calendar.Date{p.DispatchOn, calendar.DateOf(p.MandateDeadline), calendar.DateOf(p.QuestionsBy), p.AwardOn, p.ContractStarts} {
			if !calendar.IsWorkingDay(d) {
				t.Fatalf("nobody works on %s", d)
			}
		}
	})
}

// A later tender deadline moves neither end of the contract, for which the
// mandates are given.
func TestMovedDeadlineKeepsTheContract(t *testing.T) {
	t.Parallel()
	p := firstPlan(calendar.New(2026, time.November, 21).At(12, 0), money.Kroner(40_000_000), money.Kroner(60_000_000))
	moved := p
	schedule(&moved, workingDay(calendar.DateOf(p.TenderDeadline).AddDays(14)))
	if moved.ContractStarts != p.ContractStarts || moved.ContractEnds != p.ContractEnds || !moved.ContractStarts.After(moved.AwardOn) {
		t.Errorf("award %s, contract %s to %s", moved.AwardOn, moved.ContractStarts, moved.ContractEnds)
	}
}

func TestCostSharesAreWhole(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 400; n++ {
		var sum requirement.Percent
		for i := range n {
			sum += shareOf(i, n)
		}
		if sum != requirement.Hundred {
			t.Errorf("%d shares are %s %%", n, sum)
		}
	}
}

func TestEverySubjectCanSignIn(t *testing.T) {
	t.Parallel()
	subjects := []string{lead, opener1, opener2, evaluators[0], evaluators[1]}
	for i := range 5 {
		subjects = append(subjects, author(i), signatory(i))
	}
	for _, m := range Municipalities(append(seed.Participants(), seed.Outside())...) {
		subjects = append(subjects, m.MandateGiver, m.ContractOwner)
	}
	for _, subject := range subjects {
		if _, err := identity(subject); err != nil {
			t.Error(err)
		}
	}
}

func TestRecordTellsWhatIsMissing(t *testing.T) {
	t.Parallel()
	page := []byte(`<ul><li>Ikke dette</li></ul><section class="notice" aria-labelledby="missing"><h2 id="missing">Dette mangler</h2>
<ul><li>Adressen &amp; <b>navnet</b></li><li>Delen til
  underleverandører</li></ul></section><ul><li>Heller ikke dette</li></ul>`)
	got := missingIn(page)
	if len(got) != 2 || got[0] != "Adressen & navnet" || got[1] != "Delen til underleverandører" {
		t.Errorf("%q", got)
	}
	if got := missingIn([]byte("<ul><li>Alt</li></ul>")); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

func TestNamesOfNetworks(t *testing.T) {
	t.Parallel()
	in := func(names ...string) []Municipality {
		var all []Municipality
		for _, n := range names {
			all = append(all, Municipality{Network: n})
		}
		return all
	}
	for want, names := range map[string][]string{
		"ingen nettverk": {""}, "Digi Nordland": {"Digi Nordland", "Digi Nordland"}, "A og B": {"A", "B", "A"}, "A, B og C": {"A", "B", "C"}, "fire nettverk": {"A", "B", "C", "D"},
	} {
		if got := networks(in(names...)); got != want {
			t.Errorf("%q: %s", names, got)
		}
	}
}
