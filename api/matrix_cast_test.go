package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// player is one who tries every request. A player without a subject sends no
// token; one without an organisation represents nobody.
type player struct {
	name, subject string
	id, org       uuid.UUID
	roles         []actor.Role
}

// cast fills the stage: for the organisations at the heart of a case one identity
// per role, for those around it one with every role at once, since what all roles
// together may not, none may.
func (m *matrix) cast() {
	// Which roles fit which kind of organisation is the database's own rule. Here
	// every role stands with every organisation, so that a wrong one gives nothing.
	m.exec(`DO $$ DECLARE c text; BEGIN
		FOR c IN SELECT conname FROM pg_constraint WHERE conrelid = 'memberships'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%roles%' LOOP
			EXECUTE format('ALTER TABLE memberships DROP CONSTRAINT %I', c);
		END LOOP; ALTER TABLE memberships DISABLE TRIGGER USER; END $$`)
	buyers := seed.Participants()
	for _, each := range []struct {
		name string
		org  uuid.UUID
	}{{"lead", seed.Lead().ID()}, {"participant", buyers[1].ID()}, {"supplier", seed.SupplierID(0)}} {
		for _, r := range actor.Roles() {
			m.enter(each.name, each.org, r)
		}
	}
	stranger := m.organisation("supplier", "Utenfor AS (oppdiktet)")
	m.rivalLead = buyers[rivals].ID()
	for _, each := range []struct {
		name string
		org  uuid.UUID
	}{{"declined", buyers[3].ID()}, {"outside municipality", seed.Outside().ID()}, {"rival lead", m.rivalLead}, {"competitor", seed.SupplierID(1)},
		{"second competitor", seed.SupplierID(2)}, {"outside supplier", stranger}, {"ks", seed.KS}} {
		m.enter(each.name, each.org, actor.Roles()...)
	}
	m.world.partnered()
	for _, p := range partners {
		if p.name == "second member" {
			continue // stands as the first one does
		}
		m.exec(`UPDATE memberships s SET roles = $2 FROM identities i WHERE i.id = s.identity_id AND i.subject = $1`, p.subject, actor.Roles())
		x := m.find(p.subject)
		x.name = p.name
		m.players = append(m.players, x)
	}
	for _, subject := range []string{"apner-1.bodo", "evaluerer-1.bodo"} {
		m.players = append(m.players, m.find(subject))
	}
	m.chair = m.enter("chair", seed.Lead().ID(), actor.CaseWorker)
	m.author = m.enter("author", seed.Lead().ID(), actor.CaseWorker)
	m.players = append(m.players, player{name: "nobody"}, player{name: "without organisation", subject: m.identity("ingen")})
}

// enter makes an identity with the roles at an organisation, and a player of it.
func (m *matrix) enter(name string, org uuid.UUID, roles ...actor.Role) player {
	if len(roles) == 1 {
		name += " " + string(roles[0])
	}
	p := player{name: name, subject: m.identity(strings.ReplaceAll(name, " ", "-")), org: org, roles: roles}
	m.exec(`INSERT INTO memberships (identity_id, org_id, roles) SELECT id, $2, $3 FROM identities WHERE subject = $1`, p.subject, org, roles)
	p = m.find(p.subject)
	p.name = name
	m.players = append(m.players, p)
	return p
}

func (m *matrix) find(subject string) player {
	p := player{name: subject, subject: subject}
	var roles []string
	must(m.t, m.super.QueryRow(m.t.Context(), `SELECT i.id, s.org_id, s.roles FROM identities i JOIN memberships s ON s.identity_id = i.id WHERE i.subject = $1`, subject).Scan(&p.id, &p.org, &roles))
	for _, r := range roles {
		p.roles = append(p.roles, actor.Role(r))
	}
	return p
}

func (m *matrix) identity(name string) string {
	subject := "m." + name
	m.exec(`INSERT INTO identities (id, issuer, subject, kind, name) SELECT gen_random_uuid(), issuer, $1, 'person', $1 FROM identities LIMIT 1`, subject)
	return subject
}

func (m *matrix) organisation(kind, name string) uuid.UUID {
	id := uuid.New()
	m.exec(`INSERT INTO organisations (id, kind, name, invented) VALUES ($1, $2, $3, true)`, id, kind, name)
	return id
}

func (m *matrix) exec(sql string, args ...any) {
	m.t.Helper()
	if _, err := m.super.Exec(m.t.Context(), sql, args...); err != nil {
		m.t.Fatalf("%v\n%s", err, sql)
	}
}

// rivals is where the second case's municipalities begin in the register of the
// demonstration.
const rivals = 6

