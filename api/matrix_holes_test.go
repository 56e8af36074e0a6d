package api_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/api"
)

// holeSetting chooses a hole in the program that this test builds. That program
// has all of them; the shipped one has none and never reads it.
const holeSetting = "FELLESLOFT_MATRIX_HOLE"

// hole is something wrong that the matrix must find, in a call to one operation.
type hole struct {
	name, operation string
	// In the program: in file the text from becomes to.
	file, from, to string
	// In the database: statements that make it, and that mend it again.
	plant, mend []string
	// finding is a part of what is found.
	finding string
}

// opened is, in the text of a hole, that it has been chosen.
func opened(name string) string { return `os.Getenv("` + holeSetting + `") == "` + name + `"` }

var plantedHoles = []hole{
	{
		name: "nobody asks for the role", operation: "getNotice", file: "internal/app/permission.go",
		from: `case len(g.roles) > 0 && len(g.team) == 0 && !a.Has(g.roles...):`,
		to:   `case len(g.roles) > 0 && len(g.team) == 0 && !a.Has(g.roles...) && !(OPEN):`, finding: "200",
	},
	{
		name: "every buyer leads", operation: "getNotice", file: "internal/app/permission.go",
		from: "case leadBuyer:\n\t\treturn leads, nil", to: "case leadBuyer:\n\t\treturn leads || OPEN, nil", finding: "200",
	},
	{
		name: "everybody is in the team", operation: "listScores", file: "internal/app/permission.go",
		from: `case slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(g.team, r) }):`,
		to:   `case OPEN, slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(g.team, r) }):`, finding: "200",
	},
	{
		name: "whoever sees a tender owns it", operation: "listOwnLetters", file: "internal/app/tender.go",
		from: `if row.SupplierOrg != w.by.Org {`, to: `if row.SupplierOrg != w.by.Org && !(OPEN) {`, finding: "200",
	},
	{
		name: "a sandbox is everybody's", operation: "getSandbox", file: "internal/app/sandbox.go",
		from: `row.OwnerOrg == nil || *row.OwnerOrg != w.by.Org {`, to: `row.OwnerOrg == nil || (*row.OwnerOrg != w.by.Org && !(OPEN)) {`, finding: "200",
	},
	{
		name: "a published case of others is forbidden and not missing", operation: "listQuestions", file: "internal/app/tx.go",
		from: "p, now, err := db.LoadProcurement(ctx, w.tx, id, lock)\n",
		to: "p, now, err := db.LoadProcurement(ctx, w.tx, id, lock)\n" +
			"\tif OPEN && err != nil {\n\t\tif _, there := w.published(ctx, id); there == nil {\n\t\t\treturn fault.New(fault.Denied, \"permission.relation\")\n\t\t}\n\t}\n", finding: "403, want 404",
	},
	{
		name: "the log tells who asks", operation: "listEvents", file: "internal/app/question.go",
		from: `after := map[string]string{"question": ids[0].String()}`,
		to:   `after := map[string]string{"question": ids[0].String(), "by": map[bool]string{true: w.by.ID.String()}[OPEN]}`, finding: "leak of the identity",
	},
	{
		name: "commands are read by all", operation: "getCommand",
		plant: []string{`CREATE POLICY hole ON commands FOR SELECT TO fellesloft_app USING (true)`}, mend: []string{`DROP POLICY hole ON commands`}, finding: "200",
	},
	{
		name: "messages are everybody's", operation: "markNotificationRead",
		plant: []string{`CREATE POLICY hole ON notifications TO fellesloft_app USING (true)`}, mend: []string{`DROP POLICY hole ON notifications`}, finding: "204",
	},
	{
		name: "everybody may see every object", operation: "listDocuments",
		plant: []string{`ALTER FUNCTION may_see(uuid) RENAME TO may_see_truly`, `CREATE FUNCTION may_see(object uuid) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true'`,
			`GRANT EXECUTE ON FUNCTION may_see(uuid) TO fellesloft_app`, `CREATE POLICY hole ON procurements FOR SELECT TO fellesloft_app USING (may_see(id))`},
		mend: []string{`DROP POLICY hole ON procurements`, `DROP FUNCTION may_see(uuid)`, `ALTER FUNCTION may_see_truly(uuid) RENAME TO may_see`}, finding: "403, want 404",
	},
	{
		name: "an access too many", operation: "listParticipants",
		plant: []string{`INSERT INTO case_access (object_id, org_id, reason) SELECT p.id, o.id, 'participant' FROM procurements p, organisations o WHERE o.name = 'Utenfor AS (oppdiktet)'`},
		mend:  []string{`DELETE FROM case_access a USING organisations o WHERE o.id = a.org_id AND o.name = 'Utenfor AS (oppdiktet)'`}, finding: "403, want 404",
	},
}

