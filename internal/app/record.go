package app

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Approval is one person's approval to open a part.
type Approval struct {
	Part       procurement.Part
	Identity   uuid.UUID
	Org        uuid.UUID
	ApprovedAt time.Time
}

// AwardLine is the award of one lot in one round.
type AwardLine struct {
	Round           int
	Lot             uuid.UUID
	Tender          uuid.UUID
	SupplierName    string
	Reason          string
	DecidedAt       time.Time
	StandstillUntil time.Time
	ReversedAt      *time.Time
	ReversalReason  string
}

// Happening is one entry of the case's timeline; Who is empty for what time
// decided.
type Happening struct {
	At     time.Time
	Event  procurement.EventKind
	Who    string
	Params map[string]string
}

// Record is all that the procurement record (anskaffelsesprotokoll, FOA §§ 10-5,
// 25-5) is made of. What has not happened is empty: the record shows it as
// missing.
type Record struct {
	Procurement   procurement.Procurement
	Now           time.Time
	Lead          Organisation
	LeadAddress   string
	Participants  []ParticipantLine
	Confirmations []rules.Confirmation
	// Law is the rules as they count for the case.
	Law      rules.Effective
	Timeline []Happening
	Rankings []LotRanking
	Items    []rules.RecordItem
	Team     []Member
	// Names of the team's people by identity.
	Names          map[uuid.UUID]string
	Approvals      []Approval
	Clarifications []Clarification
	Tenders        []OpenedTender
	Late           []LateAttempt
	Awards         []AwardLine
	Contracts      []Contract
	CallOffs       []CallOff
}

// Record gathers the procurement record for the lead buyer.
func (a *App) Record(ctx context.Context, id uuid.UUID) (Record, error) {
	var r Record
	err := a.do(ctx, ProcurementPlan, func(w *work) error {
		if err := w.load(ctx, id, ProcurementPlan); err != nil {
			return err
		}
		r.Procurement, r.Now = w.p, w.now
		regime := w.p.State.Regime
		if regime == "" {
			// Not published yet: the items of the part that the plan aims at.
			set, law, err := w.setAndLaw(ctx)
			if err != nil {
				return err
			}
			regime = w.p.Review(w.p.Plan.DispatchOn, law, set).Regime
		}
		on := today(w.now)
		if d := w.p.State.Dispatch; d != nil {
			on = d.On
		}
		r.Items = a.Law.ProtocolItems(regime, on)
		for _, gather := range []func(context.Context, *Record) error{w.recordBuyers, w.recordProcedure, w.recordTenders, w.recordContracts} {
			if err := gather(ctx, &r); err != nil {
				return err
			}
		}
		return w.audit(ctx, entry{action: "procurement.record-read", object: id})
	})
	return r, err
}

func (w *work) recordBuyers(ctx context.Context, r *Record) error {
	lead, err := w.q.Organisation(ctx, w.tx, w.p.Lead)
	if err != nil {
		return db.Fault(err)
	}
	r.Lead = Organisation{ID: lead.ID, Kind: lead.Kind, Name: lead.Name, OrgNumber: deref(lead.Orgnr), MunicipalityNo: deref(lead.MunicipalityNo), County: deref(lead.County),
		Population: int(deref(lead.Population)), LanguageForm: lead.LanguageForm, Invented: lead.Invented}
	r.LeadAddress = deref(lead.Address)
	r.Participants, err = w.participants(ctx, uuid.Nil, wholeList)
	return err
}

func (w *work) recordProcedure(ctx context.Context, r *Record) error {
	var err error
	if r.Confirmations, err = w.confirmations(ctx); err != nil {
		return err
	}
	r.Law = w.app.Law.With(r.Confirmations)
	if err = w.recordTimeline(ctx, r); err != nil {
		return err
	}
	team, err := w.q.Team(ctx, w.tx, w.p.ID)
	if err != nil {
		return db.Fault(err)
	}
	for _, m := range team {
		r.Team = append(r.Team, Member{m.IdentityID, m.OrgID, m.Role, m.ImpartialDeclaredAt})
	}
	names, err := w.q.TeamNames(ctx, w.tx, w.p.ID)
	if err != nil {
		return db.Fault(err)
	}
	if err := json.Unmarshal(names, &r.Names); err != nil {
		return fault.Wrap(fault.Internal, "team.decode", err)
	}
	approvals, err := w.q.Approvals(ctx, w.tx, w.p.ID)
	if err != nil {
		return db.Fault(err)
	}
	for _, p := range approvals {
		r.Approvals = append(r.Approvals, Approval{procurement.Part(p.Part), p.IdentityID, p.OrgID, p.ApprovedAt})
	}
	answers, err := w.q.PublicClarifications(ctx, w.tx, w.p.ID)
	if err != nil {
		return db.Fault(err)
	}
	r.Clarifications, err = clarifications(answers)
	return err
}

