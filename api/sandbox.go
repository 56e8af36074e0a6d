package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
)

// Sandbox is a space of an organisation's own, whose clock can be moved on.
type Sandbox struct {
	ID        uuid.UUID  `json:"id"`
	Name      string     `json:"name"`
	Now       time.Time  `json:"now"`
	NextEvent *time.Time `json:"nextEvent,omitempty" doc:"when a case in it next has something to do by time; absent when only people are waited for"`
}

func sandboxOf(s app.Sandbox) Sandbox {
	return Sandbox{ID: s.ID, Name: s.Name, Now: s.Now.UTC(), NextEvent: utc(s.NextEvent)}
}

// NewSandbox makes a sandbox.
type NewSandbox struct {
	Name string `json:"name" validate:"required,max=200"`
}

// Advance moves a sandbox's clock on.
type Advance struct {
	To        time.Time `json:"to,omitzero" validate:"required_without=NextEvent,excluded_with=NextEvent" doc:"the instant to go to; the clock runs at normal speed from there"`
	NextEvent bool      `json:"nextEvent,omitempty" doc:"go to just before the next thing that time decides"`
}

type theSandbox struct {
	Location string `header:"Location"`
	Body     Sandbox
}

func (s *Server) registerSandboxes() {
	tags := []string{"sandboxes"}
	op(s, app.SandboxOwn, huma.Operation{OperationID: "createSandbox", Method: http.MethodPost, Path: "/sandboxes", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Make a sandbox, where the deployment has them"},
		func(ctx context.Context, in *struct {
			Keyed
			Body NewSandbox
		}) (*theSandbox, error) {
			b, err := s.App.CreateSandbox(ctx, in.Body.Name)
			return &theSandbox{Location: Base + "/sandboxes/" + b.ID.String(), Body: sandboxOf(b)}, err
		})
	op(s, app.SandboxOwn, huma.Operation{OperationID: "getSandbox", Method: http.MethodGet, Path: "/sandboxes/{sandbox}", Tags: tags,
		Summary: "What time it is in a sandbox"},
		func(ctx context.Context, in *struct {
			Sandbox uuid.UUID `path:"sandbox"`
		}) (*theSandbox, error) {
			b, err := s.App.Sandbox(ctx, in.Sandbox)
			return &theSandbox{Body: sandboxOf(b)}, err
		})
	op(s, app.SandboxOwn, huma.Operation{OperationID: "advanceSandbox", Method: http.MethodPost, Path: "/sandboxes/{sandbox}/advance", Tags: tags,
		Summary: "Move a sandbox's clock on; it never goes back"},
		func(ctx context.Context, in *struct {
			Keyed
			Sandbox uuid.UUID `path:"sandbox"`
			Body    Advance
		}) (*theSandbox, error) {
			var b app.Sandbox
			var err error
			if in.Body.NextEvent {
				b, err = s.App.AdvanceToNextEvent(ctx, in.Sandbox)
			} else {
				b, err = s.App.AdvanceTo(ctx, in.Sandbox, in.Body.To)
			}
			return &theSandbox{Body: sandboxOf(b)}, err
		})
}
