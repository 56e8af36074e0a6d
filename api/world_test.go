package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/filestore"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/fellesloft/fellesloft/internal/seed"
	"github.com/fellesloft/fellesloft/internal/signin"
	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

// world is the API over a real database, with tokens of a real issuer, and the
// worker called directly where Temporal would call it.
type world struct {
	t      *testing.T
	db     *dbtest.DB
	api    *api.Server
	worker *app.App
	issuer *devissuer.Issuer
	away   bool // Temporal does not answer
	newAPI func()
	limits api.Limits
	// before sees, and may change, each call of a story: the matrix test tries
	// it as everybody else at the moment at which it is right for one.
	before func(c *call)

	mu     sync.Mutex
	tokens map[string]string
	seen   map[string]bool // operations that have succeeded
}

func (w *world) Steer(ctx context.Context, _ string, _ uuid.UUID, _ int, commandID uuid.UUID) error {
	if w.away {
		return errors.New("nobody answers")
	}
	return w.worker.CarryOut(ctx, commandID)
}

func (w *world) SteerLong(ctx context.Context, kind string, id uuid.UUID, n int, commandID uuid.UUID) error {
	return w.Steer(ctx, kind, id, n, commandID)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	ctx := t.Context()
	w := &world{t: t, db: dbtest.New(t), tokens: map[string]string{}, seen: map[string]bool{}}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handler.ServeHTTP(rw, r) }))
	t.Cleanup(server.Close)
	var err error
	dir := t.TempDir()
	w.issuer, err = devissuer.New(server.URL, filepath.Join(dir, "issuer.pem"), time.Now)
	must(t, err)
	handler = w.issuer.Handler()
	must(t, seed.Registers(ctx, w.db.URL(db.RoleOwner)))
	must(t, seed.Demo(ctx, w.db.URL(db.RoleOwner), server.URL))

	law, err := rules.Load()
	must(t, err)
	wrapping, signing := filepath.Join(dir, "wrapping.keys"), filepath.Join(dir, "signing.keys")
	_, err = seal.EnsureKeyFile(wrapping, seal.PurposeWrapping)
	must(t, err)
	_, err = seal.EnsureKeyFile(signing, seal.PurposeSigning)
	must(t, err)
	wk, err := seal.LoadWrappingKey(wrapping, func(context.Context, seal.Unwrapping) error { return nil })
	must(t, err)
	sk, err := seal.LoadSigningKey(signing)
	must(t, err)
	_, err = seal.InitKeyDir(filepath.Join(dir, "opening"), "")
	must(t, err)
	opening, err := seal.OpenKeyDir(filepath.Join(dir, "opening"), "")
	must(t, err)
	log := slog.New(slog.DiscardHandler)
	if testing.Verbose() {
		log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	pool := w.db.PoolOf(db.RoleApp, 8)
	serve := app.New(app.Config{Pool: pool, Public: w.db.Pool(db.RoleAnyone), Law: law, Steering: w, Wrapping: wk, Signing: sk, Secret: []byte("a secret of the tests"), Log: log, Sandboxes: true, SystemIssuer: server.URL})
	w.worker = app.New(app.Config{Pool: w.db.Pool(db.RoleEngine), Law: law, Opening: opening, ReceiptKeys: sk.PublicKeys(), Secret: []byte("a secret of the tests"), Log: log})
	files, err := filestore.Open(ctx, "file://"+filepath.Join(dir, "files"))
	must(t, err)
	serve, w.worker = withFiles(serve, files), withFiles(w.worker, files)
	w.newAPI = func() {
		signIn, err := signin.New(signin.Config{Issuers: []signin.Issuer{{URL: server.URL, Loopback: true}}, Directory: directory{pool}})
		must(t, err)
		w.api = api.New(api.Config{App: serve, SignIn: signIn, Log: log, Limits: w.limits})
	}
	w.newAPI()
	return w
}

func withFiles(a *app.App, files *filestore.Store) *app.App {
	c := a.Config
	c.Files = files
	return app.New(c)
}

// forgetMembers lets changed roles count at once.
func (w *world) forgetMembers() { w.newAPI() }

type directory struct{ pool *pgxpool.Pool }

func (d directory) MembershipsOf(ctx context.Context, issuer, subject string) ([]db.Membership, error) {
	return db.MembershipsOf(ctx, d.pool, issuer, subject)
}

func (w *world) token(subject string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if t, ok := w.tokens[subject]; ok {
		return t
	}
	t, err := w.issuer.Token(subject, "", nil)
	must(w.t, err)
	w.tokens[subject] = t
	return t
}

