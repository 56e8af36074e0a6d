package app

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// CommandStatus is what the caller of a steering command sees.
type CommandStatus struct {
	ID        uuid.UUID
	CaseID    uuid.UUID
	Operation string
	// State: pending, done, refused, stale, expired or withdrawn.
	State     string
	Result    json.RawMessage
	Fault     *fault.Error
	CreatedAt time.Time
	ExpiresAt time.Time
	EndedAt   *time.Time
}

// Command states.
const (
	CommandPending   = "pending"
	CommandDone      = "done"
	CommandRefused   = "refused"
	CommandStale     = "stale"
	CommandExpired   = "expired"
	CommandWithdrawn = "withdrawn"
)

// Err gives the fault of a command that was not carried out.
func (c CommandStatus) Err() error {
	if c.Fault != nil {
		return c.Fault
	}
	return nil
}

const (
	shortLife = 15 * time.Minute // open, award, cancel: nobody wants them carried out by surprise
	longLife  = 24 * time.Hour
	// steerWait is how long a request waits for the outcome before it answers
	// 202.
	steerWait = 8 * time.Second
)

func lifeOf(operation string) time.Duration {
	switch operation {
	case procurement.OpOpen, procurement.OpAward, procurement.OpCancel:
		return shortLife
	}
	return longLife
}

// storedActor is the commander as the command's row keeps it. Roles are read
// again when the command is carried out.
type storedActor struct {
	Kind    actor.Kind `json:"kind"`
	ID      uuid.UUID  `json:"id"`
	Name    string     `json:"name"`
	Org     uuid.UUID  `json:"org"`
	Request string     `json:"request"`
}

// steer saves a command durably and waits a while for its outcome. The status
// is pending when Temporal is away or slow; the command is then carried out
// later unless it goes stale or expires.
func (a *App) steer(ctx context.Context, id uuid.UUID, perm Permission, expected int64, operation string, input any) (CommandStatus, error) {
	body, err := json.Marshal(input)
	if err != nil {
		return CommandStatus{}, fault.Wrap(fault.Internal, "command.encode", err)
	}
	commandID := uuid.Must(uuid.NewV7())
	var n int
	err = a.do(ctx, perm, func(w *work) error {
		if err := w.load(ctx, id, perm); err != nil {
			return err
		}
		if err := w.fresh(expected); err != nil {
			return err
		}
		n = w.p.N
		by := storedActor{w.by.Kind, w.by.ID, w.by.Name, w.by.Org, w.by.Request}
		var version *int64
		if expected != 0 {
			version = &expected
		}
		if err := w.q.InsertCommand(ctx, w.tx, sqlcgen.InsertCommandParams{
			ID: commandID, CaseKind: procurementCase, CaseID: id, Operation: operation, Actor: asJSON(by), ActorOrg: w.by.Org,
			Input: body, ExpectedVersion: version, Seconds: lifeOf(operation).Seconds(),
		}); err != nil {
			return db.Fault(err)
		}
		return db.Fault(w.q.InsertCommandMessage(ctx, w.tx, sqlcgen.InsertCommandMessageParams{CaseKind: ptr(procurementCase), CaseID: &id, CommandID: commandID}))
	})
	if err != nil {
		return CommandStatus{}, err
	}
	wait, cancel := context.WithTimeout(ctx, steerWait)
	defer cancel()
	send := a.Steering.Steer
	if steering[operation].prepare != nil {
		send = a.Steering.SteerLong
	}
	if err := send(wait, procurementCase, id, n, commandID); err != nil {
		// Unknown, never failed: the row tells what became of it.
		a.Log.WarnContext(ctx, "steering did not answer in time", "command", commandID, "error", err.Error())
	}
	return a.CommandStatus(ctx, commandID)
}

// CommandStatus tells what became of a command. Only the organisation that gave
// it may ask.
func (a *App) CommandStatus(ctx context.Context, id uuid.UUID) (CommandStatus, error) {
	by, err := actor.From(ctx)
	if err != nil {
		return CommandStatus{}, err
	}
	if err := mayAtAll(by, SignedIn); err != nil {
		return CommandStatus{}, err
	}
	row, err := a.q.Command(ctx, db.As(a.Pool, by), id)
	if err != nil {
		return CommandStatus{}, db.Fault(err)
	}
	return statusOf(sqlcgen.LockCommandRow(row))
}

