package db_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fellesloft/fellesloft/db"
)

// TestMatrix is the proof of isolation in the database: raw SQL as each of its
// roles on every table and function of its catalogue, with rows of two sides that
// have nothing to do with each other.
func TestMatrix(t *testing.T) {
	t.Parallel()
	w := newMatrixWorld(t)
	for _, finding := range w.findings() {
		t.Error(finding)
	}
	for table := range tableRows {
		if len(w.rows[table]) == 0 {
			t.Errorf("%s has no rows to try: add some to fill", table)
		}
	}
}

// findings are what any statement could do that it should not.
func (w *matrixWorld) findings() []string {
	var out []string
	add := func(format string, args ...any) {
		if f := fmt.Sprintf(format, args...); !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	w.grants(add)
	if w.only == nil || slices.Contains(w.only, "functions") {
		w.functions(add)
	}
	actors := append(slices.Sorted(maps.Keys(w.orgs)), "")
	for _, who := range actors {
		w.reads(db.RoleApp, who, add)
		w.as(db.RoleApp, who, func(tx pgx.Tx) {
			w.changes(tx, who, add)
			w.additions(tx, who, add)
			w.mixtures(tx, who, add)
		})
	}
	w.reads(db.RoleAnyone, "", add)
	w.reads(db.RoleEngine, "", add)
	w.reads(db.RoleBackup, "", add)
	return out
}

// tables are those that are tried.
func (w *matrixWorld) tables() map[string]tableRights {
	if w.only == nil {
		return tableRows
	}
	some := maps.Clone(tableRows)
	maps.DeleteFunc(some, func(table string, _ tableRights) bool { return !slices.Contains(w.only, table) })
	return some
}

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

// as runs f in a transaction of a role for an organisation and takes everything
// back.
func (w *matrixWorld) as(role, who string, f func(tx pgx.Tx)) {
	w.t.Helper()
	tx, err := w.pool(role).Begin(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	defer tx.Rollback(w.t.Context())
	org := ""
	if who != "" {
		org = w.orgs[who].String()
	}
	if _, err := tx.Exec(w.t.Context(), `SELECT set_config('app.org', $1, true)`, org); err != nil {
		w.t.Fatal(err)
	}
	f(tx)
}

// try runs a statement at a savepoint and gives how many rows it touched, or the
// code of the refusal.
func (w *matrixWorld) try(tx pgx.Tx, sql string, args ...any) (rows int64, code string) {
	w.t.Helper()
	point, err := tx.Begin(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	defer point.Rollback(w.t.Context())
	tag, err := point.Exec(w.t.Context(), sql, args...)
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused):
		return 0, refused.Code
	case err != nil:
		w.t.Fatalf("%v\n%s", err, sql)
	}
	return tag.RowsAffected(), ""
}

const noRight = "42501"

// reads compares what a role sees for an organisation with what it may, row by
// row, both ways.
func (w *matrixWorld) reads(role, who string, add func(string, ...any)) {
	w.as(role, who, func(tx pgx.Tx) {
		for table, r := range w.tables() {
			may := map[string]string{db.RoleApp: r.app, db.RoleEngine: r.engine, db.RoleAnyone: r.anyone, db.RoleBackup: "S"}[role]
			if !strings.Contains(may, "S") {
				if _, code := w.try(tx, `SELECT 1 FROM `+table); code != noRight {
					add("%s for %q reads %s: code %q", role, who, table, code)
				}
				continue
			}
			rows, err := tx.Query(w.t.Context(), `SELECT ctid::text FROM `+table)
			if err != nil {
				w.t.Fatal(err)
			}
			got, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				add("%s for %q reads %s: %v", role, who, table, err)
				continue
			}
			for _, row := range w.rows[table] {
				want := role != db.RoleApp || slices.Contains(row.sees, everyone) || slices.Contains(row.sees, who)
				if sees := slices.Contains(got, row.ctid); sees != want {
					add("%s for %q: row of %s in %s: seen %t, want %t", role, who, strings.Join(row.sees, ", "), table, sees, want)
				}
			}
			if len(got) > len(w.rows[table]) {
				add("%s for %q sees %d rows of %s, and there should be %d", role, who, len(got), table, len(w.rows[table]))
			}
		}
	})
}

