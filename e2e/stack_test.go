package e2e

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/devenv"
	"github.com/fellesloft/fellesloft/internal/mail"
	"github.com/fellesloft/fellesloft/internal/process"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/fellesloft/fellesloft/internal/seed"
	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
	"github.com/fellesloft/fellesloft/workflows"
)

// stack is one test's whole program: a server and a worker as processes of
// their own, over a database, a Temporal namespace, keys, an issuer and a mail
// server that no other test has.
type stack struct {
	t        *testing.T
	db       *dbtest.DB
	super    *pgxpool.Pool
	temporal client.Options
	issuer   *devissuer.Issuer
	mail     *mail.Catcher
	base     string // of the API
	serve    *part
	worker   *part
	files    string // the folder of the object store

	tokens *sync.Map // by subject
}

// under gives the same program to a part of its test.
func (s *stack) under(t *testing.T) *stack {
	t.Helper()
	part := *s
	part.t = t
	return &part
}

var silent = slog.New(slog.DiscardHandler)

// newStack runs the program against the Temporal server that all tests share.
func newStack(t *testing.T) *stack {
	t.Helper()
	s := prepare(t, namespace(t))
	s.serve.start()
	s.worker.start()
	return s
}

// prepare makes all that the program needs and starts nothing of it.
func prepare(t *testing.T, temporal client.Options) *stack {
	t.Helper()
	return prepareIn(t, dbtest.New(t), temporal)
}

func prepareIn(t *testing.T, d *dbtest.DB, temporal client.Options) *stack {
	t.Helper()
	s := &stack{t: t, db: d, temporal: temporal, tokens: &sync.Map{}}
	s.super = s.db.Pool(dbtest.Super)
	s.issuer = serveIssuer(t)
	must(t, seed.Registers(t.Context(), s.db.URL(db.RoleOwner)))
	must(t, seed.Demo(t.Context(), s.db.URL(db.RoleOwner), s.issuer.URL()))
	smtp := s.catchMail()

	dir := t.TempDir()
	keys := makeKeys(t, dir)
	s.files = filepath.Join(dir, "files")
	api := freeAddress(t)
	s.base = "http://" + api + "/api/v1"
	common := func(more map[string]string) map[string]string {
		all := map[string]string{
			"LOG_LEVEL": "WARN", "LOG_FORMAT": "text", "PUBLIC_URL": "http://" + api, "AUDIT_SECRET_FILE": keys.secret, "STOP_WAIT": "5s", "FILE_STORE_URL": "file://" + s.files,
			"TEMPORAL_ADDRESS": temporal.HostPort, "TEMPORAL_NAMESPACE": temporal.Namespace,
		}
		for name, value := range more {
			all[name] = value
		}
		return all
	}
	s.serve = newPart(t, "serve", dir, common(map[string]string{
		"LISTEN_ADDR": api, "DATABASE_URL_APP": s.db.URL(db.RoleApp), "DATABASE_URL_ANYONE": s.db.URL(db.RoleAnyone),
		"DATABASE_CONNS_APP": "8", "DATABASE_CONNS_SUBMISSIONS": "4", "DATABASE_CONNS_ANYONE": "2",
		"ISSUERS": s.issuer.URL(), "WRAPPING_KEY_FILE": keys.wrapping, "SIGNING_KEY_FILE": keys.signing, "SANDBOXES": "true",
		// The stories poll, and are all one lead buyer.
		"LIMIT_PER_ADDRESS": "0", "LIMIT_PER_IDENTITY": "0",
	}))
	s.worker = newPart(t, "worker", dir, common(map[string]string{
		"DATABASE_URL_ENGINE": s.db.URL(db.RoleEngine), "DATABASE_CONNS_ENGINE": "12",
		"KEY_DIR": keys.opening, "KEY_MASTER_FILE": keys.master, "RECEIPT_KEYS_FILE": keys.receipts,
		"SMTP_HOST": smtp.IP.String(), "SMTP_PORT": itoa(smtp.Port), "SMTP_FROM": "Fellesløft <fellesloft@example.org>", "SMTP_TLS": "none",
		"RECONCILE_EVERY": "2s",
	}))
	return s
}

type keyFiles struct{ wrapping, signing, receipts, opening, master, secret string }

func makeKeys(t *testing.T, dir string) keyFiles {
	t.Helper()
	in := func(name string) string { return filepath.Join(dir, "keys", name) }
	k := keyFiles{in("wrapping.keys"), in("signing.keys"), in("receipts.json"), in("opening"), in("master.keys"), in("audit.secret")}
	_, err := seal.EnsureKeyFile(k.wrapping, seal.PurposeWrapping)
	must(t, err)
	_, err = seal.EnsureKeyFile(k.signing, seal.PurposeSigning)
	must(t, err)
	signing, err := seal.LoadSigningKey(k.signing)
	must(t, err)
	public, err := json.Marshal(signing.PublicKeys())
	must(t, err)
	must(t, os.WriteFile(k.receipts, public, 0o600))
	_, err = seal.InitKeyDir(k.opening, k.master)
	must(t, err)
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	must(t, os.WriteFile(k.secret, []byte(hex.EncodeToString(secret)), 0o600))
	return k
}