// Commands lists the newest hundred commands that the actor's organisation has
// given in a case: for one who has lost the answer, and with it the address.
func (a *App) Commands(ctx context.Context, caseID uuid.UUID) ([]CommandStatus, error) {
	var out []CommandStatus
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, caseID, ProcurementRead); err != nil {
			return err
		}
		rows, err := w.q.CommandsOfCase(ctx, w.tx, caseID)
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			s, err := statusOf(sqlcgen.LockCommandRow(r))
			if err != nil {
				return err
			}
			out = append(out, s)
		}
		return nil
	})
	return out, err
}

func statusOf(row sqlcgen.LockCommandRow) (CommandStatus, error) {
	s := CommandStatus{ID: row.ID, CaseID: row.CaseID, Operation: row.Operation, State: row.State, Result: row.Result,
		CreatedAt: row.CreatedAt, ExpiresAt: row.ExpiresAt, EndedAt: row.EndedAt}
	if row.State == CommandPending && row.Overdue {
		s.State = CommandExpired
		s.Fault = expired()
	}
	if len(row.Fault) > 0 {
		var f fault.Error
		if err := json.Unmarshal(row.Fault, &f); err != nil {
			return CommandStatus{}, fault.Wrap(fault.Internal, "command.decode", err)
		}
		s.Fault = &f
	}
	return s, nil
}

func expired() *fault.Error { return fault.New(fault.Conflict, "command.expired") }

