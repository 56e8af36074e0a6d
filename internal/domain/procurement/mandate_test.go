package procurement_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func TestLaunchRefusals(t *testing.T) {
	t.Parallel()
	type row = refusal[procurement.Launch]
	refuses(t, drafted(), procurement.Launch{}, launchAt, []row{
		{"nobody named", func(p *procurement.Procurement, _ *procurement.Launch) {
			p.Participants = procurement.ParticipantTally{}
		},
			fault.Invalid, "procurement.no-participants", "participants", ""},
		{"mandates due now", func(p *procurement.Procurement, _ *procurement.Launch) { p.Plan.MandateDeadline = launchAt },
			fault.Invalid, "mandates.deadline-passed", "mandateDeadline", ""},
		{"quorum above the number named", func(p *procurement.Procurement, _ *procurement.Launch) { p.Plan.Quorum.Participants = 13 },
			fault.Invalid, "mandates.quorum-unreachable", "quorum.participants", ""},
		{"an incomplete plan", func(p *procurement.Procurement, _ *procurement.Launch) { p.Plan.Title = " " },
			fault.Invalid, "plan.missing", "title", ""},
	})
}

func TestLaunchStartsTheProcess(t *testing.T) {
	t.Parallel()
	c, err := drafted().Decide(procurement.Launch{}, launchAt)
	if err != nil || !c.Wake || c.After.Phase != procurement.Mandates || !c.After.State.LaunchedAt.Equal(launchAt) {
		t.Errorf("got %+v, %v", c, err)
	}
	happened(t, c, procurement.Launched)
}

func TestGiveMandateRefusals(t *testing.T) {
	t.Parallel()
	type C = procurement.GiveMandate
	now := at("2026-10-01 10:00")
	invalid := func(name, rule, field string, change func(m *procurement.MandateTerms)) refusal[C] {
		return refusal[C]{name, func(_ *procurement.Procurement, c *C) { change(&c.Terms) }, fault.Invalid, rule, field, ""}
	}
	refuses(t, launched(t), C{Terms: terms(), Tally: mandated(12)}, now, []refusal[C]{
		invalid("no decision date", "mandate.decision-date", "decidedOn", func(m *procurement.MandateTerms) { m.DecidedOn = day("2026-10-02") }),
		invalid("no case reference", "mandate.case-reference", "caseReference", func(m *procurement.MandateTerms) { m.CaseReference = " " }),
		invalid("no scope", "mandate.scope", "scope", func(m *procurement.MandateTerms) { m.Scope = strings.Repeat("a", 2001) }),
		invalid("no lots", "mandate.no-lots", "lots", func(m *procurement.MandateTerms) { m.Lots = nil }),
		invalid("a lot that is not planned", "mandate.unknown-lot", "lots[1]", func(m *procurement.MandateTerms) { m.Lots = []uuid.UUID{lotOne, lotTwo} }),
		invalid("a lot twice", "mandate.lot-twice", "lots[1]", func(m *procurement.MandateTerms) { m.Lots = []uuid.UUID{lotOne, lotOne} }),
		invalid("no maximum", "mandate.maximum", "maximum", func(m *procurement.MandateTerms) { m.Maximum = 0 }),
		invalid("a share above the whole", "mandate.cost-share", "costShare", func(m *procurement.MandateTerms) { m.CostShare = requirement.Hundred + 1 }),
		invalid("ends before the contract", "mandate.ends-before-contract", "endsOn", func(m *procurement.MandateTerms) { m.EndsOn = day("2031-02-27") }),
		{"at the deadline", func(p *procurement.Procurement, _ *C) { p.Plan.MandateDeadline = now }, fault.Conflict, "mandates.deadline-passed", "", ""},
		{"after a missed quorum", func(p *procurement.Procurement, _ *C) { p.State.QuorumMissedAt = now }, fault.Conflict, "mandates.quorum-missed", "", ""},
	})
}

