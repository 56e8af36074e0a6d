package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/catalogue"
)

// visit is one request for a page.
type visit struct {
	site *Site
	*fiber.Ctx
	page    Page
	lang    string
	request string
	// seat is nil for one who has not signed in; by is that person.
	seat *seat
	by   actor.Actor
	// known is who is signed in, once asked.
	known *app.Me
}

// field gives what was typed into a form. The address is not asked: what stands
// there can be put into a link.
func (v *visit) field(name string) string { return string(v.Request().PostArgs().Peek(name)) }

// me tells who is signed in; only where somebody is.
func (v *visit) me() (app.Me, error) {
	if v.known == nil {
		me, err := v.site.App.Me(actor.With(v.UserContext(), v.by))
		if err != nil {
			return app.Me{}, err
		}
		v.known = &me
	}
	return *v.known, nil
}

// onTo sends the browser to an address of this site.
func (v *visit) onTo(address string) error { return v.Redirect(address, http.StatusSeeOther) }

// leave sends the browser to another site. It is a page and no redirect, since a
// browser that follows one from a form asks the policy for forms again, for
// every site on the way.
func (v *visit) leave(address, issuer string) error {
	v.Set("Refresh", "0; url="+address)
	return v.show(http.StatusOK, "leave", map[string]string{"Address": address, "Issuer": v.issuerName(issuer)})
}

func (v *visit) issuerName(issuer string) string {
	key := "web.issuer." + issuer
	if catalogue.Has(key) {
		return catalogue.Text(v.lang, key)
	}
	return issuer
}

// who is the person as every page shows them.
type who struct{ Name, Org string }

func (v *visit) who() *who {
	if v.seat == nil {
		return nil
	}
	w := &who{Name: v.by.Name}
	if w.Name == "" {
		w.Name = catalogue.Text(v.lang, "web.unnamed")
	}
	me, err := v.me()
	if err != nil || v.by.Org == uuid.Nil {
		return w // a page that tells of a failure does not fail over it again
	}
	for _, o := range me.Organisations {
		if o.Org == v.by.Org {
			w.Org = o.Name
		}
	}
	return w
}
