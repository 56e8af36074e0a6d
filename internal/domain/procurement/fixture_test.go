package procurement_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/procurement/procurementtest"
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

// The procurement of the tests, and its dates.
var (
	day, at, id, lot                   = procurementtest.Day, procurementtest.At, procurementtest.ID, procurementtest.Lot
	plan, named, mandated, set         = procurementtest.Plan, procurementtest.Named, procurementtest.Mandated, procurementtest.Set
	lotOne, lotTwo, alice, bob, tender = procurementtest.LotOne, procurementtest.LotTwo, procurementtest.Alice, procurementtest.Bob, procurementtest.Tender
	launchAt, mandatesDue, dispatchOn  = procurementtest.LaunchAt, procurementtest.MandatesDue, procurementtest.DispatchOn
	publishAt, deadline, closedAt      = procurementtest.PublishAt, procurementtest.Deadline, procurementtest.ClosedAt
	openAt, awardAt, contractAt        = procurementtest.OpenAt, procurementtest.AwardAt, procurementtest.ContractAt
)

func pack(t tb) rules.Pack { return procurementtest.Pack(t) }

func confirmed(t tb, p procurement.Procurement) rules.Effective {
	return procurementtest.Confirmed(t, p)
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
