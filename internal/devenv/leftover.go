package devenv

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// leftOver is a child that may have outlived the process that started it,
// which happens where the system has no death signal.
type leftOver struct {
	name    string
	pidFile string // the pid is its first line
	// is tells by the command line whether a process is the child: its pid may
	// by now be another program's.
	is     func(args string) bool
	signal syscall.Signal
	grace  time.Duration
}

// end ends the child if it still runs; if it does not end, the error says which
// process to stop by hand.
func (l leftOver) end(ctx context.Context, log io.Writer) error {
	pid := l.pid(ctx)
	if pid == 0 {
		return nil
	}
	fmt.Fprintf(log, "ending the %s that an earlier run left (process %d)\n", l.name, pid)
	if err := syscall.Kill(pid, l.signal); err != nil && alive(pid) {
		return fmt.Errorf("end the %s that an earlier run left (process %d): %w", l.name, pid, err)
	}
	// Asked by command line, not by pid: where nobody collects orphans, one that
	// has ended keeps its pid.
	for deadline := time.Now().Add(l.grace); l.pid(ctx) == pid; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("the %s that an earlier run left (process %d) does not end: stop it by hand", l.name, pid)
		}
	}
	return nil
}

// pid is the child's, 0 where there is none, or none that is known to be it.
func (l leftOver) pid(ctx context.Context) int {
	text, err := os.ReadFile(l.pidFile)
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 || !alive(pid) {
		return 0
	}
	args, err := commandLine(ctx, pid)
	if err != nil || !l.is(args) {
		return 0
	}
	return pid
}

// commandLine is what a process was started with, its arguments joined by
// spaces. Small Linux systems have no ps, other systems no /proc.
func commandLine(ctx context.Context, pid int) (string, error) {
	if args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err == nil {
		return strings.TrimSpace(strings.ReplaceAll(string(args), "\x00", " ")), nil
	}
	args, err := exec.CommandContext(ctx, "ps", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return "", fmt.Errorf("look at process %d: %w", pid, err)
	}
	return strings.TrimSpace(string(args)), nil
}
