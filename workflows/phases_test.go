package workflows_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/fellesloft/fellesloft/activities"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	fixture "github.com/fellesloft/fellesloft/internal/domain/procurement/procurementtest"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/workflows"
)

// world is a case with the law applied to it, in memory and by the test's
// clock: what Postgres and the use cases are to the real workflow.
type world struct {
	t   *testing.T
	env *testsuite.TestWorkflowEnvironment

	mu       sync.Mutex
	p        procurement.Procurement
	commands map[uuid.UUID]procurement.Command
	refused  []string
	happened []procurement.EventKind
	at       map[procurement.EventKind]time.Time
}

// newWorld begins at the launch: the row and its wake are written, the workflow
// starts.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, commands: map[uuid.UUID]procurement.Command{}, at: map[procurement.EventKind]time.Time{}}
	p := procurement.Procurement{ID: fixture.ID(100), Phase: procurement.Draft, Plan: fixture.Plan(), Participants: fixture.Named(12), N: 1}
	launched, err := p.Decide(procurement.Launch{}, fixture.LaunchAt)
	if err != nil {
		t.Fatal(err)
	}
	w.p = launched.After

	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	w.env = suite.NewTestWorkflowEnvironment()
	w.env.SetStartTime(fixture.LaunchAt)
	w.env.SetTestTimeout(30 * time.Second)
	w.env.RegisterWorkflowWithOptions(workflows.JointProcurement, workflow.RegisterOptions{Name: workflows.NameJointProcurement})
	w.env.RegisterActivityWithOptions(w.PassTime, activity.RegisterOptions{Name: "PassTime"})
	w.env.RegisterActivityWithOptions(w.CarryOut, activity.RegisterOptions{Name: "CarryOut"})
	return w
}

// PassTime does what the use case does, without a database.
func (w *world) PassTime(context.Context, uuid.UUID) (activities.Outlook, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.look(), nil
}

func (w *world) look() activities.Outlook {
	now := w.env.Now()
	w.take(procurement.PassTime{})
	if !w.p.Phase.Open() {
		return activities.Outlook{Over: true}
	}
	if next := w.p.NextWake(now); !next.IsZero() {
		return activities.Outlook{Sleep: next.Sub(now)}
	}
	return activities.Outlook{}
}

// CarryOut ends a command; a refusal is a result.
func (w *world) CarryOut(_ context.Context, o activities.Order) (activities.Outlook, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.take(w.commands[o.CommandID])
	return w.look(), nil
}

func (w *world) take(c procurement.Command) bool {
	change, err := w.p.Decide(c, w.env.Now())
	if err != nil {
		w.refused = append(w.refused, fault.RuleOf(err))
		return false
	}
	w.p = change.After
	for _, e := range change.Events {
		w.happened = append(w.happened, e.Kind)
		w.at[e.Kind] = w.env.Now()
	}
	return change.Wake
}

// steer gives a command at an instant; command sees the case as it is then.
func (w *world) steer(at time.Time, command func(p procurement.Procurement) procurement.Command) {
	w.env.RegisterDelayedCallback(func() {
		id := uuid.New()
		w.mu.Lock()
		w.commands[id] = command(w.p)
		w.mu.Unlock()
		w.env.UpdateWorkflow(workflows.UpdateSteer, id.String(), (&reply{}).callbacks(), workflows.Command{ID: id})
	}, at.Sub(fixture.LaunchAt))
}

// fact records a fact at an instant, and wakes the workflow if it waits for it.
func (w *world) fact(at time.Time, command func(p procurement.Procurement) procurement.Command) {
	w.env.RegisterDelayedCallback(func() {
		w.mu.Lock()
		wake := w.take(command(w.p))
		w.mu.Unlock()
		if wake {
			w.env.SignalWorkflow(workflows.SignalLookAgain, nil)
		}
	}, at.Sub(fixture.LaunchAt))
}

// row changes counts that other transactions write.
func (w *world) row(at time.Time, change func(p *procurement.Procurement)) {
	w.env.RegisterDelayedCallback(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		change(&w.p)
	}, at.Sub(fixture.LaunchAt))
}

