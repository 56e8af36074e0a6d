package db_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/actor"
)

func tables(t *testing.T, d *dbtest.DB) []string {
	t.Helper()
	rows, err := d.Pool(dbtest.Super).Query(t.Context(), `SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind = 'r' AND nspname = 'public' AND relname <> 'goose_db_version' ORDER BY relname`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	return out
}

func denied(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42501"
}

// Every table has forced row-level security, so a table that is forgotten in
// the policies is closed and not open.
func TestEveryTableForcesRowSecurity(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var open []string
	err := d.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT coalesce(array_agg(relname::text), '{}') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE relkind = 'r' AND nspname = 'public' AND relname <> 'goose_db_version' AND NOT (relrowsecurity AND relforcerowsecurity)`).Scan(&open)
	if err != nil || len(open) > 0 {
		t.Fatalf("without forced row security: %v %v", open, err)
	}
}

// What each role may read at all. A table that is not listed for a role must
// refuse it.
func TestRolesReadOnlyWhatTheyNeed(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	never := map[string][]string{
		db.RoleApp:    {"opening_wraps", "outbox", "audit_names", "web_storage"},
		db.RoleEngine: {"supplier_wraps", "consortium_members", "draft_answers", "answer_notes", "answer_assignments", "draft_files", "draft_summaries", "question_askers", "identities", "memberships", "invitations", "library_entries", "library_versions", "organisation_keys", "stored_answers", "idempotency", "web_storage"},
	}
	for _, table := range tables(t, d) {
		for _, role := range []string{db.RoleApp, db.RoleEngine, db.RoleAnyone} {
			_, err := d.Pool(role).Exec(t.Context(), `SELECT 1 FROM `+table)
			wantDenied := slices.Contains(never[role], table)
			if role == db.RoleAnyone {
				wantDenied = !strings.HasPrefix(table, "public_")
			}
			if denied(err) != wantDenied {
				t.Errorf("%s reading %s: %v, want refusal %t", role, table, err, wantDenied)
			}
		}
	}
}

func TestTheAuditLogIsAppendOnly(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	d.Exec(db.RoleOwner, `INSERT INTO audit (actor_kind, actor_id, action) VALUES ('engine', gen_random_uuid(), 'test')`)
	for _, role := range []string{db.RoleOwner, db.RoleApp, db.RoleEngine, dbtest.Super} {
		for _, statement := range []string{`UPDATE audit SET action = 'x'`, `DELETE FROM audit`, `TRUNCATE audit`} {
			if _, err := d.Pool(role).Exec(t.Context(), statement); !denied(err) {
				t.Errorf("%s: %s: %v", role, statement, err)
			}
		}
	}
}

// The organisation of one actor never leaks to the next one on a connection.
func TestNothingLeaksBetweenActors(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	pool := d.PoolOf(db.RoleApp, 2)
	for i := range 200 {
		a := actor.Actor{Kind: actor.Person}
		want := ""
		if i%3 != 0 {
			a.Org = uuid.New()
			want = a.Org.String()
		}
		var got string
		if err := db.As(pool, a).QueryRow(t.Context(), `SELECT coalesce(app_org()::text, '')`).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Fatalf("org is %q, want %q", got, want)
		}
		if err := pool.QueryRow(context.Background(), `SELECT coalesce(app_org()::text, '')`).Scan(&got); err != nil || got != "" {
			t.Fatalf("a bare connection has org %q: %v", got, err)
		}
	}
}

// Composite keys keep what belongs to a sandbox from referring to the real
// space, and the other way round.
func TestSpacesAreApart(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	org, sandbox, procurement := uuid.New(), uuid.New(), uuid.New()
	d.Exec(dbtest.Super, `INSERT INTO organisations (id, kind, name) VALUES ($1, 'municipality', 'X')`, org)
	d.Exec(dbtest.Super, `INSERT INTO spaces (id, kind, name, owner_org) VALUES ($1, 'sandbox', 's', $2)`, sandbox, org)
	d.Exec(dbtest.Super, `INSERT INTO procurements (id, space_id, phase, lead_org, title, plan, created_at) VALUES ($1, $2, 'draft', $3, 't', '{}', now())`, procurement, sandbox, org)
	_, err := d.Pool(dbtest.Super).Exec(t.Context(), `INSERT INTO participants (procurement_id, space_id, org_id, estimated_value, maximum_value)
		VALUES ($1, '00000000-0000-4000-8000-000000000001', $2, 0, 0)`, procurement, org)
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "23503" {
		t.Fatalf("a participant of the real space in a sandbox case: %v", err)
	}
	if _, err := d.Pool(dbtest.Super).Exec(t.Context(), `UPDATE spaces SET offset_us = -1 WHERE id = $1`, sandbox); err == nil {
		t.Fatal("a sandbox clock went back")
	}
}

func TestStrongRolesAreRefused(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for role, strong := range map[string]bool{db.RoleApp: false, db.RoleEngine: false, db.RoleAnyone: false, db.RoleOwner: true, dbtest.Super: true} {
		if err := db.CheckRole(t.Context(), d.Pool(role)); (err != nil) != strong {
			t.Errorf("%s: %v", role, err)
		}
	}
}
