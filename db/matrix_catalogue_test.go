package db_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fellesloft/fellesloft/db"
)

// letters are the statements that a role may make on a table.
const letters = `SELECT c.relname::text, c.relrowsecurity AND c.relforcerowsecurity, coalesce(string_agg(
	CASE WHEN has_table_privilege($1, c.oid, p) THEN left(p, 1)
	     WHEN p IN ('SELECT', 'INSERT', 'UPDATE') AND has_any_column_privilege($1, c.oid, CASE WHEN p IN ('SELECT', 'INSERT', 'UPDATE') THEN p ELSE 'SELECT' END) THEN lower(left(p, 1)) END, '' ORDER BY o), '')
	FROM pg_class c, (VALUES (1, 'SELECT'), (2, 'INSERT'), (3, 'UPDATE'), (4, 'DELETE'), (5, 'TRUNCATE'), (6, 'TRIGGER')) x(o, p)
	WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'goose_db_version' GROUP BY 1, 2`

// grants compares the catalogue with the table of rights.
func (w *matrixWorld) grants(add func(string, ...any)) {
	for _, role := range []string{db.RoleApp, db.RoleEngine, db.RoleAnyone, db.RoleBackup} {
		rows, err := w.super.Query(w.t.Context(), letters, role)
		if err != nil {
			w.t.Fatal(err)
		}
		for rows.Next() {
			var table, may string
			var forced bool
			if err := rows.Scan(&table, &forced, &may); err != nil {
				w.t.Fatal(err)
			}
			r, known := tableRows[table]
			want := map[string]string{db.RoleApp: r.app, db.RoleEngine: r.engine, db.RoleAnyone: r.anyone, db.RoleBackup: "S"}[role]
			switch {
			case !known:
				add("%s has no row in the table of rights: say there who may do what with it", table)
			case may != want:
				add("%s may %q on %s, want %q", role, may, table, want)
			}
			if !forced {
				add("%s does not force row security", table)
			}
		}
		if err := rows.Err(); err != nil {
			w.t.Fatal(err)
		}
	}
}

type column struct {
	name               string
	generated, private bool
}

// columns lists a table's columns. Private are those whose ids are nobody else's
// business: an organisation is in a public register, a person's id says nothing.
func (w *matrixWorld) columns(table string) []column {
	if known, ok := w.known[table]; ok {
		return known
	}
	rows, err := w.super.Query(w.t.Context(), `SELECT a.attname::text, a.attidentity <> '', a.atttypid = 'uuid'::regtype AND a.attname <> 'id'
		AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'f' AND a.attnum = ANY (k.conkey) AND k.confrelid IN ('organisations'::regclass, 'identities'::regclass))
		FROM pg_attribute a WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`, table)
	if err != nil {
		w.t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (column, error) {
		var c column
		err := row.Scan(&c.name, &c.generated, &c.private)
		return c, err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.known[table] = out
	return out
}

// changeable lists the columns that the role of requests may change.
func (w *matrixWorld) changeable(table string) []string {
	rows, err := w.super.Query(w.t.Context(), `SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped
		AND has_column_privilege($2, a.attrelid, a.attnum, 'UPDATE') ORDER BY a.attnum`, table, db.RoleApp)
	if err != nil {
		w.t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

var inBraces = regexp.MustCompile(`\{[a-z ]+\}`)

// functions compares who may call each function with the table, and calls those
// that take ids with the other side's and with nobody's.
func (w *matrixWorld) functions(add func(string, ...any)) {
	rows, err := w.super.Query(w.t.Context(), `SELECT p.oid::regprocedure::text, p.prosecdef AND coalesce(p.proconfig::text, '') NOT LIKE '%search_path=public, pg_temp%',
		concat_ws(' ', CASE WHEN has_function_privilege($1, p.oid, 'EXECUTE') THEN 'app' END, CASE WHEN has_function_privilege($2, p.oid, 'EXECUTE') THEN 'engine' END,
		CASE WHEN has_function_privilege($3, p.oid, 'EXECUTE') THEN 'anyone' END, CASE WHEN has_function_privilege($4, p.oid, 'EXECUTE') THEN 'backup' END)
		FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace`, db.RoleApp, db.RoleEngine, db.RoleAnyone, db.RoleBackup)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var signature, roles string
		var loose bool
		if err := rows.Scan(&signature, &loose, &roles); err != nil {
			w.t.Fatal(err)
		}
		f, known := functionRows[signature]
		switch {
		case !known:
			add("%s has no row in the table of rights: say there who may call it", signature)
		case roles != f.roles:
			add("%s may be called by %q, want %q", signature, roles, f.roles)
		case f.probe == "" && f.given == "":
			add("%s is not tried, and nothing says why", signature)
		}
		if loose {
			add("%s runs as its owner and does not fix its search path", signature)
		}
	}
	for _, who := range []string{"A lead", "A participant", "A supplier", "A member", "A asked", "A former", "stranger", ""} {
		w.as(db.RoleApp, who, func(tx pgx.Tx) {
			for signature, f := range functionRows {
				if f.probe == "" {
					continue
				}
				theirs := w.call(tx, f.probe, func(name string) uuid.UUID {
					if name == "org" {
						return w.orgs["B lead"]
					}
					return w.ids["B "+name]
				})
				nobodys := w.call(tx, f.probe, func(string) uuid.UUID { return uuid.New() })
				if theirs != nobodys {
					add("%s called by %q with another's ids: %s, and %s for nobody's", signature, who, theirs, nobodys)
				}
			}
		})
	}
}

// call gives a query's answer as text, or the code of its refusal.
func (w *matrixWorld) call(tx pgx.Tx, probe string, id func(name string) uuid.UUID) string {
	sql := inBraces.ReplaceAllStringFunc(probe, func(s string) string {
		found := id(strings.Trim(s, "{}"))
		if found == uuid.Nil {
			w.t.Fatalf("%s names what is not there", probe)
		}
		return "'" + found.String() + "'"
	})
	point, err := tx.Begin(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	defer point.Rollback(w.t.Context())
	before := w.written(tx)
	rows, err := point.Query(w.t.Context(), `SELECT coalesce(jsonb_agg(to_jsonb(answer)), '[]')::text FROM (`+sql+`) answer`)
	if err == nil {
		var text string
		if text, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[string]); err == nil {
			return fmt.Sprintf("%s and %d rows written", text, w.written(tx)-before)
		}
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code
	}
	w.t.Fatalf("%v\n%s", err, sql)
	return ""
}

// written counts the rows that a transaction has written, also where its role may
// not read.
func (w *matrixWorld) written(tx pgx.Tx) (n int64) {
	w.t.Helper()
	err := tx.QueryRow(w.t.Context(), `SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_xact_user_tables`).Scan(&n)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}
