package devenv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Where a development Temporal server listens if it can: its own defaults, so
// that its command line finds it without being told.
const (
	PreferredTemporalPort   = 7233
	PreferredTemporalUIPort = 8233
)

// TemporalConfig says which Temporal dev server to start.
type TemporalConfig struct {
	// Place holds the database file, temporal.db, and the log.
	Place Place
	// Disposable is for tests: state in memory, no UI, any free port.
	Disposable bool
	// InFile keeps a disposable server's state in Place, for tests that stop
	// one and start it again.
	InFile bool
	// SearchAttributes maps names to types ("Keyword", "Int", …) that the
	// server registers at start.
	SearchAttributes map[string]string
	// Log is told of steps that take long; nil for silence.
	Log io.Writer
}

// Temporal is a dev server that this process started and that ends with it.
type Temporal struct {
	cfg     TemporalConfig
	cli     temporalCLI
	ports   temporalPorts
	process *process
}

type temporalPorts struct{ frontend, http, metrics, ui int }

// StartTemporal starts a dev server and returns when its namespace "default"
// answers. The error names all that was tried and what to do.
func StartTemporal(ctx context.Context, cfg TemporalConfig) (*Temporal, error) {
	if cfg.Log == nil {
		cfg.Log = io.Discard
	}
	checkout, err := FindCheckout()
	if err != nil {
		return nil, err
	}
	t := &Temporal{cfg: cfg}
	if t.cli, err = findTemporalCLI(ctx, checkout, cfg.Log); err != nil {
		return nil, err
	}
	const attempts = 3
	for range attempts {
		if err = t.choosePorts(); err != nil {
			return nil, err
		}
		if err = t.startOnce(); err != nil {
			return nil, err
		}
		if err = t.waitReady(ctx); err == nil {
			return t, nil
		}
		if !t.process.ended() {
			break
		}
		// It ends at once when another process took a port in the meantime.
	}
	if stopErr := t.process.stop(syscall.SIGTERM, 10*time.Second); stopErr != nil {
		err = errors.Join(err, stopErr)
	}
	return nil, fmt.Errorf("start Temporal with %s: %w\nThe end of %s:\n%s", t.cli.path, err, t.logFile(), tail(t.logFile()))
}

// Address is host:port of the frontend; the namespace is "default".
func (t *Temporal) Address() string { return loopback(t.ports.frontend) }

// UIAddress is the address of the UI in a browser; empty for a disposable
// server, which has none.
func (t *Temporal) UIAddress() string {
	if t.cfg.Disposable {
		return ""
	}
	return "http://" + loopback(t.ports.ui)
}

// Version is what the CLI says of itself.
func (t *Temporal) Version() string { return t.cli.version }

// Done is closed when the server has ended, for whatever reason.
func (t *Temporal) Done() <-chan struct{} { return t.process.done }

// Stop ends the server, keeping its database file.
func (t *Temporal) Stop() error { return t.process.stop(syscall.SIGTERM, 30*time.Second) }

func (t *Temporal) logFile() string { return filepath.Join(t.cfg.Place.Dir, "temporal.log") }

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

func (t *Temporal) choosePorts() (err error) {
	if t.ports.http, err = freePort(); err != nil {
		return err
	}
	if t.ports.metrics, err = freePort(); err != nil {
		return err
	}
	if t.cfg.Disposable {
		t.ports.frontend, err = freePort()
		return err
	}
	if t.ports.frontend, err = rememberedPort(filepath.Join(t.cfg.Place.Dir, "temporal.port"), PreferredTemporalPort); err != nil {
		return err
	}
	t.ports.ui, err = rememberedPort(filepath.Join(t.cfg.Place.Dir, "temporal-ui.port"), PreferredTemporalUIPort)
	return err
}

func (t *Temporal) startOnce() error {
	log, err := os.OpenFile(t.logFile(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("open Temporal's log: %w", err)
	}
	defer log.Close() //nolint:errcheck // nothing was written through it here: the child has its own
	args := []string{
		"server", "start-dev", "--namespace", "default", "--ip", "127.0.0.1",
		"--port", strconv.Itoa(t.ports.frontend),
		"--http-port", strconv.Itoa(t.ports.http),
		"--metrics-port", strconv.Itoa(t.ports.metrics),
		"--log-level", "warn", "--disable-config-file", "--disable-config-env",
	}
	if t.cfg.Disposable {
		args = append(args, "--headless")
	} else {
		args = append(args, "--ui-port", strconv.Itoa(t.ports.ui))
	}
	if !t.cfg.Disposable || t.cfg.InFile {
		args = append(args, "--db-filename", filepath.Join(t.cfg.Place.Dir, "temporal.db"))
	}
	for name, kind := range t.cfg.SearchAttributes {
		args = append(args, "--search-attribute", name+"="+kind)
	}
	cmd := exec.Command(t.cli.path, args...)
	cmd.Dir = t.cfg.Place.Dir
	cmd.Stdout, cmd.Stderr = log, log
	t.process, err = startTied(cmd, syscall.SIGTERM)
	return err
}

func (t *Temporal) waitReady(ctx context.Context) error {
	const patience = 60 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := t.ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-t.process.done:
			return fmt.Errorf("the server ended at once: %w", t.process.err)
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer on port %d: %w", t.ports.frontend, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// ready asks over HTTP, which needs no Temporal code here, and asks for the
// namespace, which is registered after the frontend begins to answer.
func (t *Temporal) ready(ctx context.Context) error {
	address := "http://" + loopback(t.ports.http) + "/api/v1/namespaces/default"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("namespace default: HTTP status %d", response.StatusCode)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", t.Address())
	if err != nil {
		return err
	}
	return conn.Close()
}
