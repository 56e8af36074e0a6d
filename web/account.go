package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// accountPage is what a person sees of themselves.
type accountPage struct {
	// Known is false for one who has not been let in anywhere: nothing of them is
	// kept, so nothing can be changed.
	Known         bool
	Name, Email   string
	Saved         bool
	NameError     string
	EmailError    string
	Organisations []membershipRow
	Ends          time.Time
	IdleMinutes   string
}

type membershipRow struct {
	Name, OrgNr, Roles string
	Chosen             bool
	Until              *time.Time
}

func (s *Site) account(v *visit) error {
	page, err := s.accountOf(v)
	if err != nil {
		return err
	}
	page.Saved = v.Query("saved") != ""
	return v.show(http.StatusOK, "account", page)
}

func (s *Site) accountOf(v *visit) (accountPage, error) {
	me, err := v.me()
	if err != nil {
		return accountPage{}, err
	}
	page := accountPage{Known: me.Identity != uuid.Nil, Name: me.Name, Email: me.Email, Ends: s.sessions.ends(*v.seat), IdleMinutes: catalogue.Number(v.lang, int64(s.IdleLimit.Minutes()))}
	for _, o := range me.Organisations {
		page.Organisations = append(page.Organisations, membershipRow{o.Name, o.OrgNumber, strings.Join(v.roleNames(o.Roles), ", "), o.Org == v.by.Org, o.Until})
	}
	return page, nil
}

// saveAccount keeps a changed name and address. What was typed stays on a page
// that says what is wrong with it.
func (s *Site) saveAccount(v *visit) error {
	name, email := v.field("name"), v.field("email")
	err := s.App.SaveMe(v.UserContext(), name, email)
	if err == nil {
		s.SignIn.Forget(v.seat.Issuer, v.seat.Subject)
		return v.onTo("/account?saved=1")
	}
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.Invalid {
		return err
	}
	page, failed := s.accountOf(v)
	if failed != nil {
		return failed
	}
	page.Name, page.Email = name, email
	for _, each := range f.All() {
		_, text := catalogue.Fault(v.lang, each)
		switch each.Field {
		case "name":
			page.NameError = text
		case "email":
			page.EmailError = text
		default:
			return err
		}
	}
	return v.show(http.StatusUnprocessableEntity, "account", page)
}

func (v *visit) roleNames(roles []actor.Role) []string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = catalogue.Text(v.lang, "web.role."+string(r))
	}
	return out
}
