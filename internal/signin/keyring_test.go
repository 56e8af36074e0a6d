package signin_test

import (
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/signin"
)

// TestKeysAreReplaced: a new key is taken up when a token names it, and one that
// the issuer has withdrawn goes out of use with the next renewal.
func TestKeysAreReplaced(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	ask := func(token, want string) {
		t.Helper()
		if _, err := d.service.Authenticate(t.Context(), token, ""); fault.RuleOf(err) != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	before := d.token("one", nil)
	ask(before, "")
	must(t, d.issuer.Rotate())
	after := d.token("one", nil)

	ask(before, "")             // known, and not old
	ask(after, "sign-in.token") // asked a moment ago
	d.wait(11 * time.Second)
	fetched := d.fetched.Load()
	ask(after, "")
	if n := d.fetched.Load() - fetched; n != 1 {
		t.Errorf("asked %d times for the keys", n)
	}
	d.wait(9 * time.Second)      // what held is remembered for twenty
	ask(before, "sign-in.token") // withdrawn
	if n := d.fetched.Load() - fetched; n != 1 {
		t.Errorf("asked %d times for a key that is gone", n)
	}
}

// TestAWithdrawnKeyGoesOutOfUse even where no token names the new one.
func TestAWithdrawnKeyGoesOutOfUse(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	token := d.token("one", nil)
	_, err := d.service.Authenticate(t.Context(), token, "")
	must(t, err)
	must(t, d.issuer.Rotate())
	d.wait(59 * time.Minute)
	_, err = d.service.Authenticate(t.Context(), token, "")
	must(t, err)
	d.wait(time.Minute)
	if _, err := d.service.Authenticate(t.Context(), token, ""); fault.RuleOf(err) != "sign-in.token" {
		t.Errorf("got %v", err)
	}
}

// TestKnownKeysDoNotLastForEver: who keeps the issuer away does not keep a key
// alive.
func TestKnownKeysDoNotLastForEver(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	token := d.token("one", map[string]any{"exp": d.now().Add(48 * time.Hour).Unix()})
	_, err := d.service.Authenticate(t.Context(), token, "")
	must(t, err)
	d.away.Store(true)
	d.wait(24*time.Hour - 20*time.Second)
	if _, err := d.service.Authenticate(t.Context(), token, ""); err != nil {
		t.Errorf("within a day: %v", err)
	}
	d.wait(20 * time.Second)
	if _, err := d.service.Authenticate(t.Context(), token, ""); fault.RuleOf(err) != "sign-in.issuer-unreachable" {
		t.Errorf("after a day: %v", err)
	}
}

// TestAnIssuersAlgorithms: an issuer may be held to some of them.
func TestAnIssuersAlgorithms(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	service, err := signin.New(signin.Config{Issuers: []signin.Issuer{{URL: d.issuer.URL(), Loopback: true, Algorithms: []string{"RS256"}}}, Directory: d.directory, Now: d.now})
	must(t, err)
	for algorithm, want := range map[string]string{"RS256": "", "ES256": "sign-in.token"} {
		token, err := d.issuer.TokenBy(algorithm, "one", "", nil)
		must(t, err)
		if _, err := service.Authenticate(t.Context(), token, ""); fault.RuleOf(err) != want {
			t.Errorf("%s: %v", algorithm, err)
		}
	}
	for _, algorithm := range []string{"none", "HS256", "", "rs256"} {
		_, err := signin.New(signin.Config{Issuers: []signin.Issuer{{URL: "https://issuer.example", Algorithms: []string{algorithm}}}})
		if fault.RuleOf(err) != "sign-in.issuer-algorithm" {
			t.Errorf("%q: %v", algorithm, err)
		}
	}
}
