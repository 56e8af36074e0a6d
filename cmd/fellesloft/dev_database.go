package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/devenv"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// devDatabaseName is the database on the cluster that dev starts.
const devDatabaseName = "fellesloft"

// roleURLs are the addresses of one database for each role that dev needs.
type roleURLs struct{ owner, app, engine, anyone string }

// ownDatabase makes roles and database on the cluster that dev has started.
func ownDatabase(ctx context.Context, cluster *devenv.Postgres) (roleURLs, error) {
	passwords := devPasswords(cluster.URL())
	if err := db.EnsureRoles(ctx, cluster.URL(), passwords); err != nil {
		return roleURLs{}, err
	}
	address, err := cluster.EnsureDatabase(ctx, devDatabaseName, db.RoleOwner)
	if err != nil {
		return roleURLs{}, err
	}
	return withRoles(address, passwords)
}

// databaseFromEnv reads what the caller has said of a database to use; owner is
// empty where dev is to start a cluster of its own.
func databaseFromEnv() roleURLs {
	return roleURLs{
		owner: os.Getenv("DATABASE_URL"), app: os.Getenv("DATABASE_URL_APP"),
		engine: os.Getenv("DATABASE_URL_ENGINE"), anyone: os.Getenv("DATABASE_URL_ANYONE"),
	}
}

// givenDatabase uses the database of DATABASE_URL. Nothing on its server is
// changed before the database has turned out to be empty or a development one
// of this program, and roles that are there already are left as they are:
// another database on the server may depend on them.
func givenDatabase(ctx context.Context, given roleURLs) (roleURLs, error) {
	conn, err := pgx.Connect(ctx, given.owner)
	if err != nil {
		return roleURLs{}, unreachableDatabase(err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the statements' own errors decide
	super, err := mayPlayWith(ctx, conn)
	if err != nil {
		return roleURLs{}, err
	}
	switch {
	case given.app != "" && given.engine != "" && given.anyone != "":
		return given, nil
	case !super:
		return roleURLs{}, errors.New("DATABASE_URL is not a superuser's, so dev cannot make the program's roles: let a superuser run `fellesloft migrate roles` there, and set DATABASE_URL_APP, DATABASE_URL_ENGINE and DATABASE_URL_ANYONE as well")
	}
	return rolesBySuperuser(ctx, conn, given.owner)
}

func unreachableDatabase(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "3D000" {
		return fmt.Errorf("DATABASE_URL names a database that does not exist (%s): make it, for example with createdb, and run this again", refused.Message)
	}
	return fmt.Errorf("DATABASE_URL cannot be used: %w", err)
}

// mayPlayWith refuses a database that holds anything but a development
// deployment of this program, and tells whether the caller is a superuser.
func mayPlayWith(ctx context.Context, conn *pgx.Conn) (super bool, err error) {
	var tables int
	var marked bool
	err = conn.QueryRow(ctx, `SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), count(*), coalesce(bool_or(c.relname = 'deployment'), false)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'`).Scan(&super, &tables, &marked)
	if err != nil {
		return false, fmt.Errorf("look into the database of DATABASE_URL: %w", err)
	}
	if tables == 0 {
		return super, nil
	}
	kind := "not this program's"
	if marked {
		if err := conn.QueryRow(ctx, `SELECT coalesce((SELECT kind FROM deployment), '')`).Scan(&kind); err != nil {
			return false, fmt.Errorf("read what the database of DATABASE_URL is for: %w", err)
		}
	}
	if kind == db.Development || kind == "" {
		return super, nil
	}
	rule := "deployment.kind-differs"
	if !marked {
		rule = "deployment.not-ours"
	}
	return false, fmt.Errorf("the database of DATABASE_URL is not one to play with (it is %s): name an empty one, or one that dev has made; %w",
		kind, fault.New(fault.Conflict, rule, fault.Params{"is": kind, "wanted": db.Development}))
}

func rolesBySuperuser(ctx context.Context, conn *pgx.Conn, address string) (roleURLs, error) {
	server, err := url.Parse(address)
	if err != nil {
		return roleURLs{}, fault.Wrap(fault.Invalid, "config.database-url", err)
	}
	server.Path, server.RawQuery = "", "" // databases on one server share its roles
	passwords := devPasswords(server.String())
	urls, err := withRoles(address, passwords)
	if err != nil {
		return roleURLs{}, err
	}
	var existing int
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM pg_roles WHERE rolname = ANY($1)`, db.Roles()).Scan(&existing); err != nil {
		return roleURLs{}, fmt.Errorf("look for the program's roles: %w", err)
	}
	if existing == 0 {
		if err := db.EnsureRoles(ctx, address, passwords); err != nil {
			return roleURLs{}, err
		}
	}
	// The owner of a database may make tables in it; its superuser need not run
	// migrations.
	statement := `ALTER DATABASE ` + pgx.Identifier{conn.Config().Database}.Sanitize() + ` OWNER TO ` + db.RoleOwner
	if _, err := conn.Exec(ctx, statement); err != nil {
		return roleURLs{}, fmt.Errorf("give the database to %s: %w", db.RoleOwner, err)
	}
	return urls, urls.canConnect(ctx)
}

// canConnect refuses roles with passwords that dev does not know.
func (u roleURLs) canConnect(ctx context.Context) error {
	for _, address := range []string{u.owner, u.app, u.engine, u.anyone} {
		conn, err := pgx.Connect(ctx, address)
		if err != nil {
			return fmt.Errorf("the program's roles exist on the server of DATABASE_URL with passwords of their own: name them in DATABASE_URL (the owner's), DATABASE_URL_APP, DATABASE_URL_ENGINE and DATABASE_URL_ANYONE; %w", err)
		}
		if err := conn.Close(ctx); err != nil {
			return fmt.Errorf("close a connection: %w", err)
		}
	}
	return nil
}

func devPasswords(server string) map[string]string {
	passwords := map[string]string{}
	for _, role := range db.Roles() {
		passwords[role] = devenv.RolePassword(server, role)
	}
	return passwords
}

func withRoles(address string, passwords map[string]string) (urls roleURLs, err error) {
	for role, into := range map[string]*string{
		db.RoleOwner: &urls.owner, db.RoleApp: &urls.app, db.RoleEngine: &urls.engine, db.RoleAnyone: &urls.anyone,
	} {
		if *into, err = db.WithRole(address, role, passwords[role]); err != nil {
			return roleURLs{}, err
		}
	}
	return urls, nil
}
