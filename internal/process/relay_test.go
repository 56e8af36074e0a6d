package process_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/process"
)

const insertCommand = `INSERT INTO outbox (kind, case_kind, case_id, command_id, key, not_before)
	VALUES ('command', 'procurement', $1, $2::uuid, 'command:' || $2::uuid, clock_timestamp())`

const insertMail = `INSERT INTO outbox (kind, key, payload) VALUES ('mail', $1, jsonb_build_object(
	'kind', 'procurement.published', 'to', 'kari@ask.example', 'org', 'Ask kommune', 'language', 'nn', 'case', $2::uuid, 'params', '{"title": "Trygg heime"}'::jsonb))`

func TestAWakeAndACommandReachTheirProcess(t *testing.T) {
	t.Parallel()
	c, on := connect(t, temporal(t)), newCases()
	work(t, c, on, "")
	pool := relay(t, c, on, &mailer{})
	of := on.add(state{open: true})
	command := on.command(of)
	exec(t, pool, `SELECT wake('procurement', $1)`, of.ID)
	eventually(t, "the wake has arrived", func() bool { return on.looks(of) > 0 && waiting(t, pool) == 0 })
	exec(t, pool, insertCommand, of.ID, command)
	eventually(t, "the command has arrived", func() bool { return on.times(command) == 1 && waiting(t, pool) == 0 })
	expectState(t, c, of, process.Running)
}

// A steering command is durable when it is saved: it is carried out when
// Temporal is back. Mail does not wait for Temporal.
func TestMessagesWaitForTemporalAndMailDoesNot(t *testing.T) {
	t.Parallel()
	options := temporal(t)
	door := newDoor(t, options.HostPort)
	options.HostPort = door.Addr().String()
	c, on, mail := connect(t, options), newCases(), &mailer{}
	pool := relay(t, c, on, mail)
	of, woken := on.add(state{open: true}), on.add(state{open: true})
	command := on.command(of)
	exec(t, pool, insertCommand, of.ID, command)
	exec(t, pool, `SELECT wake('procurement', $1)`, woken.ID)
	exec(t, pool, insertMail, "mail:1", of.ID)
	eventually(t, "both were tried", func() bool {
		var tried int
		if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM outbox WHERE attempts > 1 AND last_error LIKE 'unavailable: temporal%'`).Scan(&tried); err != nil {
			t.Fatal(err)
		}
		return tried == 2
	})
	eventually(t, "the mail is sent", func() bool { return len(mail.all()) == 1 })
	if n := on.times(command); n != 0 {
		t.Errorf("the command was carried out %d times without its process", n)
	}
	door.set(true)
	work(t, c, on, "")
	eventually(t, "all has arrived", func() bool {
		return on.times(command) == 1 && on.looks(woken) > 0 && waiting(t, pool) == 0
	})
}

// A process that has finished decides nothing, and its command must not be
// tried for ever.
func TestACommandForAClosedCaseIsDecidedByTheRelay(t *testing.T) {
	t.Parallel()
	c, on := connect(t, temporal(t)), newCases()
	work(t, c, on, "")
	pool := relay(t, c, on, &mailer{})

	closed := on.add(state{open: true})
	if err := c.Wake(t.Context(), closed); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it has looked", func() bool { return on.looks(closed) == 1 })
	on.change(closed, func(s *state) { s.open = false })
	if err := c.Wake(t.Context(), closed); err != nil {
		t.Fatal(err)
	}
	expectState(t, c, closed, process.Finished)
	// The other was open when the relay asked, and its process had finished.
	reopened := on.add(state{open: false})
	if err := c.Wake(t.Context(), reopened); err != nil {
		t.Fatal(err)
	}
	expectState(t, c, reopened, process.Finished)
	on.change(reopened, func(s *state) { s.open = true })

	for _, of := range []app.OpenCase{closed, reopened} {
		command := on.command(of)
		exec(t, pool, insertCommand, of.ID, command)
		eventually(t, "the command has ended", func() bool { return on.times(command) == 1 && waiting(t, pool) == 0 })
	}
	exec(t, pool, `SELECT wake('procurement', $1)`, closed.ID)
	exec(t, pool, `SELECT wake('procurement', $1)`, uuid.New())
	exec(t, pool, insertCommand, closed.ID, uuid.New())
	eventually(t, "wakes of a closed and of a missing case, and a command that is gone, are done", func() bool { return waiting(t, pool) == 0 })
	expectState(t, c, closed, process.Finished)
}

func TestNothingIsSentWhileTheOutboxIsHeld(t *testing.T) {
	t.Parallel()
	c, on, mail := connect(t, client.Options{HostPort: "127.0.0.1:1"}), newCases(), &mailer{}
	pool := relay(t, c, on, mail)
	exec(t, pool, `UPDATE deployment SET outbox_held = true`)
	exec(t, pool, insertMail, "mail:1", uuid.New())
	time.Sleep(300 * time.Millisecond)
	if sent := mail.all(); len(sent) != 0 {
		t.Errorf("sent %+v", sent)
	}
	exec(t, pool, `UPDATE deployment SET outbox_held = false`)
	eventually(t, "the mail is sent", func() bool { return len(mail.all()) == 1 })
}

func TestMailIsWrittenForItsRecipient(t *testing.T) {
	t.Parallel()
	c, mail := connect(t, client.Options{HostPort: "127.0.0.1:1"}), &mailer{}
	pool := relay(t, c, newCases(), mail)
	id := uuid.New()
	exec(t, pool, insertMail, "mail:1", id)
	eventually(t, "the mail is sent", func() bool { return waiting(t, pool) == 0 })
	m := mail.all()[0]
	if m.Key != "mail:1" || m.To != "kari@ask.example" || m.Subject != "procurement.published nn" {
		t.Errorf("sent %+v", m)
	}
	for _, part := range []string{"recipient:Ask kommune", "title:Trygg heime", "link:https://fellesloft.example/" + id.String()} {
		if !strings.Contains(m.Text, part) {
			t.Errorf("text %q lacks %q", m.Text, part)
		}
	}
}

func TestMailIsTriedAgainUnlessItsRecipientIsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  error
		left int
	}{
		"the server is away":       {fault.New(fault.Unavailable, "mail.not-sent"), 1},
		"no error that is known":   {errors.New("content of a mail"), 1},
		"the recipient is refused": {fault.New(fault.Invalid, "mail.recipient-refused"), 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, mail := connect(t, client.Options{HostPort: "127.0.0.1:1"}), &mailer{err: test.err}
			pool := relay(t, c, newCases(), mail)
			exec(t, pool, insertMail, "mail:1", uuid.New())
			eventually(t, "it was tried", func() bool {
				var settled bool
				if err := pool.QueryRow(t.Context(), `SELECT NOT EXISTS (SELECT 1 FROM outbox WHERE last_error IS NULL)`).Scan(&settled); err != nil {
					t.Fatal(err)
				}
				return settled
			})
			if n := waiting(t, pool); n != test.left {
				t.Errorf("%d messages are left, want %d", n, test.left)
			}
			var told bool
			if err := pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT 1 FROM outbox WHERE last_error LIKE '%content%')`).Scan(&told); err != nil || told {
				t.Errorf("the row tells of content: %t, %v", told, err)
			}
		})
	}
}

