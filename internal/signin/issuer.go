package signin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Issuer is one whose tokens are believed.
type Issuer struct {
	// URL is the issuer exactly as its tokens write it, the trailing slash
	// included or not.
	URL string
	// Loopback allows http on this host's own addresses. Only development tools
	// set it.
	Loopback bool
}

func (i Issuer) check() error {
	u, err := url.Parse(i.URL)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && i.Loopback && isLoopback(u.Hostname()):
		return nil
	}
	return fault.New(fault.Invalid, "sign-in.issuer-address", fault.Params{"issuer": i.URL})
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// algorithms are those that a token may be signed with: public keys only, so a
// published key can never be used as a shared secret.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.PS256, oidc.EdDSA}

const (
	fetchTimeout = 5 * time.Second
	// againAfter bounds how often an issuer is asked: anybody can send tokens
	// with made-up key ids.
	againAfter = 10 * time.Second
	// keysFor is how long keys are used without asking again, so that one that
	// the issuer withdraws goes out of use.
	keysFor    = 12 * time.Hour
	maxFetched = 1 << 20
)

// issuer verifies the tokens of one issuer.
type issuer struct {
	Issuer
	config *oidc.Config
	now    func() time.Time
	client *http.Client

	mu       sync.Mutex
	verifier *oidc.IDTokenVerifier
	keys     *throttled
	made     time.Time
	tried    time.Time
}

func newIssuer(i Issuer, audience string, now func() time.Time) *issuer {
	return &issuer{Issuer: i, now: now, client: &http.Client{Timeout: fetchTimeout, CheckRedirect: noRedirect},
		config: &oidc.Config{ClientID: audience, SkipClientIDCheck: audience == "", SupportedSigningAlgs: algorithms, Now: now}}
}

// noRedirect keeps keys from being taken from anywhere but where the issuer's
// own metadata says.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func unreachable(cause error) error {
	return fault.Wrap(fault.Unavailable, "sign-in.issuer-unreachable", cause)
}

func (i *issuer) verify(ctx context.Context, token string) (*oidc.IDToken, error) {
	verifier, keys, err := i.ready(ctx)
	if err != nil {
		return nil, err
	}
	t, err := verifier.Verify(ctx, token)
	switch {
	case err == nil:
		return t, nil
	case keys.failing():
		return nil, unreachable(err)
	}
	return nil, refused(err)
}

// ready gives the verifier, made from the issuer's metadata when first needed
// and again when it is old.
func (i *issuer) ready(ctx context.Context) (*oidc.IDTokenVerifier, *throttled, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.now()
	fresh := i.verifier != nil && now.Sub(i.made) < keysFor
	if fresh || (i.verifier != nil && now.Sub(i.tried) < againAfter) {
		return i.verifier, i.keys, nil
	}
	if i.verifier == nil && !i.tried.IsZero() && now.Sub(i.tried) < againAfter {
		return nil, nil, unreachable(nil)
	}
	i.tried = now
	jwks, err := i.discover(ctx)
	if err != nil {
		if i.verifier != nil {
			return i.verifier, i.keys, nil // the known keys go on until the issuer is back
		}
		return nil, nil, unreachable(err)
	}
	i.keys = &throttled{base: i.client.Transport, now: i.now}
	client := &http.Client{Timeout: fetchTimeout, CheckRedirect: noRedirect, Transport: i.keys}
	i.verifier = oidc.NewVerifier(i.URL, oidc.NewRemoteKeySet(oidc.ClientContext(context.WithoutCancel(ctx), client), jwks), i.config)
	i.made = now
	return i.verifier, i.keys, nil
}

// discover finds the address of the keys: by OpenID Connect's metadata, or by
// OAuth's, which is what Maskinporten has.
func (i *issuer) discover(ctx context.Context) (string, error) {
	var last error
	for _, name := range []string{"openid-configuration", "oauth-authorization-server"} {
		jwks, err := i.metadata(ctx, strings.TrimSuffix(i.URL, "/")+"/.well-known/"+name)
		if err == nil {
			return jwks, nil
		}
		last = err
	}
	return "", last
}

func (i *issuer) metadata(ctx context.Context, address string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return "", err
	}
	answer, err := i.client.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answered %d", address, answer.StatusCode)
	}
	var m struct {
		Issuer string `json:"issuer"`
		JWKS   string `json:"jwks_uri"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxFetched)).Decode(&m); err != nil {
		return "", fmt.Errorf("read %s: %w", address, err)
	}
	if m.Issuer != i.URL {
		return "", fmt.Errorf("%s is of issuer %q", address, m.Issuer)
	}
	return m.JWKS, Issuer{URL: m.JWKS, Loopback: i.Loopback}.checkKeys()
}

// checkKeys judges an address of keys as that of an issuer, but for its query.
func (i Issuer) checkKeys() error {
	u, err := url.Parse(i.URL)
	if err != nil {
		return err
	}
	u.RawQuery = ""
	return Issuer{URL: u.String(), Loopback: i.Loopback}.check()
}
