package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
)

// ConsortiumMember is one organisation of a tender by several suppliers.
type ConsortiumMember struct {
	Organisation       uuid.UUID  `json:"organisation"`
	Name               string     `json:"name"`
	OrganisationNumber string     `json:"organisationNumber,omitempty"`
	Role               string     `json:"role" enum:"lead,member"`
	State              string     `json:"state,omitempty" enum:"invited,accepted,declined,left,removed" doc:"of a member; the leader has none"`
	InvitedAt          *time.Time `json:"invitedAt,omitempty"`
	DecidedAt          *time.Time `json:"decidedAt,omitempty" doc:"of the newest answer or departure"`
}

func consortiumMemberOf(m app.ConsortiumMember) ConsortiumMember {
	out := ConsortiumMember{Organisation: m.Org, Name: m.Name, OrganisationNumber: m.OrgNumber, Role: "member", State: string(m.State), InvitedAt: known(m.InvitedAt), DecidedAt: known(m.DecidedAt)}
	if m.Lead {
		out.Role = "lead"
	}
	return out
}

// known leaves a zero time out.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return utc(&t)
}

// NewConsortiumMember names the supplier to invite, by one of the two.
type NewConsortiumMember struct {
	OrganisationNumber string    `json:"organisationNumber,omitempty" validate:"required_without=Organisation,excluded_with=Organisation,max=20" doc:"nine digits"`
	Organisation       uuid.UUID `json:"organisation,omitzero" doc:"its id, where it has no number"`
}

// ConsortiumInvitation is an invitation to join another supplier's tender: all
// that is known of the tender before it is accepted.
type ConsortiumInvitation struct {
	Tender                 uuid.UUID `json:"tender"`
	Procurement            uuid.UUID `json:"procurement"`
	Title                  string    `json:"title"`
	Lead                   uuid.UUID `json:"lead"`
	LeadName               string    `json:"leadName"`
	LeadOrganisationNumber string    `json:"leadOrganisationNumber,omitempty"`
	TenderDeadline         time.Time `json:"tenderDeadline"`
	InvitedAt              time.Time `json:"invitedAt"`
}

func consortiumInvitationOf(i app.ConsortiumInvitation) ConsortiumInvitation {
	return ConsortiumInvitation{i.Tender, i.Procurement, i.Title, i.Lead, i.LeadName, i.LeadOrgNumber, i.Deadline.UTC(), i.InvitedAt.UTC()}
}

// DeclarationState says whether an organisation of the tender has given its own
// self-declaration.
type DeclarationState struct {
	Organisation uuid.UUID `json:"organisation"`
	Name         string    `json:"name,omitempty" doc:"left out for the leader"`
	State        string    `json:"state" enum:"missing,incomplete,given"`
}

func declarationsOf(all []app.DeclarationState) []DeclarationState {
	out := make([]DeclarationState, len(all))
	for i, d := range all {
		out[i] = DeclarationState{d.Org, d.Name, d.State}
	}
	return out
}

// OtherTender is another tender of the own organisation in the procurement.
type OtherTender struct {
	Tender uuid.UUID `json:"tender"`
}

