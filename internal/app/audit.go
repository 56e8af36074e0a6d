package app

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Audiences of an audit entry: who finds it in their feed.
const (
	ownOnly    = "own"
	onObject   = "object"     // every organisation with access to the object
	interested = "interested" // and every supplier that has registered interest
	ofTender   = "tender"     // the organisations of the tender, and never its buyers
)

// entry is one line of the audit log.
type entry struct {
	action   string
	outcome  string
	object   uuid.UUID
	audience string
	// before and after hold codes, numbers and dates; for drafts and sealed
	// content only hashes of ciphertext.
	before, after map[string]string
	hash          []byte
}

// audit writes an entry in the transaction of what it tells of.
func (w *work) audit(ctx context.Context, e entry) error {
	if e.outcome == "" {
		e.outcome = "done"
	}
	if e.audience == "" {
		e.audience = ownOnly
	}
	commitment, err := w.nameCommitment(ctx)
	if err != nil {
		return err
	}
	params := sqlcgen.InsertAuditParams{
		ActorKind: string(w.by.Kind), ActorID: w.by.ID, ActorName: commitment, ActorOrg: idOrNull(w.by.Org),
		Action: e.action, Outcome: e.outcome, CaseID: idOrNull(w.p.ID), ObjectID: idOrNull(e.object), Audience: e.audience,
		StateHash: e.hash, RequestID: textOrNull(w.by.Request), CommandID: w.command, CaseAt: db.TimeOrNull(w.now),
	}
	if e.before != nil {
		params.Before = asJSON(e.before)
	}
	if e.after != nil {
		params.After = asJSON(e.after)
	}
	return db.Fault(w.q.InsertAudit(ctx, w.tx, params))
}

// nameCommitment keeps the actor's name as it is now beside the log, where it
// can be erased, and gives the hash that the entry commits to. The salt follows
// from the actor and the name, so one name is kept once.
func (w *work) nameCommitment(ctx context.Context) ([]byte, error) {
	if w.by.Name == "" || w.by.Kind == actor.Engine {
		return nil, nil
	}
	mac := hmac.New(sha256.New, w.app.saltKey())
	mac.Write(w.by.ID[:])
	mac.Write([]byte(w.by.Name))
	salt := mac.Sum(nil)
	sum := sha256.Sum256(append(salt, w.by.Name...))
	err := w.q.InsertAuditName(ctx, w.tx, sqlcgen.InsertAuditNameParams{Commitment: sum[:], ActorID: w.by.ID, Name: w.by.Name, Salt: salt})
	return sum[:], db.Fault(err)
}

func (a *App) saltKey() []byte {
	if len(a.Secret) == 0 {
		// Without a secret names could be guessed from the log; a random salt
		// keeps that from happening at the price of one row per entry.
		b := make([]byte, 32)
		_, _ = rand.Read(b)
		return b
	}
	mac := hmac.New(sha256.New, a.Secret)
	mac.Write([]byte("audit names"))
	return mac.Sum(nil)
}

// noteDenied records a refusal for lack of rights in a transaction of its own,
// since the one that was refused is rolled back. A failure to record is logged:
// the caller is refused either way.
func (a *App) noteDenied(ctx context.Context, by actor.Actor, perm Permission, object uuid.UUID, why error) {
	if by.Kind == actor.Anonymous {
		return
	}
	err := db.InTx(context.WithoutCancel(ctx), a.Pool, by, func(tx pgx.Tx) error {
		w := &work{app: a, tx: tx, q: a.q, by: by}
		w.p.ID = object
		return w.audit(ctx, entry{action: string(perm), outcome: "denied", object: object, after: map[string]string{"rule": fault.RuleOf(why)}})
	})
	if err != nil {
		a.Log.ErrorContext(ctx, "a refusal could not be recorded", "permission", perm, "refusal", why.Error(), "error", err.Error())
	}
}

func idOrNull(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func itoa[N ~int | ~int32 | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }

func hashOf(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}
