package db_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/db/dbtest"
)

// matrixWorld holds rows of two unrelated sides in every table, each row with the
// organisations that may see it.
type matrixWorld struct {
	t     *testing.T
	d     *dbtest.DB
	super *pgxpool.Pool
	orgs  map[string]uuid.UUID // "A lead", "B supplier" …, "stranger"
	ids   map[string]uuid.UUID // "A case", "B tender supplier" …
	rows  map[string][]ownedRow
	known map[string][]column
	pools map[string]*pgxpool.Pool
	only  []string // limits what is tried, beside the catalogue
}

// ownedRow is one row, by its place on the disk, which stays since no test that
// changes it commits.
type ownedRow struct {
	ctid string
	side string
	sees []string // who may read it
	// writes are those who may change it, where the table's rule does not say it.
	writes []string
	json   []byte
}

// cols are a row's columns.
type cols map[string]any

const (
	everyone = "everyone" // every organisation that is signed in
	nobody   = "nobody"   // no organisation at all
)

// realSpace is where the cases lie that are under way; each side plans one in a
// sandbox of its own.
var realSpace = uuid.MustParse("00000000-0000-4000-8000-000000000001")

var sides = []string{"A", "B"}

func newMatrixWorld(t *testing.T) *matrixWorld {
	t.Helper()
	d := dbtest.New(t)
	w := &matrixWorld{t: t, d: d, super: d.Pool(dbtest.Super), orgs: map[string]uuid.UUID{}, ids: map[string]uuid.UUID{}, rows: map[string][]ownedRow{}, known: map[string][]column{}, pools: map[string]*pgxpool.Pool{}}
	w.registers()
	for _, side := range sides {
		w.fill(side)
	}
	w.collect()
	return w
}

// insert writes a row and remembers who may see it.
func (w *matrixWorld) insert(side, table string, sees []string, c cols) {
	w.t.Helper()
	names := slices.Sorted(maps.Keys(c))
	var quoted, places []string
	var args []any
	for i, n := range names {
		quoted = append(quoted, pgx.Identifier{n}.Sanitize())
		places = append(places, fmt.Sprintf("$%d", i+1))
		args = append(args, c[n])
	}
	r := ownedRow{side: side, sees: sees}
	sql := fmt.Sprintf(`INSERT INTO %s (%s) VALUES (%s) RETURNING ctid::text`, table, strings.Join(quoted, ", "), strings.Join(places, ", "))
	if err := w.super.QueryRow(w.t.Context(), sql, args...).Scan(&r.ctid); err != nil {
		w.t.Fatalf("%s: %v", table, err)
	}
	w.rows[table] = append(w.rows[table], r)
}

// id makes an id with a name.
func (w *matrixWorld) id(name string) uuid.UUID {
	if _, known := w.ids[name]; !known {
		w.ids[name] = uuid.New()
	}
	return w.ids[name]
}

func (w *matrixWorld) registers() {
	w.insert("", "organisations", []string{everyone}, cols{"id": w.org("stranger"), "kind": "supplier", "name": "Utenfor AS"})
	w.insert("", "networks", []string{everyone}, cols{"id": w.id("network"), "name": "Nettverket"})
	w.insert("", "network_members", []string{everyone}, cols{"network_id": w.id("network"), "org_id": w.org("stranger")})
}

func (w *matrixWorld) org(name string) uuid.UUID {
	if _, known := w.orgs[name]; !known {
		w.orgs[name] = uuid.New()
	}
	return w.orgs[name]
}

// collect takes up what triggers and migrations have written, and every row's
// columns.
func (w *matrixWorld) collect() {
	w.adopt("case_access", `SELECT ctid::text, array_agg(org_id) FROM case_access GROUP BY 1`)
	w.adopt("spaces", `SELECT ctid::text, NULL::uuid[] FROM spaces WHERE kind = 'real'`)
	w.adopt("deployment", `SELECT ctid::text, NULL::uuid[] FROM deployment`)
	for table, rows := range w.rows {
		for i := range rows {
			err := w.super.QueryRow(w.t.Context(), `SELECT to_jsonb(t) FROM `+table+` t WHERE ctid = $1::text::tid`, rows[i].ctid).Scan(&rows[i].json)
			if err != nil {
				w.t.Fatalf("%s: %v", table, err)
			}
		}
	}
}

