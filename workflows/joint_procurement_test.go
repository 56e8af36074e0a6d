package workflows_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/fellesloft/fellesloft/activities"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/workflows"
)

var over = activities.Outlook{Over: true}

func sleep(d time.Duration) activities.Outlook { return activities.Outlook{Sleep: d} }

// script plays a case: it answers each look and each command with the next of
// its outlooks, and keeps what it was asked.
type script struct {
	mu sync.Mutex
	// looks are the answers of PassTime in order; the last is repeated.
	looks []activities.Outlook
	// commands are the answers of CarryOut; the last is repeated.
	commands []activities.Outlook
	fail     func(name string, local bool) error

	calls  []string
	atOnce int
	most   int
}

func (s *script) answer(ctx context.Context, name string, from *[]activities.Outlook) (activities.Outlook, error) {
	local := activity.GetInfo(ctx).IsLocalActivity
	s.mu.Lock()
	call := name
	if !local {
		call += " (ordinary)"
	}
	s.calls = append(s.calls, call)
	s.atOnce++
	s.most = max(s.most, s.atOnce)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.atOnce--
		s.mu.Unlock()
	}()
	if s.fail != nil {
		if err := s.fail(name, local); err != nil {
			return activities.Outlook{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := (*from)[0]
	if len(*from) > 1 {
		*from = (*from)[1:]
	}
	return out, nil
}

func (s *script) PassTime(ctx context.Context, _ uuid.UUID) (activities.Outlook, error) {
	return s.answer(ctx, "look", &s.looks)
}

func (s *script) CarryOut(ctx context.Context, _ activities.Order) (activities.Outlook, error) {
	return s.answer(ctx, "command", &s.commands)
}

func (s *script) env(t *testing.T) *testsuite.TestWorkflowEnvironment {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(20 * time.Second)
	env.RegisterWorkflowWithOptions(workflows.JointProcurement, workflow.RegisterOptions{Name: workflows.NameJointProcurement})
	env.RegisterActivityWithOptions(s.PassTime, activity.RegisterOptions{Name: "PassTime"})
	env.RegisterActivityWithOptions(s.CarryOut, activity.RegisterOptions{Name: "CarryOut"})
	return env
}

func (s *script) run(t *testing.T, env *testsuite.TestWorkflowEnvironment) error {
	t.Helper()
	env.ExecuteWorkflow(workflows.NameJointProcurement, workflows.Case{ID: uuid.New(), N: 1})
	if !env.IsWorkflowCompleted() {
		t.Fatal("the workflow has not ended")
	}
	return env.GetWorkflowError()
}

func (s *script) expect(t *testing.T, calls ...string) {
	t.Helper()
	if !slices.Equal(s.calls, calls) {
		t.Errorf("calls = %q, want %q", s.calls, calls)
	}
}

// quiet keeps the SDK's own log out of the tests' output.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

// reply keeps how an update ended.
type reply struct{ done, failed error }

func (r *reply) callbacks() *testsuite.TestUpdateCallback {
	r.done = errors.New("no answer")
	return &testsuite.TestUpdateCallback{
		OnAccept:   func() {},
		OnReject:   func(err error) { r.done = err },
		OnComplete: func(_ any, err error) { r.done, r.failed = nil, err },
	}
}

// steerAfterAMinute gives the workflow a command a minute after its start.
func steerAfterAMinute(env *testsuite.TestWorkflowEnvironment, c workflows.Command) *reply {
	var r reply
	env.RegisterDelayedCallback(func() {
		env.UpdateWorkflow(workflows.UpdateSteer, c.ID.String(), r.callbacks(), c)
	}, time.Minute)
	return &r
}

func (r *reply) carriedOut(t *testing.T) {
	t.Helper()
	if r.done != nil || r.failed != nil {
		t.Errorf("the command ended with %v, %v", r.done, r.failed)
	}
}

func TestACaseThatIsOverEndsItsWorkflowAtOnce(t *testing.T) {
	t.Parallel()
	s := &script{looks: []activities.Outlook{over}}
	if err := s.run(t, s.env(t)); err != nil {
		t.Fatal(err)
	}
	s.expect(t, "look")
}

func TestTimersAreArmedUntilTheCaseIsOver(t *testing.T) {
	t.Parallel()
	s := &script{looks: []activities.Outlook{sleep(30 * 24 * time.Hour), sleep(5 * 24 * time.Hour), over}}
	env := s.env(t)
	begin := env.Now()
	if err := s.run(t, env); err != nil {
		t.Fatal(err)
	}
	s.expect(t, "look", "look", "look")
	if took := env.Now().Sub(begin); took != 35*24*time.Hour {
		t.Errorf("the procedure took %v, want 35 days", took)
	}
}

// The database's clock judges. A timer that fires before the deadline by that
// clock finds the same wait and is armed for the rest.
func TestATimerThatFiresEarlyIsArmedAgain(t *testing.T) {
	t.Parallel()
	s := &script{looks: []activities.Outlook{sleep(time.Hour), sleep(30 * time.Millisecond), over}}
	if err := s.run(t, s.env(t)); err != nil {
		t.Fatal(err)
	}
	s.expect(t, "look", "look", "look")
}

// What is due and does not end by itself would otherwise be asked for fifty
// times a second.
func TestAWaitThatTimeDoesNotEndIsNotAskedForInHaste(t *testing.T) {
	t.Parallel()
	s := &script{looks: []activities.Outlook{sleep(20 * time.Millisecond)}}
	env := s.env(t)
	env.RegisterDelayedCallback(env.CancelWorkflow, time.Hour)
	if err := s.run(t, env); !temporal.IsCanceledError(err) {
		t.Fatalf("err = %v, want cancelled", err)
	}
	if len(s.calls) > 120 {
		t.Errorf("looked %d times in an hour", len(s.calls))
	}
}

func TestSignalsThatArriveTogetherAreOneLook(t *testing.T) {
	t.Parallel()
	s := &script{looks: []activities.Outlook{{}, over}}
	env := s.env(t)
	env.RegisterDelayedCallback(func() {
		for range 50 {
			env.SignalWorkflow(workflows.SignalLookAgain, nil)
		}
	}, time.Minute)
	if err := s.run(t, env); err != nil {
		t.Fatal(err)
	}
	s.expect(t, "look", "look")
}

func TestASignalAtTheStartIsTheFirstLook(t *testing.T) {
	t.Parallel()
	s := &script{looks: []activities.Outlook{sleep(time.Hour), over}}
	env := s.env(t)
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.SignalLookAgain, nil) }, 0)
	begin := env.Now()
	if err := s.run(t, env); err != nil {
		t.Fatal(err)
	}
	if took := env.Now().Sub(begin); took < time.Hour {
		t.Errorf("the second look came after %v, want after the hour", took)
	}
}

