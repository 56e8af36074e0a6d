package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/fault"
)

const wakeAll = `SELECT wake('procurement', id) FROM procurements WHERE phase NOT IN ('draft', 'ended', 'cancelled', 'unsuccessful')`

// HoldOutbox holds or releases all messages of a deployment, as the database's
// owner and with an audit entry, and tells how many wait. An operator holds
// them after an older backup was restored, because some were sent before it was,
// and releases them once that has been looked at. It returns unavailable
// (database.unreachable) when the database does not answer.
//
// The release wakes every open case: a process that runs may have been further
// on than the restored facts, and sleeps until an instant that they do not know
// of.
func HoldOutbox(ctx context.Context, ownerURL string, held bool) (waiting int64, err error) {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return 0, fault.Wrap(fault.Unavailable, "database.unreachable", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the work is committed or rolled back by then
	action := "outbox.released"
	if held {
		action = "outbox.held"
	}
	err = Fault(pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := sqlcgen.New().HoldOutbox(ctx, tx, held); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM outbox`).Scan(&waiting); err != nil {
			return err
		}
		if !held {
			if _, err := tx.Exec(ctx, wakeAll); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO audit (actor_kind, actor_id, action, after)
			VALUES ('engine', $1, $2, jsonb_build_object('waiting', $3::bigint))`, operator, action, waiting)
		return err
	}))
	return waiting, err
}
