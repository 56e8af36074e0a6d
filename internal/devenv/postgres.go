package devenv

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// PreferredPostgresPort is where a development cluster listens if it can: far
// from 5432, so that it never stands in for another server.
const PreferredPostgresPort = 54329

const superuser = "postgres"

// PostgresConfig says which cluster to start.
type PostgresConfig struct {
	// Place holds the cluster, in its folder "pg".
	Place Place
	// Disposable is for tests: the cluster is made anew at each start, keeps
	// nothing safe from a crash of the machine, and listens on any free port.
	// Otherwise data and port stay the same from one start to the next.
	Disposable bool
	// Settings are further ones, as name=value; they go before all others.
	Settings []string
	// Log is told of steps that take long; nil for silence.
	Log io.Writer
}

// Postgres is a cluster that this process started and that ends with it.
type Postgres struct {
	cfg      PostgresConfig
	programs binaries
	port     int
	password string
	process  *process
}

// StartPostgres starts a cluster, making it first if there is none, and
// returns when it answers. The error names all that was tried and what to do.
func StartPostgres(ctx context.Context, cfg PostgresConfig) (*Postgres, error) {
	if cfg.Log == nil {
		cfg.Log = io.Discard
	}
	p := &Postgres{cfg: cfg}
	if err := p.stopLeftOver(ctx); err != nil {
		return nil, err
	}
	if cfg.Disposable {
		if err := os.RemoveAll(p.dir()); err != nil {
			return nil, fmt.Errorf("empty the test cluster: %w", err)
		}
	}
	if err := cfg.Place.own(p.dir()); err != nil {
		return nil, err
	}
	var err error
	if p.programs, err = p.findPrograms(ctx); err != nil {
		return nil, err
	}
	if err := p.ensureCluster(ctx); err != nil {
		return nil, err
	}
	return p, p.start(ctx)
}

// URL connects as superuser to the cluster's database "postgres".
func (p *Postgres) URL() string { return p.url("postgres") }

