package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// TestImports fails on an arrow that the layers forbid.
func TestImports(t *testing.T) {
	t.Parallel()
	imports := map[string][]string{}
	for _, p := range list(t, "./...") {
		imports[p.ImportPath] = p.Imports
	}
	if len(imports) < 5 {
		t.Fatalf("go list named %d packages: the test sees too little to judge", len(imports))
	}
	for _, line := range judge(imports) {
		t.Error(line)
	}
}

// TestPlantedArrows shows that the judge sees what it is there for.
func TestPlantedArrows(t *testing.T) {
	t.Parallel()
	own := func(p string) string { return module + "/" + p }
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{own("internal/domain/rules"), own("internal/fault"), true},
		{own("internal/domain/rules"), own("internal/domain/calendar"), true},
		{own("internal/domain/rules"), own("internal/actor"), false},
		{own("internal/domain/rules"), "github.com/jackc/pgx/v5", false},
		{own("internal/domain/rules"), "go.temporal.io/sdk/workflow", false},
		{own("internal/domain/rules"), "math/rand/v2", false},
		{own("internal/domain/rules"), "math/big", true},
		{own("db"), own("internal/app"), false},
		{own("db"), own("db/sqlcgen"), true},
		{own("db/dbtest"), own("internal/devenv"), true},
		{own("db"), own("internal/devenv"), false},
		{own("internal/app"), own("internal/seal"), true},
		{own("internal/app"), "go.temporal.io/sdk/client", false},
		{own("internal/app"), "github.com/gofiber/fiber/v2", false},
		{own("activities"), own("db/sqlcgen"), false},
		{own("activities"), own("workflows"), false},
		{own("workflows"), own("activities"), true},
		{own("workflows"), "go.temporal.io/sdk/workflow", true},
		{own("workflows"), "go.temporal.io/sdk/client", false},
		{own("workflows"), own("internal/app"), false},
		{own("internal/process"), "github.com/gofiber/fiber/v2", false},
		{own("internal/process"), own("workflows"), true},
		{own("api"), own("db"), false},
		{own("api"), own("db/sqlcgen"), false},
		{own("api"), own("internal/app"), true},
		{own("web"), "go.temporal.io/sdk/client", false},
		{own("demo"), own("internal/app"), false},
		{own("internal/app"), own("internal/catalogue"), false},
		{own("cmd/fellesloft"), own("internal/devenv"), true},
		{own("internal/seal"), own("internal/fault"), true},
		{own("internal/devenv/cmd/devenv"), own("internal/devenv"), true},
		{own("internal/newcomer"), own("internal/fault"), false},
	} {
		broken := judge(map[string][]string{c.from: {c.to}})
		if got := len(broken) == 0; got != c.allowed {
			t.Errorf("%s → %s: allowed = %v, want %v %v", c.from, c.to, got, c.allowed, broken)
		}
	}
}

// TestLayersNameEachOther fails on a layer whose rule names a layer that is
// not there, which would forbid more than it says.
func TestLayersNameEachOther(t *testing.T) {
	t.Parallel()
	for _, l := range layers {
		if l.because == "" {
			t.Errorf("%s gives no reason", l.path)
		}
		for _, may := range l.may {
			if may != "*" && !slices.ContainsFunc(layers, func(o layer) bool { return o.path == may }) {
				t.Errorf("%s may import %s, which is no layer", l.path, may)
			}
		}
	}
}

// TestNoTemporalServer keeps the server's code, which takes minutes to build,
// out of the product: it belongs to tools.
func TestNoTemporalServer(t *testing.T) {
	t.Parallel()
	const server = "go.temporal.io/server"
	for _, p := range list(t, "-deps", "-test", "./...") {
		if p.ImportPath == server || strings.HasPrefix(p.ImportPath, server+"/") {
			t.Errorf("the module builds %s", p.ImportPath)
		}
	}
	out, err := command("go", "mod", "edit", "-json")
	if err != nil {
		t.Fatal(err)
	}
	var mod struct{ Require []struct{ Path string } }
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	if len(mod.Require) == 0 {
		t.Fatal("go.mod requires nothing: the test reads the wrong file")
	}
	for _, r := range mod.Require {
		if r.Path == server {
			t.Errorf("go.mod requires %s", server)
		}
	}
}

// TestDomainIsPure fails where the domain reads a clock or makes an id.
func TestDomainIsPure(t *testing.T) {
	t.Parallel()
	seen := 0
	err := filepath.WalkDir(filepath.Join(root, "internal/domain"), func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		seen++
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, use := range impureUses(files, parsed) {
			t.Errorf("%s: times and ids come in as arguments", use)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Fatal("no file of the domain was read")
	}
}

// TestPlantedClock shows that a reading of the clock is found, also under
// another name, and that a type or a method of the same name is not.
func TestPlantedClock(t *testing.T) {
	t.Parallel()
	const source = `package x
import (
	"time"
	clock "time"
)
type own struct{}
func (own) Now() int { return 0 }
func f() (time.Time, int) { return clock.Now(), own{}.Now() }
var g = time.Now
`
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, "x.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	got := impureUses(files, parsed)
	want := []string{"x.go:8:36: time.Now", "x.go:9:9: time.Now"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

type listed struct {
	ImportPath string
	Imports    []string
}

func list(t *testing.T, args ...string) []listed {
	t.Helper()
	out, err := command("go", append([]string{"list", "-buildvcs=false", "-json=ImportPath,Imports"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func command(name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = root
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = errors.New(string(exit.Stderr))
	}
	return out, err
}