// rivalCase plays the same story with other organisations, to where letters are
// sent: what it leaves is what belongs to others. The story names its people; for
// this one the names lead to others.
func (m *matrix) rivalCase() {
	instead := map[string]string{}
	swap := func(subject string, org uuid.UUID, roles ...actor.Role) {
		other := m.identity("rival-" + subject)
		m.exec(`INSERT INTO memberships (identity_id, org_id, roles) SELECT id, $2, $3 FROM identities WHERE subject = $1`, other, org, roles)
		instead[subject] = other
	}
	all := seed.Participants()
	for subject, role := range map[string]actor.Role{lead: actor.ProcurementLead, "apner-1.bodo": actor.CaseWorker, "apner-2.bodo": actor.CaseWorker,
		"evaluerer-1.bodo": actor.CaseWorker, "evaluerer-2.bodo": actor.CaseWorker, "revisor.bodo": actor.Auditor} {
		swap(subject, m.rivalLead, role)
	}
	for i := range 4 {
		swap(giver(all[i]), all[rivals+i].ID(), actor.MandateGiver)
	}
	for i := range 3 {
		org := m.organisation("supplier", demo.Suppliers()[i].Name)
		swap(author(i), org, actor.SupplierAuthor)
		swap(signatory(i), org, actor.Signatory)
		m.rivalSuppliers = append(m.rivalSuppliers, org)
	}
	for subject, other := range instead {
		m.world.tokens[subject] = m.world.token(other)
	}
	s := m.stage(rivals)
	s.alone = true
	m.rival = s.id
	m.rivalSandbox = s.sandbox.ID
	// Planned, and not published: nobody else knows of it.
	m.secret = m.plan(s.sandbox, rivals)
	set := s.specify()
	s.mandates()
	s.publish()
	s.ask()
	for i := range 3 {
		s.tender(i)
	}
	s.open()
	s.evaluate(set)
	s.award()
	m.world.mu.Lock()
	for subject := range instead {
		delete(m.world.tokens, subject)
	}
	m.world.mu.Unlock()
}

// stage begins a story whose municipalities start at one of the register.
func (m *matrix) stage(from int) *story {
	s := &story{world: m.world}
	s.sandbox = as[api.Sandbox](s.do(call{As: lead, Method: "POST", Path: "/sandboxes", Body: map[string]string{"name": "story"}}))
	s.id = m.plan(s.sandbox, from)
	s.path = "/procurements/" + s.id.String()
	return s
}

func (m *matrix) plan(sandbox api.Sandbox, from int) uuid.UUID {
	var named []api.NamedParticipant
	for _, p := range seed.Participants()[from : from+4] {
		named = append(named, api.NamedParticipant{Organisation: p.ID(), Estimated: money.Kroner(10_000_000), Maximum: money.Kroner(15_000_000)})
	}
	return as[api.Procurement](m.world.do(call{As: lead, Method: "POST", Path: "/procurements", Body: api.NewProcurement{Space: sandbox.ID, Plan: plan(sandbox.Now), Participants: named}})).ID
}

// standing reads how everybody stands to what a call is about.
func (m *matrix) standing(route, path string) standing {
	s := standing{team: map[uuid.UUID][]string{}}
	first, ok := firstID(path)
	if !ok {
		return s
	}
	s.about = first
	sql, ok := map[string]string{
		"/commands/{id}":                   `SELECT actor_org FROM commands WHERE id = $1`,
		"/sandboxes/{sandbox}":             `SELECT owner_org FROM spaces WHERE id = $1`,
		"/notifications/{notification}":    `SELECT org_id FROM notifications WHERE id = $1`,
		"/members/{identity}":              `SELECT org_id FROM memberships WHERE identity_id = $1`,
		"/invitations/{invitation}":        `SELECT org_id FROM invitations WHERE id = $1`,
		"/stored-answers/{entry}":          `SELECT org_id FROM stored_answers WHERE id = $1`,
		"/library/{entry}":                 `SELECT org_id FROM library_entries WHERE id = $1`,
		"/tenders/{tender}":                `SELECT supplier_org FROM tenders WHERE id = $1`,
		"/consortium-invitations/{tender}": `SELECT '00000000-0000-0000-0000-000000000000'::uuid FROM tenders WHERE id = $1`,
		"/procurements/{id}":               ``,
		"/public/procurements/{id}":        ``,
	}[untilFirstID(route)]
	if !ok {
		m.t.Fatalf("the matrix does not know whose %s is: add it to standing", route)
	}
	if sql != "" {
		must(m.t, m.super.QueryRow(m.t.Context(), sql, first).Scan(&s.owner))
		if strings.Contains(route, "{tender}") {
			rows, err := m.super.Query(m.t.Context(), `SELECT org_id, state FROM consortium_members WHERE tender_id = $1`, first)
			must(m.t, err)
			for rows.Next() {
				var org uuid.UUID
				var state string
				must(m.t, rows.Scan(&org, &state))
				s.known = append(s.known, org)
				if state == "accepted" {
					s.members = append(s.members, org)
				}
			}
			must(m.t, rows.Err())
		}
		if strings.HasPrefix(route, "/commands/") {
			must(m.t, m.super.QueryRow(m.t.Context(), `SELECT (actor ->> 'id')::uuid FROM commands WHERE id = $1`, first).Scan(&s.giver))
		}
		return s
	}
	var team []byte
	must(m.t, m.super.QueryRow(m.t.Context(), `SELECT p.lead_org, p.published_at IS NOT NULL,
		(SELECT coalesce(array_agg(org_id), '{}') FROM participants WHERE procurement_id = p.id AND (state NOT IN ('declined', 'dropped') OR p.phase IN ('draft', 'mandates'))),
		(SELECT coalesce(array_agg(org), '{}') FROM (`+bidders+`) b(org)),
		(SELECT coalesce(jsonb_object_agg(identity_id, roles), '{}') FROM (SELECT identity_id, jsonb_agg(role) AS roles FROM case_team WHERE procurement_id = p.id GROUP BY 1) t)
		FROM procurements p WHERE p.id = $1`, first).Scan(&s.lead, &s.published, &s.buyers, &s.suppliers, &team))
	must(m.t, json.Unmarshal(team, &s.team))
	return s
}

