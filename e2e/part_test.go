package e2e

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait for what happens in the background. It covers a
// worker that dies in the middle of an opening: Temporal hears of that by a
// heartbeat that stays out for half a minute.
const patience = 90 * time.Second

// part is one process of the program: serve or worker. It may be killed and
// started again any number of times.
type part struct {
	t        *testing.T
	name     string
	program  string
	settings map[string]string
	ready    string // address of /readyz
	log      string

	cmd  *exec.Cmd
	done chan struct{}
}

func newPart(t *testing.T, name, dir string, settings map[string]string) *part {
	t.Helper()
	p := &part{t: t, name: name, program: program, settings: settings, log: filepath.Join(dir, name+".log")}
	settings["METRICS_ADDR"] = freeAddress(t)
	p.ready = "http://" + settings["METRICS_ADDR"] + "/readyz"
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			p.tell()
		}
	})
	return p
}

// start runs the process and returns when it says that it is ready.
func (p *part) start() {
	p.t.Helper()
	p.begin()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		select {
		case <-p.done:
			p.t.Fatalf("%s ended at its start: %v", p.name, p.cmd.ProcessState)
		default:
		}
		if answers(p.t.Context(), p.ready) {
			return
		}
	}
	p.t.Fatalf("%s is not ready after %s", p.name, patience)
}

// begin runs the process without waiting for it, as when what it needs is away.
func (p *part) begin() {
	p.t.Helper()
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(p.program, "dev", p.name)
	cmd.Env = environment(p.settings)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithTheTest(cmd.SysProcAttr)
	p.cmd, p.done = cmd, make(chan struct{})
	started := make(chan error)
	go func() {
		// Linux tells the child of the end of the thread that started it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended stands in ProcessState
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		p.cmd = nil
		p.t.Fatalf("start %s: %v", p.name, err)
	}
}

// kill ends the process as a power cut would: nothing is said, nothing is
// finished.
func (p *part) kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
}

// stop lets the process end in its own order.
func (p *part) stop() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-p.done:
	case <-time.After(25 * time.Second):
		p.t.Errorf("%s did not end when asked to; its log tells where its goroutines are", p.name)
		p.signal(syscall.SIGQUIT)
	}
	p.cmd = nil
}

func (p *part) signal(s syscall.Signal) {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(s) // it may have ended already
	<-p.done
	p.cmd = nil
}

// tell shows the end of the process's log.
func (p *part) tell() {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	const most = 60
	p.t.Logf("the end of %s's log:\n%s", p.name, strings.Join(lines[max(0, len(lines)-most):], "\n"))
}

// environment is the caller's without its addresses, so that the process has
// the settings that are given and no others.
func environment(settings map[string]string) []string {
	var out []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if _, set := settings[name]; set || strings.HasPrefix(name, "DATABASE_URL") || strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "TEMPORAL_") {
			continue
		}
		out = append(out, pair)
	}
	for name, value := range settings {
		out = append(out, name+"="+value)
	}
	return out
}

func answers(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body) // only the status counts
	return response.StatusCode/100 == 2
}

// freeAddress gives an address that stays free while its process is down: below
// the ports that systems give to outgoing connections.
func freeAddress(t *testing.T) string {
	t.Helper()
	const lowest, highest = 20000, 32000
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(lowest+rand.IntN(highest-lowest)))
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		if err := l.Close(); err == nil {
			return address
		}
	}
	t.Fatal("no port is free on 127.0.0.1")
	return ""
}

// eventually returns when something holds, and fails the test when it never
// does.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	eventuallyWithin(t, patience, what, holds)
}

func eventuallyWithin(t *testing.T, bound time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(bound); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("not after %s: %s", bound, what)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// testContext is one that cleaning up may use too.
func testContext(t *testing.T) context.Context {
	t.Helper()
	if t.Context().Err() == nil {
		return t.Context()
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}