func (w *world) run() {
	w.t.Helper()
	w.env.ExecuteWorkflow(workflows.NameJointProcurement, workflows.Case{ID: w.p.ID, N: 1})
	if !w.env.IsWorkflowCompleted() {
		w.t.Fatalf("the workflow waits in phase %s", w.p.Phase)
	}
	if err := w.env.GetWorkflowError(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) ends(phase procurement.Phase, refused ...string) {
	w.t.Helper()
	if w.p.Phase != phase {
		w.t.Errorf("ended as %s, want %s", w.p.Phase, phase)
	}
	if !slices.Equal(w.refused, refused) {
		w.t.Errorf("refused %q, want %q", w.refused, refused)
	}
}

func (w *world) when(kind procurement.EventKind, want time.Time) {
	w.t.Helper()
	got, ok := w.at[kind]
	if !ok || got.Sub(want).Abs() > time.Second {
		w.t.Errorf("%s at %s, want %s", kind, got, want)
	}
}

func (w *world) allAnswer() {
	w.fact(fixture.At("2026-10-01 10:00"), func(procurement.Procurement) procurement.Command {
		return procurement.GiveMandate{Terms: terms(), Tally: fixture.Mandated(12)}
	})
}

func (w *world) publish() {
	w.steer(fixture.PublishAt, func(p procurement.Procurement) procurement.Command {
		return procurement.Publish{Dispatch: procurement.Dispatch{On: fixture.DispatchOn, Reference: "2026-998877"}, Law: fixture.Confirmed(w.t, p),
			Set: fixture.Set(), SetID: fixture.ID(30), Version: 1, Documents: []string{"tender_rules", "contract_draft"}, Team: procurement.Team{Openers: 2, Evaluators: 2}}
	})
}

func (w *world) threeTenders() {
	w.row(fixture.Deadline.Add(-time.Hour), func(p *procurement.Procurement) { p.Tenders.Submitted = 3 })
}

func (w *world) open() {
	w.row(fixture.OpenAt, func(p *procurement.Procurement) {
		p.Approvals = map[procurement.Part][]uuid.UUID{procurement.Quality: {fixture.Alice, fixture.Bob}}
	})
	w.steer(fixture.OpenAt.Add(time.Minute), func(procurement.Procurement) procurement.Command {
		return procurement.Open{Part: procurement.Quality}
	})
	w.row(fixture.OpenAt.Add(time.Hour), func(p *procurement.Procurement) { p.Tenders.Scored, p.Tenders.QualityScored = true, true })
}

func (w *world) award(at time.Time) {
	w.steer(at, func(p procurement.Procurement) procurement.Command {
		return procurement.Award{Law: fixture.Confirmed(w.t, p), Winners: []procurement.Winner{{Lot: fixture.LotOne, Tender: fixture.Tender, Reason: "Best på kvalitet"}},
			Leaders: map[uuid.UUID][]uuid.UUID{fixture.LotOne: {fixture.Tender}}}
	})
}

func (w *world) sign(at time.Time) {
	w.fact(at, func(p procurement.Procurement) procurement.Command {
		day := fixture.Day(at.Format("2006-01-02"))
		return procurement.SignContract{BuyerOn: day, SupplierOn: day, Law: fixture.Confirmed(w.t, p), Signed: 1, Total: 1}
	})
}

func terms() procurement.MandateTerms {
	return procurement.MandateTerms{DecidedOn: fixture.Day("2026-09-30"), CaseReference: "2026/1234", Scope: "Alle tjenester i planen", Lots: []uuid.UUID{fixture.LotOne},
		Maximum: fixture.Mandated(12).MandatedValue / 12, CostShare: 80_000, EndsOn: fixture.Day("2031-02-28")}
}

// Every phase from launch to the end of the contract, four years later: each
// date decides at its instant and none before.
func TestEveryPhase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.allAnswer()
	w.publish()
	w.threeTenders()
	w.open()
	w.award(fixture.AwardAt)
	w.sign(fixture.ContractAt)
	w.fact(fixture.At("2027-02-10 10:00"), func(procurement.Procurement) procurement.Command {
		return procurement.AwardNotice{Reference: "2027-1"}
	})
	w.run()
	w.ends(procurement.Ended)
	w.when(procurement.MandatesDone, fixture.At("2026-10-01 10:00"))
	w.when(procurement.Closed, fixture.ClosedAt)
	// Letters on Mon 11.1.2027: day 10 is Thu 21.1, contract earliest Fri 22.1
	// (FOA § 25-2 (1)).
	w.when(procurement.StandstillOver, fixture.At("2027-01-22 00:00"))
	w.when(procurement.EndedByTime, fixture.At("2031-03-01 00:00"))
}

func TestWhoeverDoesNotAnswerDropsOutAtTheMandateDeadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fact(fixture.At("2026-10-01 10:00"), func(procurement.Procurement) procurement.Command {
		tally := fixture.Mandated(10)
		tally.Named = 2
		return procurement.GiveMandate{Terms: terms(), Tally: tally}
	})
	w.steer(fixture.At("2026-10-20 10:00"), func(procurement.Procurement) procurement.Command {
		return procurement.Cancel{Reason: "Behovet falt bort"}
	})
	w.run()
	w.ends(procurement.Cancelled)
	w.when(procurement.MandatesDone, fixture.MandatesDue)
	if w.p.Participants.Dropped != 2 {
		t.Errorf("dropped %d", w.p.Participants.Dropped)
	}
}

