package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// matrix tries every operation as everybody, at the moment of a story at which
// it is right for one: a refusal is then for a lack of rights and not for what
// is sent or for when.
type matrix struct {
	t     *testing.T
	world *world
	super *pgxpool.Pool

	players       []player
	chair, author player
	// What belongs to others: a case as far as its letters, and one that is
	// only planned.
	rival, secret, rivalSandbox, rivalLead uuid.UUID
	rivalSuppliers                         []uuid.UUID

	story    *story
	tried    map[string]bool // operations that have been
	done     map[string]bool // and reading ones in which phase
	secrets  map[string]secret
	replays  []replay
	requests int
	started  time.Time
	// sent are the ids that each organisation has named itself: to find them in
	// its own log is no news.
	sent map[uuid.UUID]map[string]bool
	// of limits what is tried, and holes plants holes, in the test of the test.
	of    []string
	holes func(o api.Operation, c call)
}

// TestMatrix is the proof of isolation over HTTP: every operation of the API by
// every role in every relation, with own, others' and missing ids.
func TestMatrix(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	var found findings
	m.run(found.add)
	found.report(t)
	for _, o := range m.operations() {
		if !m.tried[o.ID] {
			t.Errorf("%s (%s %s) is never tried: give it a step in the story, or a call in beside", o.ID, o.Method, o.Path)
		}
	}
	t.Logf("%d operations, %d players, %d requests in %s", len(m.tried), len(m.players), m.requests, time.Since(m.started).Round(time.Second))
}

// operations lists what is tried: the API's operations.
func (m *matrix) operations() []api.Operation { return m.world.api.Operations() }

// run plays the story and tries each call of it.
func (m *matrix) run(report func(finding)) {
	m.world.before = func(c *call) {
		m.plant(c)
		o, ok := m.operation(c.Method, c.Path)
		if !ok {
			return
		}
		m.again(report)
		m.cell(o, *c, report)
		for _, x := range m.beside(o, *c) {
			if o, ok := m.operation(x.Method, x.Path); ok {
				m.cell(o, x, report)
			}
		}
		m.keyed(o, c)
	}
	s := m.stage(0)
	m.story = s
	set := s.specify()
	for p, role := range map[*player]string{&m.chair: "chair", &m.author: "author"} {
		m.join(s, *p, role)
	}
	s.mandates()
	s.publish()
	s.download(s.path, lead, "docx")
	s.download("/public"+s.path, "", "docx")
	s.ask()
	var tenders []uuid.UUID
	for i := range 4 {
		if i == 2 {
			s.amend(tenders)
		}
		tenders = append(tenders, s.tender(i))
	}
	as[api.Tender](s.do(call{As: signatory(2), Method: "POST", Path: "/tenders/" + tenders[2].String() + "/withdrawal", Headers: map[string]string{"If-Match": "*"}}))
	as[api.Page[api.Tender]](s.do(call{As: author(0), Method: "GET", Path: "/tenders"}))
	s.steer(lead, "/suspension", api.Reason{Reason: "Klage på konkurransegrunnlaget."})
	s.steer(lead, "/resumption", nil)
	s.steer(lead, "/tender-deadline", api.LaterDeadline{Until: s.get().Plan.TenderDeadline.AddDate(0, 0, 1), Reason: "Klagen er avgjort."})
	s.open()
	s.tenderLate()
	s.evaluate(set)
	s.award()
	s.steer(lead, "/award-reversal", api.Reason{Reason: "Feil i poenggivningen."})
	s.award()
	letters := as[api.Page[api.Letter]](s.do(call{As: author(1), Method: "GET", Path: "/tenders/" + tenders[1].String() + "/letters"}))
	s.do(call{As: author(1), Method: "GET", Path: "/tenders/" + tenders[1].String() + "/letters/" + letters.Items[0].ID.String()})
	s.conclude()
	s.look()
	m.again(report)
}

// join names somebody whom the story does not count.
func (m *matrix) join(s *story, p player, role string) {
	var fits bool
	must(m.t, m.super.QueryRow(m.t.Context(), `SELECT pg_get_constraintdef(oid) LIKE '%' || $1 || '%' FROM pg_constraint WHERE conrelid = 'case_team'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%role%'`, role).Scan(&fits))
	if fits {
		m.exec(`INSERT INTO case_team (procurement_id, space_id, identity_id, org_id, role, added_at) SELECT id, space_id, $2, $3, $4, now() FROM procurements WHERE id = $1`, s.id, p.id, p.org, role)
	}
}

func (m *matrix) operation(method, path string) (api.Operation, bool) {
	path, _, _ = strings.Cut(path, "?")
	if !strings.HasPrefix(path, api.Base) {
		path = api.Base + path
	}
	route, _, err := description().FindRoute(httptest.NewRequest(method, path, nil))
	if err != nil {
		return api.Operation{}, false
	}
	i := slices.IndexFunc(m.operations(), func(o api.Operation) bool { return o.ID == route.Operation.OperationID })
	if i < 0 {
		return api.Operation{}, false
	}
	return m.operations()[i], true
}

