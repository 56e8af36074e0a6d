package signin

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// skew is how far an issuer's clock may be from this one.
const skew = time.Minute

// Longest values that are taken over from an ID token, in bytes and characters.
const (
	maxSubject = 255 // OpenID Connect Core 1.0 section 2
	maxName    = 200
)

// idClaims are what is read of an ID token. There is no field for a national
// identity number, so it stays in the token.
type idClaims struct {
	AuthorizedParty string          `json:"azp"`
	ACR             string          `json:"acr"`
	Name            string          `json:"name"`
	GivenName       string          `json:"given_name"`
	FamilyName      string          `json:"family_name"`
	Details         json.RawMessage `json:"authorization_details"`
}

func badIDToken(cause error) error { return fault.Wrap(fault.Denied, "sign-in.id-token", cause) }

// person verifies an ID token (OpenID Connect Core 1.0 section 3.1.3.7) and
// reads who it is of.
func (p *provider) person(ctx context.Context, found *discovered, raw string, a Attempt) (Person, error) {
	if raw == "" {
		return Person{}, badIDToken(errors.New("there is none"))
	}
	token, err := found.verifier.Verify(oidc.ClientContext(ctx, p.http), raw)
	if err != nil {
		return Person{}, badIDToken(err)
	}
	var claims idClaims
	if err := token.Claims(&claims); err != nil {
		return Person{}, badIDToken(errors.New("claims of other types than expected"))
	}
	if err := p.checkIDToken(token, claims, a); err != nil {
		return Person{}, err
	}
	if len(p.ACR) > 0 && !slices.Contains(p.ACR, claims.ACR) {
		return Person{}, fault.New(fault.Denied, "sign-in.level")
	}
	return Person{Issuer: token.Issuer, Subject: token.Subject, Name: nameOf(claims), Represents: p.represented(claims.Details)}, nil
}

// checkIDToken judges what the library leaves to its caller.
func (p *provider) checkIDToken(token *oidc.IDToken, claims idClaims, a Attempt) error {
	now := p.now()
	switch {
	case a.Nonce == "" || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(a.Nonce)) != 1:
		return badIDToken(errors.New("another nonce"))
	case claims.AuthorizedParty != "" && claims.AuthorizedParty != p.ClientID,
		len(token.Audience) > 1 && claims.AuthorizedParty == "":
		return badIDToken(errors.New("another authorized party"))
	case token.IssuedAt.After(now.Add(skew)), token.IssuedAt.Before(a.Begun.Add(-skew)):
		return badIDToken(errors.New("issued at another time"))
	case token.Subject == "" || len(token.Subject) > maxSubject:
		return badIDToken(errors.New("no subject, or too long a one"))
	}
	return nil
}

// nameOf reads a name for people to see, without what could disturb a page or a
// log.
func nameOf(c idClaims) string {
	name := c.Name
	if name == "" {
		name = c.GivenName + " " + c.FamilyName
	}
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name))
	if runes := []rune(name); len(runes) > maxName {
		name = string(runes[:maxName])
	}
	return name
}
