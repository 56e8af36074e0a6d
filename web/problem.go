package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func asFault(err error) *fault.Error {
	if f, ok := fault.As(err); ok {
		return f
	}
	var router *fiber.Error
	switch {
	case errors.As(err, &router) && router.Code == http.StatusNotFound:
		return fault.New(fault.NotFound, "not-found")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fault.Wrap(fault.Unavailable, "request.deadline", err)
	}
	return fault.Wrap(fault.Internal, "internal", err)
}

// problem is what the page for refusals tells.
type problem struct {
	Title, Detail string
	// Request names what the log has of the program's own failures.
	Request string
	SignIn  bool
}

// refuse answers with the page for refusals, in the layout of all. What is the
// program's own failure is logged with its whole chain and told by its id only.
func (v *visit) refuse(err error) error {
	f := asFault(err)
	status := f.Kind.Status()
	if f.Rule == "request.host" {
		status = http.StatusMisdirectedRequest
	}
	p := problem{SignIn: status == http.StatusUnauthorized || f.Rule == "sign-in.attempt" || f.Rule == "sign-in.cancelled"}
	p.Title, p.Detail = catalogue.Fault(v.lang, f)
	level := slog.LevelDebug
	if status >= http.StatusInternalServerError {
		level, p.Request = slog.LevelError, v.request
	}
	v.site.Log.LogAttrs(v.UserContext(), level, "page refused", slog.String("request", v.request), slog.Int("status", status), slog.String("rule", f.Rule), slog.String("error", err.Error()))
	if status == http.StatusServiceUnavailable {
		v.Set(fiber.HeaderRetryAfter, "5")
	}
	return v.show(status, "problem", p)
}
