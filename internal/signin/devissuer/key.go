package devissuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

const rsaBits = 2048

// keyPair holds a key of each kind that issuers use: RSA signs unless another is
// asked for, as Maskinporten does.
type keyPair struct {
	rsa *rsa.PrivateKey
	ec  *ecdsa.PrivateKey
}

func loadOrMake(file string) (keyPair, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return create(file)
	}
	if err != nil {
		return keyPair{}, err
	}
	var keys keyPair
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "RSA PRIVATE KEY":
			keys.rsa, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			keys.ec, err = x509.ParseECPrivateKey(block.Bytes)
		}
		if err != nil {
			return keyPair{}, err
		}
	}
	if keys.rsa == nil || keys.ec == nil {
		return create(file) // development's own keys: nothing is lost with them
	}
	return keys, nil
}

func create(file string) (keyPair, error) {
	r, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		return keyPair{}, err
	}
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return keyPair{}, err
	}
	der, err := x509.MarshalECPrivateKey(e)
	if err != nil {
		return keyPair{}, err
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(r)}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})...)
	return keyPair{r, e}, writePrivate(file, text)
}

func writePrivate(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// public gives the keys as the issuer publishes them.
func (k keyPair) public() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: &k.rsa.PublicKey, KeyID: keyID(&k.rsa.PublicKey), Algorithm: "RS256", Use: "sig"},
		{Key: &k.ec.PublicKey, KeyID: keyID(&k.ec.PublicKey), Algorithm: "ES256", Use: "sig"},
	}}
}

// signer gives the key for an algorithm, and its id.
func (k keyPair) signer(method jwt.SigningMethod) (key any, id string) {
	if method == jwt.SigningMethodES256 {
		return k.ec, keyID(&k.ec.PublicKey)
	}
	return k.rsa, keyID(&k.rsa.PublicKey)
}

// keyID names a public key of a kind that always encodes.
func keyID(public crypto.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:8])
}
