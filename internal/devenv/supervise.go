package devenv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Child is a part of the program that [Supervise] keeps running.
type Child struct {
	// Name stands before each line of the child's output and names its pid
	// file, `.dev/<name>.pid`.
	Name string
	// Command makes the command anew for each start. Its Stdout and Stderr are
	// set here.
	Command func() *exec.Cmd
	// Grace is how long the child may take to end before it is killed; 15
	// seconds if zero.
	Grace time.Duration
}

// Backoff of restarts: doubled from the first to the last, and begun again
// after the child has run for a while.
const (
	firstDelay = 500 * time.Millisecond
	lastDelay  = 15 * time.Second
	steadyRun  = 30 * time.Second
)

// Supervise runs a child until ctx ends, starting it again whenever it dies,
// and then ends it with SIGTERM. The child also ends when this process is
// killed. Supervise returns nil after an orderly end, and an error where the
// child cannot be started at all or had to be killed.
func Supervise(ctx context.Context, checkout Checkout, child Child, log io.Writer) error {
	if child.Grace == 0 {
		child.Grace = 15 * time.Second
	}
	pidFile := filepath.Join(checkout.DevDir(), child.Name+".pid")
	earlier := leftOver{
		name:    child.Name,
		pidFile: pidFile,
		is:      func(args string) bool { return args == strings.Join(child.Command().Args, " ") },
		signal:  syscall.SIGTERM,
		grace:   child.Grace,
	}
	if err := earlier.end(ctx, log); err != nil {
		return err
	}
	delay := firstDelay
	for {
		begin := time.Now()
		err := superviseOnce(ctx, pidFile, child, log)
		if ctx.Err() != nil {
			return err
		}
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return err
		}
		if time.Since(begin) > steadyRun {
			delay = firstDelay
		}
		fmt.Fprintf(log, "%s ended (%v): starting it again in %s\n", child.Name, ending(err), delay)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(delay):
		}
		delay = min(2*delay, lastDelay)
	}
}

func ending(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// superviseOnce runs the child once. After ctx it returns the error of ending
// the child; before, how the child ended by itself.
func superviseOnce(ctx context.Context, pidFile string, child Child, log io.Writer) error {
	cmd := child.Command()
	out := &prefixed{to: log, prefix: child.Name + " | "}
	cmd.Stdout, cmd.Stderr = out, out
	// A grandchild that holds the pipe must not keep a dead child from being
	// started again.
	cmd.WaitDelay = time.Second
	p, err := startTied(cmd, syscall.SIGTERM)
	if err != nil {
		return err
	}
	defer out.flush()
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(cmd.Process.Pid)+"\n"), 0o644); err != nil {
		return errors.Join(fmt.Errorf("write the pid file: %w", err), p.stop(syscall.SIGTERM, child.Grace))
	}
	defer os.Remove(pidFile) //nolint:errcheck // a pid file that stays is told from a live one at the next start
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		return p.stop(syscall.SIGTERM, child.Grace)
	}
}

// prefixed passes whole lines on, each with a prefix, so that the output of
// children that write at once stays readable.
type prefixed struct {
	to     io.Writer
	prefix string

	mu   sync.Mutex
	rest []byte
}

func (w *prefixed) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, p...)
	for {
		line, rest, whole := bytes.Cut(w.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		if _, err := fmt.Fprintf(w.to, "%s%s\n", w.prefix, line); err != nil {
			return 0, err
		}
		w.rest = rest
	}
}

// flush passes on what the child wrote after its last newline.
func (w *prefixed) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.rest) > 0 {
		fmt.Fprintf(w.to, "%s%s\n", w.prefix, w.rest)
		w.rest = nil
	}
}
