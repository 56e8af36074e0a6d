package altinn_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/altinn"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/signin"
	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

const customer party.OrgNumber = "310000019"

var system = uuid.MustParse("0c0ffee0-0000-4000-8000-0000000000aa")

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// platform is Maskinporten and Altinn in one, with a look at what is sent.
type platform struct {
	issuer   *devissuer.Issuer
	settings altinn.Settings
	sent     atomic.Pointer[[]byte] // the last question

	mu    sync.Mutex
	paths map[string]int
	at    time.Time
	// before answers in the issuer's place when it says so.
	before func(w http.ResponseWriter, r *http.Request) bool
}

func (p *platform) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

func (p *platform) wait(by time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = p.at.Add(by)
}

func (p *platform) count(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paths[path]
}

const (
	tokenPath     = "/token"
	exchangePath  = "/authentication/api/v1/exchange/maskinporten"
	authorizePath = "/authorization/api/v1/authorize"
)

// keys are the issuer's and the client's, made once: an RSA key takes longer than
// all the rest.
var keys = sync.OnceValue(func() [2][]byte {
	dir, err := os.MkdirTemp("", "keys")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a folder of the machine's own, at the worst
	files := [2]string{filepath.Join(dir, "issuer.pem"), filepath.Join(dir, "client.pem")}
	i, err := devissuer.New("http://127.0.0.1:1", files[0], time.Now)
	if err != nil {
		panic(err)
	}
	if _, err := i.Client("c", files[1]); err != nil {
		panic(err)
	}
	var out [2][]byte
	for n, file := range files {
		if out[n], err = os.ReadFile(file); err != nil {
			panic(err)
		}
	}
	return out
})

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{paths: map[string]int{}, at: time.Now().Truncate(time.Second)}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == authorizePath {
			p.sent.Store(&body)
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		p.mu.Lock()
		p.paths[r.URL.Path]++
		before := p.before
		p.mu.Unlock()
		if before == nil || !before(w, r) {
			handler.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	issuerFile, keyFile := filepath.Join(dir, "issuer.pem"), filepath.Join(dir, "client.pem")
	must(t, os.WriteFile(issuerFile, keys()[0], 0o600))
	must(t, os.WriteFile(keyFile, keys()[1], 0o600))
	var err error
	p.issuer, err = devissuer.New(server.URL, issuerFile, p.now)
	must(t, err)
	handler = p.issuer.Handler()
	keyID, err := p.issuer.Client("our-client", keyFile)
	must(t, err)
	p.issuer.SetGrants(devissuer.Grant{SystemUser: devissuer.SystemUser{ID: system, Organisation: customer}, Actions: []string{signin.ActionRead}})
	p.settings = altinn.Settings{
		Platform: server.URL, SubscriptionKey: "subscription", Resource: "fellesloft", Issuer: server.URL,
		ClientID: "our-client", KeyID: keyID, KeyFile: keyFile, Loopback: true,
	}
	return p
}

func (p *platform) instead(path string, status int, body string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return false
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return true
	}
}

func (p *platform) register(t *testing.T) *altinn.Register {
	t.Helper()
	r, err := altinn.New(p.settings, p.now)
	must(t, err)
	return r
}

func read() signin.SystemUser {
	return signin.SystemUser{ID: system, Organisation: customer, Action: signin.ActionRead}
}

func TestTheRegisterIsAsked(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	r := p.register(t)
	write, other, elsewhere := read(), read(), read()
	write.Action, other.ID, elsewhere.Organisation = signin.ActionWrite, uuid.New(), "310000108"
	for name, c := range map[string]struct {
		about signin.SystemUser
		want  bool
	}{"permitted": {read(), true}, "another action": {write, false}, "another system": {other, false}, "another customer": {elsewhere, false}} {
		if yes, err := r.Permits(t.Context(), c.about); err != nil || yes != c.want {
			t.Errorf("%s: %v, %v", name, yes, err)
		}
	}
	if n := p.count(tokenPath); n != 1 {
		t.Errorf("%d tokens of Maskinporten for four questions", n)
	}
}

// TestTheQuestion holds what is sent to the form that Altinn documents.
func TestTheQuestion(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	_, err := p.register(t).Permits(t.Context(), read())
	must(t, err)
	const want = `{"Request": {"ReturnPolicyIdList": false,
		"AccessSubject": [{"Attribute": [{"AttributeId": "urn:altinn:systemuser:uuid", "Value": "0c0ffee0-0000-4000-8000-0000000000aa", "DataType": "http://www.w3.org/2001/XMLSchema#string"}]}],
		"Action": [{"Attribute": [{"AttributeId": "urn:oasis:names:tc:xacml:1.0:action:action-id", "Value": "read", "DataType": "http://www.w3.org/2001/XMLSchema#string"}]}],
		"Resource": [{"Attribute": [{"AttributeId": "urn:altinn:resource", "Value": "fellesloft", "DataType": "http://www.w3.org/2001/XMLSchema#string"},
			{"AttributeId": "urn:altinn:organization:identifier-no", "Value": "310000019", "DataType": "http://www.w3.org/2001/XMLSchema#string"}]}]}}`
	if got := string(*p.sent.Load()); got != compact(t, want) {
		t.Errorf("got %s", got)
	}
}

