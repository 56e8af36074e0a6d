package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// Steering is the input of a steering command without a body.
type Steering struct {
	InCase
	Keyed
	Versioned
}

// Dispatch is when and under which reference the notice was sent.
type Dispatch struct {
	At        time.Time `json:"at" validate:"required" doc:"the time of dispatch; deadlines are counted from its day in Norway"`
	Reference string    `json:"reference" validate:"required,max=200"`
}

// LaterDeadline moves the tender deadline later for everyone.
type LaterDeadline struct {
	Until  time.Time `json:"until" validate:"required"`
	Reason string    `json:"reason" validate:"required,max=2000"`
	Outage string    `json:"outage,omitempty" validate:"max=2000" doc:"the outage that kept suppliers away; after closing the deadline moves for nothing else"`
}

// Reason is why the lead buyer steers as it does.
type Reason struct {
	Reason string `json:"reason" validate:"required,max=4000"`
}

// OpenPart names the part of the tenders to open.
type OpenPart struct {
	Part procurement.Part `json:"part" validate:"required,oneof=quality price"`
}

// Award decides the winner of every lot.
type Award struct {
	Winners []Winner `json:"winners" validate:"required,min=1,max=50,dive"`
}

// Winner is the decision for one lot.
type Winner struct {
	Lot    uuid.UUID `json:"lot" validate:"required"`
	Tender uuid.UUID `json:"tender" validate:"required"`
	Reason string    `json:"reason" validate:"required,max=4000"`
}

func (s *Server) registerSteering() {
	steered := func(id, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodPost, Path: "/procurements/{id}" + path, Tags: []string{"steering"}, Summary: summary}
	}
	steer(s, app.ProcurementSteer, steered("publishProcurement", "/publication", "Open the competition; the notice was dispatched on a day, under a reference"),
		func(ctx context.Context, version int64, in *struct {
			Steering
			Body Dispatch
		}) (app.CommandStatus, error) {
			return s.App.Publish(ctx, in.ID, version, procurement.DispatchedAt(in.Body.At, in.Body.Reference))
		})
	steer(s, app.ProcurementSteer, steered("extendTenderDeadline", "/tender-deadline", "Move the tender deadline later for everyone"),
		func(ctx context.Context, version int64, in *struct {
			Steering
			Body LaterDeadline
		}) (app.CommandStatus, error) {
			return s.App.ExtendDeadline(ctx, in.ID, version, in.Body.Until, in.Body.Reason, in.Body.Outage)
		})
	steer(s, app.OpeningApprove, steered("openTenders", "/opening", "Open a part of all tenders, after two people's approvals"),
		func(ctx context.Context, version int64, in *struct {
			Steering
			Body OpenPart
		}) (app.CommandStatus, error) {
			return s.App.Open(ctx, in.ID, version, in.Body.Part)
		})
	steer(s, app.ProcurementSteer, steered("award", "/award", "Decide the winner of every lot; the letters go out and the standstill begins"),
		func(ctx context.Context, version int64, in *struct {
			Steering
			Body Award
		}) (app.CommandStatus, error) {
			winners := make([]app.Choice, len(in.Body.Winners))
			for i, w := range in.Body.Winners {
				winners[i] = app.Choice{Lot: w.Lot, Tender: w.Tender, Reason: w.Reason}
			}
			return s.App.Award(ctx, in.ID, version, winners)
		})
	steer(s, app.ProcurementSteer, steered("resumeProcurement", "/resumption", "Let a suspended procedure go on"),
		func(ctx context.Context, version int64, in *Steering) (app.CommandStatus, error) {
			return s.App.Resume(ctx, in.ID, version)
		})
	for _, o := range []struct {
		operation huma.Operation
		give      func(ctx context.Context, id uuid.UUID, version int64, reason string) (app.CommandStatus, error)
	}{
		{steered("reverseAward", "/award-reversal", "Take the award back before the contract is concluded"),
			func(ctx context.Context, id uuid.UUID, version int64, reason string) (app.CommandStatus, error) {
				return s.App.ReverseAward(ctx, id, version, reason)
			}},
		{steered("cancelProcurement", "/cancellation", "End the procedure without a contract"),
			func(ctx context.Context, id uuid.UUID, version int64, reason string) (app.CommandStatus, error) {
				return s.App.Cancel(ctx, id, version, reason)
			}},
		{steered("suspendProcurement", "/suspension", "Hold the procedure for a complaint or an injunction"),
			func(ctx context.Context, id uuid.UUID, version int64, reason string) (app.CommandStatus, error) {
				return s.App.Suspend(ctx, id, version, reason)
			}},
		{steered("declareUnsuccessful", "/unsuccessful", "End a competition in which no tender is left"),
			func(ctx context.Context, id uuid.UUID, version int64, reason string) (app.CommandStatus, error) {
				return s.App.DeclareUnsuccessful(ctx, id, version, reason)
			}},
	} {
		steer(s, app.ProcurementSteer, o.operation, func(ctx context.Context, version int64, in *struct {
			Steering
			Body Reason
		}) (app.CommandStatus, error) {
			return o.give(ctx, in.ID, version, in.Body.Reason)
		})
	}
}