func TestACommandIsOneActivityAndTellsWhatComesNext(t *testing.T) {
	t.Parallel()
	s := &script{looks: []activities.Outlook{sleep(time.Hour), over}, commands: []activities.Outlook{sleep(10 * time.Hour)}}
	env := s.env(t)
	begin := env.Now()
	answer := steerAfterAMinute(env, workflows.Command{ID: uuid.New()})
	if err := s.run(t, env); err != nil {
		t.Fatal(err)
	}
	answer.carriedOut(t)
	s.expect(t, "look", "command", "look")
	if took := env.Now().Sub(begin); took != 10*time.Hour+time.Minute {
		t.Errorf("took %v: the deadline that the command moved is not the one that was waited for", took)
	}
}

func TestACommandThatEndsTheCaseEndsTheWorkflow(t *testing.T) {
	t.Parallel()
	s := &script{looks: []activities.Outlook{sleep(time.Hour)}, commands: []activities.Outlook{over}}
	env := s.env(t)
	answer := steerAfterAMinute(env, workflows.Command{ID: uuid.New()})
	if err := s.run(t, env); err != nil {
		t.Fatal(err)
	}
	answer.carriedOut(t)
	s.expect(t, "look", "command")
}

func TestALongCommandIsAnOrdinaryActivity(t *testing.T) {
	t.Parallel()
	s := &script{looks: []activities.Outlook{{}}, commands: []activities.Outlook{over}}
	env := s.env(t)
	answer := steerAfterAMinute(env, workflows.Command{ID: uuid.New(), Long: true})
	if err := s.run(t, env); err != nil {
		t.Fatal(err)
	}
	answer.carriedOut(t)
	s.expect(t, "look", "command (ordinary)")
}

func TestCommandsAreCarriedOutOneAtATime(t *testing.T) {
	t.Parallel()
	s := &script{looks: []activities.Outlook{{}}, commands: []activities.Outlook{sleep(time.Hour), sleep(time.Hour), over}}
	env := s.env(t)
	var answers []*reply
	for range 3 {
		answers = append(answers, steerAfterAMinute(env, workflows.Command{ID: uuid.New()}))
	}
	if err := s.run(t, env); err != nil {
		t.Fatal(err)
	}
	for _, a := range answers {
		a.carriedOut(t)
	}
	if s.most != 1 {
		t.Errorf("%d activities ran at once", s.most)
	}
	s.expect(t, "look", "command", "command", "command")
}

