package procurement_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// commands gives one command of every operation that is lawful in some phase.
func commands(t tb, p procurement.Procurement) []procurement.Command {
	return []procurement.Command{
		procurement.Revise{Plan: p.Plan, Participants: p.Participants},
		procurement.Launch{},
		procurement.GiveMandate{Terms: terms(), Tally: mandated(12)},
		procurement.DeclineMandate{Reason: "Har egen avtale", Tally: named(11)},
		procurement.ExtendMandates{Until: p.Plan.MandateDeadline.AddDate(0, 0, 7)},
		publication(t, p),
		procurement.ExtendDeadline{Until: p.Plan.TenderDeadline.AddDate(0, 0, 7), Reason: "Feil i portalen", Outage: "2026-12-10 11:40-12:20"},
		procurement.ApproveOpening{Part: procurement.Quality, By: alice},
		procurement.Open{Part: procurement.Quality},
		procurement.Reject{Ground: procurement.GroundMaterial, Reason: "Oppfyller ikke krav 3"},
		procurement.Score{Part: procurement.Quality, Rated: true, Impartial: true},
		awarding(t, p),
		procurement.ReverseAward{Reason: "Feil i poengene"},
		signing(t, p),
		procurement.AwardNotice{Reference: "2027-1"},
		procurement.Cancel{Reason: "Behovet falt bort"},
		procurement.DeclareUnsuccessful{Reason: "Alle er avvist"},
		procurement.Suspend{Reason: "Begjæring om midlertidig forføyning"},
		procurement.Resume{},
		procurement.CallOff{Amount: money.Kroner(1), Buyer: buyer()},
		procurement.PassTime{},
	}
}

// allowed says in which phases an operation can be lawful at all.
var allowed = map[string][]procurement.Phase{
	procurement.OpRevise:              {procurement.Draft, procurement.Mandates, procurement.Preparation},
	procurement.OpLaunch:              {procurement.Draft},
	procurement.OpGiveMandate:         {procurement.Mandates},
	procurement.OpDeclineMandate:      {procurement.Mandates},
	procurement.OpExtendMandates:      {procurement.Mandates},
	procurement.OpPublish:             {procurement.Preparation},
	procurement.OpExtendDeadline:      {procurement.Tendering, procurement.Opening, procurement.Unsuccessful},
	procurement.OpApproveOpening:      {procurement.Opening, procurement.Evaluation},
	procurement.OpOpen:                {procurement.Opening, procurement.Evaluation},
	procurement.OpReject:              {procurement.Evaluation},
	procurement.OpScore:               {procurement.Evaluation},
	procurement.OpAward:               {procurement.Evaluation},
	procurement.OpReverseAward:        {procurement.Standstill, procurement.Contracting},
	procurement.OpSignContract:        {procurement.Contracting},
	procurement.OpAwardNotice:         {procurement.Running},
	procurement.OpCancel:              {procurement.Draft, procurement.Mandates, procurement.Preparation, procurement.Tendering, procurement.Opening, procurement.Evaluation, procurement.Standstill, procurement.Contracting},
	procurement.OpDeclareUnsuccessful: {procurement.Evaluation},
	procurement.OpSuspend:             {procurement.Tendering, procurement.Opening, procurement.Evaluation, procurement.Standstill, procurement.Contracting},
	procurement.OpCallOff:             {procurement.Contracting, procurement.Running},
}

// Refusals that stand for "not in this phase" where a better reason is at hand.
var otherwise = map[string]string{
	procurement.OpApproveOpening: "opening.before-deadline", // FOA § 22-3
	procurement.OpOpen:           "opening.before-deadline",
	procurement.OpSignContract:   "contract.standstill", // FOA § 25-2
	procurement.OpResume:         "procurement.not-suspended",
}

func TestEveryCommandInEveryPhase(t *testing.T) {
	t.Parallel()
	for _, phase := range procurement.Phases() {
		t.Run(string(phase), func(t *testing.T) {
			t.Parallel()
			p, now := inPhase(t, phase)
			if p.Phase != phase {
				t.Fatalf("the fixture is in %s", p.Phase)
			}
			for _, c := range commands(t, p) {
				op := c.Operation()
				if op == procurement.OpPassTime {
					continue // always allowed
				}
				_, err := p.Decide(c, now)
				rule := fault.RuleOf(err)
				byPhase := rule == "procurement.wrong-phase" || rule != "" && rule == otherwise[op]
				if can := slices.Contains(allowed[op], phase); can == byPhase {
					t.Errorf("%s: allowed here is %t, got %v", op, can, err)
				}
				if err != nil && op != procurement.OpLaunch && fault.KindOf(err) == fault.Internal {
					t.Errorf("%s: %v", op, err)
				}
			}
		})
	}
}