func compact(t *testing.T, text string) string {
	t.Helper()
	var v struct {
		Request struct {
			ReturnPolicyIDList              bool `json:"ReturnPolicyIdList"`
			AccessSubject, Action, Resource []struct {
				Attribute []struct {
					AttributeID string `json:"AttributeId"`
					Value       string
					DataType    string
				}
			}
		}
	}
	must(t, json.Unmarshal([]byte(text), &v))
	out, err := json.Marshal(v)
	must(t, err)
	return string(out)
}

func TestAnswersOfTheRegister(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	r := p.register(t)
	level := func(category, value string) string {
		return `{"Response":[{"Decision":"Permit","Obligations":[{"id":"o","attributeAssignment":[{"category":"` + category + `","value":"` + value + `"}]}]}]}`
	}
	for name, c := range map[string]struct {
		status int
		body   string
		yes    bool
		fails  bool
	}{
		"permit":                      {body: `{"Response":[{"Decision":"Permit"}]}`, yes: true},
		"permit in small letters":     {body: `{"response":[{"decision":"Permit","obligations":null}]}`, yes: true},
		"permit at a level":           {body: level("urn:altinn:minimum-authenticationlevel", "3"), yes: true},
		"permit at an organisation's": {body: level("urn:altinn:minimum-authenticationlevel-org", "2"), yes: true},
		"permit at a higher level":    {body: level("urn:altinn:minimum-authenticationlevel", "4")},
		"permit with another duty":    {body: level("urn:altinn:other", "1")},
		"permit with an empty duty":   {body: `{"Response":[{"Decision":"Permit","Obligations":[{"id":"o"}]}]}`},
		"deny":                        {body: `{"Response":[{"Decision":"Deny"}]}`},
		"not applicable":              {body: `{"Response":[{"Decision":"NotApplicable"}]}`},
		"indeterminate":               {body: `{"Response":[{"Decision":"Indeterminate"}]}`},
		"permit and deny":             {body: `{"Response":[{"Decision":"Permit"},{"Decision":"Deny"}]}`, fails: true},
		"no decision":                 {body: `{"Response":[]}`, fails: true},
		"an unknown decision":         {body: `{"Response":[{"Decision":"permit"}]}`, fails: true},
		"no JSON":                     {body: `<html>`, fails: true},
		"forbidden":                   {status: http.StatusForbidden, body: `{"Response":[{"Decision":"Permit"}]}`, fails: true},
		"failure":                     {status: http.StatusInternalServerError, fails: true},
		"redirect":                    {status: http.StatusFound, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			if c.status == 0 {
				c.status = http.StatusOK
			}
			p.instead(authorizePath, c.status, c.body)
			if yes, err := r.Permits(t.Context(), read()); yes != c.yes || (err != nil) != c.fails {
				t.Errorf("%v, %v", yes, err)
			}
		})
	}
}

func TestTheTokenIsKeptAndRenewed(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	r := p.register(t)
	ask := func(tokens int) {
		t.Helper()
		if yes, err := r.Permits(t.Context(), read()); !yes || err != nil {
			t.Errorf("%v, %v", yes, err)
		}
		if n := p.count(exchangePath); n != tokens {
			t.Errorf("%d tokens, want %d", n, tokens)
		}
	}
	ask(1)
	p.wait(12*time.Hour - 31*time.Second) // the token lives for twelve hours
	ask(1)
	p.wait(time.Second)
	ask(2)
	// A token that is refused before its time is fetched again once.
	must(t, p.issuer.Rotate())
	ask(3)
	p.instead(authorizePath, http.StatusUnauthorized, "")
	if _, err := r.Permits(t.Context(), read()); err == nil {
		t.Error("a refused token was enough")
	}
	if n := p.count(exchangePath); n != 4 {
		t.Errorf("%d tokens", n)
	}
}

func TestAPlatformThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path   string
		status int
		body   string
	}{
		"no metadata":            {path: "/.well-known/oauth-authorization-server", status: 500},
		"another's metadata":     {path: "/.well-known/oauth-authorization-server", status: 200, body: `{"issuer":"https://other.example","token_endpoint":"https://other.example/token"}`},
		"no token":               {path: tokenPath, status: 400, body: `{"error":"invalid_grant"}`},
		"an empty token":         {path: tokenPath, status: 200, body: `{}`},
		"no exchange":            {path: exchangePath, status: 401},
		"exchange for nothing":   {path: exchangePath, status: 200},
		"exchange for no token":  {path: exchangePath, status: 200, body: "hello"},
		"a token without an end": {path: exchangePath, status: 200, body: "e30.e30.e30"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t)
			p.instead(c.path, c.status, c.body)
			if yes, err := p.register(t).Permits(t.Context(), read()); yes || err == nil {
				t.Errorf("%v, %v", yes, err)
			}
			if p.count(authorizePath) != 0 {
				t.Error("the register was asked without a token")
			}
		})
	}
}

// TestATokenInQuotationMarks is what some of Altinn's environments answer.
func TestATokenInQuotationMarks(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	token, err := p.issuer.Token("", "", map[string]any{"altinn": true, "scope": altinn.DefaultScope})
	must(t, err)
	p.instead(exchangePath, http.StatusOK, `"`+token+`"`)
	if yes, err := p.register(t).Permits(t.Context(), read()); !yes || err != nil {
		t.Errorf("%v, %v", yes, err)
	}
}
