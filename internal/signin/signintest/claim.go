package signintest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

// secrets are what a verifier that confuses algorithms takes for a shared one:
// what the issuer publishes, and nothing.
func (f *Forge) secrets() map[string]string {
	r := httptest.NewRequestWithContext(f.t.Context(), http.MethodGet, "/jwks", http.NoBody)
	r.RemoteAddr, r.Host = "127.0.0.1:1", "127.0.0.1"
	w := httptest.NewRecorder()
	f.issuer.Handler().ServeHTTP(w, r)
	published, err := io.ReadAll(w.Body)
	f.must(err)
	var set struct {
		Keys []struct {
			N string `json:"n"`
		} `json:"keys"`
	}
	f.must(json.Unmarshal(published, &set))
	return map[string]string{"the published keys": string(published), "the modulus": set.Keys[0].N, "the key's name": f.issuer.KeyID("RS256"), "no secret": ""}
}

func (f *Forge) hmac(secret string) string {
	text := encode(f.header(map[string]any{"alg": "HS256"})) + "." + encode(f.payload(nil))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil))
}

func (f *Forge) headers() {
	f.with("something critical", map[string]any{"crit": []string{"exp"}, "exp": 1})
	f.with("critical, and nothing", map[string]any{"crit": []string{}})
	f.with("payload is not encoded", map[string]any{"b64": false, "crit": []string{"b64"}})
	f.with("says how it is encoded", map[string]any{"b64": true})
	f.with("compressed", map[string]any{"zip": "DEF"})
	f.with("encrypted", map[string]any{"enc": "A256GCM"})
	f.with("type of a logout token", map[string]any{"typ": "logout+jwt"})
	f.with("type of a security event", map[string]any{"typ": "secevent+jwt"})
	f.with("type of a proof of possession", map[string]any{"typ": "dpop+jwt"})
	f.with("type of a client's grant", map[string]any{"typ": "client-authentication+jwt"})
	f.with("type is empty", map[string]any{"typ": ""})
	f.with("type is a number", map[string]any{"typ": 1})
	f.add("algorithm stands twice", f.signed(twice(f.header(nil), `"alg":"none"`), f.payload(nil)))
	f.add("key's name stands twice", f.signed(twice(f.header(nil), `"kid":"other"`), f.payload(nil)))
	f.add("header is a list", f.signed("["+f.header(nil)+"]", f.payload(nil)))
}

func (f *Forge) times() {
	at := func(d time.Duration) int64 { return f.now.Add(d).Unix() }
	f.claim("expired", map[string]any{"exp": at(-time.Hour)})
	f.claim("expired a second ago", map[string]any{"exp": at(-time.Second)})
	f.claim("never expires", map[string]any{"exp": absent{}})
	f.claim("expires at null", map[string]any{"exp": nil})
	f.claim("expires at a text", map[string]any{"exp": "4102444800"})
	f.claim("expires before all time", map[string]any{"exp": -1})
	f.claim("expiry in capitals", map[string]any{"exp": absent{}, "EXP": at(time.Hour)})
	f.claim("not yet valid", map[string]any{"nbf": at(time.Minute)})
	f.claim("valid from a text", map[string]any{"nbf": "now"})
	f.claim("issued in the future", map[string]any{"iat": at(time.Minute)})
	f.claim("issued at a text", map[string]any{"iat": "now"})
}

func (f *Forge) names() {
	url := f.issuer.URL()
	f.claim("another issuer", map[string]any{"iss": "https://issuer.example"})
	f.claim("issuer with a slash", map[string]any{"iss": url + "/"})
	f.claim("issuer in capitals", map[string]any{"iss": strings.ToUpper(url)})
	f.claim("issuer with a path", map[string]any{"iss": url + "/jwks"})
	f.claim("no issuer", map[string]any{"iss": absent{}})
	f.claim("issuers in a list", map[string]any{"iss": []string{url}})
	f.claim("issuer's name in capitals", map[string]any{"iss": absent{}, "ISS": url})
	f.claim("nobody", map[string]any{"sub": absent{}})
	f.claim("subject's name in capitals", map[string]any{"sub": absent{}, "SUB": f.subject})
	f.claim("an empty subject", map[string]any{"sub": ""})
	f.claim("subject is a number", map[string]any{"sub": 1})
	f.claim("subject like an organisation's system", map[string]any{"sub": "0192:310000000"})
	f.claim("subject like a system user", map[string]any{"sub": "systemuser:0c0ffee0-0000-4000-8000-000000000001"})
	f.add("subject stands twice", f.signed(f.header(nil), twice(f.payload(nil), `"sub":"somebody-else"`)))
	f.add("issuer stands twice", f.signed(f.header(nil), twice(f.payload(nil), `"iss":"https://issuer.example"`)))
	f.add("a name within stands twice", f.signed(f.header(nil), twice(f.payload(nil), `"x":[{"y":1,"y":2}]`)))
	if f.audience == "" {
		return
	}
	f.claim("another audience", map[string]any{"aud": "other"})
	f.claim("no audience", map[string]any{"aud": absent{}})
	f.claim("audience that is left open", map[string]any{"aud": "unspecified"})
	f.claim("audience like it", map[string]any{"aud": f.audience + "x"})
	f.claim("audience in capitals", map[string]any{"aud": strings.ToUpper(f.audience)})
}