func TestDeclineNeedsAReason(t *testing.T) {
	t.Parallel()
	type C = procurement.DeclineMandate
	refuses(t, launched(t), C{Reason: "Har egen avtale", Tally: named(11)}, at("2026-10-01 10:00"), []refusal[C]{
		{"no reason", func(_ *procurement.Procurement, c *C) { c.Reason = "\n" }, fault.Invalid, "mandate.decline-reason", "reason", ""},
		{"a reason that is a novel", func(_ *procurement.Procurement, c *C) { c.Reason = strings.Repeat("å", 2001) }, fault.Invalid, "mandate.decline-reason", "reason", ""},
	})
}

// Only the answer that completes the set wakes the workflow, and it is decided
// in its own transaction.
func TestOnlyTheLastAnswerWakes(t *testing.T) {
	t.Parallel()
	p, now := launched(t), at("2026-10-01 10:00")
	some := named(1)
	some.Mandated, some.Declined = 10, 1
	c, err := p.Decide(procurement.GiveMandate{Terms: terms(), Tally: some}, now)
	if err != nil || c.Wake || c.After.Phase != procurement.Mandates || c.After.Participants.Mandated != 10 {
		t.Fatalf("an answer among others: %+v, %v", c, err)
	}
	happened(t, c, procurement.MandateGiven)
	last := mandated(10)
	last.Declined = 2
	c, err = c.After.Decide(procurement.DeclineMandate{Reason: "Har egen avtale", Tally: last}, now)
	if err != nil || !c.Wake || c.After.Phase != procurement.Preparation || !c.After.State.MandatesEndedAt.Equal(now) {
		t.Fatalf("the last answer: %+v, %v", c, err)
	}
	happened(t, c, procurement.MandateDeclined, procurement.MandatesDone)
}

