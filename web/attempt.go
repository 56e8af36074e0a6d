package web

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/signin"
)

const (
	// formFor is how long the page with the issuers may lie open, attemptFor how
	// long a person has to sign in with the one they chose.
	formFor    = time.Hour
	attemptFor = 10 * time.Minute
)

// attempts are sign-ins from the page with the issuers until the issuer's
// answer, each bound to its browser by a cookie of its own. They are no Fiber
// sessions: its stores share the id of a request, so there can be one only.
type attempts struct {
	cookie  fiber.Cookie
	storage Storage
}

// attempt is one of them.
type attempt struct {
	// Token stands in the form with the issuers.
	Token string
	// Login is the sign-in under way, nil until an issuer is chosen; To is where
	// the person was going.
	Login *signin.Attempt `json:",omitempty"`
	To    string
}

func newAttempts(c Config, host publicHost) *attempts {
	return &attempts{
		cookie:  fiber.Cookie{Name: host.cookie("sign-in"), Path: "/", Secure: host.secure, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode, SessionOnly: true},
		storage: c.Storage("sign-in", 0),
	}
}

// form gives the token for the page with the issuers.
func (a *attempts) form(c *fiber.Ctx) (string, error) {
	known, err := decodeAttempt(a.storage.Get(c.Cookies(a.cookie.Name)))
	if err != nil || known.Token != "" {
		return known.Token, err
	}
	known.Token = rand.Text()
	return known.Token, a.keep(c, known, formFor)
}

// begin keeps a sign-in under a new id, in the place of what this browser had.
func (a *attempts) begin(c *fiber.Ctx, login signin.Attempt, to string) error {
	old, err := a.take(c)
	if err != nil {
		return err
	}
	return a.keep(c, attempt{Token: old.Token, Login: &login, To: to}, attemptFor)
}

// check refuses a form with another token than this browser's.
func (a *attempts) check(c *fiber.Ctx, token string) error {
	known, err := decodeAttempt(a.storage.Get(c.Cookies(a.cookie.Name)))
	if err != nil {
		return err
	}
	if !same(token, known.Token) {
		return notFromHere(errors.New("no token, or another browser's"))
	}
	return nil
}

// finish gives this browser's sign-in under way, once. It returns denied
// (sign-in.attempt) where there is none, or another request has had it.
func (a *attempts) finish(c *fiber.Ctx) (attempt, error) {
	known, err := a.take(c)
	if err == nil && known.Login == nil {
		err = fault.New(fault.Denied, "sign-in.attempt")
	}
	return known, err
}

func (a *attempts) take(c *fiber.Ctx) (attempt, error) {
	return decodeAttempt(a.storage.Take(c.Cookies(a.cookie.Name)))
}

func (a *attempts) keep(c *fiber.Ctx, of attempt, lifetime time.Duration) error {
	text, err := json.Marshal(of)
	if err != nil {
		return err
	}
	cookie := a.cookie
	cookie.Value = rand.Text()
	c.Cookie(&cookie)
	return a.storage.Set(cookie.Value, text, lifetime)
}

// decodeAttempt reads a stored attempt; the zero value where there is none.
func decodeAttempt(text []byte, err error) (attempt, error) {
	var known attempt
	if err != nil || len(text) == 0 {
		return known, err
	}
	if json.Unmarshal(text, &known) != nil {
		known = attempt{} // written by another version of the program
	}
	return known, nil
}