func (f *Forge) kinds() {
	f.claim("an ID token, by its nonce", map[string]any{"nonce": "n"})
	f.claim("an ID token, by its hash", map[string]any{"at_hash": "h"})
	f.claim("an ID token, by the code's hash", map[string]any{"c_hash": "h"})
	f.claim("a logout token", map[string]any{"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}})
	f.claim("bound to a key of the client", map[string]any{"token_type": "DPoP"})
	f.claim("type within says an ID token", map[string]any{"typ": "ID"})
	f.claim("type within says a refresh token", map[string]any{"typ": "Refresh"})
}

func (f *Forge) scopes() {
	for name, scope := range map[string]any{
		"a list": []string{"fellesloft:anbud.read"}, "empty": "", "a number": 1, "null": nil, "with two spaces": "fellesloft:anbud.read  x",
		"with a tab": "fellesloft:anbud.read\tx", "with a comma and a quotation mark": `"fellesloft:anbud.read",x`, "with a line": "x\nfellesloft:anbud.read", "beginning with a space": " x",
	} {
		f.claim("scope is "+name, map[string]any{"scope": scope})
	}
}

func (f *Forge) organisations() {
	id := func(id string) map[string]any { return map[string]any{"authority": "iso6523-actorid-upis", "ID": id} }
	for name, consumer := range map[string]any{
		"a text": "0192:310000000", "null": nil, "without a number": map[string]any{"authority": "iso6523-actorid-upis"},
		"of another register": map[string]any{"authority": "x", "ID": "0192:310000000"}, "of another country": id("0088:310000000"),
		"with a wrong check digit": id("0192:310000001"), "with spaces": id("0192:310 000 000"), "too long": id("0192:3100000000"),
		"with two numbers": map[string]any{"authority": "iso6523-actorid-upis", "ID": "0192:310000000", "id": "0192:310000019"},
	} {
		f.claim("consumer is "+name, map[string]any{"consumer": consumer})
	}
}

const someSystem = "0c0ffee0-0000-4000-8000-000000000001"

func (f *Forge) systemUsers() {
	org := map[string]any{"authority": "iso6523-actorid-upis", "ID": "0192:310000019"}
	detail := func(change map[string]any) map[string]any {
		out := map[string]any{"type": "urn:altinn:systemuser", "systemuser_org": org, "systemuser_id": []string{someSystem}}
		for k, v := range change {
			out[k] = v
			if v == (absent{}) {
				delete(out, k)
			}
		}
		return out
	}
	for name, details := range map[string]any{
		"that are not a list": detail(nil), "with two system users": []any{detail(nil), detail(nil)}, "without a type": []any{detail(map[string]any{"type": absent{}})},
		"without a customer": []any{detail(map[string]any{"systemuser_org": absent{}})}, "without an id": []any{detail(map[string]any{"systemuser_id": []string{}})},
		"with two ids":          []any{detail(map[string]any{"systemuser_id": []string{someSystem, "0c0ffee0-0000-4000-8000-000000000002"}})},
		"with an id as a text":  []any{detail(map[string]any{"systemuser_id": someSystem})},
		"with an id of no form": []any{detail(map[string]any{"systemuser_id": []string{"{" + someSystem + "}"}})},
		"as a text":             "urn:altinn:systemuser", "as null": nil,
	} {
		claims := devissuer.Consumer("310000000")
		claims["authorization_details"] = details
		f.claim("authorisation details "+name, claims)
	}
	f.claim("a system user without its maker", map[string]any{"authorization_details": []any{detail(nil)}})
}