// beside are calls that the story does not make, at the moment of one that it
// does.
func (m *matrix) beside(o api.Operation, c call) []call {
	steering := map[string]string{"If-Match": "*"}
	replaced := func(tail, by string) string { return strings.Replace(c.Path, tail, by, 1) }
	switch o.ID {
	case "launchProcurement":
		return []call{{As: lead, Method: "POST", Path: replaced("/launch", "/mandate-deadline"), Body: api.MandateDeadline{Until: time.Now().AddDate(0, 1, 0)}, Headers: steering}}
	case "suspendProcurement":
		reason := api.Reason{Reason: "Behovet er borte."}
		return []call{
			{As: lead, Method: "POST", Path: replaced("/suspension", "/cancellation"), Body: reason, Headers: steering},
			{As: lead, Method: "POST", Path: replaced("/suspension", "/unsuccessful"), Body: reason, Headers: steering},
		}
	case "listCommands":
		var id uuid.UUID
		must(m.t, m.super.QueryRow(m.t.Context(), `SELECT c.id FROM commands c WHERE c.actor_org = $1 LIMIT 1`, seed.Lead().ID()).Scan(&id))
		return []call{{As: lead, Method: "GET", Path: "/commands/" + id.String()}, {As: lead, Method: "DELETE", Path: "/commands/" + id.String()}}
	case "listCallOffs":
		return m.administration(strings.TrimSuffix(c.Path, "/call-offs"))
	}
	return nil
}

// administration are the calls about an organisation's own people and log.
func (m *matrix) administration(procurement string) []call {
	admin := "m.lead-admin"
	member, version := m.find("m.lead-auditor").id.String(), map[string]string{"If-Match": "*"}
	calls := []call{
		{As: admin, Method: "GET", Path: "/me"}, {As: admin, Method: "PUT", Path: "/me", Body: map[string]any{"name": "Administrator"}},
		{As: admin, Method: "PUT", Path: "/me/invitation", Body: map[string]any{"code": "not one that was given"}},
		{As: admin, Method: "GET", Path: "/members?limit=1000"},
		{As: admin, Method: "PUT", Path: "/members/" + member, Body: map[string]any{"roles": []string{"auditor"}}, Headers: version},
		{As: admin, Method: "DELETE", Path: "/members/" + member, Headers: version},
		{As: admin, Method: "POST", Path: "/clients", Body: map[string]any{"name": "Arkivet", "roles": []string{"auditor"}}},
		{As: admin, Method: "GET", Path: "/invitations"},
		{As: admin, Method: "POST", Path: "/invitations", Body: map[string]any{"name": "En ny", "roles": []string{"auditor"}}},
		{As: "m.lead-auditor", Method: "GET", Path: "/audit?limit=1000"},
		{As: lead, Method: "GET", Path: procurement + "/timeline?limit=1000"},
		{As: "m.ks", Method: "GET", Path: "/progress?limit=1000"},
	}
	if _, ok := m.operation("DELETE", "/invitations/"+uuid.NewString()); ok {
		id := uuid.NewString()
		m.exec(`INSERT INTO invitations (id, org_id, roles, name, code_hash, invited_by, expires_at) VALUES ($1, $2, '{auditor}', 'En annen', sha256(random()::text::bytea), $3, now() + interval '1 day')`, id, seed.Lead().ID(), m.find(admin).id)
		calls = append(calls, call{As: admin, Method: "DELETE", Path: "/invitations/" + id})
	}
	return calls
}

// cell tries one call as everybody: what changes something once, what reads in
// every phase of the case.
func (m *matrix) cell(o api.Operation, c call, report func(finding)) {
	key := o.ID
	if o.Method == http.MethodGet && m.story != nil {
		var phase string
		must(m.t, m.super.QueryRow(m.t.Context(), `SELECT phase FROM procurements WHERE id = $1`, m.story.id).Scan(&phase))
		key += " " + phase
	}
	if m.done[key] || (m.of != nil && !slices.Contains(m.of, o.ID)) {
		return
	}
	m.done[key], m.tried[o.ID] = true, true
	m.attempt(o, c, report)
	if m.holes != nil {
		m.holes(o, c)
	}
}

// pageSize is made large, since what leaks may stand far down.
var pageSize = regexp.MustCompile(`([?&]limit=)\d+`)