// serveIssuer gives tokens for any subject, as the development issuer does.
func serveIssuer(t *testing.T) *devissuer.Issuer {
	t.Helper()
	l := listen(t)
	issuer, err := devissuer.New("http://"+l.Addr().String(), filepath.Join(t.TempDir(), "issuer.pem"), time.Now)
	must(t, err)
	server := &http.Server{Handler: issuer.Handler(), ReadHeaderTimeout: time.Minute}
	go server.Serve(l) //nolint:errcheck // it ends when it is closed
	t.Cleanup(func() { server.Close() })
	return issuer
}

func (s *stack) catchMail() *net.TCPAddr {
	s.t.Helper()
	l := listen(s.t)
	s.mail = mail.NewCatcher()
	ctx, cancel := context.WithCancel(context.Background())
	s.t.Cleanup(cancel)
	go s.mail.Serve(ctx, l) //nolint:errcheck // it ends with the test
	at, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		s.t.Fatalf("the mail server listens on %v", l.Addr())
	}
	return at
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	return l
}

// namespace gives a namespace of the test's own on the shared Temporal server.
func namespace(t *testing.T) client.Options {
	t.Helper()
	address, err := devenv.TemporalForTests(t.Context())
	must(t, err)
	o := client.Options{HostPort: address, Namespace: "e2e-" + uuid.NewString(), Logger: log.NewStructuredLogger(silent)}
	namespaces, err := client.NewNamespaceClient(o)
	must(t, err)
	defer namespaces.Close()
	must(t, namespaces.Register(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: o.Namespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}))
	// The server learns of a namespace a moment after it is registered.
	c := dial(t, o)
	eventually(t, "the namespace is known", func() bool {
		_, err := c.DescribeWorkflowExecution(t.Context(), "none", "")
		_, known := err.(*serviceerror.NotFound) //nolint:errorlint // the client gives it bare
		return known
	})
	return o
}

// dial gives an operator's own client of the test's Temporal.
func dial(t *testing.T, o client.Options) client.Client {
	t.Helper()
	o.Logger = log.NewStructuredLogger(silent)
	c, err := client.NewLazyClient(o)
	must(t, err)
	t.Cleanup(c.Close)
	return c
}

// processes gives the program's own view of its processes.
func (s *stack) processes() *process.Client {
	s.t.Helper()
	c, err := process.NewClient(s.temporal, silent)
	must(s.t, err)
	s.t.Cleanup(c.Close)
	return c
}

func procurementCase(id uuid.UUID, n int) app.OpenCase {
	return app.OpenCase{Kind: workflows.KindProcurement, ID: id, N: n}
}

// value reads one value from the database, as nobody in the program may.
func value[T any](s *stack, sql string, args ...any) T {
	s.t.Helper()
	var v T
	if err := s.super.QueryRow(s.t.Context(), sql, args...).Scan(&v); err != nil {
		s.t.Fatalf("%v\n%s", err, sql)
	}
	return v
}

// door stands between the program and a Temporal server, at an address that
// stays while servers come and go.
type door struct {
	net.Listener
	mu  sync.Mutex
	to  string // "" for nobody
	all map[net.Conn]bool
}

func newDoor(t *testing.T) *door {
	t.Helper()
	d := &door{Listener: listen(t), all: map[net.Conn]bool{}}
	go func() {
		for {
			in, err := d.Accept()
			if err != nil {
				return
			}
			d.pass(in)
		}
	}()
	t.Cleanup(func() {
		d.Close()
		d.lead("")
	})
	return d
}

// lead has new connections lead to an address, and cuts all that there are.
func (d *door) lead(to string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to = to
	for c := range d.all {
		c.Close()
	}
	clear(d.all)
}

func (d *door) pass(in net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.to == "" {
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

// ownTemporal is a Temporal server of one test's own, which may be stopped,
// started again, and lose its database.
type ownTemporal struct {
	t      *testing.T
	place  devenv.Place
	door   *door
	server *devenv.Temporal
}

// newOwnTemporal starts a server and gives the program's options to reach it.
func newOwnTemporal(t *testing.T) (*ownTemporal, client.Options) {
	t.Helper()
	checkout, err := devenv.FindCheckout()
	must(t, err)
	place, err := checkout.Scratch("e2e")
	must(t, err)
	o := &ownTemporal{t: t, place: place, door: newDoor(t)}
	t.Cleanup(func() {
		o.stop()
		if err := os.RemoveAll(place.Dir); err != nil {
			t.Errorf("remove %s: %v", place.Dir, err)
		}
	})
	o.start()
	return o, client.Options{HostPort: o.door.Addr().String(), Namespace: "default"}
}

func (o *ownTemporal) start() {
	o.t.Helper()
	var err error
	o.server, err = devenv.StartTemporal(o.t.Context(), devenv.TemporalConfig{Place: o.place, Disposable: true, InFile: true})
	must(o.t, err)
	o.door.lead(o.server.Address())
}

func (o *ownTemporal) stop() {
	o.t.Helper()
	if o.server == nil {
		return
	}
	o.door.lead("")
	if err := o.server.Stop(); err != nil {
		o.t.Errorf("stop Temporal: %v", err)
	}
	o.server = nil
}

// wipe loses all that the server knew.
func (o *ownTemporal) wipe() {
	o.t.Helper()
	o.stop()
	files, err := filepath.Glob(filepath.Join(o.place.Dir, "temporal.db*"))
	must(o.t, err)
	if len(files) == 0 {
		o.t.Fatal("there is no database of Temporal's to lose")
	}
	for _, f := range files {
		must(o.t, os.Remove(f))
	}
	o.start()
}
