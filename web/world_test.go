package web_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/signin"
	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
	"github.com/fellesloft/fellesloft/web"
)

const (
	// The development issuer sends people back to this host only.
	secureURL = "https://localhost:8443"
	// pid is made up, and stands in ID tokens only.
	pid = "13097248022"
)

var people = []devissuer.Person{
	{Subject: "one", Name: "Kari Innkjøper", More: map[string]any{"pid": pid}},
	{Subject: "two", Name: "Ola Begge", More: map[string]any{"pid": pid}},
	{Subject: "nobody", Name: "Alene", More: map[string]any{"pid": pid}},
	{Subject: "representing", Name: "Daglig Leder", Represents: []devissuer.Organisation{{Number: "310000000", Name: "Oppdiktet AS"}}, More: map[string]any{"pid": pid}},
	{Subject: "other-nonce", More: map[string]any{"nonce": "another"}},
	{Subject: "low", More: map[string]any{"acr": "low"}},
}

// world is the pages over a real database, with an issuer that people sign in
// with.
type world struct {
	t       *testing.T
	db      *dbtest.DB
	site    *web.Site
	app     *fiber.App
	cases   *app.App
	signIn  *signin.Service
	address string
	logged  *safeBuffer
	issuer  string

	mu sync.Mutex
	at time.Duration // how far the clock has been moved
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

type directory struct{ pool *pgxpool.Pool }

func (d directory) MembershipsOf(ctx context.Context, issuer, subject string) ([]db.Membership, error) {
	return db.MembershipsOf(ctx, d.pool, issuer, subject)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.at)
}

// wait moves the clocks of the program and of the stored sessions on.
func (w *world) wait(by time.Duration) {
	w.t.Helper()
	w.mu.Lock()
	w.at += by
	w.mu.Unlock()
	w.db.Exec(dbtest.Super, `UPDATE web_storage SET expires_at = expires_at - $1::interval, ends_at = ends_at - $1::interval`, by)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldAt(t, secureURL)
}

