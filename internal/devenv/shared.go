package devenv

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A shared server serves all test processes of a checkout. Package test
// binaries come and go in any order, and any of them may be killed, so none of
// them can own it. A keeper process (`devenv keep <service>`) does:
//
//   - <service>.start is held by a test process while it looks for the server
//     or starts its keeper, and by the keeper while it ends;
//   - <service>.keeper is held by the keeper as long as it lives;
//   - <service>.users is held shared by each test process until it ends; once
//     the keeper can take it exclusively, nobody is left;
//   - <service>.json says where the server listens, written when it answers.
type shared struct {
	service string // "postgres" or "temporal"
	place   Place
	root    string
}

// linger is how long a server stays without users: longer than `go test` takes
// from one package to the next, short enough to go unnoticed.
const linger = 15 * time.Second

// running is what the state file says.
type running struct {
	// Address is a URL for PostgreSQL, host:port for Temporal.
	Address string `json:"address"`
	Keeper  int    `json:"keeper"` // process id
	Version string `json:"version"`
}

func sharedService(checkout Checkout, service string) (shared, error) {
	place, err := checkout.Place("test")
	if err != nil {
		return shared{}, err
	}
	return shared{service: service, place: place, root: checkout.Root}, nil
}

func (s shared) file(suffix string) string {
	return filepath.Join(s.place.Dir, s.service+"."+suffix)
}

// use makes this process a user of the server until the lock is released or
// the process ends, starting the server where it does not run.
func (s shared) use(ctx context.Context, log io.Writer) (running, *fileLock, error) {
	start, err := waitLock(ctx, s.file("start"))
	if err != nil {
		return running{}, nil, err
	}
	defer start.release()
	users, err := tryLock(s.file("users"), syscall.LOCK_SH)
	if err != nil {
		return running{}, nil, err
	}
	state, err := s.findOrStart(ctx, log)
	if err != nil {
		users.release()
		return running{}, nil, err
	}
	return state, users, nil
}

func (s shared) findOrStart(ctx context.Context, log io.Writer) (running, error) {
	kept, err := isHeld(s.file("keeper"))
	if err != nil {
		return running{}, err
	}
	if kept {
		return s.read()
	}
	if err := os.Remove(s.file("json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return running{}, fmt.Errorf("forget the server that has ended: %w", err)
	}
	keeper, err := s.startKeeper(ctx)
	if err != nil {
		return running{}, err
	}
	return s.await(ctx, keeper, log)
}

// startKeeper builds the command anew each time, so that it is never older
// than the test that asks.
func (s shared) startKeeper(ctx context.Context) (*process, error) {
	program := s.file("keeper-program")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", program, "./internal/devenv/cmd/devenv")
	build.Dir = s.root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the keeper of the test servers: %w\n%s", err, out)
	}
	log, err := os.OpenFile(s.file("keeper.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the keeper's log: %w", err)
	}
	defer log.Close() //nolint:errcheck // nothing was written through it here: the child has its own
	// Not bound to ctx, and in a session of its own: it outlives this process.
	cmd := exec.Command(program, "keep", s.service)
	cmd.Dir = s.root
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the keeper of the test servers: %w", err)
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// await waits for the state file, passing on what the keeper says meanwhile:
// building Temporal takes minutes the first time.
func (s shared) await(ctx context.Context, keeper *process, log io.Writer) (running, error) {
	passedOn := 0
	for {
		text, err := os.ReadFile(s.file("keeper.log"))
		if err == nil && len(text) > passedOn {
			_, _ = log.Write(text[passedOn:]) // a progress line, not worth failing for
			passedOn = len(text)
		}
		state, err := s.read()
		if err == nil {
			return state, nil
		}
		select {
		case <-keeper.done:
			return running{}, fmt.Errorf("the test server %s did not start:\n%s", s.service, strings.TrimSpace(string(text)))
		case <-ctx.Done():
			return running{}, fmt.Errorf("wait for the test server %s: %w\n%s", s.service, ctx.Err(), tail(s.file("keeper.log")))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (s shared) read() (running, error) {
	text, err := os.ReadFile(s.file("json"))
	if err != nil {
		return running{}, fmt.Errorf("read where the test server listens: %w", err)
	}
	var state running
	if err := json.Unmarshal(text, &state); err != nil {
		return running{}, fmt.Errorf("read where the test server listens: %w", err)
	}
	return state, nil
}

// write replaces the file in one step, so that a reader never sees half of it.
// It holds a password.
func (s shared) write(state running) error {
	text, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("say where the test server listens: %w", err)
	}
	next := s.file("json.next")
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return fmt.Errorf("say where the test server listens: %w", err)
	}
	if err := os.Rename(next, s.file("json")); err != nil {
		return fmt.Errorf("say where the test server listens: %w", err)
	}
	return nil
}
