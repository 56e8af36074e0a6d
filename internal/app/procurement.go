package app

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// ParticipantPlan is a municipality that the lead buyer names, with what it is
// expected to buy for and the most that it may. Ex VAT.
type ParticipantPlan struct {
	Org       uuid.UUID `json:"org_id"`
	Estimated money.NOK `json:"-"`
	Maximum   money.NOK `json:"-"`
}

// maxParticipants is above the number of municipalities and county
// municipalities together.
const maxParticipants = 500

// NewProcurement is what creates a procurement.
type NewProcurement struct {
	// Space is a sandbox of the organisation's, or zero for the real space.
	Space        uuid.UUID
	Plan         procurement.Plan
	Participants []ParticipantPlan
}

// Case is a procurement as its lead buyer and participants see it.
type Case struct {
	procurement.Procurement
	Now   time.Time
	Waits []procurement.Wait
	// Space is the sandbox or the real space.
	SpaceKind string
}

// CreateProcurement plans a joint procurement for the actor's organisation,
// which becomes the lead buyer. Lots without an id get one. It returns invalid
// with every problem of the plan.
func (a *App) CreateProcurement(ctx context.Context, n NewProcurement) (Case, error) {
	id := uuid.Must(uuid.NewV7())
	if n.Space == uuid.Nil {
		n.Space = RealSpace
	}
	if n.Plan.Title == "" {
		// The column's own check would answer without a field.
		return Case{}, n.Plan.Validate()
	}
	nameLots(&n.Plan)
	if err := n.Plan.Validate(); err != nil {
		return Case{}, err
	}
	if err := validParticipants(n.Participants); err != nil {
		return Case{}, err
	}
	err := a.do(ctx, ProcurementCreate, func(w *work) error {
		if err := w.ownSpace(ctx, n.Space); err != nil {
			return err
		}
		err := w.q.InsertProcurement(ctx, w.tx, sqlcgen.InsertProcurementParams{ID: id, SpaceID: n.Space, LeadOrg: w.by.Org, Title: n.Plan.Title, Plan: asJSON(n.Plan)})
		if err != nil {
			return db.Fault(err)
		}
		if err := w.putParticipants(ctx, id, n.Space, n.Participants); err != nil {
			return err
		}
		if err := w.q.AddToTeam(ctx, w.tx, sqlcgen.AddToTeamParams{ProcurementID: id, SpaceID: n.Space, IdentityID: w.by.ID, OrgID: w.by.Org, Role: "lead", AddedAt: time.Now()}); err != nil {
			return db.Fault(err)
		}
		w.p.ID = id
		return w.audit(ctx, entry{action: "procurement.created", object: id, audience: onObject,
			after: map[string]string{"participants": strconv.Itoa(len(n.Participants)), "phase": string(procurement.Draft)}})
	})
	if err != nil {
		return Case{}, err
	}
	return a.Procurement(ctx, id)
}

// ownSpace refuses a sandbox of another organisation as if it did not exist.
func (w *work) ownSpace(ctx context.Context, id uuid.UUID) error {
	s, err := w.q.Space(ctx, w.tx, id)
	if err != nil {
		return db.Fault(err)
	}
	if s.Kind == "sandbox" && (s.OwnerOrg == nil || *s.OwnerOrg != w.by.Org) {
		return fault.New(fault.NotFound, "not-found")
	}
	return nil
}

// nameLots gives ids and numbers to lots that have none.
func nameLots(p *procurement.Plan) {
	for i := range p.Lots {
		if p.Lots[i].ID == uuid.Nil {
			p.Lots[i].ID = uuid.Must(uuid.NewV7())
		}
		if p.Lots[i].Number == 0 {
			p.Lots[i].Number = i + 1
		}
	}
}

func validParticipants(list []ParticipantPlan) error {
	var l fault.List
	if len(list) > maxParticipants {
		l.Addf("participants.too-many", "participants", fault.Params{"max": strconv.Itoa(maxParticipants)})
		return l.Err()
	}
	seen := map[uuid.UUID]bool{}
	for i, p := range list {
		at := func(f string) string { return "participants[" + strconv.Itoa(i) + "]." + f }
		if p.Org == uuid.Nil || seen[p.Org] {
			l.Addf("participants.repeated", at("organisation"))
		}
		seen[p.Org] = true
		if p.Estimated < 0 || p.Maximum < p.Estimated || p.Maximum > money.Kroner(1_000_000_000_000) {
			l.Addf("participants.values", at("maximum"))
		}
	}
	return l.Err()
}

func (w *work) putParticipants(ctx context.Context, id, space uuid.UUID, list []ParticipantPlan) error {
	type row struct {
		Org       uuid.UUID `json:"org_id"`
		Estimated int64     `json:"estimated_value"`
		Maximum   int64     `json:"maximum_value"`
	}
	rows := make([]row, len(list))
	keep := make([]uuid.UUID, len(list))
	for i, p := range list {
		rows[i], keep[i] = row{p.Org, int64(p.Estimated), int64(p.Maximum)}, p.Org
	}
	if err := w.q.KeepParticipants(ctx, w.tx, sqlcgen.KeepParticipantsParams{ProcurementID: id, Keep: keep}); err != nil {
		return db.Fault(err)
	}
	return db.Fault(w.q.UpsertParticipants(ctx, w.tx, sqlcgen.UpsertParticipantsParams{ProcurementID: id, SpaceID: space, Rows: asJSON(rows)}))
}

