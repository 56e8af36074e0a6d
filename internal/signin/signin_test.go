package signin_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/signin"
	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
	"github.com/fellesloft/fellesloft/internal/signin/signintest"
)

var (
	municipality = uuid.MustParse("00000000-0000-4000-8000-0000000000a1")
	company      = uuid.MustParse("00000000-0000-4000-8000-0000000000a2")
	person       = uuid.MustParse("00000000-0000-4000-8000-0000000000b1")
)

func ptr[T any](v T) *T { return &v }

// directory is a fixed one that counts how often it is asked.
type directory struct {
	asked atomic.Int32
	fail  error
	more  map[string][]db.Membership // by subject, beside the usual
}

func (d *directory) MembershipsOf(_ context.Context, _, subject string) ([]db.Membership, error) {
	d.asked.Add(1)
	if d.fail != nil {
		return nil, d.fail
	}
	one := db.Membership{IdentityID: person, Kind: "person", Name: "Innkjøper", OrgID: &municipality, OrgNr: ptr("964968519"), Roles: []string{"procurement_lead"}}
	two := db.Membership{IdentityID: person, Kind: "person", Name: "Innkjøper", OrgID: &company, OrgNr: ptr("310000019"), Roles: []string{"signatory"}}
	if list, ok := d.more[subject]; ok {
		return list, nil
	}
	switch subject {
	case "one":
		return []db.Membership{one}, nil
	case "two", "0192:310000019":
		return []db.Membership{one, two}, nil
	case "nothing":
		return []db.Membership{{IdentityID: person, Kind: "person", Name: "Alene"}}, nil
	}
	return nil, nil
}

// desk is a service with an issuer that can be stopped, and a clock that can be
// moved.
type desk struct {
	t         *testing.T
	issuer    *devissuer.Issuer
	service   *signin.Service
	directory *directory
	fetched   atomic.Int32
	away      atomic.Bool
	mu        sync.Mutex
	at        time.Time
}

func (d *desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at
}

func (d *desk) wait(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = d.at.Add(by)
}

