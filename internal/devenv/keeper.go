package devenv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"
	"time"
)

// server is what a keeper keeps.
type server interface {
	Done() <-chan struct{}
	Stop() error
}

// Keep runs a shared test server until nobody uses it. It is the body of
// `devenv keep`; tests call [PostgresForTests] and [TemporalForTests]. When
// ctx ends it still waits for the users, but no longer lingers for more.
func Keep(ctx context.Context, service string, log io.Writer) error {
	checkout, err := FindCheckout()
	if err != nil {
		return err
	}
	s, err := sharedService(checkout, service)
	if err != nil {
		return err
	}
	life, err := tryLock(s.file("keeper"), syscall.LOCK_EX)
	if err != nil {
		return fmt.Errorf("keep %s: %w", service, err)
	}
	defer life.release()
	kept, state, err := s.startServer(ctx, log)
	if err != nil {
		return err
	}
	state.Keeper = os.Getpid()
	if err := s.write(state); err != nil {
		return errors.Join(err, kept.Stop())
	}
	return s.untilUnused(ctx, kept, life, linger)
}

func (s shared) startServer(ctx context.Context, log io.Writer) (server, running, error) {
	switch s.service {
	case "temporal":
		t, err := StartTemporal(ctx, TemporalConfig{Place: s.place, Disposable: true, Log: log})
		if err != nil {
			return nil, running{}, err
		}
		return t, running{Address: t.Address(), Version: t.Version()}, nil
	case "postgres":
		p, err := StartPostgres(ctx, PostgresConfig{Place: s.place, Disposable: true, Log: log})
		if err != nil {
			return nil, running{}, err
		}
		return p, running{Address: p.URL(), Version: strconv.Itoa(p.Version())}, nil
	default:
		return nil, running{}, fmt.Errorf("no test server is called %q", s.service)
	}
}

// untilUnused ends the server while it holds both the start lock and the
// users' lock, so that nobody can begin to use a server that is going down. The
// keeper's own lock goes before the start lock: who gets that sees it free.
func (s shared) untilUnused(ctx context.Context, kept server, life *fileLock, linger time.Duration) error {
	const pace = 250 * time.Millisecond
	lastUsed := time.Now()
	for {
		patience := linger
		if ctx.Err() != nil {
			patience = 0
		}
		select {
		case <-kept.Done():
			return fmt.Errorf("the test server %s ended by itself; see its log in %s", s.service, s.place.Dir)
		case <-time.After(pace):
		}
		start, users, err := s.takeBoth()
		if errors.Is(err, errHeld) {
			lastUsed = time.Now()
			continue
		}
		if err != nil {
			return errors.Join(err, kept.Stop())
		}
		if time.Since(lastUsed) >= patience {
			err := errors.Join(kept.Stop(), os.Remove(s.file("json")))
			users.release()
			life.release()
			start.release()
			return err
		}
		users.release()
		start.release()
	}
}

func (s shared) takeBoth() (start, users *fileLock, err error) {
	if start, err = tryLock(s.file("start"), syscall.LOCK_EX); err != nil {
		return nil, nil, err
	}
	if users, err = tryLock(s.file("users"), syscall.LOCK_EX); err != nil {
		start.release()
		return nil, nil, err
	}
	return start, users, nil
}
