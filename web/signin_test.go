package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/db/dbtest"
)

func TestSigningIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	if a := b.get("/account?x=1"); a.Status != http.StatusSeeOther || a.to() != "/sign-in?to=%2Faccount%3Fx%3D1" {
		t.Fatalf("a page for people signed in: %d to %q", a.Status, a.to())
	}
	if a := b.signInAs("one", "/account?x=1"); a.Status != http.StatusSeeOther || a.to() != "/account?x=1" {
		t.Fatalf("signed in: %d to %q %s", a.Status, a.to(), a.Body)
	}
	for _, want := range []string{"Bodø kommune", "Administrator, Leder anskaffelser", "964968519", "Logg ut"} {
		if a := b.get("/account"); !strings.Contains(a.Body, want) {
			t.Errorf("the account does not show %s", want)
		}
	}
	if a := b.get("/"); !strings.Contains(a.Body, "Du representerer Bodø kommune") {
		t.Error("one organisation is not chosen by itself")
	}
}

func TestChoosingAnOrganisation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	a := b.signInAs("two", "/account")
	if a.to() != "/organisation?to=%2Faccount" {
		t.Fatalf("several organisations: to %q", a.to())
	}
	page := b.get(a.to())
	if strings.Contains(page.Body, "checked") {
		t.Error("an organisation is chosen for the person")
	}
	var ids []string
	for _, part := range strings.Split(page.Body, `name="organisation" value="`)[1:] {
		ids = append(ids, part[:36])
	}
	if len(ids) != 2 {
		t.Fatalf("%d organisations to choose from", len(ids))
	}
	before, token := b.sessionID(), b.token("/organisation")
	if a := b.post("/organisation", url.Values{"token": {token}, "organisation": {ids[1]}, "to": {"/account"}}); a.Status != http.StatusSeeOther || a.to() != "/account" {
		t.Fatalf("chosen: %d to %q", a.Status, a.to())
	}
	if b.sessionID() == before {
		t.Error("the session has the same id as before the choice")
	}
	old := w.browser()
	old.cookies["__Host-fellesloft"] = &http.Cookie{Name: "__Host-fellesloft", Value: before}
	if old.isSignedIn() {
		t.Error("the old id still signs in")
	}
	if a := b.get("/"); !strings.Contains(a.Body, "Du representerer Ålesund kommune") {
		t.Error("the choice does not count")
	}
	if a := b.post("/organisation", url.Values{"token": {b.token("/organisation")}, "organisation": {"00000000-0000-4000-8000-000000000009"}}); a.Status != http.StatusForbidden {
		t.Errorf("another's organisation: %d", a.Status)
	}
	w.db.Exec(dbtest.Super, `UPDATE memberships SET ended_at = clock_timestamp() WHERE NOT 'admin' = ANY (roles)`)
	w.signIn.Forget(w.issuer, "two")
	if a := b.get("/"); strings.Contains(a.Body, "Ålesund") || !strings.Contains(a.Body, "ingen organisasjon") {
		t.Error("an ended membership still counts")
	}
}