func (w *matrixWorld) adopt(table, sql string) {
	rows, err := w.super.Query(w.t.Context(), sql)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		r := ownedRow{sees: []string{everyone}}
		var owners []uuid.UUID
		if err := rows.Scan(&r.ctid, &owners); err != nil {
			w.t.Fatal(err)
		}
		if owners != nil {
			r.sees = nil
			for name, id := range w.orgs {
				if slices.Contains(owners, id) {
					r.sees = append(r.sees, name)
					r.side, _, _ = strings.Cut(name, " ")
				}
			}
		}
		w.rows[table] = append(w.rows[table], r)
	}
}

// fill writes one side: a case of a lead buyer and a participant, with two
// suppliers, the tender of one of which has been opened and is shared with a
// member, and a case that is only planned, in a sandbox.
func (w *matrixWorld) fill(side string) {
	at := "2026-09-01T10:00:00Z"
	org := func(name string) uuid.UUID { return w.org(side + " " + name) }
	id := func(name string) uuid.UUID { return w.id(side + " " + name) }
	of := func(names ...string) []string {
		var out []string
		for _, n := range names {
			out = append(out, side+" "+n)
		}
		return out
	}
	add := func(table string, sees []string, c cols) { w.insert(side, table, sees, c) }
	buyers := of("lead", "participant")

	for name, kind := range map[string]string{"lead": "municipality", "participant": "municipality", "supplier": "supplier", "rival": "supplier",
		"member": "supplier", "asked": "supplier", "former": "supplier"} {
		add("organisations", []string{everyone}, cols{"id": org(name), "kind": kind, "name": side + " " + name})
		role := map[string]string{"municipality": "procurement_lead", "supplier": "signatory"}[kind]
		add("identities", of(name), cols{"id": id(name), "issuer": "https://issuer.example.org", "subject": side + name, "kind": "person", "name": side + name, "email": name + "@example.org"})
		add("memberships", of(name), cols{"identity_id": id(name), "org_id": org(name), "roles": []string{role}})
		add("invitations", of(name), cols{"id": uuid.New(), "org_id": org(name), "roles": []string{role}, "name": "En ny", "code_hash": slices.Concat(id(name).NodeID(), make([]byte, 26)), "invited_by": id(name), "expires_at": "2099-01-01T00:00:00Z"})
		add("notifications", of(name), cols{"org_id": org(name), "kind": "x", "case_id": id("case"), "object_id": id("case")})
		add("idempotency", of(name), cols{"org_id": org(name), "actor_id": id(name), "operation": "op", "key": "k", "input_hmac": []byte{1}, "status": 201})
		audience := "object"
		if name == "former" {
			audience = "own" // it takes part no more
		}
		add("audit", of(name), cols{"actor_kind": "person", "actor_id": id(name), "actor_org": org(name), "action": "x", "case_id": id("case"), "object_id": id("case"), "audience": audience})
		add("audit_names", []string{nobody}, cols{"commitment": id(name).NodeID(), "actor_id": id(name), "name": side + name, "salt": []byte{1}})
	}
	add("web_storage", []string{nobody}, cols{"key": slices.Concat(id("lead").NodeID(), make([]byte, 26)), "value": []byte{1}, "expires_at": "2099-01-01T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z"})
	add("spaces", buyers, cols{"id": id("space"), "kind": "sandbox", "name": side, "owner_org": org("lead")})
	for c, space := range map[string]uuid.UUID{"case": realSpace, "planned": id("space")} {
		add("procurements", buyers, cols{"id": id(c), "space_id": space, "phase": "draft", "lead_org": org("lead"), "title": side, "plan": "{}", "created_at": at})
		for _, name := range []string{"lead", "participant"} {
			add("participants", buyers, cols{"procurement_id": id(c), "space_id": space, "org_id": org(name), "estimated_value": 1, "maximum_value": 2})
		}
	}
	add("case_team", buyers, cols{"procurement_id": id("case"), "space_id": realSpace, "identity_id": id("lead"), "org_id": org("lead"), "role": "opener", "added_at": at})
	add("procurement_documents", buyers, cols{"id": id("document"), "procurement_id": id("case"), "space_id": realSpace, "set_version": 1, "kind": "annex", "name": side, "media_type": "text/plain", "content": []byte{1}, "sha256": []byte{1}, "added_at": at})
	add("requirement_sets", buyers, cols{"id": id("set"), "version": 2, "case_id": id("case"), "space_id": realSpace, "head": "{}"})
	add("requirement_sets", buyers, cols{"id": id("planned set"), "version": 1, "case_id": id("planned"), "space_id": id("space"), "head": "{}"})
	add("requirements", buyers, cols{"set_id": id("set"), "set_version": 2, "id": id("requirement"), "ordinal": 1, "number": "1", "kind": "rated", "answer_type": "text", "body": "{}"})
	add("amendments", buyers, cols{"procurement_id": id("case"), "space_id": realSpace, "set_version": 2, "base_version": 1, "clarifications": []int{1}, "begun_by": id("lead"), "begun_at": at})
	add("input_rounds", buyers, cols{"id": id("round"), "procurement_id": id("case"), "space_id": realSpace, "n": 1, "set_version": 1, "opened_by": id("lead"), "opened_at": at, "until": "2099-01-01T00:00:00Z"})
	add("inputs", buyers, cols{"id": id("input"), "procurement_id": id("case"), "round_id": id("round"), "org_id": org("participant"), "given_by": id("participant"), "given_at": at, "kind": "requirement", "requirement_id": id("requirement"), "text": side})
	add("library_entries", of("lead"), cols{"id": id("entry"), "org_id": org("lead"), "code": side})
	add("library_versions", of("lead"), cols{"entry_id": id("entry"), "version": 1, "requirement": "{}"})
	add("rule_confirmations", buyers, cols{"procurement_id": id("case"), "space_id": realSpace, "rule_id": "r", "value": 1, "source": side + " source", "confirmed_by": id("lead"), "confirmed_at": at})
	add("gates", buyers, cols{"procurement_id": id("case"), "space_id": realSpace, "deadline": at})
	add("public_procurements", []string{everyone}, cols{"id": id("case"), "space_id": realSpace, "sandbox": false, "title": side, "lead_name": side, "phase": "tendering", "deadline": at, "set_version": 1, "notice": "{}", "requirement_set": "{}", "published_at": at, "changed_at": at})
	add("public_documents", []string{everyone}, cols{"id": id("document"), "procurement_id": id("case"), "set_version": 1, "kind": "annex", "name": side, "media_type": "text/plain", "content": []byte{1}, "sha256": []byte{1}})
	add("clarifications", buyers, cols{"id": id("clarification"), "procurement_id": id("case"), "n": 1})
	add("clarification_versions", buyers, cols{"clarification_id": id("clarification"), "version": 1, "procurement_id": id("case"), "edition": 1, "question": "q", "answer": "a", "written_by": id("lead"), "written_at": at})
	add("public_clarifications", []string{everyone}, cols{"id": id("clarification"), "procurement_id": id("case"), "n": 1, "question": "q", "answer": "a", "answered_at": at})
	add("public_versions", []string{everyone}, cols{"procurement_id": id("case"), "version": 1, "requirement_set": "{}", "sha256": make([]byte, 32), "deadline": at, "published_at": at})
	add("public_changes", []string{everyone}, cols{"procurement_id": id("case"), "kind": "x", "at": at})

	for _, name := range []string{"supplier", "rival"} {
		w.tender(side, name, add, org, id, of)
	}
	tender := id("tender supplier")
	w.consortium(side, add, org, id, of)
	add("opened_envelopes", of("supplier", "member", "lead"), cols{"tender_id": tender, "submission": 1, "lot_id": id("lot"), "part": "quality", "sha256": []byte{1}, "opened_at": at})
	add("opened_declarations", of("supplier", "member", "lead"), cols{"tender_id": tender, "org_id": org("supplier"), "value": "{}"})
	add("opened_answers", of("supplier", "member", "lead"), cols{"tender_id": tender, "requirement_id": id("requirement"), "lot_id": id("lot"), "part": "quality", "value": "{}"})
	add("opened_files", of("supplier", "member", "lead"), cols{"tender_id": tender, "id": id("file"), "lot_id": id("lot"), "part": "quality", "name": side + ".pdf", "media_type": "x/y", "size": 1, "content_sha256": []byte{1}, "object_id": id("object"), "key": []byte{1}, "scan": "off"})
	add("opening_approvals", buyers, cols{"procurement_id": id("case"), "part": "quality", "identity_id": id("lead"), "org_id": org("lead"), "approved_at": at})
	add("rejections", buyers, cols{"tender_id": tender, "procurement_id": id("case"), "ground": "g", "paragraph": "p", "reason": "a reason of its own", "rejected_by": id("lead"), "rejected_at": at})
	add("scores", buyers, cols{"procurement_id": id("case"), "tender_id": tender, "requirement_id": id("requirement"), "evaluator_id": id("lead"), "points": 5, "note": "n", "scored_at": at})
	add("documentation", buyers, cols{"id": id("documentation"), "procurement_id": id("case"), "tender_id": tender, "heading": "h", "reference": "r", "issued_on": "2026-09-01", "recorded_by": id("lead"), "recorded_at": at})
	add("awards", buyers, cols{"procurement_id": id("case"), "round": 1, "lot_id": id("lot"), "tender_id": tender, "reason": "r", "evaluation": "{}", "decided_by": id("lead"), "decided_at": at, "standstill_until": at})
	add("letters", of("lead", "participant", "supplier", "member"), cols{"id": id("letter"), "procurement_id": id("case"), "tender_id": tender, "round": 1, "kind": "award", "body": "{}", "sent_at": at})
	add("contracts", buyers, cols{"id": id("contract"), "space_id": realSpace, "procurement_id": id("case"), "lot_id": id("lot"), "tender_id": tender, "supplier_org": org("supplier"), "value": 1, "starts_on": "2026-10-01", "ends_on": "2027-10-01"})
	add("call_offs", buyers, cols{"id": id("call-off"), "space_id": realSpace, "procurement_id": id("case"), "contract_id": id("contract"), "org_id": org("lead"), "amount": 1, "reference": "r", "called_by": id("lead"), "called_at": at})
	actor, err := json.Marshal(map[string]any{"kind": "person", "id": id("lead"), "name": "n", "org": org("lead"), "request": ""})
	if err != nil {
		w.t.Fatal(err)
	}
	add("commands", of("lead"), cols{"id": id("command"), "case_kind": "procurement", "case_id": id("case"), "operation": "procurement.publish", "actor": actor, "actor_org": org("lead"), "input": "{}", "expires_at": "2099-01-01T00:00:00Z"})
	add("outbox", []string{nobody}, cols{"kind": "command", "case_kind": "procurement", "case_id": id("case"), "command_id": id("command"), "key": "command:" + id("command").String()})
}

