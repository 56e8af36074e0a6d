package archtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const module = "github.com/fellesloft/fellesloft"

// Modules that only some layers may touch.
const (
	sdk       = "go.temporal.io/"
	sdkClient = "go.temporal.io/sdk/client"
	fiber     = "github.com/gofiber/"
	huma      = "github.com/danielgtaylor/huma/"
	pgx       = "github.com/jackc/pgx/"
	sqlDriver = "database/sql"
)

// layer is a set of the project's packages with one rule for what they import
// directly. Layers are the rows of the table in docs/architecture.md.
type layer struct {
	// path is the folder below the module's root; what lies below it belongs
	// to it unless a longer path claims that.
	path string
	// may are the other layers that it may import; "*" for every one.
	may []string
	// never are import path prefixes outside the module that it may not have.
	never []string
	// because is what a person reads who broke the rule.
	because string
}

var layers = []layer{
	{
		path:    "internal/fault",
		never:   []string{sdk, fiber, huma, pgx, sqlDriver},
		because: "every layer speaks it, so it can depend on none",
	},
	{
		path:    "internal/actor",
		may:     []string{"internal/fault"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver},
		because: "every layer knows who acts, so it can depend on none",
	},
	{
		path:    "internal/domain",
		may:     []string{"internal/fault"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver, "net/http", "os", "log", "math/rand", "crypto/rand"},
		because: "the law is values in, values out: the same functions judge in a transaction, in the API and in tests",
	},
	{
		path:    "internal/seal",
		may:     []string{"internal/fault"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver},
		because: "what can read sealed content stays small enough to be read whole",
	},
	{
		path:    "internal/ooxml",
		may:     []string{"internal/fault"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver, "net/http", "os"},
		because: "files from outside are judged in memory, with nothing at hand that they could reach",
	},
	{
		path:    "internal/specification",
		may:     []string{"internal/domain", "internal/fault"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver, "net/http", "os"},
		because: "tables are understood the same, whichever document they lie in",
	},
	{
		path:    "internal/filestore",
		may:     []string{"internal/fault"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver},
		because: "it keeps bytes that it cannot read",
	},
	{
		path:    "internal/scan",
		may:     []string{"internal/fault"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver},
		because: "it sees content in clear, so it knows nothing of where that belongs",
	},
	{
		path:    "internal/sheet",
		may:     []string{"internal/domain", "internal/fault", "internal/ooxml", "internal/specification"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver, "net/http", "os"},
		because: "spreadsheets in and out are a form of domain values",
	},
	{
		path:    "internal/word",
		may:     []string{"internal/domain", "internal/fault", "internal/ooxml", "internal/specification"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver, "net/http", "os"},
		because: "Word documents in and out are a form of domain values",
	},
	{
		path:    "internal/answersheet",
		may:     []string{"internal/domain", "internal/fault", "internal/ooxml"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver, "os", "log"},
		because: "answers are sealed content: they become files and back in memory, and nowhere else",
	},
	{
		path:    "internal/keyservice",
		may:     []string{"internal/fault"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver},
		because: "it carries keys that it cannot tell from other bytes",
	},
	{
		path:    "internal/questionsheet",
		may:     []string{"internal/domain", "internal/fault", "internal/ooxml", "internal/sheet", "internal/specification", "internal/word"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver, "net/http", "os"},
		because: "questions and answers become files and back in memory, without who asked",
	},
	{
		path:    "internal/catalogue",
		may:     []string{"internal/domain", "internal/fault"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver},
		because: "texts for people are made of domain values and rule ids, at the edge",
	},
	{
		path:    "internal/mail",
		may:     []string{"internal/app", "internal/catalogue", "internal/domain", "internal/fault"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver},
		because: "it fills the port by which use cases send mail, and does nothing else",
	},
	{
		path:    "internal/config",
		may:     []string{"internal/fault"},
		never:   []string{fiber, huma, pgx, sqlDriver},
		because: "settings are read before anything else stands",
	},
	{
		path:    "internal/devenv",
		never:   []string{sdk, fiber, huma},
		because: "it starts servers for developers, and only dev, the test harness and tests may",
	},
	{
		path:    "db",
		may:     []string{"internal/domain", "internal/actor", "internal/fault"},
		never:   []string{sdk, fiber, huma},
		because: "rows and SQL know nothing of use cases, processes or HTTP",
	},
	{
		path:    "db/dbtest",
		may:     []string{"db", "internal/devenv"},
		never:   []string{sdk, fiber, huma},
		because: "it is the one way for a test to a database",
	},
	{
		path:    "internal/app",
		may:     []string{"internal/domain", "db", "internal/actor", "internal/fault", "internal/seal", "internal/answersheet", "internal/ooxml", "internal/questionsheet", "internal/sheet", "internal/specification", "internal/word", "internal/filestore", "internal/scan"},
		never:   []string{sdk, fiber, huma},
		because: "a use case is the same whoever calls it: a request, an activity or the relay",
	},
	{
		path:    "activities",
		may:     []string{"internal/app", "internal/domain", "internal/actor", "internal/fault"},
		never:   []string{fiber, huma, pgx, sqlDriver},
		because: "an activity decodes, calls a use case and maps its error; it holds no rule and no SQL",
	},
	{
		path:    "workflows",
		may:     []string{"internal/domain", "internal/fault", "activities"},
		never:   []string{sdkClient, fiber, huma, pgx, sqlDriver, "net/http", "math/rand", "crypto/rand"},
		because: "workflow code must replay, so all effects are activities",
	},
	{
		path:    "internal/process",
		may:     []string{"workflows", "internal/app", "db", "internal/actor", "internal/fault"},
		never:   []string{fiber, huma},
		because: "it is the only client of Temporal and knows no HTTP",
	},
	{
		path:    "internal/notice",
		may:     []string{"internal/domain"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver},
		because: "a notice is a form of domain values",
	},
	{
		path:    "internal/record",
		may:     []string{"internal/domain", "internal/catalogue"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver},
		because: "records and letters are texts made of facts, for whoever shows them",
	},
	{
		path:    "internal/seed",
		may:     []string{"demo", "db", "internal/domain", "internal/actor", "internal/fault"},
		never:   []string{sdk, fiber, huma},
		because: "what a new database holds is written by its owner, before any use case",
	},
	{
		path:    "internal/signin",
		may:     []string{"db", "internal/domain", "internal/actor", "internal/fault"},
		never:   []string{sdk, fiber, huma},
		because: "a token becomes an actor, the same for the API and the pages",
	},
	{
		path:    "internal/altinn",
		may:     []string{"internal/signin", "internal/domain", "internal/fault"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver},
		because: "it asks a register over HTTP on behalf of sign-in",
	},
	{
		path:    "api",
		may:     []string{"internal/app", "internal/answersheet", "internal/domain", "internal/catalogue", "internal/notice", "internal/ooxml", "internal/questionsheet", "internal/record", "internal/sheet", "internal/signin", "internal/actor", "internal/fault"},
		never:   []string{sdk, pgx, sqlDriver},
		because: "a request becomes a use case; rows and workflows do not reach JSON",
	},
	{
		path:    "web",
		may:     []string{"internal/app", "internal/domain", "internal/catalogue", "internal/notice", "internal/record", "internal/sheet", "internal/signin", "internal/actor", "internal/fault"},
		never:   []string{sdk, pgx, sqlDriver},
		because: "a page becomes a use case; rows and workflows do not reach HTML",
	},
	{
		path:    "demo",
		may:     []string{"internal/domain", "internal/sheet", "internal/fault"},
		never:   []string{sdk, fiber, pgx, sqlDriver},
		because: "the demonstration does only what a user of the HTTP API can",
	},
	{
		path:    "internal/demonstration",
		may:     []string{"demo", "internal/domain", "internal/catalogue", "internal/seal", "internal/seed", "internal/fault"},
		never:   []string{sdk, fiber, huma, pgx, sqlDriver},
		because: "it plays the users, who have the HTTP API and nothing else",
	},
	{path: "cmd", may: []string{"*"}, because: "wiring meets everything"},
	{path: "e2e", may: []string{"*"}, because: "tests of the whole meet everything"},
	{path: "bench", may: []string{"*"}, because: "measurements meet everything"},
	{path: "internal/archtest", because: "it reads the code and runs none of it"},
}

