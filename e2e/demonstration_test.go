package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/demonstration"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// Whatever is killed in the middle, the demonstration comes to the same end,
// and nothing has happened twice.
func TestTheDemonstrationEndsTheSame(t *testing.T) {
	t.Parallel()
	runs := map[string][]blow{
		"undisturbed": nil,
		"the worker killed while it publishes, opens and awards": {
			{step: "publish", path: "/publication", lock: lockCases, waits: asWorker, worker: true},
			{step: "opening", path: "/opening", lock: lockOpened, waits: asWorker, worker: true},
			{step: "award", path: "/award", lock: lockCases, waits: asWorker, worker: true},
		},
		"the API killed while a tender comes in, and after one has": {
			{step: "tenders", path: "/submissions", lock: lockReceived, waits: asServe, serve: true},
			{step: "tenders", path: "/submissions", answered: true, serve: true},
		},
		"both killed in the middle of the publication and the award": {
			{step: "publish", path: "/publication", lock: lockCases, waits: asWorker, serve: true, worker: true},
			{step: "award", path: "/award", lock: lockCases, waits: asWorker, serve: true, worker: true},
		},
	}
	var mu sync.Mutex
	ends := map[string]end{}
	t.Run("runs", func(t *testing.T) {
		for name, blows := range runs {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				e := demonstrate(newStack(t), blows)
				mu.Lock()
				defer mu.Unlock()
				ends[name] = e
			})
		}
	})
	want := ends["undisturbed"]
	for _, name := range slices.Sorted(maps.Keys(ends)) {
		if got := ends[name]; got.String() != want.String() {
			t.Errorf("%s:\n%s\nundisturbed:\n%s", name, got, want)
		}
	}
	t.Logf("the end of every run:\n%s", want)
}

// end is what a demonstration came to, in words that do not hang on ids.
type end struct {
	Phase    string
	Ranking  []string
	Refused  []string
	Rows     map[string]int
	Messages map[string]int // notifications by kind
	Mails    int            // that differ; one may be sent twice, under one id
}

func (e end) String() string {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func demonstrate(s *stack, blows []blow) end {
	s.t.Helper()
	striker, base := struckBy(s, blows)
	var told strings.Builder
	begin := time.Now()
	r, err := demonstration.Run(s.t.Context(), demonstration.Options{
		BaseURL: base, Out: &told, Dir: s.t.TempDir(), Step: striker.begin,
		Token: func(_ context.Context, subject string) (string, error) { return s.token(subject) },
	})
	striker.done()
	if err != nil {
		s.t.Fatalf("%v\nIt told:\n%s", err, told.String())
	}
	s.t.Logf("took %s", time.Since(begin).Round(100*time.Millisecond))
	e := end{Phase: string(r.Phase), Refused: r.Refused, Rows: map[string]int{}, Messages: map[string]int{}}
	for _, lot := range r.Rankings {
		for _, x := range lot.Ranking {
			e.Ranking = append(e.Ranking, fmt.Sprintf("%s: %s %s", lot.Title, lot.Suppliers[x.Tender.String()], x.Total))
		}
	}
	s.emptied()
	for _, table := range []string{"procurements", "participants", "tenders", "submissions", "envelopes", "opened_envelopes", "opened_answers", "opening_keys",
		"opening_approvals", "late_attempts", "clarifications", "rejections", "scores", "documentation", "awards", "letters", "contracts", "call_offs"} {
		e.Rows[table] = value[int](s, `SELECT count(*) FROM `+table)
	}
	// Whether a reminder is given hangs on the instant: when the clock is moved
	// over its day and a person acts at once, what was to be reminded of may be
	// done before the process has looked. It is no part of the end.
	reminder := string(procurement.ReminderDue)
	for _, m := range s.messages() {
		if m != reminder {
			e.Messages[m]++
		}
	}
	remind, _ := catalogue.Mail(reminder, "nb", map[string]string{"title": "", "for": string(procurement.ForAward)})
	remind, _, _ = strings.Cut(remind, ":")
	ids := map[string]bool{}
	for _, m := range s.mail.Messages("") {
		if !strings.HasPrefix(m.Subject, remind+":") {
			ids[m.ID] = true
		}
	}
	e.Mails = len(ids)
	return e
}

// emptied waits until all that was to be told has been told. What a killed
// worker had taken in hand is another's only after a minute.
func (s *stack) emptied() {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if value[int](s, `SELECT count(*) FROM outbox`) == 0 {
			return
		}
	}
	s.t.Fatalf("after %s there waits: %s", patience, value[string](s, `SELECT coalesce(string_agg(format('%s, %s tries, not before %s, %s', key, attempts, not_before, last_error), E'\n'), '') FROM outbox`))
}

func (s *stack) messages() []string {
	s.t.Helper()
	rows, err := s.super.Query(s.t.Context(), `SELECT kind FROM notifications ORDER BY kind`)
	must(s.t, err)
	defer rows.Close()
	var kinds []string
	for rows.Next() {
		var kind string
		must(s.t, rows.Scan(&kind))
		kinds = append(kinds, kind)
	}
	must(s.t, rows.Err())
	return kinds
}
