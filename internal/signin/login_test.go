package signin_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/signin"
	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

const (
	loginURL = "http://127.0.0.1:8080"
	someone  = "someone"
	resource = "urn:altinn:resource:fellesloft"
	service  = "urn:altinn:resource:2480:40"
)

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// hall is a login with an issuer whose ID tokens can be bent, and that keeps what
// it was asked for tokens with.
type hall struct {
	t      *testing.T
	login  *signin.Login
	issuer *devissuer.Issuer
	url    string
	away   atomic.Bool
	asked  atomic.Pointer[http.Request]
	body   atomic.Pointer[url.Values]
}

// newHall has one person, whose ID token holds the claims beside or instead of
// the usual ones.
func newHall(t *testing.T, claims map[string]any, represents []devissuer.Organisation, change func(*signin.LoginIssuer)) *hall {
	t.Helper()
	h := &hall{t: t}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.away.Load() {
			http.Error(w, "away", http.StatusBadGateway)
			return
		}
		if r.URL.Path == "/token" {
			keep := r.Clone(context.WithoutCancel(r.Context()))
			noError(t, r.ParseForm())
			form := r.PostForm
			h.asked.Store(keep)
			h.body.Store(&form)
			again := httptest.NewRequest(http.MethodPost, "/token", strings.NewReader(form.Encode()))
			again.Header, again.RemoteAddr, again.Host = r.Header, r.RemoteAddr, r.Host
			r = again
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	issuer, err := devissuer.New(server.URL, filepath.Join(t.TempDir(), "key.pem"), time.Now,
		devissuer.WithPeople([]devissuer.Person{{Subject: someone, Name: "Noen", Represents: represents, More: claims}}))
	noError(t, err)
	h.issuer, h.url, handler = issuer, server.URL, issuer.Handler()
	settings := signin.LoginIssuer{Name: signin.Ansattporten, URL: server.URL, ClientID: "fellesloft", Loopback: true, Resources: []string{resource}, Services: []string{service}}
	if change != nil {
		change(&settings)
	}
	h.login, err = signin.NewLogin(signin.LoginConfig{PublicURL: loginURL, Issuers: []signin.LoginIssuer{settings}})
	noError(t, err)
	return h
}

// answer goes through the issuer and gives what it sends back.
func (h *hall) answer(address string) url.Values {
	h.t.Helper()
	u, err := url.Parse(address)
	noError(h.t, err)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(h.url+"/authorize", url.Values{"request": {u.RawQuery}, "subject": {someone}})
	noError(h.t, err)
	response.Body.Close()
	back, err := url.Parse(response.Header.Get("Location"))
	noError(h.t, err)
	if !strings.HasPrefix(back.String(), loginURL+signin.CallbackPath(signin.Ansattporten)) {
		h.t.Fatalf("sent to %q", back)
	}
	return back.Query()
}

func (h *hall) signIn() (signin.Person, error) {
	h.t.Helper()
	address, attempt, err := h.login.Begin(h.t.Context(), signin.Ansattporten, "nn")
	noError(h.t, err)
	return h.login.Finish(h.t.Context(), attempt, h.answer(address))
}

func TestWhatAnIssuerIsAsked(t *testing.T) {
	t.Parallel()
	h := newHall(t, nil, nil, func(i *signin.LoginIssuer) { i.Extra = map[string]string{"prompt": "login"} })
	address, attempt, err := h.login.Begin(t.Context(), signin.Ansattporten, "nn")
	noError(t, err)
	other, second, err := h.login.Begin(t.Context(), signin.Ansattporten, "nn")
	noError(t, err)
	if attempt.State == second.State || attempt.Nonce == second.Nonce || attempt.Verifier == second.Verifier || address == other || strings.Contains(address, attempt.Verifier) {
		t.Error("two sign-ins share a secret, or tell one")
	}
	u, err := url.Parse(address)
	noError(t, err)
	q := u.Query()
	for name, want := range map[string]string{"response_type": "code", "client_id": "fellesloft", "scope": "openid", "state": attempt.State, "nonce": attempt.Nonce,
		"code_challenge_method": "S256", "acr_values": "substantial high", "ui_locales": "nn", "prompt": "login", "redirect_uri": loginURL + "/sign-in/ansattporten/callback"} {
		if got := q.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	var details []map[string]string
	noError(t, json.Unmarshal([]byte(q.Get("authorization_details")), &details))
	if len(details) != 2 || details[0]["type"] != "ansattporten:altinn:service" || details[0]["resource"] != service || details[1]["type"] != "ansattporten:altinn:resource" || details[1]["resource"] != resource {
		t.Errorf("asked for %v", details)
	}
	if _, _, err := h.login.Begin(t.Context(), "unknown", "nb"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an issuer that is not listed: %v", err)
	}
}

func TestASignInGivesAPerson(t *testing.T) {
	t.Parallel()
	h := newHall(t, map[string]any{"pid": "13097248022", "name": "No\u202een\r\n Person"}, []devissuer.Organisation{{Number: "310000000", Name: "Oppdiktet AS"}}, nil)
	p, err := h.signIn()
	noError(t, err)
	if p.Issuer != h.url || p.Subject != someone || p.Name != "Noen Person" || !slices.Equal(p.Represents, []signin.Representation{{OrgNumber: "310000000", Name: "Oppdiktet AS"}}) {
		t.Errorf("got %+v", p)
	}
	if p, err = newHall(t, nil, nil, nil).signIn(); err != nil || len(p.Represents) != 0 {
		t.Errorf("one who represents nobody: %+v %v", p, err)
	}
}

// Every ID token here is signed by the issuer, and wrong.
func TestIDTokensThatDoNotHold(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, c := range map[string]struct {
		claims map[string]any
		rule   string
	}{
		"another nonce":             {map[string]any{"nonce": "x"}, "sign-in.id-token"},
		"no nonce":                  {map[string]any{"nonce": nil}, "sign-in.id-token"},
		"another audience":          {map[string]any{"aud": "other"}, "sign-in.id-token"},
		"no audience":               {map[string]any{"aud": nil}, "sign-in.id-token"},
		"several, none authorised":  {map[string]any{"aud": []string{"fellesloft", "other"}}, "sign-in.id-token"},
		"another is authorised":     {map[string]any{"aud": []string{"fellesloft", "other"}, "azp": "other"}, "sign-in.id-token"},
		"another authorised party":  {map[string]any{"azp": "other"}, "sign-in.id-token"},
		"another issuer":            {map[string]any{"iss": "https://issuer.example"}, "sign-in.id-token"},
		"expired":                   {map[string]any{"exp": now.Add(-time.Minute).Unix()}, "sign-in.id-token"},
		"never expires":             {map[string]any{"exp": nil}, "sign-in.id-token"},
		"issued in an hour":         {map[string]any{"iat": now.Add(time.Hour).Unix()}, "sign-in.id-token"},
		"issued before the attempt": {map[string]any{"iat": now.Add(-time.Hour).Unix()}, "sign-in.id-token"},
		"issued at no time":         {map[string]any{"iat": nil}, "sign-in.id-token"},
		"no subject":                {map[string]any{"sub": ""}, "sign-in.id-token"},
		"too long a subject":        {map[string]any{"sub": strings.Repeat("x", 256)}, "sign-in.id-token"},
		"claims of other types":     {map[string]any{"acr": 4}, "sign-in.id-token"},
		"a lower level":             {map[string]any{"acr": "low"}, "sign-in.level"},
		"no level":                  {map[string]any{"acr": nil}, "sign-in.level"},
		"authorised for us":         {map[string]any{"aud": []string{"fellesloft", "other"}, "azp": "fellesloft"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := newHall(t, c.claims, nil, nil).signIn(); fault.RuleOf(err) != c.rule || (err != nil && !fault.Is(err, fault.Denied)) {
				t.Errorf("got %v, want %q", err, c.rule)
			}
		})
	}
}

func TestAnswersThatAreRefused(t *testing.T) {
	t.Parallel()
	h := newHall(t, nil, nil, nil)
	for name, c := range map[string]struct {
		change func(a *signin.Attempt, q url.Values)
		rule   string
	}{
		"another state":       {func(_ *signin.Attempt, q url.Values) { q.Set("state", "x") }, "sign-in.attempt"},
		"no state anywhere":   {func(a *signin.Attempt, q url.Values) { a.State = ""; q.Del("state") }, "sign-in.attempt"},
		"two codes":           {func(_ *signin.Attempt, q url.Values) { q.Add("code", "x") }, "sign-in.attempt"},
		"no code":             {func(_ *signin.Attempt, q url.Values) { q.Del("code") }, "sign-in.attempt"},
		"another issuer":      {func(_ *signin.Attempt, q url.Values) { q.Set("iss", "https://issuer.example") }, "sign-in.attempt"},
		"no issuer":           {func(_ *signin.Attempt, q url.Values) { q.Del("iss") }, "sign-in.attempt"},
		"issuer encoded":      {func(_ *signin.Attempt, q url.Values) { q.Set("iss", url.QueryEscape(q.Get("iss"))) }, ""},
		"another verifier":    {func(a *signin.Attempt, _ url.Values) { a.Verifier = strings.Repeat("x", 43) }, "sign-in.issuer-refused"},
		"another nonce":       {func(a *signin.Attempt, _ url.Values) { a.Nonce = "x" }, "sign-in.id-token"},
		"no nonce":            {func(a *signin.Attempt, _ url.Values) { a.Nonce = "" }, "sign-in.id-token"},
		"an issuer not known": {func(a *signin.Attempt, _ url.Values) { a.Issuer = "x" }, "sign-in.attempt"},
		"cancelled":           {func(_ *signin.Attempt, q url.Values) { q.Set("error", "access_denied") }, "sign-in.cancelled"},
		"refused":             {func(_ *signin.Attempt, q url.Values) { q.Set("error", "server_error") }, "sign-in.issuer-refused"},
	} {
		address, attempt, err := h.login.Begin(t.Context(), signin.Ansattporten, "nb")
		noError(t, err)
		answer := h.answer(address)
		c.change(&attempt, answer)
		if _, err := h.login.Finish(t.Context(), attempt, answer); fault.RuleOf(err) != c.rule {
			t.Errorf("%s: %v, want %q", name, err, c.rule)
		}
	}
	address, attempt, err := h.login.Begin(t.Context(), signin.Ansattporten, "nb")
	noError(t, err)
	answer := h.answer(address)
	_, err = h.login.Finish(t.Context(), attempt, answer)
	noError(t, err)
	if _, err := h.login.Finish(t.Context(), attempt, answer); fault.RuleOf(err) != "sign-in.issuer-refused" {
		t.Errorf("the same code again: %v", err)
	}
}

func TestAnIssuerThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	h := newHall(t, nil, nil, nil)
	address, attempt, err := h.login.Begin(t.Context(), signin.Ansattporten, "nb")
	noError(t, err)
	answer := h.answer(address)
	h.away.Store(true)
	if _, err := h.login.Finish(t.Context(), attempt, answer); fault.RuleOf(err) != "sign-in.issuer-unreachable" {
		t.Errorf("got %v", err)
	}
	h = newHall(t, nil, nil, nil)
	h.away.Store(true)
	if _, _, err := h.login.Begin(t.Context(), signin.Ansattporten, "nb"); fault.RuleOf(err) != "sign-in.issuer-unreachable" {
		t.Errorf("got %v", err)
	}
	if _, ok := h.login.EndSession(t.Context(), signin.Ansattporten); ok {
		t.Error("an address of an issuer that is away")
	}
}

// privateKey writes an RSA key to a file.
func privateKey(t *testing.T, bits int) (*rsa.PrivateKey, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	noError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	noError(t, err)
	file := filepath.Join(t.TempDir(), "client.pem")
	noError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	return key, file
}

func TestTheProgramProvesWhoItIs(t *testing.T) {
	t.Parallel()
	key, file := privateKey(t, 2048)
	h := newHall(t, nil, nil, func(i *signin.LoginIssuer) { i.KeyFile, i.KeyID = file, "key-1" })
	for range 2 {
		_, err := h.signIn()
		noError(t, err)
	}
	form := *h.body.Load()
	if form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" || form.Get("client_secret") != "" || form.Get("client_id") != "fellesloft" {
		t.Errorf("asked with %v", form)
	}
	var claims jwt.RegisteredClaims
	assertion, err := jwt.ParseWithClaims(form.Get("client_assertion"), &claims, func(*jwt.Token) (any, error) { return &key.PublicKey, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithAudience(h.url), jwt.WithIssuer("fellesloft"), jwt.WithSubject("fellesloft"), jwt.WithExpirationRequired(), jwt.WithIssuedAt())
	noError(t, err)
	if claims.ID == "" || assertion.Header["kid"] != "key-1" || claims.ExpiresAt.Sub(claims.IssuedAt.Time) > 2*time.Minute {
		t.Errorf("asserted %+v %v", claims, assertion.Header)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	noError(t, os.WriteFile(secret, []byte("a shared secret\n"), 0o600))
	h = newHall(t, nil, nil, func(i *signin.LoginIssuer) { i.SecretFile = secret })
	_, err = h.signIn()
	noError(t, err)
	user, password, ok := h.asked.Load().BasicAuth()
	if !ok || user != "fellesloft" || password != "a+shared+secret" {
		t.Errorf("asked as %q", user)
	}
}

func TestSettingsOfALogin(t *testing.T) {
	t.Parallel()
	_, file := privateKey(t, 2048)
	_, short := privateKey(t, 1024)
	whole := signin.LoginIssuer{Name: signin.IDporten, ClientID: "id", KeyFile: file}
	for name, c := range map[string]struct {
		change  func(i *signin.LoginIssuer)
		rule    string
		setting string
	}{
		"whole":                        {func(*signin.LoginIssuer) {}, "", ""},
		"no client id":                 {func(i *signin.LoginIssuer) { i.ClientID = "" }, "config.half-set", "IDPORTEN_CLIENT_ID"},
		"no authentication":            {func(i *signin.LoginIssuer) { i.KeyFile = "" }, "config.half-set", "IDPORTEN_CLIENT_KEY_FILE"},
		"a key's id without it":        {func(i *signin.LoginIssuer) { i.KeyFile, i.SecretFile, i.KeyID = "", file, "x" }, "config.half-set", "IDPORTEN_CLIENT_KEY_FILE"},
		"an unknown name without URL":  {func(i *signin.LoginIssuer) { i.Name = "oidc" }, "config.half-set", "OIDC_ISSUER"},
		"no name":                      {func(i *signin.LoginIssuer) { i.Name = "" }, "config.half-set", "LOGIN_NAME"},
		"both ways":                    {func(i *signin.LoginIssuer) { i.SecretFile = file }, "config.both-set", "IDPORTEN_CLIENT_SECRET_FILE"},
		"in clear":                     {func(i *signin.LoginIssuer) { i.URL = "http://issuer.example" }, "sign-in.issuer-address", ""},
		"in clear on this host":        {func(i *signin.LoginIssuer) { i.URL = "http://127.0.0.1:1" }, "sign-in.issuer-address", ""},
		"a parameter of the program's": {func(i *signin.LoginIssuer) { i.Extra = map[string]string{"redirect_uri": "x"} }, "sign-in.login-parameter", ""},
		"a key that is missing":        {func(i *signin.LoginIssuer) { i.KeyFile = "/nowhere" }, "config.unreadable", ""},
		"a key that is too short":      {func(i *signin.LoginIssuer) { i.KeyFile = short }, "config.unreadable", ""},
		"a secret that is missing":     {func(i *signin.LoginIssuer) { i.KeyFile, i.SecretFile = "", "/nowhere" }, "config.unreadable", ""},
	} {
		settings := whole
		c.change(&settings)
		_, err := signin.NewLogin(signin.LoginConfig{PublicURL: loginURL, Issuers: []signin.LoginIssuer{settings}})
		f, _ := fault.As(err)
		if fault.RuleOf(err) != c.rule || (c.setting != "" && f.Params["setting"] != c.setting) {
			t.Errorf("%s: %v, want %s %s", name, err, c.rule, c.setting)
		}
	}
	if !(signin.LoginIssuer{Name: signin.Ansattporten}).Empty() || whole.Empty() {
		t.Error("empty is told wrongly")
	}
}
