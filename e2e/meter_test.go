package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"

	"github.com/fellesloft/fellesloft/internal/process"
)

// meter tells what a story costs in Temporal. A sandbox's advance wakes the
// process to have its timer set anew; what follows from that alone is counted
// apart, since no real procurement has it.
type meter struct {
	s       *story
	process *process.Client
	// advances are the events that followed from an advance.
	advances map[int64]bool
}

func watched(s *story) *meter {
	m := &meter{s: s, process: s.processes(), advances: map[int64]bool{}}
	s.watch, s.passed = m.watch, m.passed
	return m
}

// watch lets an advance happen while nothing else does, and marks the signal and
// the workflow task that follow from it.
func (m *meter) watch(advance func()) {
	m.s.t.Helper()
	before := m.settled(0)
	advance()
	after := m.settled(before)
	events := m.events()[before:after]
	for _, e := range events[slices.IndexFunc(events, isSignal):] {
		// The real timer may be quicker than the test: what it does is its own.
		if e.EventType == enums.EVENT_TYPE_TIMER_FIRED {
			break
		}
		m.advances[e.EventId] = true
	}
}

// passed waits until no timer stands that is about to fire. The case itself knows
// a moment earlier that a reminder is not needed any more, and an advance in that
// moment would be one with it in the history.
func (m *meter) passed() {
	m.s.t.Helper()
	eventually(m.s.t, "the timer has fired", func() bool {
		events := m.events()
		return atRest(events) && !due(events, time.Now().Add(5*time.Second))
	})
}

// due tells whether a timer stands that is to fire before then.
func due(events []*history.HistoryEvent, then time.Time) bool {
	timers := map[string]time.Time{}
	for _, e := range events {
		if a := e.GetTimerStartedEventAttributes(); a != nil {
			timers[a.TimerId] = e.EventTime.AsTime().Add(a.StartToFireTimeout.AsDuration())
		}
		delete(timers, e.GetTimerFiredEventAttributes().GetTimerId())
		delete(timers, e.GetTimerCanceledEventAttributes().GetTimerId())
	}
	for _, at := range timers {
		if at.Before(then) {
			return true
		}
	}
	return false
}

// settled waits until the process has done all that it was told, after as many
// events and at least one more signal, and gives the number of events.
func (m *meter) settled(after int) int {
	m.s.t.Helper()
	n := 0
	eventually(m.s.t, "the process is at rest", func() bool {
		events := m.events()
		n = len(events)
		return atRest(events) && (after == 0 || slices.ContainsFunc(events[min(after, n):], isSignal))
	})
	return n
}

func isSignal(e *history.HistoryEvent) bool {
	return e.EventType == enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
}

func atRest(events []*history.HistoryEvent) bool {
	for _, e := range slices.Backward(events) {
		switch e.EventType {
		case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			return true
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED, enums.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, enums.EVENT_TYPE_WORKFLOW_TASK_STARTED, enums.EVENT_TYPE_TIMER_FIRED,
			enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
			return false
		}
	}
	return false
}

func (m *meter) events() []*history.HistoryEvent {
	m.s.t.Helper()
	runs, err := m.process.Histories(m.s.t.Context(), procurementCase(m.s.id, 1))
	must(m.s.t, err)
	if len(runs) != 1 {
		m.s.t.Fatalf("the process has %d runs", len(runs))
	}
	return runs[0].Events
}

// bill is what a story has cost.
type bill struct {
	own, advances process.Cost
}

func (m *meter) bill() bill {
	m.s.t.Helper()
	var own, advances history.History
	for _, e := range m.events() {
		if m.advances[e.EventId] {
			advances.Events = append(advances.Events, e)
		} else {
			own.Events = append(own.Events, e)
		}
	}
	return bill{process.CostOf([]*history.History{&own}), process.CostOf([]*history.History{&advances})}
}

func (b bill) String() string {
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(b.own.Actions)) {
		kinds = append(kinds, fmt.Sprintf("%s %d", kind, b.own.Actions[kind]))
	}
	return fmt.Sprintf("%d actions (%s) and %d more by advances of the sandbox clock; %d events and %d by advances",
		b.own.Total(), strings.Join(kinds, ", "), b.advances.Total(), b.own.Events, b.advances.Events)
}
