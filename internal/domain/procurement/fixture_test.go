package procurement_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// testing.T and rapid.T alike.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

func day(s string) calendar.Date { return calendar.MustParse(s) }

// at reads "2026-11-02 12:00" as Norwegian time.
func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Oslo)
	if err != nil {
		panic(err)
	}
	return t
}

func id(n byte) uuid.UUID { return uuid.UUID{15: n} }

var (
	lotOne, lotTwo = id(1), id(2)
	alice, bob     = id(11), id(12)
	tender         = id(21)
	// The dates of the plan, in order.
	launchAt    = at("2026-09-15 10:00")
	mandatesDue = at("2026-10-15 12:00")
	dispatchOn  = day("2026-11-02")
	publishAt   = at("2026-11-02 10:00")
	deadline    = at("2026-12-10 12:00")
	closedAt    = deadline.Add(procurement.CloseAfter)
	openAt      = at("2026-12-10 13:00")
	awardAt     = at("2027-01-11 09:00")
	contractAt  = at("2027-02-01 09:00")
)

func lot(n byte, estimated, maximum int64) procurement.Lot {
	return procurement.Lot{ID: id(n), Number: int(n), Title: "Trygghetsteknologi", CPV: "48814000", NUTS: []string{"NO0"},
		Estimated: money.Kroner(estimated), Maximum: money.Kroner(maximum)}
}

// plan is a framework agreement of four years over the EEA threshold, in one
// lot, whose every date the law allows.
func plan() procurement.Plan {
	return procurement.Plan{
		Title: "Velferdsteknologi", Description: "Felles rammeavtale", Contract: rules.Services, Procedure: rules.OpenProcedure,
		Language: "nb", CPV: "48814000", NUTS: []string{"NO0"}, Lots: []procurement.Lot{lot(1, 24_000_000, 36_000_000)},
		NoLotsReason: "Ett system må virke sammen", Framework: &procurement.Framework{Months: 48, Suppliers: 1},
		MandateDeadline: mandatesDue, Quorum: procurement.Quorum{Participants: 8},
		DispatchOn: dispatchOn, QuestionsBy: at("2026-11-27 12:00"), TenderDeadline: deadline,
		ValidUntil: day("2027-03-31"), AwardOn: day("2027-01-11"), ContractStarts: day("2027-03-01"), ContractEnds: day("2031-02-28"),
		Formula: evaluation.Standard,
	}
}

// named is the tally of n municipalities that are asked for mandates.
func named(n int) procurement.ParticipantTally {
	return procurement.ParticipantTally{Named: n, EstimatedValue: money.Kroner(24_000_000), MaximumValue: money.Kroner(36_000_000)}
}

// mandated is the tally after every one of n has given its mandate.
func mandated(n int) procurement.ParticipantTally {
	t := named(n)
	t.Named, t.Mandated = 0, n
	t.MandatedValue, t.EarliestMandateEnd, t.CostShare = t.MaximumValue, day("2031-02-28"), int64(requirement.Hundred)
	return t
}

// set is a valid requirement set with an environment criterion of 30 %.
func set() requirement.Set {
	price := requirement.Criterion{ID: id(31), Name: "Pris", Weight: requirement.Percents(40), Kind: requirement.PriceCriterion}
	quality := requirement.Criterion{ID: id(32), Name: "Kvalitet", Weight: requirement.Percents(30), Kind: requirement.QualityCriterion}
	green := requirement.Criterion{ID: id(33), Name: "Klima og miljø", Weight: requirement.Percents(30), Kind: requirement.Environment}
	rated := func(n byte, c requirement.Criterion, text string) requirement.Requirement {
		return requirement.Requirement{ID: id(n), Number: "1", Text: text, Kind: requirement.Rated, AnswerType: requirement.Text,
			Criterion: c.ID, Weight: requirement.Hundred, Mandatory: true}
	}
	amount := requirement.Requirement{ID: id(41), Number: "P1", Text: "Pris per år", Kind: requirement.Rated, AnswerType: requirement.Money,
		Criterion: price.ID, Mandatory: true}
	return requirement.Set{ID: id(30), Title: "Kravspesifikasjon", Criteria: []requirement.Criterion{price, quality, green},
		Requirements: []requirement.Requirement{amount, rated(42, quality, "Beskriv universell utforming (WCAG)"), rated(43, green, "Beskriv utslipp")}}
}

