// Package process is the program's only way to Temporal: it starts, wakes and
// steers the process that drives a case, relays the outbox, and compares every
// open case with what Temporal runs.
//
// Postgres holds every fact. What is lost here is found again: a message stands
// in the outbox until it has arrived, and reconcile starts what does not run.
package process

import (
	"context"
	"errors"
	"log/slog"

	"github.com/google/uuid"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/workflows"
)

// Client reaches the processes of cases. It is safe for concurrent use.
type Client struct {
	temporal client.Client
	log      *slog.Logger
}

var _ app.Steering = (*Client)(nil)

// NewClient makes a client that connects when it is first used, so that a
// Temporal that is away keeps nothing from starting. It returns invalid
// (config.temporal) for settings that can never work.
func NewClient(options client.Options, logger *slog.Logger) (*Client, error) {
	if logger == nil {
		logger = slog.Default()
	}
	options.Logger = log.NewStructuredLogger(logger)
	c, err := client.NewLazyClient(options)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "config.temporal", err)
	}
	return &Client{temporal: c, log: logger}, nil
}

// Close gives the connection up.
func (c *Client) Close() { c.temporal.Close() }

// Reachable returns unavailable (temporal.unreachable) while Temporal does not
// answer.
func (c *Client) Reachable(ctx context.Context) error {
	if _, err := c.temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return fault.Wrap(fault.Unavailable, "temporal.unreachable", err)
	}
	return nil
}

// Steer has the n-th process of a case carry out a command, starting the
// process where it does not run, and returns when the command has ended,
// however it ended: what became of it stands in the command's row. It returns
// [ErrFinished] when the process has finished, and unavailable when the outcome
// is unknown, which is not to say that the command was not carried out.
func (c *Client) Steer(ctx context.Context, kind string, caseID uuid.UUID, n int, commandID uuid.UUID) error {
	return c.steer(ctx, app.OpenCase{Kind: kind, ID: caseID, N: n}, workflows.Command{ID: commandID})
}

// SteerLong is [Client.Steer] for a command that takes longer than a few
// seconds, such as an opening.
func (c *Client) SteerLong(ctx context.Context, kind string, caseID uuid.UUID, n int, commandID uuid.UUID) error {
	return c.steer(ctx, app.OpenCase{Kind: kind, ID: caseID, N: n}, workflows.Command{ID: commandID, Long: true})
}

func (c *Client) steer(ctx context.Context, of app.OpenCase, command workflows.Command) error {
	name, err := nameOf(of)
	if err != nil {
		return err
	}
	handle, err := c.temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: c.temporal.NewWithStartWorkflowOperation(startOptions(of), name, input(of)),
		UpdateOptions: client.UpdateWorkflowOptions{
			// One command is one update: who asks twice gets the one answer.
			UpdateID:     command.ID.String(),
			UpdateName:   workflows.UpdateSteer,
			Args:         []any{command},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return mapped(err)
	}
	return mapped(handle.Get(ctx, nil))
}

// Wake has a case's process look at its case again, starting the process where
// it does not run. It returns [ErrFinished] and unavailable as [Client.Steer]
// does. Waking twice does no harm.
func (c *Client) Wake(ctx context.Context, of app.OpenCase) error {
	name, err := nameOf(of)
	if err != nil {
		return err
	}
	options := startOptions(of)
	_, err = c.temporal.SignalWithStartWorkflow(ctx, options.ID, workflows.SignalLookAgain, nil, options, name, input(of))
	return mapped(err)
}

// State is what Temporal knows of a process.
type State string

// The states of a process.
const (
	Missing  State = "missing"  // never started, or forgotten
	Running  State = "running"  // waits or works
	Stopped  State = "stopped"  // terminated, cancelled, failed or timed out: it may start anew
	Finished State = "finished" // came to its end; it never starts again
)

// StateOf asks Temporal for a process. It returns unavailable when Temporal
// does not answer.
func (c *Client) StateOf(ctx context.Context, of app.OpenCase) (State, error) {
	d, err := c.temporal.DescribeWorkflowExecution(ctx, idOf(of), "")
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return Missing, nil
	}
	if err != nil {
		return "", mapped(err)
	}
	switch d.GetWorkflowExecutionInfo().GetStatus() {
	case enums.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		return Finished, nil
	case enums.WORKFLOW_EXECUTION_STATUS_FAILED, enums.WORKFLOW_EXECUTION_STATUS_CANCELED,
		enums.WORKFLOW_EXECUTION_STATUS_TERMINATED, enums.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:
		return Stopped, nil
	}
	return Running, nil
}

// startOptions lets a process that runs go on, one that was stopped start anew,
// and one that has finished rest: another policy would either let one
// operator's terminate end a case for ever, or start a second process for a
// closed case.
func startOptions(of app.OpenCase) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                       idOf(of),
		TaskQueue:                workflows.TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
	}
}

func idOf(of app.OpenCase) string { return workflows.WorkflowID(of.Kind, of.ID, of.N) }

func input(of app.OpenCase) workflows.Case { return workflows.Case{ID: of.ID, N: of.N} }

func nameOf(of app.OpenCase) (string, error) {
	name, ok := workflows.NameOf(of.Kind)
	if !ok {
		return "", fault.New(fault.Internal, "process.unknown-kind", fault.Params{"kind": of.Kind})
	}
	return name, nil
}
