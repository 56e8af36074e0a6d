package web_test

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/db/dbtest"
)

const attemptLimit = 10*time.Minute + time.Second

// Whoever knows or plants an id before a sign-in has nothing after it.
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	victim, attacker := w.browser(), w.signedIn("two")
	planted := attacker.sessionID()
	victim.cookies["__Host-fellesloft"] = &http.Cookie{Name: "__Host-fellesloft", Value: planted}
	victim.signInAs("one", "/")
	if victim.sessionID() == planted {
		t.Fatal("the victim uses the attacker's id")
	}
	if attacker.isSignedIn() {
		t.Error("the planted session lives on")
	}
	made := "AAAAAAAAAAAAAAAAAAAAAAAAAA"
	victim = w.browser()
	victim.cookies["__Host-fellesloft"] = &http.Cookie{Name: "__Host-fellesloft", Value: made}
	victim.signInAs("one", "/")
	if victim.sessionID() == made || victim.sessionID() == "" {
		t.Error("an id that nobody was given is taken over")
	}
	// The page with the issuers, too, has an id that is not kept.
	before := victim.cookies["__Host-fellesloft-sign-in"]
	victim.begin("one", "/")
	if after := victim.cookies["__Host-fellesloft-sign-in"]; before != nil && after.Value == before.Value {
		t.Error("a sign-in under way has the id from before")
	}
}

func TestIdleLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	used, idle := w.signedIn("one"), w.signedIn("two")
	for range 4 {
		w.wait(25 * time.Minute)
		if !used.isSignedIn() {
			t.Fatal("a session in use ends")
		}
	}
	if idle.isSignedIn() {
		t.Error("a session that nobody used lives on")
	}
	w.wait(31 * time.Minute)
	if used.isSignedIn() {
		t.Error("idle for 31 minutes, and signed in")
	}
}

func TestAbsoluteLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("two")
	for range 19 { // 7:55
		w.wait(25 * time.Minute)
		if !b.isSignedIn() {
			t.Fatal("a session in use ends before its time")
		}
	}
	// A new id does not begin the time anew.
	id := strings.Split(b.get("/organisation").Body, `name="organisation" value="`)[1][:36]
	if a := b.post("/organisation", url.Values{"token": {b.token("/organisation")}, "organisation": {id}}); a.Status != http.StatusSeeOther {
		t.Fatalf("%d", a.Status)
	}
	w.wait(6 * time.Minute)
	if b.isSignedIn() {
		t.Error("signed in for more than eight hours")
	}
}

func TestCookieFlags(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]struct {
		prefix string
		secure bool
	}{secureURL: {"__Host-", true}, "http://127.0.0.1:8080": {"", false}} {
		w := newWorldAt(t, address)
		b := w.browser()
		var seen []string
		for _, a := range []answer{b.get("/sign-in?lang=nn"), b.signInAs("one", "/")} {
			for _, c := range a.Set {
				seen = append(seen, c.Name)
				if !c.HttpOnly || c.Secure != want.secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || !strings.HasPrefix(c.Name, want.prefix+"fellesloft") {
					t.Errorf("%s: %s", address, c.Raw)
				}
				if c.Name == want.prefix+"fellesloft" && (c.MaxAge != 0 || !c.Expires.IsZero()) {
					t.Errorf("the session's cookie outlives the browser: %s", c.Raw)
				}
			}
		}
		if len(seen) < 3 {
			t.Errorf("%s: saw only %v", address, seen)
		}
	}
}

// Who has read the whole database has no session.
func TestStolenRowsGiveNoSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("one")
	var key, value []byte
	must(t, w.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT key, value FROM web_storage ORDER BY ends_at DESC LIMIT 1`).Scan(&key, &value))
	if strings.Contains(string(value), b.sessionID()) {
		t.Error("the id stands in the row")
	}
	for _, stolen := range []string{hex.EncodeToString(key), strings.ToUpper(hex.EncodeToString(key)), url.QueryEscape(string(key)), hex.EncodeToString(value)} {
		thief := w.browser()
		thief.cookies["__Host-fellesloft"] = &http.Cookie{Name: "__Host-fellesloft", Value: stolen}
		if thief.isSignedIn() {
			t.Errorf("%s signs in", stolen)
		}
	}
	// Nor is the cookie of a sign-in under way one of a session.
	b.cookies["__Host-fellesloft-sign-in"] = &http.Cookie{Name: "__Host-fellesloft-sign-in", Value: b.sessionID()}
	if a := b.get("/sign-in/oidc/callback?state=&code=x"); a.Status != http.StatusForbidden {
		t.Errorf("%d", a.Status)
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("one")
	cookie := b.sessionID()
	a := b.post("/sign-out", url.Values{"token": {b.token("/account")}})
	_, address, _ := strings.Cut(a.Header.Get("Refresh"), "url=")
	u, err := url.Parse(address)
	must(t, err)
	if !strings.HasPrefix(address, w.issuer+"/end-session?") || u.Query().Get("post_logout_redirect_uri") != secureURL+"/" || u.Query().Get("id_token_hint") != "" {
		t.Errorf("sent to %q", address)
	}
	if strings.Contains(a.Body, "Logg ut") || b.sessionID() != "" {
		t.Error("the browser does not know that it is signed out")
	}
	b.cookies["__Host-fellesloft"] = &http.Cookie{Name: "__Host-fellesloft", Value: cookie}
	if b.isSignedIn() {
		t.Error("the session lives on in the database")
	}
	var rows int
	must(t, w.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT count(*) FROM web_storage`).Scan(&rows))
	if rows != 0 {
		t.Errorf("%d rows are left", rows)
	}
	if a := b.post("/sign-out", url.Values{"token": {"x"}}); a.Status != http.StatusUnauthorized {
		t.Errorf("signed out twice: %d", a.Status)
	}
}
