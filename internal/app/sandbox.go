package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Sandbox is a space whose clock can be advanced.
type Sandbox struct {
	ID   uuid.UUID
	Name string
	Now  time.Time
	// NextEvent is when a case of it next has something to do by time.
	NextEvent *time.Time
}

// CreateSandbox makes a sandbox for the actor's organisation. It returns
// not_found where the deployment has none.
func (a *App) CreateSandbox(ctx context.Context, name string) (Sandbox, error) {
	if !a.Sandboxes {
		return Sandbox{}, fault.New(fault.NotFound, "sandbox.none-here")
	}
	s := Sandbox{ID: uuid.Must(uuid.NewV7()), Name: name}
	err := a.do(ctx, SandboxOwn, func(w *work) error {
		if err := w.q.InsertSandbox(ctx, w.tx, sqlcgen.InsertSandboxParams{ID: s.ID, Name: name, OwnerOrg: &w.by.Org}); err != nil {
			return db.Fault(err)
		}
		var err error
		if s.Now, err = w.q.CaseNow(ctx, w.tx, s.ID); err != nil {
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "sandbox.created", object: s.ID})
	})
	return s, err
}

// Sandbox tells what time it is in a sandbox of the actor's organisation.
func (a *App) Sandbox(ctx context.Context, id uuid.UUID) (Sandbox, error) {
	var s Sandbox
	err := a.do(ctx, SandboxOwn, func(w *work) error {
		row, err := w.ownSandbox(ctx, id)
		if err != nil {
			return err
		}
		s = Sandbox{ID: id, Name: row.Name, Now: row.CaseNow}
		s.NextEvent, err = w.nextEvent(ctx, id)
		return err
	})
	return s, err
}

func (w *work) ownSandbox(ctx context.Context, id uuid.UUID) (sqlcgen.SpaceRow, error) {
	row, err := w.q.Space(ctx, w.tx, id)
	if err != nil {
		return row, db.Fault(err)
	}
	if row.Kind != "sandbox" || row.OwnerOrg == nil || *row.OwnerOrg != w.by.Org {
		return row, fault.New(fault.NotFound, "not-found")
	}
	return row, nil
}

// nextEvent asks the cases themselves: what a row says of its next wake is of
// when it was last changed, and a reminder that nobody needs any more passes
// without a change.
func (w *work) nextEvent(ctx context.Context, id uuid.UUID) (*time.Time, error) {
	cases, err := w.q.OpenCasesIn(ctx, w.tx, id)
	if err != nil {
		return nil, db.Fault(err)
	}
	var next *time.Time
	for _, c := range cases {
		p, now, err := db.LoadProcurement(ctx, w.tx, c, false)
		if err != nil {
			return nil, err
		}
		if wake := p.NextWake(now); !wake.IsZero() && (next == nil || wake.Before(*next)) {
			next = &wake
		}
	}
	return next, nil
}

// maxAdvance keeps a slip from moving a sandbox out of the calendar.
const maxAdvance = 20 * 366 * 24 * time.Hour

// AdvanceTo moves a sandbox's clock forward to an instant and wakes its cases;
// from there it runs at normal speed. It returns invalid (sandbox.clock-back)
// for an instant that has passed.
func (a *App) AdvanceTo(ctx context.Context, id uuid.UUID, to time.Time) (Sandbox, error) {
	return a.advance(ctx, id, func(*work, time.Time) (time.Time, error) { return to, nil })
}

// AdvanceToNextEvent moves a sandbox's clock to just before the next thing that
// time decides, so that the real timer fires. It returns conflict
// (sandbox.no-event) when only people are waited for.
func (a *App) AdvanceToNextEvent(ctx context.Context, id uuid.UUID) (Sandbox, error) {
	return a.advance(ctx, id, func(w *work, now time.Time) (time.Time, error) {
		next, err := w.nextEvent(ctx, id)
		if err != nil {
			return time.Time{}, err
		}
		if next == nil {
			return time.Time{}, fault.New(fault.Conflict, "sandbox.no-event")
		}
		if before := next.Add(-time.Second); before.After(now) {
			return before, nil
		}
		return now, nil
	})
}

func (a *App) advance(ctx context.Context, id uuid.UUID, target func(w *work, now time.Time) (time.Time, error)) (Sandbox, error) {
	var s Sandbox
	err := a.do(ctx, SandboxOwn, func(w *work) error {
		row, err := w.ownSandbox(ctx, id)
		if err != nil {
			return err
		}
		locked, err := w.q.LockSpace(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		to, err := target(w, locked.CaseNow)
		if err != nil {
			return err
		}
		by := to.Sub(locked.CaseNow)
		if by < 0 {
			return fault.New(fault.Invalid, "sandbox.clock-back", fault.Params{"now": locked.CaseNow.UTC().Format(timeFormat)}).At("to")
		}
		if by > maxAdvance {
			return fault.New(fault.Invalid, "sandbox.too-far").At("to")
		}
		if err := w.q.AdvanceSpace(ctx, w.tx, sqlcgen.AdvanceSpaceParams{ID: id, ByUs: by.Microseconds()}); err != nil {
			return db.Fault(err)
		}
		cases, err := w.q.OpenCasesIn(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		for _, c := range cases {
			if err := w.q.Wake(ctx, w.tx, sqlcgen.WakeParams{CaseKind: procurementCase, CaseID: c}); err != nil {
				return db.Fault(err)
			}
		}
		s = Sandbox{ID: id, Name: row.Name}
		if s.Now, err = w.q.CaseNow(ctx, w.tx, id); err != nil {
			return db.Fault(err)
		}
		if s.NextEvent, err = w.nextEvent(ctx, id); err != nil {
			return err
		}
		return w.audit(ctx, entry{action: "sandbox.advanced", object: id, after: map[string]string{"to": s.Now.UTC().Format(timeFormat)}})
	})
	return s, err
}
