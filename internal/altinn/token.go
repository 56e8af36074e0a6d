package altinn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

const (
	jwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	// grantLifetime is what a grant lives, below Maskinporten's 120 seconds.
	grantLifetime = 100 * time.Second
	// before is how long before it expires a token is no longer used: it must
	// hold until the register has read it.
	before = 30 * time.Second
)

// held is an Altinn token until it is renewed. It proves who asks; what it says
// is Altinn's to judge.
type held struct {
	token string
	until time.Time
}

// altinnToken gives the token that is held, or fetches another. One caller at a
// time fetches.
func (r *Register) altinnToken(ctx context.Context) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.token.token != "" && r.now().Before(r.token.until) {
		return r.token.token, nil
	}
	maskinporten, err := r.maskinportenToken(ctx)
	if err != nil {
		return "", fmt.Errorf("fetch a token of Maskinporten: %w", err)
	}
	token, err := r.exchange(ctx, maskinporten)
	if err != nil {
		return "", fmt.Errorf("exchange the token: %w", err)
	}
	r.token = token
	return token.token, nil
}

// drop forgets a token that the register has refused, unless another has come.
func (r *Register) drop(token string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.token.token == token {
		r.token = held{}
	}
}

func (r *Register) maskinportenToken(ctx context.Context) (string, error) {
	address, err := r.tokenAddress(ctx)
	if err != nil {
		return "", err
	}
	assertion, err := r.assertion()
	if err != nil {
		return "", err
	}
	form := url.Values{"grant_type": {jwtGrant}, "assertion": {assertion}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	body, err := r.get(request)
	if err != nil {
		return "", err
	}
	var given struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &given); err != nil || given.Token == "" {
		return "", errors.New("no access token was given")
	}
	return given.Token, nil
}

// tokenAddress is what Maskinporten's metadata name (RFC 8414).
func (r *Register) tokenAddress(ctx context.Context) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(r.Issuer, "/")+"/.well-known/oauth-authorization-server", http.NoBody)
	if err != nil {
		return "", err
	}
	body, err := r.get(request)
	if err != nil {
		return "", err
	}
	var m struct {
		Issuer string `json:"issuer"`
		Token  string `json:"token_endpoint"`
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return "", err
	}
	if m.Issuer != r.Issuer || !r.secure(m.Token) {
		return "", fmt.Errorf("the metadata are of issuer %q", m.Issuer)
	}
	return m.Token, nil
}

// assertion is the client's own grant (RFC 7523 section 2.1). Maskinporten takes
// each id once, so every try has a new one.
func (r *Register) assertion() (string, error) {
	now := r.now()
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"aud": r.Issuer, "iss": r.ClientID, "scope": r.scope(), "jti": uuid.NewString(),
		"iat": now.Unix(), "exp": now.Add(grantLifetime).Unix(),
	})
	t.Header["kid"] = r.KeyID
	return t.SignedString(r.signing)
}

// exchange makes an Altinn token of Maskinporten's. The answer is the token
// itself, which some of Altinn's environments put in quotation marks.
func (r *Register) exchange(ctx context.Context, maskinporten string) (held, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.at("/authentication/api/v1/exchange/maskinporten"), http.NoBody)
	if err != nil {
		return held{}, err
	}
	request.Header.Set("Authorization", "Bearer "+maskinporten)
	body, err := r.get(request)
	if err != nil {
		return held{}, err
	}
	token := strings.Trim(strings.TrimSpace(string(body)), `"`)
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		return held{}, errors.New("no token was given")
	}
	expires, err := claims.GetExpirationTime()
	if err != nil || expires == nil {
		return held{}, errors.New("the token has no end")
	}
	return held{token, expires.Add(-before)}, nil
}
