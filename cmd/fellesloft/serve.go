package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/config"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/filestore"
	"github.com/fellesloft/fellesloft/internal/process"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/fellesloft/fellesloft/web"
)

// serveCommand runs the API and the pages: for a production database, or as a
// part of dev for a development one and on loopback only.
func serveCommand(development bool) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the API and the pages",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var c config.Serve
			if err := config.Read(cmd.Context(), &c); err != nil {
				return err
			}
			return serve(cmd.Context(), c, development)
		},
	}
}

func serve(ctx context.Context, c config.Serve, development bool) error {
	log := c.Logger()
	slog.SetDefault(log)
	if development && !onLoopback(c.ListenAddr) {
		return fault.New(fault.Invalid, "config.loopback-only").At("LISTEN_ADDR")
	}
	metrics := prometheus.NewRegistry()
	s, closeAll, err := buildServer(ctx, c, development, metrics, log)
	if err != nil {
		return err
	}
	defer closeAll()

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.ListenAddr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.ListenAddr, err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return operate(ctx, c.MetricsAddr, metrics, s.ready) })
	group.Go(func() error { return s.api.Listen(listener) })
	group.Go(func() error {
		<-ctx.Done()
		return s.api.Web().ShutdownWithTimeout(c.StopWait)
	})
	log.InfoContext(ctx, "serving", "address", listener.Addr().String())
	return group.Wait()
}

// server is what serve runs.
type server struct {
	api   *api.Server
	pools []*pgxpool.Pool
	files *filestore.Store
}

// ready reports whether requests can be answered. Temporal is not asked: all
// but steering works without it.
func (s *server) ready(ctx context.Context) error {
	for _, p := range s.pools {
		if err := p.Ping(ctx); err != nil {
			return fault.Wrap(fault.Unavailable, "database.unreachable", err)
		}
	}
	if s.files != nil {
		return s.files.Check(ctx)
	}
	return nil
}

func buildServer(ctx context.Context, c config.Serve, development bool, metrics prometheus.Registerer, log *slog.Logger) (*server, func(), error) {
	var closers []func()
	closeAll := func() {
		for _, f := range closers {
			f()
		}
	}
	fail := func(err error) (*server, func(), error) {
		closeAll()
		return nil, nil, err
	}
	s := &server{}
	for _, p := range []struct {
		address string
		conns   int32
	}{{c.DatabaseURL, c.DatabaseConns}, {c.DatabaseURL, c.SubmissionConns}, {c.PublicDatabaseURL, c.PublicConns}} {
		pool, err := openPool(ctx, p.address, p.conns)
		if err != nil {
			return fail(err)
		}
		closers = append(closers, pool.Close)
		s.pools = append(s.pools, pool)
	}
	if err := checkKind(ctx, s.pools[0], development); err != nil {
		return fail(err)
	}
	temporal, err := process.NewClient(c.Temporal(), log)
	if err != nil {
		return fail(err)
	}
	closers = append(closers, temporal.Close)
	attached, closeFiles, err := openFiles(ctx, c.Common, log)
	if err != nil {
		return fail(err)
	}
	closers = append(closers, closeFiles)
	s.files = attached.store
	a, err := serveApp(ctx, c, s.pools, temporal, attached, metrics, log)
	if err != nil {
		return fail(err)
	}
	people, err := peopleOf(c, development)
	if err != nil {
		return fail(err)
	}
	signIn, err := systemsOf(c, development, s.pools[0])
	if err != nil {
		return fail(err)
	}
	s.api = api.New(api.Config{ //nolint:contextcheck // a request brings its own context
		App: a, SignIn: signIn, Log: log, PublicURL: c.PublicURL, TrustedProxies: c.TrustedProxies, Deadline: c.RequestDeadline,
		Observe: observer(metrics), Ready: s.ready, Guard: web.HostGuard(c.PublicURL),
		Limits: api.Limits{PerAddress: c.LimitPerAddress, PerIdentity: c.LimitPerIdentity},
	})
	pages, err := web.New(web.Config{ //nolint:contextcheck // a request brings its own context
		App: a, SignIn: signIn, Login: people, PublicURL: c.PublicURL, IdleLimit: c.SessionIdle, SessionLimit: c.SessionMax, Development: development, Log: log,
		Storage: func(kind string, idle time.Duration) web.Storage { return db.NewStorage(s.pools[0], kind, idle) },
	})
	if err != nil {
		return fail(err)
	}
	pages.Register(s.api.Web()) //nolint:contextcheck // a request brings its own context
	return s, closeAll, nil
}