// attempt holds one call to the whole matrix and reports what is wrong.
func (m *matrix) attempt(o api.Operation, c call, report func(finding)) {
	r, ok := rights[o.ID]
	if !ok {
		report(finding{o.ID, "", "has no row in the table of rights: say there who may call it"})
		return
	}
	wrong := func(p player, format string, args ...any) {
		report(finding{o.ID, p.name, fmt.Sprintf(format, args...)})
	}
	if v, ok := c.Headers["If-Match"]; ok && v == "" {
		c.Headers = map[string]string{"If-Match": "*"}
	}
	if o.Method == http.MethodGet {
		c.Path = pageSize.ReplaceAllString(c.Path, "${1}1000")
	}
	st := m.standing(o.Path, c.Path)
	before := m.fingerprint()
	known := m.knowers()
	for _, p := range m.players {
		want := r.expect(p, st)
		if want == allowed && c.Method != http.MethodGet {
			continue // the story's own call, or one like it
		}
		got := m.send(p, c)
		switch {
		case want != allowed && got.Status != want:
			wrong(p, "%d, want %d: %.200s", got.Status, want, got.Body)
		case want == allowed && got.Status >= 400 && got.Status != http.StatusConflict:
			wrong(p, "%d, and may: %.200s", got.Status, got.Body)
		}
		for _, leak := range known.in(got, p, m.sent[p.org]) {
			wrong(p, "leak of %s", leak)
		}
		if want == allowed || st.about == "" || st.sees(p) || want == r.known {
			continue
		}
		if want != http.StatusNotFound && len(p.roles) == 1 {
			continue // refused for the role, before anything is looked for
		}
		m.same(p, c, st.about, func(format string, args ...any) { wrong(p, format, args...) })
	}
	if after := m.fingerprint(); after != before {
		wrong(player{name: "those who may not"}, "the database has changed: %s", difference(before, after))
		before = after
	}
	if c.As == "" || r.public {
		return
	}
	m.withOthersIDs(o, c, func(format string, args ...any) { wrong(player{name: c.As}, format, args...) })
	// A command that is refused stands as such.
	if changed := difference(before, m.fingerprint()); changed != "" && !(strings.HasPrefix(changed, "commands ") && !strings.Contains(changed, ",")) {
		wrong(player{name: c.As}, "with others' ids the database has changed: %s", changed)
	}
}

// same compares what is not one's own with what is not there, and a HEAD too.
func (m *matrix) same(p player, c call, id string, finding func(string, ...any)) {
	missing := c
	missing.Path = strings.ReplaceAll(c.Path, id, uuid.NewString())
	for _, method := range []string{c.Method, http.MethodHead} {
		if method == http.MethodHead && c.Method != http.MethodGet {
			continue
		}
		c.Method, missing.Method = method, method
		if a, b := m.send(p, c), m.send(p, missing); a.text() != b.text() {
			finding("%s of another's differs from a missing one:\n%s\n%s", method, a.text(), b.text())
		}
	}
}

// withOthersIDs sends the call of one who may, with each id in the address and
// in the body in turn replaced by one that belongs to others, and by one that
// is nobody's.
func (m *matrix) withOthersIDs(o api.Operation, c call, finding func(string, ...any)) {
	text := bodyText(c)
	mine := m.playing(c.As)
	for _, id := range idsIn(c.Path, text) {
		for _, other := range m.others(c.Path, id) {
			if rights[o.ID].known != 0 || slices.Contains([]string{"registerInterest", "askQuestion", "previewQuestions", "askFromFile"}, o.ID) {
				if other == m.rival {
					continue // published, and so known
				}
			}
			swapped := func(by uuid.UUID) answer {
				x := c
				x.Path = strings.ReplaceAll(c.Path, id.String(), by.String())
				if text != nil {
					x.Body = bytes.ReplaceAll(text, []byte(id.String()), []byte(by.String()))
				}
				a := m.send(mine, x)
				a.Body = bytes.ReplaceAll(a.Body, []byte(by.String()), []byte("{id}"))
				return a
			}
			theirs, nobodys := swapped(other), swapped(uuid.New())
			if theirs.Status < 400 {
				finding("with another's id %s instead of %s: %d %.200s", other, id, theirs.Status, theirs.Body)
			} else if theirs.text() != nobodys.text() {
				finding("with another's id %s instead of %s it differs from a missing one:\n%s\n%s", other, id, theirs.text(), nobodys.text())
			}
		}
	}
}

func idsIn(path string, body []byte) []uuid.UUID {
	var out []uuid.UUID
	add := func(s string) {
		if id, err := uuid.Parse(s); err == nil && len(s) == 36 && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	path, _, _ = strings.Cut(path, "?")
	for part := range strings.SplitSeq(path, "/") {
		add(part)
	}
	if !json.Valid(body) {
		return out
	}
	var v any
	_ = json.Unmarshal(body, &v)
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			add(v)
		case []any:
			for _, x := range v[:min(len(v), 3)] {
				walk(x)
			}
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(v)
	return out
}

func bodyText(c call) []byte {
	switch b := c.Body.(type) {
	case nil:
		return nil
	case []byte:
		return b
	}
	text, err := json.Marshal(c.Body)
	if err != nil {
		panic(err)
	}
	return text
}

// playing gives the player of a subject of the story.
func (m *matrix) playing(subject string) player {
	p := m.find(subject)
	p.name = subject
	return p
}

func (m *matrix) remember(p player, c call) {
	if m.sent[p.org] == nil {
		m.sent[p.org] = map[string]bool{}
	}
	for _, id := range idsIn(c.Path, bodyText(c)) {
		m.sent[p.org][id.String()] = true
	}
}
