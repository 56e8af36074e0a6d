package demonstration

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// sent is a request as a server saw it.
type sent struct {
	method, path, key, version, token, body string
}

// script is a server that answers requests one after the other as it is told,
// and notes them. An answer of 0 breaks the connection.
type script struct {
	mu      sync.Mutex
	answers []reply
	seen    []sent
}

type reply struct {
	status int
	body   string
	header http.Header
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	s.seen = append(s.seen, sent{r.Method, r.URL.Path, r.Header.Get("Idempotency-Key"), r.Header.Get("If-Match"), r.Header.Get("Authorization"), string(body)})
	next := reply{status: http.StatusOK, body: "{}"}
	if len(s.answers) > 0 {
		next, s.answers = s.answers[0], s.answers[1:]
	}
	if next.status == 0 {
		panic(http.ErrAbortHandler)
	}
	for name, values := range next.header {
		w.Header()[name] = values
	}
	w.WriteHeader(next.status)
	_, _ = io.WriteString(w, next.body) // the client may have gone
}

// scripted makes a client of a script. Its clock passes only by its pauses.
func scripted(t *testing.T, answers ...reply) (*client, *script, *[]time.Duration) {
	t.Helper()
	s := &script{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c := newClient(server.URL, "nb", func(_ context.Context, subject string) (string, error) { return "token of " + subject, nil })
	now, pauses := time.Unix(0, 0), &[]time.Duration{}
	c.now = func() time.Time { return now }
	c.pause = func(_ context.Context, d time.Duration) error {
		now = now.Add(d)
		*pauses = append(*pauses, d)
		return nil
	}
	return c, s, pauses
}

func problem(status int, rule string) reply {
	return reply{status: status, body: `{"title":"Nei","rule":"` + rule + `"}`}
}

func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers []reply
		tries   int
		rule    string // of the refusal at the end, "" for success
	}{
		"at once":             {nil, 1, ""},
		"connection broken":   {[]reply{{}, {}}, 3, ""},
		"unavailable":         {[]reply{problem(503, "database.unreachable")}, 2, ""},
		"a proxy without us":  {[]reply{{status: 502, body: "<html>bad gateway</html>"}}, 2, ""},
		"the first one works": {[]reply{problem(409, "idempotency.in-progress")}, 2, ""},
		"refused":             {[]reply{problem(422, "plan.missing")}, 1, "plan.missing"},
		"conflict":            {[]reply{problem(409, "tender.late")}, 1, "tender.late"},
		"refused on repeat":   {[]reply{{}, problem(409, "idempotency.answer-unknown")}, 2, "idempotency.answer-unknown"},
		"broken inside":       {[]reply{problem(500, "internal")}, 1, "internal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server, _ := scripted(t, c.answers...)
			_, err := client.do(t.Context(), call{method: http.MethodPost, path: "/things", as: "somebody", body: map[string]int{"n": 1}})
			if ruleOf(err) != c.rule || (c.rule == "") != (err == nil) {
				t.Errorf("error %v, want rule %q", err, c.rule)
			}
			if len(server.seen) != c.tries {
				t.Errorf("%d tries, want %d", len(server.seen), c.tries)
			}
			for _, r := range server.seen {
				if r != server.seen[0] || r.key == "" || r.token != "Bearer token of somebody" || r.body != `{"n":1}` {
					t.Errorf("the request was %+v, then %+v", server.seen[0], r)
				}
			}
		})
	}
}

func TestEachRequestHasAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	client, server, _ := scripted(t)
	for _, method := range []string{http.MethodPost, http.MethodPost, http.MethodGet, http.MethodPut} {
		if _, err := client.do(t.Context(), call{method: method, path: "/things"}); err != nil {
			t.Fatal(err)
		}
	}
	keys := []string{server.seen[0].key, server.seen[1].key}
	if keys[0] == "" || keys[0] == keys[1] || server.seen[2].key+server.seen[3].key != "" {
		t.Errorf("keys: %+v", server.seen)
	}
}

