package db

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// DBTX is what sqlc's queries run on: a pool, a transaction, or a pool bound to
// an actor (As).
type DBTX = sqlcgen.DBTX

// Open connects a pool. It returns unavailable (database.unreachable) when the
// database does not answer within ten seconds, and invalid
// (config.database-url) for an address that cannot be read.
func Open(ctx context.Context, address string, maxConns int32) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "config.database-url", err)
	}
	if maxConns > 0 {
		cfg.MaxConns = maxConns
	}
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "database.unreachable", err)
	}
	ping, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := pool.Ping(ping); err != nil {
		pool.Close()
		return nil, fault.Wrap(fault.Unavailable, "database.unreachable", err)
	}
	return pool, nil
}

// As binds single statements to an actor's organisation: set_config and the
// statement go as one implicit transaction, so nothing leaks to the next user
// of the connection.
func As(pool *pgxpool.Pool, a actor.Actor) DBTX { return asActor{pool, orgSetting(a)} }

type asActor struct {
	pool *pgxpool.Pool
	org  string
}

func orgSetting(a actor.Actor) string {
	if a.Org == uuid.Nil {
		return ""
	}
	return a.Org.String()
}

const setOrg = `SELECT set_config('app.org', $1, true)`

func (b asActor) batch(sql string, args []any) *pgx.Batch {
	var batch pgx.Batch
	batch.Queue(setOrg, b.org)
	batch.Queue(sql, args...)
	return &batch
}

func (b asActor) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	results := b.pool.SendBatch(ctx, b.batch(sql, args))
	defer results.Close() //nolint:errcheck // the statement's own error is returned below
	if _, err := results.Exec(); err != nil {
		return pgconn.CommandTag{}, err
	}
	return results.Exec()
}

func (b asActor) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	results := b.pool.SendBatch(ctx, b.batch(sql, args))
	if _, err := results.Exec(); err != nil {
		results.Close() //nolint:errcheck,gosec // the first error is the one to tell
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		results.Close() //nolint:errcheck,gosec // the first error is the one to tell
		return nil, err
	}
	return batchRows{rows, results}, nil
}

func (b asActor) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	results := b.pool.SendBatch(ctx, b.batch(sql, args))
	if _, err := results.Exec(); err != nil {
		results.Close() //nolint:errcheck,gosec // the first error is the one to tell
		return failedRow{err}
	}
	return batchRow{results.QueryRow(), results}
}

// CopyFrom is refused: PostgreSQL does not COPY into tables with row-level
// security.
func (b asActor) CopyFrom(context.Context, pgx.Identifier, []string, pgx.CopyFromSource) (int64, error) {
	return 0, fault.New(fault.Internal, "database.copy-under-rls")
}

type batchRows struct {
	pgx.Rows
	results pgx.BatchResults
}

func (r batchRows) Close() {
	r.Rows.Close()
	r.results.Close() //nolint:errcheck,gosec // Rows.Err tells the statement's error
}

// Next releases the connection as soon as the rows are read through.
func (r batchRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.results.Close() //nolint:errcheck,gosec // Rows.Err tells the statement's error
	return false
}

type batchRow struct {
	row     pgx.Row
	results pgx.BatchResults
}

func (r batchRow) Scan(dest ...any) error {
	err := r.row.Scan(dest...)
	if closeErr := r.results.Close(); err == nil {
		err = closeErr
	}
	return err
}

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

// InTx runs f in one transaction bound to the actor's organisation and maps
// what the database refuses to faults. f's own faults pass through unchanged.
func InTx(ctx context.Context, pool *pgxpool.Pool, a actor.Actor, f func(tx pgx.Tx) error) error {
	err := pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{BeginQuery: beginAs(a)}, f)
	return Fault(err)
}

// beginAs lets the organisation ride with BEGIN: one round trip. The value is
// a UUID that the program itself formats, so it cannot carry SQL.
func beginAs(a actor.Actor) string {
	return fmt.Sprintf(`BEGIN; SELECT set_config('app.org', '%s', true)`, orgSetting(a))
}
