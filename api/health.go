package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
)

const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// registerHealth adds what a load balancer asks: is the program up, and can it
// answer. Neither tells why not.
func (s *Server) registerHealth() {
	s.web.Get(healthPath, func(c *fiber.Ctx) error { return c.SendStatus(http.StatusNoContent) })
	s.web.Get(readyPath, func(c *fiber.Ctx) error {
		if s.Ready != nil && s.Ready(c.UserContext()) != nil {
			return c.SendStatus(http.StatusServiceUnavailable)
		}
		return c.SendStatus(http.StatusNoContent)
	})
}
