package process

import (
	"context"
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/workflows"
)

// Work is what a worker of this program runs.
type Work struct {
	// Activities is the struct whose methods the workflows name.
	Activities any
	// Interceptors stand around every activity.
	Interceptors []interceptor.WorkerInterceptor
	// StopWait is how long running activities get to end.
	StopWait time.Duration
	// Build names this build of the program in histories; empty takes the
	// program file's checksum.
	Build string
	// Started is told when the worker takes work; nil for nobody.
	Started func()
}

// startAgain is how long a worker waits before it tries Temporal again.
const startAgain = 2 * time.Second

// Run takes work from Temporal until ctx is done, and then lets running work
// end. While Temporal is away it waits for it. It returns internal
// (worker.failed) when Temporal refuses the worker for good.
func (c *Client) Run(ctx context.Context, w Work) error {
	failed := make(chan error, 1)
	for {
		running := c.newWorker(w, failed)
		err := running.Start()
		if err == nil {
			defer running.Stop()
			break
		}
		c.log.WarnContext(ctx, "Temporal does not take the worker yet", "error", err.Error())
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(startAgain):
		}
	}
	if w.Started != nil {
		w.Started()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return fault.Wrap(fault.Internal, "worker.failed", err)
	}
}

func (c *Client) newWorker(w Work, failed chan<- error) worker.Worker {
	options := worker.Options{
		Interceptors:      w.Interceptors,
		WorkerStopTimeout: w.StopWait,
		OnFatalError: func(err error) {
			select {
			case failed <- err:
			default: // the first tells enough
			}
		},
	}
	if w.Build != "" {
		options.DeploymentOptions.Version = worker.WorkerDeploymentVersion{DeploymentName: workflows.TaskQueue, BuildID: w.Build}
	}
	out := worker.New(c.temporal, workflows.TaskQueue, options)
	register(out)
	out.RegisterActivity(w.Activities)
	return out
}
