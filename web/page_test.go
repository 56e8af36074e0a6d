package web_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/catalogue"
)

// asAdmin is the context of Bodø's administrator.
func (w *world) asAdmin() context.Context {
	w.t.Helper()
	by, err := w.signIn.Person(w.t.Context(), w.issuer, "one", uuid.Nil)
	must(w.t, err)
	list, err := w.cases.Me(actor.With(w.t.Context(), by))
	must(w.t, err)
	by, err = w.signIn.Person(w.t.Context(), w.issuer, "one", list.Organisations[0].Org)
	must(w.t, err)
	return actor.With(w.t.Context(), by)
}

func TestAcceptingAnInvitation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made, err := w.cases.Invite(w.asAdmin(), "Ny Saksbehandler", "ny@bodo.example", []actor.Role{actor.CaseWorker})
	must(t, err)
	address := "/invitation?" + url.Values{"code": {made.Code}}.Encode()
	b := w.browser()
	if a := b.get(address); a.Status != http.StatusSeeOther {
		t.Fatalf("not signed in: %d", a.Status)
	}
	if a := b.signInAs("nobody", address); a.to() != address {
		t.Fatalf("not back at the invitation: %q", a.to())
	}
	page := b.get(address)
	for _, want := range []string{"Bodø kommune", "Ny Saksbehandler", "Saksbehandler", "Godta invitasjonen"} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the invitation does not show %s", want)
		}
	}
	before, token := b.sessionID(), b.token(address)
	if a := b.post("/invitation", url.Values{"token": {token}, "code": {made.Code}}); a.Status != http.StatusSeeOther || a.to() != "/" {
		t.Fatalf("accepted: %d %s", a.Status, a.Body)
	}
	if b.sessionID() == before {
		t.Error("the session has the same id as before")
	}
	if a := b.get("/"); !strings.Contains(a.Body, "Du representerer Bodø kommune") {
		t.Error("the person does not act for the organisation at once")
	}
	for _, code := range []string{made.Code, "unknown", strings.Repeat("x", 5000), "<script>"} {
		a := b.get("/invitation?" + url.Values{"code": {code}}.Encode())
		if a.Status != http.StatusNotFound || !strings.Contains(a.Body, `aria-invalid="true"`) || strings.Contains(a.Body, "<script") {
			t.Errorf("a code that does not hold: %d", a.Status)
		}
		if code == made.Code {
			continue // to accept again what one has accepted changes nothing
		}
		if a := b.post("/invitation", url.Values{"token": {b.token("/account")}, "code": {code}}); a.Status != http.StatusNotFound {
			t.Errorf("accepted: %d", a.Status)
		}
	}
}

func TestChangingOnesAccount(t *testing.T) {
	t.Parallel()
	b := newWorld(t).signedIn("one")
	form := func(name, email string) url.Values {
		return url.Values{"token": {b.token("/account")}, "name": {name}, "email": {email}}
	}
	a := b.post("/account", form(`Kari "Ny" <b>`, "kari@bodo.example"))
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	page := b.get(a.to()).Body
	for _, want := range []string{`role="status"`, "Kari &#34;Ny&#34; &lt;b&gt;", "kari@bodo.example"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	a = b.post("/account", form("Kari", "no address"))
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `value="no address"`) || !strings.Contains(a.Body, `id="email-error"`) || !strings.Contains(a.Body, "<title>Feil: ") {
		t.Errorf("a wrong address: %d %s", a.Status, a.Body)
	}
	if a = b.post("/account", form("", "")); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `id="name-error"`) {
		t.Errorf("no name: %d", a.Status)
	}
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for accept, want := range map[string]string{"": "nb", "en-GB,en;q=0.9": "en", "nn-NO": "nn", "de": "nb", "no": "nb", strings.Repeat("en-", 5000): "nb"} {
		if a := w.browser().send(http.MethodGet, "/", nil, map[string]string{"Accept-Language": accept}); !strings.Contains(a.Body, `<html lang="`+want+`">`) || a.Header.Get("Content-Language") != want {
			t.Errorf("%.20q gives %s", accept, a.Header.Get("Content-Language"))
		}
	}
	b := w.browser()
	a := b.send(http.MethodGet, "/sign-in?to=%2Faccount&lang=nn", nil, map[string]string{"Accept-Language": "en"})
	if !strings.Contains(a.Body, `<html lang="nn">`) || !strings.Contains(a.Body, `href="/sign-in?lang=en&amp;to=%2Faccount"`) {
		t.Errorf("the choice does not count: %s", a.Body)
	}
	if a := b.get("/"); !strings.Contains(a.Body, `<html lang="nn">`) {
		t.Error("the choice is not remembered")
	}
	if a := b.get("/?lang=xx"); !strings.Contains(a.Body, `<html lang="nn">`) {
		t.Error("an unknown language changes the choice")
	}
}

