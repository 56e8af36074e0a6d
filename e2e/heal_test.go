package e2e

import (
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/process"
	"github.com/fellesloft/fellesloft/workflows"
)

// A process that an operator has terminated is started anew by reconcile, and
// its timer closes the competition. One that is terminated again is started by
// the next command.
func TestATerminatedProcessGoesOn(t *testing.T) {
	t.Parallel()
	s := newStory(newStack(t))
	s.toTendering()
	operator, processes := dial(t, s.temporal), s.processes()
	terminate := func() {
		t.Helper()
		must(t, operator.TerminateWorkflow(t.Context(), workflows.WorkflowID(workflows.KindProcurement, s.id, 1), "", "by mistake"))
	}
	running := func() bool {
		state, err := processes.StateOf(t.Context(), procurementCase(s.id, 1))
		return err == nil && state == process.Running
	}
	terminate()
	eventually(t, "reconcile has started the process anew", running)
	s.compete()

	s.approve()
	s.worker.stop() // so that reconcile is not quicker than the command
	terminate()
	s.worker.settings["RECONCILE_EVERY"] = "1h"
	c := s.order(opener2, "/opening", openQuality)
	s.worker.start()
	if c = s.outcome(opener2, c); c.State != "done" {
		t.Errorf("the opening is %+v, %+v", c, c.Problem)
	}
	s.finish()
	if n := s.get(); n.Phase != procurement.Standstill || s.n() != 1 {
		t.Errorf("in the end %s, process %d", n.Phase, s.n())
	}
}

// A Temporal that has lost its database is told of every open case again.
func TestAWipedTemporalIsTold(t *testing.T) {
	t.Parallel()
	temporal, options := newOwnTemporal(t)
	s := newStory(prepare(t, options))
	s.serve.start()
	s.worker.start()
	s.toTendering()
	temporal.wipe()
	s.compete()
	temporal.wipe()
	s.open()
	s.finish()
	if p := s.get(); p.Phase != procurement.Standstill || s.n() != 1 {
		t.Errorf("in the end %s, process %d", p.Phase, s.n())
	}
}

// After an older database is restored the right end is the one that its facts
// lead to, whatever Temporal remembers of what came later. Nothing is sent
// before an operator says so.
func TestARestoredDatabaseOfAFinishedProcessGetsTheNext(t *testing.T) {
	t.Parallel()
	s := newStory(newStack(t))
	s.toTendering()
	s.emptied()
	restore := s.backUp()
	s.steer(lead, "/cancellation", reason)
	s.reach(procurement.Cancelled)
	processes := s.processes()
	eventually(t, "the process has finished", func() bool {
		state, err := processes.StateOf(t.Context(), procurementCase(s.id, 1))
		return err == nil && state == process.Finished
	})

	restore()
	eventually(t, "the case has its next process", func() bool { return s.n() == 2 })
	if n := value[int](s.stack, `SELECT count(*) FROM audit WHERE action = 'procurement.process-restarted' AND object_id = $1`, s.id); n != 1 {
		t.Errorf("%d audit entries of the restart", n)
	}
	first := s.tender(s.suppliers[0])
	sent := len(s.mail.Messages(""))
	time.Sleep(2 * time.Second)
	if waiting := value[int](s.stack, `SELECT count(*) FROM outbox WHERE kind = 'mail'`); waiting == 0 || len(s.mail.Messages("")) != sent {
		t.Errorf("%d mails wait and %d were sent before an operator released them", waiting, len(s.mail.Messages(""))-sent)
	}
	s.admin("outbox", "release")
	s.emptied()
	if len(s.mail.Messages("")) == sent {
		t.Error("no mail was sent after an operator released it")
	}

	all := s.suppliers
	s.tenders, s.suppliers = append(s.tenders, first), all[1:]
	s.compete()
	s.suppliers = all
	s.open()
	s.finish()
}

// The process that runs is further on than the restored facts, and sleeps until
// an instant that they do not know of. It has to look again.
func TestARestoredDatabaseIsLookedAtByTheProcessThatRuns(t *testing.T) {
	t.Parallel()
	s := newStory(newStack(t))
	s.toTendering()
	for _, x := range s.suppliers {
		s.tenders = append(s.tenders, s.tender(x))
	}
	p := s.get()
	s.liveUntil(p.Plan.TenderDeadline.Add(-15 * time.Second))
	s.emptied()
	restore := s.backUp()
	s.reach(procurement.Opening)
	s.open()
	s.reach(procurement.Evaluation)

	// The deadline has passed meanwhile, and nobody moves the clock.
	restore()
	s.admin("outbox", "release")
	s.reach(procurement.Opening)
	if s.n() != 1 {
		t.Errorf("process %d drives a case whose process ran", s.n())
	}
	s.open()
	s.finish()
}

// toTendering brings the story to a published competition.
func (s *story) toTendering() {
	s.t.Helper()
	s.launch()
	s.mandates()
	s.prepare()
	s.publish()
	s.reach(procurement.Tendering)
}

// finish goes from opened tenders to the standstill.
func (s *story) finish() {
	s.t.Helper()
	s.evaluate()
	s.award()
	s.reach(procurement.Standstill)
}

// n is which process drives the case.
func (s *story) n() int { return value[int](s.stack, `SELECT n FROM procurements WHERE id = $1`, s.id) }

// backUp copies the database as it is, with the program stopped for the moment.
// The returned function does what an operator does to restore it: stop the
// program, put the copy in the database's place, hold the outbox, start.
func (s *stack) backUp() (restore func()) {
	s.t.Helper()
	name := s.db.Name
	copied := name + "_copy"
	s.offline()
	s.onServer(`CREATE DATABASE ` + copied + ` TEMPLATE ` + name + ` OWNER ` + db.RoleOwner)
	s.t.Cleanup(func() { s.onServer(`DROP DATABASE IF EXISTS ` + copied + ` WITH (FORCE)`) })
	s.online()
	return func() {
		s.t.Helper()
		s.offline()
		s.onServer(`DROP DATABASE ` + name + ` WITH (FORCE)`)
		s.onServer(`ALTER DATABASE ` + copied + ` RENAME TO ` + name)
		s.admin("outbox", "hold")
		s.online()
	}
}

func (s *stack) offline() {
	s.t.Helper()
	s.serve.stop()
	s.worker.stop()
	s.super.Close()
}

func (s *stack) online() {
	s.t.Helper()
	s.super = s.db.Pool(dbtest.Super)
	s.serve.start()
	s.worker.start()
}

// onServer runs a statement that no database can run on itself.
func (s *stack) onServer(statement string) {
	s.t.Helper()
	config, err := pgx.ParseConfig(s.db.URL(dbtest.Super))
	must(s.t, err)
	config.Database = "postgres"
	ctx := testContext(s.t)
	conn, err := pgx.ConnectConfig(ctx, config)
	must(s.t, err)
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		s.t.Errorf("%v\n%s", err, statement)
	}
}

// admin runs a command of the operator's, as the database's owner.
func (s *stack) admin(args ...string) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), program, append([]string{"admin"}, args...)...)
	cmd.Env = environment(map[string]string{"DATABASE_URL": s.db.URL(db.RoleOwner)})
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("admin %v: %v\n%s", args, err, out)
	}
}
