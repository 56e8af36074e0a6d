package db_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
	if row.writes != nil {
		return slices.Contains(row.writes, who)
	}
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
