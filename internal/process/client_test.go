package process_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/process"
	"github.com/fellesloft/fellesloft/workflows"
)

func workflowID(of app.OpenCase) string { return workflows.WorkflowID(of.Kind, of.ID, of.N) }

func steer(ctx context.Context, c *process.Client, of app.OpenCase, command uuid.UUID) error {
	return c.Steer(ctx, of.Kind, of.ID, of.N, command)
}

func expectState(t *testing.T, c *process.Client, of app.OpenCase, want process.State) {
	t.Helper()
	var got process.State
	eventually(t, "the process is "+string(want), func() bool {
		var err error
		got, err = c.StateOf(t.Context(), of)
		return err == nil && got == want
	})
}

func TestACommandSentTwiceIsCarriedOutOnce(t *testing.T) {
	t.Parallel()
	c, on := connect(t, temporal(t)), newCases()
	work(t, c, on, "")
	of := on.add(state{open: true})
	command := on.command(of)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if err := steer(t.Context(), c, of, command); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := on.times(command); n != 1 {
		t.Errorf("carried out %d times", n)
	}
	expectState(t, c, of, process.Running)
}

// A refusal that reaches the update at all is one of the program's own, such
// as a command that a restore has taken away; it keeps its codes.
func TestAFaultComesBackAsItWas(t *testing.T) {
	t.Parallel()
	c, on := connect(t, temporal(t)), newCases()
	work(t, c, on, "")
	of := on.add(state{open: true})
	err := steer(t.Context(), c, of, uuid.New())
	if f, ok := fault.As(err); !ok || f.Kind != fault.NotFound || f.Rule != "not-found" {
		t.Errorf("err = %v, want not_found", err)
	}
	if err := steer(t.Context(), c, of, on.command(of)); err != nil {
		t.Errorf("the next command: %v", err)
	}
}

func TestWithoutAWorkerTheOutcomeIsUnknownAndComesLater(t *testing.T) {
	t.Parallel()
	c, on := connect(t, temporal(t)), newCases()
	of := on.add(state{open: true})
	command := on.command(of)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if err := steer(ctx, c, of, command); !fault.Is(err, fault.Unavailable) {
		t.Errorf("err = %v, want unavailable", err)
	}
	work(t, c, on, "")
	if err := steer(t.Context(), c, of, command); err != nil {
		t.Error(err)
	}
	if n := on.times(command); n != 1 {
		t.Errorf("carried out %d times", n)
	}
}

func TestATerminatedProcessStartsAnewAndAFinishedOneNever(t *testing.T) {
	t.Parallel()
	options := temporal(t)
	c, on := connect(t, options), newCases()
	work(t, c, on, "")
	of := on.add(state{open: true})
	if err := c.Wake(t.Context(), of); err != nil {
		t.Fatal(err)
	}
	operator, err := client.Dial(options)
	if err != nil {
		t.Fatal(err)
	}
	defer operator.Close()
	if err := operator.TerminateWorkflow(t.Context(), workflowID(of), "", "by an operator"); err != nil {
		t.Fatal(err)
	}
	expectState(t, c, of, process.Stopped)
	if err := steer(t.Context(), c, of, on.command(of)); err != nil {
		t.Fatalf("steer after terminate: %v", err)
	}
	expectState(t, c, of, process.Running)

	on.change(of, func(s *state) { s.open = false })
	if err := c.Wake(t.Context(), of); err != nil {
		t.Fatal(err)
	}
	expectState(t, c, of, process.Finished)
	if err := c.Wake(t.Context(), of); !errors.Is(err, process.ErrFinished) {
		t.Errorf("wake: %v, want finished", err)
	}
	if err := steer(t.Context(), c, of, on.command(of)); !errors.Is(err, process.ErrFinished) {
		t.Errorf("steer: %v, want finished", err)
	}
	expectState(t, c, of, process.Finished)
}

func TestTheCommandThatEndsACaseIsAnswered(t *testing.T) {
	t.Parallel()
	c, on := connect(t, temporal(t)), newCases()
	on.onCarryOut = func(_ uuid.UUID, s *state) error {
		s.open = false
		return nil
	}
	work(t, c, on, "")
	of := on.add(state{open: true, next: time.Now().Add(time.Hour)})
	if err := steer(t.Context(), c, of, on.command(of)); err != nil {
		t.Errorf("err = %v", err)
	}
	expectState(t, c, of, process.Finished)
}

