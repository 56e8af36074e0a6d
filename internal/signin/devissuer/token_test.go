package devissuer_test

import (
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

const address = "http://127.0.0.1:9"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newIssuer(t *testing.T) *devissuer.Issuer {
	t.Helper()
	i, err := devissuer.New(address, filepath.Join(t.TempDir(), "key.pem"), time.Now)
	must(t, err)
	return i
}

func post(i *devissuer.Issuer, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/token", strings.NewReader(body))
	r.RemoteAddr, r.Host = "127.0.0.1:1", "127.0.0.1"
	// What curl -d says of JSON.
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	i.Handler().ServeHTTP(w, r)
	return w
}

func claimsIn(t *testing.T, w *httptest.ResponseRecorder) jwt.MapClaims {
	t.Helper()
	var given struct {
		Token string `json:"access_token"`
	}
	must(t, json.Unmarshal(w.Body.Bytes(), &given))
	claims := jwt.MapClaims{}
	_, _, err := jwt.NewParser().ParseUnverified(given.Token, claims)
	must(t, err)
	return claims
}

func TestWhatATokenIsAskedFor(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	org := func(id string) map[string]any { return map[string]any{"authority": "iso6523-actorid-upis", "ID": id} }
	for name, c := range map[string]struct {
		body string
		want map[string]any
		none []string
	}{
		"a subject":      {`{"subject":"s-1"}`, map[string]any{"sub": "s-1", "scope": devissuer.AllScopes, "iss": address}, []string{"consumer", "aud", "authorization_details"}},
		"an audience":    {`{"subject":"s-1","audience":"a"}`, map[string]any{"aud": "a"}, nil},
		"one scope":      {`{"subject":"s-1","scope":"fellesloft:anbud.read"}`, map[string]any{"scope": "fellesloft:anbud.read"}, nil},
		"no scope":       {`{"subject":"s-1","scope":""}`, nil, []string{"scope"}},
		"a system":       {`{"consumer":"310000019"}`, map[string]any{"consumer": org("0192:310000019"), "scope": devissuer.AllScopes}, []string{"sub"}},
		"a system user ": {`{"consumer":"310000108","systemuser":{"id":"0c0ffee0-0000-4000-8000-0000000000aa","organisation":"310000019"}}`, map[string]any{"consumer": org("0192:310000108")}, []string{"sub"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := post(i, c.body)
			if w.Code != http.StatusOK {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			claims := claimsIn(t, w)
			for k, want := range c.want {
				got, _ := json.Marshal(claims[k])
				if text, _ := json.Marshal(want); string(got) != string(text) {
					t.Errorf("%s: %s, want %s", k, got, text)
				}
			}
			for _, k := range c.none {
				if v, there := claims[k]; there {
					t.Errorf("%s is %v", k, v)
				}
			}
		})
	}
	for _, body := range []string{"", "{}", `{"subject":"s-1","consumer":"310000019"}`, `{"consumer":"310000018"}`, `{"subject":"s-1","systemuser":{"id":"0c0ffee0-0000-4000-8000-0000000000aa","organisation":"310000019"}}`, "grant_type=password"} {
		if w := post(i, body); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", body, w.Code)
		}
	}
}

// TestAGrant holds the issuer to Maskinporten's bounds, so that a client that
// passes here passes there.
func TestAGrant(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	file := filepath.Join(t.TempDir(), "client.pem")
	keyID, err := i.Client("c-1", file)
	must(t, err)
	text, err := os.ReadFile(file)
	must(t, err)
	key, err := jwt.ParseRSAPrivateKeyFromPEM(text)
	must(t, err)
	now := time.Now()
	ask := func(kid string, change jwt.MapClaims) *httptest.ResponseRecorder {
		claims := jwt.MapClaims{"aud": address, "iss": "c-1", "scope": "altinn:authorization/authorize", "jti": uuid.NewString(), "iat": now.Unix(), "exp": now.Add(120 * time.Second).Unix()}
		maps.Copy(claims, change)
		return post(i, url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion(t, key, kid, claims)}}.Encode())
	}
	w := ask(keyID, nil)
	if w.Code != http.StatusOK || claimsIn(t, w)["scope"] != "altinn:authorization/authorize" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	ask(keyID, jwt.MapClaims{"jti": "once"})
	for name, w := range map[string]*httptest.ResponseRecorder{
		"another client":  ask(keyID, jwt.MapClaims{"iss": "c-2"}),
		"another key":     ask("k", nil),
		"another issuer":  ask(keyID, jwt.MapClaims{"aud": "https://maskinporten.no/"}),
		"lives too long":  ask(keyID, jwt.MapClaims{"exp": now.Add(121 * time.Second).Unix()}),
		"issued long ago": ask(keyID, jwt.MapClaims{"iat": now.Add(-30 * time.Second).Unix(), "exp": now.Add(60 * time.Second).Unix()}),
		"issued later":    ask(keyID, jwt.MapClaims{"iat": now.Add(time.Minute).Unix()}),
		"without an id":   ask(keyID, jwt.MapClaims{"jti": ""}),
		"a second time":   ask(keyID, jwt.MapClaims{"jti": "once"}),
	} {
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func assertion(t *testing.T, key *rsa.PrivateKey, kid string, claims jwt.MapClaims) string {
	t.Helper()
	a := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	a.Header["kid"] = kid
	out, err := a.SignedString(key)
	must(t, err)
	return out
}
