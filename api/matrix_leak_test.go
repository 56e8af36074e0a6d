package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// secret is a text that stands nowhere else, planted in a value that the story
// writes, with those who may read it.
type secret struct {
	what string
	// to says who may: organisations that stand so to the procurement.
	to []place
	// by is the organisation that wrote it.
	by, procurement uuid.UUID
}

// planted are the confidential values, by operation and field, with those who may
// read them besides the organisation that writes them. The rest of what the story
// writes is public in the end.
var planted = map[string]map[string][]place{
	"declineMandate":      {"reason": {leadBuyer, participant}, "caseReference": {leadBuyer, participant}},
	"giveMandate":         {"scope": {leadBuyer, participant}, "caseReference": {leadBuyer, participant}},
	"askQuestion":         {"text": {leadBuyer, participant}},
	"saveAnswers":         {"suitability": {}, "economic": {}, "technical": {}},
	"confirmRules":        {"source": {leadBuyer, participant}},
	"recordDocumentation": {"reference": {leadBuyer}},
	"signContract":        {"reference": {leadBuyer, participant}},
	"makeCallOff":         {"reference": {leadBuyer, participant}},
	"createSandbox":       {"name": {}},
	"rejectTender":        {"reason": {leadBuyer, participant, owner}},
	"giveInput":           {"text": {leadBuyer, participant}, "wording": {leadBuyer, participant}},
	"answerInput":         {"reason": {leadBuyer, participant}},
	"openInputRound":      {"note": {leadBuyer, participant}},
	"addToLibrary":        {"source": {}},
	"saveScores":          {"note": {leadBuyer, owner}},
}

const mark = "K7Q"

// plant puts a mark into every confidential value of a call, and takes it out of
// what a lead buyer repeats in public.
func (m *matrix) plant(c *call) {
	text := bodyText(*c)
	if len(text) == 0 || !json.Valid(text) {
		return
	}
	o, ok := m.operation(c.Method, c.Path)
	if !ok {
		return
	}
	var v any
	must(m.t, json.Unmarshal(text, &v))
	fields := planted[o.ID]
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				s, isText := v[k].(string)
				to, secretive := fields[k]
				switch {
				case isText && secretive && s != "":
					v[k] = s + " " + m.newSecret(c, o.ID+"."+k, to)
				case isText && strings.Contains(s, mark):
					plain, _, _ := strings.Cut(s, mark)
					v[k] = strings.TrimSpace(plain)
				default:
					walk(v[k])
				}
			}
		}
	}
	walk(v)
	if len(fields) > 0 || bytes.Contains(text, []byte(mark)) {
		changed, err := json.Marshal(v)
		must(m.t, err)
		c.Body = changed
	}
}

func (m *matrix) newSecret(c *call, what string, to []place) string {
	name := fmt.Sprintf("%s%04d", mark, len(m.secrets))
	s := secret{what: what, to: to}
	must(m.t, m.super.QueryRow(m.t.Context(), `SELECT s.org_id FROM identities i JOIN memberships s ON s.identity_id = i.id WHERE i.subject = $1`, m.subjectOf(c.As)).Scan(&s.by))
	if id, ok := firstID(c.Path); ok {
		_ = m.super.QueryRow(m.t.Context(), `SELECT coalesce((SELECT procurement_id FROM tenders WHERE id = $1), $1)`, id).Scan(&s.procurement)
	}
	m.secrets[name] = s
	return name
}

// subjectOf undoes the change of names of the second case.
func (m *matrix) subjectOf(subject string) string {
	for p, t := range m.world.tokens {
		if t == m.world.token(subject) && strings.HasPrefix(p, "m.rival-") {
			return p
		}
	}
	return subject
}

// knowers are the organisations that may learn of each secret and of each id that
// is nobody else's business.
type knowers struct {
	texts map[string][]uuid.UUID
	ids   map[string][]uuid.UUID
	what  map[string]string
}

