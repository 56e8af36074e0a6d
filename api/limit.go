package api

import (
	"net/netip"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/limiter"

	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Limits bound how much one caller may ask in a minute; zero sets no bound. Each
// serve counts by itself, so the bound of a deployment is that times their
// number.
type Limits struct {
	// PerAddress counts all requests of one address, signed in or not.
	PerAddress int
	// PerIdentity counts the requests of one signed-in caller for one
	// permission: who reads a lot can still submit.
	PerIdentity int
}

const limitWindow = time.Minute

// limited gives a handler that refuses (429, with Retry-After) what goes beyond
// the bound.
func limited(most int, key func(*fiber.Ctx) string) fiber.Handler {
	if most <= 0 {
		return func(c *fiber.Ctx) error { return c.Next() }
	}
	return limiter.New(limiter.Config{Next: isProbe, Max: most, Expiration: limitWindow, KeyGenerator: key, LimiterMiddleware: limiter.SlidingWindow{},
		LimitReached: func(*fiber.Ctx) error { return fault.New(fault.Limited, ruleLimited) }})
}

// isProbe lets through what balancers ask, which all come from one address.
func isProbe(c *fiber.Ctx) bool { return c.Path() == healthPath || c.Path() == readyPath }

// byAddress is one host, or one network of IPv6, whose addresses are its
// owner's to choose from.
func byAddress(c *fiber.Ctx) string {
	const network = 64
	a, err := netip.ParseAddr(c.IP())
	if err != nil {
		return c.IP()
	}
	if a = a.Unmap(); a.Is6() {
		if p, err := a.WithZone("").Prefix(network); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// byIdentity is the signed-in caller, for one permission.
func byIdentity(c *fiber.Ctx) string {
	a, err := actor.From(c.UserContext())
	if err != nil || a.Kind == actor.Anonymous {
		return byAddress(c)
	}
	permission, _ := c.Locals(localPermission).(string)
	return a.Issuer + "\n" + a.Subject + "\n" + permission
}