func TestQuorum(t *testing.T) {
	t.Parallel()
	kr := money.Kroner
	for _, tt := range []struct {
		name     string
		quorum   procurement.Quorum
		mandated int
		value    money.NOK
		met      bool
	}{
		{"no limit, one mandate", procurement.Quorum{}, 1, kr(1), true},
		{"no limit, nobody", procurement.Quorum{}, 0, 0, false},
		{"number met", procurement.Quorum{Participants: 8}, 8, kr(1), true},
		{"number missed by one", procurement.Quorum{Participants: 8}, 7, kr(1_000_000), false},
		{"value met to the øre", procurement.Quorum{Value: kr(100)}, 1, kr(100), true},
		{"value missed by one øre", procurement.Quorum{Value: kr(100)}, 5, kr(100) - 1, false},
		{"both set, one missed", procurement.Quorum{Participants: 2, Value: kr(100)}, 2, kr(99), false},
	} {
		if got := tt.quorum.Met(procurement.ParticipantTally{Mandated: tt.mandated, MandatedValue: tt.value}); got != tt.met {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}

// At the deadline the silent ones drop out and the tender goes on; below the
// quorum it stands still until the lead buyer extends or cancels.
func TestMandateDeadline(t *testing.T) {
	t.Parallel()
	p := launched(t)
	p.Participants = named(4)
	p.Participants.Mandated, p.Participants.Declined = 8, 0
	c, err := p.Decide(procurement.PassTime{}, mandatesDue)
	if err != nil || c.After.Phase != procurement.Preparation || c.After.Participants.Dropped != 4 || c.After.Participants.Named != 0 {
		t.Fatalf("with a quorum: %+v, %v", c, err)
	}
	p.Participants.Mandated = 7
	c, err = p.Decide(procurement.PassTime{}, mandatesDue)
	if err != nil || c.After.Phase != procurement.Mandates || c.After.Participants.Named != 4 {
		t.Fatalf("below the quorum: %+v, %v", c, err)
	}
	missed := c.After
	if w := missed.Waits(mandatesDue); len(w) != 1 || w[0].For != procurement.ForQuorum || !missed.NextWake(mandatesDue).IsZero() {
		t.Errorf("below the quorum it waits for %v", w)
	}
	// A new deadline lets the silent ones answer again.
	extended := must(t, missed, procurement.ExtendMandates{Until: at("2026-10-29 12:00")}, at("2026-10-16 09:00"))
	if !extended.State.QuorumMissedAt.IsZero() {
		t.Error("the quorum still counts as missed")
	}
	must(t, extended, procurement.GiveMandate{Terms: terms(), Tally: mandated(12)}, at("2026-10-20 09:00"))
	must(t, missed, procurement.Cancel{Reason: "For få"}, at("2026-10-16 09:00"))
}

func TestExtendMandatesRefusals(t *testing.T) {
	t.Parallel()
	type C = procurement.ExtendMandates
	set := func(s string) func(*procurement.Procurement, *C) {
		return func(_ *procurement.Procurement, c *C) { c.Until = at(s) }
	}
	refuses(t, launched(t), C{Until: at("2026-10-20 12:00")}, at("2026-10-14 10:00"), []refusal[C]{
		{"not later", set("2026-10-15 12:00"), fault.Invalid, "mandates.deadline-not-later", "until", ""},
		{"past the day of dispatch", set("2026-11-03 00:00"), fault.Invalid, "plan.dispatch-before-mandates", "until", ""},
	})
}

// What the mandates were given for stands fast after launch.
func TestReviseAfterLaunch(t *testing.T) {
	t.Parallel()
	type C = procurement.Revise
	row := func(name, field string, change func(c *C)) refusal[C] {
		return refusal[C]{name, func(_ *procurement.Procurement, c *C) { change(c) }, fault.Invalid, "plan.fixed-by-mandates", field, ""}
	}
	p := prepared(t)
	refuses(t, p, C{Plan: p.Plan, Participants: p.Participants}, at("2026-10-20 10:00"), []refusal[C]{
		row("what is bought", "contract", func(c *C) { c.Plan.Contract = rules.Goods }),
		row("more lots", "lots", func(c *C) { c.Plan.Lots = []procurement.Lot{c.Plan.Lots[0], lot(2, 1, 1)} }),
		row("another lot", "lots[0].id", func(c *C) {
			c.Plan.Lots = []procurement.Lot{{ID: lotTwo, Number: 1, Title: "B", CPV: "48814000", NUTS: []string{"NO"}, Estimated: 1, Maximum: 1}}
		}),
		row("a longer contract", "contractEnds", func(c *C) { c.Plan.ContractEnds = day("2031-03-01") }),
		row("a lower quorum", "quorum", func(c *C) { c.Plan.Quorum.Participants = 1 }),
		row("one more participant", "participants", func(c *C) { c.Participants.Named = 1 }),
		row("one fewer participant", "participants", func(c *C) { c.Participants.Mandated-- }),
		{"the mandate deadline", func(_ *procurement.Procurement, c *C) { c.Plan.MandateDeadline = at("2026-10-10 12:00") },
			fault.Invalid, "plan.mandate-deadline-moves-by-extending", "mandateDeadline", ""},
	})
	// In a draft all of it may change.
	next := plan()
	next.Contract, next.Quorum, next.ContractEnds = rules.Goods, procurement.Quorum{}, day("2030-02-28")
	must(t, drafted(), C{Plan: next, Participants: named(3)}, launchAt)
}

// Amounts are set to what the mandates came to.
func TestReviseAmountsAfterMandates(t *testing.T) {
	t.Parallel()
	p := prepared(t)
	next := plan()
	next.Lots = []procurement.Lot{lot(1, 20_000_000, 30_000_000)}
	c, err := p.Decide(procurement.Revise{Plan: next, Participants: p.Participants}, at("2026-10-20 10:00"))
	if err != nil || c.After.Plan.Maximum() != money.Kroner(30_000_000) || c.Wake {
		t.Errorf("got %+v, %v", c, err)
	}
}