// tender writes one supplier's tender, draft and question. The first supplier's
// has been opened for the lead buyer.
func (w *matrixWorld) tender(side, name string, add func(string, []string, cols), org, id func(string) uuid.UUID, of func(...string) []string) {
	at := "2026-09-01T10:00:00Z"
	own, sees := of(name), of(name)
	if name == "supplier" {
		own, sees = of(name, "member"), of(name, "member", "lead")
	}
	tender, key := id("tender "+name), id("key "+name)
	add("tenders", sees, cols{"id": tender, "space_id": realSpace, "procurement_id": id("case"), "supplier_org": org(name), "started_at": at})
	if name == "supplier" {
		w.exec(`INSERT INTO case_access (object_id, org_id, reason) VALUES ($1, $2, 'opened')`, tender, org("lead"))
	}
	add("data_keys", own, cols{"id": key, "tender_id": tender, "draft": 1, "lot_id": id("lot"), "part": "quality"})
	add("supplier_wraps", of(name), cols{"data_key_id": key, "org_id": org(name), "tender_id": tender, "wrapped": []byte{1}})
	add("organisation_keys", of(name), cols{"org_id": org(name), "id": uuid.New(), "wrapped": []byte{1}})
	add("stored_answers", of(name), cols{"id": uuid.New(), "org_id": org(name), "sealed": []byte{1}, "owner_id": id(name)})
	add("draft_answers", own, cols{"tender_id": tender, "draft": 1, "requirement_id": id("requirement"), "lot_id": id("lot"), "part": "quality", "set_version": 1, "version": 1, "sealed": []byte{1}, "saved_at": at})
	add("answer_notes", own, cols{"id": id("note of " + name), "tender_id": tender, "draft": 1, "requirement_id": id("requirement"), "answer_version": 1, "kind": "reviewed", "noted_by": id("noter"), "noted_at": at})
	add("answer_assignments", own, cols{"tender_id": tender, "requirement_id": id("requirement"), "assignee_id": id("noter"), "assigned_by": id("noter"), "assigned_at": at})
	add("draft_summaries", own, cols{"tender_id": tender, "draft": 1, "set_version": 1, "version": 1, "sealed": []byte{1}})
	add("submissions", sees, cols{"tender_id": tender, "n": 1, "draft": 1, "set_version": 1, "lots": []uuid.UUID{id("lot")}, "received_at": at, "submitted_by": id(name), "receipt": []byte{1}})
	add("tender_confirmations", sees, cols{"tender_id": tender, "submission": 1, "set_version": 2, "confirmed_by": id(name), "confirmed_at": at, "receipt": []byte{1}})
	add("envelopes", sees, cols{"tender_id": tender, "submission": 1, "lot_id": id("lot"), "part": "quality", "data_key_id": key, "requirements": []uuid.UUID{id("requirement")}, "sealed": []byte{1}, "sha256": []byte{1}})
	for table, c := range map[string]cols{"draft_files": {"draft": 1, "version": 1, "sealed": []byte{1}}, "submitted_files": {"submission": 1}} {
		maps.Copy(c, cols{"tender_id": tender, "id": id("file"), "lot_id": id("lot"), "part": "quality", "object_id": id("object"), "size": 1, "sha256": make([]byte, 32), "scan": "off", "saved_at": at})
		add(table, own, c)
	}
	add("opening_keys", of("lead", "participant"), cols{"id": id("opening key " + name), "procurement_id": id("case"), "lot_id": uuid.New(), "part": "quality", "public_key": "p"})
	add("opening_wraps", []string{nobody}, cols{"data_key_id": key, "tender_id": tender, "opening_key_id": id("opening key " + name), "wrapped": []byte{1}})
	add("late_attempts", of("lead", "participant", name), cols{"procurement_id": id("case"), "tender_id": tender, "supplier_org": org(name), "received_at": at, "deadline": at, "reason": "late"})
	add("questions", of("lead", "participant", name), cols{"id": id("question " + name), "procurement_id": id("case"), "text": side + " " + name + " asks", "asked_at": at})
	add("question_askers", of(name), cols{"question_id": id("question " + name), "org_id": org(name), "identity_id": id(name)})
}

