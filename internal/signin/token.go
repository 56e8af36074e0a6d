package signin

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	// Names are compared exactly and may stand once; the standard library takes
	// "ISS" for "iss" and the last of two.
	"github.com/go-jose/go-jose/v4/json"

	"github.com/fellesloft/fellesloft/internal/fault"
)

const (
	// maxToken is the largest token, in bytes. Those of the national issuers are
	// below four thousand.
	maxToken = 16 << 10
	// maxKeyID is the longest name of a key, in bytes.
	maxKeyID = 256
)

// refused is the one answer for every token that does not hold: what is wrong
// with it is for the log.
func refused(cause error) error { return fault.Wrap(fault.Unauthenticated, "sign-in.token", cause) }

// verify gives what a token says, if it holds. It returns unauthenticated
// (sign-in.token) or unavailable (sign-in.issuer-unreachable).
//
// A token that held a moment ago is not verified again but for its expiry: a
// system sends the same one with each request, and its signature costs as much as
// the rest of a small request.
func (s *Service) verify(ctx context.Context, token string) (claims, error) {
	if len(token) > maxToken {
		return claims{}, refused(errors.New("too large"))
	}
	out, err := s.tokens.get(sha256.Sum256([]byte(token)), func() (claims, error) { return s.read(ctx, token) })
	if err == nil && !s.now().Before(out.expires) {
		return claims{}, refused(errors.New("expired"))
	}
	return out, err
}

// read checks form, issuer, signature, times and audience, and reads what the
// token says.
func (s *Service) read(ctx context.Context, token string) (claims, error) {
	payload, err := formOf(token)
	if err != nil {
		return claims{}, refused(err)
	}
	// Unverified: only which keys to verify with depends on it.
	var says struct {
		Issuer string `json:"iss"`
	}
	if err := json.Unmarshal(payload, &says); err != nil {
		return claims{}, refused(err)
	}
	issuer, ok := s.issuers[says.Issuer]
	if !ok {
		return claims{}, refused(errors.New("the issuer is not listed"))
	}
	expires, err := issuer.verify(ctx, token)
	if err != nil {
		return claims{}, err
	}
	out, err := claimsOf(payload, s.prefix)
	if err != nil {
		return claims{}, refused(err)
	}
	out.issuer, out.expires = issuer.URL, expires
	return out, nil
}

// formOf judges what can be judged without a key and gives the payload: a
// compact JWS (RFC 7515) with a plain header, around one JSON object in which
// every name stands once.
func formOf(token string) ([]byte, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("no signed token")
	}
	var header map[string]any
	if _, err := object(parts[0], &header); err != nil {
		return nil, err
	}
	if err := checkHeader(header); err != nil {
		return nil, err
	}
	var all map[string]any
	return object(parts[1], &all)
}

func object(part string, into *map[string]any) ([]byte, error) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(text) {
		return nil, errors.New("not UTF-8")
	}
	if err := json.Unmarshal(text, into); err != nil {
		return nil, err
	}
	if *into == nil {
		return nil, errors.New("no object")
	}
	return text, nil
}

// neverInHeader are the parameters that would bring a key along (jku, jwk, x5u,
// x5c), change what is signed (b64), ask for what is not understood here (crit,
// zip), or say that the content is another token or encrypted (cty, enc).
func neverInHeader() []string {
	return []string{"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "cty", "enc"}
}

// accessTypes are the types of token that may be an access token: RFC 9068's
// own, and the general one that most issuers write. ID tokens, logout tokens and
// the like that say what they are say something else (RFC 8725 section 3.11).
func accessTypes() []string { return []string{"JWT", "at+jwt", "application/at+jwt"} }

func checkHeader(header map[string]any) error {
	for _, name := range neverInHeader() {
		if _, there := header[name]; there {
			return errors.New("header " + name)
		}
	}
	if kid, ok := header["kid"].(string); !ok || kid == "" || len(kid) > maxKeyID {
		return errors.New("no key named")
	}
	kind, there := header["typ"]
	if !there {
		return nil
	}
	name, _ := kind.(string)
	if !slices.ContainsFunc(accessTypes(), func(t string) bool { return strings.EqualFold(t, name) }) {
		return errors.New("not an access token by its type")
	}
	return nil
}
