package devenv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Clean stops what runs for the checkout and removes what it made: `.dev` and,
// for root, the folder outside. It refuses while tests use the shared servers.
func Clean(ctx context.Context, checkout Checkout, log io.Writer) error {
	if err := stopDev(ctx, checkout, log); err != nil {
		return err
	}
	for _, service := range []string{"postgres", "temporal"} {
		if err := stopShared(checkout, service); err != nil {
			return err
		}
	}
	folders := []string{checkout.DevDir()}
	if os.Geteuid() == 0 {
		folders = append(folders, checkout.outsideDir())
	}
	for _, dir := range folders {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove %s: %w", dir, err)
		}
		fmt.Fprintln(log, "removed", dir)
	}
	return nil
}

func stopShared(checkout Checkout, service string) error {
	s, err := sharedService(checkout, service)
	if err != nil {
		return err
	}
	if err := s.endIfUnused(30 * time.Second); err != nil {
		return err
	}
	start, users, err := s.takeBoth()
	if errors.Is(err, errHeld) {
		return fmt.Errorf("tests still use the %s server of this checkout: let them end and try again", service)
	}
	if err != nil {
		return err
	}
	users.release()
	start.release()
	return nil
}

// LockDev makes this process the one `fellesloft dev` of the checkout. The
// error names the process that already is.
func LockDev(checkout Checkout) (release func(), err error) {
	if err := os.MkdirAll(checkout.DevDir(), 0o755); err != nil {
		return nil, fmt.Errorf("make %s: %w", checkout.DevDir(), err)
	}
	lock, err := tryLock(devLock(checkout), syscall.LOCK_EX)
	if err != nil {
		return nil, fmt.Errorf("fellesloft dev already runs in this checkout (process %d): stop it first: %w", devPid(checkout), err)
	}
	if err := os.WriteFile(devPidFile(checkout), []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
		lock.release()
		return nil, fmt.Errorf("write the pid file: %w", err)
	}
	return lock.release, nil
}

func devLock(checkout Checkout) string    { return filepath.Join(checkout.DevDir(), "dev.lock") }
func devPidFile(checkout Checkout) string { return filepath.Join(checkout.DevDir(), "dev.pid") }

// devPid is 0 where no pid is known.
func devPid(checkout Checkout) int {
	text, err := os.ReadFile(devPidFile(checkout))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}

func stopDev(ctx context.Context, checkout Checkout, log io.Writer) error {
	if _, err := os.Stat(devLock(checkout)); err != nil {
		return nil // dev never ran here
	}
	held, err := isHeld(devLock(checkout))
	if err != nil || !held {
		return err
	}
	pid := devPid(checkout)
	if pid <= 1 {
		return errors.New("fellesloft dev runs in this checkout: stop it first")
	}
	fmt.Fprintf(log, "stopping fellesloft dev (process %d)\n", pid)
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop fellesloft dev (process %d): %w", pid, err)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	lock, err := waitLock(ctx, devLock(checkout))
	if err != nil {
		return fmt.Errorf("fellesloft dev (process %d) does not end: %w", pid, err)
	}
	lock.release()
	return nil
}