// The version that a change was decided on may be passed by the change itself,
// when its answer is lost. A POST is known again by its key, and keeps its
// version, which belongs to what the key stands for.
func TestVersionOfARepeatedChange(t *testing.T) {
	t.Parallel()
	for method, want := range map[string][]string{
		http.MethodPut:   {`"7"`, "*"},
		http.MethodPatch: {`"7"`, "*"},
		http.MethodPost:  {`"7"`, `"7"`},
	} {
		client, server, _ := scripted(t, reply{})
		if _, err := client.do(t.Context(), call{method: method, path: "/things", version: 7, versioned: true}); err != nil {
			t.Fatal(err)
		}
		if got := []string{server.seen[0].version, server.seen[1].version}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", method, got, want)
		}
	}
}

func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	client, server, pauses := scripted(t, slices.Repeat([]reply{{status: 503}}, 1000)...)
	_, err := client.do(t.Context(), call{method: http.MethodGet, path: "/things"})
	if err == nil || !strings.Contains(err.Error(), "GET /things was not answered for 1m0s") {
		t.Errorf("error %v", err)
	}
	var waited time.Duration
	for i, p := range *pauses {
		waited += p
		if p > longPause || (i > 0 && p < (*pauses)[i-1]) {
			t.Errorf("pause %d is %s", i, p)
		}
	}
	if waited > patience || waited < patience-longPause || len(server.seen) != len(*pauses)+1 {
		t.Errorf("waited %s for %d tries", waited, len(server.seen))
	}
}

func TestEndedContextIsNotPatient(t *testing.T) {
	t.Parallel()
	client, server, _ := scripted(t, slices.Repeat([]reply{{}}, 1000)...)
	ctx, cancel := context.WithCancel(t.Context())
	client.pause = func(context.Context, time.Duration) error { cancel(); return ctx.Err() }
	if _, err := client.do(ctx, call{method: http.MethodGet, path: "/things"}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	// The transport itself sends a GET once more when a connection breaks.
	if len(server.seen) > 2 {
		t.Errorf("%d tries", len(server.seen))
	}
}

func TestTokenIsAskedForOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	client, _, _ := scripted(t)
	client.tokens.issue = func(context.Context, string) (string, error) {
		if asked++; asked == 1 {
			return "", errors.New("connection refused") // the issuer may be away, too
		}
		return "t", nil
	}
	for range 3 {
		if _, err := client.do(t.Context(), call{method: http.MethodGet, path: "/", as: "somebody"}); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}

func TestAcceptedCommandIsFollowed(t *testing.T) {
	t.Parallel()
	accepted := reply{status: 202, body: `{"id":"c","state":"pending"}`, header: http.Header{"Location": {"/api/v1/commands/c"}}}
	pending := reply{status: 200, body: `{"id":"c","state":"pending"}`}
	for name, c := range map[string]struct {
		last string
		rule string
		ok   bool
	}{
		"done":      {`{"id":"c","state":"done"}`, "", true},
		"refused":   {`{"id":"c","state":"refused","problem":{"rule":"opening.two-people","title":"Nei"}}`, "opening.two-people", false},
		"withdrawn": {`{"id":"c","state":"withdrawn"}`, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, server, _ := scripted(t, accepted, pending, reply{status: 200, body: c.last})
			err := client.steer(t.Context(), "somebody", "/procurements/p/award", 3, nil)
			if (err == nil) != c.ok || ruleOf(err) != c.rule {
				t.Errorf("error %v", err)
			}
			if len(server.seen) != 3 || server.seen[2].path != "/commands/c" {
				t.Errorf("asked %+v", server.seen)
			}
		})
	}
}

func TestCommandThatNobodyCarriesOut(t *testing.T) {
	t.Parallel()
	accepted := reply{status: 202, body: `{"id":"c","state":"pending"}`, header: http.Header{"Location": {"/api/v1/commands/c"}}}
	client, _, _ := scripted(t, append([]reply{accepted}, slices.Repeat([]reply{{status: 200, body: `{"id":"c","state":"pending"}`}}, 2000)...)...)
	if err := client.steer(t.Context(), "somebody", "/x", 0, nil); err == nil || !strings.Contains(err.Error(), "is a worker running?") {
		t.Errorf("error %v", err)
	}
}
