package signin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/fellesloft/fellesloft/internal/fault"
)

const (
	loginTimeout = 10 * time.Second
	// metadataFor is how long an issuer's metadata are used without asking again;
	// metadataAgain bounds how often an issuer that does not answer is asked.
	metadataFor   = 12 * time.Hour
	metadataAgain = 10 * time.Second
)

// provider is a login issuer with what it says of itself.
type provider struct {
	LoginIssuer
	client clientAuthentication
	now    func() time.Time
	http   *http.Client

	mu    sync.Mutex
	found *discovered
	made  time.Time
	tried time.Time
}

// discovered are an issuer's metadata.
type discovered struct {
	verifier   *oidc.IDTokenVerifier
	endpoint   oauth2.Endpoint
	endSession string
	// namesItself: every answer has the issuer's name (RFC 9207 section 3).
	namesItself bool
}

func newProvider(i LoginIssuer, client clientAuthentication, now func() time.Time) *provider {
	return &provider{LoginIssuer: i, client: client, now: now, http: &http.Client{Timeout: loginTimeout,
		// Metadata, keys and tokens come from where they are said to be.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// discover gives the issuer's metadata (OpenID Connect Discovery 1.0). Known
// ones go on while the issuer is away.
func (p *provider) discover(ctx context.Context) (*discovered, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	justTried := !p.tried.IsZero() && now.Sub(p.tried) < metadataAgain
	if p.found != nil && (justTried || now.Sub(p.made) < metadataFor) {
		return p.found, nil
	}
	if justTried {
		return nil, fault.New(fault.Unavailable, "sign-in.issuer-unreachable")
	}
	p.tried = now
	found, err := p.fetch(ctx)
	switch {
	case err == nil:
		p.found, p.made = found, now
	case p.found == nil:
		return nil, fault.Wrap(fault.Unavailable, "sign-in.issuer-unreachable", err)
	}
	return p.found, nil
}

func (p *provider) fetch(ctx context.Context) (*discovered, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(context.WithoutCancel(ctx), p.http), loginTimeout)
	defer cancel()
	of, err := oidc.NewProvider(ctx, p.URL)
	if err != nil {
		return nil, err
	}
	var more struct {
		JWKS       string   `json:"jwks_uri"`
		EndSession string   `json:"end_session_endpoint"`
		Names      bool     `json:"authorization_response_iss_parameter_supported"`
		Auth       []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := of.Claims(&more); err != nil {
		return nil, err
	}
	d := &discovered{endpoint: of.Endpoint(), endSession: more.EndSession, namesItself: more.Names}
	for _, address := range []string{d.endpoint.AuthURL, d.endpoint.TokenURL, more.JWKS} {
		if !p.safe(address) {
			return nil, errors.New("an address in the issuer's metadata is not https")
		}
	}
	if !p.safe(d.endSession) {
		d.endSession = ""
	}
	d.endpoint.AuthStyle = oauth2.AuthStyleInParams
	if p.client.secret != "" && (len(more.Auth) == 0 || slices.Contains(more.Auth, "client_secret_basic")) {
		d.endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	keys := oidc.NewRemoteKeySet(oidc.ClientContext(context.WithoutCancel(ctx), p.http), more.JWKS)
	d.verifier = oidc.NewVerifier(p.URL, keys, &oidc.Config{ClientID: p.ClientID, SupportedSigningAlgs: Algorithms(), Now: p.now})
	return d, nil
}

// safe judges an address of the issuer as the issuer itself is judged.
func (p *provider) safe(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	u.RawQuery = ""
	return Issuer{URL: u.String(), Loopback: p.Loopback}.check() == nil
}
