// Package seed fills a database with what stands there before anybody signs in:
// the register of municipalities and networks in every deployment, and the
// organisations and identities of the demonstration in a development one.
//
// It runs as the database's owner, from `migrate` and `dev`; a request or an
// activity never calls it. Seeding again changes nothing, brings dated register
// facts up to date, and leaves what people have edited since.
package seed

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// namespace makes ids of names, so that the same organisation and the same
// demonstration identity have the same id in every database.
var namespace = uuid.MustParse("6f8c5a0e-3d0b-5c62-9a41-0f2b1c7d9e55")

func idOf(kind, name string) uuid.UUID {
	return uuid.NewSHA1(namespace, []byte(kind+":"+name))
}

// statement is SQL with rows, which it takes as one JSON array.
type statement struct {
	what string
	sql  string
	rows any
}

// asOwner runs the statements in one transaction. Two seeds at once, as when
// several migrate steps start together, wait for each other.
func asOwner(ctx context.Context, ownerURL string, statements []statement) error {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "database.unreachable", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the work is committed or rolled back by then
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('fellesloft seed'))`); err != nil {
			return fmt.Errorf("wait for another seed: %w", err)
		}
		for _, s := range statements {
			rows, err := json.Marshal(s.rows)
			if err != nil {
				return fmt.Errorf("seed %s: %w", s.what, err)
			}
			if _, err := tx.Exec(ctx, s.sql, string(rows)); err != nil {
				return fmt.Errorf("seed %s: %w", s.what, db.Fault(err))
			}
		}
		return nil
	})
}