// Procurement gives a case to its lead buyer and participants.
func (a *App) Procurement(ctx context.Context, id uuid.UUID) (Case, error) {
	var c Case
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		s, err := w.q.Space(ctx, w.tx, w.p.Space)
		if err != nil {
			return db.Fault(err)
		}
		c = Case{Procurement: w.p, Now: w.now, Waits: w.p.Waits(w.now), SpaceKind: s.Kind}
		return nil
	})
	return c, err
}

// ProcurementLine is one row of a list of procurements.
type ProcurementLine struct {
	ID        uuid.UUID
	Space     uuid.UUID
	Sandbox   bool
	Lead      uuid.UUID
	LeadName  string
	Title     string
	Phase     procurement.Phase
	Version   int64
	Deadline  *time.Time
	NextWake  *time.Time
	CreatedAt time.Time
}

// Procurements lists what the actor's organisation leads or takes part in,
// behind an id.
func (a *App) Procurements(ctx context.Context, after uuid.UUID, upTo int) ([]ProcurementLine, error) {
	var out []ProcurementLine
	err := a.do(ctx, SignedIn, func(w *work) error {
		rows, err := w.q.Procurements(ctx, w.tx, sqlcgen.ProcurementsParams{After: after, UpTo: int32(upTo)}) //nolint:gosec // a page size
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, ProcurementLine{ID: r.ID, Space: r.SpaceID, Sandbox: r.SpaceKind == "sandbox", Lead: r.LeadOrg, LeadName: r.LeadName, Title: r.Title,
				Phase: procurement.Phase(r.Phase), Version: r.Version, Deadline: r.TenderDeadline, NextWake: r.NextWake, CreatedAt: r.CreatedAt})
		}
		return nil
	})
	return out, err
}

// ReviseProcurement replaces the plan, and before launch the participants (nil
// keeps them). It returns stale when the case has another version than
// expected, conflict after publication.
func (a *App) ReviseProcurement(ctx context.Context, id uuid.UUID, expected int64, plan procurement.Plan, participants []ParticipantPlan) (Case, error) {
	nameLots(&plan)
	err := a.do(ctx, ProcurementPlan, func(w *work) error {
		if err := w.lock(ctx, id, ProcurementPlan); err != nil {
			return err
		}
		if err := w.fresh(expected); err != nil {
			return err
		}
		if participants != nil {
			if w.p.Phase != procurement.Draft {
				return fault.New(fault.Conflict, "participants.named-at-launch").At("participants")
			}
			if err := validParticipants(participants); err != nil {
				return err
			}
			if err := w.putParticipants(ctx, id, w.p.Space, participants); err != nil {
				return err
			}
		}
		again, _, err := db.LoadProcurement(ctx, w.tx, id, false)
		if err != nil {
			return err
		}
		return w.decide(ctx, procurement.Revise{Plan: plan, Participants: again.Participants})
	})
	if err != nil {
		return Case{}, err
	}
	return a.Procurement(ctx, id)
}

// LaunchProcurement asks the participants for their mandates and starts the
// workflow (door 2: when it returns, the start is durable).
func (a *App) LaunchProcurement(ctx context.Context, id uuid.UUID, expected int64) (Case, error) {
	err := a.do(ctx, ProcurementSteer, func(w *work) error {
		if err := w.lock(ctx, id, ProcurementSteer); err != nil {
			return err
		}
		if err := w.fresh(expected); err != nil {
			return err
		}
		return w.decide(ctx, procurement.Launch{})
	})
	if err != nil {
		return Case{}, err
	}
	return a.Procurement(ctx, id)
}

// ParticipantLine is one municipality of a procurement with its mandate.
type ParticipantLine struct {
	Org            uuid.UUID
	Name           string
	OrgNumber      string
	MunicipalityNo string
	County         string
	Address        string
	Estimated      money.NOK
	Maximum        money.NOK
	// State: named, mandated, declined or dropped.
	State         string
	Terms         procurement.MandateTerms
	DeclineReason string
	RecordedAt    *time.Time
}

// Participants lists a procurement's municipalities behind an organisation id.
func (a *App) Participants(ctx context.Context, id, after uuid.UUID, upTo int) ([]ParticipantLine, error) {
	var out []ParticipantLine
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		var err error
		out, err = w.participants(ctx, after, upTo)
		return err
	})
	return out, err
}

func (w *work) participants(ctx context.Context, after uuid.UUID, upTo int) ([]ParticipantLine, error) {
	rows, err := w.q.Participants(ctx, w.tx, sqlcgen.ParticipantsParams{ProcurementID: w.p.ID, After: after, UpTo: int32(upTo)}) //nolint:gosec // a page size
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make([]ParticipantLine, len(rows))
	for i, r := range rows {
		out[i] = ParticipantLine{Org: r.OrgID, Name: r.OrgName, OrgNumber: deref(r.Orgnr), MunicipalityNo: deref(r.MunicipalityNo), County: deref(r.County), Address: deref(r.Address),
			Estimated: money.NOK(r.EstimatedValue), Maximum: money.NOK(r.MaximumValue), State: r.State, DeclineReason: deref(r.DeclineReason), RecordedAt: r.RecordedAt,
			Terms: procurement.MandateTerms{DecidedOn: db.DateOf(r.DecidedOn), CaseReference: deref(r.CaseReference), Scope: deref(r.Scope), Lots: r.Lots,
				Maximum: money.NOK(deref(r.MandateMaximum)), CostShare: percentOf(r.CostShare), EndsOn: db.DateOf(r.MandateEndsOn)}}
	}
	return out, nil
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// allDay is used where a list is read whole: no page of it is longer.
const wholeList = 10_000

func today(now time.Time) calendar.Date { return calendar.DateOf(now) }