func TestAnotherBuildBeginsAFreshRun(t *testing.T) {
	t.Parallel()
	c, on := connect(t, temporal(t)), newCases()
	of := on.add(state{open: true})
	stop := work(t, c, on, "one")
	for range 2 {
		if err := steer(t.Context(), c, of, on.command(of)); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	work(t, c, on, "two")
	command := on.command(of)
	if err := steer(t.Context(), c, of, command); err != nil {
		t.Fatal(err)
	}
	var runs int
	eventually(t, "there are two runs", func() bool {
		h, err := c.Histories(t.Context(), of)
		if err != nil {
			return false
		}
		runs = len(h)
		return runs == 2
	})
	if err := steer(t.Context(), c, of, command); err != nil {
		t.Errorf("the same command in the next run: %v", err)
	}
	if err := steer(t.Context(), c, of, on.command(of)); err != nil {
		t.Fatal(err)
	}
	h, err := c.Histories(t.Context(), of)
	if err != nil {
		t.Fatal(err)
	}
	if len(h) != 2 {
		t.Errorf("%d runs: a run on the build that began it stays", len(h))
	}
	record(t, c, of, "two-builds")
}

func TestActionsOfAProcedure(t *testing.T) {
	t.Parallel()
	c, on := connect(t, temporal(t)), newCases()
	on.onCarryOut = func(_ uuid.UUID, s *state) error {
		s.next = time.Now().Add(24 * time.Hour)
		return nil
	}
	work(t, c, on, "")
	of := on.add(state{open: true, next: time.Now().Add(1500 * time.Millisecond)})
	cost := func() process.Cost {
		h, err := c.Histories(t.Context(), of)
		if err != nil {
			t.Fatal(err)
		}
		return process.CostOf(h)
	}
	step := func(what string, budget int, do func()) {
		before := cost().Total()
		do()
		if n := cost().Total() - before; n > budget {
			t.Errorf("%s took %d actions, at most %d are allowed: %v", what, n, budget, cost().Actions)
		} else {
			t.Logf("%s: %d actions", what, n)
		}
	}

	if err := c.Wake(t.Context(), of); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it has looked", func() bool { return on.looks(of) == 1 })
	eventually(t, "its timer is armed", func() bool { return cost().Actions["timer started"] == 1 })
	if n := cost().Total(); n > 4 {
		t.Errorf("the launch took %d actions, at most 4 are allowed: %v", n, cost().Actions)
	} else {
		t.Logf("launch: %d actions", n)
	}
	step("a deadline after which a person acts", 1, func() {
		eventually(t, "the deadline has passed", func() bool { return cost().Actions["marker recorded"] == 2 })
	})
	step("a command that sets a deadline", 3, func() {
		if err := steer(t.Context(), c, of, on.command(of)); err != nil {
			t.Fatal(err)
		}
	})
	step("a fact that changes no deadline", 2, func() {
		if err := c.Wake(t.Context(), of); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it has looked", func() bool { return cost().Actions["marker recorded"] == 4 })
	})
	on.change(of, func(s *state) { s.open = false })
	if err := c.Wake(t.Context(), of); err != nil {
		t.Fatal(err)
	}
	expectState(t, c, of, process.Finished)
	t.Logf("launch, deadline, command, fact, end: %d actions, %d events", cost().Total(), cost().Events)
	record(t, c, of, "launch-deadline-command-fact-end")
}

// record keeps the histories of a process for the replay tests, where
// RECORD_HISTORIES names the release that they are of.
func record(t *testing.T, c *process.Client, of app.OpenCase, name string) {
	t.Helper()
	release := os.Getenv("RECORD_HISTORIES")
	if release == "" {
		return
	}
	folder := filepath.Join("../../workflows/testdata/histories", release)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	runs, err := c.Histories(t.Context(), of)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range runs {
		if err := process.WriteHistory(filepath.Join(folder, fmt.Sprintf("%s-%d.json", name, i+1)), h); err != nil {
			t.Fatal(err)
		}
	}
}

// A step that cannot be done for a while goes on as an ordinary activity, and
// what is long is one from the beginning.
func TestWhatIsLongOrFailsIsAnOrdinaryActivity(t *testing.T) {
	t.Parallel()
	c, on := connect(t, temporal(t)), newCases()
	tries := 0
	on.onCarryOut = func(uuid.UUID, *state) error {
		if tries++; tries < 5 {
			return fault.New(fault.Unavailable, "database.unreachable")
		}
		return nil
	}
	work(t, c, on, "")
	of := on.add(state{open: true})
	if err := steer(t.Context(), c, of, on.command(of)); err != nil {
		t.Fatal(err)
	}
	if err := c.SteerLong(t.Context(), of.Kind, of.ID, of.N, on.command(of)); err != nil {
		t.Fatal(err)
	}
	h, err := c.Histories(t.Context(), of)
	if err != nil {
		t.Fatal(err)
	}
	if n := process.CostOf(h).Actions["activity scheduled"]; n != 2 {
		t.Errorf("%d ordinary activities, want 2", n)
	}
	record(t, c, of, "ordinary-activities")
}
