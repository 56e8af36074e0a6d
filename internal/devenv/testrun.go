package devenv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// RunWithTestServers runs a command, usually go test, with the shared servers
// up from before its start to after its end, and stops them then unless
// another test process uses them. The command's exit status is in the error,
// as an [exec.ExitError].
func RunWithTestServers(ctx context.Context, command []string) error {
	begin := time.Now()
	var started []*once
	for _, s := range []struct {
		once     *once
		override string
	}{{&postgresForTests, TestDatabaseURLVar}, {&temporalForTests, TestTemporalAddressVar}} {
		if _, err := forTests(ctx, s.once, s.override); err != nil {
			return err
		}
		if s.once.users == nil {
			fmt.Fprintf(os.Stderr, "tests use the %s server of %s\n", s.once.service, s.override)
			continue
		}
		fmt.Fprintf(os.Stderr, "tests use %s %s (%s)\n", s.once.service, s.once.state.Version, time.Since(begin).Round(10*time.Millisecond))
		started = append(started, s.once)
	}
	err := runInForeground(ctx, command)
	for _, o := range started {
		err = errors.Join(err, o.finish())
	}
	return err
}

// runInForeground leaves the command in the terminal's process group: Ctrl-C
// reaches it directly, and it decides what to do about it.
func runInForeground(ctx context.Context, command []string) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// finish gives the server up and has its keeper end it now rather than after
// the linger, waiting for that so that a caller may remove what it left.
func (o *once) finish() error {
	checkout, err := FindCheckout()
	if err != nil {
		return err
	}
	s, err := sharedService(checkout, o.service)
	if err != nil {
		return err
	}
	o.users.release()
	return s.endIfUnused(10 * time.Second)
}

// endIfUnused asks the keeper to end and waits at most patience for it. A
// keeper that stays because others use its server is no error.
func (s shared) endIfUnused(patience time.Duration) error {
	kept, err := isHeld(s.file("keeper"))
	if err != nil || !kept {
		return err
	}
	state, err := s.read()
	if err != nil {
		return err
	}
	if err := syscall.Kill(state.Keeper, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop the test server %s: %w", s.service, err)
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if kept, err := isHeld(s.file("keeper")); err != nil || !kept {
			return err
		}
	}
	return nil
}