// openPool connects and refuses a role that row-level security does not bind.
func openPool(ctx context.Context, address string, conns int32) (*pgxpool.Pool, error) {
	pool, err := db.Open(ctx, address, conns)
	if err != nil {
		return nil, err
	}
	if err := db.CheckRole(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// checkKind refuses a database of the other kind.
func checkKind(ctx context.Context, q db.DBTX, development bool) error {
	wanted := db.Production
	if development {
		wanted = db.Development
	}
	d, err := sqlcgen.New().Deployment(ctx, q)
	if err != nil {
		return db.Fault(err)
	}
	if d.Kind != wanted {
		return fault.New(fault.Conflict, "deployment.kind-differs", fault.Params{"is": d.Kind, "wanted": wanted})
	}
	return nil
}

func serveApp(ctx context.Context, c config.Serve, pools []*pgxpool.Pool, steering app.Steering, attached files, metrics prometheus.Registerer, log *slog.Logger) (*app.App, error) {
	law, err := rules.Load()
	if err != nil {
		return nil, err
	}
	keys, err := keysBy(ctx, serveService, c.KeyService)
	if err != nil {
		return nil, err
	}
	wrapping, err := keys.LoadWrapping(c.WrappingKeyFile, unwrapLog(metrics, log))
	if err != nil {
		return nil, err
	}
	signing, err := keys.LoadSigning(c.SigningKeyFile)
	if err != nil {
		return nil, err
	}
	secret, err := readSecret(c.SecretFile, "AUDIT_SECRET_FILE")
	if err != nil {
		return nil, err
	}
	return app.New(app.Config{Pool: pools[0], Submissions: pools[1], Public: pools[2], Law: law, Steering: steering, Wrapping: wrapping, Signing: signing,
		Secret: secret, Log: log, Sandboxes: c.Sandboxes, SystemIssuer: cmp.Or(c.SystemIssuer, c.Issuers[0]),
		Files: attached.store, Scanner: attached.hurried(),
		AttachmentLimits: app.AttachmentLimits{File: c.AttachmentMaxFile, Tender: c.AttachmentMaxTender, Count: c.AttachmentMaxCount, Types: c.AttachmentTypes}}), nil
}

// minSecret is the fewest bytes that key a hash.
const minSecret = 32

func readSecret(file, setting string) ([]byte, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "config.unreadable", err).At(setting)
	}
	b = bytes.TrimSpace(b)
	if len(b) < minSecret {
		return nil, fault.New(fault.Invalid, "config.secret-too-short").At(setting)
	}
	return b, nil
}

// unwrapLog logs every use of the wrapping key, and raises an alarm on one that
// no request of the organisation asked for.
func unwrapLog(metrics prometheus.Registerer, log *slog.Logger) seal.UnwrapLog {
	unwraps := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "fellesloft_unwraps_total", Help: "Uses of the wrapping key, by whether the organisation asked."}, []string{"asked", "opened"})
	metrics.MustRegister(unwraps)
	return func(ctx context.Context, u seal.Unwrapping) error {
		by, err := actor.From(ctx)
		asked := err == nil && by.Org == u.Organisation
		unwraps.WithLabelValues(fmt.Sprint(asked), fmt.Sprint(u.Opened)).Inc()
		level := slog.LevelInfo
		if !asked || !u.Opened {
			level = slog.LevelError
		}
		log.LogAttrs(ctx, level, "data key unwrapped", slog.String("organisation", u.Organisation.String()), slog.String("dataKey", u.DataKey.String()),
			slog.String("wrappingKey", u.WrappingKey.String()), slog.Bool("opened", u.Opened), slog.Bool("asked", asked), slog.String("request", by.Request))
		if !asked {
			return fault.Wrap(fault.Internal, "seal.unwrap-unasked", errors.New("no request of the organisation"))
		}
		return nil
	}
}

func onLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || (ip != nil && ip.IsLoopback()))
}

// observer counts and times requests by operation.
func observer(metrics prometheus.Registerer) func(method, operation string, status int, took time.Duration) {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "fellesloft_request_seconds", Help: "Time to answer, by operation and status.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}}, []string{"method", "operation", "status"})
	metrics.MustRegister(seconds)
	return func(method, operation string, status int, took time.Duration) {
		seconds.WithLabelValues(method, operation, fmt.Sprint(status)).Observe(took.Seconds())
	}
}
