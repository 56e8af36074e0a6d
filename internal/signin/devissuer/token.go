package devissuer

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/party"
)

const (
	// lifetime of a token: a working day, since development has nothing to renew
	// it.
	lifetime = 12 * time.Hour
	// largest request that is read, in bytes.
	largest = 10_000
)

// AllScopes is the scope claim of a token that asks for none: all that there are
// of the prefix that a deployment has unless it chooses another.
const AllScopes = "fellesloft:anbud.read fellesloft:anbud.write fellesloft:journalloft.read " +
	"fellesloft:sertifisering.read fellesloft:sertifisering.write"

// Token signs an access token of a subject ("" for none) for the audience (""
// for none), with [AllScopes]. more are claims beside the usual ones, or instead
// of them; nil leaves one out.
func (i *Issuer) Token(subject, audience string, more map[string]any) (string, error) {
	return i.TokenBy("RS256", subject, audience, more)
}

// TokenBy is Token signed by another algorithm that the issuer has a key for:
// RS256 or ES256.
func (i *Issuer) TokenBy(algorithm, subject, audience string, more map[string]any) (string, error) {
	now := i.now()
	claims := jwt.MapClaims{
		"iss": i.url, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(lifetime).Unix(),
		"jti": uuid.NewString(), "token_type": "Bearer", "scope": AllScopes,
	}
	if subject != "" {
		claims["sub"] = subject
	}
	if audience != "" {
		claims["aud"] = audience
	}
	for k, v := range more {
		claims[k] = v
		if v == nil {
			delete(claims, k)
		}
	}
	t := jwt.NewWithClaims(jwt.GetSigningMethod(algorithm), claims)
	key, id := i.pair().signer(t.Method)
	t.Header["kid"] = id
	return t.SignedString(key)
}

// Sign signs any header and payload as they are. Tests make with it, under a key
// that is believed, what no issuer writes.
func (i *Issuer) Sign(algorithm, header, payload string) (string, error) {
	method := jwt.GetSigningMethod(algorithm)
	text := encode(header) + "." + encode(payload)
	key, _ := i.pair().signer(method)
	signature, err := method.Sign(text, key)
	return text + "." + encode(string(signature)), err
}

// KeyID is the name of the published key for an algorithm.
func (i *Issuer) KeyID(algorithm string) string {
	_, id := i.pair().signer(jwt.GetSigningMethod(algorithm))
	return id
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// SystemUser is a supplier system that acts for a customer, as a token names it.
type SystemUser struct {
	ID           uuid.UUID       `json:"id"`
	Organisation party.OrgNumber `json:"organisation"`
}

// Consumer gives the claims of a token that an organisation's own system has
// fetched.
func Consumer(number party.OrgNumber) map[string]any {
	return map[string]any{"consumer": organisation(number), "client_id": "development", "client_amr": "private_key_jwt"}
}

// Claims gives those of a token that a supplier system of the vendor has fetched
// to act for the customer.
func (u SystemUser) Claims(vendor party.OrgNumber) map[string]any {
	claims := Consumer(vendor)
	claims["authorization_details"] = []map[string]any{{
		"type": "urn:altinn:systemuser", "systemuser_org": organisation(u.Organisation),
		"systemuser_id": []string{u.ID.String()}, "system_id": string(vendor) + "_development",
	}}
	return claims
}

func organisation(number party.OrgNumber) map[string]string {
	return map[string]string{"authority": "iso6523-actorid-upis", "ID": number.ActorID()}
}

// token gives {"access_token": …} for {"subject": …, "audience": …, "scope": …},
// for {"consumer": number} without a subject, and with {"systemuser": {"id": …,
// "organisation": number}} beside the consumer; and for a grant by a form.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, largest)
	var asked struct {
		Subject    string          `json:"subject"`
		Audience   string          `json:"audience"`
		Scope      *string         `json:"scope"`
		Consumer   party.OrgNumber `json:"consumer"`
		SystemUser *SystemUser     `json:"systemuser"`
	}
	body, form := bodyOf(r)
	if form != nil {
		i.grant(w, form)
		return
	}
	err := json.Unmarshal(body, &asked)
	if err != nil || (asked.Subject == "") == (asked.Consumer == "") || (asked.SystemUser != nil && asked.Consumer == "") {
		http.Error(w, `expected {"subject": "…"} or {"consumer": "<organisation number>"}`, http.StatusBadRequest)
		return
	}
	claims := map[string]any{}
	switch {
	case asked.SystemUser != nil:
		claims = asked.SystemUser.Claims(asked.Consumer)
	case asked.Consumer != "":
		claims = Consumer(asked.Consumer)
	}
	if asked.Scope != nil {
		claims["scope"] = *asked.Scope
		if strings.TrimSpace(*asked.Scope) == "" {
			claims["scope"] = nil
		}
	}
	i.give(w, asked.Subject, asked.Audience, claims)
}

func (i *Issuer) give(w http.ResponseWriter, subject, audience string, claims map[string]any) {
	token, err := i.Token(subject, audience, claims)
	if err != nil {
		http.Error(w, "the token could not be signed", http.StatusInternalServerError)
		return
	}
	answer(w, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(lifetime.Seconds()), "scope": claims["scope"]})
}
