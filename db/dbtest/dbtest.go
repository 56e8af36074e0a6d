// Package dbtest gives each test a PostgreSQL database of its own with the
// project's schema, cheap enough to ask for in every test: it is cloned from a
// template that is migrated once per set of migrations.
//
// A test that cannot have a database fails; it never skips.
package dbtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/db"
)

// DB is one test's database. It is dropped when the test ends, with whatever
// still uses it.
type DB struct {
	// Name is the database's name on the server.
	Name string
	t    testing.TB
	srv  *server
}

// Super is the role that [DB.URL] and [DB.Pool] take for the server's
// superuser, which is not one of the project's own.
const Super = "superuser"

// New gives a database with the current schema, marked as a development one
// and otherwise empty.
func New(t testing.TB) *DB {
	t.Helper()
	srv := connect(t)
	template, err := srv.template(t.Context())
	if err != nil {
		t.Fatalf("make the template of test databases: %v", err)
	}
	return create(t, srv, template)
}

// NewAt gives a database on a server of the test's own, by its superuser's
// address, for tests that look at the server itself.
func NewAt(t testing.TB, superuserURL string) *DB {
	t.Helper()
	srv, err := openServer(t.Context(), superuserURL)
	if err != nil {
		t.Fatalf("a server of the test's own: %v", err)
	}
	t.Cleanup(srv.admin.Close)
	template, err := srv.template(t.Context())
	if err != nil {
		t.Fatalf("make the template of test databases: %v", err)
	}
	return create(t, srv, template)
}

// Empty gives a database without a schema, owned by [db.RoleOwner], for tests
// of the migrations themselves.
func Empty(t testing.TB) *DB {
	t.Helper()
	return create(t, connect(t), "template0")
}

// URL is the address of the database for a role: one of [db.Roles], or [Super].
func (d *DB) URL(role string) string {
	d.t.Helper()
	address, err := d.srv.address(d.Name, role)
	if err != nil {
		d.t.Fatalf("address for %s: %v", role, err)
	}
	return address
}

// Pool connects as a role: one of [db.Roles], or [Super]. Each call opens a
// pool of its own of few connections, since many tests share one server; it is
// closed when the test ends.
func (d *DB) Pool(role string) *pgxpool.Pool {
	d.t.Helper()
	const connections = 4
	return d.PoolOf(role, connections)
}

// PoolOf is [DB.Pool] with another number of connections, for tests that race.
func (d *DB) PoolOf(role string, connections int32) *pgxpool.Pool {
	d.t.Helper()
	pool, err := db.Open(d.t.Context(), d.URL(role), connections)
	if err != nil {
		d.t.Fatalf("connect to the test database as %s: %v", role, err)
	}
	d.t.Cleanup(pool.Close)
	return pool
}

// Exec runs statements as a role, for a test's set-up.
func (d *DB) Exec(role, sql string, args ...any) {
	d.t.Helper()
	ctx := d.t.Context()
	conn, err := pgx.Connect(ctx, d.URL(role))
	if err != nil {
		d.t.Fatalf("connect to the test database as %s: %v", role, err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the statement's own error decides
	if _, err := conn.Exec(ctx, sql, args...); err != nil {
		d.t.Fatalf("as %s: %v\n%s", role, err, sql)
	}
}

func connect(t testing.TB) *server {
	t.Helper()
	srv, err := sharedServer(t.Context())
	if err != nil {
		t.Fatalf("a test database: %v", err)
	}
	return srv
}

func create(t testing.TB, srv *server, template string) *DB {
	t.Helper()
	name := fmt.Sprintf("%s%x_%s", testPrefix, time.Now().Unix(), strings.ToLower(rand.Text()[:10]))
	if err := srv.clone(t.Context(), name, template); err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := srv.drop(ctx, name); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return &DB{Name: name, t: t, srv: srv}
}
