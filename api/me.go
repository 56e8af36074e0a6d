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

// Me is who is signed in, and what they may act for.
type Me struct {
	Identity      uuid.UUID      `json:"identity,omitzero" doc:"absent for one who has never been let in anywhere"`
	Kind          actor.Kind     `json:"kind" enum:"person,system"`
	Name          string         `json:"name"`
	Email         string         `json:"email,omitempty"`
	Organisation  uuid.UUID      `json:"organisation,omitzero" doc:"the one that this request acts for; absent where it must be chosen by Fellesloft-Organisation"`
	Roles         []actor.Role   `json:"roles" doc:"those in that organisation"`
	Scopes        []string       `json:"scopes" doc:"what the access token may be used for"`
	Organisations []Representing `json:"organisations"`
}

// Representing is one organisation that one may act for.
type Representing struct {
	Organisation       uuid.UUID    `json:"organisation"`
	Name               string       `json:"name"`
	OrganisationNumber string       `json:"organisationNumber,omitempty"`
	Kind               string       `json:"kind"`
	Roles              []actor.Role `json:"roles"`
	Source             string       `json:"source" enum:"grant,invitation,client,representation"`
	Until              *time.Time   `json:"until,omitempty" doc:"when a representation by a national register has to be shown again"`
}

// OwnDetails are what a person says of themself.
type OwnDetails struct {
	Name  string `json:"name" validate:"required,max=200"`
	Email string `json:"email,omitempty" validate:"omitempty,max=254" doc:"where notifications go; none without"`
}

func (s *Server) registerMe() {
	tags := []string{"sign-in"}
	op(s, app.Identified, huma.Operation{OperationID: "whoAmI", Method: http.MethodGet, Path: "/me", Tags: tags,
		Summary: "Who is signed in, and which organisations they may act for; none is an answer too"}, s.whoAmI)
	op(s, app.Identified, huma.Operation{OperationID: "saveMe", Method: http.MethodPut, Path: "/me", Tags: tags,
		Summary: "Change one's own name and address for notifications"},
		func(ctx context.Context, in *struct{ Body OwnDetails }) (*done, error) {
			return &done{}, s.App.SaveMe(ctx, in.Body.Name, in.Body.Email)
		})
}

func (s *Server) whoAmI(ctx context.Context, _ *struct{}) (*struct{ Body Me }, error) {
	a, err := actor.From(ctx)
	if err != nil {
		return nil, err
	}
	read, err := s.App.Me(ctx)
	if err != nil {
		return nil, err
	}
	me := Me{Identity: read.Identity, Kind: read.Kind, Name: read.Name, Email: read.Email, Organisation: a.Org, Roles: list(a.Roles), Scopes: list(a.Scopes), Organisations: []Representing{}}
	for _, o := range read.Organisations {
		me.Organisations = append(me.Organisations, Representing{o.Org, o.Name, o.OrgNumber, o.OrgKind, list(o.Roles), o.Source, utc(o.Until)})
	}
	return &struct{ Body Me }{me}, nil
}
