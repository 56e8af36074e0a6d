package app_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// away gives a command that nobody has carried out yet: cancelling the case.
func (s *story) pending(expected int64) app.CommandStatus {
	s.t.Helper()
	s.away = true
	c, err := s.serve.Cancel(s.as(lead), s.id, expected, "Behovet er falt bort.")
	s.away = false
	must(s.t, err)
	if c.State != app.CommandPending {
		s.t.Fatalf("with Temporal away: %s", c.State)
	}
	return c
}

func (s *story) status(id uuid.UUID) app.CommandStatus {
	s.t.Helper()
	c, err := s.serve.CommandStatus(s.as(lead), id)
	must(s.t, err)
	return c
}

// launched is a story whose case has a workflow to steer.
func launched(t *testing.T) *story {
	t.Helper()
	s := begin(t)
	_, err := s.serve.LaunchProcurement(s.as(lead), s.id, 0)
	must(t, err)
	return s
}

func TestACommandIsCarriedOutWhenTemporalIsBack(t *testing.T) {
	t.Parallel()
	s := launched(t)
	c := s.pending(s.get().Version)
	must(t, s.worker.CarryOut(t.Context(), c.ID))
	if got := s.status(c.ID); got.State != app.CommandDone {
		t.Fatalf("after it is back: %s %v", got.State, got.Err())
	}
	if p := s.get(); p.Phase != procurement.Cancelled {
		t.Fatalf("phase %s", p.Phase)
	}
	version := s.get().Version
	must(t, s.worker.CarryOut(t.Context(), c.ID))
	if s.get().Version != version {
		t.Fatal("a command that has ended changed something")
	}
}

func TestACommandOnAnOlderVersionIsStale(t *testing.T) {
	t.Parallel()
	s := launched(t)
	c := s.pending(s.get().Version)
	_, err := s.serve.ExtendMandates(s.as(lead), s.id, 0, s.get().Plan.MandateDeadline.Add(time.Hour))
	must(t, err)
	must(t, s.worker.CarryOut(t.Context(), c.ID))
	if got := s.status(c.ID); got.State != app.CommandStale || s.get().Phase != procurement.Mandates {
		t.Fatalf("state %s, phase %s", got.State, s.get().Phase)
	}
}

func TestACommandExpires(t *testing.T) {
	t.Parallel()
	s := launched(t)
	c := s.pending(0)
	s.db.Exec(dbtest.Super, `UPDATE commands SET expires_at = clock_timestamp() WHERE id = $1`, c.ID)
	if got := s.status(c.ID); got.State != app.CommandExpired {
		t.Fatalf("before it is looked at: %s", got.State)
	}
	must(t, s.worker.CarryOut(t.Context(), c.ID))
	if got := s.status(c.ID); got.State != app.CommandExpired || got.EndedAt == nil || s.get().Phase != procurement.Mandates {
		t.Fatalf("state %s, phase %s", got.State, s.get().Phase)
	}
}

func TestACommandCanBeWithdrawnByItsCaller(t *testing.T) {
	t.Parallel()
	s := launched(t)
	c := s.pending(0)
	if err := s.serve.WithdrawCommand(s.as(author(0)), c.ID); !fault.Is(err, fault.NotFound) {
		t.Fatalf("by somebody else: %v", err)
	}
	must(t, s.serve.WithdrawCommand(s.as(lead), c.ID))
	must(t, s.worker.CarryOut(t.Context(), c.ID))
	if got := s.status(c.ID); got.State != app.CommandWithdrawn || s.get().Phase != procurement.Mandates {
		t.Fatalf("state %s, phase %s", got.State, s.get().Phase)
	}
	if err := s.serve.WithdrawCommand(s.as(lead), c.ID); fault.RuleOf(err) != "command.ended" {
		t.Fatalf("twice: %v", err)
	}
}

// Rights are judged again when a command is carried out: a commander who has
// lost the role meanwhile is refused.
func TestACommandIsAuthorisedAgain(t *testing.T) {
	t.Parallel()
	s := launched(t)
	c := s.pending(0)
	s.db.Exec(dbtest.Super, `UPDATE memberships SET ended_at = clock_timestamp() WHERE identity_id = $1`, identity(t, lead).ID)
	must(t, s.worker.CarryOut(t.Context(), c.ID))
	if got := s.status(c.ID); got.State != app.CommandRefused || got.Fault.Kind != fault.Denied {
		t.Fatalf("state %s, %v", got.State, got.Err())
	}
}

// A refusal is a result with rule and paragraph, and it leaves no message for
// the relay to repeat.
func TestARefusalEndsTheCommand(t *testing.T) {
	t.Parallel()
	s := launched(t)
	c, err := s.serve.Publish(s.as(lead), s.id, 0, procurement.Dispatch{})
	must(t, err)
	if c.State != app.CommandRefused || c.Fault.Rule != "procurement.wrong-phase" {
		t.Fatalf("state %s, %v", c.State, c.Err())
	}
	var waiting int
	must(t, s.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT count(*) FROM outbox WHERE kind = 'command'`).Scan(&waiting))
	if waiting != 0 {
		t.Fatalf("%d messages wait", waiting)
	}
}

func TestOthersSeeNothingOfACase(t *testing.T) {
	t.Parallel()
	s := begin(t)
	for _, subject := range []string{author(0), "fullmaktsgiver.alta", "leser.ks"} {
		_, err := s.serve.Procurement(s.as(subject), s.id)
		_, missing := s.serve.Procurement(s.as(subject), uuid.New())
		if !fault.Is(err, fault.NotFound) || fault.RuleOf(err) != fault.RuleOf(missing) {
			t.Errorf("%s: %v, missing: %v", subject, err, missing)
		}
	}
}
