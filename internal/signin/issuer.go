package signin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Issuer is one whose tokens are believed.
type Issuer struct {
	// URL is the issuer exactly as its tokens write it, the trailing slash
	// included or not.
	URL string
	// Algorithms that its tokens may be signed with (RFC 7518); none listed means
	// all of [Algorithms].
	Algorithms []string
	// Loopback allows http on this host's own addresses. Only development tools
	// set it.
	Loopback bool
}

// Algorithms lists those that a token may be signed with at all: public keys
// only, so a published key can never be used as a shared secret (RFC 8725
// section 3.1).
func Algorithms() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "ES256", "EdDSA"}
}

func (i Issuer) check() error {
	for _, a := range i.Algorithms {
		if !slices.Contains(Algorithms(), a) {
			return fault.New(fault.Invalid, "sign-in.issuer-algorithm", fault.Params{"algorithm": a})
		}
	}
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

const (
	fetchTimeout = 5 * time.Second
	maxFetched   = 1 << 20
	// leeway is how far into the future an issuer's clock may lie. Both keep time
	// by NTP and differ by far less; Maskinporten itself allows ten seconds. An
	// expired token gets none: its holder can always fetch another.
	leeway = 5 * time.Second
)

// issuer verifies the tokens of one issuer.
type issuer struct {
	Issuer
	parser *jwt.Parser
	keys   *keyring
}

func newIssuer(i Issuer, audience string, now func() time.Time) *issuer {
	algorithms := i.Algorithms
	if len(algorithms) == 0 {
		algorithms = Algorithms()
	}
	options := []jwt.ParserOption{
		jwt.WithValidMethods(algorithms), jwt.WithIssuer(i.URL), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway), jwt.WithTimeFunc(now), jwt.WithStrictDecoding(),
	}
	if audience != "" {
		options = append(options, jwt.WithAudience(audience))
	}
	return &issuer{Issuer: i, parser: jwt.NewParser(options...), keys: newKeyring(i, now)}
}

// verify checks signature, issuer, audience and times but the expiry, which it
// gives. The form must have been checked, so that every name in header and claims
// stands once.
func (i *issuer) verify(ctx context.Context, token string) (time.Time, error) {
	verified, err := i.parser.Parse(token, func(t *jwt.Token) (any, error) {
		id, _ := t.Header["kid"].(string)
		keys, err := i.keys.find(ctx, id, t.Method.Alg())
		return jwt.VerificationKeySet{Keys: keys}, err
	})
	if fault.Is(err, fault.Unavailable) {
		return time.Time{}, unreachable(err)
	}
	if err != nil {
		return time.Time{}, refused(err)
	}
	expires, err := verified.Claims.GetExpirationTime()
	if err != nil {
		return time.Time{}, refused(err)
	}
	return expires.Time, nil
}

func unreachable(cause error) error {
	return fault.Wrap(fault.Unavailable, "sign-in.issuer-unreachable", cause)
}

// noRedirect keeps keys from being taken from anywhere but where the issuer's
// own metadata says.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// discover finds the address of the keys: by OpenID Connect's metadata, or by
// OAuth's (RFC 8414), which is what Maskinporten has.
func (k *keyring) discover(ctx context.Context) (string, error) {
	var last error
	for _, name := range []string{"openid-configuration", "oauth-authorization-server"} {
		jwks, err := k.metadata(ctx, strings.TrimSuffix(k.URL, "/")+"/.well-known/"+name)
		if err == nil {
			return jwks, nil
		}
		last = err
	}
	return "", last
}

func (k *keyring) metadata(ctx context.Context, address string) (string, error) {
	var m struct {
		Issuer string `json:"issuer"`
		JWKS   string `json:"jwks_uri"`
	}
	if err := k.get(ctx, address, &m); err != nil {
		return "", err
	}
	if m.Issuer != k.URL {
		return "", fmt.Errorf("%s is of issuer %q", address, m.Issuer)
	}
	return m.JWKS, Issuer{URL: m.JWKS, Loopback: k.Loopback}.checkKeys()
}

func (k *keyring) get(ctx context.Context, address string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := k.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d", address, answer.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxFetched)).Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", address, err)
	}
	return nil
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
