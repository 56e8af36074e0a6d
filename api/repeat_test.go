package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// TestARepeatedRequestHasOneEffect repeats a creation with the same key.
func TestARepeatedRequestHasOneEffect(t *testing.T) {
	t.Parallel()
	s := begin(t)
	key := map[string]string{"Idempotency-Key": "first"}
	create := call{As: lead, Method: "POST", Path: "/procurements", Body: api.NewProcurement{Space: s.sandbox.ID, Plan: plan(s.sandbox.Now)}, Headers: key}
	first := s.do(create)
	again := s.do(create)
	if a, b := as[api.Procurement](first), as[api.Procurement](again); a.ID != b.ID || again.Status != first.Status || again.Header.Get("Location") != first.Header.Get("Location") || again.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("first %d %s, then %d %s", first.Status, first.Body, again.Status, again.Body)
	}
	if listed := as[api.Page[api.ProcurementLine]](s.do(call{As: lead, Method: "GET", Path: "/procurements"})); len(listed.Items) != 2 {
		t.Errorf("%d procurements, want the story's and one", len(listed.Items))
	}
	other := create
	other.Body = api.NewProcurement{Plan: plan(s.sandbox.Now)}
	s.do(other).refused(http.StatusUnprocessableEntity, "idempotency.other-input", "Idempotency-Key")

	// The key is one person's: another's is another request.
	sandbox := call{As: lead, Method: "POST", Path: "/sandboxes", Body: map[string]string{"name": "b"}, Headers: key}
	if a := s.do(sandbox); a.Status != http.StatusCreated {
		t.Errorf("the key of another operation: %d %s", a.Status, a.Body)
	}
}

// TestAKeptAnswerIsForThoseWhoMayStillRead repeats a request after the person
// has lost the role that it needs.
func TestAKeptAnswerIsForThoseWhoMayStillRead(t *testing.T) {
	t.Parallel()
	s := begin(t)
	launch := call{As: lead, Method: "POST", Path: s.path + "/launch", Headers: map[string]string{"Idempotency-Key": "launch", "If-Match": "*"}}
	as[api.Procurement](s.do(launch))
	as[api.Procurement](s.do(launch))
	me := as[api.Me](s.do(call{As: lead, Method: "GET", Path: "/me"}))
	s.db.Exec(db.RoleOwner, `UPDATE memberships SET roles = '{case_worker}' WHERE identity_id = $1`, me.Identity)
	s.forgetMembers()
	s.do(launch).refused(http.StatusForbidden, "permission.role", "")
}

// TestSteeringWithoutTemporal answers 202 and tells later what became of it.
func TestSteeringWithoutTemporal(t *testing.T) {
	t.Parallel()
	s := begin(t)
	as[api.Procurement](s.do(call{As: lead, Method: "POST", Path: s.path + "/launch", Headers: map[string]string{"If-Match": "*"}}))
	s.away = true
	cancel := call{As: lead, Method: "POST", Path: s.path + "/cancellation", Body: api.Reason{Reason: "Behovet er falt bort."}, Headers: map[string]string{"If-Match": "*"}}
	a := s.do(cancel)
	at := a.Header.Get("Location")
	if a.Status != http.StatusAccepted || !strings.HasPrefix(at, api.Base+"/commands/") || as[api.Command](a).State != "pending" {
		t.Fatalf("%d %s %s", a.Status, at, a.Body)
	}
	if c := as[api.Command](s.do(call{As: lead, Method: "GET", Path: at})); c.State != "pending" {
		t.Errorf("state: %+v", c)
	}
	s.do(call{As: giver(seed.Participants()[1]), Method: "GET", Path: at}).refused(http.StatusNotFound, "not-found", "")
	as[struct{}](s.do(call{As: lead, Method: "DELETE", Path: at}))
	s.do(call{As: lead, Method: "DELETE", Path: at}).refused(http.StatusConflict, "command.ended", "")
	if c := as[api.Command](s.do(call{As: lead, Method: "GET", Path: at})); c.State != "withdrawn" {
		t.Errorf("state: %+v", c)
	}

	// One that the case has left behind is told of with its rule.
	second := as[api.Command](s.do(cancel))
	must(t, s.worker.CarryOut(t.Context(), second.ID))
	third := s.do(cancel)
	must(t, s.worker.CarryOut(t.Context(), as[api.Command](third).ID))
	c := as[api.Command](s.do(call{As: lead, Method: "GET", Path: third.Header.Get("Location"), Headers: map[string]string{"Accept-Language": "en"}}))
	if c.State != "refused" || c.Problem == nil || c.Problem.Rule == "" || c.Problem.Title == "" {
		t.Errorf("state: %+v", c)
	}
}

func TestMandateDeadlineMoves(t *testing.T) {
	t.Parallel()
	s := begin(t)
	as[api.Procurement](s.do(call{As: lead, Method: "POST", Path: s.path + "/launch", Headers: map[string]string{"If-Match": "*"}}))
	p := s.get()
	later := p.Plan.MandateDeadline.Add(48 * time.Hour)
	a := s.do(call{As: lead, Method: "POST", Path: s.path + "/mandate-deadline", Body: api.MandateDeadline{Until: later}, Headers: map[string]string{"If-Match": "*"}})
	if got := as[api.Procurement](a); !got.Plan.MandateDeadline.Equal(later) {
		t.Errorf("deadline: %s, want %s", got.Plan.MandateDeadline, later)
	}
	s.do(call{As: lead, Method: "POST", Path: s.path + "/unsuccessful", Body: api.Reason{Reason: "Ingen tilbud."}, Headers: map[string]string{"If-Match": "*"}}).refused(http.StatusConflict, "procurement.wrong-phase", "")
}

func TestAnEmptyIdIsNoTender(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.do(call{As: author(0), Method: "GET", Path: "/tenders/" + uuid.Nil.String()}).refused(http.StatusNotFound, "not-found", "")
}
