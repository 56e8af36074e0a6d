package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/internal/actor"
)

// send is a request of a player; everything that differs from one request to the
// next is taken out of the answer.
func (m *matrix) send(p player, c call) answer {
	m.t.Helper()
	m.requests++
	m.remember(p, c)
	var body io.Reader
	if text := bodyText(c); text != nil {
		body = bytes.NewReader(text)
	}
	target := c.Path
	if !strings.HasPrefix(target, api.Base) {
		target = api.Base + target
	}
	r := httptest.NewRequestWithContext(m.t.Context(), c.Method, target, body)
	if p.subject != "" {
		r.Header.Set("Authorization", "Bearer "+m.world.token(p.subject))
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.Method == http.MethodPost {
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	for k, v := range c.Headers {
		r.Header.Set(k, v)
	}
	response, err := m.world.api.Web().Test(r, -1)
	must(m.t, err)
	defer response.Body.Close()
	a := answer{t: m.t, call: c, Status: response.StatusCode, Header: response.Header}
	a.Body, err = io.ReadAll(response.Body)
	must(m.t, err)
	request := response.Header.Get("X-Request-Id")
	a.Body = bytes.ReplaceAll(a.Body, []byte(request), []byte("{request}"))
	a.Header.Del("X-Request-Id")
	a.Header.Del("Date")
	return a
}

// text is the whole answer, for comparison.
func (a answer) text() string {
	var b strings.Builder
	fmt.Fprintln(&b, a.Status)
	names := make([]string, 0, len(a.Header))
	for k := range a.Header {
		names = append(names, k)
	}
	sort.Strings(names)
	for _, k := range names {
		fmt.Fprintf(&b, "%s: %s\n", k, strings.Join(a.Header[k], ", "))
	}
	b.Write(a.Body)
	return b.String()
}

// unwatched tables may change with a refusal: it is recorded.
var unwatched = []string{"audit", "audit_names", "goose_db_version"}

// fingerprint tells of every table how many rows it has and which transaction
// wrote the newest: what a refused call must leave as it was.
func (m *matrix) fingerprint() string {
	m.t.Helper()
	var sql, out string
	must(m.t, m.super.QueryRow(m.t.Context(), `SELECT string_agg(format('SELECT %L || '' '' || count(*) || '' '' || coalesce(max(xmin::text::bigint), 0) AS f FROM %I', relname, relname), ' UNION ALL ' ORDER BY relname)
		FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> ALL ($1)`, unwatched).Scan(&sql))
	must(m.t, m.super.QueryRow(m.t.Context(), `SELECT string_agg(f, E'\n') FROM (`+sql+`) t`).Scan(&out))
	return out
}

func difference(before, after string) string {
	var out []string
	was := strings.Split(before, "\n")
	for line := range strings.SplitSeq(after, "\n") {
		if !slices.Contains(was, line) {
			out = append(out, line)
		}
	}
	return strings.Join(out, ", ")
}

// replay is a keyed request that has been answered.
type replay struct {
	o api.Operation
	c call
}

// keyed gives the story's request a key that is known here, so that others can
// try to have its answer.
func (m *matrix) keyed(o api.Operation, c *call) {
	if c.Method != http.MethodPost || rights[o.ID].public {
		return
	}
	headers := map[string]string{"Idempotency-Key": uuid.NewString()}
	for k, v := range c.Headers {
		headers[k] = v
	}
	c.Headers = headers
	m.replays = append(m.replays, replay{o, *c})
}

// again repeats the answered requests with their keys as others: nobody gets
// another's answer.
func (m *matrix) again(report func(finding)) {
	for _, x := range m.replays {
		st := m.standing(x.o.Path, x.c.Path)
		for _, p := range m.players {
			want := rights[x.o.ID].expect(p, st)
			// One that has gone may have its own answer again.
			if want == allowed || p.subject == x.c.As || (len(p.roles) == 1 && p.roles[0] != actor.Auditor) {
				continue
			}
			if got := m.send(p, x.c); got.Header.Get("Idempotency-Replayed") != "" || got.Status != want {
				report(finding{x.o.ID, p.name, fmt.Sprintf("with another's key: %d, replayed %q", got.Status, got.Header.Get("Idempotency-Replayed"))})
			}
		}
	}
	m.replays = nil
}

// finding is one thing that is wrong, and for whom.
type finding struct{ operation, player, what string }

// findings are told once for all those that they are the same for.
type findings struct {
	order []finding
	who   map[finding][]string
}

func (f *findings) add(x finding) {
	if f.who == nil {
		f.who = map[finding][]string{}
	}
	player := x.player
	x.player = ""
	if _, known := f.who[x]; !known {
		f.order = append(f.order, x)
	}
	f.who[x] = append(f.who[x], player)
}

func (f *findings) report(t *testing.T) {
	t.Helper()
	for _, x := range f.order {
		t.Errorf("%s as %s: %s", x.operation, strings.Join(f.who[x], ", "), x.what)
	}
}