var heading = regexp.MustCompile(`<h1[ >]`)

// What assistive technology needs of every page.
func TestPagesAreWellFormed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two, none := w.signedIn("one"), w.signedIn("two"), w.browser()
	titles := map[string]string{}
	for name, body := range map[string]string{
		"front": none.get("/").Body, "sign-in": none.get("/sign-in").Body, "missing": none.get("/nowhere").Body, "signed in": one.get("/").Body, "account": one.get("/account").Body,
		"organisation": two.get("/organisation").Body, "invitation": one.get("/invitation").Body, "not open": one.get("/invitation?code=x").Body,
	} {
		if n := len(heading.FindAllString(body, -1)); n != 1 {
			t.Errorf("%s has %d headings of level 1", name, n)
		}
		for _, want := range []string{`<html lang="nb">`, `<main id="content"`, `<a class="skip" href="#content">`, `<meta name="viewport"`} {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %s", name, want)
			}
		}
		for _, field := range regexp.MustCompile(`<input[^>]* id="([^"]+)"`).FindAllStringSubmatch(body, -1) {
			if !strings.Contains(body, `for="`+field[1]+`"`) {
				t.Errorf("%s: %s has no label", name, field[1])
			}
		}
		if strings.Contains(body, "web.") || strings.Contains(body, "<no value>") {
			t.Errorf("%s shows a key for a text", name)
		}
		title := regexp.MustCompile(`<title>(.*)</title>`).FindStringSubmatch(body)
		if title == nil {
			t.Fatalf("%s has no title", name)
		}
		titles[title[1]] = name
	}
	if len(titles) < 7 {
		t.Errorf("pages share titles: %v", titles)
	}
}

// Every text that the templates and the code name is there, and no other.
func TestTextsOfPages(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	for _, pattern := range []string{"*.go", "templates/*.gohtml"} {
		names, err := filepath.Glob(pattern)
		must(t, err)
		for _, name := range names {
			if !strings.HasSuffix(name, "_test.go") {
				b, err := os.ReadFile(name)
				must(t, err)
				source.Write(b)
			}
		}
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`"(web\.[a-z.-]+[a-z])"`).FindAllStringSubmatch(source.String(), -1) {
		used[m[1]] = true
	}
	for _, r := range actor.Roles() {
		used["web.role."+string(r)] = true
	}
	for _, i := range []string{"ansattporten", "idporten", "oidc"} {
		used["web.issuer."+i] = true
	}
	rules := []string{"web.limits", "web.public-url"} // of faults
	for key := range used {
		if !slices.Contains(rules, key) && !catalogue.Has(key) {
			t.Errorf("no text for %s", key)
		}
	}
	file, err := os.ReadFile(filepath.Join("..", "internal", "catalogue", "texts", "web.nb.json"))
	must(t, err)
	n := 0
	for _, m := range regexp.MustCompile(`(?m)^  "(web\.[^"]+)":`).FindAllStringSubmatch(string(file), -1) {
		n++
		if !used[m[1]] {
			t.Errorf("nothing uses %s", m[1])
		}
	}
	if n < 50 {
		t.Errorf("only %d texts were read", n)
	}
}