// call is one request; Headers replace the usual ones, "" leaves one out.
type call struct {
	As, Method, Path string
	Body             any // []byte as it is, else as JSON
	Headers          map[string]string
}

type answer struct {
	t      *testing.T
	call   call
	Status int
	Header http.Header
	Body   []byte
}

// do sends a request and holds the answer to what every answer must be: no
// failure of the program's own, a problem document for a refusal, and what
// openapi.yaml says.
func (w *world) do(c call) answer {
	w.t.Helper()
	if w.before != nil {
		w.before(&c)
	}
	var body io.Reader
	switch b := c.Body.(type) {
	case nil:
	case []byte:
		body = bytes.NewReader(b)
	default:
		j, err := json.Marshal(b)
		must(w.t, err)
		body = bytes.NewReader(j)
	}
	target := c.Path
	if strings.HasPrefix(target, "/") && !strings.HasPrefix(target, api.Base) {
		target = api.Base + target
	}
	r := httptest.NewRequestWithContext(w.t.Context(), c.Method, target, body)
	if c.As != "" {
		r.Header.Set("Authorization", "Bearer "+w.token(c.As))
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.Method == http.MethodPost {
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	for k, v := range c.Headers {
		if v == "" {
			r.Header.Del(k)
			continue
		}
		r.Header.Set(k, v)
	}
	response, err := w.api.Web().Test(r, -1)
	must(w.t, err)
	defer response.Body.Close()
	a := answer{t: w.t, call: c, Status: response.StatusCode, Header: response.Header}
	a.Body, err = io.ReadAll(response.Body)
	must(w.t, err)
	w.hold(r, a)
	return a
}

func (w *world) hold(r *http.Request, a answer) {
	w.t.Helper()
	if a.Status >= http.StatusInternalServerError {
		w.t.Errorf("%s %s: %d %s", r.Method, r.URL, a.Status, a.Body)
	}
	if a.Status >= http.StatusBadRequest {
		if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
			w.t.Errorf("%s %s: %d as %q: %s", r.Method, r.URL, a.Status, got, a.Body)
		}
		p := a.problem()
		if p.Status != a.Status || p.Title == "" || p.Rule == "" || p.Type != "urn:fellesloft:problem:"+p.Rule {
			w.t.Errorf("%s %s: %+v", r.Method, r.URL, p)
		}
	}
	route, params, err := description().FindRoute(r)
	if err != nil {
		return // an address that is not documented: the problem above is all
	}
	if a.Status < http.StatusBadRequest {
		w.mu.Lock()
		w.seen[route.Operation.OperationID] = true
		w.mu.Unlock()
	}
	options := &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	if a.Header.Get("Content-Disposition") != "" {
		options.ExcludeResponseBody = true // a file
	}
	err = openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options},
		Status:                 a.Status, Header: a.Header, Body: io.NopCloser(bytes.NewReader(a.Body)), Options: options,
	})
	if err != nil {
		w.t.Errorf("%s %s answers other than openapi.yaml says: %v", r.Method, r.URL, err)
	}
}

// description is the API's document as a client reads it.
var description = sync.OnceValue(func() routers.Router {
	text, err := api.New(api.Config{}).Document()
	if err != nil {
		panic(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		panic(fmt.Errorf("read the document: %w", err))
	}
	doc.Servers = openapi3.Servers{{URL: api.Base}}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		panic(fmt.Errorf("route by the document: %w", err))
	}
	return router
})

func (a answer) problem() api.Problem {
	var p api.Problem
	if err := json.Unmarshal(a.Body, &p); err != nil {
		a.t.Errorf("%s %s: %d, no problem document: %s", a.call.Method, a.call.Path, a.Status, a.Body)
	}
	return p
}

// as decodes the answer of a call that must have succeeded.
func as[T any](a answer) T {
	a.t.Helper()
	var v T
	if a.Status >= http.StatusBadRequest {
		a.t.Fatalf("%s %s as %s: %d %s", a.call.Method, a.call.Path, a.call.As, a.Status, a.Body)
	}
	if len(a.Body) > 0 {
		if err := json.Unmarshal(a.Body, &v); err != nil {
			a.t.Fatalf("%s %s: %v in %s", a.call.Method, a.call.Path, err, a.Body)
		}
	}
	return v
}

// refused checks status and rule of a call that must have been refused.
func (a answer) refused(status int, rule, field string) {
	a.t.Helper()
	p := a.problem()
	if a.Status != status || p.Rule != rule || p.Field != field {
		a.t.Errorf("%s %s as %s: %d %s at %q, want %d %s at %q", a.call.Method, a.call.Path, a.call.As, a.Status, p.Rule, p.Field, status, rule, field)
	}
}
