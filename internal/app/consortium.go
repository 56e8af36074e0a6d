package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/consortium"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// ConsortiumMember is one organisation of a tender as the others of it see it.
type ConsortiumMember struct {
	Org             uuid.UUID
	Name, OrgNumber string
	// Lead began the tender; its State is empty.
	Lead  bool
	State consortium.State
	// InvitedAt is zero for the leader, DecidedAt before an answer.
	InvitedAt, DecidedAt time.Time
}

// Invitee names an organisation by its number or by its id.
type Invitee struct {
	OrgNumber string
	Org       uuid.UUID
}

// shared is a tender opened for a decision about who is in it.
type shared struct {
	row sqlcgen.Tender
	pub sqlcgen.PublicProcurementRow
	consortium.Consortium
}

// together reads the organisations of an own tender.
func (w *work) together(ctx context.Context, t sqlcgen.Tender) (consortium.Consortium, error) {
	rows, err := w.q.ConsortiumMembers(ctx, w.tx, t.ID)
	if err != nil {
		return consortium.Consortium{}, db.Fault(err)
	}
	c := consortium.Consortium{Lead: t.SupplierOrg}
	for _, r := range rows {
		c.Members = append(c.Members, consortium.Member{Org: r.OrgID, Name: r.Name, State: consortium.State(r.State), Bound: r.Bound})
	}
	return c, nil
}

// share locks an own tender for a decision about who is in it: nobody writes or
// hands it in meanwhile. Nothing is decided after the deadline.
func (w *work) share(ctx context.Context, tenderID uuid.UUID) (shared, error) {
	row, pub, err := w.ownTenderByID(ctx, tenderID, true)
	if err != nil {
		return shared{}, err
	}
	w.inCase(pub)
	if err := w.writable(pub); err != nil {
		return shared{}, err
	}
	c, err := w.together(ctx, row)
	return shared{row, pub, c}, err
}

// inCase says which case a supplier's transaction is about.
func (w *work) inCase(pub sqlcgen.PublicProcurementRow) {
	w.p.ID, w.p.Plan.Title = pub.ID, pub.Title
}

// ConsortiumMembers lists the organisations of an own tender, the leader first;
// those too that said no or have gone.
func (a *App) ConsortiumMembers(ctx context.Context, tenderID uuid.UUID) (OfTender[ConsortiumMember], error) {
	var out OfTender[ConsortiumMember]
	err := a.do(ctx, TenderRead, func(w *work) error {
		row, pub, err := w.ownTenderByID(ctx, tenderID, false)
		if err != nil {
			return err
		}
		out.Tender = tenderOf(row, pub.Title, pub.Deadline)
		lead, err := w.q.Organisation(ctx, w.tx, row.SupplierOrg)
		if err != nil {
			return db.Fault(err)
		}
		out.Items = append(out.Items, ConsortiumMember{Org: lead.ID, Name: lead.Name, OrgNumber: deref(lead.Orgnr), Lead: true})
		rows, err := w.q.ConsortiumMembers(ctx, w.tx, tenderID)
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out.Items = append(out.Items, ConsortiumMember{Org: r.OrgID, Name: r.Name, OrgNumber: deref(r.Orgnr), State: consortium.State(r.State), InvitedAt: r.InvitedAt, DecidedAt: deref(r.DecidedAt)})
		}
		return nil
	})
	return out, err
}

// InviteMember asks another supplier to join the tender that the actor's
// organisation leads. It is told of the procurement, the leader and the deadline,
// and of nothing in the tender until it accepts. It returns
//   - invalid (organisation.unknown) for one that is not in the register, or is
//     of another space;
//   - invalid (consortium.not-a-supplier) for one that does not tender;
//   - denied (consortium.not-leader), invalid (consortium.leader-itself),
//     conflict (consortium.invited-already, consortium.too-many).
func (a *App) InviteMember(ctx context.Context, tenderID uuid.UUID, who Invitee) (ConsortiumMember, error) {
	var out ConsortiumMember
	err := a.do(ctx, ConsortiumDecide, func(w *work) error {
		s, err := w.share(ctx, tenderID)
		if err != nil {
			return err
		}
		if err := s.Leads(w.by.Org); err != nil {
			return err
		}
		found, err := w.invitee(ctx, who, s.row.SpaceID)
		if err != nil {
			return err
		}
		if _, err := s.Invite(w.by.Org, consortium.Member{Org: found.ID, Name: found.Name}); err != nil {
			return err
		}
		if err := w.q.InviteMember(ctx, w.tx, sqlcgen.InviteMemberParams{TenderID: tenderID, OrgID: found.ID, ProcurementID: s.pub.ID, InvitedBy: w.by.ID, InvitedAt: w.now}); err != nil {
			return db.Fault(err)
		}
		if err := w.wrapForPartners(ctx, s.row); err != nil {
			return err
		}
		out = ConsortiumMember{Org: found.ID, Name: found.Name, OrgNumber: deref(found.Orgnr), State: consortium.Invited, InvitedAt: w.now}
		if err := w.audit(ctx, entry{action: "consortium.invited", object: tenderID, audience: ofTender, after: map[string]string{"organisation": found.ID.String()}}); err != nil {
			return err
		}
		leader, err := w.q.Organisation(ctx, w.tx, w.by.Org)
		if err != nil {
			return db.Fault(err)
		}
		return w.tellOne(ctx, found.ID, "consortium.invited", tenderID, map[string]string{"leader": leader.Name, "deadline": s.pub.Deadline.UTC().Format(timeFormat)})
	})
	return out, err
}

