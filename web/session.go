package web

import (
	"crypto/rand"
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/session"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// seat is what a session holds: who has signed in, how, and whom they represent.
type seat struct {
	// Login is the name of the issuer that the person chose.
	Login           string
	Issuer, Subject string
	// Name is the issuer's word for the person, for as long as the session lasts.
	Name  string `json:",omitempty"`
	Org   uuid.UUID
	Since time.Time
	// Token stands in the session's forms.
	Token string
}

// cookie names a cookie so that browsers take it only for the whole of this host
// and only over https (RFC 6265bis, __Host-); "" names the session's own. Over
// http on loopback browsers would refuse such a name.
func (h publicHost) cookie(name string) string {
	full := "fellesloft"
	if name != "" {
		full += "-" + name
	}
	if h.secure {
		return "__Host-" + full
	}
	return full
}

// sessions are the sessions of people who have signed in. A row is written once,
// under an id that nobody has seen before; after that it is only read and
// deleted. So a request that runs beside a sign-out cannot bring a session back.
type sessions struct {
	store    *session.Store
	storage  Storage
	lifetime time.Duration
	now      func() time.Time
}

const (
	seatKey = "seat"
	// heldKey is where the request keeps its session: a store is asked once.
	heldKey = "session"
)

func newSessions(c Config, host publicHost) *sessions {
	storage := c.Storage("session", c.IdleLimit)
	// The cookie lives as long as the browser runs; how long the session lives is
	// for the storage to say.
	store := session.New(session.Config{Storage: storage, Expiration: c.SessionLimit, KeyLookup: "cookie:" + host.cookie(""), CookiePath: "/", CookieSecure: host.secure,
		CookieHTTPOnly: true, CookieSameSite: fiber.CookieSameSiteLaxMode, CookieSessionOnly: true, KeyGenerator: rand.Text})
	return &sessions{store, storage, c.SessionLimit, c.Now}
}

// read gives the request's seat, nil for one who has not signed in.
func (s *sessions) read(c *fiber.Ctx) (*seat, error) {
	held, err := s.store.Get(c)
	if err != nil {
		return nil, err
	}
	c.Locals(heldKey, held)
	text, ok := held.Get(seatKey).(string)
	if !ok {
		return nil, nil //nolint:nilnil // no session is no failure
	}
	var found seat
	if json.Unmarshal([]byte(text), &found) != nil || !s.now().Before(s.ends(found)) {
		return nil, nil //nolint:nilnil,nilerr // written by another version of the program, or over
	}
	return &found, nil
}

// ends is the instant after which a session is over, however much it is used.
func (s *sessions) ends(of seat) time.Time { return of.Since.Add(s.lifetime) }

// begin starts a session for one who has just signed in. What the browser had
// before ends, and its id with it.
func (s *sessions) begin(c *fiber.Ctx, of seat) error {
	of.Since = s.now()
	return s.write(c, of)
}

// renew goes on with a changed seat under a new id, until the same end. It
// returns unauthenticated where the session has ended meanwhile.
func (s *sessions) renew(c *fiber.Ctx, of seat) error {
	old, err := s.storage.Take(held(c).ID())
	if err != nil {
		return err
	}
	if old == nil {
		return fault.New(fault.Unauthenticated, "sign-in.needed")
	}
	return s.write(c, of)
}

func (s *sessions) write(c *fiber.Ctx, of seat) error {
	of.Token = rand.Text()
	text, err := json.Marshal(of)
	if err != nil {
		return err
	}
	h := held(c)
	if err := h.Regenerate(); err != nil {
		return err
	}
	h.Set(seatKey, string(text))
	h.SetExpiry(s.ends(of).Sub(s.now()))
	return h.Save()
}

// end ends the session here and in the browser.
func (s *sessions) end(c *fiber.Ctx) error { return held(c).Destroy() }

// held is the session that read has put on the request.
func held(c *fiber.Ctx) *session.Session {
	h, ok := c.Locals(heldKey).(*session.Session)
	if !ok {
		panic("a session is written that was not read")
	}
	return h
}
