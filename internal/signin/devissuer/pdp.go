package devissuer

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// Grant is what a customer lets a supplier system do for it.
type Grant struct {
	SystemUser
	Actions []string // "read", "write"
}

// SetGrants replaces what the register permits; everything else is denied.
func (i *Issuer) SetGrants(all ...Grant) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.allowed = slices.Clone(all)
}

// scopeToAsk is what Altinn wants of one who asks its register.
const scopeToAsk = "altinn:authorization/authorize"

// register serves Altinn's exchange of tokens and its authorisation register.
func (i *Issuer) register(mux *http.ServeMux) {
	mux.HandleFunc("GET /authentication/api/v1/exchange/maskinporten", func(w http.ResponseWriter, r *http.Request) {
		claims, ok := i.bearer(r)
		if !ok || claims["altinn"] != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		token, err := i.Token("", "", map[string]any{"scope": claims["scope"], "altinn": true})
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, token) // a client that has gone needs no answer
	})
	mux.HandleFunc("POST /authorization/api/v1/authorize", func(w http.ResponseWriter, r *http.Request) {
		claims, ok := i.bearer(r)
		scope, _ := claims["scope"].(string)
		switch {
		case !ok, claims["altinn"] == nil, r.Header.Get("Ocp-Apim-Subscription-Key") == "":
			w.WriteHeader(http.StatusUnauthorized)
		case !slices.Contains(strings.Fields(scope), scopeToAsk):
			w.WriteHeader(http.StatusForbidden)
		default:
			i.decide(w, r)
		}
	})
}

// bearer verifies a token of this issuer's own.
func (i *Issuer) bearer(r *http.Request) (jwt.MapClaims, bool) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, false
	}
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return &i.pair().rsa.PublicKey, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(i.url), jwt.WithTimeFunc(i.now), jwt.WithExpirationRequired())
	return claims, err == nil
}

// decision is a request of XACML's JSON profile, as far as it is read here.
type decision struct {
	Request struct {
		AccessSubject, Action, Resource []struct {
			Attribute []struct {
				AttributeId, Value string //nolint:staticcheck // the profile's own spelling
			}
		}
	}
}

func (i *Issuer) decide(w http.ResponseWriter, r *http.Request) {
	var d decision
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, largest)).Decode(&d); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	said := map[string]string{}
	for _, category := range slices.Concat(d.Request.AccessSubject, d.Request.Action, d.Request.Resource) {
		for _, a := range category.Attribute {
			said[a.AttributeId] = a.Value
		}
	}
	outcome := "NotApplicable"
	if i.permits(said["urn:altinn:systemuser:uuid"], said["urn:altinn:organization:identifier-no"], said["urn:oasis:names:tc:xacml:1.0:action:action-id"]) &&
		said["urn:altinn:resource"] != "" {
		outcome = "Permit"
	}
	answer(w, map[string]any{"Response": []any{map[string]any{
		"Decision": outcome, "Status": map[string]any{"StatusCode": map[string]string{"Value": "urn:oasis:names:tc:xacml:1.0:status:ok"}},
	}}})
}

func (i *Issuer) permits(id, organisation, action string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.ContainsFunc(i.allowed, func(g Grant) bool {
		return g.ID.String() == id && string(g.Organisation) == organisation && slices.Contains(g.Actions, action)
	})
}
