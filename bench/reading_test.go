package bench_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/valyala/fasthttp"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/bench"
	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/seed"
	"github.com/fellesloft/fellesloft/internal/signin"
	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

// clients read at the same time; connections are as many, so that nobody waits
// for one.
const clients = 8

// TestReading compares the requirement list as the API gives it (token, members,
// permission, row-level security, log) with a bare handler that runs the same
// query as the owner of the tables.
func TestReading(t *testing.T) {
	d := dbtest.New(t)
	stack := open(t, d)
	issuer := newIssuer(t, d)
	remembers, forgets := newServer(t, stack, issuer, time.Now), newServer(t, stack, issuer, forgetful())
	plain := newPlain(d.PoolOf(db.RoleOwner, clients))
	for _, c := range []struct {
		name   string
		n      int
		served served
	}{
		{"300 requirements", 300, remembers}, {"1000 requirements", 1000, remembers}, {"2000 requirements", 2000, remembers},
		{"300 requirements, nothing remembered", 300, forgets},
	} {
		t.Run(c.name, func(t *testing.T) {
			id, err := stack.Plan(t.Context(), c.n)
			must(t, err)
			d.Exec(db.RoleOwner, `ANALYZE`)
			a := c.served.side(api.Base + "/procurements/" + id.String() + "/requirements")
			b := plain.side("/" + id.String())
			same(t, a, b)
			var bytesA, bytesB []float64
			rate, err := bench.Compare(*rounds, a.rate(*span, &bytesA), b.rate(*span, &bytesB))
			must(t, err)
			memory, err := bench.Pair(bytesA, bytesB)
			must(t, err)
			t.Logf("%s, %d kB: rate %v of the bare handler's; memory allocated per request %v of its", c.name, len(a.get(t))/1000, rate, memory)
		})
	}
}

// open gives a stack in a database of its own.
func open(t *testing.T, d *dbtest.DB) *bench.Stack {
	t.Helper()
	s, err := bench.Open(t.Context(), place(t, d))
	must(t, err)
	t.Cleanup(s.Close)
	return s
}

func place(t *testing.T, d *dbtest.DB) bench.Place {
	t.Helper()
	must(t, seed.Registers(t.Context(), d.URL(db.RoleOwner)))
	return bench.Place{App: d.URL(db.RoleApp), Engine: d.URL(db.RoleEngine), Anyone: d.URL(db.RoleAnyone), Keys: t.TempDir(), Connections: clients}
}

// side is a handler and a request for it. The handler is called without a
// socket and a client: they would cost the same on both sides, and their cost
// would only draw the ratio to one.
type side struct {
	handle fasthttp.RequestHandler
	uri    string
	token  string
}

func (s side) context() *fasthttp.RequestCtx {
	var r fasthttp.Request
	r.SetRequestURI(s.uri)
	r.Header.SetHost("127.0.0.1")
	if s.token != "" {
		r.Header.Set(fiber.HeaderAuthorization, "Bearer "+s.token)
	}
	var c fasthttp.RequestCtx
	c.Init(&r, nil, nil)
	return &c
}

func (s side) get(t *testing.T) []byte {
	t.Helper()
	c := s.context()
	s.handle(c)
	if c.Response.StatusCode() != http.StatusOK {
		t.Fatalf("%s: %d %s", s.uri, c.Response.StatusCode(), c.Response.Body())
	}
	return c.Response.Body()
}

// rate measures requests per second, and notes the bytes allocated for one.
func (s side) rate(span time.Duration, allocated *[]float64) func() (float64, error) {
	return func() (float64, error) {
		var before, after runtime.MemStats
		var failed atomic.Int64
		var counts [clients]int
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := time.Now()
		var group sync.WaitGroup
		for i := range clients {
			group.Go(func() {
				c := s.context()
				for time.Since(start) < span {
					c.Response.Reset()
					c.ResetUserValues()
					s.handle(c)
					if c.Response.StatusCode() != http.StatusOK {
						failed.Add(1)
						return
					}
					counts[i]++
				}
			})
		}
		group.Wait()
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if n := failed.Load(); n > 0 {
			return 0, fmt.Errorf("%d clients were refused", n)
		}
		var n int
		for _, c := range counts {
			n += c
		}
		*allocated = append(*allocated, float64(after.TotalAlloc-before.TotalAlloc)/float64(n))
		return float64(n) / took.Seconds(), nil
	}
}

