package signin

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

const (
	// againAfter bounds how often an issuer is asked: anybody can send tokens
	// with made-up key ids.
	againAfter = 10 * time.Second
	// keysFor is how long keys are used without asking again, so that one that
	// the issuer withdraws goes out of use.
	keysFor = time.Hour
	// keysAtMost is how long keys are used while the issuer does not answer. Who
	// can keep the issuer away from here must not keep a withdrawn key alive for
	// ever.
	keysAtMost = 24 * time.Hour
	// smallestRSA is the least that RFC 7518 section 3.3 allows, in bits.
	smallestRSA = 2048
)

// keyring holds the public keys of one issuer. They come from the address in the
// issuer's metadata and from nowhere else; a token cannot bring its own.
type keyring struct {
	Issuer
	client *http.Client
	now    func() time.Time

	known atomic.Pointer[keys]

	// mu is held by the one who asks the issuer, and guards the rest.
	mu    sync.Mutex
	tried time.Time
	err   error
}

// keys are those of one answer of the issuer.
type keys struct {
	list    []jose.JSONWebKey
	address string
	at      time.Time
}

func newKeyring(i Issuer, now func() time.Time) *keyring {
	return &keyring{Issuer: i, now: now, client: &http.Client{Timeout: fetchTimeout, CheckRedirect: noRedirect}}
}

// find gives the keys with an id that are for an algorithm; none where the
// issuer has no such key. It returns unavailable where the issuer does not
// answer and what is known of its keys does not settle it.
func (k *keyring) find(ctx context.Context, id, algorithm string) ([]jwt.VerificationKey, error) {
	known := k.known.Load()
	found := known.match(id, algorithm)
	if len(found) > 0 && k.age(known) < keysFor {
		return found, nil
	}
	usable := len(found) > 0 && k.age(known) < keysAtMost
	if usable && !k.mu.TryLock() {
		return found, nil // another request asks; this one need not wait for it
	}
	if !usable {
		k.mu.Lock()
	}
	defer k.mu.Unlock()
	renewed, err := k.renew(ctx, known)
	switch {
	case err == nil:
		return renewed.match(id, algorithm), nil
	case usable:
		return found, nil
	}
	return nil, unreachable(err)
}

func (k *keyring) age(of *keys) time.Duration { return k.now().Sub(of.at) }

// renew asks the issuer, unless somebody just has. The caller holds mu.
func (k *keyring) renew(ctx context.Context, before *keys) (*keys, error) {
	if known := k.known.Load(); known != before {
		return known, nil
	}
	if !k.tried.IsZero() && k.now().Sub(k.tried) < againAfter {
		return before, k.err
	}
	k.tried = k.now()
	// One caller that goes away must not fail it for those who wait.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	defer cancel()
	var fetched *keys
	if fetched, k.err = k.fetch(ctx, before); k.err != nil {
		return nil, k.err
	}
	k.known.Store(fetched)
	return fetched, nil
}

func (k *keyring) fetch(ctx context.Context, before *keys) (*keys, error) {
	out := &keys{at: k.now()}
	if before != nil && k.age(before) < keysFor {
		out.address = before.address
	} else {
		address, err := k.discover(ctx)
		if err != nil {
			return nil, err
		}
		out.address = address
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := k.get(ctx, out.address, &set); err != nil {
		return nil, err
	}
	for _, text := range set.Keys {
		// One key of a kind that is unknown here must not take the others away.
		var key jose.JSONWebKey
		if json.Unmarshal(text, &key) == nil && forTokens(key) {
			out.list = append(out.list, key)
		}
	}
	return out, nil
}

// forTokens reports whether a key may verify tokens at all: named, public, not
// meant for encryption, and strong enough.
func forTokens(key jose.JSONWebKey) bool {
	if key.KeyID == "" || !key.Valid() || !key.IsPublic() || (key.Use != "" && key.Use != "sig") {
		return false
	}
	r, isRSA := key.Key.(*rsa.PublicKey)
	return !isRSA || r.N.BitLen() >= smallestRSA
}

// match gives the keys of an id for an algorithm; a key that names its algorithm
// is used with no other (RFC 8725 section 3.1).
func (k *keys) match(id, algorithm string) []jwt.VerificationKey {
	if k == nil {
		return nil
	}
	var out []jwt.VerificationKey
	for _, key := range k.list {
		if key.KeyID == id && (key.Algorithm == algorithm || (key.Algorithm == "" && fits(key.Key, algorithm))) {
			out = append(out, key.Key)
		}
	}
	return out
}

func fits(key any, algorithm string) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(algorithm, "RS") || strings.HasPrefix(algorithm, "PS")
	case *ecdsa.PublicKey:
		return algorithm == "ES256" && k.Curve == elliptic.P256()
	case ed25519.PublicKey:
		return algorithm == "EdDSA"
	}
	return false
}