// mayWrite reports whether an organisation may change a row.
func (w *matrixWorld) mayWrite(table string, row ownedRow, who string) bool {
	side, name, _ := strings.Cut(who, " ")
	if writers := tableRows[table].writers; writers != nil {
		if name == "" || side != row.side || !slices.Contains(writers, name) {
			return false
		}
		// Of two suppliers each writes its own.
		return !slices.Contains(writers, "rival") || slices.Contains(row.sees, who) || row.owner(w) == w.orgs[who]
	}
	return slices.Contains(row.sees, who)
}

// owner is the supplier of a row that nobody may read.
func (r ownedRow) owner(w *matrixWorld) uuid.UUID {
	var c struct {
		Tender uuid.UUID `json:"tender_id"`
	}
	if err := json.Unmarshal(r.json, &c); err != nil {
		w.t.Fatal(err)
	}
	for _, name := range []string{"supplier", "rival"} {
		if c.Tender == w.ids[r.side+" tender "+name] {
			return w.orgs[r.side+" "+name]
		}
	}
	return uuid.Nil
}

// changes tries to change and to delete every row.
func (w *matrixWorld) changes(tx pgx.Tx, who string, add func(string, ...any)) {
	for table, r := range w.tables() {
		changing := w.changeable(table)
		for _, row := range w.rows[table] {
			may := w.mayWrite(table, row, who)
			if len(changing) > 0 {
				n, code := w.try(tx, fmt.Sprintf(`UPDATE %s SET %[2]s = %[2]s WHERE ctid = $1::text::tid`, table, changing[0]), row.ctid)
				if strings.Contains(r.app, "S") && (n > 0) != may {
					add("%q changes a row of %s in %s: %d rows, code %q, want %t", who, strings.Join(row.sees, ", "), table, n, code, may)
				}
			}
			n, code := w.try(tx, fmt.Sprintf(`DELETE FROM %s WHERE ctid = $1::text::tid`, table), row.ctid)
			switch {
			case !strings.Contains(r.app, "D") && code != noRight:
				add("%q deletes from %s: %d rows, code %q", who, table, n, code)
			case !may && (n > 0 || (code != "" && code != noRight)):
				add("%q deletes a row of %s in %s: %d rows, code %q", who, strings.Join(row.sees, ", "), table, n, code)
			}
		}
		if len(changing) == 0 {
			columns := w.columns(table)
			plain := columns[slices.IndexFunc(columns, func(c column) bool { return !c.generated })].name
			if _, code := w.try(tx, fmt.Sprintf(`UPDATE %s SET %[2]s = %[2]s`, table, plain)); code != noRight {
				add("%q changes %s: code %q", who, table, code)
			}
		}
	}
}

func (r tableRights) mayAdd(who string) bool {
	_, name, _ := strings.Cut(who, " ")
	return r.adders == nil || slices.Contains(r.adders, name)
}

// additions tries to add a copy of every row, with an id of its own.
func (w *matrixWorld) additions(tx pgx.Tx, who string, add func(string, ...any)) {
	for table, r := range w.tables() {
		for _, row := range w.rows[table] {
			_, code := w.add(tx, table, w.fresh(row.json))
			switch {
			case !strings.Contains(r.app, "I"):
				if code != noRight {
					add("%q adds to %s: code %q", who, table, code)
				}
			case w.mayWrite(table, row, who) && r.mayAdd(who):
				if code == noRight {
					add("%q may not add its own row to %s", who, table)
				}
			case code != noRight && r.free == "":
				add("%q adds a row of %s to %s: code %q", who, strings.Join(row.sees, ", "), table, code)
			}
		}
	}
}

