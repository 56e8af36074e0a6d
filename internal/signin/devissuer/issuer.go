// Package devissuer is an issuer of tokens for development and tests: whoever
// asks for a subject's token gets it. It listens on loopback only, and nothing
// but development commands and tests make one. Its tokens are verified the same
// way as any other issuer's.
package devissuer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

// lifetime of a token: a working day, since development has nothing to renew it.
const lifetime = 12 * time.Hour

// Issuer signs tokens for any subject.
type Issuer struct {
	url string
	key *ecdsa.PrivateKey
	id  string
	now func() time.Time
}

// New makes an issuer with the key in a file, which is made where it is missing,
// so that tokens hold over a restart. url is where Handler is reached.
func New(url, keyFile string, now func() time.Time) (*Issuer, error) {
	key, err := loadOrMake(keyFile)
	if err != nil {
		return nil, err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(public)
	return &Issuer{url: url, key: key, id: hex.EncodeToString(sum[:8]), now: now}, nil
}

func loadOrMake(file string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return create(file)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New(file + " holds no key")
	}
	return x509.ParseECPrivateKey(block.Bytes)
}

func create(file string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	return key, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), 0o600)
}

// URL is the issuer as its tokens write it.
func (i *Issuer) URL() string { return i.url }

// Token signs a token of a subject for the audience ("" for none). more are
// claims beside the usual ones, or instead of them.
func (i *Issuer) Token(subject, audience string, more map[string]any) (string, error) {
	now := i.now()
	claims := jwt.MapClaims{"iss": i.url, "sub": subject, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(lifetime).Unix()}
	if audience != "" {
		claims["aud"] = audience
	}
	for k, v := range more {
		claims[k] = v
	}
	t := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	t.Header["kid"] = i.id
	return t.SignedString(i.key)
}

// Handler serves the metadata, the keys and POST /token, which takes
// {"subject": …, "audience": …} and gives {"access_token": …}. It answers
// requests from this host only.
func (i *Issuer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"issuer": i.url, "jwks_uri": i.url + "/jwks", "token_endpoint": i.url + "/token",
			"response_types_supported": []string{"token"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"ES256"}})
	})
	mux.HandleFunc("GET /jwks", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &i.key.PublicKey, KeyID: i.id, Algorithm: "ES256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /token", i.token)
	return loopbackOnly(mux)
}

func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Subject  string `json:"subject"`
		Audience string `json:"audience"`
	}
	const largest = 10_000
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, largest)).Decode(&asked); err != nil || asked.Subject == "" {
		http.Error(w, `expected {"subject": "…"}`, http.StatusBadRequest)
		return
	}
	token, err := i.Token(asked.Subject, asked.Audience, nil)
	if err != nil {
		http.Error(w, "the token could not be signed", http.StatusInternalServerError)
		return
	}
	answer(w, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(lifetime.Seconds())})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) //nolint:errchkjson // a client that has gone needs no answer
}

// loopbackOnly refuses other hosts, also behind a listener that was opened too
// wide, and names that a page elsewhere has been made to resolve to this host.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(r.RemoteAddr) || (!isLoopback(r.Host) && hostOf(r.Host) != "localhost") {
			http.Error(w, "for this host only", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}

func isLoopback(address string) bool {
	ip := net.ParseIP(hostOf(address))
	return ip != nil && ip.IsLoopback()
}