// issuerKeys are made once: an RSA key takes longer than all the rest.
var issuerKeys = sync.OnceValue(func() []byte {
	dir, err := os.MkdirTemp("", "keys")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a folder of the machine's own, at the worst
	file := filepath.Join(dir, "key.pem")
	if _, err := devissuer.New("http://127.0.0.1:1", file, time.Now); err != nil {
		panic(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	return text
})

func newDesk(t *testing.T, audience string) *desk {
	t.Helper()
	d := &desk{t: t, directory: &directory{}, at: time.Now().Truncate(time.Second)}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.fetched.Add(1)
		if d.away.Load() {
			http.Error(w, "away", http.StatusBadGateway)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	var err error
	file := filepath.Join(t.TempDir(), "key.pem")
	must(t, os.WriteFile(file, issuerKeys(), 0o600))
	d.issuer, err = devissuer.New(server.URL, file, d.now)
	must(t, err)
	handler = d.issuer.Handler()
	d.service, err = signin.New(signin.Config{Issuers: []signin.Issuer{{URL: server.URL, Loopback: true}}, Audience: audience, Directory: d.directory, Now: d.now})
	must(t, err)
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *desk) token(subject string, more map[string]any) string {
	d.t.Helper()
	token, err := d.issuer.Token(subject, "", more)
	must(d.t, err)
	return token
}

func consumer(number string) map[string]any {
	return map[string]any{"consumer": map[string]string{"authority": "iso6523-actorid-upis", "ID": "0192:" + number}}
}

func TestWhoIsLetIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	machine := consumer("310000019")
	for name, c := range map[string]struct {
		token, organisation string
		org                 uuid.UUID
		rule                string
	}{
		"one organisation":                 {token: d.token("one", nil), org: municipality},
		"named by the header":              {token: d.token("two", nil), organisation: company.String(), org: company},
		"named by the token":               {token: d.token("two", consumer("310000019")), org: company},
		"a machine":                        {token: d.token("", machine), org: company},
		"two and none named":               {token: d.token("two", nil), rule: "sign-in.organisation-not-chosen"},
		"not a member":                     {token: d.token("one", nil), organisation: company.String(), rule: "sign-in.not-a-member"},
		"token's organisation is another":  {token: d.token("two", consumer("310000019")), organisation: municipality.String(), rule: "sign-in.not-a-member"},
		"token's organisation is nobody's": {token: d.token("one", consumer("310000108")), rule: "sign-in.not-a-member"},
		"represents nobody":                {token: d.token("nothing", nil), rule: "sign-in.not-a-member"},
		"unknown":                          {token: d.token("stranger", nil), rule: "sign-in.not-a-member"},
		"header that is no id":             {token: d.token("one", nil), organisation: "964968519", rule: "sign-in.organisation-malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := d.service.Authenticate(t.Context(), c.token, c.organisation)
			if fault.RuleOf(err) != c.rule {
				t.Fatalf("got %v, want %q", err, c.rule)
			}
			if err == nil && (a.Org != c.org || a.ID != person || a.Kind != actor.Person || len(a.Roles) != 1 || !a.Scoped || a.Issuer != d.issuer.URL() || a.Subject == "") {
				t.Errorf("got %+v", a)
			}
		})
	}
}

// TestIdentifyingIsWithoutAnOrganisation: who represents nobody, or has not
// chosen, is somebody all the same. A system always acts for its organisation.
func TestIdentifyingIsWithoutAnOrganisation(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	for name, c := range map[string]struct {
		token string
		id    uuid.UUID
		kind  actor.Kind
		org   uuid.UUID
		rule  string
	}{
		"one organisation":   {token: d.token("one", nil), id: person, kind: actor.Person},
		"two":                {token: d.token("two", nil), id: person, kind: actor.Person},
		"represents nobody":  {token: d.token("nothing", nil), id: person, kind: actor.Person},
		"unknown":            {token: d.token("stranger", nil), kind: actor.Person},
		"a machine":          {token: d.token("", consumer("310000019")), id: person, kind: actor.Person, org: company},
		"an unknown machine": {token: d.token("", consumer("310000035")), rule: "sign-in.not-a-member"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := d.service.Identify(t.Context(), c.token)
			if fault.RuleOf(err) != c.rule {
				t.Fatalf("got %v", err)
			}
			if err == nil && (a.ID != c.id || a.Kind != c.kind || a.Org != c.org || !a.Scoped || a.Issuer != d.issuer.URL() || a.Subject == "" || (c.org == uuid.Nil && len(a.Roles) > 0)) {
				t.Errorf("got %+v", a)
			}
		})
	}
}

// TestTokensThatDoNotHold tries every attack; the answer is the same for each.
func TestTokensThatDoNotHold(t *testing.T) {
	t.Parallel()
	const least = 40
	for _, audience := range []string{"", "fellesloft"} {
		d := newDesk(t, audience)
		f := signintest.NewForge(t, d.issuer, "one", audience, d.now())
		attacks := f.Attacks()
		if len(attacks) < least {
			t.Fatalf("%d attacks", len(attacks))
		}
		for _, a := range attacks {
			t.Run(audience+"/"+a.Name, func(t *testing.T) {
				_, err := d.service.Authenticate(t.Context(), a.Token, "")
				if !fault.Is(err, fault.Unauthenticated) || fault.RuleOf(err) != "sign-in.token" {
					t.Errorf("got %v", err)
				}
				if _, err := d.service.Identify(t.Context(), a.Token); fault.RuleOf(err) != "sign-in.token" {
					t.Errorf("as an identity: %v", err)
				}
			})
		}
		if _, err := d.service.Authenticate(t.Context(), f.Good(), ""); err != nil {
			t.Errorf("what the attacks are changed from: %v", err)
		}
		if n := d.directory.asked.Load(); n != 1 {
			t.Errorf("the directory was asked %d times", n)
		}
	}
}

