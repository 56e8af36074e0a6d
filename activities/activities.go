// Package activities is the way from a workflow to a use case: decode, call,
// map the error. It holds no rule of its own.
package activities

import (
	"context"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"

	"github.com/fellesloft/fellesloft/internal/app"
)

// UseCases is what the activities call; [app.App] has it.
type UseCases interface {
	PassTime(ctx context.Context, id uuid.UUID) (app.Outlook, error)
	CarryOut(ctx context.Context, commandID uuid.UUID) error
}

// Activities are registered by the worker as a whole; workflows name them by
// method. Each is safe to repeat and to run twice at once.
type Activities struct {
	Cases UseCases
	// Build names the program's build, for [Outlook].
	Build string
}

// Order is what [Activities.CarryOut] takes.
type Order struct {
	CaseID    uuid.UUID `json:"caseId"`
	CommandID uuid.UUID `json:"commandId"`
}

// Outlook is what a workflow knows of its case.
type Outlook struct {
	// Over: the case is closed or missing; the workflow ends.
	Over bool `json:"over,omitempty"`
	// Sleep is how long until time decides something; zero when only a
	// person's act goes on.
	Sleep time.Duration `json:"sleep,omitempty"`
	// Build is the build that looked, by which a workflow sees that it was
	// begun by another.
	Build string `json:"build,omitempty"`
}

// PassTime does what time alone has decided about a case and tells when to look
// again.
func (a *Activities) PassTime(ctx context.Context, caseID uuid.UUID) (Outlook, error) {
	return a.passTime(ctx, caseID)
}

// CarryOut ends a command, whatever becomes of it, and then does as PassTime: a
// command may have made something due.
func (a *Activities) CarryOut(ctx context.Context, o Order) (Outlook, error) {
	if err := a.Cases.CarryOut(beating(ctx), o.CommandID); err != nil {
		return Outlook{}, err
	}
	return a.passTime(ctx, o.CaseID)
}

func (a *Activities) passTime(ctx context.Context, caseID uuid.UUID) (Outlook, error) {
	out, err := a.Cases.PassTime(ctx, caseID)
	if err != nil {
		return Outlook{}, err
	}
	return Outlook{Over: out.Over, Sleep: out.Sleep, Build: a.Build}, nil
}

// beating lets a long use case tell Temporal, through an ordinary activity, that
// it goes forward. A local activity has no heartbeats.
func beating(ctx context.Context) context.Context {
	if activity.GetInfo(ctx).IsLocalActivity {
		return ctx
	}
	return app.WithHeartbeat(ctx, func() { activity.RecordHeartbeat(ctx) })
}