// mixtures tries, in every column that holds an id, to let an own row refer to
// what belongs to the other side, when it is added and when it is changed: the
// answer must be that for an id of nobody.
func (w *matrixWorld) mixtures(tx pgx.Tx, who string, add func(string, ...any)) {
	for table, r := range w.tables() {
		changing := w.changeable(table)
		for _, name := range []string{"lead_org", "org_id", "actor_org", "supplier_org", "owner_org", "tender_id", "procurement_id", "case_id", "space_id"} {
			if slices.Contains(changing, name) {
				add("%q changes %s of %s: whose a row is stays", who, name, table)
			}
		}
		for _, row := range w.rows[table] {
			if !w.mayWrite(table, row, who) {
				continue
			}
			var own map[string]any
			if err := json.Unmarshal(row.json, &own); err != nil {
				w.t.Fatal(err)
			}
			for _, c := range w.columns(table) {
				if !c.private || own[c.name] == nil {
					continue
				}
				for _, other := range w.counterparts(own[c.name], row.side, r.public) {
					if strings.Contains(r.app, "I") {
						_, theirs := w.add(tx, table, w.fresh(replaced(own, c.name, other)))
						_, nobodys := w.add(tx, table, w.fresh(replaced(own, c.name, uuid.New())))
						if theirs != nobodys {
							add("%q adds a row to %s with another's %s: code %q, and %q for nobody's", who, table, c.name, theirs, nobodys)
						}
					}
					if slices.Contains(changing, c.name) {
						set := fmt.Sprintf(`UPDATE %s SET %s = $1 WHERE ctid = $2::text::tid`, table, c.name)
						_, theirs := w.try(tx, set, other, row.ctid)
						_, nobodys := w.try(tx, set, uuid.New(), row.ctid)
						if theirs != nobodys {
							add("%q changes %s of %s to another's: code %q, and %q for nobody's", who, c.name, table, theirs, nobodys)
						}
					}
				}
			}
		}
	}
}

func replaced(row map[string]any, column string, by uuid.UUID) []byte {
	changed := maps.Clone(row)
	changed[column] = by
	out, err := json.Marshal(changed)
	if err != nil {
		panic(err)
	}
	return out
}

// counterparts are what is on the other side where an id is on this one.
func (w *matrixWorld) counterparts(value any, side string, public bool) []uuid.UUID {
	id, err := uuid.Parse(fmt.Sprint(value))
	if err != nil {
		return nil
	}
	other := map[string]string{"A": "B", "B": "A"}[side]
	for name, known := range w.ids {
		rest, ours := strings.CutPrefix(name, side+" ")
		if known != id || !ours {
			continue
		}
		if rest == "case" {
			if public {
				return []uuid.UUID{w.ids[other+" planned"]}
			}
			return []uuid.UUID{w.ids[other+" planned"], w.ids[other+" case"]}
		}
		return []uuid.UUID{w.ids[other+" "+rest]}
	}
	return nil
}

// fresh gives a row another id, so that it is refused for what it is and not for
// what there is already.
func (w *matrixWorld) fresh(row []byte) []byte {
	var c map[string]any
	if err := json.Unmarshal(row, &c); err != nil {
		w.t.Fatal(err)
	}
	if _, is := c["id"].(string); is {
		c["id"] = uuid.New()
	}
	out, err := json.Marshal(c)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *matrixWorld) add(tx pgx.Tx, table string, row []byte) (int64, string) {
	var names []string
	for _, c := range w.columns(table) {
		if !c.generated {
			names = append(names, c.name)
		}
	}
	list := strings.Join(names, ", ")
	return w.try(tx, fmt.Sprintf(`INSERT INTO %s (%s) SELECT %s FROM jsonb_populate_record(NULL::%[1]s, $1)`, table, list, list), row)
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
	for _, who := range []string{"A lead", "A participant", "A supplier", "stranger", ""} {
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
