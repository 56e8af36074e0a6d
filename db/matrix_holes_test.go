package db_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// schemaHole is something wrong in the schema that the matrix must find.
type schemaHole struct {
	name string
	// on is the table whose rows show it, or "functions".
	on          string
	plant, mend string
	// Or: in a function's text, from becomes to.
	function, from, to string
	// finding is a part of what is found.
	finding string
}

var schemaHoles = []schemaHole{
	{
		name: "a policy lets everybody read", on: "rejections", plant: `ALTER POLICY app ON rejections USING (true)`,
		mend: `ALTER POLICY app ON rejections USING (may_see(procurement_id))`, finding: "seen true, want false",
	},
	{
		name: "a policy is dropped", on: "letters", plant: `DROP POLICY app_read ON letters`,
		mend: `CREATE POLICY app_read ON letters FOR SELECT TO fellesloft_app USING (may_see(procurement_id) OR is_own_tender(tender_id))`, finding: "seen false, want true",
	},
	{
		name: "row security is off", on: "supplier_wraps", plant: `ALTER TABLE supplier_wraps DISABLE ROW LEVEL SECURITY`,
		mend: `ALTER TABLE supplier_wraps ENABLE ROW LEVEL SECURITY`, finding: "seen true, want false",
	},
	{
		name: "one who is asked has keys before it answers", on: "supplier_wraps", plant: `ALTER POLICY app ON supplier_wraps USING (org_id = app_org())`,
		mend: `ALTER POLICY app ON supplier_wraps USING (org_id = app_org() AND is_own_tender(tender_id))`, finding: `for "A asked": row of nobody in supplier_wraps: seen true, want false`,
	},
	{
		name: "one who has left still reads", on: "draft_answers", plant: `INSERT INTO case_access (object_id, org_id, reason) SELECT m.tender_id, m.org_id, 'member' FROM consortium_members m WHERE m.state = 'left'`,
		mend: `DELETE FROM case_access a USING consortium_members m WHERE m.state = 'left' AND a.org_id = m.org_id AND a.reason = 'member'`, finding: `for "A former": row of A supplier, A member in draft_answers: seen true, want false`,
	},
	{
		name: "a member hands in", on: "submissions", plant: `ALTER POLICY app_write ON submissions WITH CHECK (is_own_tender(tender_id))`,
		mend: `ALTER POLICY app_write ON submissions WITH CHECK (leads_tender(tender_id))`, finding: `"A member" adds a row`,
	},
	{
		name: "row security does not bind the owner", on: "tenders", plant: `ALTER TABLE tenders NO FORCE ROW LEVEL SECURITY`,
		mend: `ALTER TABLE tenders FORCE ROW LEVEL SECURITY`, finding: "does not force row security",
	},
	{
		name: "everybody may see every object", on: "requirement_sets", function: "may_see(uuid)",
		from: "EXISTS (", to: "true OR EXISTS (", finding: "seen true, want false",
	},
	{
		name: "an access that has ended still opens", on: "procurements", plant: `INSERT INTO case_access (object_id, org_id, reason, to_at) SELECT p.id, o.id, 'participant', now() FROM procurements p, organisations o WHERE o.name = 'Utenfor AS'`,
		function: "may_see(uuid)", from: "AND c.to_at IS NULL", to: "",
		mend: `DELETE FROM case_access a USING organisations o WHERE o.id = a.org_id AND o.name = 'Utenfor AS'`, finding: "seen true, want false",
	},
	{
		name: "an access too many", on: "procurements", plant: `INSERT INTO case_access (object_id, org_id, reason) SELECT p.id, o.id, 'participant' FROM procurements p, organisations o WHERE o.name = 'Utenfor AS'`,
		mend: `DELETE FROM case_access a USING organisations o WHERE o.id = a.org_id AND o.name = 'Utenfor AS'`, finding: "seen true, want false",
	},
	{
		name: "serve may read the keys of the opening", on: "opening_wraps", plant: `GRANT SELECT ON opening_wraps TO fellesloft_app`,
		mend: `REVOKE SELECT ON opening_wraps FROM fellesloft_app`, finding: `may "SI" on opening_wraps`,
	},
	{
		name: "the public may read tenders", on: "tenders", plant: `GRANT SELECT ON tenders TO fellesloft_anyone`,
		mend: `REVOKE SELECT ON tenders FROM fellesloft_anyone`, finding: `fellesloft_anyone may "S" on tenders`,
	},
	{
		name: "the feed of any organisation", on: "functions", function: "events_after(uuid,xid8,bigint,integer)",
		from: "org = app_org()", to: "true", finding: "events_after",
	},
	{
		name: "the names of any team", on: "functions", function: "team_names(uuid)",
		from: "AND may_see(procurement)", to: "", finding: "team_names",
	},
	{
		name: "messages to anybody", on: "functions", function: "must_take_part(uuid)",
		from: "NOT takes_part(in_case)", to: "false", finding: "tell_lead",
	},
	{
		name: "a tender in another's name", on: "tenders", plant: `ALTER POLICY app_make ON tenders WITH CHECK (true)`,
		mend: `ALTER POLICY app_make ON tenders WITH CHECK (supplier_org = app_org() AND EXISTS (SELECT 1 FROM public_procurements p WHERE p.id = procurement_id))`, finding: "adds a row",
	},
	{
		name: "an order under another's contract", on: "call_offs", plant: `ALTER TABLE call_offs DROP CONSTRAINT call_offs_in_case`,
		mend: `ALTER TABLE call_offs ADD CONSTRAINT call_offs_in_case FOREIGN KEY (procurement_id, contract_id) REFERENCES contracts (procurement_id, id)`, finding: "with another's contract_id",
	},
	{
		name: "a draft in another's tender", on: "draft_answers", plant: `ALTER POLICY app ON draft_answers WITH CHECK (true)`,
		mend: `ALTER POLICY app ON draft_answers WITH CHECK (tender_id = ANY ((SELECT own_tenders())::uuid[]))`, finding: "adds a row",
	},
	{
		name: "a case may change its owner", on: "procurements", plant: `GRANT UPDATE (lead_org) ON procurements TO fellesloft_app`,
		mend: `REVOKE UPDATE (lead_org) ON procurements FROM fellesloft_app`, finding: "changes lead_org",
	},
	{
		name: "an error tells what there is", on: "late_attempts", plant: `ALTER POLICY app_write ON late_attempts WITH CHECK (supplier_org = app_org())`,
		mend: `ALTER POLICY app_write ON late_attempts WITH CHECK (supplier_org = app_org() AND EXISTS (SELECT 1 FROM public_procurements p WHERE p.id = procurement_id))`, finding: "with another's procurement_id",
	},
	{
		name: "a table that nobody has thought of", on: "deployment", plant: `CREATE TABLE notes (id uuid)`, mend: `DROP TABLE notes`, finding: "notes has no row",
	},
	{
		name: "a function that all may call", on: "functions", plant: `CREATE FUNCTION everything() RETURNS SETOF tenders LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM tenders'`,
		mend: `DROP FUNCTION everything()`, finding: "everything() has no row",
	},
}