// consortium shares the first supplier's tender with a member; another has been
// asked, and a third has left.
func (w *matrixWorld) consortium(side string, add func(string, []string, cols), org, id func(string) uuid.UUID, of func(...string) []string) {
	tender, inside := id("tender supplier"), of("supplier", "member")
	writes := func(table string, who []string) { w.rows[table][len(w.rows[table])-1].writes = who }
	for i, r := range w.rows["supplier_wraps"] {
		if r.side == side && slices.Contains(r.sees, side+" supplier") {
			w.rows["supplier_wraps"][i].writes = inside
		}
	}
	for name, state := range map[string]string{"member": "accepted", "asked": "invited", "former": "left"} {
		add("consortium_members", of("supplier", "member", name), cols{"tender_id": tender, "org_id": org(name), "lead_org": org("supplier"), "procurement_id": id("case"), "state": state, "invited_by": id("supplier"), "invited_at": "2026-09-01T10:00:00Z"})
		writes("consortium_members", of("supplier", name))
		if name == "former" {
			continue // its wraps went with it
		}
		sees := of(name)
		if name == "asked" {
			sees = []string{nobody}
		}
		add("supplier_wraps", sees, cols{"data_key_id": id("key supplier"), "org_id": org(name), "tender_id": tender, "wrapped": []byte{1}})
		writes("supplier_wraps", inside)
	}
	for i, r := range w.rows["tenders"] {
		if r.side != side || !slices.Contains(r.sees, side+" member") {
			continue
		}
		// Each change of who is in it has given the tender a new version.
		if err := w.super.QueryRow(w.t.Context(), `SELECT ctid::text FROM tenders WHERE id = $1`, tender).Scan(&w.rows["tenders"][i].ctid); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *matrixWorld) pool(role string) *pgxpool.Pool {
	if w.pools[role] == nil {
		w.pools[role] = w.d.Pool(role)
	}
	return w.pools[role]
}

func (w *matrixWorld) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.super.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatalf("%v\n%s", err, sql)
	}
}
