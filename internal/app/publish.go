package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

type publishInput struct {
	Dispatch procurement.Dispatch `json:"dispatch"`
}

type extendInput struct {
	Until  time.Time `json:"until"`
	Reason string    `json:"reason"`
	Outage string    `json:"outage"`
}

type reasonInput struct {
	Reason string `json:"reason"`
}

func init() { //nolint:gochecknoinits // the table of operations is filled beside their code, one entry per operation
	steered(procurement.OpPublish, ProcurementSteer, publish)
	steered(procurement.OpExtendDeadline, ProcurementSteer, extendDeadline)
	steered(procurement.OpCancel, ProcurementSteer, func(ctx context.Context, w *work, in reasonInput) (any, error) {
		if err := w.letters(ctx, letterCancellation, in.Reason); err != nil {
			return nil, err
		}
		return w.steerDone(ctx, procurement.Cancel{Reason: in.Reason})
	})
	steered(procurement.OpSuspend, ProcurementSteer, func(ctx context.Context, w *work, in reasonInput) (any, error) {
		return w.steerDone(ctx, procurement.Suspend{Reason: in.Reason})
	})
	steered(procurement.OpResume, ProcurementSteer, func(ctx context.Context, w *work, _ struct{}) (any, error) {
		return w.steerDone(ctx, procurement.Resume{})
	})
	steered(procurement.OpDeclareUnsuccessful, ProcurementSteer, func(ctx context.Context, w *work, in reasonInput) (any, error) {
		return w.steerDone(ctx, procurement.DeclareUnsuccessful{Reason: in.Reason})
	})
}

// Steered is the result of a steering command: where the case stands after it.
type Steered struct {
	Phase   procurement.Phase `json:"phase"`
	Version int64             `json:"version"`
}

func (w *work) steerDone(ctx context.Context, c procurement.Command) (any, error) {
	if err := w.decide(ctx, c); err != nil {
		return nil, err
	}
	return Steered{w.p.Phase, w.p.Version}, nil
}

// Publish opens the competition (door 3): the notice was dispatched on a day,
// under a reference.
func (a *App) Publish(ctx context.Context, id uuid.UUID, expected int64, d procurement.Dispatch) (CommandStatus, error) {
	return a.steer(ctx, id, ProcurementSteer, expected, procurement.OpPublish, publishInput{d})
}

// ExtendDeadline moves the tender deadline later for everyone (door 3).
func (a *App) ExtendDeadline(ctx context.Context, id uuid.UUID, expected int64, until time.Time, reason, outage string) (CommandStatus, error) {
	return a.steer(ctx, id, ProcurementSteer, expected, procurement.OpExtendDeadline, extendInput{until, reason, outage})
}

// Cancel ends the procedure without a contract (door 3).
func (a *App) Cancel(ctx context.Context, id uuid.UUID, expected int64, reason string) (CommandStatus, error) {
	return a.steer(ctx, id, ProcurementSteer, expected, procurement.OpCancel, reasonInput{reason})
}

// Suspend holds the procedure for a complaint or an injunction (door 3).
func (a *App) Suspend(ctx context.Context, id uuid.UUID, expected int64, reason string) (CommandStatus, error) {
	return a.steer(ctx, id, ProcurementSteer, expected, procurement.OpSuspend, reasonInput{reason})
}

// Resume lets a suspended procedure go on (door 3).
func (a *App) Resume(ctx context.Context, id uuid.UUID, expected int64) (CommandStatus, error) {
	return a.steer(ctx, id, ProcurementSteer, expected, procurement.OpResume, struct{}{})
}

// DeclareUnsuccessful ends a competition in which no tender is left (door 3).
func (a *App) DeclareUnsuccessful(ctx context.Context, id uuid.UUID, expected int64, reason string) (CommandStatus, error) {
	return a.steer(ctx, id, ProcurementSteer, expected, procurement.OpDeclareUnsuccessful, reasonInput{reason})
}

// PublicKey is the public half of an opening key, as serve needs it to wrap a
// tender's data key for the opening.
type PublicKey struct {
	ID     uuid.UUID `json:"id"`
	Lot    uuid.UUID `json:"lot,omitzero"`
	Part   seal.Part `json:"part"`
	Public string    `json:"public"`
}

// PublicNotice is what the public page tells beside the documents.
type PublicNotice struct {
	Plan   procurement.Plan `json:"plan"`
	Regime string           `json:"regime"`
	// Buyers are the municipalities that may call off, named for good.
	Buyers   []PublicBuyer        `json:"buyers"`
	Dispatch procurement.Dispatch `json:"dispatch"`
}

// PublicBuyer is one named buyer.
type PublicBuyer struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name"`
	OrgNumber string    `json:"orgNumber,omitempty"`
	County    string    `json:"county,omitempty"`
	Lead      bool      `json:"lead,omitempty"`
}

