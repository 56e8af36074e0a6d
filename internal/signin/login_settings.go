package signin

import (
	"cmp"
	"strings"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// The national issuers for people. Any other OpenID Connect issuer has a name
// of its own, oidc for example.
const (
	Ansattporten = "ansattporten"
	IDporten     = "idporten"
)

// LoginIssuer is one that people sign in with, as the settings have it.
type LoginIssuer struct {
	// Name stands in addresses and, in capitals, before the names of its settings.
	Name string
	// URL is the issuer exactly as its metadata and ID tokens write it.
	URL      string
	ClientID string
	// SecretFile or KeyFile authenticates the program to the issuer: a shared
	// secret, or an RSA key in PEM (private_key_jwt), which the national issuers
	// recommend. KeyID is the key's id where the issuer wants it named.
	SecretFile string
	KeyFile    string
	KeyID      string
	Scopes     []string
	// ACR lists the levels of assurance that are good enough, the one to ask for
	// first; empty asks for none and takes any.
	ACR []string
	// Services (Altinn 2) and Resources (Altinn 3) are those that a person must
	// have rights to for an organisation, to represent it here. Ansattporten only.
	Services  []string
	Resources []string
	// Extra are further parameters of the request. What the program sets itself
	// is refused.
	Extra map[string]string
	// Loopback allows http on this host's own addresses, and no client
	// authentication. Only development tools set it.
	Loopback bool
}

// defaults are what the national issuers document.
var defaults = map[string]LoginIssuer{
	Ansattporten: {URL: "https://ansattporten.no", ACR: []string{"substantial", "high"}},
	IDporten:     {URL: "https://idporten.no", ACR: []string{"idporten-loa-substantial", "idporten-loa-high"}},
}

// WithDefaults fills in what is not set and has a usual value.
func (i LoginIssuer) WithDefaults() LoginIssuer {
	d := defaults[i.Name]
	i.URL = cmp.Or(i.URL, d.URL)
	if len(i.ACR) == 0 {
		i.ACR = d.ACR
	}
	if len(i.Scopes) == 0 {
		i.Scopes = []string{"openid"}
	}
	return i
}

// Empty reports whether nothing is set beside the name: the deployment does
// not use the issuer.
func (i LoginIssuer) Empty() bool {
	return i.URL == "" && i.ClientID == "" && i.SecretFile == "" && i.KeyFile == "" && i.KeyID == "" &&
		len(i.Scopes) == 0 && len(i.ACR) == 0 && len(i.Services) == 0 && len(i.Resources) == 0 && len(i.Extra) == 0
}

// ownParams are the parameters of a request that no setting may change.
var ownParams = []string{"response_type", "response_mode", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
	"acr_values", "authorization_details", "ui_locales", "request", "request_uri"}

// Check refuses an issuer that is set by half: invalid (config.half-set with
// the name of the missing setting, config.both-set, sign-in.issuer-address,
// sign-in.login-parameter).
func (i LoginIssuer) Check() error {
	missing := ""
	switch {
	case i.Name == "" || strings.Trim(i.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		missing = "NAME"
	case i.URL == "":
		missing = "ISSUER"
	case i.ClientID == "":
		missing = "CLIENT_ID"
	case i.SecretFile == "" && i.KeyFile == "" && !i.Loopback:
		missing = "CLIENT_KEY_FILE"
	case i.KeyFile == "" && i.KeyID != "":
		missing = "CLIENT_KEY_FILE"
	}
	if missing != "" {
		return fault.New(fault.Invalid, "config.half-set", fault.Params{"setting": i.setting(missing)})
	}
	if i.SecretFile != "" && i.KeyFile != "" {
		return fault.New(fault.Invalid, "config.both-set", fault.Params{"setting": i.setting("CLIENT_SECRET_FILE"), "other": i.setting("CLIENT_KEY_FILE")})
	}
	for _, name := range ownParams {
		if _, set := i.Extra[name]; set {
			return fault.New(fault.Invalid, "sign-in.login-parameter", fault.Params{"parameter": name})
		}
	}
	return Issuer{URL: i.URL, Loopback: i.Loopback}.check()
}

// setting is the name of one of the issuer's settings.
func (i LoginIssuer) setting(name string) string {
	return strings.ToUpper(strings.ReplaceAll(cmp.Or(i.Name, "login"), "-", "_")) + "_" + name
}
