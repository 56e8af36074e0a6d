// Package altinn asks Altinn's authorisation register what a supplier system may
// do for its customer.
//
// The register is a policy decision point (PDP) that takes XACML 3.0 requests in
// the JSON profile. It wants an Altinn token, which is exchanged for one of
// Maskinporten's, which is given for a grant that the deployment's own client
// signs (RFC 7523), and a subscription key besides.
//
// Addresses, attribute ids and the form of answers follow Altinn's public
// documentation and its code, and are tried against a server that behaves so;
// the register itself, in test or production, is not among what is tested.
package altinn

import (
	"crypto/rsa"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// DefaultScope is what Altinn gives those who may ask its register.
const DefaultScope = "altinn:authorization/authorize"

// Settings say how to reach the register and who asks. All are set or none.
type Settings struct {
	// Platform is Altinn's: https://platform.altinn.no, in test
	// https://platform.tt02.altinn.no.
	Platform string
	// SubscriptionKey is Altinn's for the API.
	SubscriptionKey string
	// Resource is this deployment's id in Altinn's resource register, for which
	// customers give their system users the rights to read and write.
	Resource string
	// Issuer is Maskinporten's, as its metadata write it: https://maskinporten.no/,
	// in test https://test.maskinporten.no/.
	Issuer string
	// ClientID is the deployment's own client in Maskinporten; KeyID names its
	// key there, and KeyFile holds the private key (RSA, PEM).
	ClientID, KeyID, KeyFile string

	// Scope is asked of Maskinporten; empty is [DefaultScope]. It is no part of
	// the all or none.
	Scope string
	// Loopback allows http on this host's own addresses. Only development tools
	// set it.
	Loopback bool
}

// setting is one that is set or not, under the name that an operator knows.
type setting struct{ name, value string }

func (s Settings) all() []setting {
	return []setting{
		{"ALTINN_PLATFORM", s.Platform},
		{"ALTINN_SUBSCRIPTION_KEY", s.SubscriptionKey},
		{"ALTINN_RESOURCE", s.Resource},
		{"MASKINPORTEN_ISSUER", s.Issuer},
		{"MASKINPORTEN_CLIENT_ID", s.ClientID},
		{"MASKINPORTEN_KEY_ID", s.KeyID},
		{"MASKINPORTEN_KEY_FILE", s.KeyFile},
	}
}

// Set reports whether the register is to be asked at all.
func (s Settings) Set() bool {
	for _, one := range s.all() {
		if one.value != "" {
			return true
		}
	}
	return false
}

// Check refuses settings of which some are missing, and addresses that are not
// https: invalid (config.half-set with the first that is missing, config.address).
// Settings of which none is set pass.
func (s Settings) Check() error {
	if !s.Set() {
		return nil
	}
	for _, one := range s.all() {
		if one.value == "" {
			return fault.New(fault.Invalid, "config.half-set", fault.Params{"setting": one.name})
		}
	}
	for _, address := range []setting{{"ALTINN_PLATFORM", s.Platform}, {"MASKINPORTEN_ISSUER", s.Issuer}} {
		if !s.secure(address.value) {
			return fault.New(fault.Invalid, "config.address", fault.Params{"setting": address.name})
		}
	}
	return nil
}

func (s Settings) secure(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	own := u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
	return u.Scheme == "https" || (u.Scheme == "http" && s.Loopback && own)
}

// key reads the private key; config.key-file names neither the file's place nor
// what is in it.
func (s Settings) key() (*rsa.PrivateKey, error) {
	text, err := os.ReadFile(s.KeyFile)
	if err != nil {
		return nil, unreadableKey(err)
	}
	key, err := jwt.ParseRSAPrivateKeyFromPEM(text)
	if err != nil {
		return nil, unreadableKey(err)
	}
	return key, nil
}

func unreadableKey(cause error) error {
	return fault.Wrap(fault.Invalid, "config.key-file", cause).At("MASKINPORTEN_KEY_FILE")
}

func (s Settings) scope() string {
	if s.Scope == "" {
		return DefaultScope
	}
	return s.Scope
}

// at gives an address below the platform's.
func (s Settings) at(path string) string { return strings.TrimSuffix(s.Platform, "/") + path }
