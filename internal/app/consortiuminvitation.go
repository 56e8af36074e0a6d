package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/consortium"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// ConsortiumInvitation is all that an organisation knows of a tender before it
// joins.
type ConsortiumInvitation struct {
	Tender, Procurement uuid.UUID
	Title               string
	Lead                uuid.UUID
	LeadName            string
	LeadOrgNumber       string
	Deadline, InvitedAt time.Time
}

// ConsortiumInvitations lists those that wait for the organisation's answer,
// behind a tender's id.
func (a *App) ConsortiumInvitations(ctx context.Context, after uuid.UUID, upTo int) ([]ConsortiumInvitation, error) {
	var out []ConsortiumInvitation
	err := a.do(ctx, TenderRead, func(w *work) error {
		rows, err := w.q.ConsortiumInvitations(ctx, w.tx, sqlcgen.ConsortiumInvitationsParams{After: after, UpTo: int32(upTo)}) //nolint:gosec // a page size
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, ConsortiumInvitation{Tender: r.TenderID, Procurement: r.ProcurementID, Title: r.Title, Lead: r.LeadOrg, LeadName: r.LeadName,
				LeadOrgNumber: deref(r.LeadOrgnr), Deadline: r.Deadline, InvitedAt: r.InvitedAt})
		}
		return nil
	})
	return out, err
}

// AcceptInvitationToTender is the organisation's own decision to join, by its
// signatory. It reads and writes the tender from then on. It returns not_found
// for one that was never asked, conflict (consortium.not-invited), denied
// (tender.buyer-cannot-answer) for a buyer of the same procurement.
func (a *App) AcceptInvitationToTender(ctx context.Context, tenderID uuid.UUID) (Tender, error) {
	var out Tender
	err := a.do(ctx, ConsortiumDecide, func(w *work) error {
		if err := w.answerInvitation(ctx, tenderID, consortium.Consortium.Accept, w.notBuyer); err != nil {
			return err
		}
		row, pub, err := w.ownTenderByID(ctx, tenderID, false)
		out = tenderOf(row, pub.Title, pub.Deadline)
		return err
	})
	return out, err
}

// DeclineInvitationToTender is the organisation's own decision to stay out. It
// returns not_found for one that was never asked, conflict
// (consortium.not-invited).
func (a *App) DeclineInvitationToTender(ctx context.Context, tenderID uuid.UUID) error {
	return a.do(ctx, ConsortiumDecide, func(w *work) error {
		return w.answerInvitation(ctx, tenderID, consortium.Consortium.Decline)
	})
}

type answering func(c consortium.Consortium, by uuid.UUID) (consortium.Consortium, error)

func (w *work) answerInvitation(ctx context.Context, tenderID uuid.UUID, answer answering, checks ...func(ctx context.Context, procurement uuid.UUID) error) error {
	w.wanted = tenderID
	asked, err := w.q.LockInvitation(ctx, w.tx, tenderID)
	if err != nil {
		return db.Fault(err)
	}
	if !asked {
		return fault.New(fault.NotFound, "not-found")
	}
	row, err := w.q.ConsortiumInvitation(ctx, w.tx, tenderID)
	if err != nil {
		return db.Fault(err)
	}
	pub, err := w.published(ctx, row.ProcurementID)
	if err != nil {
		return err
	}
	w.inCase(pub)
	before := consortium.Consortium{Lead: row.LeadOrg, Members: []consortium.Member{{Org: w.by.Org, Name: row.Name, State: consortium.State(row.State)}}}
	after, err := answer(before, w.by.Org)
	if err != nil {
		return err
	}
	if err := w.writable(pub); err != nil {
		return err
	}
	for _, check := range checks {
		if err := check(ctx, pub.ID); err != nil {
			return err
		}
	}
	m, _ := after.Member(w.by.Org)
	// Before the decision takes hold: one that stays out may tell nothing of the
	// case afterwards.
	if err := w.audit(ctx, entry{action: "consortium." + string(m.State), object: tenderID, audience: ofTender, after: map[string]string{"organisation": w.by.Org.String()}}); err != nil {
		return err
	}
	if err := w.tellOne(ctx, row.LeadOrg, "consortium."+string(m.State), tenderID, map[string]string{"organisation": row.Name}); err != nil {
		return err
	}
	return w.decideMember(ctx, tenderID, before, m)
}

// notBuyer refuses one that buys in the procurement.
func (w *work) notBuyer(ctx context.Context, procurement uuid.UUID) error {
	_, err := w.q.Participant(ctx, w.tx, sqlcgen.ParticipantParams{ProcurementID: procurement, OrgID: w.by.Org})
	switch err = db.Fault(err); {
	case err == nil:
		return fault.New(fault.Denied, "tender.buyer-cannot-answer")
	case fault.Is(err, fault.NotFound):
		return nil
	}
	return err
}