// bidders are those that have a tender in the procurement p, alone or with others.
const bidders = `SELECT supplier_org FROM tenders WHERE procurement_id = p.id UNION SELECT org_id FROM consortium_members WHERE procurement_id = p.id AND state = 'accepted'`

func firstID(path string) (string, bool) {
	for part := range strings.SplitSeq(path, "/") {
		part, _, _ = strings.Cut(part, "?")
		if _, err := uuid.Parse(part); err == nil {
			return part, true
		}
	}
	return "", false
}

func untilFirstID(route string) string {
	i := strings.Index(route, "}")
	return route[:i+1]
}

// otherIDs gives the tables whose rows have an id that a request may name, each
// with the ids of it that belong to others than the owner of the id at hand.
var otherIDs = map[string]string{
	"procurements":          `SELECT id FROM procurements WHERE id = ANY($2)`,
	"tenders":               `SELECT id FROM tenders WHERE procurement_id = ANY($2)`,
	"procurement_documents": `SELECT id FROM procurement_documents WHERE procurement_id = ANY($2)`,
	"submitted_files":       `SELECT id FROM submitted_files WHERE tender_id <> (SELECT o.tender_id FROM submitted_files o WHERE o.id = $1 LIMIT 1)`,
	"public_documents":      `SELECT id FROM public_documents WHERE procurement_id = ANY($2)`,
	"letters":               `SELECT id FROM letters WHERE procurement_id = ANY($2)`,
	"contracts":             `SELECT id FROM contracts WHERE procurement_id = ANY($2)`,
	"questions":             `SELECT id FROM questions WHERE procurement_id = ANY($2)`,
	"clarifications":        `SELECT id FROM clarifications WHERE procurement_id = ANY($2)`,
	"commands":              `SELECT id FROM commands WHERE case_id = ANY($2)`,
	"spaces":                `SELECT id FROM spaces WHERE id IN (SELECT space_id FROM procurements WHERE id = ANY($2))`,
	"notifications":         `SELECT id FROM notifications WHERE case_id = ANY($2) AND org_id <> (SELECT o.org_id FROM notifications o WHERE o.id = $1)`,
	"inputs":                `SELECT id FROM inputs WHERE procurement_id = ANY($2)`,
	"library_entries":       `SELECT e.id FROM library_entries e WHERE e.org_id <> (SELECT o.org_id FROM library_entries o WHERE o.id = $1)`,
	"identities":            `SELECT identity_id FROM case_team WHERE procurement_id = ANY($2)`,
}

// others finds ids like this one that belong to others, in a call to a path. It
// gives none for what is no id of a row.
func (m *matrix) others(path string, id uuid.UUID) []uuid.UUID {
	for table, sql := range otherIDs {
		if table == "letters" && strings.HasPrefix(path, "/tenders/") {
			// A supplier's letters are its own, also within one procurement.
			sql = `SELECT id FROM letters WHERE tender_id <> (SELECT o.tender_id FROM letters o WHERE o.id = $1)`
		}
		if table == "procurements" && strings.HasSuffix(path, "/requirements/copy") {
			// What is published is everybody's to copy.
			sql = `SELECT id FROM procurements WHERE id = ANY($2) AND published_at IS NULL`
		}
		var is bool
		must(m.t, m.super.QueryRow(m.t.Context(), fmt.Sprintf(`SELECT EXISTS (SELECT FROM %s WHERE id = $1)`, pgx.Identifier{table}.Sanitize()), id).Scan(&is))
		if !is {
			continue
		}
		rows, err := m.super.Query(m.t.Context(), fmt.Sprintf(`SELECT id FROM (%s) x(id) WHERE id <> $1 AND $2::uuid[] IS NOT NULL ORDER BY id`, sql), id, []uuid.UUID{m.rival, m.secret})
		must(m.t, err)
		found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		must(m.t, err)
		if len(found) > 2 {
			found = []uuid.UUID{found[0], found[len(found)-1]}
		}
		return found
	}
	return nil
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	m := &matrix{t: t, world: newWorld(t), tried: map[string]bool{}, done: map[string]bool{}, secrets: map[string]secret{}, sent: map[uuid.UUID]map[string]bool{}}
	m.super = m.world.db.Pool(dbtest.Super)
	m.started = time.Now()
	m.cast()
	m.world.before = m.plant
	m.rivalCase()
	return m
}
