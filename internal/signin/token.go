package signin

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// maxToken is the largest token, in bytes. Those of the national issuers are
// below four thousand.
const maxToken = 16 << 10

// claims is what is read of a token, and nothing more.
type claims struct {
	issuer, subject string
	// consumer is an organisation number, "" where the token names none.
	consumer string
}

// rawClaims are the token's own. Maskinporten's tokens have a consumer and no
// subject; a person's have a subject.
type rawClaims struct {
	Consumer *struct {
		Authority string `json:"authority"`
		ID        string `json:"ID"`
	} `json:"consumer"`
	AuthorizationDetails json.RawMessage `json:"authorization_details"`
}

// refused is the one answer for every token that does not hold: what is wrong
// with it is for the log.
func refused(cause error) error { return fault.Wrap(fault.Unauthenticated, "sign-in.token", cause) }

// verify checks form, issuer, signature, times and audience.
func (s *Service) verify(ctx context.Context, token string) (claims, error) {
	if len(token) > maxToken || strings.Count(token, ".") != 2 {
		return claims{}, refused(nil)
	}
	issuer, ok := s.issuers[issuerNamedBy(token)]
	if !ok {
		return claims{}, refused(nil)
	}
	verified, err := issuer.verify(ctx, token)
	if err != nil {
		return claims{}, err
	}
	return claimsOf(verified)
}

// issuerNamedBy reads which issuer a token says that it is from, unverified:
// only which keys to verify it with depends on it.
func issuerNamedBy(token string) string {
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		return ""
	}
	var named struct {
		Issuer string `json:"iss"`
	}
	if json.Unmarshal(payload, &named) != nil {
		return ""
	}
	return named.Issuer
}

func claimsOf(t *oidc.IDToken) (claims, error) {
	var raw rawClaims
	if err := t.Claims(&raw); err != nil {
		return claims{}, refused(err)
	}
	// A system user's token speaks for a customer, which is to be asked of the
	// authorisation register; its consumer is not whom it acts for.
	if strings.Contains(string(raw.AuthorizationDetails), "urn:altinn:systemuser") {
		return claims{}, fault.New(fault.Denied, "sign-in.system-user")
	}
	out := claims{issuer: t.Issuer, subject: t.Subject}
	if raw.Consumer != nil {
		if raw.Consumer.Authority != "iso6523-actorid-upis" {
			return claims{}, refused(nil)
		}
		out.consumer = organisationNumber(raw.Consumer.ID)
		if out.consumer == "" {
			return claims{}, refused(nil)
		}
		if out.subject == "" {
			out.subject = raw.Consumer.ID
		}
	}
	if out.subject == "" {
		return claims{}, refused(nil)
	}
	return out, nil
}
