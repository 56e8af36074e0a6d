package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// While Temporal is stopped people go on working: drafts, submissions and
// questions are taken as always, and what changes the phase is accepted with an
// address of its status. Back again, Temporal carries out what still holds; what
// has gone stale or expired says so.
func TestWithoutTemporalPeopleGoOnWorking(t *testing.T) {
	t.Parallel()
	temporal, options := newOwnTemporal(t)
	s := newStory(prepare(t, options))
	s.serve.start()
	s.worker.start()
	s.launch()
	s.mandates()
	s.prepare()

	temporal.stop()
	stale := s.accepted("/publication", quoted(s.get().Version), s.dispatch())
	p := s.get()
	p.Plan.Description += " Presisert."
	s.as(lead).put(s.path(""), api.RevisedProcurement{Plan: p.Plan}, nil)
	temporal.start()
	if c := s.outcome(lead, stale); c.State != app.CommandStale || c.Problem == nil || c.Problem.Status != http.StatusPreconditionFailed {
		t.Errorf("a publication of another version than the present one: %+v, %+v", c, c.Problem)
	}
	if p := s.get(); p.Phase != procurement.Preparation {
		t.Fatalf("a stale command led to %s", p.Phase)
	}
	s.publish()
	s.reach(procurement.Tendering)

	temporal.stop()
	x := s.suppliers[0]
	s.tender(x)
	var asked api.Question
	s.as(x.author).post(s.path("/questions"), api.NewQuestion{Text: "Skal løsningen støtte eksisterende sensorer?"}, &asked)
	s.as(lead).post(s.path("/clarifications"), api.NewClarification{Questions: []uuid.UUID{asked.ID}, Question: "Skal eksisterende sensorer støttes?", Answer: "Ja, de som bilaget nevner."}, nil)
	s.draft(s.suppliers[1])
	later := s.get().Plan.TenderDeadline.Add(7 * 24 * time.Hour)
	given := s.acceptedAtOnce(map[string]any{
		"/tender-deadline": api.LaterDeadline{Until: later, Reason: "Spørsmål kom sent."}, "/cancellation": reason, "/suspension": reason,
	})
	moved, expired, withdrawn := given["/tender-deadline"], given["/cancellation"], given["/suspension"]
	// A quarter of an hour passes for a cancellation that nobody carried out.
	s.exec(`UPDATE commands SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1`, expired.ID)
	if c := s.status(lead, expired.ID); c.State != app.CommandExpired || c.Problem == nil {
		t.Errorf("an expired command says %+v", c)
	}
	s.as(lead).ask(http.MethodDelete, "/commands/"+withdrawn.ID.String(), "", nil, nil)
	if p := s.get(); p.Phase != procurement.Tendering || !p.Plan.TenderDeadline.Before(later) {
		t.Errorf("without Temporal a command was carried out: %s, %s", p.Phase, p.Plan.TenderDeadline)
	}

	temporal.start()
	if c := s.outcome(lead, moved); c.State != app.CommandDone {
		t.Errorf("the deadline was not moved: %+v, %+v", c, c.Problem)
	}
	s.emptied()
	if c := s.status(lead, expired.ID); c.State != app.CommandExpired {
		t.Errorf("an expired command is %s in the end", c.State)
	}
	if c := s.status(lead, withdrawn.ID); c.State != app.CommandWithdrawn {
		t.Errorf("a withdrawn command is %s in the end", c.State)
	}
	if p := s.get(); p.Phase != procurement.Tendering || !p.State.SuspendedAt.IsZero() || !p.Plan.TenderDeadline.Equal(later) {
		t.Errorf("in the end the procurement is in %s until %s", p.Phase, p.Plan.TenderDeadline)
	}
	// The tender that came in while Temporal was away is there when it closes.
	s.liveUntil(later.Add(procurement.CloseAfter))
	s.reach(procurement.Opening)
	s.open()
	if n := value[int](s.stack, `SELECT count(DISTINCT tender_id) FROM opened_envelopes`); n != 1 {
		t.Errorf("%d tenders were opened", n)
	}
}

// accepted gives a command that nobody can carry out now: it is answered 202
// with the address of its status.
func (s *story) accepted(path, version string, in any) api.Command {
	s.t.Helper()
	a := s.as(lead).try(http.MethodPost, s.path(path), version, in)
	return s.pending(path, a)
}

func (s *story) pending(path string, a answer) api.Command {
	s.t.Helper()
	var c api.Command
	if a.status != http.StatusAccepted || json.Unmarshal(a.body, &c) != nil || c.State != app.CommandPending || !strings.HasSuffix(a.location, "/commands/"+c.ID.String()) {
		s.t.Fatalf("%s without Temporal: %s, at %q", path, a, a.location)
	}
	return c
}

// acceptedAtOnce does as accepted for several commands, each of which is waited
// for in vain before it is answered.
func (s *story) acceptedAtOnce(inputs map[string]any) map[string]api.Command {
	s.t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	given := map[string]answer{}
	for path, in := range inputs {
		body, mediaType := encode(s.as(lead), in)
		all.Go(func() {
			a, err := s.as(lead).send(s.t.Context(), http.MethodPost, s.path(path), uuid.NewString(), "*", mediaType, body)
			if err != nil {
				s.t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			given[path] = a
		})
	}
	all.Wait()
	commands := map[string]api.Command{}
	for path, a := range given {
		commands[path] = s.pending(path, a)
	}
	return commands
}