// TestMatrixFindsPlantedHoles opens one hole at a time in a schema of its own,
// and each must be found, by what it lets through or by what the catalogue says.
func TestMatrixFindsPlantedHoles(t *testing.T) {
	t.Parallel()
	w := newMatrixWorld(t)
	for _, h := range schemaHoles {
		mend := h.open(w)
		w.only = []string{h.on}
		found, i := w.findings(), -1
		for range 40 {
			i = slices.IndexFunc(found, func(f string) bool { return strings.Contains(f, h.finding) })
			if i >= 0 || h.on != "functions" {
				break
			}
			// The feed shows what is behind every transaction of the server, and
			// other tests have some of their own.
			time.Sleep(100 * time.Millisecond)
			found = w.findings()
		}
		mend()
		if i < 0 {
			t.Errorf("not found: %s; found: %v", h.name, found)
			continue
		}
		t.Logf("%s: %s", h.name, found[i])
	}
	w.only = nil
	for _, f := range w.findings() {
		t.Errorf("after mending: %s", f)
	}
}

// open plants the hole and gives what mends it.
func (h schemaHole) open(w *matrixWorld) (mend func()) {
	var before string
	if h.function != "" {
		if err := w.super.QueryRow(w.t.Context(), `SELECT pg_get_functiondef($1::text::regprocedure)`, h.function).Scan(&before); err != nil {
			w.t.Fatal(err)
		}
		if strings.Count(before, h.from) != 1 {
			w.t.Fatalf("%q cannot be planted: %q is not once in\n%s", h.name, h.from, before)
		}
		w.exec(strings.Replace(before, h.from, h.to, 1))
	}
	if h.plant != "" {
		w.exec(h.plant)
	}
	return func() {
		if before != "" {
			w.exec(before)
		}
		if h.mend != "" {
			w.exec(h.mend)
		}
	}
}