// A sign-in without any representation works, and shows nothing.
func TestRepresentingNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("nobody")
	for _, path := range []string{"/", "/organisation", "/account"} {
		a := b.get(path)
		if a.Status != http.StatusOK || strings.Contains(a.Body, "kommune<") || strings.Contains(a.Body, "Bodø") {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	var known int
	must(t, w.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT count(*) FROM identities WHERE subject = 'nobody'`).Scan(&known))
	if known != 0 {
		t.Error("one who represents nobody is kept")
	}
	if a := b.post("/account", url.Values{"token": {b.token("/account")}, "name": {"X"}}); a.Status != http.StatusForbidden {
		t.Errorf("to save what is not kept: %d", a.Status)
	}
}

func TestARepresentationRightLetsIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("representing")
	if a := b.get("/account"); !strings.Contains(a.Body, "Oppdiktet AS") || !strings.Contains(a.Body, "310000000") || !strings.Contains(a.Body, "Administrator") {
		t.Errorf("%s", a.Body)
	}
}

// The issuer may know a national identity number; nothing here does.
func TestNoNationalIdentityNumberIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, p := range people[:4] {
		b := w.signedIn(p.Subject)
		for _, path := range []string{"/", "/account", "/organisation", "/nowhere"} {
			if strings.Contains(b.get(path).Body, pid) {
				t.Errorf("%s shows it to %s", path, p.Subject)
			}
		}
	}
	if strings.Contains(w.logged.String(), pid) {
		t.Error("it stands in the log")
	}
	pool := w.db.Pool(dbtest.Super)
	rows, err := pool.Query(t.Context(), `SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`)
	must(t, err)
	var tables []string
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	sessions := 0
	for _, table := range tables {
		value := "x::text"
		if table == "web_storage" {
			value = "encode(x.value, 'escape')"
		}
		var all []string
		must(t, pool.QueryRow(t.Context(), `SELECT coalesce(array_agg(`+value+`), '{}') FROM `+table+` x`).Scan(&all))
		if strings.Contains(strings.Join(all, " "), pid) {
			t.Errorf("it stands in %s", table)
		}
		if table == "web_storage" {
			sessions = len(all)
		}
	}
	if sessions < 4 {
		t.Errorf("only %d sessions were looked at", sessions)
	}
}

func TestCallbacksThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	change := func(back, name, value string) string {
		u, err := url.Parse(back)
		must(t, err)
		q := u.Query()
		if q.Set(name, value); value == "" {
			q.Del(name)
		}
		u.RawQuery = q.Encode()
		return u.String()
	}
	for name, c := range map[string]struct {
		subject string
		change  func(back string) string
		want    string
	}{
		"another state":             {"one", func(back string) string { return change(back, "state", "x") }, "kan ikke fullføres"},
		"no state":                  {"one", func(back string) string { return change(back, "state", "") }, "kan ikke fullføres"},
		"two states":                {"one", func(back string) string { return back + "&state=x" }, "kan ikke fullføres"},
		"no code":                   {"one", func(back string) string { return change(back, "code", "") }, "kan ikke fullføres"},
		"another's code":            {"one", func(back string) string { return change(back, "code", "x") }, "sa nei"},
		"another issuer":            {"one", func(back string) string { return change(back, "iss", "https://issuer.example") }, "kan ikke fullføres"},
		"no issuer":                 {"one", func(back string) string { return change(back, "iss", "") }, "kan ikke fullføres"},
		"another issuer's address":  {"one", func(back string) string { return strings.Replace(back, "/oidc/", "/idporten/", 1) }, "kan ikke fullføres"},
		"another nonce":             {"other-nonce", func(back string) string { return back }, "ikke gyldig"},
		"a level that is too low":   {"low", func(back string) string { return back }, "ikke sikker nok"},
		"cancelled":                 {"", func(back string) string { return back }, "avbrutt"},
		"an error of the issuer":    {"", func(back string) string { return change(back, "error", "server_error") }, "server_error"},
		"an error that is a script": {"", func(back string) string { return change(back, "error", "<script>alert(1)</script>") }, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			b := w.browser()
			a := b.get(c.change(b.begin(c.subject, "/")))
			if a.Status != http.StatusForbidden || !strings.Contains(a.Body, c.want) || strings.Contains(a.Body, "<script") {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			if b.isSignedIn() {
				t.Error("signed in all the same")
			}
		})
	}
}

func TestACallbackHoldsOnceAndInItsOwnBrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, other := w.browser(), w.browser()
	back := b.begin("one", "/")
	other.get("/sign-in")
	if a := other.get(back); a.Status != http.StatusForbidden || other.isSignedIn() {
		t.Errorf("another browser: %d", a.Status)
	}
	other.begin("two", "/")
	if a := other.get(back); a.Status != http.StatusForbidden || other.isSignedIn() {
		t.Errorf("another browser that signs in itself: %d", a.Status)
	}
	cookies := map[string]*http.Cookie{}
	for k, v := range b.cookies {
		cookies[k] = v
	}
	if a := b.get(back); a.Status != http.StatusSeeOther {
		t.Fatalf("its own browser: %d %s", a.Status, a.Body)
	}
	if a := b.get(back); a.Status != http.StatusForbidden {
		t.Errorf("again: %d", a.Status)
	}
	again := w.browser()
	again.cookies = cookies
	if a := again.get(back); a.Status != http.StatusForbidden || again.isSignedIn() {
		t.Errorf("again, with the cookies from before: %d", a.Status)
	}
}

func TestASignInTakesTenMinutesAtMost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	back := b.begin("one", "/")
	w.wait(attemptLimit)
	if a := b.get(back); a.Status != http.StatusForbidden {
		t.Errorf("%d", a.Status)
	}
}

func TestAnIssuerThatIsNotListed(t *testing.T) {
	t.Parallel()
	b := newWorld(t).browser()
	if a := b.post("/sign-in", url.Values{"token": {b.token("/sign-in")}, "issuer": {"other"}}); a.Status != http.StatusNotFound {
		t.Errorf("%d", a.Status)
	}
	if a := b.get("/sign-in/other/callback?code=x&state=y"); a.Status != http.StatusForbidden {
		t.Errorf("callback: %d", a.Status)
	}
}
