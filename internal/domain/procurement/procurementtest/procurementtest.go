// Package procurementtest holds a lawful procurement for tests: a framework
// agreement of four years over the EEA threshold, in one lot, whose every date
// the law allows.
package procurementtest

import (
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

// T is what a test and a property test have in common.
type T interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// Day reads "2026-11-02".
func Day(s string) calendar.Date { return calendar.MustParse(s) }

// At reads "2026-11-02 12:00" as Norwegian time.
func At(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Oslo)
	if err != nil {
		panic(err)
	}
	return t
}

// ID makes a recognisable id.
func ID(n byte) uuid.UUID { return uuid.UUID{15: n} }

// The ids that tests speak of.
var (
	// LotOne is the plan's lot.
	LotOne = ID(1)
	// LotTwo is for tests that add one.
	LotTwo = ID(2)
	// Alice may open.
	Alice = ID(11)
	// Bob may open too.
	Bob = ID(12)
	// Tender is the one that wins.
	Tender = ID(21)
)

// The dates of the plan, in order.
var (
	// LaunchAt is when the municipalities are asked.
	LaunchAt = At("2026-09-15 10:00")
	// MandatesDue is when they must have answered.
	MandatesDue = At("2026-10-15 12:00")
	// DispatchOn is when the notice is sent.
	DispatchOn = Day("2026-11-02")
	// PublishAt is when it is recorded.
	PublishAt = At("2026-11-02 10:00")
	// Deadline is when tenders are due.
	Deadline = At("2026-12-10 12:00")
	// ClosedAt is when closing may come.
	ClosedAt = Deadline.Add(procurement.CloseAfter)
	// OpenAt is when tenders are opened.
	OpenAt = At("2026-12-10 13:00")
	// AwardAt is when the award is decided.
	AwardAt = At("2027-01-11 09:00")
	// ContractAt is when the contract is signed.
	ContractAt = At("2027-02-01 09:00")
)

// Lot makes a lot of the plan; amounts in kroner.
func Lot(n byte, estimated, maximum int64) procurement.Lot {
	return procurement.Lot{ID: ID(n), Number: int(n), Title: "Trygghetsteknologi", CPV: "48814000", NUTS: []string{"NO0"},
		Estimated: money.Kroner(estimated), Maximum: money.Kroner(maximum)}
}

// Plan is a framework agreement of four years over the EEA threshold, in one
// lot, whose every date the law allows.
func Plan() procurement.Plan {
	return procurement.Plan{
		Title: "Velferdsteknologi", Description: "Felles rammeavtale", Contract: rules.Services, Procedure: rules.OpenProcedure,
		Language: "nb", CPV: "48814000", NUTS: []string{"NO0"}, Lots: []procurement.Lot{Lot(1, 24_000_000, 36_000_000)},
		NoLotsReason: "Ett system må virke sammen", Framework: &procurement.Framework{Months: 48, Suppliers: 1},
		MandateDeadline: MandatesDue, Quorum: procurement.Quorum{Participants: 8},
		DispatchOn: DispatchOn, QuestionsBy: At("2026-11-27 12:00"), TenderDeadline: Deadline,
		ValidUntil: Day("2027-03-31"), AwardOn: Day("2027-01-11"), ContractStarts: Day("2027-03-01"), ContractEnds: Day("2031-02-28"),
		Formula: evaluation.Standard,
	}
}

// Named is the tally of n municipalities that are asked for mandates.
func Named(n int) procurement.ParticipantTally {
	return procurement.ParticipantTally{Named: n, EstimatedValue: money.Kroner(24_000_000), MaximumValue: money.Kroner(36_000_000)}
}

// Mandated is the tally after every one of n has given its mandate.
func Mandated(n int) procurement.ParticipantTally {
	t := Named(n)
	t.Named, t.Mandated = 0, n
	t.MandatedValue, t.EarliestMandateEnd, t.CostShare = t.MaximumValue, Day("2031-02-28"), int64(requirement.Hundred)
	return t
}

// Set is a valid requirement set with an environment criterion of 30 %.
func Set() requirement.Set {
	price := requirement.Criterion{ID: ID(31), Name: "Pris", Weight: requirement.Percents(40), Kind: requirement.PriceCriterion}
	quality := requirement.Criterion{ID: ID(32), Name: "Kvalitet", Weight: requirement.Percents(30), Kind: requirement.QualityCriterion}
	green := requirement.Criterion{ID: ID(33), Name: "Klima og miljø", Weight: requirement.Percents(30), Kind: requirement.Environment}
	rated := func(n byte, c requirement.Criterion, text string) requirement.Requirement {
		return requirement.Requirement{ID: ID(n), Number: "1", Text: text, Kind: requirement.Rated, AnswerType: requirement.Text,
			Criterion: c.ID, Weight: requirement.Hundred, Mandatory: true}
	}
	amount := requirement.Requirement{ID: ID(41), Number: "P1", Text: "Pris per år", Kind: requirement.Rated, AnswerType: requirement.Money,
		Criterion: price.ID, Mandatory: true}
	return requirement.Set{ID: ID(30), Title: "Kravspesifikasjon", Criteria: []requirement.Criterion{price, quality, green},
		Requirements: []requirement.Requirement{amount, rated(42, quality, "Beskriv universell utforming (WCAG)"), rated(43, green, "Beskriv utslipp")}}
}

// Pack loads the rules.
func Pack(t T) rules.Pack {
	t.Helper()
	p, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Confirmed is the law after the lead buyer has confirmed all that a review of
// the procurement lists. The EEA thresholds that were not found get those of
// 2024–2026.
func Confirmed(t T, p procurement.Procurement) rules.Effective {
	t.Helper()
	values := map[string]int64{
		"foa.5-3.1b.eea-threshold-goods-services-other": 2_300_000,
		"foa.5-3.1c.eea-threshold-works":                57_800_000,
		"foa.5-3.2.eea-threshold-special-health-social": 7_800_000,
		"foa.5-3.1a.eea-threshold-goods-services-state": 1_490_000,
	}
	law := Pack(t)
	var given []rules.Confirmation
	required := Set()
	for range 4 { // a confirmed threshold can bring new rules into use
		open := p.Review(p.Plan.DispatchOn, law.With(given), &required).Unverified
		if len(open) == 0 {
			break
		}
		for _, r := range open {
			c := rules.Confirmation{RuleID: r.ID, On: p.Plan.DispatchOn, Source: "lovdata.no, lest 2026-10-20", By: "lead"}
			if v, ok := values[r.ID]; ok && r.Kind == rules.Unknown {
				c.Value = &v
			}
			if err := law.Check(c, p.Plan.DispatchOn); err != nil {
				t.Fatalf("confirming %s: %v", r.ID, err)
			}
			given = append(given, c)
		}
	}
	return law.With(given)
}