// same holds both sides to the same content.
func same(t *testing.T, a, b side) {
	t.Helper()
	var x, y any
	must(t, json.Unmarshal(a.get(t), &x))
	must(t, json.Unmarshal(b.get(t), &y))
	if !reflect.DeepEqual(x, y) {
		t.Fatalf("the sides answer differently:\n%.600s\n%.600s", a.get(t), b.get(t))
	}
}

type served struct {
	handle fasthttp.RequestHandler
	token  string
}

func (s served) side(path string) side { return side{s.handle, path, s.token} }

// newIssuer is the development issuer, whose identities the database knows.
func newIssuer(t *testing.T, d *dbtest.DB) *devissuer.Issuer {
	t.Helper()
	var handler http.Handler
	at := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(at.Close)
	issuer, err := devissuer.New(at.URL, filepath.Join(t.TempDir(), "issuer.pem"), time.Now)
	must(t, err)
	handler = issuer.Handler()
	must(t, seed.Demo(t.Context(), d.URL(db.RoleOwner), at.URL))
	return issuer
}

// newServer is the API as a deployment has it, with a log that is written to
// nowhere. now is the clock of the sign-in.
func newServer(t *testing.T, stack *bench.Stack, issuer *devissuer.Issuer, now func() time.Time) served {
	t.Helper()
	token, err := issuer.TokenBy("RS256", bench.Reader, "", map[string]any{"exp": time.Now().AddDate(100, 0, 0).Unix()})
	must(t, err)
	return served{serverOf(t, stack, issuer, now).Web().Handler(), token}
}

func serverOf(t *testing.T, stack *bench.Stack, issuer *devissuer.Issuer, now func() time.Time) *api.Server {
	t.Helper()
	signIn, err := signin.New(signin.Config{Issuers: []signin.Issuer{{URL: issuer.URL(), Loopback: true}}, Directory: directory{stack.Pool}, Now: now})
	must(t, err)
	// The bounds are counted, and never reached.
	const most = 1 << 30
	return api.New(api.Config{App: stack.Serve, SignIn: signIn, Log: slog.New(slog.NewJSONHandler(nowhere{}, nil)), Limits: api.Limits{PerAddress: most, PerIdentity: most}})
}

// forgetful is a clock by which whatever sign-in remembers is too old whenever
// it looks: each request has its signature verified and its memberships read.
func forgetful() func() time.Time {
	const step = 30 * time.Second
	begin := time.Now()
	var looks atomic.Int64
	return func() time.Time { return begin.Add(time.Duration(looks.Add(1)) * step) }
}

// nowhere takes the log: a line is made as in a deployment, and not written.
type nowhere struct{}

func (nowhere) Write(b []byte) (int, error) { return len(b), nil }

type directory struct{ pool *pgxpool.Pool }

func (d directory) MembershipsOf(ctx context.Context, issuer, subject string) ([]db.Membership, error) {
	return db.MembershipsOf(ctx, d.pool, issuer, subject)
}

// plain is what one writes who wants nothing but the list.
type plain struct{ handle fasthttp.RequestHandler }

func (p plain) side(path string) side { return side{handle: p.handle, uri: path} }

func newPlain(pool *pgxpool.Pool) plain {
	web := fiber.New(fiber.Config{DisableStartupMessage: true})
	query := sqlcgen.New()
	web.Get("/:id", func(c *fiber.Ctx) error {
		id, err := uuid.Parse(c.Params("id"))
		if err != nil {
			return fiber.ErrNotFound
		}
		row, err := query.RequirementList(c.UserContext(), pool, id)
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		before := fmt.Appendf(nil, `{"version": %d, "locked": %t, "set": %s, "requirements": `, row.Version, row.Locked, row.Head[:len(row.Head)-1])
		return c.Send(slices.Concat(before, row.Requirements, []byte("}}")))
	})
	return plain{web.Handler()}
}