func (s *Server) registerConsortium() {
	tags := []string{"consortium"}
	op(s, app.ConsortiumDecide, huma.Operation{OperationID: "inviteMember", Method: http.MethodPost, Path: "/tenders/{tender}/members", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Invite another supplier to tender together; the leader's signatory"},
		func(ctx context.Context, in *struct {
			ByTender
			Keyed
			Body NewConsortiumMember
		}) (*struct{ Body ConsortiumMember }, error) {
			m, err := s.App.InviteMember(ctx, in.Tender, app.Invitee{OrgNumber: in.Body.OrganisationNumber, Org: in.Body.Organisation})
			return &struct{ Body ConsortiumMember }{consortiumMemberOf(m)}, err
		})
	op(s, app.TenderRead, huma.Operation{OperationID: "listConsortium", Method: http.MethodGet, Path: "/tenders/{tender}/members", Tags: tags,
		Summary: "The organisations of an own tender, the leader first, with each one's answer"},
		func(ctx context.Context, in *ByTender) (*struct{ Body OfTender[ConsortiumMember] }, error) {
			read, err := s.App.ConsortiumMembers(ctx, in.Tender)
			return &struct{ Body OfTender[ConsortiumMember] }{ofTender(read, in.language(), consortiumMemberOf)}, err
		})
	op(s, app.ConsortiumDecide, huma.Operation{OperationID: "removeMember", Method: http.MethodDelete, Path: "/tenders/{tender}/members/{organisation}", Tags: tags,
		Summary: "Take a member out, or an invitation back; the leader's signatory, and not while a tender stands in the member's name"},
		func(ctx context.Context, in *struct {
			ByTender
			Organisation uuid.UUID `path:"organisation"`
		}) (*done, error) {
			return &done{}, s.App.RemoveMember(ctx, in.Tender, in.Organisation)
		})
	op(s, app.ConsortiumDecide, huma.Operation{OperationID: "leaveConsortium", Method: http.MethodPost, Path: "/tenders/{tender}/departure", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Leave a tender that another supplier leads, as long as none stands in the own name"},
		func(ctx context.Context, in *struct {
			ByTender
			Keyed
		}) (*done, error) {
			return &done{}, s.App.LeaveConsortium(ctx, in.Tender)
		})
	op(s, app.TenderRead, huma.Operation{OperationID: "listOtherTenders", Method: http.MethodGet, Path: "/tenders/{tender}/others", Tags: tags,
		Summary: "The own organisation's other tenders in the same procurement, alone or with others: to know before signing"},
		func(ctx context.Context, in *ByTender) (*struct{ Body OfTender[OtherTender] }, error) {
			read, err := s.App.OtherTenders(ctx, in.Tender)
			return &struct{ Body OfTender[OtherTender] }{ofTender(read, in.language(), func(id uuid.UUID) OtherTender { return OtherTender{id} })}, err
		})
	op(s, app.TenderRead, huma.Operation{OperationID: "listConsortiumInvitations", Method: http.MethodGet, Path: "/consortium-invitations", Tags: tags,
		Summary: "Invitations to tender together with others, that wait for an answer"}, s.listConsortiumInvitations)
	op(s, app.ConsortiumDecide, huma.Operation{OperationID: "acceptConsortiumInvitation", Method: http.MethodPost, Path: "/consortium-invitations/{tender}/acceptance", Tags: tags,
		Summary: "Join the tender; from now on the organisation reads and writes it"},
		func(ctx context.Context, in *struct {
			ByTender
			Keyed
		}) (*theTender, error) {
			t, err := s.App.AcceptInvitationToTender(ctx, in.Tender)
			return answerTender(t, in.language(), err)
		})
	op(s, app.ConsortiumDecide, huma.Operation{OperationID: "declineConsortiumInvitation", Method: http.MethodPost, Path: "/consortium-invitations/{tender}/refusal", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Stay out of the tender; the leader is told"},
		func(ctx context.Context, in *struct {
			ByTender
			Keyed
		}) (*done, error) {
			return &done{}, s.App.DeclineInvitationToTender(ctx, in.Tender)
		})
}

func (s *Server) listConsortiumInvitations(ctx context.Context, in *Paged) (*struct {
	Body Page[ConsortiumInvitation]
}, error) {
	after, err := in.afterID()
	if err != nil {
		return nil, err
	}
	read, err := s.App.ConsortiumInvitations(ctx, after, in.limit()+1)
	if err != nil {
		return nil, err
	}
	return &struct {
		Body Page[ConsortiumInvitation]
	}{pageByID(read, in.limit(), func(i app.ConsortiumInvitation) uuid.UUID { return i.Tender }, consortiumInvitationOf)}, nil
}
