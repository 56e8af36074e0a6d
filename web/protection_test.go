package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/web"
)

func TestEveryPageHasAPermission(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known := map[string]bool{}
	for _, p := range web.Pages() {
		known[p.Method+" "+p.Path] = true
		if p.Permission == "" {
			t.Errorf("%s %s has none", p.Method, p.Path)
		}
		if p.Method != http.MethodGet && p.Method != http.MethodPost {
			t.Errorf("%s %s: forms know GET and POST", p.Method, p.Path)
		}
	}
	for _, r := range w.app.GetRoutes(true) {
		if r.Method != http.MethodHead && !known[r.Method+" "+r.Path] {
			t.Errorf("%s %s is served and not listed", r.Method, r.Path)
		}
	}
	if len(known) < 12 {
		t.Errorf("only %d pages", len(known))
	}
}

// example is an address of a page.
func example(p web.Page) string {
	return strings.NewReplacer(":issuer", "oidc", ":file", "style.css").Replace(p.Path)
}

func TestEveryPageIsGuardedByHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("one")
	check := func(name string, a answer) {
		t.Helper()
		for header, want := range map[string]string{
			"Content-Security-Policy":      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"X-Frame-Options":              "DENY",
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "same-origin",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security":    "max-age=31536000; includeSubDomains",
		} {
			if got := a.Header.Get(header); got != want {
				t.Errorf("%s (%d): %s is %q", name, a.Status, header, got)
			}
		}
		if !strings.Contains(a.Header.Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s: no permissions policy", name)
		}
		if cache := a.Header.Get("Cache-Control"); cache != "no-store" && !strings.Contains(name, "/static/") {
			t.Errorf("%s: Cache-Control %q", name, cache)
		}
		for _, outside := range []string{"<script", "javascript:", " onclick", "style=", "//cdn", "http://", "@import"} {
			if body := strings.ReplaceAll(a.Body, w.issuer, ""); strings.Contains(body, outside) && !strings.Contains(name, ".svg") {
				t.Errorf("%s holds %s", name, outside)
			}
		}
	}
	for _, p := range web.Pages() {
		check(p.Method+" "+p.Path, w.browser().send(p.Method, example(p), nil, nil))
		if p.Method == http.MethodGet {
			check("signed in "+p.Path, b.get(example(p)))
		}
	}
	check("missing", b.get("/nowhere"))
	check("another host", b.send(http.MethodGet, "/", nil, map[string]string{"Host": "evil.example"}))
	check("forged", b.post("/account", url.Values{"token": {"x"}}))
}

func TestFormsOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, other := w.signedIn("one"), w.signedIn("two")
	n := 0
	for _, p := range web.Pages() {
		if p.Method != http.MethodPost {
			continue
		}
		n++
		from := "/account"
		if p.Permission == app.Public {
			from = "/sign-in"
		}
		own, others := b.token(from), other.token(from)
		for name, c := range map[string]struct {
			token   string
			headers map[string]string
		}{
			"no token":                {"", nil},
			"a wrong token":           {"wrong", nil},
			"another session's token": {others, nil},
			"from another site":       {own, map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}},
			"another Origin":          {own, map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": ""}},
			"an Origin that is alike": {own, map[string]string{"Origin": "https://localhost:8443.evil.example"}},
			"Origin in clear":         {own, map[string]string{"Origin": "http://localhost:8443"}},
			"an Origin that hides":    {own, map[string]string{"Origin": "null"}},
			"from a sister site":      {own, map[string]string{"Origin": "", "Sec-Fetch-Site": "same-site"}},
			"in the address":          {"", nil},
		} {
			form := url.Values{"name": {"Changed"}, "issuer": {"oidc"}, "code": {"x"}}
			if c.token != "" {
				form.Set("token", c.token)
			}
			path := p.Path
			if name == "in the address" {
				path += "?token=" + own
			}
			a := b.send(http.MethodPost, path, form, c.headers)
			if a.Status != http.StatusForbidden || !strings.Contains(a.Body, "Skjemaet kan ikke brukes") {
				t.Errorf("%s, %s: %d %s", p.Path, name, a.Status, a.to())
			}
		}
	}
	if n != 5 {
		t.Errorf("%d forms were tried", n)
	}
	if !b.isSignedIn() || strings.Contains(b.get("/account").Body, "Changed") {
		t.Error("a forged form had an effect")
	}
	// The same forms hold when they are ours, also where a browser says nothing.
	a := b.send(http.MethodPost, "/account", url.Values{"token": {b.token("/account")}, "name": {"Changed"}}, map[string]string{"Origin": "", "Sec-Fetch-Site": ""})
	if a.Status != http.StatusSeeOther || !strings.Contains(b.get("/account").Body, "Changed") {
		t.Errorf("an own form: %d %s", a.Status, a.Body)
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	for address, hosts := range map[string]map[string]int{
		"https://fellesloft.example": {"fellesloft.example": 200, "FELLESLOFT.example": 200, "fellesloft.example:443": 200, "fellesloft.example:8443": 421, "evil.example": 421,
			"fellesloft.example.evil.example": 421, "127.0.0.1": 421, "localhost:8080": 421, "fellesloft.example@evil.example": 421},
		"http://127.0.0.1:8080": {"127.0.0.1:8080": 200, "localhost:8080": 303, "evil.example": 421, "evil.example:8080": 421, "[::1]:8080": 303},
	} {
		w := newWorldAt(t, address)
		guarded := fiber.New(fiber.Config{EnableTrustedProxyCheck: true, ErrorHandler: func(c *fiber.Ctx, _ error) error { return c.SendStatus(http.StatusMisdirectedRequest) }})
		guarded.Use(web.HostGuard(address))
		guarded.Get("/*", func(c *fiber.Ctx) error { return c.SendStatus(http.StatusOK) })
		api := &browser{w: &world{t: t, app: guarded, address: address}}
		for host, want := range hosts {
			a := w.browser().send(http.MethodGet, "/", nil, map[string]string{"Host": host, "X-Forwarded-Host": "evil.example"})
			if a.Status != want {
				t.Errorf("%s asked as %s: %d, want %d", address, host, a.Status, want)
			}
			if want == http.StatusSeeOther && a.to() != address+"/" {
				t.Errorf("%s leads to %s", host, a.to())
			}
			if strings.Contains(a.Body, "evil") {
				t.Errorf("%s: the page names the host", host)
			}
			if got := api.send(http.MethodGet, "/api/v1/x", nil, map[string]string{"Host": host}).Status; (got == 421) != (want == 421) {
				t.Errorf("the guard, %s asked as %s: %d", address, host, got)
			}
			if got := api.send(http.MethodGet, "/healthz", nil, map[string]string{"Host": host}).Status; got != http.StatusOK {
				t.Errorf("health asked as %s: %d", host, got)
			}
		}
	}
}

func TestNobodyIsLedElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, to := range []string{"//evil.example", `/\evil.example`, "https://evil.example", "https:evil.example", "/\t/evil.example", "/\r\nSet-Cookie: x=y", "", "account"} {
		if a := w.browser().signInAs("one", to); a.Status != http.StatusSeeOther || a.to() != "/" || len(a.Header.Values("Location")) != 1 {
			t.Errorf("%q leads to %q", to, a.Header.Values("Location"))
		}
	}
	for _, path := range []string{"//evil.example/", "//evil.example/?lang=nn", "/%0d%0aSet-Cookie:x=y", `/\evil.example`} {
		if a := w.browser().get("http://localhost:8443" + path); a.Status != http.StatusNotFound || a.to() != "" || strings.Contains(a.Body, `href="//`) {
			t.Errorf("%s: %d to %q", path, a.Status, a.to())
		}
	}
}

func TestPagesKeepToTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if a := w.browser().get("/api/v1/nowhere"); a.Status != http.StatusNotFound || strings.Contains(a.Body, "<html") {
		t.Errorf("an address of the API: %d %s", a.Status, a.Body)
	}
	if a := w.browser().get("/nowhere"); a.Status != http.StatusNotFound || !strings.Contains(a.Body, "<h1>") {
		t.Errorf("an address of nothing: %d %s", a.Status, a.Body)
	}
	for _, path := range []string{"/static/nothing.css", "/static/..%2fweb.go", "/static/"} {
		if a := w.browser().get(path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}
