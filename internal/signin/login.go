package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// LoginConfig is what a Login needs.
type LoginConfig struct {
	// Issuers in the order in which people see them.
	Issuers []LoginIssuer
	// PublicURL is where people reach the program, without a trailing slash. It
	// makes the address that an issuer sends them back to, which is registered
	// with each: PublicURL and [CallbackPath].
	PublicURL string
	// Now is the clock that ID tokens are judged by.
	Now func() time.Time
}

// CallbackPath is where an issuer sends people back to.
func CallbackPath(issuer string) string { return "/sign-in/" + issuer + "/callback" }

// Person is one who has signed in. Issuer and Subject are the key; nothing else
// that an issuer may know of a person, a national identity number least of all,
// is read.
type Person struct {
	Issuer, Subject string
	// Name is what the issuer calls the person, "" where it says nothing.
	Name string
	// Represents are the organisations that the person has chosen to represent,
	// by a right that the settings list. None is usual.
	Represents []Representation
}

// Representation is an organisation that an issuer says a person represents.
type Representation struct {
	OrgNumber string
	Name      string
}

// Attempt is a sign-in under way. It is secret, belongs to one browser and is
// good for one callback.
type Attempt struct {
	Issuer   string // the name of a LoginIssuer
	State    string
	Nonce    string
	Verifier string
	Begun    time.Time
}

// Login signs people in by OpenID Connect: the authorization code flow with
// PKCE (RFC 7636, S256), state and nonce. It is safe for use by many goroutines.
type Login struct {
	names     []string
	providers map[string]*provider
	publicURL string
	now       func() time.Time
}

// NewLogin makes a Login; issuers are asked for their metadata when they are
// first needed. It returns what [LoginIssuer.Check] returns, and invalid
// (config.unreadable) for a key or secret that cannot be read.
func NewLogin(c LoginConfig) (*Login, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	l := &Login{providers: map[string]*provider{}, publicURL: strings.TrimSuffix(c.PublicURL, "/"), now: c.Now}
	for _, i := range c.Issuers {
		i = i.WithDefaults()
		if err := i.Check(); err != nil {
			return nil, err
		}
		client, err := newClientAuthentication(i, c.Now)
		if err != nil {
			return nil, err
		}
		l.names = append(l.names, i.Name)
		l.providers[i.Name] = newProvider(i, client, c.Now)
	}
	return l, nil
}

// Issuers lists the names to choose from.
func (l *Login) Issuers() []string { return slices.Clone(l.names) }

func (l *Login) config(p *provider, found *discovered) *oauth2.Config {
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.client.secret, Endpoint: found.endpoint, Scopes: p.Scopes,
		RedirectURL: l.publicURL + CallbackPath(p.Name)}
}

// Begin gives the address to send the browser to, and what Finish needs. lang
// is the language that the issuer is asked to speak. It returns not_found for
// an issuer that is not listed, and unavailable (sign-in.issuer-unreachable).
func (l *Login) Begin(ctx context.Context, issuer, lang string) (string, Attempt, error) {
	p, ok := l.providers[issuer]
	if !ok {
		return "", Attempt{}, fault.New(fault.NotFound, "not-found")
	}
	found, err := p.discover(ctx)
	if err != nil {
		return "", Attempt{}, err
	}
	a := Attempt{Issuer: issuer, State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Begun: l.now()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)}
	set := func(name, value string) {
		if value != "" {
			options = append(options, oauth2.SetAuthURLParam(name, value))
		}
	}
	set("acr_values", strings.Join(p.ACR, " "))
	set("ui_locales", lang)
	set("authorization_details", p.authorizationDetails())
	for name, value := range p.Extra {
		set(name, value)
	}
	return l.config(p, found).AuthCodeURL(a.State, options...), a, nil
}

// answerParams are those of a callback that are read; each may stand once.
var answerParams = []string{"state", "iss", "error", "code"}