// invitee finds a supplier of the case's own space: invented organisations are
// for sandboxes.
func (w *work) invitee(ctx context.Context, who Invitee, space uuid.UUID) (sqlcgen.SupplierToInviteRow, error) {
	var number *string
	if who.OrgNumber != "" {
		n, err := party.ParseOrgNumber(who.OrgNumber)
		if err != nil {
			return sqlcgen.SupplierToInviteRow{}, fault.New(fault.Invalid, fault.RuleOf(err)).At("organisationNumber")
		}
		s := n.String()
		number = &s
	}
	unknown := fault.New(fault.Invalid, "organisation.unknown").At("organisation")
	found, err := w.q.SupplierToInvite(ctx, w.tx, sqlcgen.SupplierToInviteParams{Orgnr: number, ID: idOrNull(who.Org)})
	switch {
	case fault.Is(db.Fault(err), fault.NotFound):
		return found, unknown
	case err != nil:
		return found, db.Fault(err)
	case found.Invented && space == RealSpace:
		return found, unknown
	case found.Kind != "supplier":
		return found, fault.New(fault.Invalid, "consortium.not-a-supplier").At("organisation")
	}
	return found, nil
}

// RemoveMember takes a member out of the tender that the actor's organisation
// leads, or an invitation back. From then on it reads nothing more of it. It
// returns denied (consortium.not-leader), not_found for one that was never asked,
// conflict (consortium.not-a-member, consortium.bound).
func (a *App) RemoveMember(ctx context.Context, tenderID, org uuid.UUID) error {
	return a.do(ctx, ConsortiumDecide, func(w *work) error {
		s, err := w.share(ctx, tenderID)
		if err != nil {
			return err
		}
		if err := s.Leads(w.by.Org); err != nil {
			return err
		}
		if _, known := s.Member(org); !known {
			return fault.New(fault.NotFound, "not-found")
		}
		after, err := s.Remove(w.by.Org, org)
		if err != nil {
			return err
		}
		if err := w.end(ctx, s, after, org); err != nil {
			return err
		}
		return w.tellOne(ctx, org, "consortium.removed", tenderID, nil)
	})
}

// LeaveConsortium is a member's own decision to go, until the tender is handed in
// in its name. It returns denied (consortium.leader-stays), conflict
// (consortium.bound).
func (a *App) LeaveConsortium(ctx context.Context, tenderID uuid.UUID) error {
	return a.do(ctx, ConsortiumDecide, func(w *work) error {
		s, err := w.share(ctx, tenderID)
		if err != nil {
			return err
		}
		after, err := s.Leave(w.by.Org)
		if err != nil {
			return err
		}
		m, _ := s.Member(w.by.Org)
		if err := w.tellOne(ctx, s.Lead, "consortium.left", tenderID, map[string]string{"organisation": m.Name}); err != nil {
			return err
		}
		return w.end(ctx, s, after, w.by.Org)
	})
}

// end lets an organisation go, with its self-declaration: what is left of the
// tender is the others'. Before it goes, since afterwards it may tell nothing.
func (w *work) end(ctx context.Context, s shared, after consortium.Consortium, org uuid.UUID) error {
	m, _ := after.Member(org)
	if err := w.q.DeleteDraftAnswers(ctx, w.tx, sqlcgen.DeleteDraftAnswersParams{TenderID: s.row.ID, Draft: s.row.Draft, Requirements: []uuid.UUID{s.DeclarationOf(org)}}); err != nil {
		return db.Fault(err)
	}
	if err := w.audit(ctx, entry{action: "consortium." + string(m.State), object: s.row.ID, audience: ofTender, after: map[string]string{"organisation": org.String()}}); err != nil {
		return err
	}
	return w.decideMember(ctx, s.row.ID, s.Consortium, m)
}

// decideMember saves a member's new state, if it is still in the one that the
// decision was made on.
func (w *work) decideMember(ctx context.Context, tender uuid.UUID, before consortium.Consortium, m consortium.Member) error {
	was, _ := before.Member(m.Org)
	n, err := w.q.DecideMember(ctx, w.tx, sqlcgen.DecideMemberParams{TenderID: tender, OrgID: m.Org, Was: string(was.State), State: string(m.State), DecidedBy: &w.by.ID, DecidedAt: &w.now})
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "consortium.meanwhile")
	}
	return db.Fault(err)
}

// handsIn refuses all but the tender's leader: a member is told why, for others
// the tender is not there.
func (a *App) handsIn(ctx context.Context, by actor.Actor, perm Permission, row sqlcgen.Tender) error {
	if row.SupplierOrg == by.Org {
		return nil
	}
	mine, err := a.q.IsOwnTender(ctx, db.As(a.Pool, by), row.ID)
	if err != nil {
		return db.Fault(err)
	}
	if !mine {
		return fault.New(fault.NotFound, "not-found")
	}
	err = consortium.Consortium{Lead: row.SupplierOrg}.HandIn(by.Org)
	a.noteDenied(ctx, by, perm, row.ID, err)
	return err
}