// Below the quorum nothing goes on by itself: the lead buyer sets a new
// deadline, or cancels.
func TestAMissedQuorumWaitsForTheLeadBuyer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	extended := fixture.At("2026-10-28 12:00")
	w.fact(fixture.At("2026-10-20 10:00"), func(procurement.Procurement) procurement.Command {
		return procurement.ExtendMandates{Until: extended}
	})
	w.steer(fixture.At("2026-10-30 10:00"), func(procurement.Procurement) procurement.Command {
		return procurement.Cancel{Reason: "For få fullmakter"}
	})
	w.run()
	w.ends(procurement.Cancelled)
	w.when(procurement.QuorumMissed, extended)
	n := 0
	for _, k := range w.happened {
		if k == procurement.QuorumMissed {
			n++
		}
	}
	if n != 2 {
		t.Errorf("the quorum was missed %d times, want at both deadlines", n)
	}
}

func TestNoTendersEndTheProcedureAtClosing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.allAnswer()
	w.publish()
	w.run()
	w.ends(procurement.Unsuccessful)
	w.when(procurement.NoTenders, fixture.ClosedAt)
}

func TestEveryPhaseCanBeCancelledUntilTheContract(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]time.Time{
		"mandates":    fixture.At("2026-09-20 10:00"),
		"preparation": fixture.At("2026-10-20 10:00"),
		"tendering":   fixture.At("2026-11-20 10:00"),
		"opening":     fixture.OpenAt.Add(-time.Minute),
		"evaluation":  fixture.At("2027-01-04 10:00"),
		"standstill":  fixture.At("2027-01-15 10:00"),
		"contract":    fixture.At("2027-01-25 10:00"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.allAnswer()
			w.publish()
			w.threeTenders()
			w.open()
			w.award(fixture.AwardAt)
			w.steer(at, func(procurement.Procurement) procurement.Command {
				return procurement.Cancel{Reason: "Behovet falt bort"}
			})
			w.run()
			if w.p.Phase != procurement.Cancelled {
				t.Fatalf("ended as %s", w.p.Phase)
			}
			w.when(procurement.CancelledByLead, at)
		})
	}
}

// A reversed award is decided anew, with a standstill of its own.
func TestAReversedAwardIsDecidedAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.allAnswer()
	w.publish()
	w.threeTenders()
	w.open()
	w.award(fixture.AwardAt)
	w.steer(fixture.At("2027-01-14 10:00"), func(procurement.Procurement) procurement.Command {
		return procurement.ReverseAward{Reason: "Feil i poengberegningen"}
	})
	w.row(fixture.At("2027-01-14 11:00"), func(p *procurement.Procurement) { p.Tenders.Scored, p.Tenders.QualityScored = true, true })
	// Letters on Mon 18.1.2027: day 10 is Thu 28.1.
	w.award(fixture.At("2027-01-18 10:00"))
	w.sign(fixture.ContractAt)
	w.run()
	w.ends(procurement.Ended)
	w.when(procurement.StandstillOver, fixture.At("2027-01-29 00:00"))
	if w.p.State.AwardRound != 2 {
		t.Errorf("round %d", w.p.State.AwardRound)
	}
}

// An injunction within the standstill holds the contract (FOA § 25-3), however
// long; what became due meanwhile is done when it is lifted.
func TestASuspensionHoldsTheStandstill(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.allAnswer()
	w.publish()
	w.threeTenders()
	w.open()
	w.award(fixture.AwardAt)
	w.steer(fixture.At("2027-01-15 10:00"), func(procurement.Procurement) procurement.Command {
		return procurement.Suspend{Reason: "Midlertidig forføyning"}
	})
	w.sign(fixture.At("2027-01-27 10:00"))
	resumed := fixture.At("2027-02-10 10:00")
	w.steer(resumed, func(procurement.Procurement) procurement.Command { return procurement.Resume{} })
	w.sign(fixture.At("2027-02-11 10:00"))
	w.run()
	w.ends(procurement.Ended, "procurement.suspended")
	w.when(procurement.StandstillOver, resumed)
}

// A deadline that is moved later closes at the new instant and not at the old.
func TestAMovedDeadlineClosesLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.allAnswer()
	w.publish()
	later := fixture.At("2026-12-17 12:00")
	w.steer(fixture.At("2026-12-01 10:00"), func(procurement.Procurement) procurement.Command {
		return procurement.ExtendDeadline{Until: later, Reason: "Mange spørsmål"}
	})
	w.run()
	w.ends(procurement.Unsuccessful)
	w.when(procurement.Closed, later.Add(procurement.CloseAfter))
}

// A command that the law refuses changes nothing and ends no wait.
func TestARefusedCommandChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.allAnswer()
	w.publish()
	w.steer(fixture.At("2026-11-20 10:00"), func(procurement.Procurement) procurement.Command {
		return procurement.Open{Part: procurement.Quality}
	})
	w.run()
	w.ends(procurement.Unsuccessful, "opening.before-deadline")
	w.when(procurement.Closed, fixture.ClosedAt)
}
