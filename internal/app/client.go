package app

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Client is a system that is to act for the organisation: its own, known by the
// organisation number that its access tokens name as consumer, or a supplier
// system (systembruker), known by SystemUser, the id that the authorisation
// register gave it, and Vendor, who makes it.
type Client struct {
	Label      string
	Roles      []actor.Role
	SystemUser uuid.UUID
	Vendor     party.OrgNumber
}

// RegisterClient lets a system act for the actor's organisation and gives its
// identity. A system never administers. It returns conflict (client.registered,
// client.organisation-number-unknown, client.no-issuer) and invalid
// (client.vendor-missing, member.role-does-not-fit).
func (a *App) RegisterClient(ctx context.Context, c Client) (uuid.UUID, error) {
	c.Label = strings.TrimSpace(c.Label)
	var id uuid.UUID
	err := a.do(ctx, MembersAdminister, func(w *work) error {
		if err := c.check(); err != nil {
			return err
		}
		if a.SystemIssuer == "" {
			return fault.New(fault.Conflict, "client.no-issuer")
		}
		if err := w.mayGive(ctx, c.Roles); err != nil {
			return err
		}
		p := sqlcgen.RegisterClientParams{Issuer: a.SystemIssuer, Label: c.Label, Roles: sorted(c.Roles)}
		if c.SystemUser != uuid.Nil {
			p.ActingSystem, p.Vendor = ptr(c.SystemUser.String()), ptr(string(c.Vendor))
		}
		var err error
		if id, err = w.q.RegisterClient(ctx, w.tx, p); err != nil {
			return db.Fault(err)
		}
		after := rolesEntry(sorted(c.Roles))
		if p.Vendor != nil {
			after["vendor"] = *p.Vendor
		}
		return w.audit(ctx, entry{action: "client.registered", object: id, after: after})
	})
	return id, err
}

func (c Client) check() error {
	if len(c.Label) == 0 || len(c.Label) > 200 {
		return fault.New(fault.Invalid, "me.name").At("name")
	}
	if (c.SystemUser == uuid.Nil) != (c.Vendor == "") {
		return fault.New(fault.Invalid, "client.vendor-missing").At("vendor")
	}
	if slices.Contains(c.Roles, actor.Admin) {
		return fault.New(fault.Invalid, "member.role-does-not-fit", fault.Params{"role": string(actor.Admin)}).At("roles")
	}
	return nil
}
