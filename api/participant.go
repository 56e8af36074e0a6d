package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// Participant is a municipality of a procurement, with its mandate.
type Participant struct {
	Organisation       uuid.UUID                 `json:"organisation"`
	Name               string                    `json:"name"`
	OrganisationNumber string                    `json:"organisationNumber,omitempty"`
	MunicipalityNumber string                    `json:"municipalityNumber,omitempty"`
	County             string                    `json:"county,omitempty"`
	Estimated          money.NOK                 `json:"estimated"`
	Maximum            money.NOK                 `json:"maximum"`
	State              string                    `json:"state" enum:"named,mandated,declined,dropped"`
	Mandate            *procurement.MandateTerms `json:"mandate,omitempty"`
	DeclineReason      string                    `json:"declineReason,omitempty"`
	RecordedAt         *time.Time                `json:"recordedAt,omitempty"`
}

func participantOf(l app.ParticipantLine) Participant {
	p := Participant{Organisation: l.Org, Name: l.Name, OrganisationNumber: l.OrgNumber, MunicipalityNumber: l.MunicipalityNo, County: l.County,
		Estimated: l.Estimated, Maximum: l.Maximum, State: l.State, DeclineReason: l.DeclineReason, RecordedAt: utc(l.RecordedAt)}
	if l.State == "mandated" {
		p.Mandate = &l.Terms
	}
	return p
}

// Decline is a municipality's decision to stay out.
type Decline struct {
	Reason        string        `json:"reason" validate:"required,max=2000"`
	CaseReference string        `json:"caseReference,omitempty" validate:"max=200"`
	DecidedOn     calendar.Date `json:"decidedOn,omitzero"`
}

type done struct{}

func (s *Server) registerParticipants() {
	tags := []string{"participants"}
	op(s, app.ProcurementRead, huma.Operation{OperationID: "listParticipants", Method: http.MethodGet, Path: "/procurements/{id}/participants", Tags: tags,
		Summary: "The municipalities of a procurement, with their mandates"}, s.listParticipants)
	op(s, app.MandateGive, huma.Operation{OperationID: "giveMandate", Method: http.MethodPut, Path: "/procurements/{id}/mandate", Tags: tags,
		Summary: "Record the own municipality's mandate; it may be changed until the mandate deadline"}, s.giveMandate)
	op(s, app.MandateGive, huma.Operation{OperationID: "declineMandate", Method: http.MethodPost, Path: "/procurements/{id}/mandate/decline", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Record the own municipality's decision to stay out"}, s.declineMandate)
}

func (s *Server) listParticipants(ctx context.Context, in *struct {
	InCase
	Paged
}) (*struct{ Body Page[Participant] }, error) {
	after, err := in.afterID()
	if err != nil {
		return nil, err
	}
	read, err := s.App.Participants(ctx, in.ID, after, in.limit()+1)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Page[Participant] }{pageByID(read, in.limit(), func(l app.ParticipantLine) uuid.UUID { return l.Org }, participantOf)}, nil
}

func (s *Server) giveMandate(ctx context.Context, in *struct {
	InCase
	Body procurement.MandateTerms
}) (*done, error) {
	return &done{}, s.App.GiveMandate(ctx, in.ID, in.Body)
}

func (s *Server) declineMandate(ctx context.Context, in *struct {
	InCase
	Keyed
	Body Decline
}) (*done, error) {
	return &done{}, s.App.DeclineMandate(ctx, in.ID, in.Body.Reason, in.Body.CaseReference, in.Body.DecidedOn)
}
