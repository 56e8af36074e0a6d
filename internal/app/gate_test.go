package app_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// rivals are suppliers made for a test, each with a complete draft.
type rival struct {
	ctx     context.Context
	tender  uuid.UUID
	version int64
}

func (s *story) rivals(n int) []rival {
	s.t.Helper()
	pub, err := s.serve.PublicProcurement(s.t.Context(), s.id)
	must(s.t, err)
	answers := demo.Answers(0, pub.Requirements)
	out := make([]rival, n)
	var group sync.WaitGroup
	for i := range out {
		id := uuid.New()
		s.db.Exec(dbtest.Super, `INSERT INTO organisations (id, kind, name, invented) VALUES ($1, 'supplier', $2, true)`, id, fmt.Sprintf("Rival %d (oppdiktet)", i))
		out[i].ctx = actor.With(s.t.Context(), actor.Actor{Kind: actor.Person, ID: uuid.New(), Org: id, Roles: []actor.Role{actor.Signatory}})
		group.Go(func() {
			t, err := s.serve.RegisterInterest(out[i].ctx, s.id)
			if err == nil {
				out[i].tender = t.ID
				var d struct{ Version int64 }
				draft, derr := s.serve.SaveAnswers(out[i].ctx, written(t.ID, answers, declaration()))
				d.Version, err = draft.Tender.Version, derr
				out[i].version = d.Version
			}
			if err != nil {
				s.t.Error(err)
			}
		})
	}
	group.Wait()
	return out
}

// published runs a procurement up to the answers.
func published(t *testing.T) *story {
	t.Helper()
	s := begin(t)
	s.specify()
	s.mandates()
	s.publish()
	return s
}

// Receipt is judged against the deadline by the database's clock, whatever is
// waited for afterwards: all received before it are in, none at or after it, and
// nothing commits after closing (FOA §§ 22-3, 24-1 (1) a).
func TestTheDeadlineEdge(t *testing.T) {
	t.Parallel()
	s := published(t)
	rivals := s.rivals(40)
	deadline := s.get().Plan.TenderDeadline
	lots := []uuid.UUID{s.get().Plan.Lots[0].ID, s.get().Plan.Lots[1].ID}
	_, err := s.serve.AdvanceTo(s.as(lead), s.sandbox, deadline.Add(-time.Second))
	must(t, err)

	started := time.Now()
	var mu sync.Mutex
	accepted := map[uuid.UUID]time.Time{}
	refused := 0
	var group sync.WaitGroup
	for _, r := range rivals {
		group.Go(func() {
			time.Sleep(time.Duration(rand.Int64N(int64(2 * time.Second))))
			sub, err := s.serve.Submit(r.ctx, r.tender, r.version, lots)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				receipt, err := seal.ParseSignedReceipt(sub.Receipt)
				if err != nil {
					t.Error(err)
				}
				accepted[r.tender] = receipt.Receipt.ReceivedAt
			case fault.RuleOf(err) == "tender.late":
				f, _ := fault.As(err)
				at, perr := time.Parse(time.RFC3339Nano, f.Params["receivedAt"])
				if perr != nil || at.Before(deadline) {
					t.Errorf("refused as late though received %s, deadline %s", f.Params["receivedAt"], deadline)
				}
				refused++
			default:
				t.Errorf("submission: %v", err)
			}
		})
	}
	// Closing, over and over, as a worker would that does not know the time.
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		for time.Since(started) < 20*time.Second {
			if _, err := s.worker.PassTime(context.WithoutCancel(s.t.Context()), s.id); err != nil {
				t.Error(err)
				return
			}
			if p, _, err := db.LoadProcurement(context.Background(), s.db.Pool(db.RoleEngine), s.id, false); err != nil || p.Phase != procurement.Tendering {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}()
	<-closed
	var atClosing int
	must(t, s.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT count(*) FROM submissions`).Scan(&atClosing))
	group.Wait()

	rows, err := s.db.Pool(dbtest.Super).Query(t.Context(), `SELECT s.tender_id, s.received_at, g.deadline, g.closed_at FROM submissions s JOIN tenders t ON t.id = s.tender_id JOIN gates g ON g.procurement_id = t.procurement_id`)
	must(t, err)
	defer rows.Close()
	stored := 0
	for rows.Next() {
		var id uuid.UUID
		var received, due time.Time
		var closedAt *time.Time
		must(t, rows.Scan(&id, &received, &due, &closedAt))
		stored++
		if !received.Before(due) {
			t.Errorf("stored though received at %s", received)
		}
		if closedAt == nil || closedAt.Before(due.Add(procurement.CloseAfter)) {
			t.Errorf("closed at %v, deadline %s", closedAt, due)
		}
		if at, ok := accepted[id]; !ok || !at.Equal(received) {
			t.Errorf("stored without an acknowledged receipt: %s", id)
		}
	}
	if stored != len(accepted) || stored != atClosing {
		t.Errorf("%d stored, %d acknowledged, %d at closing", stored, len(accepted), atClosing)
	}
	if stored == 0 || refused == 0 {
		t.Errorf("the edge was not hit: %d accepted, %d late", stored, refused)
	}
	var late int
	must(t, s.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT count(*) FROM late_attempts WHERE reason = 'late'`).Scan(&late))
	if late != refused {
		t.Errorf("%d late attempts recorded, %d refused", late, refused)
	}
	t.Logf("%d in time, %d late, closed %s after the deadline", stored, refused, procurement.CloseAfter)
}

