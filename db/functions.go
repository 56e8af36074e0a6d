package db

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// The database's table functions. sqlc does not know the columns of a function
// that returns a table, so these few are written by hand.

// Event is one entry of an organisation's feed. Its place is (XID, Seq): commit
// order.
type Event struct {
	XID      string          `db:"xid"`
	Seq      int64           `db:"seq"`
	At       time.Time       `db:"at"`
	CaseAt   *time.Time      `db:"case_at"`
	Action   string          `db:"action"`
	CaseID   *uuid.UUID      `db:"case_id"`
	ObjectID *uuid.UUID      `db:"object_id"`
	Own      bool            `db:"own"`
	After    json.RawMessage `db:"after"`
}

// EventsAfter lists an organisation's events behind a place in the feed.
func EventsAfter(ctx context.Context, q DBTX, org uuid.UUID, xid string, seq int64, upTo int) ([]Event, error) {
	rows, err := q.Query(ctx, `SELECT xid::text AS xid, seq, at, case_at, action, case_id, object_id, own, after FROM events_after($1, $2::text::xid8, $3, $4)`, org, xid, seq, upTo)
	if err != nil {
		return nil, Fault(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Event])
	return out, Fault(err)
}

// Gate is what a submission learns when it passes: the instant of receipt and
// the deadline, both in case time.
type Gate struct {
	ReceivedAt time.Time
	Deadline   time.Time
	ClosedAt   *time.Time
}

// EnterGate reads the clock, then takes the shared lock that keeps closing away
// until this transaction ends. It must be the first statement after BEGIN that
// can wait. It returns not_found for a procurement that is not published, and
// unavailable (database.busy) when the lock is not had within three seconds.
func EnterGate(ctx context.Context, tx pgx.Tx, procurement uuid.UUID) (Gate, error) {
	var g Gate
	err := tx.QueryRow(ctx, `SELECT received_at, deadline, closed_at FROM enter_gate($1)`, procurement).Scan(&g.ReceivedAt, &g.Deadline, &g.ClosedAt)
	return g, Fault(err)
}

// Happening is one entry of a case's timeline. Who is empty for what time, or
// another organisation, did.
type Happening struct {
	At     time.Time       `db:"at"`
	Action string          `db:"action"`
	Who    string          `db:"who"`
	Params json.RawMessage `db:"params"`
}

// CaseTimeline lists what has happened in a case, oldest first; empty for a
// case that the actor's organisation may not see.
func CaseTimeline(ctx context.Context, q DBTX, procurement uuid.UUID) ([]Happening, error) {
	rows, err := q.Query(ctx, `SELECT at, action, who, params FROM case_timeline($1)`, procurement)
	if err != nil {
		return nil, Fault(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[Happening])
	return out, Fault(err)
}
