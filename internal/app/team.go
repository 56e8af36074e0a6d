package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Member is one person's role in one case.
type Member struct {
	Identity uuid.UUID
	Org      uuid.UUID
	// Role: lead, opener, evaluator or chair.
	Role                string
	ImpartialDeclaredAt *time.Time
}

// AddToTeam names a person of the lead buyer or of a participant as opener,
// evaluator or chair. It returns invalid (team.unknown-person) for one who is
// no member of the organisation.
func (a *App) AddToTeam(ctx context.Context, id uuid.UUID, m Member) error {
	return a.do(ctx, ProcurementPlan, func(w *work) error {
		if err := w.lock(ctx, id, ProcurementPlan); err != nil {
			return err
		}
		if w.p.Phase == procurement.Evaluation && m.Role == "evaluator" && !w.p.State.PriceOpenedAt.IsZero() {
			return fault.New(fault.Conflict, "team.evaluators-fixed")
		}
		roles, err := w.q.RolesOf(ctx, w.tx, sqlcgen.RolesOfParams{Identity: m.Identity, Org: m.Org})
		if err != nil {
			return db.Fault(err)
		}
		if len(roles) == 0 {
			return fault.New(fault.Invalid, "team.unknown-person").At("identity")
		}
		if m.Org != w.p.Lead {
			if _, err := w.q.Participant(ctx, w.tx, sqlcgen.ParticipantParams{ProcurementID: id, OrgID: m.Org}); err != nil {
				return fault.New(fault.Invalid, "team.unknown-person").At("organisation")
			}
		}
		if err := w.q.AddToTeam(ctx, w.tx, sqlcgen.AddToTeamParams{ProcurementID: id, SpaceID: w.p.Space, IdentityID: m.Identity, OrgID: m.Org, Role: m.Role, AddedAt: w.now}); err != nil {
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "team.added", object: id, audience: onObject, after: map[string]string{"identity": m.Identity.String(), "role": m.Role}})
	})
}

// RemoveFromTeam takes a role in the case away again, before the opening.
func (a *App) RemoveFromTeam(ctx context.Context, id, identity uuid.UUID, role string) error {
	return a.do(ctx, ProcurementPlan, func(w *work) error {
		if err := w.lock(ctx, id, ProcurementPlan); err != nil {
			return err
		}
		if !w.p.State.QualityOpenedAt.IsZero() {
			return fault.New(fault.Conflict, "team.evaluators-fixed")
		}
		n, err := w.q.RemoveFromTeam(ctx, w.tx, sqlcgen.RemoveFromTeamParams{ProcurementID: id, IdentityID: identity, Role: role})
		if err != nil {
			return db.Fault(err)
		}
		if n == 0 {
			return fault.New(fault.NotFound, "not-found")
		}
		return w.audit(ctx, entry{action: "team.removed", object: id, audience: onObject, before: map[string]string{"identity": identity.String(), "role": role}})
	})
}

// Team lists the case's people.
func (a *App) Team(ctx context.Context, id uuid.UUID) ([]Member, error) {
	var out []Member
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		rows, err := w.q.Team(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, Member{r.IdentityID, r.OrgID, r.Role, r.ImpartialDeclaredAt})
		}
		return nil
	})
	return out, err
}

// DeclareImpartial records the actor's own declaration that nothing disqualifies
// them in this case (FOA § 7-5). Evaluators score only after it.
func (a *App) DeclareImpartial(ctx context.Context, id uuid.UUID) error {
	return a.do(ctx, TendersRead, func(w *work) error {
		if err := w.load(ctx, id, TendersRead); err != nil {
			return err
		}
		n, err := w.q.DeclareImpartial(ctx, w.tx, sqlcgen.DeclareImpartialParams{ProcurementID: id, IdentityID: w.by.ID, At: &w.now})
		if err != nil {
			return db.Fault(err)
		}
		if n == 0 {
			return nil // declared already
		}
		return w.audit(ctx, entry{action: "team.impartiality-declared", object: id, audience: onObject})
	})
}

func (w *work) teamCount(ctx context.Context) (procurement.Team, error) {
	rows, err := w.q.Team(ctx, w.tx, w.p.ID)
	if err != nil {
		return procurement.Team{}, db.Fault(err)
	}
	var t procurement.Team
	for _, r := range rows {
		switch r.Role {
		case "opener":
			t.Openers++
		case "evaluator":
			t.Evaluators++
		}
	}
	return t, nil
}