// TestATokenThatIsRememberedExpires all the same, and no other is taken for it.
func TestATokenThatIsRememberedExpires(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	token := d.token("one", map[string]any{"exp": d.now().Add(5 * time.Second).Unix()})
	_, err := d.service.Authenticate(t.Context(), token, "")
	must(t, err)
	for _, other := range []string{token + "A", token[:len(token)-2], strings.ToUpper(token), token + " "} {
		if _, err := d.service.Authenticate(t.Context(), other, ""); fault.RuleOf(err) != "sign-in.token" {
			t.Errorf("like one that held: %v", err)
		}
	}
	d.wait(5*time.Second - time.Nanosecond)
	if _, err := d.service.Authenticate(t.Context(), token, ""); err != nil {
		t.Errorf("before it expires: %v", err)
	}
	d.wait(time.Nanosecond)
	if _, err := d.service.Authenticate(t.Context(), token, ""); fault.RuleOf(err) != "sign-in.token" {
		t.Errorf("when it expires: %v", err)
	}
}

// TestFormsOfTokenThatHold is the other side of the attacks: what issuers write
// that is right.
func TestFormsOfTokenThatHold(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	f := signintest.NewForge(t, d.issuer, "one", "", d.now())
	elliptic, err := d.issuer.TokenBy("ES256", "one", "", nil)
	must(t, err)
	for name, token := range map[string]string{
		"elliptic key":            elliptic,
		"a short lead of iat":     d.token("one", map[string]any{"iat": d.now().Add(4 * time.Second).Unix()}),
		"no iat, no nbf":          d.token("one", map[string]any{"iat": nil, "nbf": nil}),
		"audience left open":      d.token("one", map[string]any{"aud": "unspecified"}),
		"no token type":           d.token("one", map[string]any{"token_type": nil}),
		"a supplier in between":   d.token("one", map[string]any{"supplier": map[string]string{"authority": "iso6523-actorid-upis", "ID": "0192:310000108"}, "delegation_source": "https://altinn.no/", "consumer": consumer("964968519")["consumer"]}),
		"number and text as one":  d.token("one", map[string]any{"exp": float64(d.now().Unix()) + 60.5}),
		"RFC 9068's type":         f.WithType("at+jwt"),
		"RFC 9068's type, whole":  f.WithType("application/at+jwt"),
		"no type":                 f.WithType(""),
		"other details of rights": d.token("one", map[string]any{"authorization_details": []map[string]string{{"type": "ansattporten:altinn:resource"}}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if a, err := d.service.Authenticate(t.Context(), token, ""); err != nil || a.Org != municipality {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
}

// forged is signed by a key that the issuer does not have.
func forged(t *testing.T, d *desk) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"iss": d.issuer.URL(), "sub": "one", "exp": d.now().Add(time.Hour).Unix()})
	token.Header["kid"] = uuid.NewString()
	signed, err := token.SignedString(key)
	must(t, err)
	return signed
}

// TestForgedTokensDoNotMakeUsAskTheIssuer sends many tokens with unknown keys.
func TestForgedTokensDoNotMakeUsAskTheIssuer(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	_, err := d.service.Authenticate(t.Context(), d.token("one", nil), "")
	must(t, err)
	before := d.fetched.Load()
	for range 50 {
		if _, err := d.service.Authenticate(t.Context(), forged(t, d), ""); !fault.Is(err, fault.Unauthenticated) {
			t.Fatalf("got %v", err)
		}
	}
	if asked := d.fetched.Load() - before; asked > 1 {
		t.Errorf("asked the issuer %d times", asked)
	}
}

func TestAnIssuerThatIsAway(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	token := d.token("one", nil)
	d.away.Store(true)
	for range 3 {
		if _, err := d.service.Authenticate(t.Context(), token, ""); fault.RuleOf(err) != "sign-in.issuer-unreachable" {
			t.Fatalf("got %v", err)
		}
	}
	if asked := d.fetched.Load(); asked > 2 {
		t.Errorf("asked %d times in a moment", asked)
	}
	d.away.Store(false)
	d.wait(time.Minute)
	if _, err := d.service.Authenticate(t.Context(), token, ""); err != nil {
		t.Errorf("the issuer is back: %v", err)
	}
	// Known keys go on while the issuer is away again.
	d.away.Store(true)
	d.wait(13 * time.Hour)
	if _, err := d.service.Authenticate(t.Context(), d.token("one", nil), ""); err != nil {
		t.Errorf("with known keys: %v", err)
	}
}

func TestMembershipsAreRememberedForAMoment(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	token := d.token("one", nil)
	for range 5 {
		_, err := d.service.Authenticate(t.Context(), token, "")
		must(t, err)
	}
	if n := d.directory.asked.Load(); n != 1 {
		t.Errorf("looked up %d times", n)
	}
	d.wait(31 * time.Second)
	d.directory.fail = errors.New("away")
	if _, err := d.service.Authenticate(t.Context(), token, ""); err == nil {
		t.Error("a membership was believed for more than half a minute")
	}
}

func TestIssuersAreListedAndSecure(t *testing.T) {
	t.Parallel()
	for url, loopback := range map[string]bool{
		"http://issuer.example": true, "http://127.0.0.1:1": false, "https://": false, "ftp://issuer.example": false,
		"https://user@issuer.example": false, "https://issuer.example?x": false, "issuer.example": false,
	} {
		if _, err := signin.New(signin.Config{Issuers: []signin.Issuer{{URL: url, Loopback: loopback}}}); fault.RuleOf(err) != "sign-in.issuer-address" {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := signin.New(signin.Config{}); fault.RuleOf(err) != "sign-in.no-issuer" {
		t.Errorf("none: %v", err)
	}
	if _, err := signin.New(signin.Config{Issuers: []signin.Issuer{{URL: "https://maskinporten.no/"}}}); err != nil {
		t.Errorf("Maskinporten: %v", err)
	}
}

func TestTheDevelopmentIssuerAnswersThisHostOnly(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "")
	for _, c := range []struct {
		remote, host string
		status       int
	}{
		{"127.0.0.1:4000", "127.0.0.1:8081", 200}, {"[::1]:4000", "localhost:8081", 200},
		{"192.0.2.1:4000", "127.0.0.1:8081", 403}, {"127.0.0.1:4000", "evil.example", 403},
	} {
		r := httptest.NewRequest(http.MethodPost, "/token", bytes.NewBufferString(`{"subject":"one"}`))
		r.RemoteAddr, r.Host = c.remote, c.host
		w := httptest.NewRecorder()
		d.issuer.Handler().ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s for %s: %d, want %d", c.remote, c.host, w.Code, c.status)
		}
	}
}

func TestTheDevelopmentIssuerKeepsItsKey(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys", "issuer.pem")
	first, err := devissuer.New("http://127.0.0.1:1", file, time.Now)
	must(t, err)
	again, err := devissuer.New("http://127.0.0.1:1", file, time.Now)
	must(t, err)
	keys := func(i *devissuer.Issuer) string {
		r := httptest.NewRequest(http.MethodGet, "/jwks", nil)
		r.RemoteAddr, r.Host = "127.0.0.1:1", "127.0.0.1"
		w := httptest.NewRecorder()
		i.Handler().ServeHTTP(w, r)
		return w.Body.String()
	}
	if keys(first) != keys(again) || !strings.Contains(keys(first), "ES256") {
		t.Errorf("keys: %s and %s", keys(first), keys(again))
	}
}
