package process

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
)

// Kinds of messages in the outbox.
const (
	kindWake    = "wake"
	kindCommand = "command"
	kindMail    = "mail"
)

// message is a row of the outbox that this relay has leased.
type message = sqlcgen.LeaseOutboxRow

// outbox is the relay's view of the table. The relay deletes a message only
// when it has arrived, so a message may arrive twice and is never lost.
type outbox struct {
	pool *pgxpool.Pool
	q    *sqlcgen.Queries
}

func newOutbox(pool *pgxpool.Pool) outbox { return outbox{pool, sqlcgen.New()} }

func (o outbox) lease(ctx context.Context, kinds []string, upTo int) ([]message, error) {
	rows, err := o.q.LeaseOutbox(ctx, o.pool, sqlcgen.LeaseOutboxParams{
		LeaseSeconds: leaseFor.Seconds(), Kinds: kinds, UpTo: int32(upTo), //nolint:gosec // a few
	})
	return rows, db.Fault(err)
}

// done forgets a message that has arrived, unless the same was asked for again
// meanwhile: then it is sent once more.
func (o outbox) done(ctx context.Context, m message) error {
	deleted, err := o.q.OutboxDone(ctx, o.pool, sqlcgen.OutboxDoneParams{ID: m.ID, Asked: m.Asked})
	if err != nil || deleted > 0 {
		return db.Fault(err)
	}
	return db.Fault(o.q.OutboxAgain(ctx, o.pool, m.ID))
}

func (o outbox) failed(ctx context.Context, m message, why error, again time.Duration) error {
	text := why.Error()
	return db.Fault(o.q.OutboxFailed(ctx, o.pool, sqlcgen.OutboxFailedParams{ID: m.ID, LastError: &text, DelaySeconds: again.Seconds()}))
}

// next is how long until a message is due; zero or less when one is.
func (o outbox) next(ctx context.Context, kinds []string) (time.Duration, error) {
	seconds, err := o.q.OutboxNext(ctx, o.pool, kinds)
	return time.Duration(seconds * float64(time.Second)), db.Fault(err)
}
