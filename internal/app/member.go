package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// OrgMember is a person or a system that may act for the organisation.
type OrgMember struct {
	Identity    uuid.UUID
	Kind        actor.Kind
	Name, Email string
	Roles       []actor.Role
	Source      string
	GrantedAt   time.Time
	Until       *time.Time
	Version     int64
	// Vendor is the maker of a supplier system that acts for the organisation.
	Vendor string
}

// Members lists who may act for the actor's organisation, by id.
func (a *App) Members(ctx context.Context, after uuid.UUID, upTo int) ([]OrgMember, error) {
	var out []OrgMember
	err := a.do(ctx, MembersAdminister, func(w *work) error {
		rows, err := w.q.Members(ctx, w.tx, sqlcgen.MembersParams{After: after, UpTo: int32(upTo)}) //nolint:gosec // a page size
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, OrgMember{r.IdentityID, actor.Kind(r.Kind), r.Name, deref(r.Email), rolesOf(r.Roles), r.Source, r.GrantedAt, r.Until, r.Version, deref(r.Vendor)})
		}
		return nil
	})
	return out, err
}

// SetRoles replaces a member's roles. It returns stale (member.version), invalid
// (member.role-does-not-fit) and conflict (member.last-administrator).
func (a *App) SetRoles(ctx context.Context, identity uuid.UUID, expected int64, roles []actor.Role) error {
	return a.member(ctx, identity, expected, func(w *work, m sqlcgen.LockMemberRow) error {
		if err := w.mayGive(ctx, roles); err != nil {
			return err
		}
		if err := w.q.SetRoles(ctx, w.tx, sqlcgen.SetRolesParams{IdentityID: identity, Roles: sorted(roles)}); err != nil {
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "member.roles-set", object: identity, before: rolesEntry(m.Roles), after: rolesEntry(sorted(roles))})
	})
}

// EndMembership takes everything from a member. What they have done stays. A
// representation in a national register is ended there, else the next sign-in
// brings it back.
func (a *App) EndMembership(ctx context.Context, identity uuid.UUID, expected int64) error {
	return a.member(ctx, identity, expected, func(w *work, m sqlcgen.LockMemberRow) error {
		if err := w.q.EndMembership(ctx, w.tx, identity); err != nil {
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "member.ended", object: identity, before: rolesEntry(m.Roles)})
	})
}

func (a *App) member(ctx context.Context, identity uuid.UUID, expected int64, f func(*work, sqlcgen.LockMemberRow) error) error {
	return a.do(ctx, MembersAdminister, func(w *work) error {
		w.wanted = identity
		m, err := w.q.LockMember(ctx, w.tx, identity)
		if err != nil {
			return db.Fault(err)
		}
		if expected != 0 && expected != m.Version {
			return fault.New(fault.Stale, "member.version", fault.Params{"expected": itoa(expected), "is": itoa(m.Version)})
		}
		return f(w, m)
	})
}

// mayGive judges the roles that an administrator gives. Nobody grants more than
// they have: an administrator has every role of their own organisation to give,
// and none that its kind does not have.
func (w *work) mayGive(ctx context.Context, roles []actor.Role) error {
	org, err := w.q.Organisation(ctx, w.tx, w.by.Org)
	if err != nil {
		return db.Fault(err)
	}
	fit := actor.RolesOf(org.Kind)
	for _, r := range roles {
		if !slices.Contains(fit, r) {
			return fault.New(fault.Invalid, "member.role-does-not-fit", fault.Params{"role": string(r)}).At("roles")
		}
	}
	if len(roles) == 0 {
		return fault.New(fault.Invalid, "member.no-role").At("roles")
	}
	return nil
}

func sorted(roles []actor.Role) []string {
	names := namesOf(roles)
	slices.Sort(names)
	return slices.Compact(names)
}

func rolesEntry(roles []string) map[string]string {
	return map[string]string{"roles": strings.Join(roles, " ")}
}
