package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/app"
)

// Invitation lets one person in. Code is told once, to who made it.
type Invitation struct {
	ID          uuid.UUID    `json:"id"`
	Name        string       `json:"name"`
	Email       string       `json:"email,omitempty"`
	Roles       []actor.Role `json:"roles"`
	CreatedAt   *time.Time   `json:"createdAt,omitempty"`
	ExpiresAt   time.Time    `json:"expiresAt"`
	AcceptedAt  *time.Time   `json:"acceptedAt,omitempty"`
	AcceptedBy  *uuid.UUID   `json:"acceptedBy,omitempty"`
	WithdrawnAt *time.Time   `json:"withdrawnAt,omitempty"`
}

func invitationOf(i app.Invitation) Invitation {
	out := Invitation{ID: i.ID, Name: i.Name, Email: i.Email, Roles: list(i.Roles), ExpiresAt: i.ExpiresAt.UTC(), AcceptedAt: utc(i.AcceptedAt), AcceptedBy: i.AcceptedBy, WithdrawnAt: utc(i.WithdrawnAt)}
	if !i.CreatedAt.IsZero() {
		out.CreatedAt = utc(&i.CreatedAt)
	}
	return out
}

// NewInvitation says who is let in, and to do what.
type NewInvitation struct {
	Name  string       `json:"name" validate:"required,max=200"`
	Email string       `json:"email,omitempty" validate:"omitempty,max=254" doc:"where the person's notifications go; nothing is sent to invite them"`
	Roles []actor.Role `json:"roles" validate:"required,min=1,max=20,unique,dive,required,max=40"`
}

// MadeInvitation is a new invitation with its code.
type MadeInvitation struct {
	Invitation
	Code string `json:"code,omitempty" doc:"hand it over by a safe way: whoever shows it first becomes the member. Absent when the request is repeated, since it is not kept."`
}

// kept leaves the code out of what is stored for a repeated request.
func (m MadeInvitation) kept() any {
	m.Code = ""
	return m
}

// AcceptedCode is the code of an invitation.
type AcceptedCode struct {
	Code string `json:"code" validate:"required,max=100"`
}

type acceptedInvitation struct {
	Body struct {
		Organisation uuid.UUID `json:"organisation"`
	}
}

func (s *Server) registerInvitations() {
	tags := []string{"members"}
	op(s, app.MembersAdminister, huma.Operation{OperationID: "listInvitations", Method: http.MethodGet, Path: "/invitations", Tags: tags,
		Summary: "Invitations to act for the own organisation"}, s.listInvitations)
	op(s, app.MembersAdminister, huma.Operation{OperationID: "invite", Method: http.MethodPost, Path: "/invitations", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Invite a person to act for the own organisation; holds for seven days"}, s.invite)
	op(s, app.MembersAdminister, huma.Operation{OperationID: "withdrawInvitation", Method: http.MethodDelete, Path: "/invitations/{invitation}", Tags: tags,
		Summary: "Withdraw an invitation that nobody has accepted"},
		func(ctx context.Context, in *struct {
			Invitation uuid.UUID `path:"invitation"`
		}) (*done, error) {
			return &done{}, s.App.WithdrawInvitation(ctx, in.Invitation)
		})
	op(s, app.Identified, huma.Operation{OperationID: "acceptInvitation", Method: http.MethodPut, Path: "/me/invitation", Tags: tags,
		Summary: "Accept an invitation; doing so again gives the same answer"},
		func(ctx context.Context, in *struct{ Body AcceptedCode }) (*acceptedInvitation, error) {
			org, err := s.App.AcceptInvitation(ctx, in.Body.Code)
			out := &acceptedInvitation{}
			out.Body.Organisation = org
			return out, err
		})
}

func (s *Server) listInvitations(ctx context.Context, in *Paged) (*struct{ Body Page[Invitation] }, error) {
	after, err := in.afterID()
	if err != nil {
		return nil, err
	}
	read, err := s.App.Invitations(ctx, after, in.limit()+1)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Page[Invitation] }{pageByID(read, in.limit(), func(i app.Invitation) uuid.UUID { return i.ID }, invitationOf)}, nil
}

func (s *Server) invite(ctx context.Context, in *struct {
	Keyed
	Body NewInvitation
}) (*struct{ Body MadeInvitation }, error) {
	i, err := s.App.Invite(ctx, in.Body.Name, in.Body.Email, in.Body.Roles)
	return &struct{ Body MadeInvitation }{MadeInvitation{invitationOf(i), i.Code}}, err
}
