package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Procurement is a joint procurement as its lead buyer and participants see it.
type Procurement struct {
	ID           uuid.UUID          `json:"id"`
	Space        uuid.UUID          `json:"space"`
	Sandbox      bool               `json:"sandbox" doc:"everything in it is invented, except that the municipalities exist"`
	Lead         uuid.UUID          `json:"lead" doc:"the lead buyer"`
	Version      int64              `json:"version"`
	Phase        procurement.Phase  `json:"phase"`
	Plan         procurement.Plan   `json:"plan"`
	State        procurement.State  `json:"state"`
	Participants ParticipantTally   `json:"participants"`
	Unanswered   int                `json:"unansweredQuestions"`
	Waits        []procurement.Wait `json:"waits" doc:"what the procurement waits for"`
	Now          time.Time          `json:"now" doc:"case time: the clock, moved on in a sandbox"`
}

// ParticipantTally counts the municipalities by the state of their mandate.
type ParticipantTally struct {
	Named         int       `json:"named" doc:"have not answered"`
	Mandated      int       `json:"mandated"`
	Declined      int       `json:"declined"`
	Dropped       int       `json:"dropped" doc:"had not answered when the mandate deadline passed"`
	Estimated     money.NOK `json:"estimated"`
	Maximum       money.NOK `json:"maximum"`
	MandatedValue money.NOK `json:"mandatedValue"`
}

func procurementOf(c app.Case) Procurement {
	t := c.Participants
	return Procurement{ID: c.ID, Space: c.Space, Sandbox: c.SpaceKind == "sandbox", Lead: c.Lead, Version: c.Version, Phase: c.Phase, Plan: c.Plan, State: c.State,
		Participants: ParticipantTally{t.Named, t.Mandated, t.Declined, t.Dropped, t.EstimatedValue, t.MaximumValue, t.MandatedValue},
		Unanswered:   c.Questions.Unanswered, Waits: list(c.Waits), Now: c.Now.UTC()}
}

// NamedParticipant is a municipality that the lead buyer names.
type NamedParticipant struct {
	Organisation uuid.UUID `json:"organisation" validate:"required"`
	Estimated    money.NOK `json:"estimated" validate:"gte=0" doc:"what it is expected to buy for"`
	Maximum      money.NOK `json:"maximum" validate:"gte=0" doc:"the most that it may call off"`
}

func participantPlans(named []NamedParticipant) []app.ParticipantPlan {
	if named == nil {
		return nil
	}
	out := make([]app.ParticipantPlan, len(named))
	for i, n := range named {
		out[i] = app.ParticipantPlan{Org: n.Organisation, Estimated: n.Estimated, Maximum: n.Maximum}
	}
	return out
}

// NewProcurement plans a procurement.
type NewProcurement struct {
	Space        uuid.UUID          `json:"space,omitzero" doc:"a sandbox of the organisation's; absent for a real procurement"`
	Plan         procurement.Plan   `json:"plan"`
	Participants []NamedParticipant `json:"participants,omitempty" validate:"max=500,dive"`
}

// RevisedProcurement replaces the plan and, before launch, the participants.
type RevisedProcurement struct {
	Plan         procurement.Plan   `json:"plan"`
	Participants []NamedParticipant `json:"participants,omitempty" validate:"max=500,dive" doc:"absent keeps them"`
}

// ProcurementLine is one row of a list of procurements.
type ProcurementLine struct {
	ID             uuid.UUID         `json:"id"`
	Space          uuid.UUID         `json:"space"`
	Sandbox        bool              `json:"sandbox"`
	Lead           uuid.UUID         `json:"lead"`
	LeadName       string            `json:"leadName"`
	Title          string            `json:"title"`
	Phase          procurement.Phase `json:"phase"`
	Version        int64             `json:"version"`
	TenderDeadline *time.Time        `json:"tenderDeadline,omitempty"`
	CreatedAt      time.Time         `json:"createdAt"`
}

// theProcurement is a procurement with its version as ETag.
type theProcurement struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     Procurement
}

func answerProcurement(c app.Case, err error) (*theProcurement, error) {
	return &theProcurement{ETag: etag(c.Version), Body: procurementOf(c)}, err
}

