package devenv

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// output is a log that a test may read while it is written.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func testCheckout(t *testing.T) Checkout {
	t.Helper()
	c := Checkout{Root: t.TempDir()}
	if err := os.MkdirAll(c.DevDir(), 0o755); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSuperviseStartsAgainWhatDiesAndEndsItInOrder(t *testing.T) {
	t.Parallel()
	checkout := testCheckout(t)
	var log output
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Supervise(ctx, checkout, Child{Name: "part", Command: func() *exec.Cmd {
			return exec.Command("sh", "-c", `trap 'echo bye; exit 0' TERM; echo up $$; while :; do sleep 0.05; done`)
		}}, &log)
	}()
	pidFile := filepath.Join(checkout.DevDir(), "part.pid")
	pid := func() int {
		text, err := os.ReadFile(pidFile)
		if err != nil {
			return 0
		}
		n, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return 0
		}
		return n
	}
	eventually(t, "the child is up", func() bool { return strings.Contains(log.String(), "part | up ") && pid() != 0 })
	first := pid()
	process, err := os.FindProcess(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a second child", func() bool { return pid() != 0 && pid() != first && strings.Count(log.String(), "| up") == 2 })
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"part ended (signal: killed): starting it again in 500ms", "part | bye"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log lacks %q:\n%s", want, log.String())
		}
	}
	if pid() != 0 {
		t.Error("the pid file is still there")
	}
}

func TestSuperviseRefusesAProgramThatIsNotThere(t *testing.T) {
	t.Parallel()
	err := Supervise(t.Context(), testCheckout(t), Child{Name: "part", Command: func() *exec.Cmd {
		return exec.Command("/no/such/program")
	}}, &output{})
	if err == nil || !strings.Contains(err.Error(), "/no/such/program") {
		t.Errorf("err = %v, want one that names the program", err)
	}
}

func TestSuperviseSaysThatItHadToKill(t *testing.T) {
	t.Parallel()
	var log output
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	checkout := testCheckout(t)
	go func() {
		ended <- Supervise(ctx, checkout, Child{Name: "part", Grace: 100 * time.Millisecond, Command: func() *exec.Cmd {
			return exec.Command("sh", "-c", `trap '' TERM; echo up; while :; do sleep 0.05; done`)
		}}, &log)
	}()
	eventually(t, "the child is up", func() bool { return strings.Contains(log.String(), "up") })
	cancel()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "was killed") {
		t.Errorf("err = %v, want that it was killed", err)
	}
}

func TestPrefixedKeepsLinesWhole(t *testing.T) {
	t.Parallel()
	var to bytes.Buffer
	w := &prefixed{to: &to, prefix: "a | "}
	for _, part := range []string{"one\ntw", "o\n", "three"} {
		if _, err := w.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	w.flush()
	if got, want := to.String(), "a | one\na | two\na | three\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