func TestReconcileWakesWhatDoesNotRun(t *testing.T) {
	t.Parallel()
	options := temporal(t)
	c, on := connect(t, options), newCases()
	work(t, c, on, "")
	wake := func(of app.OpenCase) {
		if err := c.Wake(t.Context(), of); err != nil {
			t.Fatal(err)
		}
	}
	running, terminated, restored, never := on.add(state{open: true}), on.add(state{open: true}), on.add(state{}), on.add(state{open: true})
	closed := on.add(state{})
	wake(running)
	wake(terminated)
	wake(restored) // finishes at once: its case is closed
	operator, err := client.Dial(options)
	if err != nil {
		t.Fatal(err)
	}
	defer operator.Close()
	if err := operator.TerminateWorkflow(t.Context(), workflowID(terminated), "", "by an operator"); err != nil {
		t.Fatal(err)
	}
	expectState(t, c, terminated, process.Stopped)
	expectState(t, c, restored, process.Finished)
	// An older database says that the case is open.
	on.change(restored, func(s *state) { s.open = true })

	r := process.Reconciler{Cases: on, Process: c, Log: silent}
	tally, err := r.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if tally != (process.Tally{Open: 4, Woke: 3}) {
		t.Errorf("tally = %+v", tally)
	}
	next := restored
	next.N = 2
	for _, of := range []app.OpenCase{running, terminated, never, next} {
		expectState(t, c, of, process.Running)
	}
	if state, err := c.StateOf(t.Context(), closed); err != nil || state != process.Missing {
		t.Errorf("a closed case has a process: %s, %v", state, err)
	}
	if tally, err = r.Run(t.Context()); err != nil || tally.Woke != 0 {
		t.Errorf("the second comparison woke %d, %v", tally.Woke, err)
	}
}

func TestAJobRunsInOneWorkerAtATimeAndAgainAfterAFailure(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var now, most, runs atomic.Int32
	job := process.Job{Name: "test", Every: 10 * time.Millisecond, Run: func(context.Context) error {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		time.Sleep(20 * time.Millisecond)
		runs.Add(1)
		return errors.New("fails")
	}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	for range 2 {
		pool := d.Pool(db.RoleEngine)
		go func() {
			process.RunJobs(ctx, pool, nil, silent, job)
			ended <- struct{}{}
		}()
	}
	eventually(t, "it has run five times", func() bool { return runs.Load() >= 5 })
	cancel()
	<-ended
	<-ended
	if most.Load() != 1 {
		t.Errorf("%d ran at once", most.Load())
	}
}
