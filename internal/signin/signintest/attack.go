// Package signintest holds what is tried against the sign-in with access tokens.
package signintest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

// Attack is a token that must be refused.
type Attack struct{ Name, Token string }

// Forge makes attacks from one token that holds, each changed in one place.
type Forge struct {
	t        testing.TB
	issuer   *devissuer.Issuer
	subject  string
	audience string
	now      time.Time
	attacks  []Attack
}

// NewForge takes a subject that is let in, and the audience that tokens must have
// ("" for none).
func NewForge(t testing.TB, issuer *devissuer.Issuer, subject, audience string, now time.Time) *Forge {
	t.Helper()
	return &Forge{t: t, issuer: issuer, subject: subject, audience: audience, now: now}
}

// Good is the token that the attacks are changed from. It must be let in, or the
// refusal of the attacks shows nothing.
func (f *Forge) Good() string { return f.signed(f.header(nil), f.payload(nil)) }

// WithType is the good token with another type in its header, "" for none.
func (f *Forge) WithType(name string) string {
	if name == "" {
		return f.signed(f.header(map[string]any{"typ": absent{}}), f.payload(nil))
	}
	return f.signed(f.header(map[string]any{"typ": name}), f.payload(nil))
}

// Attacks lists all.
func (f *Forge) Attacks() []Attack {
	f.attacks = nil
	f.forms()
	f.algorithms()
	f.keys()
	f.headers()
	f.times()
	f.names()
	f.kinds()
	f.scopes()
	f.organisations()
	f.systemUsers()
	return slices.Clone(f.attacks)
}

func (f *Forge) add(name, token string) { f.attacks = append(f.attacks, Attack{name, token}) }

func (f *Forge) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *Forge) header(change map[string]any) string {
	return f.object(map[string]any{"alg": "RS256", "typ": "JWT", "kid": f.issuer.KeyID("RS256")}, change)
}

func (f *Forge) payload(change map[string]any) string {
	claims := map[string]any{
		"iss": f.issuer.URL(), "sub": f.subject, "scope": devissuer.AllScopes, "jti": "1",
		"iat": f.now.Unix(), "nbf": f.now.Unix(), "exp": f.now.Add(time.Hour).Unix(),
	}
	if f.audience != "" {
		claims["aud"] = f.audience
	}
	return f.object(claims, change)
}

// absent leaves a name out; nil is JSON's null.
type absent struct{}

func (f *Forge) object(of, change map[string]any) string {
	maps.Copy(of, change)
	maps.DeleteFunc(of, func(_ string, v any) bool { return v == absent{} })
	text, err := json.Marshal(of)
	f.must(err)
	return string(text)
}

// signed is signed with the issuer's RSA key, whatever the header says.
func (f *Forge) signed(header, payload string) string { return f.by("RS256", header, payload) }

func (f *Forge) by(algorithm, header, payload string) string {
	token, err := f.issuer.Sign(algorithm, header, payload)
	f.must(err)
	return token
}

// claim tries one changed claim; with, one changed header parameter.
func (f *Forge) claim(name string, change map[string]any) {
	f.add(name, f.signed(f.header(nil), f.payload(change)))
}

func (f *Forge) with(name string, change map[string]any) {
	f.add(name, f.signed(f.header(change), f.payload(nil)))
}

// twice puts a member before the first of an object.
func twice(object, member string) string { return "{" + member + "," + strings.TrimPrefix(object, "{") }