type unknown struct{}

func (unknown) Operation() string { return "unknown" }

func TestUnknownCommand(t *testing.T) {
	t.Parallel()
	_, err := drafted().Decide(unknown{}, launchAt)
	refused(t, err, fault.Internal, "procurement.unknown-command", "", "")
}

func TestListsAreWhole(t *testing.T) {
	t.Parallel()
	seen := map[any]bool{}
	for _, k := range procurement.EventKinds() {
		if seen[k] || k == "" {
			t.Errorf("event %q twice or empty", k)
		}
		seen[k] = true
	}
	for _, w := range procurement.Waitings() {
		if seen[w] || w == "" {
			t.Errorf("wait %q twice or empty", w)
		}
		seen[w] = true
	}
	// Draft is driven by nobody, and the ends are over.
	for _, p := range procurement.Phases() {
		over := slices.Contains([]procurement.Phase{procurement.Draft, procurement.Ended, procurement.Cancelled, procurement.Unsuccessful}, p)
		if p.Open() == over {
			t.Errorf("%s: open %t", p, p.Open())
		}
	}
}

// A suspension holds what leads to a contract (FOA § 25-3; § 10-3 for special
// services in Part II; elsewhere it is the lead buyer's own choice).
func TestSuspensionHoldsWhatLeadsToAContract(t *testing.T) {
	t.Parallel()
	free := []string{procurement.OpResume, procurement.OpCancel, procurement.OpReverseAward, procurement.OpExtendDeadline, procurement.OpExtendMandates,
		procurement.OpGiveMandate, procurement.OpDeclineMandate, procurement.OpPassTime, procurement.OpCallOff}
	for _, phase := range allowed[procurement.OpSuspend] {
		t.Run(string(phase), func(t *testing.T) {
			t.Parallel()
			p, now := inPhase(t, phase)
			p = must(t, p, procurement.Suspend{Reason: "Klage"}, now)
			for _, c := range commands(t, p) {
				_, err := p.Decide(c, now)
				held := fault.RuleOf(err) == "procurement.suspended"
				if held == slices.Contains(free, c.Operation()) {
					t.Errorf("%s held: %t", c.Operation(), held)
				}
				if held {
					refused(t, err, fault.Conflict, "procurement.suspended", "", "FOA § 25-3")
				}
			}
			if w := p.Waits(now); w[len(w)-1].For != procurement.ForResumption {
				t.Errorf("does not wait for resumption: %v", w)
			}
			p = must(t, p, procurement.Resume{}, now)
			if p.Suspended() || p.State.SuspendedFor != "" || p.Phase != phase {
				t.Errorf("after resuming at the same instant: %s, %+v", p.Phase, p.State)
			}
		})
	}
}

func TestSuspensionParagraphInPartII(t *testing.T) {
	t.Parallel()
	for contract, paragraph := range map[string]string{"services": "", "special": "FOA § 10-3"} {
		p := closed(t)
		p.State.Regime = "II"
		p.Plan.Contract = procurement.Plan{}.Contract
		if contract == "special" {
			p.Plan.Contract = "special"
		}
		p = must(t, p, procurement.Suspend{Reason: "Klage"}, openAt)
		_, err := p.Decide(procurement.Open{Part: procurement.Quality}, openAt)
		refused(t, err, fault.Conflict, "procurement.suspended", "", paragraph)
	}
}

// Decide gives a new value and leaves its receiver as it was.
func TestDecideLeavesItsReceiverAlone(t *testing.T) {
	t.Parallel()
	for _, phase := range procurement.Phases() {
		p, now := inPhase(t, phase)
		p.State.Reminded = append(make([]procurement.Reminder, 0, 8), procurement.Reminder{For: procurement.ForEnd})
		p.Approvals = map[procurement.Part][]uuid.UUID{procurement.Quality: append(make([]uuid.UUID, 0, 8), id(99))}
		for _, c := range commands(t, p) {
			before := snapshot(t, p)
			if _, err := p.Decide(c, now); err == nil && !reflect.DeepEqual(before, snapshot(t, p)) {
				t.Errorf("%s in %s changed its receiver", c.Operation(), phase)
			}
		}
	}
}
