package web

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// HostGuard refuses requests for another host than that of the public address,
// so that no cache, letter or log can be given one of somebody else's choice,
// and no page elsewhere can reach the program under a name of its own (DNS
// rebinding). It is for the API as for the pages, before all routes.
//
// Let through are /healthz and /readyz, which balancers ask for by address and
// whose answers depend on no host, and every name of this host itself where the
// public address is one, as in development. Metrics have a listener of their
// own.
//
// It returns invalid (request.host), which is status 421.
func HostGuard(publicURL string) fiber.Handler {
	host, err := parsePublicURL(publicURL)
	return func(c *fiber.Ctx) error {
		if err != nil {
			return err
		}
		if path := c.Path(); path == "/healthz" || path == "/readyz" {
			return c.Next()
		}
		if err := host.check(c); err != nil {
			return err
		}
		return c.Next()
	}
}

// check judges the host that was asked for; a trusted proxy's word for it
// counts, as everywhere in Fiber.
func (h publicHost) check(c *fiber.Ctx) error {
	if h.is(c) || (h.loopback && isLoopback(nameOf(c.Hostname()))) {
		return nil
	}
	return fault.New(fault.Invalid, "request.host")
}

func (h publicHost) is(c *fiber.Ctx) bool {
	scheme := "http"
	if h.secure {
		scheme = "https"
	}
	return plainHost(c.Hostname(), scheme) == h.host
}

// nameOf leaves the port of a host out.
func nameOf(host string) string { return (&url.URL{Host: host}).Hostname() }