func newWorldAt(t *testing.T, address string) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), address: address, logged: &safeBuffer{}}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handler.ServeHTTP(rw, r) }))
	t.Cleanup(server.Close)
	issuer, err := devissuer.New(server.URL, filepath.Join(t.TempDir(), "key.pem"), w.now, devissuer.WithPeople(people))
	must(t, err)
	handler, w.issuer = issuer.Handler(), server.URL
	w.grant("one", "964968519", "Bodø kommune", actor.Admin, actor.ProcurementLead)
	w.grant("two", "964968519", "Bodø kommune", actor.CaseWorker)
	w.grant("two", "938801363", "Ålesund kommune", actor.CaseWorker)

	pool := w.db.PoolOf(db.RoleApp, 4)
	log := slog.New(slog.NewTextHandler(w.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.cases = app.New(app.Config{Pool: pool, Secret: []byte("a secret of the tests"), Log: log})
	w.signIn, err = signin.New(signin.Config{Issuers: []signin.Issuer{{URL: server.URL, Loopback: true}}, Directory: directory{pool}, Now: w.now})
	must(t, err)
	login, err := signin.NewLogin(signin.LoginConfig{PublicURL: address, Now: w.now, Issuers: []signin.LoginIssuer{{Name: "oidc", URL: server.URL, ClientID: "fellesloft",
		ACR: []string{"substantial", "high"}, Resources: []string{"urn:altinn:resource:fellesloft"}, Loopback: true}}})
	must(t, err)
	w.site, err = web.New(web.Config{App: w.cases, SignIn: w.signIn, Login: login, PublicURL: address, IdleLimit: web.DefaultIdleLimit, SessionLimit: web.DefaultSessionLimit,
		Storage: func(kind string, idle time.Duration) web.Storage { return db.NewStorage(pool, kind, idle) }, Log: log, Now: w.now})
	must(t, err)
	w.app = fiber.New(fiber.Config{Immutable: true, StrictRouting: true, CaseSensitive: true, EnableTrustedProxyCheck: true, ReadBufferSize: 32 << 10})
	w.site.Register(w.app)
	return w
}

func (w *world) grant(subject, number, name string, roles ...actor.Role) {
	w.t.Helper()
	g := db.Grant{OrgNumber: number, OrgName: name, OrgKind: "municipality", Issuer: w.issuer, Subject: subject, Kind: "person", Name: subject, Roles: roles}
	must(w.t, g.Write(w.t.Context(), w.db.URL(db.RoleOwner)))
}

// browser is one that keeps cookies and follows nothing by itself.
type browser struct {
	w       *world
	cookies map[string]*http.Cookie
}

func (w *world) browser() *browser { return &browser{w: w, cookies: map[string]*http.Cookie{}} }

type answer struct {
	Status int
	Header http.Header
	Body   string
	Set    []*http.Cookie
}

// to is where the answer leads.
func (a answer) to() string { return a.Header.Get("Location") }

func (b *browser) send(method, path string, form url.Values, headers map[string]string) answer {
	b.w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	u, err := url.Parse(b.w.address)
	must(b.w.t, err)
	r.Host = u.Host
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", b.w.address)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range headers {
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
	}
	for _, c := range b.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	response, err := b.w.app.Test(r, 30_000)
	must(b.w.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(b.w.t, err)
	out := answer{response.StatusCode, response.Header, string(body), response.Cookies()}
	for _, c := range out.Set {
		b.cookies[c.Name] = c
		if c.MaxAge < 0 || (!c.Expires.IsZero() && c.Expires.Before(time.Now())) {
			delete(b.cookies, c.Name)
		}
	}
	return out
}

func (b *browser) get(path string) answer {
	b.w.t.Helper()
	return b.send(http.MethodGet, path, nil, nil)
}

func (b *browser) post(path string, form url.Values) answer {
	b.w.t.Helper()
	return b.send(http.MethodPost, path, form, nil)
}

// sessionID is the value of the session's cookie.
func (b *browser) sessionID() string {
	for name, c := range b.cookies {
		if name == "__Host-fellesloft" || name == "fellesloft" {
			return c.Value
		}
	}
	return ""
}

var tokenPattern = regexp.MustCompile(`name="token" value="([^"]+)"`)

// token is that of a page's own form, which stands after the one to sign out.
func (b *browser) token(path string) string {
	b.w.t.Helper()
	found := tokenPattern.FindAllStringSubmatch(b.get(path).Body, -1)
	if found == nil {
		return ""
	}
	return found[len(found)-1][1]
}

// begin goes to the issuer and gives where that would send the browser back to.
func (b *browser) begin(subject, to string) string {
	t := b.w.t
	t.Helper()
	token := b.token("/sign-in?" + url.Values{"to": {to}}.Encode())
	a := b.post("/sign-in", url.Values{"issuer": {"oidc"}, "to": {to}, "token": {token}})
	_, address, ok := strings.Cut(a.Header.Get("Refresh"), "url=")
	if a.Status != http.StatusOK || !ok {
		t.Fatalf("not sent to the issuer: %d %s", a.Status, a.Body)
	}
	u, err := url.Parse(address)
	must(t, err)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	shown, err := client.Get(address)
	must(t, err)
	shown.Body.Close()
	if shown.StatusCode != http.StatusOK {
		t.Fatalf("the issuer shows %d", shown.StatusCode)
	}
	form := url.Values{"request": {u.RawQuery}, "subject": {subject}}
	if subject == "" {
		form = url.Values{"request": {u.RawQuery}, "cancel": {"yes"}}
	}
	chosen, err := client.PostForm(b.w.issuer+"/authorize", form)
	must(t, err)
	chosen.Body.Close()
	back, ok := strings.CutPrefix(chosen.Header.Get("Location"), b.w.address)
	if !ok {
		t.Fatalf("the issuer sends to %q", chosen.Header.Get("Location"))
	}
	return back
}

// signInAs signs a person in and gives the last answer.
func (b *browser) signInAs(subject, to string) answer {
	b.w.t.Helper()
	return b.get(b.begin(subject, to))
}

func (w *world) signedIn(subject string) *browser {
	w.t.Helper()
	b := w.browser()
	if a := b.signInAs(subject, "/"); a.Status != http.StatusSeeOther {
		w.t.Fatalf("%s is not signed in: %d %s", subject, a.Status, a.Body)
	}
	return b
}

// isSignedIn asks for a page that needs it.
func (b *browser) isSignedIn() bool {
	b.w.t.Helper()
	return b.get("/account").Status == http.StatusOK
}
