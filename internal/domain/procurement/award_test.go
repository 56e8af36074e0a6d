package procurement_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func TestAwardRefusals(t *testing.T) {
	t.Parallel()
	type C = procurement.Award
	partII := func(p *procurement.Procurement) { p.State.Regime, p.Plan.Procedure = rules.PartII, rules.OpenNational }
	win := func(c *C, change func(w *procurement.Winner)) {
		w := c.Winners[0]
		change(&w)
		c.Winners = []procurement.Winner{w}
	}
	p := opened(t)
	refuses(t, p, awarding(t, p), awardAt, []refusal[C]{
		{"price still sealed", func(p *procurement.Procurement, _ *C) { p.State.PriceOpenedAt = time.Time{} },
			fault.Conflict, "award.price-sealed", "", ""},
		{"scores missing", func(p *procurement.Procurement, _ *C) { p.Tenders.Scored = false }, fault.Conflict, "award.scores-missing", "", ""},
		{"every tender rejected", func(p *procurement.Procurement, _ *C) { p.Tenders.Rejected = p.Tenders.Submitted }, fault.Conflict, "award.no-tenders", "", ""},
		{"documentation missing", func(_ *procurement.Procurement, c *C) { c.Missing = []string{"Skatteattest"} }, fault.Conflict, "award.documentation-missing", "", "FOA § 17-1"},
		{"documentation missing, Part II", func(p *procurement.Procurement, c *C) { partII(p); c.Missing = []string{"Skatteattest"} },
			fault.Conflict, "award.documentation-missing", "", "FOA § 8-10"},
		{"a lot that is not planned", func(_ *procurement.Procurement, c *C) { win(c, func(w *procurement.Winner) { w.Lot = lotTwo }) }, fault.Invalid, "award.lot", "winners[0].lot", ""},
		{"two winners of one lot", func(_ *procurement.Procurement, c *C) { c.Winners = append(c.Winners[:1:1], c.Winners[0]) }, fault.Invalid, "award.lot", "winners[1].lot", ""},
		{"no reason", func(_ *procurement.Procurement, c *C) { win(c, func(w *procurement.Winner) { w.Reason = "" }) },
			fault.Invalid, "award.reason", "winners[0].reason", "FOA § 25-1 (2)"},
		{"no reason, Part II", func(p *procurement.Procurement, c *C) {
			partII(p)
			win(c, func(w *procurement.Winner) { w.Reason = "" })
		},
			fault.Invalid, "award.reason", "winners[0].reason", "FOA § 10-1 (2)"},
		{"not the first in the ranking", func(_ *procurement.Procurement, c *C) { win(c, func(w *procurement.Winner) { w.Tender = id(22) }) },
			fault.Invalid, "award.not-ranked-first", "winners[0].tender", "FOA § 18-1"},
		{"nobody", func(_ *procurement.Procurement, c *C) { c.Winners, c.Leaders = nil, nil }, fault.Invalid, "award.no-winners", "winners", ""},
		{"the validity is over", func(p *procurement.Procurement, _ *C) { p.Plan.ValidUntil = day("2027-01-10") }, fault.Conflict, "award.validity-over", "", "FOA § 20-6"},
		{"the validity is over, Part II", func(p *procurement.Procurement, _ *C) { partII(p); p.Plan.ValidUntil = day("2027-01-10") },
			fault.Conflict, "award.validity-over", "", "FOA § 8-15"},
		{"a standstill that nobody vouches for", func(_ *procurement.Procurement, c *C) { c.Law = c.Law.Pack().With(nil) },
			fault.Conflict, "rules.unverified", "", "FOA § 25-2 (1)"},
	})
	last := p
	last.Plan.ValidUntil = day("2027-01-11")
	must(t, last, awarding(t, p), awardAt)
}

// Letters of Monday 11 January 2027: day 10 is Thursday 21 January.
func TestAwardEffects(t *testing.T) {
	t.Parallel()
	p := opened(t)
	c, err := p.Decide(awarding(t, p), awardAt)
	if err != nil {
		t.Fatal(err)
	}
	s := c.After.State
	if c.After.Phase != procurement.Standstill || s.AwardRound != 1 || !s.AwardedAt.Equal(awardAt) || !s.StandstillUntil.Equal(at("2027-01-22 00:00")) || s.ContractsToSign != 1 {
		t.Errorf("state %+v", s)
	}
	happened(t, c, procurement.Awarded)
}

// A lot for which nobody tendered, or whose tenders are all rejected, has no
// leader and needs no winner; one with a leader does.
func TestAwardWithAnEmptyLot(t *testing.T) {
	t.Parallel()
	p := opened(t)
	p.Plan.Lots = []procurement.Lot{lot(1, 1, 1), lot(2, 1, 1)}
	both := awarding(t, p)
	if after := must(t, p, both, awardAt); after.State.ContractsToSign != 2 {
		t.Errorf("%d contracts", after.State.ContractsToSign)
	}
	empty := both
	empty.Winners, empty.Leaders = both.Winners[:1], map[uuid.UUID][]uuid.UUID{lotOne: {tender}}
	if after := must(t, p, empty, awardAt); after.State.ContractsToSign != 1 {
		t.Errorf("%d contracts", after.State.ContractsToSign)
	}
	forgotten := both
	forgotten.Winners = both.Winners[:1]
	_, err := p.Decide(forgotten, awardAt)
	refused(t, err, fault.Invalid, "award.lot-without-winner", "winners", "")
	invented := empty
	invented.Winners = both.Winners
	_, err = p.Decide(invented, awardAt)
	refused(t, err, fault.Invalid, "award.not-ranked-first", "winners[1].tender", "FOA § 18-1")
}

func TestReverseAward(t *testing.T) {
	t.Parallel()
	type C = procurement.ReverseAward
	p := contracting(t)
	refuses(t, p, C{Reason: "Feil i poengene"}, contractAt, []refusal[C]{
		{"no reason", func(_ *procurement.Procurement, c *C) { c.Reason = "" }, fault.Invalid, "award.reversal-reason", "reason", "FOA § 25-1 (4)"},
		{"no reason, Part II", func(p *procurement.Procurement, c *C) { p.State.Regime, c.Reason = rules.PartII, "" }, fault.Invalid, "award.reversal-reason", "reason", "FOA § 10-1 (3)"},
		{"a contract is signed", func(p *procurement.Procurement, _ *C) { p.State.ContractsSigned = 1 }, fault.Conflict, "award.contract-signed", "", "FOA § 25-1 (4)"},
	})
	c, err := p.Decide(C{Reason: "Feil i poengene"}, contractAt)
	if err != nil || c.After.Phase != procurement.Evaluation || !c.After.State.StandstillUntil.IsZero() || !c.After.State.AwardedAt.IsZero() {
		t.Fatalf("%+v, %v", c, err)
	}
	happened(t, c, procurement.AwardReversed)
	// A new award has a new round and a standstill of its own.
	again := must(t, c.After, awarding(t, p), contractAt)
	if again.State.AwardRound != 2 || !again.State.StandstillUntil.Equal(at("2027-02-12 00:00")) {
		t.Errorf("%+v", again.State)
	}
}