// idOwners gives what an answer must not name to others: the id, an organisation
// that may know it, and what it is.
const idOwners = `
SELECT t.id, t.supplier_org, 'a tender' FROM tenders t
UNION SELECT m.tender_id, m.org_id, 'a tender' FROM consortium_members m
UNION SELECT l.id, m.org_id, 'a letter' FROM letters l JOIN consortium_members m ON m.tender_id = l.tender_id AND m.state = 'accepted'
UNION SELECT d.id, m.org_id, 'a data key' FROM data_keys d JOIN consortium_members m ON m.tender_id = d.tender_id AND m.state = 'accepted'
UNION SELECT t.id, b.org, 'a tender' FROM tenders t JOIN buyers b ON b.id = t.procurement_id WHERE EXISTS (SELECT FROM opened_envelopes o WHERE o.tender_id = t.id)
UNION SELECT q.id, a.org_id, 'a question' FROM questions q JOIN question_askers a ON a.question_id = q.id
UNION SELECT q.id, b.org, 'a question' FROM questions q JOIN buyers b ON b.id = q.procurement_id
UNION SELECT l.id, t.supplier_org, 'a letter' FROM letters l JOIN tenders t ON t.id = l.tender_id
UNION SELECT l.id, b.org, 'a letter' FROM letters l JOIN buyers b ON b.id = l.procurement_id
UNION SELECT c.id, c.supplier_org, 'a contract' FROM contracts c
UNION SELECT c.id, b.org, 'a contract' FROM contracts c JOIN buyers b ON b.id = c.procurement_id
UNION SELECT i.id, b.org, 'an input' FROM inputs i JOIN buyers b ON b.id = i.procurement_id
UNION SELECT e.id, e.org_id, 'a library entry' FROM library_entries e WHERE e.org_id IS NOT NULL
UNION SELECT c.id, c.actor_org, 'a command' FROM commands c
UNION SELECT n.id, n.org_id, 'a notification' FROM notifications n
UNION SELECT s.id, s.owner_org, 'a sandbox' FROM spaces s WHERE s.kind = 'sandbox'
UNION SELECT s.id, b.org, 'a sandbox' FROM spaces s JOIN procurements p ON p.space_id = s.id JOIN buyers b ON b.id = p.id
UNION SELECT i.id, s.org_id, 'the identity ' || i.subject FROM identities i JOIN memberships s ON s.identity_id = i.id
UNION SELECT i.id, b.org, 'the identity ' || i.subject FROM procurements p JOIN memberships s ON s.org_id = p.lead_org JOIN identities i ON i.id = s.identity_id JOIN buyers b ON b.id = p.id
UNION SELECT p.id, b.org, 'an unpublished procurement' FROM procurements p JOIN buyers b ON b.id = p.id WHERE p.published_at IS NULL
UNION SELECT d.id, b.org, 'a document' FROM procurement_documents d JOIN buyers b ON b.id = d.procurement_id WHERE NOT EXISTS (SELECT FROM public_documents x WHERE x.id = d.id)
UNION SELECT d.id, t.supplier_org, 'a data key' FROM data_keys d JOIN tenders t ON t.id = d.tender_id
UNION SELECT c.id, b.org, 'a call-off' FROM call_offs c JOIN buyers b ON b.id = c.procurement_id
UNION SELECT d.id, b.org, 'a piece of documentation' FROM documentation d JOIN buyers b ON b.id = d.procurement_id`

// knowers reads who may know what as of now.
func (m *matrix) knowers() knowers {
	m.t.Helper()
	k := knowers{texts: map[string][]uuid.UUID{}, ids: map[string][]uuid.UUID{}, what: map[string]string{}}
	rows, err := m.super.Query(m.t.Context(), `WITH buyers AS (SELECT id, lead_org AS org FROM procurements UNION SELECT procurement_id, org_id FROM participants) `+idOwners)
	must(m.t, err)
	for rows.Next() {
		var id, org uuid.UUID
		var what string
		must(m.t, rows.Scan(&id, &org, &what))
		k.ids[id.String()] = append(k.ids[id.String()], org)
		k.what[id.String()] = what
	}
	must(m.t, rows.Err())
	places := map[uuid.UUID]map[place][]uuid.UUID{}
	for name, s := range m.secrets {
		if s.procurement != uuid.Nil && places[s.procurement] == nil {
			places[s.procurement] = m.places(s.procurement)
		}
		k.texts[name] = []uuid.UUID{s.by}
		for _, p := range s.to {
			k.texts[name] = append(k.texts[name], places[s.procurement][p]...)
		}
		// A tender is the lead buyer's to read from its opening.
		if strings.HasPrefix(s.what, "saveAnswers.") {
			k.texts[name] = append(k.texts[name], places[s.procurement]["opened"]...)
		}
	}
	return k
}

func (m *matrix) places(procurement uuid.UUID) map[place][]uuid.UUID {
	var leadOrg uuid.UUID
	var buyers, suppliers []uuid.UUID
	var opened bool
	must(m.t, m.super.QueryRow(m.t.Context(), `SELECT lead_org, (SELECT coalesce(array_agg(org_id), '{}') FROM participants WHERE procurement_id = p.id),
		(SELECT coalesce(array_agg(org), '{}') FROM (`+bidders+`) b(org)),
		EXISTS (SELECT FROM opened_envelopes o JOIN tenders t ON t.id = o.tender_id WHERE t.procurement_id = p.id) FROM procurements p WHERE p.id = $1`, procurement).Scan(&leadOrg, &buyers, &suppliers, &opened))
	out := map[place][]uuid.UUID{leadBuyer: {leadOrg}, participant: buyers, owner: suppliers}
	if opened {
		out["opened"] = []uuid.UUID{leadOrg}
	}
	return out
}

// in lists what an answer tells the player that the player may not know. What
// the player has sent is no news.
func (k knowers) in(a answer, p player, own map[string]bool) []string {
	var out []string
	sent := a.call.Path + string(bodyText(a.call))
	body := string(a.Body) + a.Header.Get("Location") + a.Header.Get("Etag")
	for name, orgs := range k.texts {
		if strings.Contains(body, name) && !slices.Contains(orgs, p.org) && !strings.Contains(sent, name) {
			out = append(out, name)
		}
	}
	for i := 0; i+36 <= len(body); i++ {
		if body[i+8] != '-' || body[i+13] != '-' || body[i+18] != '-' || body[i+23] != '-' {
			continue
		}
		id := body[i : i+36]
		if orgs, known := k.ids[id]; known && !slices.Contains(orgs, p.org) && !own[id] {
			out = append(out, k.what[id]+" "+id)
		}
	}
	return out
}
