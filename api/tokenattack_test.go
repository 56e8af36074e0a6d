package api_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/signin/signintest"
)

// TestTokenAttacks tries every attack on every operation that needs a sign-in:
// each is refused in the same words, as a missing token is, and leaves nothing
// behind. The token that the attacks are changed from gets past sign-in on every
// operation, or the refusals would show nothing.
func TestTokenAttacks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	forge := signintest.NewForge(t, w.issuer, lead, "", time.Now())
	attacks := forge.Attacks()
	const least = 40
	if len(attacks) < least {
		t.Fatalf("%d attacks", len(attacks))
	}
	signedIn := signedInOperations(w)
	before := w.rows()
	tried := 0
	for _, o := range signedIn {
		_, _, missing := w.send(o, nil)
		var first map[string]any
		for _, a := range attacks {
			status, header, said := w.send(o, bearer(a.Token))
			tried++
			if status != http.StatusUnauthorized || said["rule"] != "sign-in.token" || header.Get("Www-Authenticate") != "Bearer" {
				t.Fatalf("%s, %s: %d %v", o.ID, a.Name, status, said)
			}
			if first == nil {
				first = said
			}
			if !reflect.DeepEqual(said, first) || !slices.Equal(slices.Sorted(maps.Keys(said)), slices.Sorted(maps.Keys(missing))) {
				t.Fatalf("%s, %s: the answer tells what is wrong: %v, else %v", o.ID, a.Name, said, first)
			}
		}
	}
	if after := w.rows(); !maps.Equal(after, before) {
		t.Errorf("rows before: %v\nafter: %v", before, after)
	}
	for _, o := range signedIn {
		if status, _, said := w.send(o, bearer(forge.Good())); status == http.StatusUnauthorized {
			t.Errorf("%s refuses the token that the attacks are changed from: %v", o.ID, said)
		}
	}
	t.Logf("%d attacks on %d operations, %d requests", len(attacks), len(signedIn), tried)
}

// TestWhereATokenIsRead: in one Authorization header of the bearer scheme (RFC
// 6750 section 2.1), and nowhere else. An address is logged, a cookie is sent by
// another page's request, and of two headers each reader may take another.
func TestWhereATokenIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := w.token(lead)
	set := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[http.CanonicalHeaderKey(name)] = values }
	}
	query := func(name string) func(*http.Request) {
		return func(r *http.Request) { r.URL.RawQuery = url.Values{name: {good}}.Encode() }
	}
	refused := map[string]func(*http.Request){
		"nowhere":                     nil,
		"query access_token":          query("access_token"),
		"query token":                 query("token"),
		"cookie access_token":         set("Cookie", "access_token="+good),
		"cookie Authorization":        set("Cookie", "Authorization=Bearer "+good),
		"form":                        form(good),
		"X-Authorization":             set("X-Authorization", "Bearer "+good),
		"Proxy-Authorization":         set("Proxy-Authorization", "Bearer "+good),
		"X-Forwarded-Access-Token":    set("X-Forwarded-Access-Token", good),
		"Basic":                       set("Authorization", "Basic "+good),
		"Basic with a token as a key": basic(good),
		"Digest":                      set("Authorization", "Digest "+good),
		"DPoP":                        set("Authorization", "DPoP "+good),
		"no scheme":                   set("Authorization", good),
		"scheme alone":                set("Authorization", "Bearer"),
		"scheme and a space":          set("Authorization", "Bearer "),
		"scheme with a colon":         set("Authorization", "Bearer: "+good),
		"two headers":                 set("Authorization", "Bearer "+good, "Bearer "+good),
		"good, then bad":              set("Authorization", "Bearer "+good, "Bearer a.b.c"),
		"bad, then good":              set("Authorization", "Bearer a.b.c", "Bearer "+good),
		"another scheme beside":       set("Authorization", "Basic YTpi", "Bearer "+good),
		"two tokens in one":           set("Authorization", "Bearer "+good+", Bearer "+good),
		"two tokens with a space":     set("Authorization", "Bearer "+good+" "+good),
		"in quotation marks":          set("Authorization", `Bearer "`+good+`"`),
	}
	for _, o := range signedInOperations(w) {
		for name, change := range refused {
			if status, _, said := w.send(o, change); status != http.StatusUnauthorized {
				t.Errorf("%s, %s: %d %v", o.ID, name, status, said)
			}
		}
		for _, scheme := range []string{"Bearer", "bearer", "BEARER"} {
			if status, _, said := w.send(o, set("Authorization", scheme+" "+good)); status == http.StatusUnauthorized {
				t.Errorf("%s, %s: %v", o.ID, scheme, said)
			}
		}
	}
}

// TestARefusalDoesNotRepeatTheToken: an answer may be kept where a token must
// not be.
func TestARefusalDoesNotRepeatTheToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	forge := signintest.NewForge(t, w.issuer, lead, "", time.Now())
	o := signedInOperations(w)[0]
	for _, a := range forge.Attacks() {
		_, header, said := w.send(o, bearer(a.Token))
		text, err := json.Marshal(said)
		must(t, err)
		for _, part := range strings.Split(a.Token, ".") {
			const telling = 12 // shorter parts stand in any text by chance
			if len(part) > telling && (strings.Contains(string(text), part) || strings.Contains(headerText(header), part)) {
				t.Errorf("%s: the answer repeats the token", a.Name)
			}
		}
	}
}

func headerText(h http.Header) string {
	var b strings.Builder
	_ = h.Write(&b) // a builder takes everything
	return b.String()
}

func signedInOperations(w *world) []api.Operation {
	return slices.DeleteFunc(w.api.Operations(), func(o api.Operation) bool { return o.Permission == app.Public })
}

func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func basic(token string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth("bearer", token) }
}

func form(token string) func(*http.Request) {
	return func(r *http.Request) {
		body := url.Values{"access_token": {token}}.Encode()
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	}
}

var pathParameter = regexp.MustCompile(`\{[^}]+\}`)

// send asks an operation for something that is not there, and gives the problem
// document without what differs by request.
func (w *world) send(o api.Operation, change func(*http.Request)) (int, http.Header, map[string]any) {
	w.t.Helper()
	var body io.Reader = http.NoBody
	if o.Method != http.MethodGet && o.Method != http.MethodDelete {
		body = strings.NewReader("{}")
	}
	r := httptest.NewRequestWithContext(w.t.Context(), o.Method, api.Base+pathParameter.ReplaceAllString(o.Path, uuid.Nil.String()), body)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("If-Match", "*")
	if o.Method == http.MethodPost {
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	if change != nil {
		change(r)
	}
	response, err := w.api.Web().Test(r, -1)
	must(w.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(w.t, err)
	var said map[string]any
	if response.StatusCode >= http.StatusBadRequest {
		must(w.t, json.Unmarshal(text, &said))
		delete(said, "instance")
	}
	return response.StatusCode, response.Header, said
}

// rows counts what stands in every table.
func (w *world) rows() map[string]string {
	w.t.Helper()
	rows, err := w.db.Pool(dbtest.Super).Query(w.t.Context(), `SELECT relname::text, (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I', relname), false, true, '')))[1]::text
		FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`)
	must(w.t, err)
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var table, n string
		must(w.t, rows.Scan(&table, &n))
		out[table] = n
	}
	must(w.t, rows.Err())
	for _, table := range []string{"audit", "idempotency", "commands", "outbox"} {
		if out[table] == "" {
			w.t.Fatalf("%s is not counted", table)
		}
	}
	return out
}
