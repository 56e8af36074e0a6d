package process

import (
	"context"
	"errors"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// ErrFinished says that a case's process has come to its end and does not start
// again: the case was closed.
var ErrFinished = errors.New("the process has finished")

// updateOutlived is the type under which the server fails an update whose
// workflow ended before it.
const updateOutlived = "AcceptedUpdateCompletedWorkflow"

// mapped gives what an answer of Temporal's means here: a fault of an activity
// as it was, [ErrFinished], or unavailable where nothing is known of the
// outcome (temporal.timeout, temporal.unreachable).
func mapped(err error) error {
	if err == nil {
		return nil
	}
	var said *temporal.ApplicationError
	if errors.As(err, &said) {
		return saidFault(said)
	}
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	var missing *serviceerror.NotFound
	if errors.As(err, &started) || errors.As(err, &missing) {
		return ErrFinished
	}
	var late *client.WorkflowUpdateServiceTimeoutOrCanceledError
	if errors.As(err, &late) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return fault.Wrap(fault.Unavailable, "temporal.timeout", err)
	}
	return fault.Wrap(fault.Unavailable, "temporal.unreachable", err)
}

// saidFault gives the fault that an activity ended with, as the activity's
// interceptor wrote it.
func saidFault(said *temporal.ApplicationError) error {
	if said.Type() == updateOutlived {
		return ErrFinished
	}
	var f fault.Error
	if !said.HasDetails() || said.Details(&f) != nil || !f.Kind.Known() {
		return fault.Wrap(fault.Internal, "process.failed", said)
	}
	return &f
}