// WithdrawCommand takes back a command of the actor's own that has not been
// carried out yet. It returns denied (command.not-own) for a colleague's, and
// conflict (command.ended) for one that has been carried out.
func (a *App) WithdrawCommand(ctx context.Context, id uuid.UUID) error {
	return a.do(ctx, SignedIn, func(w *work) error {
		row, err := w.q.LockCommand(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		by, err := w.commander(ctx, row.Actor)
		if err != nil {
			return err
		}
		if by.ID != w.by.ID {
			return fault.New(fault.Denied, "command.not-own")
		}
		if row.State != CommandPending {
			return fault.New(fault.Conflict, "command.ended", fault.Params{"state": row.State})
		}
		if _, err := w.q.WithdrawCommand(ctx, w.tx, id); err != nil {
			return db.Fault(err)
		}
		w.command = &id
		w.p.ID = row.CaseID
		return w.audit(ctx, entry{action: "command.withdrawn", object: row.CaseID})
	})
}

// errEnded stops a transaction for a command that has ended already.
var errEnded = errors.New("command has ended")

// CarryOut carries out a command in the worker: one transaction that locks it,
// authorises its commander again, compares the version, decides, saves and
// ends it. Whatever the outcome is stands in the command's row; an error means
// that nothing was done and that it may be tried again. A command that has
// ended changes nothing.
func (a *App) CarryOut(ctx context.Context, id uuid.UUID) error {
	row, err := a.q.Command(ctx, a.Pool, id)
	if err != nil {
		return db.Fault(err)
	}
	if row.State != CommandPending {
		return a.forgetMessage(ctx, id)
	}
	handle, ok := steering[row.Operation]
	if !ok {
		return a.endCommand(ctx, id, fault.New(fault.Internal, "command.unknown-operation"))
	}
	if handle.prepare != nil && !row.Overdue {
		if err := handle.prepare(ctx, a, row.CaseID, row.Input); err != nil {
			if again(err) {
				return err
			}
			return a.endCommand(ctx, id, err)
		}
	}
	err = a.carryOut(ctx, id, handle)
	switch {
	case err == nil || errors.Is(err, errEnded):
		return nil
	case again(err):
		return err
	}
	return a.endCommand(ctx, id, err)
}

// again reports whether a failure is of the moment: nothing was decided.
func again(err error) bool {
	switch fault.KindOf(err) {
	case fault.Unavailable, fault.Internal:
		return true
	}
	return false
}

func (a *App) carryOut(ctx context.Context, id uuid.UUID, handle steeringOperation) error {
	return db.InTx(ctx, a.Pool, actor.Steward, func(tx pgx.Tx) error {
		w := &work{app: a, tx: tx, q: a.q, by: actor.Steward, command: &id}
		row, err := w.q.LockCommand(ctx, tx, id)
		if err != nil {
			return db.Fault(err)
		}
		if row.State != CommandPending {
			return errEnded
		}
		if row.Overdue {
			return expired()
		}
		by, err := w.commander(ctx, row.Actor)
		if err != nil {
			return err
		}
		w.by = by
		// A role in the case's team outlives a membership, and gives nothing
		// without one.
		if len(by.Roles) == 0 {
			return fault.New(fault.Denied, "permission.no-organisation")
		}
		if err := w.lock(ctx, row.CaseID, handle.permission); err != nil {
			return err
		}
		if row.ExpectedVersion != nil {
			if err := w.fresh(*row.ExpectedVersion); err != nil {
				return err
			}
		}
		result, err := handle.carryOut(ctx, w, row.Input)
		if err != nil {
			return err
		}
		if err := w.q.EndCommand(ctx, tx, sqlcgen.EndCommandParams{ID: id, State: CommandDone, Result: asJSON(result)}); err != nil {
			return db.Fault(err)
		}
		return db.Fault(w.q.DeleteCommandMessage(ctx, tx, &id))
	})
}

// commander reads who gave the command, with the roles that they hold now.
func (w *work) commander(ctx context.Context, stored json.RawMessage) (actor.Actor, error) {
	var s storedActor
	if err := json.Unmarshal(stored, &s); err != nil {
		return actor.Actor{}, fault.Wrap(fault.Internal, "command.decode", err)
	}
	roles, err := w.q.RolesOf(ctx, w.tx, sqlcgen.RolesOfParams{Identity: s.ID, Org: s.Org})
	if err != nil {
		return actor.Actor{}, db.Fault(err)
	}
	a := actor.Actor{Kind: s.Kind, ID: s.ID, Name: s.Name, Org: s.Org, Request: s.Request}
	for _, r := range roles {
		a.Roles = append(a.Roles, actor.Role(r))
	}
	return a, nil
}

// endCommand ends a command that was not carried out, with the reason.
func (a *App) endCommand(ctx context.Context, id uuid.UUID, why error) error {
	f, ok := fault.As(why)
	if !ok {
		f = fault.Wrap(fault.Internal, "command.failed", why)
	}
	state := CommandRefused
	switch {
	case f.Rule == expired().Rule:
		state = CommandExpired
	case f.Kind == fault.Stale:
		state = CommandStale
	}
	return db.InTx(ctx, a.Pool, actor.Steward, func(tx pgx.Tx) error {
		w := &work{app: a, tx: tx, q: a.q, by: actor.Steward, command: &id}
		row, err := w.q.LockCommand(ctx, tx, id)
		if err != nil {
			return db.Fault(err)
		}
		if row.State != CommandPending {
			return nil
		}
		by, err := w.commander(ctx, row.Actor)
		if err != nil {
			return err
		}
		w.by = by
		w.p.ID = row.CaseID
		if err := w.q.EndCommand(ctx, tx, sqlcgen.EndCommandParams{ID: id, State: state, Fault: asJSON(f)}); err != nil {
			return db.Fault(err)
		}
		outcome := "refused"
		if f.Kind == fault.Denied {
			outcome = "denied"
		}
		if err := w.audit(ctx, entry{action: row.Operation, outcome: outcome, object: row.CaseID, after: map[string]string{"rule": f.Rule, "state": state}}); err != nil {
			return err
		}
		return db.Fault(w.q.DeleteCommandMessage(ctx, tx, &id))
	})
}

func (a *App) forgetMessage(ctx context.Context, id uuid.UUID) error {
	return db.Fault(a.q.DeleteCommandMessage(ctx, a.Pool, &id))
}

// steeringOperation is how the worker carries out one kind of command.
type steeringOperation struct {
	permission Permission
	// prepare does what is too long for the deciding transaction and can be
	// repeated without harm.
	prepare  func(ctx context.Context, a *App, caseID uuid.UUID, input json.RawMessage) error
	carryOut func(ctx context.Context, w *work, input json.RawMessage) (any, error)
}

// steering lists every command that goes through the workflow (door 3).
var steering = map[string]steeringOperation{}

// steered registers an operation whose input is a T.
func steered[T any](operation string, permission Permission, f func(ctx context.Context, w *work, in T) (any, error)) {
	steering[operation] = steeringOperation{permission: permission, carryOut: func(ctx context.Context, w *work, input json.RawMessage) (any, error) {
		var in T
		if err := json.Unmarshal(input, &in); err != nil {
			return nil, fault.Wrap(fault.Internal, "command.decode", err)
		}
		return f(ctx, w, in)
	}}
}

// SteeringOperations lists the operations that go through the workflow.
func SteeringOperations() []string {
	out := make([]string, 0, len(steering))
	for op := range steering {
		out = append(out, op)
	}
	return out
}

func ptr[T any](v T) *T { return &v }
