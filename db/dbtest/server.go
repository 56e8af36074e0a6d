package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/devenv"
)

const (
	testPrefix     = "fellesloft_test_"
	templatePrefix = "fellesloft_template_"

	// staleAfter is longer than any test run: an older test database was left
	// by a run that was killed.
	staleAfter = 6 * time.Hour
)

// server is the PostgreSQL server that this process's tests use, with a pool
// of superuser connections that lives as long as the process.
type server struct {
	superuserURL string
	admin        *pgxpool.Pool

	mu           sync.Mutex
	templateName string
}

var shared struct {
	sync.Mutex
	server *server
}

func sharedServer(ctx context.Context) (*server, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil {
		return shared.server, nil
	}
	superuserURL, err := devenv.PostgresForTests(ctx)
	if err != nil {
		return nil, err
	}
	shared.server, err = openServer(ctx, superuserURL)
	return shared.server, err
}

func openServer(ctx context.Context, superuserURL string) (*server, error) {
	// The pool must outlive the test that happens to come first.
	const connections = 4
	admin, err := db.Open(context.WithoutCancel(ctx), superuserURL, connections)
	if err != nil {
		return nil, err
	}
	s := &server{superuserURL: superuserURL, admin: admin}
	if err := s.locked(ctx, s.prepare); err != nil {
		admin.Close()
		return nil, err
	}
	return s, nil
}

// locked runs f while no other test process runs one on the server.
func (s *server) locked(ctx context.Context, f func(context.Context, *pgxpool.Conn) error) error {
	return s.admin.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtext('fellesloft test server'))`); err != nil {
			return fmt.Errorf("lock the test server: %w", err)
		}
		defer conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(hashtext('fellesloft test server'))`) //nolint:errcheck // a connection that cannot unlock is gone, and its lock with it
		return f(ctx, conn)
	})
}

// prepare makes the roles, with the same passwords in every test process, and
// drops what killed runs have left.
func (s *server) prepare(ctx context.Context, conn *pgxpool.Conn) error {
	passwords := map[string]string{}
	for _, role := range db.Roles() {
		passwords[role] = devenv.RolePassword(s.superuserURL, role)
	}
	if err := db.EnsureRoles(ctx, s.superuserURL, passwords); err != nil {
		return fmt.Errorf("make the roles: %w", err)
	}
	rows, err := conn.Query(ctx, `SELECT datname FROM pg_database WHERE starts_with(datname, $1)`, testPrefix)
	if err != nil {
		return fmt.Errorf("look for left test databases: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("look for left test databases: %w", err)
	}
	for _, name := range names {
		if isStale(name, time.Now()) {
			if err := s.drop(ctx, name); err != nil {
				return fmt.Errorf("drop a test database that a killed run left: %w", err)
			}
		}
	}
	return nil
}

// isStale reads the Unix time that stands in a test database's name.
func isStale(name string, now time.Time) bool {
	stamp, _, ok := strings.Cut(strings.TrimPrefix(name, testPrefix), "_")
	made, err := strconv.ParseInt(stamp, 16, 64)
	if !ok || err != nil {
		return false
	}
	return now.Sub(time.Unix(made, 0)) > staleAfter
}

// template gives the name of a database with the current schema, migrating it
// once. It carries the hash of all that decides its content, and its name only
// once it is complete; nobody may connect to it, because PostgreSQL clones no
// database that is in use.
func (s *server) template(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.templateName != "" {
		return s.templateName, nil
	}
	hash, err := schemaHash()
	if err != nil {
		return "", err
	}
	name := templatePrefix + hash
	err = s.locked(ctx, func(ctx context.Context, conn *pgxpool.Conn) error {
		var there bool
		if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil || there {
			return err
		}
		return s.buildTemplate(ctx, conn, name)
	})
	if err != nil {
		return "", err
	}
	s.templateName = name
	return name, nil
}

func (s *server) buildTemplate(ctx context.Context, conn *pgxpool.Conn, name string) error {
	draft := name + "_draft"
	if err := s.drop(ctx, draft); err != nil {
		return err
	}
	if err := s.clone(ctx, draft, "template0"); err != nil {
		return err
	}
	ownerURL, err := s.address(draft, db.RoleOwner)
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx, ownerURL, db.Development); err != nil {
		return err
	}
	for _, statement := range []string{
		`ALTER DATABASE ` + draft + ` WITH ALLOW_CONNECTIONS false`,
		`ALTER DATABASE ` + draft + ` RENAME TO ` + name,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("finish the template: %w", err)
		}
	}
	return nil
}

// schemaHash covers the migrations' names and text.
func schemaHash() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(db.Migrations(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(db.Migrations(), path)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%s %d\n%s", path, len(text), text)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read the migrations: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// clone makes a database. The names are this package's own and need no quotes.
func (s *server) clone(ctx context.Context, name, template string) error {
	_, err := s.admin.Exec(ctx, fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s OWNER %s`, name, template, db.RoleOwner))
	if err != nil {
		return fmt.Errorf("create %s from %s: %w", name, template, err)
	}
	return nil
}

func (s *server) drop(ctx context.Context, name string) error {
	if _, err := s.admin.Exec(ctx, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`); err != nil {
		return fmt.Errorf("drop %s: %w", name, err)
	}
	return nil
}

// address is a database's URL for a role.
func (s *server) address(database, role string) (string, error) {
	u, err := url.Parse(s.superuserURL)
	if err != nil {
		return "", fmt.Errorf("the test server's address is no URL: %w", err)
	}
	u.Path = "/" + database
	if role == Super {
		return u.String(), nil
	}
	return db.WithRole(u.String(), role, devenv.RolePassword(s.superuserURL, role))
}
