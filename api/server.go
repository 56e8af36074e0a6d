package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Base is where the API lies, so that pages for people can have the short
// addresses beside it.
const Base = "/api/v1"

const (
	headerOrganisation = "Fellesloft-Organisation"
	headerRequest      = "X-Request-Id"

	localRequest    = "request"
	localOperation  = "operation"
	localPermission = "permission"
)

// maxBody is above the largest file that a use case takes, so that this one
// answers with its own rule.
const maxBody = 22 << 20

// Authenticator tells who sends a request. organisation is the id that the
// caller wants to act for, "" where none is chosen. It returns unauthenticated
// for a token that does not hold, denied for an organisation that the identity
// does not act for, unavailable when the issuer's keys cannot be had. Identify
// gives who it is where no organisation can be told.
type Authenticator interface {
	Authenticate(ctx context.Context, token, organisation string) (actor.Actor, error)
	Identify(ctx context.Context, token string) (actor.Actor, error)
}

// Config is what a Server needs.
type Config struct {
	App    *app.App
	SignIn Authenticator
	Log    *slog.Logger
	// PublicURL is the address at which callers reach the program, without a
	// trailing slash.
	PublicURL string
	// TrustedProxies are addresses or networks whose X-Forwarded-* are believed.
	TrustedProxies []string
	// Limits bound how much one caller may ask.
	Limits Limits
	// Guard stands before every route; nil for none.
	Guard fiber.Handler
	// Deadline bounds one request.
	Deadline time.Duration
	// Observe is told of every request by its route, for metrics.
	Observe func(method, route string, status int, took time.Duration)
	// Ready reports whether requests can be answered; nil for always.
	Ready func(context.Context) error
	// Now tells the time, for durations only.
	Now func() time.Time
}

// Server is the API and the web server that it runs on.
type Server struct {
	Config
	web        *fiber.App
	router     fiber.Router
	docs       huma.API
	operations []Operation
	// streams are those whose body is read as it comes.
	streams []Operation
	// perIdentity bounds a signed-in caller, over all routes together.
	perIdentity fiber.Handler
}

// New makes a server with every operation registered. Without an App it can
// only be described (Document, Operations).
func New(c Config) *Server {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Deadline == 0 {
		c.Deadline = 30 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Server{Config: c, docs: newDocument(c.PublicURL)}
	s.web = fiber.New(fiber.Config{
		AppName: "fellesloft", DisableStartupMessage: true, Immutable: true, StrictRouting: true, CaseSensitive: true,
		BodyLimit: maxBody, StreamRequestBody: true, DisablePreParseMultipartForm: true, ReadTimeout: time.Minute, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute, ReadBufferSize: 32 << 10,
		EnableTrustedProxyCheck: true, TrustedProxies: c.TrustedProxies, ProxyHeader: fiber.HeaderXForwardedFor, EnableIPValidation: true,
		ErrorHandler: s.refuse,
	})
	s.web.Use(s.each)
	s.web.Use(s.bodies)
	if c.Guard != nil {
		s.web.Use(c.Guard)
	}
	s.perIdentity = limited(c.Limits.PerIdentity, byIdentity)
	s.web.Use(limited(c.Limits.PerAddress, byAddress))
	s.router = s.web.Group(Base, s.secure)
	s.register()
	s.finishDocument()
	s.registerHealth()
	s.router.Get("/openapi.yaml", s.serveDocument)
	return s
}

// Web is the Fiber app, for health checks and pages beside the API.
func (s *Server) Web() *fiber.App { return s.web }

// Operations lists every operation.
func (s *Server) Operations() []Operation { return slices.Clone(s.operations) }

func (s *Server) add(method, path string, handlers ...fiber.Handler) {
	s.router.Add(method, path, handlers...)
	if method == http.MethodGet {
		s.router.Add(http.MethodHead, path, handlers...)
	}
}

// each goes around every request: id, deadline, panics, log and metrics.
func (s *Server) each(c *fiber.Ctx) error {
	start := s.Now()
	request := uuid.NewString()
	c.Locals(localRequest, request)
	c.Set(headerRequest, request)
	ctx, cancel := context.WithTimeout(c.UserContext(), s.Deadline)
	defer cancel()
	c.SetUserContext(ctx)
	if err := s.guarded(c); err != nil {
		if err := s.refuse(c, err); err != nil {
			return err
		}
	}
	took, route := s.Now().Sub(start), c.Route().Path
	if name, ok := c.Locals(localOperation).(string); ok {
		route = name
	} else if c.Response().StatusCode() == http.StatusNotFound {
		route = "unknown"
	}
	// The address and the query may hold what a person typed: the operation and
	// the request's id are enough to find it again.
	s.Log.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("request", request), slog.String("method", c.Method()), slog.String("operation", route),
		slog.Int("status", c.Response().StatusCode()), slog.Duration("took", took))
	if s.Observe != nil {
		s.Observe(c.Method(), route, c.Response().StatusCode(), took)
	}
	return nil
}

// guarded runs the request and turns a panic into an error; the stack goes to
// the log only.
func (s *Server) guarded(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("panic", "request", requestID(c), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fault.Wrap(fault.Internal, ruleInternal, errors.New("panic"))
		}
	}()
	return c.Next()
}

// secure sets the headers of everything the API answers: nothing of it is a
// page, and nothing of it is for caches.
func (s *Server) secure(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'; sandbox")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	if c.Secure() {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
	return c.Next()
}

func requestID(c *fiber.Ctx) string {
	id, _ := c.Locals(localRequest).(string)
	return id
}