func encode[T string | []byte](text T) string {
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

func (f *Forge) forms() {
	good := f.Good()
	parts := strings.Split(good, ".")
	other := strings.Split(f.signed(f.header(nil), f.payload(map[string]any{"jti": "2"})), ".")
	f.add("no token", "a.b.c")
	f.add("header alone", parts[0])
	f.add("without a signature part", parts[0]+"."+parts[1])
	f.add("empty signature", parts[0]+"."+parts[1]+".")
	f.add("a fourth part", good+".x")
	f.add("five parts, as if encrypted", good+".x.y")
	f.add("half a signature", good[:len(good)-100])
	f.add("another token's signature", parts[0]+"."+parts[1]+"."+other[2])
	f.add("signature with its unused bits set", good[:len(good)-1]+string(good[len(good)-1]+1))
	f.add("changed payload", parts[0]+"."+encode(f.payload(map[string]any{"sub": "somebody-else"}))+"."+parts[2])
	f.add("changed header", encode(f.header(map[string]any{"typ": "at+jwt"}))+"."+parts[1]+"."+parts[2])
	f.add("padded", parts[0]+"="+"."+parts[1]+"."+parts[2])
	f.add("a space in it", parts[0]+". "+parts[1]+"."+parts[2])
	f.add("JSON serialisation", `{"payload":"`+parts[1]+`","protected":"`+parts[0]+`","signature":"`+parts[2]+`"}`)
	f.add("too large, and signed", f.signed(f.header(nil), f.payload(map[string]any{"much": strings.Repeat("x", 14_000)})))
	f.add("payload is a list", f.signed(f.header(nil), "["+f.payload(nil)+"]"))
	f.add("payload is null", f.signed(f.header(nil), "null"))
	f.add("something after the payload", f.signed(f.header(nil), f.payload(nil)+"{}"))
	f.add("payload is not UTF-8", f.signed(f.header(nil), twice(f.payload(nil), "\"x\":\"\xff\"")))
	f.add("a token in a token", f.signed(f.header(map[string]any{"cty": "JWT"}), good))
}

func (f *Forge) algorithms() {
	ec := f.issuer.KeyID("ES256")
	for _, name := range []string{"none", "None", "nOnE", "NONE"} {
		f.add("algorithm "+name, encode(f.header(map[string]any{"alg": name}))+"."+encode(f.payload(nil))+".")
	}
	f.add("algorithm none with a signature", f.signed(f.header(map[string]any{"alg": "none"}), f.payload(nil)))
	f.with("no algorithm", map[string]any{"alg": absent{}})
	f.with("algorithm in small letters", map[string]any{"alg": "rs256"})
	f.with("algorithms in a list", map[string]any{"alg": []string{"RS256"}})
	for name, secret := range f.secrets() {
		f.add("HS256 with "+name, f.hmac(secret))
	}
	for _, other := range []string{"RS384", "RS512", "PS256"} {
		f.add(other+" with a key for RS256", f.by(other, f.header(map[string]any{"alg": other}), f.payload(nil)))
	}
	f.with("says another algorithm than it is signed by", map[string]any{"alg": "RS512"})
	f.with("RSA under the elliptic key's name", map[string]any{"kid": ec})
	f.add("elliptic under the RSA key's name", f.by("ES256", f.header(map[string]any{"alg": "ES256"}), f.payload(nil)))
	elliptic := encode(f.header(map[string]any{"alg": "ES256", "kid": ec})) + "." + encode(f.payload(nil)) + "."
	f.add("ES256 with a signature of zeros", elliptic+encode(make([]byte, 64)))
	f.add("ES256 with an empty signature", elliptic)
	f.add("RS256 with a signature of zeros", encode(f.header(nil))+"."+encode(f.payload(nil))+"."+encode(make([]byte, 256)))
}

func (f *Forge) keys() {
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	f.must(err)
	sign := func(header string) string {
		text := encode(header) + "." + encode(f.payload(nil))
		sum := sha256.Sum256([]byte(text))
		signature, err := rsa.SignPKCS1v15(rand.Reader, own, crypto.SHA256, sum[:])
		f.must(err)
		return text + "." + encode(signature)
	}
	jwk := map[string]any{"kty": "RSA", "kid": "own", "alg": "RS256", "n": encode(own.N.Bytes()), "e": "AQAB"}
	f.add("another's key", sign(f.header(nil)))
	f.add("another's key under a name of its own", sign(f.header(map[string]any{"kid": "own"})))
	f.add("brings its key", sign(f.header(map[string]any{"kid": "own", "jwk": jwk})))
	f.add("says where its key is", sign(f.header(map[string]any{"kid": "own", "jku": "https://attacker.example/jwks"})))
	f.add("says where its certificate is", sign(f.header(map[string]any{"kid": "own", "x5u": "https://attacker.example/chain"})))
	f.add("brings its certificate", sign(f.header(map[string]any{"kid": "own", "x5c": []string{"MIIB"}})))
	f.add("elliptic, another's key", f.foreignElliptic())
	for name, kid := range map[string]any{
		"a path": "../../../../dev/null", "a path in the issuer": "/jwks", "SQL": "x' UNION SELECT 'key'--", "empty": "", "very long": strings.Repeat("k", 5_000),
		"a number": 1, "null": nil, "a list": []string{f.issuer.KeyID("RS256")}, "an address": "https://attacker.example/key", "a shell's": "|id", "a zero byte": f.issuer.KeyID("RS256") + "\x00",
	} {
		f.with("key's name is "+name, map[string]any{"kid": kid})
	}
	f.with("no key is named", map[string]any{"kid": absent{}})
}

func (f *Forge) foreignElliptic() string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	f.must(err)
	text := encode(f.header(map[string]any{"alg": "ES256", "kid": f.issuer.KeyID("ES256")})) + "." + encode(f.payload(nil))
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	f.must(err)
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + encode(signature)
}
