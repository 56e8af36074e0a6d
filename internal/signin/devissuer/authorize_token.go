package devissuer

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/party"
)

// codeForm reads a request that exchanges a code; any other is left as it was.
func codeForm(r *http.Request) (url.Values, bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, largest))
	if err != nil {
		return nil, false
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	form, err := url.ParseQuery(string(body))
	return form, err == nil && form.Get("grant_type") == "authorization_code"
}

// exchange gives the ID token for a code, once, to the program that asked for it
// and knows the verifier (RFC 7636 section 4.6).
func (i *Issuer) exchange(w http.ResponseWriter, r *http.Request, form url.Values) {
	c, ok := i.browser.take(form.Get("code"))
	client := form.Get("client_id")
	if user, _, basic := r.BasicAuth(); basic {
		client = user
	}
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	if !ok || i.now().After(c.until) || client != c.client || form.Get("redirect_uri") != c.redirect ||
		subtle.ConstantTimeCompare([]byte(challenge), []byte(c.challenge)) != 1 {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]string{"error": "invalid_grant"})
		return
	}
	claims := map[string]any{"nonce": c.nonce, "acr": c.acr, "name": c.who.Name, "auth_time": i.now().Unix(), "scope": nil, "token_type": nil}
	if details := granted(c.asked, c.who.Represents); len(details) > 0 {
		claims["authorization_details"] = details
	}
	maps.Copy(claims, c.who.More)
	token, err := i.Token(c.who.Subject, client, claims)
	if err != nil {
		http.Error(w, "the token could not be signed", http.StatusInternalServerError)
		return
	}
	answer(w, map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": int(codeFor.Seconds()), "id_token": token, "scope": "openid"})
}

func (b *browser) take(id string) (code, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, ok := b.codes[id]
	delete(b.codes, id)
	return c, ok
}

// asked is one right to represent that a program asks for.
type asked struct {
	Type     string `json:"type"`
	Resource string `json:"resource"`
}

func askedOf(details string) []asked {
	var all []asked
	if json.Unmarshal([]byte(details), &all) != nil {
		return nil
	}
	return all
}

// granted answers in the form of each type: by reportees or by authorized
// parties. Everybody has every right for the organisations that they represent.
func granted(wanted []asked, represents []Organisation) []map[string]any {
	var out []map[string]any
	for _, a := range wanted {
		var parties []map[string]any
		for _, o := range represents {
			id := organisation(party.OrgNumber(o.Number))
			if strings.HasSuffix(a.Type, ":service") {
				parties = append(parties, map[string]any{"Rights": []string{"Read", "Write"}, "Authority": id["authority"], "ID": id["ID"], "Name": o.Name})
			} else {
				parties = append(parties, map[string]any{"orgno": id, "resource": a.Resource, "name": o.Name, "unit_type": "AS"})
			}
		}
		if len(parties) == 0 {
			continue
		}
		list := "authorized_parties"
		if strings.HasSuffix(a.Type, ":service") {
			list = "reportees"
		}
		out = append(out, map[string]any{"type": a.Type, "resource": a.Resource, list: parties})
	}
	return out
}
