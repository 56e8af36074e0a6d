package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/web"
)

// pageRights says who each page is for: app.Public for everybody, app.Identified
// for whoever has signed in, about themselves alone. A page about something that
// is somebody's names an operation of the API whose right it has; there is none
// yet.
var pageRights = map[string]app.Permission{
	"GET /":                         app.Public,
	"GET /sign-in":                  app.Public,
	"POST /sign-in":                 app.Public,
	"GET /sign-in/:issuer/callback": app.Public,
	"GET /static/:file":             app.Public,
	"POST /sign-out":                app.Identified,
	"GET /organisation":             app.Identified,
	"POST /organisation":            app.Identified,
	"GET /account":                  app.Identified,
	"POST /account":                 app.Identified,
	"GET /invitation":               app.Identified,
	"POST /invitation":              app.Identified,
}

// TestMatrixOfPages holds every page to the table, and asks for each without a
// session and with one that is not: what is not public leads to the sign-in, or
// refuses a form, and shows nothing.
func TestMatrixOfPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pool := w.db.Pool(db.RoleApp)
	site, err := web.New(web.Config{App: w.api.App, PublicURL: "https://anbud.example.org", IdleLimit: web.DefaultIdleLimit, SessionLimit: web.DefaultSessionLimit,
		Storage: func(kind string, idle time.Duration) web.Storage { return db.NewStorage(pool, kind, idle) }})
	must(t, err)
	on := fiber.New(fiber.Config{Immutable: true, StrictRouting: true, CaseSensitive: true})
	site.Register(on)
	for _, page := range web.Pages() {
		name := page.Method + " " + page.Path
		want, known := pageRights[name]
		if !known || want != page.Permission {
			t.Errorf("%s is for %q, and the table of rights says %q", name, page.Permission, want)
		}
		if want == app.Public {
			continue
		}
		for _, session := range []string{"", strings.Repeat("A", 43)} {
			r := httptest.NewRequestWithContext(t.Context(), page.Method, "https://anbud.example.org"+page.Path, strings.NewReader(url.Values{"name": {"x"}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.Header.Set("Origin", "https://anbud.example.org")
			if session != "" {
				r.AddCookie(&http.Cookie{Name: "__Host-fellesloft", Value: session})
			}
			response, err := on.Test(r, -1)
			must(t, err)
			body, err := io.ReadAll(response.Body)
			must(t, err)
			must(t, response.Body.Close())
			onward := response.StatusCode == http.StatusSeeOther && strings.Contains(response.Header.Get("Location"), "/sign-in?")
			if page.Method == http.MethodGet && !onward {
				t.Errorf("%s without a session: %d to %q: %.200s", name, response.StatusCode, response.Header.Get("Location"), body)
			}
			if page.Method == http.MethodPost && response.StatusCode != http.StatusUnauthorized && response.StatusCode != http.StatusForbidden {
				t.Errorf("%s without a session: %d: %.200s", name, response.StatusCode, body)
			}
		}
	}
}
