package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
)

// TeamMember is one person's role in one procurement.
type TeamMember struct {
	Identity            uuid.UUID  `json:"identity"`
	Organisation        uuid.UUID  `json:"organisation"`
	Role                string     `json:"role" enum:"lead,author,opener,evaluator,chair"`
	ImpartialDeclaredAt *time.Time `json:"impartialDeclaredAt,omitempty"`
}

// NewTeamMember names a person for a role.
type NewTeamMember struct {
	Identity     uuid.UUID `json:"identity" validate:"required"`
	Organisation uuid.UUID `json:"organisation" validate:"required"`
	Role         string    `json:"role" validate:"required,oneof=lead author opener evaluator chair"`
}

func (s *Server) registerTeam() {
	tags := []string{"team"}
	op(s, app.ProcurementRead, huma.Operation{OperationID: "listTeam", Method: http.MethodGet, Path: "/procurements/{id}/team", Tags: tags,
		Summary: "Who opens and evaluates"}, s.listTeam)
	op(s, app.ProcurementPlan, huma.Operation{OperationID: "addToTeam", Method: http.MethodPost, Path: "/procurements/{id}/team", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Name a person of the lead buyer or of a participant for a role"}, s.addToTeam)
	op(s, app.ProcurementPlan, huma.Operation{OperationID: "removeFromTeam", Method: http.MethodDelete, Path: "/procurements/{id}/team/{identity}/{role}", Tags: tags,
		Summary: "Take a role away again, before the opening"}, s.removeFromTeam)
	op(s, app.TendersRead, huma.Operation{OperationID: "declareImpartial", Method: http.MethodPost, Path: "/procurements/{id}/impartiality", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Declare that nothing disqualifies oneself (FOA § 7-5)"}, s.declareImpartial)
}

func (s *Server) listTeam(ctx context.Context, in *InCase) (*struct{ Body Page[TeamMember] }, error) {
	members, err := s.App.Team(ctx, in.ID)
	return &struct{ Body Page[TeamMember] }{whole(members, func(m app.Member) TeamMember {
		return TeamMember{m.Identity, m.Org, m.Role, utc(m.ImpartialDeclaredAt)}
	})}, err
}

func (s *Server) addToTeam(ctx context.Context, in *struct {
	InCase
	Keyed
	Body NewTeamMember
}) (*done, error) {
	return &done{}, s.App.AddToTeam(ctx, in.ID, app.Member{Identity: in.Body.Identity, Org: in.Body.Organisation, Role: in.Body.Role})
}

func (s *Server) removeFromTeam(ctx context.Context, in *struct {
	InCase
	Identity uuid.UUID `path:"identity"`
	Role     string    `path:"role" validate:"oneof=lead author opener evaluator chair"`
}) (*done, error) {
	return &done{}, s.App.RemoveFromTeam(ctx, in.ID, in.Identity, in.Role)
}

func (s *Server) declareImpartial(ctx context.Context, in *struct {
	InCase
	Keyed
}) (*done, error) {
	return &done{}, s.App.DeclareImpartial(ctx, in.ID)
}