func (w *work) recordTenders(ctx context.Context, r *Record) error {
	late, err := w.q.LateAttempts(ctx, w.tx, w.p.ID)
	if err != nil {
		return db.Fault(err)
	}
	for _, l := range late {
		r.Late = append(r.Late, LateAttempt{l.SupplierOrg, l.SupplierName, l.ReceivedAt, l.Deadline, l.Reason})
	}
	if w.p.State.QualityOpenedAt.IsZero() {
		return nil
	}
	if r.Tenders, err = w.openedTenders(ctx); err != nil {
		return err
	}
	if w.p.State.PriceOpenedAt.IsZero() || w.p.State.AwardRound == 0 {
		return nil
	}
	f, err := w.evaluationFacts(ctx)
	if err != nil {
		return err
	}
	r.Rankings, err = f.rank()
	return err
}

// recordTimeline keeps what is an event of the procurement; readings and the
// like stand in the audit log only.
func (w *work) recordTimeline(ctx context.Context, r *Record) error {
	rows, err := db.CaseTimeline(ctx, w.tx, w.p.ID)
	if err != nil {
		return err
	}
	kinds := procurement.EventKinds()
	for _, row := range rows {
		kind := procurement.EventKind(row.Action)
		if !slices.Contains(kinds, kind) {
			continue
		}
		h := Happening{At: row.At, Event: kind, Who: row.Who}
		if err := json.Unmarshal(row.Params, &h.Params); err != nil {
			return fault.Wrap(fault.Internal, "audit.decode", err)
		}
		r.Timeline = append(r.Timeline, h)
	}
	return nil
}

func (w *work) recordContracts(ctx context.Context, r *Record) error {
	awards, err := w.q.Awards(ctx, w.tx, w.p.ID)
	if err != nil {
		return db.Fault(err)
	}
	for _, x := range awards {
		r.Awards = append(r.Awards, AwardLine{int(x.Round), x.LotID, x.TenderID, x.SupplierName, x.Reason, x.DecidedAt, x.StandstillUntil, x.ReversedAt, deref(x.ReversalReason)})
	}
	if r.Contracts, err = w.contracts(ctx); err != nil {
		return err
	}
	rows, err := w.q.CallOffs(ctx, w.tx, w.p.ID)
	if err != nil {
		return db.Fault(err)
	}
	for _, c := range rows {
		r.CallOffs = append(r.CallOffs, CallOff{ID: c.ID, Contract: c.ContractID, Org: c.OrgID, OrgName: c.OrgName, Amount: money.NOK(c.Amount), Reference: c.Reference, CalledAt: c.CalledAt})
	}
	return nil
}

// NoticeFacts is what the competition notice is made of.
type NoticeFacts struct {
	Procurement  procurement.Procurement
	Lead         Organisation
	Participants []ParticipantLine
	Review       procurement.Review
	// Set is empty while there is none.
	Set requirement.Set
}

// Notice gathers the notice as it would be dispatched on a day (zero: the
// planned one), before publishing too.
func (a *App) Notice(ctx context.Context, id uuid.UUID, dispatch calendar.Date) (NoticeFacts, error) {
	var n NoticeFacts
	err := a.do(ctx, ProcurementPlan, func(w *work) error {
		if err := w.load(ctx, id, ProcurementPlan); err != nil {
			return err
		}
		if dispatch.IsZero() {
			dispatch = w.p.Plan.DispatchOn
		}
		set, law, err := w.setAndLaw(ctx)
		if err != nil {
			return err
		}
		if set != nil {
			n.Set = *set
		}
		n.Procurement, n.Review = w.p, w.p.Review(dispatch, law, set)
		var r Record
		if err := w.recordBuyers(ctx, &r); err != nil {
			return err
		}
		n.Lead, n.Participants = r.Lead, r.Participants
		return nil
	})
	return n, err
}

// Deployment tells what this database is for: production or development.
func (a *App) Deployment(ctx context.Context) (string, error) {
	d, err := a.q.Deployment(ctx, a.Pool)
	if err != nil {
		return "", fault.Wrap(fault.Unavailable, "database.unreachable", err)
	}
	return d.Kind, nil
}
