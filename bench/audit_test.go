package bench_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/bench"
	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// TestAudit compares commands with the same commands in a program that is built
// without audit entries. Both work on one database, in turn.
func TestAudit(t *testing.T) {
	withIt, withoutIt := building(t), building(t, "-overlay", withoutAudit(t))
	d := dbtest.New(t)
	s := open(t, d)
	must(t, seed.Demo(t.Context(), d.URL(db.RoleOwner), "https://issuer.example"))
	must(t, s.Prepare(t.Context()))
	d.Exec(db.RoleOwner, `ANALYZE`)
	with, without := start(t, s.Place, withIt), start(t, s.Place, withoutIt)
	for i, c := range bench.Commands() {
		t.Run(c.Name, func(t *testing.T) {
			before := entries(t, d)
			_, err := without.take(i, 1)
			must(t, err)
			between := entries(t, d)
			_, err = with.take(i, 1)
			must(t, err)
			if after := entries(t, d); between != before || after == between {
				t.Fatalf("%d entries, after the side without %d, after the other %d", before, between, after)
			}
			r, err := bench.Compare(*rounds, func() (float64, error) { return without.take(i, *turns) }, func() (float64, error) { return with.take(i, *turns) })
			must(t, err)
			t.Logf("%s (door: %s): audit's share of the time %v", c.Name, c.Door, r.Less())
		})
	}
}

func entries(t *testing.T, d *dbtest.DB) int {
	t.Helper()
	var n int
	must(t, d.Pool(db.RoleOwner).QueryRow(t.Context(), `SELECT count(*) FROM audit`).Scan(&n))
	return n
}

// building builds the process that runs commands while the test goes on; what it
// gives waits for the program.
func building(t *testing.T, flags ...string) func() (string, error) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "command")
	args := append([]string{"build", "-buildvcs=false", "-o", program}, flags...)
	build := exec.CommandContext(t.Context(), "go", append(args, "github.com/fellesloft/fellesloft/bench/command")...)
	var out bytes.Buffer
	build.Stdout, build.Stderr = &out, &out
	must(t, build.Start())
	return func() (string, error) {
		if err := build.Wait(); err != nil {
			return "", fmt.Errorf("build the program: %w\n%s", err, &out)
		}
		return program, nil
	}
}

// withoutAudit writes the overlay in which the one function that writes entries
// writes none. The program itself needs no switch for it.
func withoutAudit(t *testing.T) string {
	t.Helper()
	const begins = "func (w *work) audit(ctx context.Context, e entry) error {"
	source, err := filepath.Abs("../internal/app/audit.go")
	must(t, err)
	text, err := os.ReadFile(source)
	must(t, err)
	if strings.Count(string(text), begins) != 1 {
		t.Fatalf("%s does not begin a function with %q: the measurement knows no other place where entries are written", source, begins)
	}
	dir := t.TempDir()
	changed, overlay := filepath.Join(dir, "audit.go"), filepath.Join(dir, "overlay.json")
	empty := "func (w *work) audit(context.Context, entry) error { return nil }\n\nfunc (w *work) written(ctx context.Context, e entry) error {"
	must(t, os.WriteFile(changed, []byte(strings.Replace(string(text), begins, empty, 1)), 0o600))
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{source: changed}})
	must(t, err)
	must(t, os.WriteFile(overlay, replace, 0o600))
	return overlay
}

type process struct {
	ask    *json.Encoder
	answer io.Reader
}

func start(t *testing.T, p bench.Place, built func() (string, error)) process {
	t.Helper()
	program, err := built()
	must(t, err)
	c := exec.CommandContext(t.Context(), program)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	must(t, err)
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	t.Cleanup(func() { _, _ = in.Close(), c.Wait() })
	started := process{json.NewEncoder(in), out}
	must(t, started.ask.Encode(p))
	return started
}

// take runs a command some times and gives the nanoseconds.
func (p process) take(command, times int) (float64, error) {
	if err := p.ask.Encode(bench.Turn{Command: command, Times: times}); err != nil {
		return 0, err
	}
	var took float64
	_, err := fmt.Fscanln(p.answer, &took)
	return took, err
}
