package devissuer

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// jwtGrant is the grant by which Maskinporten gives tokens (RFC 7523).
const jwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// Maskinporten's bounds for a grant.
const (
	grantLifetime = 120 * time.Second
	grantSkew     = 10 * time.Second
)

// client is one who may ask by a grant.
type client struct {
	keyID  string
	public *rsa.PublicKey
}

// Client registers a client with the private key in a file (PEM), which is made
// where it is missing, and gives the id of the key.
func (i *Issuer) Client(id, keyFile string) (string, error) {
	key, err := clientKey(keyFile)
	if err != nil {
		return "", err
	}
	c := client{keyID: keyID(&key.PublicKey), public: &key.PublicKey}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.clients[id] = c
	return c.keyID, nil
}

func clientKey(file string) (*rsa.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if err == nil {
		return jwt.ParseRSAPrivateKeyFromPEM(text)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	key, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writePrivate(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// bodyOf reads a request: a form by its grant type, anything else as it is.
// Tools that send JSON without saying so call it a form.
func bodyOf(r *http.Request) ([]byte, url.Values) {
	body, err := io.ReadAll(r.Body)
	if err != nil || bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return body, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || !form.Has("grant_type") {
		return body, nil
	}
	return body, form
}

// grant answers a JWT grant as Maskinporten does: with the scope that it asks
// for, once.
func (i *Issuer) grant(w http.ResponseWriter, form url.Values) {
	claims := jwt.MapClaims{}
	if form.Get("grant_type") != jwtGrant || i.checkGrant(form.Get("assertion"), claims) != nil {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]string{"error": "invalid_grant"})
		return
	}
	of := Consumer(developer)
	of["client_id"], of["scope"] = claims["iss"], claims["scope"]
	i.give(w, "", "", of)
}

// developer is the organisation that the deployment's own client belongs to, an
// invented number.
const developer = "310000035"

func (i *Issuer) checkGrant(assertion string, claims jwt.MapClaims) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	_, err := jwt.ParseWithClaims(assertion, claims, func(t *jwt.Token) (any, error) {
		id, _ := claims["iss"].(string)
		c, known := i.clients[id]
		if !known || t.Header["kid"] != c.keyID {
			return nil, jwt.ErrTokenUnverifiable
		}
		return c.public, nil
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithAudience(i.url), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithTimeFunc(i.now), jwt.WithLeeway(grantSkew))
	if err != nil {
		return err
	}
	issued, _ := claims.GetIssuedAt()
	expires, _ := claims.GetExpirationTime()
	id, _ := claims["jti"].(string)
	switch {
	case issued == nil, expires.Sub(issued.Time) > grantLifetime, i.now().Sub(issued.Time) > grantSkew, id == "", i.used[id]:
		return jwt.ErrTokenInvalidClaims
	}
	i.used[id] = true
	return nil
}
