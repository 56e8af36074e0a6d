package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// spread says who learns of an event: in which feeds its audit entry stands,
// and who gets a notification.
type spread struct {
	audience                       string
	lead, participants, interested bool
}

// spreads is the one place that says who learns of what. An event that is not
// listed is seen by the lead buyer and the participants in their feed and
// notifies nobody.
var spreads = map[procurement.EventKind]spread{
	procurement.Launched:         {audience: onObject, participants: true},
	procurement.MandateGiven:     {audience: onObject, lead: true},
	procurement.MandateDeclined:  {audience: onObject, lead: true},
	procurement.MandatesExtended: {audience: onObject, participants: true},
	procurement.MandatesDone:     {audience: onObject, lead: true, participants: true},
	procurement.QuorumMissed:     {audience: onObject, lead: true, participants: true},
	procurement.Published:        {audience: onObject, participants: true},
	procurement.DeadlineExtended: {audience: interested, participants: true, interested: true},
	procurement.Amended:          {audience: interested, participants: true, interested: true},
	procurement.Closed:           {audience: interested, lead: true},
	procurement.NoTenders:        {audience: onObject, lead: true, participants: true},
	procurement.OpeningApproved:  {audience: onObject, lead: true},
	procurement.Opened:           {audience: onObject, lead: true},
	procurement.Rejected:         {audience: onObject},
	procurement.Awarded:          {audience: interested, lead: true, participants: true},
	procurement.AwardReversed:    {audience: interested, lead: true, participants: true, interested: true},
	procurement.StandstillOver:   {audience: onObject, lead: true},
	procurement.ContractSigned:   {audience: onObject, lead: true},
	procurement.Concluded:        {audience: interested, lead: true, participants: true},
	procurement.CalledOff:        {audience: onObject},
	procurement.Suspended:        {audience: interested, participants: true, interested: true},
	procurement.Resumed:          {audience: interested, participants: true, interested: true},
	procurement.CancelledByLead:  {audience: interested, participants: true, interested: true},
	procurement.DeclaredEmpty:    {audience: interested, participants: true, interested: true},
	procurement.EndedByTime:      {audience: onObject, lead: true, participants: true},
	procurement.ReminderDue:      {audience: onObject, lead: true},
}

func spreadOf(kind procurement.EventKind) spread {
	if s, ok := spreads[kind]; ok {
		return s
	}
	return spread{audience: onObject}
}

func (w *work) tell(ctx context.Context, s spread, e procurement.Event) error {
	params := with(with(e.Params, w.about), map[string]string{"title": w.p.Plan.Title})
	to := []struct {
		wanted bool
		tell   func() error
	}{
		{s.lead, func() error {
			return w.q.TellLead(ctx, w.tx, sqlcgen.TellLeadParams{Procurement: w.p.ID, What: string(e.Kind), Object: w.p.ID, Params: asJSON(params)})
		}},
		{s.participants, func() error {
			return w.q.TellParticipants(ctx, w.tx, sqlcgen.TellParticipantsParams{Procurement: w.p.ID, What: string(e.Kind), Object: w.p.ID, Params: asJSON(params)})
		}},
		{s.interested, func() error {
			return w.q.TellInterested(ctx, w.tx, sqlcgen.TellInterestedParams{Procurement: w.p.ID, What: string(e.Kind), Object: w.p.ID, Params: asJSON(params)})
		}},
	}
	for _, t := range to {
		if !t.wanted {
			continue
		}
		if err := t.tell(); err != nil {
			return db.Fault(err)
		}
	}
	return nil
}

// tellOne notifies one organisation.
func (w *work) tellOne(ctx context.Context, org uuid.UUID, what string, object uuid.UUID, params map[string]string) error {
	return db.Fault(w.q.Tell(ctx, w.tx, sqlcgen.TellParams{Org: org, What: what, InCase: w.p.ID, Object: object,
		Params: asJSON(with(params, map[string]string{"title": w.p.Plan.Title}))}))
}
