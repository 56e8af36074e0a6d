package process

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Reconciler compares every open case with what Temporal runs and wakes what
// does not. It heals a lost Temporal database, a process that an operator
// terminated, and a Postgres that was restored to an older state.
type Reconciler struct {
	Cases   Cases
	Process *Client
	Log     *slog.Logger
}

// Tally counts what a comparison found.
type Tally struct {
	Open int // open cases
	Woke int // of them without a running process, and woken
}

const (
	pageOfCases = 200
	askAtOnce   = 16
)

// Run compares once. A case that cannot be healed does not keep the others from
// it; the errors of all are returned together.
func (r *Reconciler) Run(ctx context.Context) (Tally, error) {
	var tally Tally
	var failed []error
	for after := uuid.Nil; ; {
		page, err := r.Cases.OpenCases(ctx, after, pageOfCases)
		if err != nil {
			return tally, err
		}
		woke, errs := r.page(ctx, page)
		tally.Open += len(page)
		tally.Woke += woke
		failed = append(failed, errs...)
		if len(page) < pageOfCases || ctx.Err() != nil {
			break
		}
		after = page[len(page)-1].ID
	}
	if tally.Woke > 0 {
		r.Log.InfoContext(ctx, "open cases had no running process and were woken", "open", tally.Open, "woken", tally.Woke)
	}
	return tally, errors.Join(failed...)
}

func (r *Reconciler) page(ctx context.Context, cases []app.OpenCase) (woke int, failed []error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	slots := make(chan struct{}, askAtOnce)
	for _, c := range cases {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			woken, err := r.heal(ctx, c)
			mu.Lock()
			defer mu.Unlock()
			if woken {
				woke++
			}
			if err != nil {
				failed = append(failed, err)
			}
		})
	}
	all.Wait()
	return woke, failed
}

func (r *Reconciler) heal(ctx context.Context, c app.OpenCase) (woken bool, err error) {
	state, err := r.Process.StateOf(ctx, c)
	if err != nil || state == Running {
		return false, err
	}
	r.Log.WarnContext(ctx, "an open case has no running process", "case", c.ID, "n", c.N, "process", state)
	return true, revive(ctx, r.Cases, r.Process, c)
}

// revive wakes an open case's process. Where Temporal says that this process
// has finished, the case has been reopened under it: an older Postgres was
// restored. Then the case gets its next process. RaiseN judges under the case's
// lock, so a process that has finished because its case was closed meanwhile
// stays finished.
func revive(ctx context.Context, cases Cases, process *Client, c app.OpenCase) error {
	err := process.Wake(ctx, c)
	if !errors.Is(err, ErrFinished) {
		return err
	}
	if err := cases.RaiseN(ctx, c); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	n, open, err := cases.CaseProcess(ctx, c.ID)
	if err != nil || !open {
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	}
	c.N = n
	return process.Wake(ctx, c)
}
