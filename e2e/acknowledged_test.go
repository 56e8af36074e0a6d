package e2e

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// What the API has acknowledged is there, though it dies in the same moment.
func TestAnAcknowledgedWriteIsNeverLost(t *testing.T) {
	t.Parallel()
	s := newStory(newStack(t))
	s.silent, s.quorum = 0, 12
	s.launch()
	s.serveDies()
	if p := s.get(); p.Phase != procurement.Mandates {
		t.Errorf("after an acknowledged launch the procurement is in %s", p.Phase)
	}

	s.mandates()
	s.serveDies()
	// The last mandate ends the wait in its own transaction.
	if p := s.get(); p.Participants.Mandated != len(s.municipalities) || p.Phase != procurement.Preparation {
		t.Errorf("after acknowledged mandates of all: %+v, in %s", p.Participants, p.Phase)
	}

	s.prepare()
	c := s.order(lead, "/publication", s.dispatch())
	s.serveDies()
	if c = s.outcome(lead, c); c.State != app.CommandDone {
		t.Errorf("an acknowledged publication is %s", c.State)
	}
	s.reach(procurement.Tendering)

	x := s.suppliers[0]
	d := s.draft(x)
	s.serveDies()
	var kept api.Draft
	s.as(x.author).get("/tenders/"+d.ID.String()+"/draft", &kept)
	if !kept.Summary.Complete() || kept.Tender.Version != d.Version {
		t.Errorf("an acknowledged draft is %+v", kept.Tender)
	}
	s.as(x.signatory).post("/tenders/"+d.ID.String()+"/submissions", api.Submission{Lots: s.lots()}, nil)
	s.serveDies()
	var receipts api.OfTender[api.Receipt]
	s.as(x.author).get("/tenders/"+d.ID.String()+"/receipts", &receipts)
	if len(receipts.Items) != 1 || receipts.Items[0].State != "standing" {
		t.Errorf("an acknowledged submission left %+v", receipts.Items)
	}
}

func (s *stack) serveDies() {
	s.t.Helper()
	s.serve.kill()
	s.serve.start()
}

// A request that is cut off in the middle and repeated with its key has one
// effect, wherever the API died: before it was decided, or between the decision
// and the answer. In the second case the repetition of a submission is answered
// with its receipt, and that of a command says that it was decided.
func TestARepeatedRequestHasOneEffect(t *testing.T) {
	t.Parallel()
	s := newStory(newStack(t))
	s.launch()
	s.mandates()
	s.prepare()
	s.publish()

	undecided := s.draft(s.suppliers[0])
	submission := keyed{s.as(s.suppliers[0].signatory), "/tenders/" + undecided.ID.String() + "/submissions", "submitTender", api.Submission{Lots: s.lots()}, uuid.NewString()}
	s.cutOff(submission, lockReceived, func() { s.awaitLocked(asServe) })
	if n := s.submissionsOf(undecided.ID); n != 0 {
		t.Errorf("%d submissions before the repetition", n)
	}
	if a := submission.send(t); a.status != http.StatusCreated || s.submissionsOf(undecided.ID) != 1 {
		t.Errorf("repeated: %s, %d submissions", a, s.submissionsOf(undecided.ID))
	}
	if a := submission.send(t); a.status != http.StatusCreated || s.submissionsOf(undecided.ID) != 1 {
		t.Errorf("repeated again: %s, %d submissions", a, s.submissionsOf(undecided.ID))
	}

	decided := s.draft(s.suppliers[1])
	submission = keyed{s.as(s.suppliers[1].signatory), "/tenders/" + decided.ID.String() + "/submissions", "submitTender", api.Submission{Lots: s.lots()}, uuid.NewString()}
	s.cutOff(submission, keepsAnswer, func() {
		eventually(t, "the submission is decided", func() bool { return s.submissionsOf(decided.ID) == 1 })
		s.awaitLocked(asServe)
	}, submission.operation, submission.key)
	var again api.Submitted
	if a := submission.send(t); a.status != http.StatusCreated || json.Unmarshal(a.body, &again) != nil || s.submissionsOf(decided.ID) != 1 {
		t.Errorf("repeated after the decision: %s, %d submissions", a, s.submissionsOf(decided.ID))
	}
	var receipts api.Page[api.Receipt]
	s.as(s.suppliers[1].author).get("/tenders/"+decided.ID.String()+"/receipts", &receipts)
	if len(receipts.Items) != 1 || string(receipts.Items[0].Receipt) != string(again.Receipt) {
		t.Errorf("the repetition gave %s, the receipts are %+v", again.Receipt, receipts.Items)
	}

	command := keyed{s.as(lead), s.path("/suspension"), "suspendProcurement", api.Reason{Reason: "Klage er mottatt."}, uuid.NewString()}
	s.cutOff(command, keepsAnswer, func() {
		eventually(t, "the command is carried out", func() bool { return s.commands(procurement.OpSuspend, app.CommandDone) == 1 })
		s.awaitLocked(asServe)
	}, command.operation, command.key)
	if a := command.send(t); a.status != http.StatusConflict || a.rule() != "idempotency.answer-unknown" {
		t.Errorf("a command repeated after it was carried out: %s", a)
	}
	if n := value[int](s.stack, `SELECT count(*) FROM commands WHERE operation = $1`, procurement.OpSuspend); n != 1 {
		t.Errorf("%d commands of one", n)
	}
	if n := value[int](s.stack, `SELECT count(*) FROM audit WHERE action = 'procurement.suspended'`); n != 1 {
		t.Errorf("suspended %d times", n)
	}
	if a := (keyed{command.by, command.path, command.operation, api.Reason{Reason: "En annen grunn."}, command.key}).send(t); a.rule() != "idempotency.other-input" {
		t.Errorf("the same key with another input: %s", a)
	}
}

