// Package web is the pages: what people use in a browser. It signs people in,
// keeps their sessions on the server, and calls the same use cases as the API.
//
// A page is registered with its permission (Site.add); everything that guards
// pages stands around each of them there, so that none can be without. Texts
// come from the catalogue, and pages work without JavaScript.
package web

import (
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/signin"
)

// Usual limits of a session.
const (
	DefaultIdleLimit    = 30 * time.Minute
	DefaultSessionLimit = 8 * time.Hour
)

// Storage keeps what cookies refer to, by keys that it does not store. db.Storage
// is it.
type Storage interface {
	fiber.Storage
	// Take gives a value once and forgets it; nil where there is none.
	Take(key string) ([]byte, error)
}

// Config is what the pages need.
type Config struct {
	App *app.App
	// SignIn tells what a person may act for; Login signs people in.
	SignIn *signin.Service
	Login  *signin.Login
	// Storage makes a storage of one kind of entry, which ends entries that are
	// not read for the idle time; zero for none.
	Storage func(kind string, idle time.Duration) Storage
	// PublicURL is the address at which people reach the pages: https, or http on
	// this host's own addresses. All absolute addresses are made from it.
	PublicURL string
	// IdleLimit ends a session that is not used, SessionLimit every session.
	IdleLimit, SessionLimit time.Duration
	// Development says on every page that what it shows is invented.
	Development bool
	Log         *slog.Logger
	Now         func() time.Time
}

// Page is one page or form.
type Page struct {
	Method, Path string
	Permission   app.Permission
}

// Site is the pages of one program.
type Site struct {
	Config
	host     publicHost
	sessions *sessions
	attempts *attempts
	view     *views
	routes   []route
}

// New makes the pages. It returns invalid (web.public-url) for an address that
// is neither https nor on this host, and (web.limits) for limits that end
// sessions before they begin.
func New(c Config) (*Site, error) {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	host, err := parsePublicURL(c.PublicURL)
	if err != nil {
		return nil, err
	}
	if c.IdleLimit < time.Minute || c.SessionLimit < c.IdleLimit {
		return nil, fault.New(fault.Invalid, "web.limits")
	}
	s := &Site{Config: c, host: host, view: newViews()}
	s.sessions = newSessions(c, host)
	s.attempts = newAttempts(c, host)
	s.addPages()
	return s, nil
}

func (s *Site) addPages() {
	s.get("/", app.Public, s.front)
	s.get("/sign-in", app.Public, s.chooseIssuer)
	s.post("/sign-in", app.Public, s.beginSignIn)
	s.get("/sign-in/:issuer/callback", app.Public, s.finishSignIn)
	s.post("/sign-out", app.Identified, s.signOut)
	s.get("/organisation", app.Identified, s.organisations)
	s.post("/organisation", app.Identified, s.chooseOrganisation)
	s.get("/account", app.Identified, s.account)
	s.post("/account", app.Identified, s.saveAccount)
	s.get("/invitation", app.Identified, s.invitation)
	s.post("/invitation", app.Identified, s.acceptInvitation)
	s.get(staticPath, app.Public, s.static)
}

// Pages lists every page and form.
func Pages() []Page {
	s := &Site{}
	s.addPages()
	out := make([]Page, len(s.routes))
	for i, r := range s.routes {
		out[i] = r.Page
	}
	return out
}

// Register puts the pages into a Fiber app, after all other routes: what no
// route takes gets the page for what is not found. Addresses below /api are
// left alone.
func (s *Site) Register(on *fiber.App) {
	for _, r := range s.routes {
		on.Add(r.Method, r.Path, r.handler)
		if r.Method == fiber.MethodGet {
			on.Add(fiber.MethodHead, r.Path, r.handler)
		}
	}
	missing := s.answer(Page{Permission: app.Public}, func(*visit) error { return fault.New(fault.NotFound, "not-found") })
	on.Use(func(c *fiber.Ctx) error {
		if c.Path() == "/api" || strings.HasPrefix(c.Path(), "/api/") {
			return c.Next()
		}
		return missing(c)
	})
}

// publicHost is the host that people and systems reach the program by.
type publicHost struct {
	origin   string // scheme and host, as browsers write it
	host     string // with the port, unless it is the scheme's own
	secure   bool
	loopback bool
}

func parsePublicURL(address string) (publicHost, error) {
	u, err := url.Parse(address)
	refused := fault.New(fault.Invalid, "web.public-url", fault.Params{"address": address})
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" {
		return publicHost{}, refused
	}
	h := publicHost{host: plainHost(u.Host, u.Scheme), secure: u.Scheme == "https", loopback: isLoopback(u.Hostname())}
	if !h.secure && (u.Scheme != "http" || !h.loopback) {
		return publicHost{}, refused
	}
	h.origin = u.Scheme + "://" + h.host
	return h, nil
}

// plainHost writes a host in small letters and without the scheme's own port.
func plainHost(host, scheme string) string {
	host = strings.ToLower(host)
	if scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
