package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/workflows"
)

// actions are the events that Temporal counts, and what each is called here.
var actions = map[enums.EventType]string{
	enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:          "started",
	enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:         "signaled",
	enums.EVENT_TYPE_TIMER_STARTED:                       "timer started",
	enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:             "activity scheduled",
	enums.EVENT_TYPE_MARKER_RECORDED:                     "marker recorded",
	enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:  "update accepted",
	enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:   "search attributes upserted",
	enums.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: "continued as new",
}

// Cost is what a process has cost.
type Cost struct {
	// Actions are counted by kind.
	Actions map[string]int
	// Events are all events of the history, of all runs.
	Events int
	Runs   int
}

// Total is the number of actions of all kinds.
func (c Cost) Total() int {
	total := 0
	for _, n := range c.Actions {
		total += n
	}
	return total
}

// CostOf counts the histories of all runs of a process.
func CostOf(runs []*history.History) Cost {
	c := Cost{Actions: map[string]int{}, Runs: len(runs)}
	for _, run := range runs {
		c.Events += len(run.Events)
		for _, e := range run.Events {
			if name, ok := actions[e.EventType]; ok {
				c.Actions[name]++
			}
		}
	}
	return c
}

// Histories reads the history of a process, run by run in order. A fresh run
// after a terminate is a process of its own and does not continue the earlier.
func (c *Client) Histories(ctx context.Context, of app.OpenCase) ([]*history.History, error) {
	var runs []*history.History
	for run := ""; ; {
		h, err := c.history(ctx, idOf(of), run)
		if err != nil {
			return nil, err
		}
		runs = append(runs, h)
		run = h.Events[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
		if run == "" {
			slices.Reverse(runs)
			return runs, nil
		}
	}
}

func (c *Client) history(ctx context.Context, id, run string) (*history.History, error) {
	events := c.temporal.GetWorkflowHistory(ctx, id, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	var h history.History
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return nil, mapped(err)
		}
		h.Events = append(h.Events, e)
	}
	if len(h.Events) == 0 {
		return nil, fmt.Errorf("process %s has no history", id)
	}
	return &h, nil
}

// WriteHistory keeps a history for [Replay], without the names of the machines
// that made it.
func WriteHistory(file string, h *history.History) error {
	h, ok := proto.Clone(h).(*history.History)
	if !ok {
		panic("a clone is of its original's type")
	}
	for _, e := range h.Events {
		if queue := e.GetWorkflowTaskScheduledEventAttributes().GetTaskQueue(); queue.GetKind() == enums.TASK_QUEUE_KIND_STICKY {
			queue.Name = "sticky"
		}
	}
	text, err := temporalproto.CustomJSONMarshalOptions{Indent: "  "}.Marshal(h)
	if err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// Replay runs recorded histories through this build's workflow code. An error
// names the files in which the code would do something else than it did then.
func Replay(logger log.Logger, files ...string) error {
	replayer, err := newReplayer()
	if err != nil {
		return err
	}
	var failed []error
	for _, f := range files {
		if err := replayer.ReplayWorkflowHistoryFromJSONFile(logger, f); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", f, err))
		}
	}
	return errors.Join(failed...)
}

// ReplayRunning does as [Replay] with every process that runs now, and returns
// how many those are. To be used before a new build takes over.
func (c *Client) ReplayRunning(ctx context.Context, logger log.Logger) (int, error) {
	replayer, err := newReplayer()
	if err != nil {
		return 0, err
	}
	var failed []error
	n := 0
	request := &workflowservice.ListWorkflowExecutionsRequest{
		Query: fmt.Sprintf("ExecutionStatus = 'Running' AND TaskQueue = '%s'", workflows.TaskQueue),
	}
	for {
		page, err := c.temporal.ListWorkflow(ctx, request)
		if err != nil {
			return n, mapped(err)
		}
		for _, e := range page.Executions {
			h, err := c.history(ctx, e.Execution.WorkflowId, e.Execution.RunId)
			if err != nil {
				return n, err
			}
			n++
			if err := replayer.ReplayWorkflowHistory(logger, h); err != nil {
				failed = append(failed, fmt.Errorf("%s: %w", e.Execution.WorkflowId, err))
			}
		}
		if len(page.NextPageToken) == 0 {
			return n, errors.Join(failed...)
		}
		request.NextPageToken = page.NextPageToken
	}
}

func newReplayer() (worker.WorkflowReplayer, error) {
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{})
	if err != nil {
		return nil, err
	}
	register(replayer)
	return replayer, nil
}

// register names every workflow. A new one is added here and nowhere else.
func register(to interface {
	RegisterWorkflowWithOptions(w any, options workflow.RegisterOptions)
}) {
	to.RegisterWorkflowWithOptions(workflows.JointProcurement, workflow.RegisterOptions{Name: workflows.NameJointProcurement})
}
