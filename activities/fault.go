package activities

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Faults gives the interceptor that stands between every activity and its
// workflow's history. Errors stand in a history in clear, so only faults pass,
// and of them only codes, numbers and paths; whatever else fails becomes
// internal with a correlation id, under which the log has the whole chain.
func Faults(log *slog.Logger) interceptor.WorkerInterceptor { return &faults{log: log} }

type faults struct {
	interceptor.WorkerInterceptorBase
	log *slog.Logger
}

// InterceptActivity puts the mapping around an activity.
func (f *faults) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	in := &faultActivity{log: f.log}
	in.Next = next
	return in
}

type faultActivity struct {
	interceptor.ActivityInboundInterceptorBase
	log *slog.Logger
}

// ExecuteActivity runs the activity and maps its error, or its panic, whose
// value and stack the SDK would put into the history.
func (f *faultActivity) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (out any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
		if err != nil {
			out, err = nil, f.mapped(ctx, err)
		}
	}()
	return f.Next.ExecuteActivity(ctx, in)
}

func (f *faultActivity) mapped(ctx context.Context, err error) error {
	if errors.Is(err, activity.ErrResultPending) || temporal.IsCanceledError(err) && ctx.Err() != nil {
		return err
	}
	known, ok := fault.As(err)
	if !ok {
		known = fault.New(fault.Internal, "internal")
	}
	if known.Kind == fault.Internal || known.Kind == fault.Unavailable {
		correlation := uuid.NewString()
		info := activity.GetInfo(ctx)
		f.log.ErrorContext(ctx, "activity failed", "correlation", correlation, "activity", info.ActivityType.Name,
			"workflow", info.WorkflowExecution.ID, "attempt", info.Attempt, "error", err.Error())
		known = correlated(known, correlation)
	}
	return ApplicationError(known)
}

// correlated copies a fault, without its cause, so that the log can be found
// from it.
func correlated(e *fault.Error, id string) *fault.Error {
	out := fault.New(e.Kind, e.Rule, e.Params, fault.Params{"correlation": id}).At(e.Field).By(e.Paragraph)
	out.Also = e.Also
	return out
}

// ApplicationError is a fault as Temporal keeps it: the kind and rule as its
// type, the codes as details, and never the cause. Only what is of the moment,
// or the program's own failure, is worth another try.
func ApplicationError(e *fault.Error) error {
	name := string(e.Kind) + "/" + e.Rule
	return temporal.NewApplicationErrorWithOptions(name, name, temporal.ApplicationErrorOptions{
		NonRetryable: e.Kind != fault.Unavailable && e.Kind != fault.Internal,
		Details:      []any{*e},
	})
}
