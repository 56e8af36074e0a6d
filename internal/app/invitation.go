package app

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// invitationLife is how long an invitation can be accepted.
const invitationLife = 7 * 24 * time.Hour

// Invitation lets a person in whom the issuer of sign-ins has not told us of yet:
// a subject is known only after the first sign-in.
type Invitation struct {
	ID          uuid.UUID
	OrgName     string
	Name, Email string
	Roles       []actor.Role
	// Code is told once, to who invites; they hand it over.
	Code                    string
	CreatedAt, ExpiresAt    time.Time
	AcceptedAt, WithdrawnAt *time.Time
	AcceptedBy              *uuid.UUID
}

// Invite makes an invitation to act for the actor's organisation. It holds for
// seven days, for one person.
func (a *App) Invite(ctx context.Context, name, email string, roles []actor.Role) (Invitation, error) {
	name, email = strings.TrimSpace(name), strings.TrimSpace(email)
	out := Invitation{ID: uuid.Must(uuid.NewV7()), Name: name, Email: email, Roles: roles, Code: rand.Text(), ExpiresAt: time.Now().Add(invitationLife)}
	err := a.do(ctx, MembersAdminister, func(w *work) error {
		if err := checkPerson(name, email); err != nil {
			return err
		}
		if err := w.mayGive(ctx, roles); err != nil {
			return err
		}
		if err := w.q.InsertInvitation(ctx, w.tx, sqlcgen.InsertInvitationParams{ID: out.ID, OrgID: w.by.Org, Roles: sorted(roles), Name: name, Email: textOrNull(email),
			CodeHash: hashOf([]byte(out.Code)), InvitedBy: w.by.ID, ExpiresAt: out.ExpiresAt}); err != nil {
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "invitation.made", object: out.ID, after: rolesEntry(sorted(roles))})
	})
	return out, err
}

// Invitations lists the organisation's invitations by id, without their codes.
func (a *App) Invitations(ctx context.Context, after uuid.UUID, upTo int) ([]Invitation, error) {
	var out []Invitation
	err := a.do(ctx, MembersAdminister, func(w *work) error {
		rows, err := w.q.Invitations(ctx, w.tx, sqlcgen.InvitationsParams{After: after, UpTo: int32(upTo)}) //nolint:gosec // a page size
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, Invitation{ID: r.ID, Name: r.Name, Email: deref(r.Email), Roles: rolesOf(r.Roles), CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt,
				AcceptedAt: r.AcceptedAt, WithdrawnAt: r.WithdrawnAt, AcceptedBy: r.AcceptedBy})
		}
		return nil
	})
	return out, err
}

// WithdrawInvitation ends an invitation that has not been accepted.
func (a *App) WithdrawInvitation(ctx context.Context, id uuid.UUID) error {
	return a.do(ctx, MembersAdminister, func(w *work) error {
		w.wanted = id
		n, err := w.q.WithdrawInvitation(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		if n == 0 {
			return fault.New(fault.NotFound, "not-found")
		}
		return w.audit(ctx, entry{action: "invitation.withdrawn", object: id})
	})
}

// ShowInvitation tells one who holds a code what it gives. It returns not_found
// (invitation.not-open) for a code that is unknown, used, withdrawn or too old.
func (a *App) ShowInvitation(ctx context.Context, code string) (Invitation, error) {
	var out Invitation
	err := a.do(ctx, Identified, func(w *work) error {
		rows, err := db.ShowInvitation(ctx, w.tx, hashOf([]byte(code)))
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return notOpen()
		}
		out = Invitation{OrgName: rows[0].OrgName, Name: rows[0].Name, Roles: rolesOf(rows[0].Roles), ExpiresAt: rows[0].ExpiresAt}
		return nil
	})
	return out, err
}

func notOpen() error { return fault.New(fault.NotFound, "invitation.not-open") }

// AcceptInvitation makes the signed-in person a member and gives the
// organisation. Only people are invited. It returns not_found
// (invitation.not-open) as ShowInvitation does.
func (a *App) AcceptInvitation(ctx context.Context, code string) (uuid.UUID, error) {
	var org uuid.UUID
	err := a.do(ctx, Identified, func(w *work) error {
		if w.by.Kind != actor.Person {
			return fault.New(fault.Denied, "permission.person", fault.Params{"permission": string(Identified)})
		}
		rows, err := db.AcceptInvitation(ctx, w.tx, hashOf([]byte(code)), w.by.Issuer, w.by.Subject)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return notOpen()
		}
		if err := w.actAs(ctx, rows[0].Identity, rows[0].Org); err != nil {
			return err
		}
		org = rows[0].Org
		return w.audit(ctx, entry{action: "invitation.accepted", object: rows[0].Identity, after: rolesEntry(rows[0].Given)})
	})
	return org, err
}
