package web

import (
	"net/http"
	"strings"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// invitationPage shows what an invitation gives, or asks for its code.
type invitationPage struct {
	Code       string
	NotOpen    bool
	Invitation *app.Invitation
	Roles      []string
}

func (s *Site) invitation(v *visit) error {
	page := invitationPage{Code: strings.TrimSpace(v.Query("code"))}
	if page.Code == "" {
		return v.show(http.StatusOK, "invitation", page)
	}
	shown, err := s.App.ShowInvitation(v.UserContext(), page.Code)
	if fault.RuleOf(err) == "invitation.not-open" {
		page.NotOpen = true
		return v.show(http.StatusNotFound, "invitation", page)
	}
	if err != nil {
		return err
	}
	page.Invitation, page.Roles = &shown, v.roleNames(shown.Roles)
	return v.show(http.StatusOK, "invitation", page)
}

// acceptInvitation makes the person a member, who acts for the organisation from
// now on.
func (s *Site) acceptInvitation(v *visit) error {
	org, err := s.App.AcceptInvitation(v.UserContext(), strings.TrimSpace(v.field("code")))
	if err != nil {
		return err
	}
	s.SignIn.Forget(v.seat.Issuer, v.seat.Subject)
	changed := *v.seat
	changed.Org = org
	if err := s.sessions.renew(v.Ctx, changed); err != nil {
		return err
	}
	return v.onTo("/")
}
