package activities_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"github.com/fellesloft/fellesloft/activities"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// cases answers like the use cases.
type cases struct {
	passed, carried []uuid.UUID
	outlook         app.Outlook
	fails           func() error
}

func (c *cases) PassTime(_ context.Context, id uuid.UUID) (app.Outlook, error) {
	c.passed = append(c.passed, id)
	if c.fails != nil {
		return app.Outlook{}, c.fails()
	}
	return c.outlook, nil
}

func (c *cases) CarryOut(_ context.Context, id uuid.UUID) error {
	c.carried = append(c.carried, id)
	return nil
}

func environment(c *cases, log *bytes.Buffer) (*testsuite.TestActivityEnvironment, *activities.Activities) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent{})
	env := suite.NewTestActivityEnvironment()
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{
		activities.Faults(slog.New(slog.NewTextHandler(log, nil))),
	}})
	a := &activities.Activities{Cases: c}
	env.RegisterActivity(a)
	return env, a
}

type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}

func TestCarryOutAlsoDoesWhatTheCommandMadeDue(t *testing.T) {
	t.Parallel()
	c := &cases{outlook: app.Outlook{Sleep: time.Hour}}
	env, a := environment(c, &bytes.Buffer{})
	order := activities.Order{CaseID: uuid.New(), CommandID: uuid.New()}
	value, err := env.ExecuteActivity(a.CarryOut, order)
	if err != nil {
		t.Fatal(err)
	}
	var out activities.Outlook
	if err := value.Get(&out); err != nil {
		t.Fatal(err)
	}
	if len(c.carried) != 1 || c.carried[0] != order.CommandID || len(c.passed) != 1 || c.passed[0] != order.CaseID || out.Sleep != time.Hour {
		t.Errorf("carried %v, passed %v, outlook %+v", c.carried, c.passed, out)
	}
}

const secret = "the price is 1 234 567"

// What an activity fails with stands in the workflow's history in clear.
func TestNothingButCodesReachesTheHistory(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fails     func() error
		kind      fault.Kind
		rule      string
		retryable bool
		logged    bool
	}{
		"a refusal": {
			func() error { return fault.Wrap(fault.Conflict, "procurement.phase", errors.New(secret)) },
			fault.Conflict, "procurement.phase", false, false,
		},
		"a database that is away": {
			func() error { return fault.Wrap(fault.Unavailable, "database.unreachable", errors.New(secret)) },
			fault.Unavailable, "database.unreachable", true, true,
		},
		"an own failure with a rule": {
			func() error { return fault.Wrap(fault.Internal, "command.decode", errors.New(secret)) },
			fault.Internal, "command.decode", true, true,
		},
		"an error that is no fault": {
			func() error { return fmt.Errorf("read answer: %w", errors.New(secret)) },
			fault.Internal, "internal", true, true,
		},
		"a panic": {
			func() error { panic(secret) },
			fault.Internal, "internal", true, true,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			env, a := environment(&cases{fails: test.fails}, &log)
			_, err := env.ExecuteActivity(a.PassTime, uuid.New())
			if strings.Contains(fmt.Sprintf("%+v", err), secret) {
				t.Errorf("the error tells %v", err)
			}
			var said *temporal.ApplicationError
			if !errors.As(err, &said) {
				t.Fatalf("err = %T", err)
			}
			var f fault.Error
			if err := said.Details(&f); err != nil {
				t.Fatal(err)
			}
			if said.Type() != string(test.kind)+"/"+test.rule || f.Kind != test.kind || f.Rule != test.rule || said.NonRetryable() == test.retryable {
				t.Errorf("said %s, retryable %t, details %+v", said.Type(), !said.NonRetryable(), f)
			}
			correlation := f.Params["correlation"]
			if (correlation != "") != test.logged {
				t.Errorf("correlation id %q, want one: %t", correlation, test.logged)
			}
			found := strings.Contains(log.String(), secret) && strings.Contains(log.String(), correlation)
			if found != test.logged {
				t.Errorf("the log has the chain: %t, want %t\n%s", found, test.logged, log.String())
			}
		})
	}
}

// Every kind keeps its place, field, paragraph and companions on the way.
func TestAFaultKeepsItsCodes(t *testing.T) {
	t.Parallel()
	for _, kind := range fault.Kinds() {
		f := fault.New(kind, "some.rule", fault.Params{"days": "30"}).At("lots[0].cpv").By("FOA § 20-2 (1)")
		f.Also = []*fault.Error{fault.New(fault.Invalid, "other.rule")}
		var said *temporal.ApplicationError
		if !errors.As(activities.ApplicationError(f), &said) {
			t.Fatal("no application error")
		}
		var back fault.Error
		if err := said.Details(&back); err != nil {
			t.Fatal(err)
		}
		if back.Error() != f.Error() {
			t.Errorf("%s came back as %s", f.Error(), back.Error())
		}
	}
}