// Finish turns the issuer's answer into a person. The caller has made sure that
// the attempt is this browser's and is used once.
//
// It returns denied (sign-in.attempt for an answer to something else,
// sign-in.cancelled, sign-in.issuer-refused, sign-in.level for a sign-in that is
// not as safe as asked for, sign-in.id-token for an ID token that does not
// hold), and unavailable (sign-in.issuer-unreachable).
func (l *Login) Finish(ctx context.Context, a Attempt, answer url.Values) (Person, error) {
	p, ok := l.providers[a.Issuer]
	if !ok {
		return Person{}, notThisAttempt(errors.New("no such issuer"))
	}
	for _, name := range answerParams {
		if len(answer[name]) > 1 {
			return Person{}, notThisAttempt(errors.New(name + " stands twice"))
		}
	}
	if a.State == "" || subtle.ConstantTimeCompare([]byte(a.State), []byte(answer.Get("state"))) != 1 {
		return Person{}, notThisAttempt(errors.New("another state"))
	}
	found, err := p.discover(ctx)
	if err != nil {
		return Person{}, err
	}
	if err := p.checkIssuerOf(answer, found); err != nil {
		return Person{}, err
	}
	if code := answer.Get("error"); code != "" {
		return Person{}, refusedByIssuer(code)
	}
	token, err := p.exchange(ctx, l.config(p, found), answer.Get("code"), a.Verifier)
	if err != nil {
		return Person{}, err
	}
	raw, _ := token.Extra("id_token").(string)
	return p.person(ctx, found, raw, a)
}

func notThisAttempt(cause error) error { return fault.Wrap(fault.Denied, "sign-in.attempt", cause) }

// checkIssuerOf keeps another issuer's answer from being taken for this one's
// (RFC 9207). Ansattporten's own example has the parameter encoded twice, so
// that form is believed too.
func (p *provider) checkIssuerOf(answer url.Values, found *discovered) error {
	named := answer.Get("iss")
	if twice, err := url.QueryUnescape(named); err == nil && twice == p.URL {
		named = twice
	}
	if (named == "" && !found.namesItself) || named == p.URL {
		return nil
	}
	return notThisAttempt(errors.New("the answer is another issuer's"))
}

// refusedByIssuer tells a person who thought better of it from a refusal.
func refusedByIssuer(code string) error {
	if code == "access_denied" {
		return fault.New(fault.Denied, "sign-in.cancelled")
	}
	const longest = 40
	if len(code) > longest || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" {
		code = "unknown"
	}
	return fault.New(fault.Denied, "sign-in.issuer-refused", fault.Params{"code": code})
}

// exchange gets the tokens for a code.
func (p *provider) exchange(ctx context.Context, c *oauth2.Config, code, verifier string) (*oauth2.Token, error) {
	if code == "" {
		return nil, notThisAttempt(errors.New("no code"))
	}
	options, err := p.client.options(p.URL)
	if err != nil {
		return nil, err
	}
	token, err := c.Exchange(context.WithValue(ctx, oauth2.HTTPClient, p.http), code, append(options, oauth2.VerifierOption(verifier))...)
	var refused *oauth2.RetrieveError
	switch {
	case err == nil:
		return token, nil
	case errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < http.StatusInternalServerError:
		// The body is not logged: it may hold more than a code.
		return nil, fault.Wrap(fault.Denied, "sign-in.issuer-refused", errors.New("token endpoint: "+refused.Response.Status+" "+refused.ErrorCode))
	}
	return nil, fault.Wrap(fault.Unavailable, "sign-in.issuer-unreachable", errors.New("the token endpoint did not answer with tokens"))
}

// EndSession gives the address that ends the person's session with the issuer
// and comes back to the front page; false where the issuer has none or does not
// answer. The ID token is not handed over: it would have to be kept until then,
// with all that it says of the person (OpenID Connect RP-Initiated Logout 1.0
// section 2 lets client_id stand for it).
func (l *Login) EndSession(ctx context.Context, issuer string) (string, bool) {
	p, ok := l.providers[issuer]
	if !ok {
		return "", false
	}
	found, err := p.discover(ctx)
	if err != nil || found.endSession == "" {
		return "", false
	}
	u, err := url.Parse(found.endSession)
	if err != nil {
		return "", false
	}
	q := u.Query()
	q.Set("client_id", p.ClientID)
	q.Set("post_logout_redirect_uri", l.publicURL+"/")
	u.RawQuery = q.Encode()
	return u.String(), true
}