// EnsureDatabase makes a database with an owner where it is not there yet, and
// gives its superuser's URL. The owner must exist.
func (p *Postgres) EnsureDatabase(ctx context.Context, name, owner string) (string, error) {
	conn, err := pgx.Connect(ctx, p.URL())
	if err != nil {
		return "", fmt.Errorf("make database %s: %w", name, err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the statements' own errors decide
	var there bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil {
		return "", fmt.Errorf("look for database %s: %w", name, err)
	}
	if !there {
		statement := `CREATE DATABASE ` + pgx.Identifier{name}.Sanitize() + ` OWNER ` + pgx.Identifier{owner}.Sanitize()
		if _, err := conn.Exec(ctx, statement); err != nil {
			return "", fmt.Errorf("make database %s: %w", name, err)
		}
	}
	return p.url(name), nil
}

func (p *Postgres) url(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(superuser, p.password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Version is the cluster's major version.
func (p *Postgres) Version() int { return p.programs.major }

// Done is closed when the server has ended, for whatever reason.
func (p *Postgres) Done() <-chan struct{} { return p.process.done }

// Stop ends the server without waiting for its clients, keeping its data.
func (p *Postgres) Stop() error { return p.process.stop(syscall.SIGINT, time.Minute) }

// DataDir holds the tables' and the write-ahead log's files.
func (p *Postgres) DataDir() string { return p.dataDir() }

// LogFile is the server's own log.
func (p *Postgres) LogFile() string { return p.logFile() }

// Program is where one of the server's programs is, such as pg_dump; "" where
// it does not come with the server.
func (p *Postgres) Program(name string) string {
	path := p.programs.path(name)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

func (p *Postgres) dir() string     { return filepath.Join(p.cfg.Place.Dir, "pg") }
func (p *Postgres) dataDir() string { return filepath.Join(p.dir(), "data") }
func (p *Postgres) logFile() string { return filepath.Join(p.cfg.Place.Dir, "postgres.log") }

// findPrograms finds the server's programs or downloads them.
func (p *Postgres) findPrograms(ctx context.Context) (binaries, error) {
	s := findBinaries(ctx)
	major, err := p.clusterMajor()
	if err != nil {
		return binaries{}, err
	}
	if found, ok := s.fit(major); ok {
		return found, nil
	}
	fetched, fetchErr := fetchBinaries(ctx, p.cfg.Place.programs, p.cfg.Log)
	if fetchErr == nil {
		s.found = []binaries{fetched}
		if found, ok := s.fit(major); ok {
			return found, nil
		}
	} else {
		s.note("%v", fetchErr)
	}
	return binaries{}, p.cannotStart(major, s)
}

func (p *Postgres) cannotStart(major int, s *search) error {
	osRelease, err := os.ReadFile("/etc/os-release")
	if err != nil {
		osRelease = nil // not every system has it; the hint is then general
	}
	version := fmt.Sprintf("%d or newer", oldestMajor)
	if major != 0 {
		version = fmt.Sprintf("%d, which made %s", major, p.dataDir())
	}
	return fmt.Errorf("PostgreSQL cannot be started: no programs of version %s.\nTried:\n  - %s\nWhat to do: %s\nor name a server of your own in DATABASE_URL (dev) or TEST_DATABASE_URL (tests)",
		version, strings.Join(s.tried, "\n  - "), installHint(runtime.GOOS, string(osRelease)))
}

// clusterMajor is the version that made the data, 0 where there are none.
func (p *Postgres) clusterMajor() (int, error) {
	text, err := os.ReadFile(filepath.Join(p.dataDir(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the cluster's version: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("read the cluster's version: %w", err)
	}
	return major, nil
}

// ensureCluster makes the cluster once. The password file is written last and
// so marks a complete cluster: what an interrupted initdb left is made anew.
func (p *Postgres) ensureCluster(ctx context.Context) error {
	passwordFile := filepath.Join(p.dir(), "password")
	password, err := os.ReadFile(passwordFile)
	if err == nil {
		p.password = string(password)
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the superuser's password: %w", err)
	}
	fmt.Fprintf(p.cfg.Log, "making a PostgreSQL %d cluster in %s\n", p.programs.major, p.dataDir())
	p.password = rand.Text()
	var out []byte
	for _, locale := range []string{"C.UTF-8", "en_US.UTF-8", "C"} {
		if out, err = p.initdb(ctx, locale); err == nil {
			break
		}
		if !bytes.Contains(out, []byte("invalid locale")) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("make a cluster with %s: %w\n%s", p.programs.path("initdb"), err, out)
	}
	if err := os.WriteFile(passwordFile, []byte(p.password), 0o600); err != nil {
		return fmt.Errorf("store the superuser's password: %w", err)
	}
	return nil
}

func (p *Postgres) initdb(ctx context.Context, locale string) ([]byte, error) {
	if err := os.RemoveAll(p.dataDir()); err != nil {
		return nil, err
	}
	passwordFile := filepath.Join(p.dir(), "initdb-password")
	if err := os.WriteFile(passwordFile, []byte(p.password+"\n"), 0o600); err != nil {
		return nil, err
	}
	defer os.Remove(passwordFile) //nolint:errcheck // only its owner can read it, and the next initdb replaces it
	if err := p.cfg.Place.give(passwordFile); err != nil {
		return nil, err
	}
	cmd := p.command(ctx, "initdb",
		"--pgdata="+p.dataDir(), "--username="+superuser, "--pwfile="+passwordFile,
		"--auth-host=scram-sha-256", "--auth-local=reject",
		"--encoding=UTF8", "--locale="+locale)
	if p.cfg.Disposable {
		cmd.Args = append(cmd.Args, "--no-sync")
	}
	return cmd.CombinedOutput()
}

// command runs a program of the server as the place's user, in a folder that
// it may enter, and without the caller's PG* settings.
func (p *Postgres) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.programs.path(program), args...)
	cmd.Dir = p.dir()
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_MESSAGES=C", "TZ=UTC"}
	if p.cfg.Place.owner != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.cfg.Place.owner}
	}
	return cmd
}

// testSettings trade safety for speed: a test cluster is thrown away.
var testSettings = []string{
	"fsync=off", "synchronous_commit=off", "full_page_writes=off",
	"wal_level=minimal", "max_wal_senders=0", "max_connections=400", "max_wal_size=4GB",
}

func (p *Postgres) start(ctx context.Context) error {
	const attempts = 20
	var err error
	for range attempts {
		if err = p.choosePort(); err != nil {
			return err
		}
		if err = p.startOnce(); err != nil {
			return err
		}
		if err = p.waitReady(ctx); err == nil {
			return nil
		}
		if !p.process.ended() || !p.worthAnother() {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	if stopErr := p.process.stop(syscall.SIGINT, 10*time.Second); stopErr != nil {
		err = errors.Join(err, stopErr)
	}
	return fmt.Errorf("start PostgreSQL: %w\nThe end of %s:\n%s", err, p.logFile(), tail(p.logFile()))
}

// worthAnother tells whether the server ended for a reason that passes: another
// process took the port between choosing and listening, or the workers of a
// killed server still have its memory, which they give up within a moment.
func (p *Postgres) worthAnother() bool {
	return !portIsFree(p.port) || strings.Contains(tail(p.logFile()), "pre-existing shared memory block")
}

func (p *Postgres) choosePort() (err error) {
	if p.cfg.Disposable {
		p.port, err = freePort()
		return err
	}
	p.port, err = rememberedPort(filepath.Join(p.dir(), "port"), PreferredPostgresPort)
	return err
}

func (p *Postgres) startOnce() error {
	log, err := os.OpenFile(p.logFile(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("open the server's log: %w", err)
	}
	defer log.Close() //nolint:errcheck // nothing was written through it here: the child has its own
	settings := []string{
		"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(p.port),
		// A path in a checkout is easily longer than a socket's may be.
		"unix_socket_directories=",
		"password_encryption=scram-sha-256", "timezone=UTC", "log_timezone=UTC",
	}
	if p.cfg.Disposable {
		settings = append(settings, testSettings...)
	}
	settings = append(settings, p.cfg.Settings...)
	cmd := p.command(context.Background(), "postgres", "-D", p.dataDir())
	for _, s := range settings {
		cmd.Args = append(cmd.Args, "-c", s)
	}
	cmd.Stdout, cmd.Stderr = log, log
	p.process, err = startTied(cmd, syscall.SIGINT)
	return err
}

func (p *Postgres) waitReady(ctx context.Context) error {
	const patience = 60 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := ping(ctx, p.URL())
		if err == nil {
			return nil
		}
		select {
		case <-p.process.done:
			return fmt.Errorf("the server ended at once: %w", p.process.err)
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer on port %d: %w", p.port, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func ping(ctx context.Context, databaseURL string) error {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	return errors.Join(conn.Ping(ctx), conn.Close(ctx))
}

// stopLeftOver ends a server that still runs on the data folder.
func (p *Postgres) stopLeftOver(ctx context.Context) error {
	return leftOver{
		name:    "PostgreSQL server",
		pidFile: filepath.Join(p.dataDir(), "postmaster.pid"),
		is:      func(args string) bool { return strings.Contains(args, p.dataDir()) },
		signal:  syscall.SIGINT,
		grace:   30 * time.Second,
	}.end(ctx, p.cfg.Log)
}

// tail gives the last lines of a log, for a message to a person.
func tail(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}
