package db

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// The database's roles. They belong to the server and not to one database.
const (
	RoleOwner  = "fellesloft_owner"  // migrations; BYPASSRLS, since a data migration under FORCE updates 0 rows without an error
	RoleApp    = "fellesloft_app"    // serve: bound to the actor's organisation
	RoleEngine = "fellesloft_engine" // worker: named system actors
	RoleAnyone = "fellesloft_anyone" // the public: reads public_* and nothing else
	RoleBackup = "fellesloft_backup" // reads everything, writes nothing
)

// Roles lists the roles in the order in which they are made.
func Roles() []string {
	return []string{RoleOwner, RoleApp, RoleEngine, RoleAnyone, RoleBackup}
}

// RolesSQL gives the statements that a superuser runs once per server. They can
// be run again. Passwords are optional: a role without one cannot sign in by
// password.
func RolesSQL(passwords map[string]string) []string {
	const lock = `SELECT pg_advisory_xact_lock(hashtext('fellesloft roles'))`
	out := []string{lock}
	for _, role := range Roles() {
		attributes := "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
		if role == RoleOwner || role == RoleBackup {
			attributes += " BYPASSRLS"
		} else {
			attributes += " NOBYPASSRLS"
		}
		out = append(out,
			fmt.Sprintf(`DO $$ BEGIN CREATE ROLE %s; EXCEPTION WHEN duplicate_object THEN NULL; END $$`, role),
			fmt.Sprintf(`ALTER ROLE %s %s`, role, attributes))
		if p := passwords[role]; p != "" {
			out = append(out, fmt.Sprintf(`ALTER ROLE %s PASSWORD '%s'`, role, strings.ReplaceAll(p, "'", "''")))
		}
	}
	return append(out, fmt.Sprintf(`ALTER ROLE %s SET default_transaction_read_only = on`, RoleBackup))
}

// EnsureRoles makes the roles as a superuser, repeatably and under an advisory
// lock. It returns denied (database.roles-need-superuser) for anybody else,
// because only a superuser may give BYPASSRLS.
func EnsureRoles(ctx context.Context, superuserURL string, passwords map[string]string) error {
	conn, err := pgx.Connect(ctx, superuserURL)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "database.unreachable", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the work is committed or rolled back by then
	var super bool
	if err := conn.QueryRow(ctx, `SELECT rolsuper FROM pg_roles WHERE rolname = current_user`).Scan(&super); err != nil {
		return fmt.Errorf("read own role: %w", err)
	}
	if !super {
		return fault.New(fault.Denied, "database.roles-need-superuser")
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, statement := range RolesSQL(passwords) {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return fmt.Errorf("make roles: %w", err)
			}
		}
		return nil
	})
}

// CheckRole refuses (denied, database.role-too-strong) to run serve or worker
// as a superuser, the owner of tables, or a role that row-level security does
// not bind.
func CheckRole(ctx context.Context, q DBTX) error {
	var strong bool
	err := q.QueryRow(ctx, `SELECT r.rolsuper OR r.rolbypassrls
		OR EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relowner = r.oid)
		FROM pg_roles r WHERE r.rolname = current_user`).Scan(&strong)
	if err != nil {
		return fmt.Errorf("read own role: %w", err)
	}
	if strong {
		return fault.New(fault.Denied, "database.role-too-strong")
	}
	return nil
}

// WithRole gives a database address with another user and password, for
// development, where the roles' addresses follow from the cluster's.
func WithRole(address, role, password string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || !slices.Contains([]string{"postgres", "postgresql"}, u.Scheme) {
		return "", fault.New(fault.Invalid, "config.database-url")
	}
	u.User = url.UserPassword(role, password)
	return u.String(), nil
}
