package e2e

import (
	"encoding/json"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// Temporal's work does not grow with the number of municipalities or suppliers:
// those are rows. From launch to award a tender takes at most 36 actions, all
// reminders included.
func TestWhatATenderCostsInTemporal(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	bills := map[string]bill{}
	t.Run("stories", func(t *testing.T) {
		for name, vary := range map[string]func(*story){
			"12 municipalities, 5 suppliers":  func(*story) {},
			"357 municipalities, 5 suppliers": func(s *story) { s.invite(party.Municipalities()) },
			"12 municipalities, 20 suppliers": func(s *story) { s.attract(20) },
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				whole := prepare(t, namespace(t))
				// As often as in production: a case that has just been launched
				// may be woken by relay and reconcile both.
				whole.worker.settings["RECONCILE_EVERY"] = "5m"
				whole.serve.start()
				whole.worker.start()
				s := newStory(whole)
				s.attract(5)
				s.silent = 2
				vary(s)
				b := s.cost()
				mu.Lock()
				defer mu.Unlock()
				bills[name] = b
				t.Logf("%s: %s", name, b)
			})
		}
	})
	if t.Failed() {
		return
	}
	const most = 36
	base := bills["12 municipalities, 5 suppliers"].own.Total()
	for name, b := range bills {
		t.Logf("%s: %s", name, b)
		n := b.own.Total()
		if n > most {
			t.Errorf("%s: %d actions from launch to award, want at most %d", name, n, most)
		}
		if difference := n - base; 10*max(difference, -difference) > base {
			t.Errorf("%s: %d actions, and %d with 12 municipalities and 5 suppliers: more than 10 %% apart", name, n, base)
		}
	}
}

// cost lives through the story from launch to award.
func (s *story) cost() bill {
	s.t.Helper()
	s.launch()
	m := watched(s)
	s.mandates()
	s.prepare()
	s.publish()
	s.compete()
	s.open()
	s.evaluate()
	s.liveUntil(s.get().Plan.AwardOn.At(10, 0))
	s.award()
	s.reach(procurement.Standstill)
	m.settled(0)
	return m.bill()
}

// invite names municipalities, each with somebody who gives its mandate.
func (s *story) invite(all []party.Municipality) {
	s.t.Helper()
	s.municipalities = all
	s.giver = func(m party.Municipality) string { return "fullmaktsgiver." + m.Number }
	people := []person{}
	for _, m := range all {
		people = append(people, person{uuid.New(), s.giver(m), "Fullmaktsgiver " + m.Number, m.ID(), []string{"mandate_giver"}})
	}
	s.admit(people)
}

// attract gives the story so many suppliers: the fictional ones, and others that
// answer as they do.
func (s *story) attract(n int) {
	s.t.Helper()
	s.suppliers = nil
	type organisation struct {
		ID   uuid.UUID `json:"id"`
		Name string    `json:"name"`
	}
	more := []organisation{}
	people := []person{}
	for i := range n {
		shipped := len(demo.Suppliers())
		x := demoSupplier(i % shipped)
		if i >= shipped {
			x.name += " " + itoa(i)
			x.author, x.signatory = "forfatter-"+itoa(i), "signatar-"+itoa(i)
			o := organisation{uuid.New(), x.name}
			more = append(more, o)
			people = append(people, person{uuid.New(), x.author, "Forfatter " + itoa(i), o.ID, []string{"supplier_author"}},
				person{uuid.New(), x.signatory, "Signatar " + itoa(i), o.ID, []string{"signatory"}})
		}
		s.suppliers = append(s.suppliers, x)
	}
	rows, err := json.Marshal(more)
	must(s.t, err)
	s.exec(`INSERT INTO organisations (id, kind, name, invented) SELECT id, 'supplier', name, true FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, name text)`, rows)
	s.admit(people)
}

// person is one who may act for an organisation.
type person struct {
	ID      uuid.UUID `json:"id"`
	Subject string    `json:"subject"`
	Name    string    `json:"name"`
	Org     uuid.UUID `json:"org"`
	Roles   []string  `json:"roles"`
}

// admit lets people sign in. They have no address for mail, which is told of
// elsewhere.
func (s *stack) admit(people []person) {
	s.t.Helper()
	rows, err := json.Marshal(people)
	must(s.t, err)
	s.exec(`INSERT INTO identities (id, issuer, subject, kind, name) SELECT id, $2, subject, 'person', name FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, subject text, name text)`, rows, s.issuer.URL())
	s.exec(`INSERT INTO memberships (identity_id, org_id, roles) SELECT id, org, roles FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, org uuid, roles text[])`, rows)
}

// exec changes the database as nobody in the program may.
func (s *stack) exec(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.super.Exec(s.t.Context(), sql, args...); err != nil {
		s.t.Fatalf("%v\n%s", err, sql)
	}
}
