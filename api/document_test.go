package api_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/internal/app"
)

// TestDocumentIsCurrent fails when a type or an operation has changed and
// openapi.yaml has not: `make generate` writes it.
func TestDocumentIsCurrent(t *testing.T) {
	t.Parallel()
	want, err := api.New(api.Config{}).Document()
	must(t, err)
	got, err := os.ReadFile("openapi.yaml")
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Error("openapi.yaml is not what the code says: run make generate")
	}
}

// TestEveryRouteHasAPermission walks what the web server serves, so that a
// handler that was mounted past op is found.
func TestEveryRouteHasAPermission(t *testing.T) {
	t.Parallel()
	s := api.New(api.Config{})
	known := map[string]app.Permission{}
	for _, o := range s.Operations() {
		known[o.Method+" "+api.Base+strings.NewReplacer("{", ":", "}", "").Replace(o.Path)] = o.Permission
	}
	open := []string{"/healthz", "/readyz", api.Base + "/openapi.yaml"}
	seen := 0
	for _, r := range s.Web().GetRoutes(true) {
		if slices.Contains(open, r.Path) {
			continue
		}
		method := r.Method
		if method == "HEAD" {
			method = "GET"
		}
		seen++
		if p := known[method+" "+r.Path]; !slices.Contains(app.Permissions(), p) {
			t.Errorf("%s %s has no permission", r.Method, r.Path)
		}
	}
	if seen < len(s.Operations()) {
		t.Errorf("saw %d routes of %d operations", seen, len(s.Operations()))
	}
}

// TestEveryPermissionIsUsed fails for a permission that guards nothing.
func TestEveryPermissionIsUsed(t *testing.T) {
	t.Parallel()
	used := map[app.Permission]bool{}
	for _, o := range api.New(api.Config{}).Operations() {
		used[o.Permission] = true
	}
	for _, p := range app.Permissions() {
		if !used[p] {
			t.Errorf("no operation asks for %s", p)
		}
	}
}