// A submission that cannot pass the gate in three seconds is answered as
// unavailable and recorded with its time, so that the lead buyer can extend.
func TestAGateThatDoesNotOpenIsRecordedAsAnOutage(t *testing.T) {
	t.Parallel()
	s := published(t)
	r := s.rivals(1)[0]
	tx, err := s.db.Pool(dbtest.Super).Begin(t.Context())
	must(t, err)
	_, err = tx.Exec(t.Context(), `SELECT 1 FROM gates WHERE procurement_id = $1 FOR UPDATE`, s.id)
	must(t, err)
	_, err = s.serve.Submit(r.ctx, r.tender, r.version, []uuid.UUID{s.get().Plan.Lots[0].ID})
	if !fault.Is(err, fault.Unavailable) {
		t.Fatalf("behind a locked gate: %v", err)
	}
	must(t, tx.Rollback(t.Context()))
	attempts, err := s.serve.LateAttempts(s.as(lead), s.id)
	must(t, err)
	if len(attempts) != 1 || attempts[0].Reason != "gate_timeout" || !attempts[0].ReceivedAt.Before(attempts[0].Deadline) {
		t.Fatalf("recorded: %+v", attempts)
	}
}

// Marked text in answers and declaration stands nowhere in the database before
// the opening: not as draft, submitted, replaced or withdrawn.
func TestNoAnswerIsPlainBeforeTheOpening(t *testing.T) {
	t.Parallel()
	const mark = "hemmeligmerke"
	s := published(t)
	pub, err := s.serve.PublicProcurement(t.Context(), s.id)
	must(t, err)
	lots := []uuid.UUID{pub.Notice.Plan.Lots[0].ID, pub.Notice.Plan.Lots[1].ID}
	answers := demo.Answers(0, pub.Requirements)
	marked := 0
	for _, r := range pub.Requirements.Requirements {
		if r.AnswerType == requirement.Text && len(answers[r.ID]) > 0 {
			answers[r.ID] = []byte(`"` + mark + `"`)
			marked++
		}
	}
	if marked == 0 {
		t.Fatal("no text answers to mark")
	}
	d := declaration()
	d.Technical = mark
	tender, err := s.serve.RegisterInterest(s.as(author(0)), s.id)
	must(t, err)
	for _, step := range []func() error{
		func() error {
			_, err := s.serve.SaveAnswers(s.as(author(0)), written(tender.ID, answers, d))
			return err
		},
		func() error { _, err := s.serve.Submit(s.as(signatory(0)), tender.ID, 0, lots); return err },
		func() error {
			d.Economic = mark
			_, err := s.serve.SaveAnswers(s.as(author(0)), written(tender.ID, nil, d))
			return err
		},
		func() error { _, err := s.serve.Submit(s.as(signatory(0)), tender.ID, 0, lots); return err },
		func() error { _, err := s.serve.Withdraw(s.as(signatory(0)), tender.ID, 0); return err },
	} {
		must(t, step())
		if table := s.find(mark); table != "" {
			t.Fatalf("a marked answer stands in %s", table)
		}
	}
	// The search finds what is plain: the title of the case.
	if s.find("Velferdsteknologi og journalintegrasjon") == "" {
		t.Fatal("the search finds nothing at all")
	}
}

// find looks for a text in every row of every table, as text and as bytes.
func (s *story) find(text string) string {
	s.t.Helper()
	super := s.db.Pool(dbtest.Super)
	rows, err := super.Query(s.t.Context(), `SELECT quote_ident(relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind = 'r' AND nspname = 'public'`)
	must(s.t, err)
	var tables []string
	for rows.Next() {
		var name string
		must(s.t, rows.Scan(&name))
		tables = append(tables, name)
	}
	rows.Close()
	hex := fmt.Sprintf("%x", text)
	for _, table := range tables {
		var n int
		must(s.t, super.QueryRow(s.t.Context(), `SELECT count(*) FROM `+table+` t WHERE position($1 IN t::text) > 0 OR position($2 IN t::text) > 0`, text, hex).Scan(&n))
		if n > 0 {
			return strings.TrimSpace(table)
		}
	}
	return ""
}

// An outage of ours may be why nothing came in. The lead buyer records it and
// moves the deadline; the gate opens again, for everyone.
func TestAnOutageReopensAnEmptyCompetition(t *testing.T) {
	t.Parallel()
	s := published(t)
	s.advance(s.get().Plan.TenderDeadline.Add(6 * time.Second))
	if c := s.get(); c.Phase != procurement.Unsuccessful {
		t.Fatalf("without tenders: %s", c.Phase)
	}
	until := s.now().Add(72 * time.Hour)
	c, err := s.serve.ExtendDeadline(s.as(lead), s.id, 0, until, "Ny frist for alle", "")
	must(t, err)
	if c.State != app.CommandRefused || c.Fault.Rule != "deadline.passed-without-outage" {
		t.Fatalf("without an outage: %s %v", c.State, c.Err())
	}
	s.done(s.serve.ExtendDeadline(s.as(lead), s.id, 0, until, "Ny frist for alle", "Mottaket var nede 11.40-12.10"))
	after := s.get()
	if after.Phase != procurement.Tendering || after.N != 2 || !after.Plan.TenderDeadline.Equal(until.Truncate(time.Microsecond)) {
		t.Fatalf("reopened: %s, n %d, deadline %s", after.Phase, after.N, after.Plan.TenderDeadline)
	}
	s.tender(0)
	r, err := s.serve.Record(s.as(lead), s.id)
	must(t, err)
	if len(r.Procurement.State.Decisions) != 1 {
		t.Fatalf("decisions for the record: %+v", r.Procurement.State.Decisions)
	}
}
