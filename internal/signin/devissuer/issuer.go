// Package devissuer stands in for the national issuers in development and tests:
// whoever asks for a subject's token gets it, and it plays the authorisation
// register for supplier systems. It listens on loopback only, and nothing but
// development commands and tests make one. Its tokens and answers are taken the
// same way as any other issuer's.
package devissuer

import (
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Issuer signs tokens for any subject.
type Issuer struct {
	url  string
	file string
	now  func() time.Time

	mu      sync.Mutex
	keys    keyPair
	clients map[string]client
	used    map[string]bool // ids of grants, each good for once
	allowed []Grant

	browser browser
}

// New makes an issuer with the keys in a file, which are made where they are
// missing, so that tokens hold over a restart. url is where Handler is reached.
func New(url, keyFile string, now func() time.Time, options ...Option) (*Issuer, error) {
	keys, err := loadOrMake(keyFile)
	if err != nil {
		return nil, err
	}
	i := &Issuer{url: url, file: keyFile, now: now, keys: keys, clients: map[string]client{}, used: map[string]bool{}}
	for _, o := range options {
		o(i)
	}
	return i, nil
}

// URL is the issuer as its tokens write it.
func (i *Issuer) URL() string { return i.url }

// Rotate puts new keys, also in the file, in the place of those that there are:
// tokens signed before hold only where the old keys are still remembered.
func (i *Issuer) Rotate() error {
	keys, err := create(i.file)
	if err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = keys
	return nil
}

func (i *Issuer) pair() keyPair {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.keys
}

// Handler serves the metadata, the keys, POST /token and the authorisation
// register. It answers requests from this host only.
func (i *Issuer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/oauth-authorization-server", func(w http.ResponseWriter, _ *http.Request) { answer(w, i.metadata()) })
	mux.HandleFunc("GET /jwks", func(w http.ResponseWriter, _ *http.Request) { answer(w, i.pair().public()) })
	mux.HandleFunc("POST /token", i.token)
	i.register(mux)
	return loopbackOnly(i.withBrowser(mux))
}

func (i *Issuer) metadata() map[string]any {
	return map[string]any{
		"issuer": i.url, "jwks_uri": i.url + "/jwks", "token_endpoint": i.url + "/token",
		"response_types_supported": []string{"token"}, "subject_types_supported": []string{"public"},
		"grant_types_supported":                 []string{jwtGrant},
		"id_token_signing_alg_values_supported": []string{jwt.SigningMethodRS256.Alg(), jwt.SigningMethodES256.Alg()},
	}
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