func pack(t tb) rules.Pack {
	t.Helper()
	p, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// confirmed is the law after the lead buyer has confirmed all that a review of
// the procurement lists. The EEA thresholds that were not found get those of
// 2024–2026.
func confirmed(t tb, p procurement.Procurement) rules.Effective {
	t.Helper()
	values := map[string]int64{
		"foa.5-3.1b.eea-threshold-goods-services-other": 2_300_000,
		"foa.5-3.1c.eea-threshold-works":                57_800_000,
		"foa.5-3.2.eea-threshold-special-health-social": 7_800_000,
		"foa.5-3.1a.eea-threshold-goods-services-state": 1_490_000,
	}
	law := pack(t)
	var given []rules.Confirmation
	for range 4 { // a confirmed threshold can bring new rules into use
		open := p.Review(p.Plan.DispatchOn, law.With(given), ptr(set())).Unverified
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

func ptr[T any](v T) *T { return &v }

func must(t tb, p procurement.Procurement, c procurement.Command, now time.Time) procurement.Procurement {
	t.Helper()
	change, err := p.Decide(c, now)
	if err != nil {
		t.Fatalf("%s in %s at %s: %v", c.Operation(), p.Phase, now, err)
	}
	return change.After
}

// The procurement in each phase, on the way of a tender in which all goes well.

func drafted() procurement.Procurement {
	return procurement.Procurement{ID: id(100), Phase: procurement.Draft, Plan: plan(), Participants: named(12), N: 1}
}

func launched(t tb) procurement.Procurement {
	return must(t, drafted(), procurement.Launch{}, launchAt)
}

func prepared(t tb) procurement.Procurement {
	p := launched(t)
	return must(t, p, procurement.GiveMandate{Terms: terms(), Tally: mandated(12)}, at("2026-10-01 10:00"))
}

func terms() procurement.MandateTerms {
	return procurement.MandateTerms{DecidedOn: day("2026-09-30"), CaseReference: "2026/1234", Scope: "Alle tjenester i planen", Lots: []uuid.UUID{lotOne},
		Maximum: money.Kroner(3_000_000), CostShare: requirement.Percents(8), EndsOn: day("2031-02-28")}
}

func publication(t tb, p procurement.Procurement) procurement.Publish {
	return procurement.Publish{Dispatch: procurement.Dispatch{On: dispatchOn, Reference: "2026-998877"}, Law: confirmed(t, p), Set: set(), SetID: id(30), Version: 1,
		Documents: []string{"tender_rules", "contract_draft"}, Team: procurement.Team{Openers: 2, Evaluators: 2}}
}

func published(t tb) procurement.Procurement {
	p := prepared(t)
	return must(t, p, publication(t, p), publishAt)
}

func closed(t tb) procurement.Procurement {
	p := published(t)
	p.Tenders.Submitted = 3
	return must(t, p, procurement.PassTime{}, closedAt)
}

func approved(t tb, p procurement.Procurement, part procurement.Part, by ...uuid.UUID) procurement.Procurement {
	for _, b := range by {
		p = must(t, p, procurement.ApproveOpening{Part: part, By: b}, openAt)
	}
	return p
}

func opened(t tb) procurement.Procurement {
	p := approved(t, closed(t), procurement.Quality, alice, bob)
	p = must(t, p, procurement.Open{Part: procurement.Quality}, openAt)
	p.Tenders.Scored, p.Tenders.QualityScored = true, true
	return p
}

func awarding(t tb, p procurement.Procurement) procurement.Award {
	a := procurement.Award{Law: confirmed(t, p), Leaders: map[uuid.UUID][]uuid.UUID{}}
	for _, l := range p.Plan.Lots {
		a.Winners = append(a.Winners, procurement.Winner{Lot: l.ID, Tender: tender, Reason: "Best på kvalitet", Value: l.Estimated})
		a.Leaders[l.ID] = []uuid.UUID{tender}
	}
	return a
}

func awarded(t tb) procurement.Procurement {
	p := opened(t)
	return must(t, p, awarding(t, p), awardAt)
}

func contracting(t tb) procurement.Procurement {
	p := awarded(t)
	return must(t, p, procurement.PassTime{}, p.State.StandstillUntil)
}

func signing(t tb, p procurement.Procurement) procurement.SignContract {
	return procurement.SignContract{BuyerOn: day("2027-01-28"), SupplierOn: day("2027-02-01"), Law: confirmed(t, p), Signed: 1, Total: 1}
}

func running(t tb) procurement.Procurement {
	p := contracting(t)
	return must(t, p, signing(t, p), contractAt)
}

// inPhase gives a procurement in each phase, and an instant that lies in it.
func inPhase(t tb, phase procurement.Phase) (procurement.Procurement, time.Time) {
	t.Helper()
	switch phase {
	case procurement.Draft:
		return drafted(), at("2026-09-01 10:00")
	case procurement.Mandates:
		return launched(t), at("2026-09-20 10:00")
	case procurement.Preparation:
		return prepared(t), publishAt
	case procurement.Tendering:
		return published(t), at("2026-11-10 10:00")
	case procurement.Opening:
		return closed(t), openAt
	case procurement.Evaluation:
		return opened(t), awardAt
	case procurement.Standstill:
		return awarded(t), at("2027-01-12 10:00")
	case procurement.Contracting:
		return contracting(t), contractAt
	case procurement.Running:
		return running(t), at("2027-03-15 10:00")
	case procurement.Ended:
		return must(t, running(t), procurement.PassTime{}, at("2031-03-01 00:00")), at("2031-03-02 10:00")
	case procurement.Cancelled:
		return must(t, launched(t), procurement.Cancel{Reason: "Behovet falt bort"}, at("2026-09-20 10:00")), at("2026-09-21 10:00")
	case procurement.Unsuccessful:
		return must(t, published(t), procurement.PassTime{}, closedAt), openAt
	}
	t.Fatal("no fixture for ", phase)
	return procurement.Procurement{}, time.Time{}
}

// refused asserts that an error holds a fault of the kind, rule, field and
// paragraph.
func refused(t tb, err error, kind fault.Kind, rule, field, paragraph string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok {
		t.Fatalf("no refusal, want %s", rule)
	}
	for _, e := range f.All() {
		if e.Rule == rule && e.Field == field {
			if e.Kind != kind || e.Paragraph != paragraph {
				t.Errorf("%s: got %s by %q, want %s by %q", rule, e.Kind, e.Paragraph, kind, paragraph)
			}
			return
		}
	}
	t.Errorf("got %v, want %s at %q", err, rule, field)
}

func kinds(c procurement.Change) []procurement.EventKind {
	var all []procurement.EventKind
	for _, e := range c.Events {
		all = append(all, e.Kind)
	}
	return all
}

func happened(t tb, c procurement.Change, want ...procurement.EventKind) {
	t.Helper()
	if got := kinds(c); !reflect.DeepEqual(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

// refusal is one row of a table of refusals: what is changed in a lawful case
// and command, and how it is refused.
type refusal[C procurement.Command] struct {
	name      string
	change    func(p *procurement.Procurement, c *C)
	kind      fault.Kind
	rule      string
	field     string
	paragraph string
}

// refuses runs a table of refusals against a lawful case, after proving that
// the command is accepted there unchanged.
func refuses[C procurement.Command](t *testing.T, p procurement.Procurement, c C, now time.Time, rows []refusal[C]) {
	t.Helper()
	if _, err := p.Decide(c, now); err != nil {
		t.Fatalf("refused where it is lawful: %v", err)
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p, c := p, c
			row.change(&p, &c)
			_, err := p.Decide(c, now)
			refused(t, err, row.kind, row.rule, row.field, row.paragraph)
		})
	}
}

// snapshot writes all of a procurement, with what lies behind its slices, so
// that a change in place shows.
func snapshot(t tb, p procurement.Procurement) string {
	t.Helper()
	behind := map[procurement.Part][]uuid.UUID{}
	for part, by := range p.Approvals {
		behind[part] = by[:cap(by)]
	}
	b, err := json.Marshal([]any{p, p.State.Reminded[:cap(p.State.Reminded)], behind})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
