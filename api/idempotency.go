package api

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

const headerKey = "Idempotency-Key"

// Keyed names a request so that its repetition, after a lost answer, has the
// first one's answer and no second effect.
type Keyed struct {
	Key string `header:"Idempotency-Key" doc:"a name for this request that its repetition carries too: 1 to 100 printable ASCII characters" example:"1f0c5a52-7a4e-4a5e-9d0a-0c1d2e3f4a5b"`
}

func (k Keyed) key() (string, error) {
	const longest = 100
	switch {
	case k.Key == "":
		return "", fault.New(fault.Invalid, ruleKeyMissing).At(headerKey)
	case len(k.Key) > longest || strings.ContainsFunc(k.Key, func(r rune) bool { return r < ' ' || r > '~' }):
		return "", fault.New(fault.Invalid, ruleKeyMalformed).At(headerKey)
	}
	return k.Key, nil
}

// InCase names the procurement that a request is about.
type InCase struct {
	ID uuid.UUID `path:"id" doc:"the procurement"`
}

func (c InCase) caseID() uuid.UUID { return c.ID }

// once answers a keyed request: from what is kept, or by doing it and keeping
// the answer.
func (s *Server) once(ctx context.Context, permission app.Permission, operation string, request any, answer func(context.Context) (response, error)) (response, error) {
	key, err := request.(interface{ key() (string, error) }).key() //nolint:forcetypeassert,errcheck // has the header, so it embeds Keyed
	if err != nil {
		return response{}, err
	}
	input, err := json.Marshal(request)
	if err != nil {
		return response{}, err
	}
	o := app.Once{Operation: operation, Key: key, Input: input, Permission: permission}
	if in, ok := request.(interface{ caseID() uuid.UUID }); ok {
		o.Case = in.caseID()
	}
	kept, err := s.App.Once(ctx, o, func(ctx context.Context) (app.Answer, error) {
		r, err := answer(ctx)
		return app.Answer{Status: r.status, Body: r.body, Kept: r.kept, Location: r.headers[fiber.HeaderLocation], ETag: r.headers[fiber.HeaderETag]}, err
	})
	if err != nil {
		return response{}, err
	}
	r := response{status: kept.Status, headers: map[string]string{}, body: kept.Body, isJSON: kept.Body != nil}
	for name, value := range map[string]string{fiber.HeaderLocation: kept.Location, fiber.HeaderETag: kept.ETag} {
		if value != "" {
			r.headers[name] = value
		}
	}
	if kept.Repeated {
		r.headers["Idempotency-Replayed"] = "true"
	}
	return r, nil
}
