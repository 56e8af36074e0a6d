package signin

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"

	"github.com/fellesloft/fellesloft/internal/fault"
)

const (
	// assertionFor is how long an assertion holds; the national issuers allow 120
	// seconds.
	assertionFor = time.Minute
	minRSA       = 2048
)

// clientAuthentication proves to an issuer that the program asks.
type clientAuthentication struct {
	clientID string
	secret   string
	key      *rsa.PrivateKey
	keyID    string
	now      func() time.Time
}

func newClientAuthentication(i LoginIssuer, now func() time.Time) (clientAuthentication, error) {
	c := clientAuthentication{clientID: i.ClientID, keyID: i.KeyID, now: now}
	switch {
	case i.SecretFile != "":
		b, err := os.ReadFile(i.SecretFile)
		if err == nil && len(bytes.TrimSpace(b)) == 0 {
			err = errors.New("the file is empty")
		}
		if err != nil {
			return c, fault.Wrap(fault.Invalid, "config.unreadable", err).At(i.setting("CLIENT_SECRET_FILE"))
		}
		c.secret = string(bytes.TrimSpace(b))
	case i.KeyFile != "":
		b, err := os.ReadFile(i.KeyFile)
		if err == nil {
			c.key, err = jwt.ParseRSAPrivateKeyFromPEM(b)
		}
		if err == nil && c.key.N.BitLen() < minRSA {
			err = errors.New("the key is too short")
		}
		if err != nil {
			return c, fault.Wrap(fault.Invalid, "config.unreadable", err).At(i.setting("CLIENT_KEY_FILE"))
		}
	}
	return c, nil
}

// options are what a token request carries beside the code: with a key, an
// assertion for this request alone (RFC 7523 section 2.2). A secret is sent by
// the oauth2 library itself.
func (c clientAuthentication) options(issuer string) ([]oauth2.AuthCodeOption, error) {
	if c.key == nil {
		return nil, nil
	}
	now := c.now()
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.RegisteredClaims{Issuer: c.clientID, Subject: c.clientID, Audience: jwt.ClaimStrings{issuer},
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(assertionFor)), ID: rand.Text()})
	if c.keyID != "" {
		t.Header["kid"] = c.keyID
	}
	signed, err := t.SignedString(c.key)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "sign-in.assertion", err)
	}
	return []oauth2.AuthCodeOption{
		oauth2.SetAuthURLParam("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
		oauth2.SetAuthURLParam("client_assertion", signed),
	}, nil
}