// publish judges and opens the competition: participants are frozen, the set is
// locked, opening keys are made and tried, the gate opens, and what is public is
// copied.
func publish(ctx context.Context, w *work, in publishInput) (any, error) {
	law, err := w.law(ctx)
	if err != nil {
		return nil, err
	}
	set, err := w.currentSet(ctx)
	if fault.Is(err, fault.NotFound) {
		set, err = &SetVersion{}, nil
	}
	if err != nil {
		return nil, err
	}
	documents, err := w.documents(ctx)
	if err != nil {
		return nil, err
	}
	kinds := make([]string, len(documents))
	for i, d := range documents {
		kinds[i] = d.Kind
	}
	team, err := w.teamCount(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.countInputs(ctx); err != nil {
		return nil, err
	}
	err = w.decide(ctx, procurement.Publish{Dispatch: in.Dispatch, Law: law, Set: set.Set, SetID: set.ID, Version: set.Version, Documents: kinds, Team: team})
	if err != nil {
		return nil, err
	}
	if err := w.lockSet(ctx, set); err != nil {
		return nil, err
	}
	keys, err := w.openingKeys(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.q.OpenGate(ctx, w.tx, sqlcgen.OpenGateParams{ProcurementID: w.p.ID, SpaceID: w.p.Space, Deadline: w.p.Plan.TenderDeadline}); err != nil {
		return nil, db.Fault(err)
	}
	if err := w.goPublic(ctx, set.Set, set.Version, keys); err != nil {
		return nil, err
	}
	return Steered{w.p.Phase, w.p.Version}, nil
}

// openingKeys makes one opening key per lot and part and tries it: wrap and
// unwrap must work before any supplier relies on it. What is common to all lots
// counts as a lot.
func (w *work) openingKeys(ctx context.Context) ([]PublicKey, error) {
	lots := []uuid.UUID{uuid.Nil}
	for _, lot := range w.p.Plan.Lots {
		lots = append(lots, lot.ID)
	}
	var keys []PublicKey
	for _, lot := range lots {
		for _, part := range []seal.Part{seal.PartQuality, seal.PartPrice} {
			id := seal.OpeningKeyID(w.p.ID, lot, part)
			public, err := w.app.Opening.Create(ctx, id)
			if err != nil {
				return nil, err
			}
			if err := w.app.Opening.Check(ctx, id, public); err != nil {
				return nil, err
			}
			if err := w.q.InsertOpeningKey(ctx, w.tx, sqlcgen.InsertOpeningKeyParams{ID: id, ProcurementID: w.p.ID, LotID: lot, Part: string(part), PublicKey: public, CheckedAt: &w.now}); err != nil {
				return nil, db.Fault(err)
			}
			keys = append(keys, PublicKey{ID: id, Lot: lot, Part: part, Public: public})
		}
	}
	return keys, nil
}

func (w *work) goPublic(ctx context.Context, set requirement.Set, version int, keys []PublicKey) error {
	list, err := w.participants(ctx, uuid.Nil, wholeList)
	if err != nil {
		return err
	}
	notice := PublicNotice{Plan: w.p.Plan, Regime: string(w.p.State.Regime), Dispatch: *w.p.State.Dispatch}
	for _, p := range list {
		if p.State == "mandated" {
			notice.Buyers = append(notice.Buyers, PublicBuyer{ID: p.Org, Name: p.Name, OrgNumber: p.OrgNumber, County: p.County, Lead: p.Org == w.p.Lead})
		}
	}
	if err := w.q.PublishProcurement(ctx, w.tx, sqlcgen.PublishProcurementParams{ProcurementID: w.p.ID, Deadline: w.p.Plan.TenderDeadline, QuestionsBy: &w.p.Plan.QuestionsBy, AnswersDue: db.DateOrNull(w.p.State.AnswersDue),
		SetVersion: int32(version), Notice: asJSON(notice), RequirementSet: asJSON(set.ForSuppliers()), OpeningKeys: asJSON(keys), PublishedAt: w.now}); err != nil { //nolint:gosec // versions count up from 1
		return db.Fault(err)
	}
	if err := w.publishVersion(ctx, set.ForSuppliers(), version, sqlcgen.PublishVersionParams{}); err != nil {
		return err
	}
	return db.Fault(w.q.PublishDocuments(ctx, w.tx, sqlcgen.PublishDocumentsParams{ProcurementID: w.p.ID, SetVersion: int32(version)})) //nolint:gosec // versions count up from 1
}

// extendDeadline moves the gate with the deadline. The exclusive lock on the
// gate's row waits for every submission that is in it.
func extendDeadline(ctx context.Context, w *work, in extendInput) (any, error) {
	if err := w.decide(ctx, procurement.ExtendDeadline{Until: in.Until, Reason: in.Reason, Outage: in.Outage}); err != nil {
		return nil, err
	}
	if err := w.q.DropApprovals(ctx, w.tx, w.p.ID); err != nil {
		return nil, db.Fault(err)
	}
	if err := w.q.MoveGate(ctx, w.tx, sqlcgen.MoveGateParams{ProcurementID: w.p.ID, Deadline: w.p.Plan.TenderDeadline}); err != nil {
		return nil, db.Fault(err)
	}
	if err := w.q.PublishDeadline(ctx, w.tx, sqlcgen.PublishDeadlineParams{ID: w.p.ID, Plan: asJSON(w.p.Plan), Deadline: w.p.Plan.TenderDeadline, QuestionsBy: &w.p.Plan.QuestionsBy, AnswersDue: db.DateOrNull(w.p.State.AnswersDue), ChangedAt: w.now}); err != nil {
		return nil, db.Fault(err)
	}
	return Steered{w.p.Phase, w.p.Version}, nil
}
