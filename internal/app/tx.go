package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// work is one transaction of an actor. Everything in it is saved together:
// the change, its audit entries, what is to be told, and wakes.
type work struct {
	app *App
	tx  pgx.Tx
	q   *sqlcgen.Queries
	// by acts; in a command that the worker carries out it is the commander.
	by      actor.Actor
	command *uuid.UUID

	// about is what an event of this transaction is about, beside what the
	// domain says of it: which municipality, for example.
	about map[string]string

	// Of the case at hand, after load.
	p   procurement.Procurement
	now time.Time
	// wanted is the object that was asked for, found or not.
	wanted uuid.UUID
}

// do runs f as the context's actor in one transaction, after judging what the
// permission says without a case.
func (a *App) do(ctx context.Context, perm Permission, f func(w *work) error) error {
	return a.doIn(ctx, a.Pool, perm, f)
}

func (a *App) doIn(ctx context.Context, pool *pgxpool.Pool, perm Permission, f func(w *work) error) error {
	by, err := actor.From(ctx)
	if err != nil {
		return err
	}
	if err := mayAtAll(by, perm); err != nil {
		a.noteDenied(ctx, by, perm, uuid.Nil, err)
		return err
	}
	var wanted uuid.UUID
	err = db.InTx(ctx, pool, by, func(tx pgx.Tx) error {
		w := &work{app: a, tx: tx, q: a.q, by: by}
		err := f(w)
		wanted = w.wanted
		if err != nil {
			return err
		}
		return w.mark(ctx)
	})
	if isAttempt(err) {
		a.noteDenied(ctx, by, perm, wanted, err)
	}
	return err
}

// isAttempt reports whether a refusal is one for lack of rights, and so belongs
// in the audit log: also for what is not there, since what is another's looks
// just like it, and for tenders that are still sealed.
func isAttempt(err error) bool {
	return fault.Is(err, fault.Denied) || fault.Is(err, fault.NotFound) || fault.RuleOf(err) == ruleSealed || fault.RuleOf(err) == rulePriceSealed
}

// doAsEngine runs f as a named system actor.
func (a *App) doAsEngine(ctx context.Context, by actor.Actor, f func(w *work) error) error {
	return db.InTx(ctx, a.Pool, by, func(tx pgx.Tx) error {
		return f(&work{app: a, tx: tx, q: a.q, by: by})
	})
}

// load reads the case for looking at it.
func (w *work) load(ctx context.Context, id uuid.UUID, perm Permission) error {
	return w.fetch(ctx, id, perm, false)
}

// lock reads the case for deciding about it: no other decision until the end of
// the transaction.
func (w *work) lock(ctx context.Context, id uuid.UUID, perm Permission) error {
	return w.fetch(ctx, id, perm, true)
}

func (w *work) fetch(ctx context.Context, id uuid.UUID, perm Permission, lock bool) error {
	w.wanted = id
	p, now, err := db.LoadProcurement(ctx, w.tx, id, lock)
	if err != nil {
		return err
	}
	w.p, w.now = p, now
	if w.by.Kind == actor.Engine {
		return nil
	}
	return mayInCase(ctx, w.tx, w.by, perm, p)
}

// fresh refuses a decision made on an older version of the case. Zero asks for
// no check: the caller has said that any version will do.
func (w *work) fresh(expected int64) error {
	if expected != 0 && expected != w.p.Version {
		return fault.New(fault.Stale, "case.version", fault.Params{"expected": itoa(expected), "is": itoa(w.p.Version)})
	}
	return nil
}

// decide judges the command, saves what follows from it and tells who is to be
// told. Nothing is saved when it returns a fault.
func (w *work) decide(ctx context.Context, c procurement.Command) error {
	change, err := w.p.Decide(c, w.now)
	if err != nil {
		return err
	}
	return w.keep(ctx, change)
}

// keep saves a change: the case, one audit entry per event, notifications, and
// the wake if a workflow waits for the fact.
func (w *work) keep(ctx context.Context, change procurement.Change) error {
	before := stateOf(w.p)
	if err := db.SaveProcurement(ctx, w.tx, change.After, w.now); err != nil {
		return err
	}
	change.After.Version = w.p.Version + 1
	after := stateOf(change.After)
	for _, e := range change.Events {
		spread := spreadOf(e.Kind)
		if err := w.audit(ctx, entry{action: string(e.Kind), object: w.p.ID, audience: spread.audience, before: before, after: with(with(after, e.Params), w.about)}); err != nil {
			return err
		}
		if err := w.tell(ctx, spread, e); err != nil {
			return err
		}
	}
	if err := w.alongside(ctx, change); err != nil {
		return err
	}
	if change.Wake {
		if err := w.q.Wake(ctx, w.tx, sqlcgen.WakeParams{CaseKind: procurementCase, CaseID: w.p.ID}); err != nil {
			return db.Fault(err)
		}
	}
	w.p = change.After
	return nil
}

// procurementCase is the kind of case in workflow ids, commands and the outbox.
const procurementCase = "procurement"

// note writes the audit entries and notifications of a change whose rows stand
// elsewhere: the case itself, and its version, stay as they are.
func (w *work) note(ctx context.Context, change procurement.Change, object uuid.UUID, more map[string]string) error {
	for _, e := range change.Events {
		spread := spreadOf(e.Kind)
		if err := w.audit(ctx, entry{action: string(e.Kind), object: object, audience: spread.audience, after: with(e.Params, more)}); err != nil {
			return err
		}
		if err := w.tell(ctx, spread, e); err != nil {
			return err
		}
	}
	return nil
}

// alongside saves the rows that events stand for beside the case itself,
// whoever decided them: a person in a request, or time.
func (w *work) alongside(ctx context.Context, change procurement.Change) error {
	if change.After.Phase != w.p.Phase {
		if err := w.q.PublishPhase(ctx, w.tx, sqlcgen.PublishPhaseParams{ID: w.p.ID, Phase: string(change.After.Phase), ChangedAt: w.now}); err != nil {
			return db.Fault(err)
		}
	}
	for _, e := range change.Events {
		var err error
		switch e.Kind {
		case procurement.MandatesDone:
			err = w.q.DropUnanswered(ctx, w.tx, w.p.ID)
		case procurement.Closed:
			err = w.q.CloseGate(ctx, w.tx, sqlcgen.CloseGateParams{ProcurementID: w.p.ID, ClosedAt: &w.now})
			if err == nil {
				err = w.dropAmendment(ctx)
			}
		case procurement.CancelledByLead:
			err = w.dropAmendment(ctx)
		}
		if err != nil {
			return db.Fault(err)
		}
		if spreadOf(e.Kind).audience == interested && !change.After.State.PublishedAt.IsZero() {
			if err := w.q.PublishChange(ctx, w.tx, sqlcgen.PublishChangeParams{ProcurementID: w.p.ID, Kind: string(e.Kind), Params: asJSON(e.Params), At: w.now}); err != nil {
				return db.Fault(err)
			}
		}
	}
	return nil
}

func stateOf(p procurement.Procurement) map[string]string {
	return map[string]string{"phase": string(p.Phase), "version": itoa(p.Version)}
}

func with(m, more map[string]string) map[string]string {
	out := make(map[string]string, len(m)+len(more))
	for k, v := range m {
		out[k] = v
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func asJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		// Only maps of strings and the program's own structs come here.
		panic(err)
	}
	return b
}