// A command that is not there, as after a restore, fails its update and leaves
// the procedure as it was.
func TestACommandThatCannotBeCarriedOutFailsItsUpdateOnly(t *testing.T) {
	t.Parallel()
	s := &script{looks: []activities.Outlook{sleep(time.Hour), over}, commands: []activities.Outlook{over}}
	s.fail = func(name string, _ bool) error {
		if name == "command" {
			return activities.ApplicationError(fault.New(fault.NotFound, "not-found"))
		}
		return nil
	}
	env := s.env(t)
	answer := steerAfterAMinute(env, workflows.Command{ID: uuid.New()})
	if err := s.run(t, env); err != nil {
		t.Fatal(err)
	}
	var said *temporal.ApplicationError
	if !errors.As(answer.failed, &said) || said.Type() != "not_found/not-found" {
		t.Errorf("the update failed with %v", answer.failed)
	}
	s.expect(t, "look", "command", "look")
}

func TestAStepThatFailsThriceGoesOnAsAnOrdinaryActivity(t *testing.T) {
	t.Parallel()
	ordinary := 0
	s := &script{looks: []activities.Outlook{over}}
	s.fail = func(_ string, local bool) error {
		if local {
			return activities.ApplicationError(fault.New(fault.Unavailable, "database.unreachable"))
		}
		if ordinary++; ordinary < 9 {
			return activities.ApplicationError(fault.New(fault.Internal, "internal"))
		}
		return nil
	}
	env := s.env(t)
	begin := env.Now()
	if err := s.run(t, env); err != nil {
		t.Fatal(err)
	}
	want := slices.Concat(slices.Repeat([]string{"look"}, 3), slices.Repeat([]string{"look (ordinary)"}, 9))
	s.expect(t, want...)
	// 1+2+4+8+16+32 s, then a minute each.
	if took := env.Now().Sub(begin).Round(time.Second); took < 183*time.Second || took > 185*time.Second {
		t.Errorf("nine tries took %v, want 183 s: the pause is at most a minute", took)
	}
}

func TestALongHistoryMakesWayForAFreshRun(t *testing.T) {
	t.Parallel()
	s := &script{looks: []activities.Outlook{sleep(time.Hour)}, commands: []activities.Outlook{sleep(time.Hour)}}
	env := s.env(t)
	env.SetContinueAsNewSuggested(true)
	err := s.run(t, env)
	if !workflow.IsContinueAsNewError(err) {
		t.Fatalf("err = %v, want continue as new", err)
	}
	s.expect(t, "look")
}

func TestAnotherBuildMakesWayForAFreshRun(t *testing.T) {
	t.Parallel()
	one, two := activities.Outlook{Sleep: time.Hour, Build: "one"}, activities.Outlook{Sleep: time.Hour, Build: "two"}
	for name, s := range map[string]*script{
		"at a look":    {looks: []activities.Outlook{one, one, two}},
		"at a command": {looks: []activities.Outlook{one}, commands: []activities.Outlook{two}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := s.env(t)
			if s.commands != nil {
				answer := steerAfterAMinute(env, workflows.Command{ID: uuid.New()})
				defer answer.carriedOut(t)
			}
			if err := s.run(t, env); !workflow.IsContinueAsNewError(err) {
				t.Fatalf("err = %v, want continue as new", err)
			}
		})
	}
}

func TestOneTimerIsKeptWhileTheInstantStaysTheSame(t *testing.T) {
	t.Parallel()
	s := &script{looks: []activities.Outlook{sleep(time.Hour), sleep(59 * time.Minute), sleep(58*time.Minute + 300*time.Millisecond), sleep(10 * time.Minute), over}}
	env := s.env(t)
	armed := 0
	env.SetOnTimerScheduledListener(func(string, time.Duration) { armed++ })
	for i := range 3 {
		env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.SignalLookAgain, nil) }, time.Duration(i+1)*time.Minute)
	}
	if err := s.run(t, env); err != nil {
		t.Fatal(err)
	}
	s.expect(t, "look", "look", "look", "look", "look")
	// The callbacks are timers of the test environment's own and are not told
	// of; the workflow arms one for the hour and one when the instant moves.
	if armed != 2 {
		t.Errorf("%d timers were armed, want 2", armed)
	}
}
