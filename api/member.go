package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Member is a person or a system that may act for the organisation. Version is
// what a change names in If-Match, between double quotes.
type Member struct {
	Identity  uuid.UUID    `json:"identity"`
	Kind      actor.Kind   `json:"kind" enum:"person,system"`
	Name      string       `json:"name"`
	Email     string       `json:"email,omitempty"`
	Roles     []actor.Role `json:"roles"`
	Source    string       `json:"source" enum:"grant,invitation,client,representation"`
	GrantedAt time.Time    `json:"grantedAt"`
	Until     *time.Time   `json:"until,omitempty"`
	Version   int64        `json:"version"`
	Vendor    string       `json:"vendor,omitempty" doc:"organisation number of the maker of a supplier system"`
}

func memberOf(m app.OrgMember) Member {
	return Member{m.Identity, m.Kind, m.Name, m.Email, list(m.Roles), m.Source, m.GrantedAt.UTC(), utc(m.Until), m.Version, m.Vendor}
}

// MemberRoles replace those that a member has.
type MemberRoles struct {
	Roles []actor.Role `json:"roles" validate:"required,min=1,max=20,unique,dive,required,max=40"`
}

// NewClient is a system that is to act for the organisation.
type NewClient struct {
	Name  string       `json:"name" validate:"required,max=200" doc:"what the organisation calls it"`
	Roles []actor.Role `json:"roles" validate:"required,min=1,max=20,unique,dive,required,max=40"`
	// SystemUser and Vendor name a supplier system (systembruker).
	SystemUser uuid.UUID `json:"systemUser,omitzero" validate:"required_with=Vendor" doc:"the id of a supplier system's system user; absent for the organisation's own system, which is known by the organisation number of its tokens"`
	Vendor     string    `json:"vendor,omitempty" validate:"required_with=SystemUser,max=11" doc:"organisation number of the maker of the supplier system"`
}

type theMember struct {
	Location string `header:"Location"`
	Body     struct {
		Identity uuid.UUID `json:"identity"`
	}
}

func (s *Server) registerMembers() {
	tags := []string{"members"}
	op(s, app.MembersAdminister, huma.Operation{OperationID: "listMembers", Method: http.MethodGet, Path: "/members", Tags: tags,
		Summary: "People and systems that may act for the own organisation"}, s.listMembers)
	op(s, app.MembersAdminister, huma.Operation{OperationID: "setRoles", Method: http.MethodPut, Path: "/members/{identity}", Tags: tags,
		Summary: "Replace the roles of a member; none that the organisation's kind does not have"},
		func(ctx context.Context, in *struct {
			Versioned
			Identity uuid.UUID `path:"identity"`
			Body     MemberRoles
		}) (*done, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			return &done{}, s.App.SetRoles(ctx, in.Identity, version, in.Body.Roles)
		})
	op(s, app.MembersAdminister, huma.Operation{OperationID: "endMembership", Method: http.MethodDelete, Path: "/members/{identity}", Tags: tags,
		Summary: "End what a member may do; the last administrator stays"},
		func(ctx context.Context, in *struct {
			Versioned
			Identity uuid.UUID `path:"identity"`
		}) (*done, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			return &done{}, s.App.EndMembership(ctx, in.Identity, version)
		})
	op(s, app.MembersAdminister, huma.Operation{OperationID: "registerClient", Method: http.MethodPost, Path: "/clients", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Let a system act for the own organisation, its own or a supplier system"}, s.registerClient)
}

func (s *Server) listMembers(ctx context.Context, in *Paged) (*struct{ Body Page[Member] }, error) {
	after, err := in.afterID()
	if err != nil {
		return nil, err
	}
	read, err := s.App.Members(ctx, after, in.limit()+1)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Page[Member] }{pageByID(read, in.limit(), func(m app.OrgMember) uuid.UUID { return m.Identity }, memberOf)}, nil
}

func (s *Server) registerClient(ctx context.Context, in *struct {
	Keyed
	Body NewClient
}) (*theMember, error) {
	c := app.Client{Label: in.Body.Name, Roles: in.Body.Roles, SystemUser: in.Body.SystemUser}
	if in.Body.Vendor != "" {
		vendor, err := party.ParseOrgNumber(in.Body.Vendor)
		if f, ok := fault.As(err); ok {
			return nil, f.At("vendor")
		}
		c.Vendor = vendor
	}
	id, err := s.App.RegisterClient(ctx, c)
	out := &theMember{Location: Base + "/members/" + id.String()}
	out.Body.Identity = id
	return out, err
}
