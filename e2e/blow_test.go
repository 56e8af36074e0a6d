package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/fellesloft/fellesloft/db"
)

// blow kills processes in the middle of one request.
type blow struct {
	step string // of the demonstration, after which the blow is due
	path string // the end of the path of the POST that it strikes
	// lock is a statement whose lock the victim has to wait for, so that it is
	// certain to be in the middle when it is killed.
	lock string
	// waits is the role by which the victim then waits.
	waits string
	// answered strikes instead after the API has answered, and loses the answer.
	answered bool
	serve    bool
	worker   bool
}

// Locks that hold the deciding transaction of a command, and the opening of a
// tender, and the submission of one.
const (
	lockCases    = `SELECT id FROM procurements FOR UPDATE`
	lockOpened   = `LOCK TABLE opened_answers IN SHARE MODE`
	lockReceived = `LOCK TABLE envelopes IN SHARE MODE`
)

// striker stands between the users and the API and strikes when a blow is due.
type striker struct {
	s  *stack
	to *httputil.ReverseProxy

	mu       sync.Mutex
	due      []blow
	step     []string // that have begun
	striking bool     // what was killed has not been started again
	busy     sync.WaitGroup
}

// struckBy gives an address of the API at which blows fall.
func struckBy(s *stack, blows []blow) (*striker, string) {
	s.t.Helper()
	to, err := url.Parse(s.base)
	must(s.t, err)
	k := &striker{s: s, due: blows}
	k.to = &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: to.Scheme, Host: to.Host}) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	server := httptest.NewServer(k)
	s.t.Cleanup(server.Close)
	return k, server.URL + to.Path
}

// begin notes that a step begins.
func (k *striker) begin(step string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.step = append(k.step, step)
	return nil
}

// take gives the blow that a request is due, once.
func (k *striker) take(r *http.Request) (blow, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.striking {
		return blow{}, false
	}
	i := slices.IndexFunc(k.due, func(b blow) bool {
		return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, b.path) && slices.Contains(k.step, b.step)
	})
	if i < 0 {
		return blow{}, false
	}
	b := k.due[i]
	k.due = slices.Delete(k.due, i, i+1)
	k.striking = true
	return b, true
}

func (k *striker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, due := k.take(r)
	switch {
	case !due:
		k.to.ServeHTTP(w, r)
	case b.answered:
		kept := httptest.NewRecorder()
		k.to.ServeHTTP(kept, r)
		if kept.Code/100 != 2 {
			k.s.t.Errorf("%s was answered %d before the blow", r.URL.Path, kept.Code)
		}
		k.strike(b)
		w.WriteHeader(http.StatusBadGateway)
	default:
		held := k.s.hold(b.lock)
		k.busy.Go(func() {
			k.s.awaitLocked(b.waits)
			k.fell(b)
			held()
			k.rise(b)
		})
		k.to.ServeHTTP(w, r)
	}
}

func (k *striker) strike(b blow) {
	k.fell(b)
	k.rise(b)
}

func (k *striker) fell(b blow) {
	if b.worker {
		k.s.worker.kill()
	}
	if b.serve {
		k.s.serve.kill()
	}
}

func (k *striker) rise(b blow) {
	if b.serve {
		k.s.serve.start()
	}
	if b.worker {
		k.s.worker.start()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.striking = false
}

// done waits until all that was killed has been started again, and fails the
// test for a blow that never fell.
func (k *striker) done() {
	k.s.t.Helper()
	k.busy.Wait()
	for _, b := range k.due {
		k.s.t.Errorf("the blow at %s never fell", b.path)
	}
}

// hold takes a lock until the returned function is called.
func (s *stack) hold(statement string, args ...any) (release func()) {
	s.t.Helper()
	ctx := s.t.Context()
	tx, err := s.super.BeginTx(ctx, pgx.TxOptions{})
	must(s.t, err)
	_, err = tx.Exec(ctx, statement, args...)
	must(s.t, err)
	return sync.OnceFunc(func() {
		if err := tx.Rollback(ctx); err != nil {
			s.t.Errorf("give a lock back: %v", err)
		}
	})
}

// awaitLocked waits until a role waits for a lock.
func (s *stack) awaitLocked(role string) {
	s.t.Helper()
	eventually(s.t, role+" waits in the middle", func() bool {
		return value[int](s, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = $1 AND wait_event_type = 'Lock'`, role) > 0
	})
}

// Roles as those of the processes that wait.
const (
	asServe  = db.RoleApp
	asWorker = db.RoleEngine
)
