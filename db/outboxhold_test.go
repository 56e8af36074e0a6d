package db_test

import (
	"testing"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
)

func TestAnOperatorHoldsAndReleasesTheOutbox(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	d.Exec(db.RoleOwner, `SELECT wake('procurement', gen_random_uuid())`)
	worker := d.Pool(db.RoleEngine)
	for _, held := range []bool{true, true, false} {
		waiting, err := db.HoldOutbox(t.Context(), d.URL(db.RoleOwner), held)
		if err != nil || waiting != 1 {
			t.Fatalf("HoldOutbox(%v): %d waiting, %v", held, waiting, err)
		}
		if got, err := sqlcgen.New().Deployment(t.Context(), worker); err != nil || got.OutboxHeld != held {
			t.Errorf("held = %v (%v), want %v", got.OutboxHeld, err, held)
		}
	}
	var actions []string
	if err := d.Pool(db.RoleOwner).QueryRow(t.Context(), `SELECT array_agg(action ORDER BY seq) FROM audit`).Scan(&actions); err != nil {
		t.Fatal(err)
	}
	if len(actions) != 3 || actions[0] != "outbox.held" || actions[2] != "outbox.released" {
		t.Errorf("audit: %v", actions)
	}
}
