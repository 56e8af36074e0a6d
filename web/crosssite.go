package web

import (
	"crypto/subtle"
	"errors"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// tokenField is the field of every form that shows that the form is ours: a
// token that stands in the session and nowhere else.
const tokenField = "token"

func notFromHere(cause error) error { return fault.Wrap(fault.Denied, "request.cross-site", cause) }

// sameSite refuses a form that a browser says another site has sent. What a
// browser does not say is left to the token.
func (v *visit) sameSite() error {
	// none: the person did it themselves, by sending a form again for example.
	if site := v.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return notFromHere(errors.New("Sec-Fetch-Site: " + site))
	}
	if origin := v.Get("Origin"); origin != "" && origin != v.site.host.origin {
		return notFromHere(errors.New("another Origin"))
	}
	return nil
}

// same compares a token in constant time; no token is the same as none.
func same(given, wanted string) bool {
	return wanted != "" && subtle.ConstantTimeCompare([]byte(given), []byte(wanted)) == 1
}
