package web

import (
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// organisations is where a person chooses whom to represent.
func (s *Site) organisations(v *visit) error {
	me, err := v.me()
	if err != nil {
		return err
	}
	type choice struct {
		ID          uuid.UUID
		Name, OrgNr string
		Roles       []string
		Chosen      bool
	}
	page := struct {
		Choices []choice
		To      string
	}{To: local(v.Query("to"))}
	for _, o := range me.Organisations {
		page.Choices = append(page.Choices, choice{o.Org, o.Name, o.OrgNumber, v.roleNames(o.Roles), o.Org == v.by.Org})
	}
	return v.show(http.StatusOK, "organisation", page)
}

// chooseOrganisation takes the choice, under a new session id: what the person
// may do has changed.
func (s *Site) chooseOrganisation(v *visit) error {
	me, err := v.me()
	if err != nil {
		return err
	}
	org, err := uuid.Parse(v.field("organisation"))
	if err != nil || !slices.ContainsFunc(me.Organisations, func(o app.Representing) bool { return o.Org == org }) {
		return fault.New(fault.Denied, "sign-in.not-a-member")
	}
	s.SignIn.Forget(v.seat.Issuer, v.seat.Subject)
	changed := *v.seat
	changed.Org = org
	if err := s.sessions.renew(v.Ctx, changed); err != nil {
		return err
	}
	if err := s.noteBegun(v, changed); err != nil {
		return err
	}
	return v.onTo(local(v.field("to")))
}
