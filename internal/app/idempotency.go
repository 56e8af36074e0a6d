package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Once names a request that may be repeated: the same key, of the same person
// for the same organisation and operation, is the same request.
type Once struct {
	Operation, Key string
	// Input is the request in one form; only its HMAC is kept.
	Input []byte
	// Permission and Case say who may have the kept answer: one who might make
	// the request now. Case is uuid.Nil for a request about no case.
	Permission Permission
	Case       uuid.UUID
}

// Answer is what a request was answered. Answers about drafts and tenders must
// hold no values, since they are kept.
type Answer struct {
	Status int
	Body   json.RawMessage
	// Kept is what a repetition is answered instead of Body, where that holds
	// what must not be kept.
	Kept     json.RawMessage
	Location string
	ETag     string
	// Repeated: from an earlier request with the key.
	Repeated bool
}

// begun marks the row that the request's own transaction writes, beside the row
// of its answer. It keeps a repetition from having a second effect when the
// program ends between the two.
const begun = "#begun"

type onceKey struct{}

// once is a request under way, on its context.
type once struct {
	Once
	mac    []byte
	marked bool
	// reply is what the request's transaction keeps as the answer of a
	// repetition, so that not even a crash after it makes the answer unknown.
	reply *Answer
}

// Once gives the kept answer of a repeated request, or has it answered by f and
// keeps that. It returns invalid (idempotency.other-input) for a key that was
// used with another input, conflict (idempotency.in-progress) while the first
// request is being answered, and conflict (idempotency.answer-unknown) when that
// one had its effect and its answer was lost. A refusal is not kept: the same
// request may succeed later.
func (a *App) Once(ctx context.Context, o Once, f func(context.Context) (Answer, error)) (Answer, error) {
	by, err := actor.From(ctx)
	if err != nil {
		return Answer{}, err
	}
	mac := a.inputMAC(o)
	kept, err := a.kept(ctx, by, o, mac)
	if err != nil || kept.Repeated {
		return kept, err
	}
	under := &once{Once: o, mac: mac}
	answer, err := f(context.WithValue(ctx, onceKey{}, under))
	if err != nil {
		a.unmark(ctx, by, under)
		return Answer{}, err
	}
	keep := answer.Body
	if answer.Kept != nil {
		keep = answer.Kept
	}
	err = a.q.KeepAnswer(context.WithoutCancel(ctx), db.As(a.Pool, by), sqlcgen.KeepAnswerParams{
		OrgID: by.Org, ActorID: by.ID, Operation: o.Operation, Key: o.Key, InputHmac: mac,
		Status: int32(answer.Status), Response: keep, Location: textOrNull(answer.Location), Etag: textOrNull(answer.ETag), CaseID: idOrNull(o.Case), //nolint:gosec // an HTTP status
	})
	if err != nil {
		// The request had its effect and is answered; only its repetition will
		// not be.
		a.Log.ErrorContext(ctx, "an answer could not be kept", "operation", o.Operation, "error", err.Error())
	}
	return answer, nil
}

func (a *App) kept(ctx context.Context, by actor.Actor, o Once, mac []byte) (Answer, error) {
	row, err := a.idempotent(ctx, by, o.Operation, o.Key)
	if fault.Is(err, fault.NotFound) {
		return a.begunBefore(ctx, by, o, mac)
	}
	if err != nil {
		return Answer{}, err
	}
	if !hmac.Equal(row.InputHmac, mac) {
		return Answer{}, otherInput()
	}
	if err := a.mayStill(ctx, o); err != nil {
		return Answer{}, err
	}
	return Answer{Status: int(row.Status), Body: row.Response, Location: deref(row.Location), ETag: deref(row.Etag), Repeated: true}, nil
}

// begunBefore judges a request whose answer was not kept: it was not made, or
// the program ended before. What its transaction kept is its answer.
func (a *App) begunBefore(ctx context.Context, by actor.Actor, o Once, mac []byte) (Answer, error) {
	row, err := a.idempotent(ctx, by, o.Operation+begun, o.Key)
	switch {
	case fault.Is(err, fault.NotFound):
		return Answer{}, nil
	case err != nil:
		return Answer{}, err
	case !hmac.Equal(row.InputHmac, mac):
		return Answer{}, otherInput()
	case row.Status == 0:
		return Answer{}, fault.New(fault.Conflict, "idempotency.answer-unknown")
	}
	if err := a.mayStill(ctx, o); err != nil {
		return Answer{}, err
	}
	return Answer{Status: int(row.Status), Body: row.Response, Location: deref(row.Location), ETag: deref(row.Etag), Repeated: true}, nil
}

// reply has the transaction of a keyed request keep what a repetition is
// answered.
func (w *work) reply(ctx context.Context, r Answer) {
	if o, ok := ctx.Value(onceKey{}).(*once); ok {
		o.reply = &r
	}
}

func otherInput() error {
	return fault.New(fault.Invalid, "idempotency.other-input").At("Idempotency-Key")
}

func (a *App) idempotent(ctx context.Context, by actor.Actor, operation, key string) (sqlcgen.IdempotentAnswerRow, error) {
	row, err := a.q.IdempotentAnswer(ctx, db.As(a.Pool, by), sqlcgen.IdempotentAnswerParams{OrgID: by.Org, ActorID: by.ID, Operation: operation, Key: key})
	return row, db.Fault(err)
}

// mayStill judges the right to the kept answer as of now. A supplier's case is
// its own tender, which stays its own.
func (a *App) mayStill(ctx context.Context, o Once) error {
	return a.do(ctx, o.Permission, func(w *work) error {
		if o.Case == uuid.Nil || grants[o.Permission].relation == supplier {
			return nil
		}
		return w.load(ctx, o.Case, o.Permission)
	})
}

// mark writes, in the first transaction of a keyed request, that it had its
// effect. Two requests with one key at once meet here: the second waits for the
// first and gets conflict (idempotency.in-progress).
func (w *work) mark(ctx context.Context) error {
	o, ok := ctx.Value(onceKey{}).(*once)
	if !ok || o.marked {
		return nil
	}
	o.marked = true
	mark := sqlcgen.KeepAnswerParams{OrgID: w.by.Org, ActorID: w.by.ID, Operation: o.Operation + begun, Key: o.Key, InputHmac: o.mac, CaseID: idOrNull(o.Case)}
	if o.reply != nil {
		mark.Status, mark.Response, mark.Location, mark.Etag = int32(o.reply.Status), o.reply.Body, textOrNull(o.reply.Location), textOrNull(o.reply.ETag) //nolint:gosec // an HTTP status
	}
	return db.Fault(w.q.KeepAnswer(ctx, w.tx, mark))
}

// unmark takes the mark of a refused request away again: a steering command that
// was refused is over, and the same request may be made anew. A mark that cannot
// be taken away only makes the repetition say that the answer is unknown.
func (a *App) unmark(ctx context.Context, by actor.Actor, o *once) {
	if !o.marked {
		return
	}
	err := a.q.ForgetAnswer(context.WithoutCancel(ctx), db.As(a.Pool, by), sqlcgen.ForgetAnswerParams{OrgID: by.Org, ActorID: by.ID, Operation: o.Operation + begun, Key: o.Key})
	if err != nil {
		a.Log.ErrorContext(ctx, "the mark of a refused request could not be taken away", "operation", o.Operation, "error", err.Error())
	}
}

func (a *App) inputMAC(o Once) []byte {
	mac := hmac.New(sha256.New, a.Secret)
	mac.Write([]byte("idempotent input\x00" + o.Operation + "\x00"))
	mac.Write(o.Input)
	return mac.Sum(nil)
}
