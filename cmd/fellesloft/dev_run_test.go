package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/devenv"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// buildProgram builds the program as make does.
func buildProgram(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fellesloft")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", file, ".").CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	return file
}

// runningDev is a `dev` of a checkout of its own, so that it runs beside that
// of whoever runs the tests.
type runningDev struct {
	t        *testing.T
	checkout devenv.Checkout
	cmd      *exec.Cmd
	out      *lockedBuffer
	ended    chan error
}

// lockedBuffer is read while the process still writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// ownCheckout is a folder with what makes a checkout: the module's name, and
// the version of Temporal. Its parts listen where no one else's want to.
func ownCheckout(t *testing.T) devenv.Checkout {
	t.Helper()
	here, err := devenv.FindCheckout()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "tools/go.mod", "tools/go.sum"} {
		content, err := os.ReadFile(filepath.Join(here.Root, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	checkout := devenv.Checkout{Root: root}
	place, err := checkout.Place("dev")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := devenv.Clean(context.Background(), checkout, io.Discard); err != nil {
			t.Errorf("clean: %v", err)
		}
	})
	for _, name := range []string{"temporal.port", "temporal-ui.port"} {
		if err := os.WriteFile(filepath.Join(place.Dir, name), []byte(freePort(t)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	address := func() string { return "127.0.0.1:" + freePort(t) }
	at := devAddresses{
		API: "http://" + address(), Issuer: "http://" + address(), Mail: "http://" + address(),
		SMTP: address(), ServeReadiness: "http://" + address(), WorkerReadiness: "http://" + address(),
	}
	if err := at.write(checkout); err != nil {
		t.Fatal(err)
	}
	return checkout
}

// startDev runs dev until it says that it is ready.
func startDev(t *testing.T, program string, checkout devenv.Checkout, env ...string) *runningDev {
	t.Helper()
	d := &runningDev{t: t, checkout: checkout, cmd: exec.Command(program, "dev"), out: &lockedBuffer{}, ended: make(chan error, 1)}
	d.cmd.Dir = checkout.Root
	d.cmd.Env = append(childEnv(os.Environ(), map[string]string{"TEMPORAL_ADDRESS": ""}), env...)
	d.cmd.Stdout, d.cmd.Stderr = d.out, d.out
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { d.ended <- d.cmd.Wait() }()
	t.Cleanup(func() { _ = d.cmd.Process.Kill() }) // ended already unless the test failed
	d.waitFor("ready", func() bool { return strings.Contains(d.out.String(), "Fellesløft is ready.") })
	return d
}

func (d *runningDev) waitFor(what string, is func() bool) {
	d.t.Helper()
	deadline := time.Now().Add(10 * time.Minute) // building Temporal takes its time
	for !is() {
		select {
		case err := <-d.ended:
			d.t.Fatalf("dev ended (%v) instead of being %s:\n%s", err, what, d.out)
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("not %s:\n%s", what, d.out)
		}
	}
}

// stop asks dev to end, as Ctrl-C and a service manager do.
func (d *runningDev) stop(sig syscall.Signal) {
	d.t.Helper()
	if err := d.cmd.Process.Signal(sig); err != nil {
		d.t.Fatal(err)
	}
	select {
	case err := <-d.ended:
		if err != nil {
			d.t.Errorf("dev ended with %v:\n%s", err, d.out)
		}
	case <-time.After(time.Minute):
		d.t.Fatalf("dev does not end:\n%s", d.out)
	}
}

func (d *runningDev) addresses() devAddresses {
	d.t.Helper()
	at, err := readDevAddresses(d.checkout)
	if err != nil {
		d.t.Fatal(err)
	}
	return at
}

// as asks the API as the demonstration's first identity.
func (d *runningDev) as(subject, method, path, body string) (int, map[string]any) {
	d.t.Helper()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	response, err := http.Post(d.addresses().Issuer+"/token", "application/json", strings.NewReader(`{"subject":"`+subject+`"}`))
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&token); err != nil {
		d.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(d.t.Context(), method, d.addresses().API+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token.AccessToken)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", "1")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	var content map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&content); err != nil {
		d.t.Fatal(err)
	}
	return answer.StatusCode, content
}

// gone tells whether nothing listens on the addresses any more.
func gone(addresses ...string) error {
	for _, a := range addresses {
		if a == "" {
			continue
		}
		if conn, err := net.DialTimeout("tcp", hostPort(a), time.Second); err == nil {
			conn.Close()
			return fmt.Errorf("something still listens on %s", a)
		}
	}
	return nil
}

func pidOf(t *testing.T, checkout devenv.Checkout, part string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(checkout.DevDir(), part+".pid"))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// One command starts all; a part that dies comes back; a signal stops all; and
// the next start finds the data again.
func TestDevStartsHealsStopsAndKeepsData(t *testing.T) {
	t.Parallel()
	program, checkout := buildProgram(t), ownCheckout(t)
	d := startDev(t, program, checkout)
	at := d.addresses()
	lead := seed.Identities()[0].Subject
	status, sandbox := d.as(lead, http.MethodPost, apiBase+"/sandboxes", `{"name":"kept"}`)
	if status != http.StatusCreated {
		t.Fatalf("make a sandbox: %d %v", status, sandbox)
	}
	for _, part := range []string{"serve", "worker"} {
		before := pidOf(t, checkout, part)
		if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
			t.Fatalf("kill %s: %v", part, err)
		}
		d.waitFor(part+" again", func() bool { now := pidOf(t, checkout, part); return now != 0 && now != before })
	}
	for _, readiness := range []string{at.ServeReadiness, at.WorkerReadiness} {
		d.waitFor("ready again", func() bool { return askReady(t.Context(), readiness) == nil })
	}
	d.stop(syscall.SIGINT)
	all := []string{at.API, at.Issuer, at.Mail, at.SMTP, at.Temporal, at.TemporalUI, at.ServeReadiness, at.WorkerReadiness}
	if err := gone(all...); err != nil {
		t.Error(err)
	}

	d = startDev(t, program, checkout)
	if d.addresses() != at {
		t.Errorf("addresses were %+v and are %+v", at, d.addresses())
	}
	path := fmt.Sprintf("%s/sandboxes/%s", apiBase, sandbox["id"])
	if status, again := d.as(lead, http.MethodGet, path, ""); status != http.StatusOK || again["name"] != "kept" {
		t.Errorf("after a restart: %d %v", status, again)
	}
	d.stop(syscall.SIGTERM)
	if err := gone(all...); err != nil {
		t.Error(err)
	}
}

func TestDevUsesTheServersItIsGiven(t *testing.T) {
	t.Parallel()
	temporal, err := devenv.TemporalForTests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	database := dbtest.Empty(t)
	d := startDev(t, buildProgram(t), ownCheckout(t), "TEMPORAL_ADDRESS="+temporal, "DATABASE_URL="+database.URL(db.RoleOwner),
		"DATABASE_URL_APP="+database.URL(db.RoleApp), "DATABASE_URL_ENGINE="+database.URL(db.RoleEngine), "DATABASE_URL_ANYONE="+database.URL(db.RoleAnyone))
	if status, me := d.as(seed.Identities()[0].Subject, http.MethodGet, apiBase+"/me", ""); status != http.StatusOK {
		t.Errorf("/me: %d %v", status, me)
	}
	if at := d.addresses(); at.Temporal != temporal {
		t.Errorf("Temporal at %s, want %s", at.Temporal, temporal)
	}
	d.stop(syscall.SIGTERM)
	if err := gone(temporal); err == nil {
		t.Error("dev stopped a Temporal server that it did not start")
	}
}

func TestASecondDevOfTheCheckoutIsRefused(t *testing.T) {
	t.Parallel()
	checkout := ownCheckout(t)
	if err := os.MkdirAll(checkout.DevDir(), 0o755); err != nil {
		t.Fatal(err)
	}
	release, err := devenv.LockDev(checkout)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	cmd := exec.Command(buildProgram(t), "dev")
	cmd.Dir = checkout.Root
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), strconv.Itoa(os.Getpid())) {
		t.Errorf("%v, want a refusal that names the process that runs:\n%s", err, out)
	}
}
