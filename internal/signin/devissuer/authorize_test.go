package devissuer_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

const (
	here     = "http://127.0.0.1:8081"
	verifier = "a-verifier-that-is-long-enough-for-the-standard"
)

// door is an issuer with a clock that can be moved.
type door struct {
	t       *testing.T
	handler http.Handler
	at      time.Time
}

func newDoor(t *testing.T, people ...devissuer.Person) *door {
	t.Helper()
	d := &door{t: t, at: time.Now()}
	issuer, err := devissuer.New(here, filepath.Join(t.TempDir(), "key.pem"), func() time.Time { return d.at }, devissuer.WithPeople(people))
	if err != nil {
		t.Fatal(err)
	}
	d.handler = issuer.Handler()
	return d
}

func (d *door) send(method, path, kind, body string) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr, r.Host = "127.0.0.1:4000", "127.0.0.1:8081"
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w
}

func (d *door) form(path string, form url.Values) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.send(http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode())
}

func request() url.Values {
	sum := sha256.Sum256([]byte(verifier))
	return url.Values{"response_type": {"code"}, "client_id": {"fellesloft"}, "redirect_uri": {"http://localhost:8080/callback"}, "scope": {"openid"}, "state": {"s"}, "nonce": {"n"},
		"code_challenge_method": {"S256"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "acr_values": {"substantial high"}}
}

// code chooses a subject and gives the code.
func (d *door) code(subject string) string {
	d.t.Helper()
	w := d.form("/authorize", url.Values{"request": {request().Encode()}, "subject": {subject}})
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusSeeOther || to.Host != "localhost:8080" || to.Query().Get("state") != "s" || to.Query().Get("iss") != here {
		d.t.Fatalf("chosen: %d %s", w.Code, w.Header().Get("Location"))
	}
	return to.Query().Get("code")
}

func exchange(code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"fellesloft"}, "redirect_uri": {"http://localhost:8080/callback"}, "code_verifier": {verifier}}
}

func TestChoosingAPerson(t *testing.T) {
	t.Parallel()
	d := newDoor(t, devissuer.Person{Subject: "s-1", Name: "Kari <b>", Note: "leder"})
	page := d.send(http.MethodGet, "/authorize?"+request().Encode(), "", "")
	for _, want := range []string{"for development", "Kari &lt;b&gt;", `value="s-1"`, "leder"} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	w := d.form("/token", exchange(d.code("s-1")))
	var got struct {
		ID string `json:"id_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(got.ID, claims); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"iss": here, "sub": "s-1", "aud": "fellesloft", "nonce": "n", "acr": "substantial", "name": "Kari <b>"} {
		if claims[name] != want {
			t.Errorf("%s is %v", name, claims[name])
		}
	}
	if claims["scope"] != nil || claims["authorization_details"] != nil {
		t.Errorf("an ID token says %v", claims)
	}
	if w := d.form("/authorize", url.Values{"request": {request().Encode()}, "subject": {"another"}}); w.Code != http.StatusBadRequest {
		t.Errorf("one who is not listed: %d", w.Code)
	}
	typed := newDoor(t)
	if w := typed.form("/token", exchange(typed.code("anybody"))); w.Code != http.StatusOK {
		t.Errorf("a typed subject: %d", w.Code)
	}
}

func TestCodesAreBound(t *testing.T) {
	t.Parallel()
	d := newDoor(t, devissuer.Person{Subject: "s-1"})
	for name, change := range map[string]func(f url.Values){
		"another client":   func(f url.Values) { f.Set("client_id", "other") },
		"another redirect": func(f url.Values) { f.Set("redirect_uri", "http://localhost:8080/other") },
		"another verifier": func(f url.Values) { f.Set("code_verifier", "x") },
		"no verifier":      func(f url.Values) { f.Del("code_verifier") },
		"no code":          func(f url.Values) { f.Del("code") },
		"too late":         func(url.Values) { d.at = d.at.Add(2 * time.Minute) },
	} {
		f := exchange(d.code("s-1"))
		change(f)
		if w := d.form("/token", f); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "invalid_grant") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	f := exchange(d.code("s-1"))
	if first, again := d.form("/token", f).Code, d.form("/token", f).Code; first != http.StatusOK || again != http.StatusBadRequest {
		t.Errorf("the same code twice: %d, %d", first, again)
	}
}

func TestRequestsThatAreNotWhole(t *testing.T) {
	t.Parallel()
	d := newDoor(t, devissuer.Person{Subject: "s-1"})
	for name, change := range map[string]func(q url.Values){
		"another host":      func(q url.Values) { q.Set("redirect_uri", "https://evil.example/callback") },
		"a host that fakes": func(q url.Values) { q.Set("redirect_uri", "http://localhost.evil.example/") },
		"a script":          func(q url.Values) { q.Set("redirect_uri", "javascript:alert(1)") },
		"no challenge":      func(q url.Values) { q.Del("code_challenge") },
		"a plain challenge": func(q url.Values) { q.Set("code_challenge_method", "plain") },
		"no state":          func(q url.Values) { q.Del("state") },
		"no nonce":          func(q url.Values) { q.Del("nonce") },
		"no client":         func(q url.Values) { q.Del("client_id") },
		"no openid":         func(q url.Values) { q.Set("scope", "profile") },
		"an implicit flow":  func(q url.Values) { q.Set("response_type", "token") },
	} {
		q := request()
		change(q)
		if w := d.send(http.MethodGet, "/authorize?"+q.Encode(), "", ""); w.Code != http.StatusBadRequest {
			t.Errorf("%s: shown %d", name, w.Code)
		}
		if w := d.form("/authorize", url.Values{"request": {q.Encode()}, "subject": {"s-1"}}); w.Code != http.StatusBadRequest || w.Header().Get("Location") != "" {
			t.Errorf("%s: chosen %d", name, w.Code)
		}
	}
	for to, want := range map[string]int{"http://localhost:8080/": http.StatusSeeOther, "https://evil.example/": http.StatusBadRequest} {
		if w := d.send(http.MethodGet, "/end-session?post_logout_redirect_uri="+url.QueryEscape(to), "", ""); w.Code != want {
			t.Errorf("signed out to %s: %d", to, w.Code)
		}
	}
}

func TestTokensByJSONGoOn(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, kind := range []string{"application/json", "application/x-www-form-urlencoded"} {
		if w := d.send(http.MethodPost, "/token", kind, `{"subject":"one"}`); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "access_token") {
			t.Errorf("%s: %d %s", kind, w.Code, w.Body)
		}
	}
}