// TestMatrixFindsPlantedHoles runs the matrix against a program and a database
// with holes, one at a time, and each must be found: the proof is worth what it
// finds. The program with holes is built beside the sources, by an overlay.
func TestMatrixFindsPlantedHoles(t *testing.T) {
	if os.Getenv(holeSetting) != "" {
		findHoles(t)
		return
	}
	t.Parallel()
	binary := buildWithHoles(t)
	run := exec.CommandContext(t.Context(), binary, "-test.run", "^TestMatrixFindsPlantedHoles$", "-test.v")
	run.Env = append(os.Environ(), holeSetting+"=none")
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// buildWithHoles makes the test program of this package with every hole in it.
func buildWithHoles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("..")
	must(t, err)
	texts := map[string]string{}
	for _, h := range plantedHoles {
		if h.file == "" {
			continue
		}
		file := filepath.Join(root, h.file)
		if texts[file] == "" {
			text, err := os.ReadFile(file)
			must(t, err)
			texts[file] = string(text)
		}
		if n := strings.Count(texts[file], h.from); n != 1 {
			t.Fatalf("%q cannot be planted: %s has %d times\n%s\nwrite the hole anew for what stands there now", h.name, h.file, n, h.from)
		}
		texts[file] = strings.Replace(texts[file], h.from, strings.ReplaceAll(h.to, "OPEN", opened(h.name)), 1)
	}
	overlay := map[string]map[string]string{"Replace": {}}
	for file, text := range texts {
		if !strings.Contains(text, "\n\t\"os\"\n") {
			text = strings.Replace(text, "import (\n", "import (\n\t\"os\"\n", 1)
		}
		copied := filepath.Join(dir, strings.ReplaceAll(strings.TrimPrefix(file, root), string(filepath.Separator), "_"))
		must(t, os.WriteFile(copied, []byte(text), 0o600))
		overlay["Replace"][file] = copied
	}
	list, err := json.Marshal(overlay)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "overlay.json"), list, 0o600))
	binary := filepath.Join(dir, "holed.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the program with holes: %v\n%s", err, out)
	}
	return binary
}

// findHoles runs in the program with holes. The story is played with the one
// hole that shows only in what it leaves behind; the others are opened for one
// operation each.
func findHoles(t *testing.T) {
	t.Helper()
	choose := func(name string) { t.Setenv(holeSetting, name) }
	const lasting = "the log tells who asks"
	found := map[string]findings{}
	m := newMatrix(t)
	for _, h := range plantedHoles {
		m.of = append(m.of, h.operation)
	}
	m.holes = func(o api.Operation, c call) {
		for _, h := range plantedHoles {
			if h.operation != o.ID || h.name == lasting || len(found[h.name].order) > 0 {
				continue
			}
			for _, sql := range h.plant {
				m.exec(sql)
			}
			choose(h.name)
			var f findings
			m.attempt(o, c, f.add)
			choose(lasting)
			for _, sql := range h.mend {
				m.exec(sql)
			}
			f.order = slices.DeleteFunc(f.order, func(x finding) bool { return !strings.Contains(x.what, h.finding) })
			found[h.name] = f
		}
	}
	choose(lasting)
	var honest findings
	m.run(honest.add)
	for _, x := range honest.order {
		if x.operation == "listEvents" && strings.Contains(x.what, "leak of the identity") {
			found[lasting] = findings{order: []finding{x}}
			continue
		}
		t.Errorf("found without a hole: %s as %v: %s", x.operation, honest.who[x], x.what)
	}
	for _, h := range plantedHoles {
		f := found[h.name]
		if len(f.order) == 0 {
			t.Errorf("not found: %s", h.name)
			continue
		}
		t.Logf("%s: %s: %.120s", h.name, f.order[0].operation, f.order[0].what)
	}
}
