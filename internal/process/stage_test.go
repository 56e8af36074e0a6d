package process_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/fellesloft/fellesloft/activities"
	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/devenv"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/process"
	"github.com/fellesloft/fellesloft/workflows"
)

// patience is how long a test waits for what happens in the background.
const patience = 20 * time.Second

var silent = slog.New(slog.DiscardHandler)

// temporal gives a namespace of the test's own on the shared server, so that
// tests do not take each other's work.
func temporal(t *testing.T) client.Options {
	t.Helper()
	address, err := devenv.TemporalForTests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o := client.Options{HostPort: address, Namespace: "test-" + uuid.NewString(), Identity: "test", Logger: log.NewStructuredLogger(silent)}
	namespaces, err := client.NewNamespaceClient(o)
	if err != nil {
		t.Fatal(err)
	}
	defer namespaces.Close()
	if err := namespaces.Register(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: o.Namespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}); err != nil {
		t.Fatal(err)
	}
	// The server learns of a namespace a moment after it is registered.
	c := connect(t, o)
	eventually(t, "the namespace is known", func() bool {
		state, err := c.StateOf(t.Context(), app.OpenCase{Kind: workflows.KindProcurement, ID: uuid.New(), N: 1})
		return err == nil && state == process.Missing
	})
	return o
}

func connect(t *testing.T, o client.Options) *process.Client {
	t.Helper()
	c, err := process.NewClient(o, silent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// work runs a worker until the returned function is called, or the test ends.
func work(t *testing.T, c *process.Client, on *cases, build string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	started, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- c.Run(ctx, process.Work{
			Activities:   &activities.Activities{Cases: on, Build: build},
			Interceptors: []interceptor.WorkerInterceptor{activities.Faults(silent)},
			StopWait:     time.Second,
			Build:        build,
			Started:      func() { close(started) },
		})
	}()
	select {
	case <-started:
	case <-time.After(patience):
		t.Fatal("the worker does not start")
	}
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the worker ended with %v", err)
		}
		// Workers of one process share their cache; another process would
		// begin without.
		worker.PurgeStickyWorkflowCache()
	})
	t.Cleanup(stop)
	return stop
}

// cases plays the use cases: cases that are open until a command or the test
// closes them.
type cases struct {
	mu sync.Mutex
	of map[uuid.UUID]*state
	// carried counts, per command, how often it was carried out.
	carried map[uuid.UUID]int
	// onCarryOut may fail a command or close its case.
	onCarryOut func(command uuid.UUID, c *state) error
	commands   map[uuid.UUID]uuid.UUID // command → case
}

type state struct {
	n      int
	open   bool
	looks  int
	raised int
	next   time.Time
}

func newCases() *cases {
	return &cases{of: map[uuid.UUID]*state{}, carried: map[uuid.UUID]int{}, commands: map[uuid.UUID]uuid.UUID{}}
}

func (c *cases) add(s state) app.OpenCase {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := uuid.New()
	if s.n == 0 {
		s.n = 1
	}
	c.of[id] = &s
	return app.OpenCase{Kind: workflows.KindProcurement, ID: id, N: s.n}
}

func (c *cases) command(of app.OpenCase) uuid.UUID {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := uuid.New()
	c.commands[id] = of.ID
	return id
}

func (c *cases) change(of app.OpenCase, f func(*state)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c.of[of.ID])
}

func (c *cases) looks(of app.OpenCase) (n int) {
	c.change(of, func(s *state) { n = s.looks })
	return n
}

func (c *cases) times(command uuid.UUID) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.carried[command]
}

func (c *cases) PassTime(_ context.Context, id uuid.UUID) (app.Outlook, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.of[id]
	if !ok || !s.open {
		return app.Outlook{Over: true}, nil
	}
	s.looks++
	if s.next.IsZero() {
		return app.Outlook{}, nil
	}
	if left := time.Until(s.next); left > 0 {
		return app.Outlook{Sleep: left + 20*time.Millisecond}, nil
	}
	s.next = time.Time{} // met
	return app.Outlook{}, nil
}

func (c *cases) CarryOut(_ context.Context, command uuid.UUID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	of, ok := c.commands[command]
	if !ok {
		return fault.New(fault.NotFound, "not-found")
	}
	c.carried[command]++
	if c.onCarryOut != nil {
		return c.onCarryOut(command, c.of[of])
	}
	return nil
}

func (c *cases) CaseProcess(_ context.Context, id uuid.UUID) (n int, open bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.of[id]
	if !ok {
		return 0, false, fault.New(fault.NotFound, "not-found")
	}
	return s.n, s.open, nil
}

func (c *cases) RaiseN(_ context.Context, of app.OpenCase) error {
	c.change(of, func(s *state) {
		if s.open && s.n == of.N {
			s.n++
			s.raised++
		}
	})
	return nil
}

func (c *cases) OpenCases(_ context.Context, after uuid.UUID, _ int) ([]app.OpenCase, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := []app.OpenCase{}
	for id, s := range c.of {
		if s.open && after == uuid.Nil {
			out = append(out, app.OpenCase{Kind: workflows.KindProcurement, ID: id, N: s.n})
		}
	}
	return out, nil
}

// mailer keeps what it is given, or refuses it.
type mailer struct {
	mu   sync.Mutex
	sent []app.Mail
	err  error
}

func (m *mailer) Send(_ context.Context, mail app.Mail) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	m.sent = append(m.sent, mail)
	return nil
}

func (m *mailer) all() []app.Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]app.Mail{}, m.sent...)
}

// relay runs a relay over a database of the test's own.
func relay(t *testing.T, c *process.Client, on *cases, to app.Mailer) *pgxpool.Pool {
	t.Helper()
	d := dbtest.New(t)
	pool := d.Pool(dbtest.Super)
	r := &process.Relay{
		Pool: d.Pool(db.RoleEngine), Cases: on, Process: c, Mailer: to, Log: silent,
		Texts: func(kind, language string, params map[string]string) (string, string) {
			return kind + " " + language, fmt.Sprint(params)
		},
		Link: func(id uuid.UUID) string { return "https://fellesloft.example/" + id.String() },
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return pool
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func waiting(t *testing.T, pool *pgxpool.Pool) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM outbox`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("not after %v: %s", patience, what)
}

// door stands between a client and Temporal and can be shut, as when Temporal
// is away.
type door struct {
	net.Listener
	to   string
	mu   sync.Mutex
	open bool
	all  map[net.Conn]bool
}

func newDoor(t *testing.T, to string) *door {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{Listener: l, to: to, all: map[net.Conn]bool{}}
	go d.serve()
	t.Cleanup(func() {
		l.Close()
		d.set(false)
	})
	return d
}

func (d *door) set(open bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open = open
	if !open {
		for c := range d.all {
			c.Close()
		}
		clear(d.all)
	}
}

func (d *door) serve() {
	for {
		in, err := d.Accept()
		if err != nil {
			return
		}
		d.pass(in)
	}
}

func (d *door) pass(in net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.open {
		in.Close()
		return
	}
	out, err := net.Dial("tcp", d.to)
	if err != nil {
		in.Close()
		return
	}
	d.all[in], d.all[out] = true, true
	for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
		go func() {
			_, _ = io.Copy(way[0], way[1]) // it ends when either is closed
			way[0].Close()
			way[1].Close()
		}()
	}
}
