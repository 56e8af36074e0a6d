package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Outlook is what a workflow needs to know to go on waiting.
type Outlook struct {
	// Over: the case is closed or missing; the workflow ends.
	Over bool
	// Sleep is how long until there is something to do by time; zero means that
	// only a person's act goes on. Case time and the clock run equally fast, so
	// a plain timer of this length fires at the right instant.
	Sleep time.Duration
}

// PassTime does all that time alone has decided about a case, as the named
// system actor Clock, and tells when to look again. It judges by the database's
// clock, so a timer that fires early changes nothing and is armed again. Safe to
// repeat.
func (a *App) PassTime(ctx context.Context, id uuid.UUID) (Outlook, error) {
	var out Outlook
	err := a.doAsEngine(ctx, actor.Clock, func(w *work) error {
		err := w.lock(ctx, id, ProcurementRead)
		if fault.Is(err, fault.NotFound) {
			out.Over = true
			return nil
		}
		if err != nil {
			return err
		}
		change, err := w.p.Decide(procurement.PassTime{}, w.now)
		if err != nil {
			return err
		}
		if len(change.Events) > 0 {
			if err := w.keep(ctx, change); err != nil {
				return err
			}
		}
		out, err = w.outlook(ctx)
		return err
	})
	return out, err
}

// Outlook tells when to look again at a case, without changing anything.
func (a *App) Outlook(ctx context.Context, id uuid.UUID) (Outlook, error) {
	var out Outlook
	err := a.doAsEngine(ctx, actor.Clock, func(w *work) error {
		err := w.load(ctx, id, ProcurementRead)
		if fault.Is(err, fault.NotFound) {
			out.Over = true
			return nil
		}
		if err != nil {
			return err
		}
		out, err = w.outlook(ctx)
		return err
	})
	return out, err
}

func (w *work) outlook(ctx context.Context) (Outlook, error) {
	if !w.p.Phase.Open() {
		return Outlook{Over: w.p.Phase != procurement.Draft}, nil
	}
	next := w.p.NextWake(w.now)
	if next.IsZero() {
		return Outlook{}, nil
	}
	now, err := w.q.CaseNow(ctx, w.tx, w.p.Space)
	if err != nil {
		return Outlook{}, db.Fault(err)
	}
	// A little over: a timer that fires a moment early would only be armed
	// again.
	return Outlook{Sleep: max(next.Sub(now), 0) + 20*time.Millisecond}, nil
}

// OpenCase is a case that a workflow should be driving.
type OpenCase struct {
	Kind string
	ID   uuid.UUID
	N    int
}

// OpenCases lists open cases behind an id, for reconcile. Worker only.
func (a *App) OpenCases(ctx context.Context, after uuid.UUID, upTo int) ([]OpenCase, error) {
	rows, err := a.q.OpenProcurements(ctx, a.Pool, sqlcgen.OpenProcurementsParams{After: after, UpTo: int32(upTo)}) //nolint:gosec // a page size
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make([]OpenCase, len(rows))
	for i, r := range rows {
		out[i] = OpenCase{procurementCase, r.ID, int(r.N)}
	}
	return out, nil
}

// RaiseN lets a new process drive a case whose process Temporal holds as
// finished: an older Postgres was restored. Audited; it does nothing when
// somebody else has raised n already. Worker only.
func (a *App) RaiseN(ctx context.Context, c OpenCase) error {
	return a.doAsEngine(ctx, actor.Steward, func(w *work) error {
		if err := w.lock(ctx, c.ID, ProcurementRead); err != nil {
			return err
		}
		if w.p.N != c.N || !w.p.Phase.Open() {
			return nil
		}
		if err := w.q.RaiseN(ctx, w.tx, sqlcgen.RaiseNParams{ID: c.ID, N: int32(c.N)}); err != nil { //nolint:gosec // n counts restarts
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "procurement.process-restarted", object: c.ID, audience: onObject,
			before: map[string]string{"n": itoa(c.N)}, after: map[string]string{"n": itoa(c.N + 1)}})
	})
}

// CaseProcess gives the n of a case's process and whether the case is open. It
// returns not_found for a missing case. Worker only.
func (a *App) CaseProcess(ctx context.Context, id uuid.UUID) (n int, open bool, err error) {
	p, _, err := db.LoadProcurement(ctx, a.Pool, id, false)
	return p.N, p.Phase.Open(), err
}
