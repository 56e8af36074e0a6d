package dbtest_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
)

func TestDatabasesOfTestsAreApart(t *testing.T) {
	t.Parallel()
	one, two := dbtest.New(t), dbtest.New(t)
	one.Exec(db.RoleOwner, `CREATE TABLE only_here (n int)`)
	var there *string
	if err := two.Pool(db.RoleOwner).QueryRow(t.Context(), `SELECT to_regclass('only_here')::text`).Scan(&there); err != nil {
		t.Fatal(err)
	}
	if there != nil {
		t.Error("a table made in one test's database is in another's")
	}
}

func TestEachRoleConnectsAsItself(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for _, role := range db.Roles() {
		var is string
		var super bool
		err := d.Pool(role).QueryRow(t.Context(), `SELECT session_user, rolsuper FROM pg_roles WHERE rolname = current_user`).Scan(&is, &super)
		if err != nil {
			t.Fatal(err)
		}
		if is != role || super {
			t.Errorf("connected as %s (superuser: %v), want %s", is, super, role)
		}
	}
	var super bool
	if err := d.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT rolsuper FROM pg_roles WHERE rolname = current_user`).Scan(&super); err != nil || !super {
		t.Errorf("superuser: %v, %v", super, err)
	}
}

func TestNewIsADevelopmentDatabaseWithSchema(t *testing.T) {
	t.Parallel()
	var kind string
	if err := dbtest.New(t).Pool(db.RoleOwner).QueryRow(t.Context(), `SELECT kind FROM deployment`).Scan(&kind); err != nil {
		t.Fatal(err)
	}
	if kind != db.Development {
		t.Errorf("kind = %q", kind)
	}
}

func TestEmptyHasNoTables(t *testing.T) {
	t.Parallel()
	var tables int
	if err := dbtest.Empty(t).Pool(db.RoleOwner).QueryRow(t.Context(), `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`).Scan(&tables); err != nil {
		t.Fatal(err)
	}
	if tables != 0 {
		t.Errorf("%d tables", tables)
	}
}

func TestDatabaseIsDroppedThoughInUse(t *testing.T) {
	t.Parallel()
	outer := dbtest.New(t)
	var name string
	t.Run("inner", func(t *testing.T) {
		inner := dbtest.New(t)
		name = inner.Name
		conn, err := pgx.Connect(context.Background(), inner.URL(db.RoleApp)) // never closed
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	var left bool
	if err := outer.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if left {
		t.Error("the database outlived its test")
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	for i := range 12 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			dbtest.New(t).Exec(db.RoleOwner, `CREATE TABLE x (n int)`)
		})
	}
}