// layerOf finds the layer of one of the module's packages: the longest path
// that claims it.
func layerOf(pkg string) (layer, bool) {
	rel := strings.TrimPrefix(strings.TrimPrefix(pkg, module), "/")
	var best layer
	found := false
	for _, l := range layers {
		if within(rel, l.path) && (!found || len(l.path) > len(best.path)) {
			best, found = l, true
		}
	}
	return best, found
}

func within(pkg, folder string) bool {
	return pkg == folder || strings.HasPrefix(pkg, folder+"/")
}

// judge gives a line for each import that the layers forbid. imports maps each
// of the module's packages to what it imports directly.
func judge(imports map[string][]string) []string {
	var broken []string
	for _, pkg := range slices.Sorted(maps.Keys(imports)) {
		from, ok := layerOf(pkg)
		if !ok {
			broken = append(broken, fmt.Sprintf("%s belongs to no layer: give it one, with what it may import", pkg))
			continue
		}
		for _, imported := range imports[pkg] {
			if reason := from.forbids(imported); reason != "" {
				broken = append(broken, fmt.Sprintf("%s imports %s: %s", pkg, imported, reason))
			}
		}
	}
	return broken
}

// forbids says why the layer may not import a package, "" if it may.
func (l layer) forbids(imported string) string {
	if imported == module || strings.HasPrefix(imported, module+"/") {
		to, ok := layerOf(imported)
		if !ok || to.path == l.path || slices.Contains(l.may, to.path) || slices.Contains(l.may, "*") {
			return "" // a package without a layer is told of by itself
		}
		return fmt.Sprintf("%s may not import %s, because %s", l.path, to.path, l.because)
	}
	for _, prefix := range l.never {
		if imported == prefix || strings.HasPrefix(imported, strings.TrimSuffix(prefix, "/")+"/") {
			return fmt.Sprintf("%s may not import %s, because %s", l.path, prefix, l.because)
		}
	}
	return ""
}
