package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// A short database step has five seconds and three tries as a local activity,
// which is one marker in the history. A local activity that retries for longer
// would fill the history.
var local = workflow.LocalActivityOptions{
	StartToCloseTimeout: 5 * time.Second,
	RetryPolicy: &temporal.RetryPolicy{
		InitialInterval:    200 * time.Millisecond,
		BackoffCoefficient: 2,
		MaximumAttempts:    3,
	},
}

// What is longer, and what failed so, is tried until it succeeds. A long use
// case tells after every batch that it goes forward; one that has not for a
// minute is taken up by another try.
var ordinary = workflow.ActivityOptions{
	StartToCloseTimeout: 2 * time.Hour,
	HeartbeatTimeout:    time.Minute,
	RetryPolicy: &temporal.RetryPolicy{
		InitialInterval:    time.Second,
		BackoffCoefficient: 2,
		MaximumInterval:    time.Minute,
	},
}

// step runs an activity as a local one, and when that fails, as an ordinary
// one for as long as it takes. It returns only errors that no repetition
// mends.
func step[Out any](ctx workflow.Context, activity, input any) (Out, error) {
	var out Out
	err := workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(ctx, local), activity, input).Get(ctx, &out)
	if err == nil || final(err) {
		return out, err
	}
	return longStep[Out](ctx, activity, input)
}

// longStep runs an activity that a local one has no time for.
func longStep[Out any](ctx workflow.Context, activity, input any) (Out, error) {
	var out Out
	err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, ordinary), activity, input).Get(ctx, &out)
	return out, err
}

// final reports whether trying again cannot help: the workflow was cancelled,
// or the activity says so itself.
func final(err error) bool {
	if temporal.IsCanceledError(err) {
		return true
	}
	var said *temporal.ApplicationError
	return errors.As(err, &said) && said.NonRetryable()
}