func (s *Server) registerProcurements() {
	tags := []string{"procurements"}
	op(s, app.ProcurementCreate, huma.Operation{OperationID: "createProcurement", Method: http.MethodPost, Path: "/procurements", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Plan a joint procurement"}, s.createProcurement)
	op(s, app.SignedIn, huma.Operation{OperationID: "listProcurements", Method: http.MethodGet, Path: "/procurements", Tags: tags,
		Summary: "Procurements that the organisation leads or takes part in"}, s.listProcurements)
	op(s, app.ProcurementRead, huma.Operation{OperationID: "getProcurement", Method: http.MethodGet, Path: "/procurements/{id}", Tags: tags,
		Summary: "A procurement"},
		func(ctx context.Context, in *InCase) (*theProcurement, error) {
			return answerProcurement(s.App.Procurement(ctx, in.ID))
		})
	op(s, app.ProcurementPlan, huma.Operation{OperationID: "reviseProcurement", Method: http.MethodPut, Path: "/procurements/{id}", Tags: tags,
		Summary: "Replace the plan and, before launch, the participants"}, s.reviseProcurement)
	op(s, app.ProcurementSteer, huma.Operation{OperationID: "launchProcurement", Method: http.MethodPost, Path: "/procurements/{id}/launch", Tags: tags,
		Summary: "Ask the participants for their mandates"}, s.launchProcurement)
	op(s, app.ProcurementSteer, huma.Operation{OperationID: "extendMandates", Method: http.MethodPost, Path: "/procurements/{id}/mandate-deadline", Tags: tags,
		Summary: "Set a later mandate deadline, also after a missed quorum"}, s.extendMandates)
}

func (s *Server) createProcurement(ctx context.Context, in *struct {
	Keyed
	Body NewProcurement
}) (*theProcurement, error) {
	c, err := s.App.CreateProcurement(ctx, app.NewProcurement{Space: in.Body.Space, Plan: in.Body.Plan, Participants: participantPlans(in.Body.Participants)})
	out, err := answerProcurement(c, inPlan(err))
	out.Location = Base + "/procurements/" + c.ID.String()
	return out, err
}

func (s *Server) listProcurements(ctx context.Context, in *Paged) (*struct{ Body Page[ProcurementLine] }, error) {
	after, err := in.afterID()
	if err != nil {
		return nil, err
	}
	read, err := s.App.Procurements(ctx, after, in.limit()+1)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Page[ProcurementLine] }{pageByID(read, in.limit(),
		func(l app.ProcurementLine) uuid.UUID { return l.ID },
		func(l app.ProcurementLine) ProcurementLine {
			return ProcurementLine{ID: l.ID, Space: l.Space, Sandbox: l.Sandbox, Lead: l.Lead, LeadName: l.LeadName, Title: l.Title, Phase: l.Phase, Version: l.Version,
				TenderDeadline: utc(l.Deadline), CreatedAt: l.CreatedAt.UTC()}
		})}, nil
}

func (s *Server) reviseProcurement(ctx context.Context, in *struct {
	InCase
	Versioned
	Body RevisedProcurement
}) (*theProcurement, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	c, err := s.App.ReviseProcurement(ctx, in.ID, version, in.Body.Plan, participantPlans(in.Body.Participants))
	return answerProcurement(c, inPlan(err))
}

func (s *Server) launchProcurement(ctx context.Context, in *struct {
	InCase
	Keyed
	Versioned
}) (*theProcurement, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return answerProcurement(s.App.LaunchProcurement(ctx, in.ID, version))
}

// MandateDeadline is a new last day for mandates.
type MandateDeadline struct {
	Until time.Time `json:"until" validate:"required"`
}

func (s *Server) extendMandates(ctx context.Context, in *struct {
	InCase
	Keyed
	Versioned
	Body MandateDeadline
}) (*theProcurement, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return answerProcurement(s.App.ExtendMandates(ctx, in.ID, version, in.Body.Until))
}

// inPlan writes the fields of a refused plan as they stand in the body.
func inPlan(err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	var faults fault.List
	for _, each := range f.All() {
		moved := *each
		moved.Also = nil
		if moved.Field != "" && !strings.HasPrefix(moved.Field, "participants") {
			moved.Field = "plan." + moved.Field
		}
		faults.Add(&moved)
	}
	return faults.Err()
}

// list writes an empty list as [], not as null.
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