// keepsAnswer holds up the row of the answer to one request: another
// transaction has written it and not yet said whether it stays.
const keepsAnswer = `INSERT INTO idempotency (org_id, actor_id, operation, key, input_hmac, status)
	SELECT m.org_id, m.identity_id, $1, $2, '', 0 FROM memberships m`

// keyed is a request that can be repeated.
type keyed struct {
	by        user
	path      string
	operation string
	in        any
	key       string
}

func (k keyed) send(t *testing.T) answer {
	t.Helper()
	body, err := json.Marshal(k.in)
	must(t, err)
	a, err := k.by.send(t.Context(), http.MethodPost, k.path, k.key, "*", "application/json", body)
	must(t, err)
	return a
}

// cutOff sends a request that has to wait for a lock, kills the API when there,
// and starts it again.
func (s *story) cutOff(k keyed, lock string, there func(), args ...any) {
	s.t.Helper()
	release := s.hold(lock, args...)
	body, err := json.Marshal(k.in)
	must(s.t, err)
	lost := make(chan error, 1)
	go func() {
		_, err := k.by.send(s.t.Context(), http.MethodPost, k.path, k.key, "*", "application/json", body)
		lost <- err
	}()
	there()
	s.cutDown(release)
	if err := <-lost; err == nil {
		s.t.Error("the request was answered before the API was killed")
	}
	s.serve.start()
}

// cutDown kills the API while it waits for a lock, which is then given back.
func (s *story) cutDown(release func()) {
	s.t.Helper()
	s.serve.kill()
	// The statement that waits must not succeed after its client's death.
	s.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = $1`, asServe)
	eventually(s.t, "what the dead process had begun is undone", func() bool {
		return value[int](s.stack, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = $1`, asServe) == 0
	})
	release()
}

func (s *story) submissionsOf(tender uuid.UUID) int {
	return value[int](s.stack, `SELECT count(*) FROM submissions WHERE tender_id = $1`, tender)
}

func (s *story) commands(operation, state string) int {
	return value[int](s.stack, `SELECT count(*) FROM commands WHERE operation = $1 AND state = $2`, operation, state)
}
