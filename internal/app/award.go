package app

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// Choice is the lead buyer's decision for one lot.
type Choice struct {
	Lot    uuid.UUID `json:"lot"`
	Tender uuid.UUID `json:"tender"`
	Reason string    `json:"reason"`
}

type awardInput struct {
	Winners []Choice `json:"winners"`
}

// Award decides the winner of every lot (door 3). Letters go to all suppliers
// that delivered a tender at the same moment, and the standstill begins.
func (a *App) Award(ctx context.Context, id uuid.UUID, expected int64, winners []Choice) (CommandStatus, error) {
	return a.steer(ctx, id, ProcurementSteer, expected, procurement.OpAward, awardInput{winners})
}

// ReverseAward takes the award back before the contract is concluded (door 3).
func (a *App) ReverseAward(ctx context.Context, id uuid.UUID, expected int64, reason string) (CommandStatus, error) {
	return a.steer(ctx, id, ProcurementSteer, expected, procurement.OpReverseAward, reasonInput{reason})
}

func init() { //nolint:gochecknoinits // the table of operations is filled beside their code, one entry per operation
	steered(procurement.OpAward, ProcurementSteer, award)
	steered(procurement.OpReverseAward, ProcurementSteer, reverseAward)
}

func award(ctx context.Context, w *work, in awardInput) (any, error) {
	facts, err := w.evaluationFacts(ctx)
	if err != nil {
		return nil, err
	}
	rankings, err := facts.rank()
	if err != nil {
		return nil, err
	}
	law, err := w.law(ctx)
	if err != nil {
		return nil, err
	}
	cmd := procurement.Award{Law: law, Leaders: map[uuid.UUID][]uuid.UUID{}}
	for _, r := range rankings {
		for _, t := range r.Result.Ranking {
			if t.Rank == 1 {
				cmd.Leaders[r.Lot.ID] = append(cmd.Leaders[r.Lot.ID], t.Tender)
			}
		}
	}
	for _, c := range in.Winners {
		value, err := facts.set.EvaluatedPrice(facts.values[c.Tender], c.Lot)
		if err != nil {
			return nil, err
		}
		cmd.Winners = append(cmd.Winners, procurement.Winner{Lot: c.Lot, Tender: c.Tender, Reason: c.Reason, Value: value})
	}
	if cmd.Missing, err = w.missingDocumentation(ctx, in.Winners); err != nil {
		return nil, err
	}
	if err := w.decide(ctx, cmd); err != nil {
		return nil, err
	}
	for _, c := range cmd.Winners {
		if err := w.keepWinner(ctx, c, rankings); err != nil {
			return nil, err
		}
	}
	if err := w.awardLetters(ctx, facts, rankings, cmd.Winners); err != nil {
		return nil, err
	}
	return Steered{w.p.Phase, w.p.Version}, nil
}

// missingDocumentation lists the headings that a winner has no evidence for.
func (w *work) missingDocumentation(ctx context.Context, winners []Choice) ([]string, error) {
	rows, err := w.q.Documentation(ctx, w.tx, w.p.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	var missing []string
	for _, heading := range w.p.Plan.Evidence {
		for _, c := range winners {
			has := slices.ContainsFunc(rows, func(d sqlcgen.Documentation) bool { return d.TenderID == c.Tender && d.Heading == heading })
			if !has && !slices.Contains(missing, heading) {
				missing = append(missing, heading)
			}
		}
	}
	return missing, nil
}

// keepWinner writes the award of a lot with the evaluation that it rests on, and
// the contract that is to be signed.
func (w *work) keepWinner(ctx context.Context, c procurement.Winner, rankings []LotRanking) error {
	i := slices.IndexFunc(rankings, func(r LotRanking) bool { return r.Lot.ID == c.Lot })
	if err := w.q.InsertAward(ctx, w.tx, sqlcgen.InsertAwardParams{ProcurementID: w.p.ID, Round: int32(w.p.State.AwardRound), LotID: c.Lot, TenderID: c.Tender, Reason: c.Reason, //nolint:gosec // rounds count up from 1
		Evaluation: asJSON(rankings[i].Result), DecidedBy: w.by.ID, DecidedAt: w.now, StandstillUntil: w.p.State.StandstillUntil}); err != nil {
		return db.Fault(err)
	}
	return db.Fault(w.q.InsertContract(ctx, w.tx, sqlcgen.InsertContractParams{ID: uuid.Must(uuid.NewV7()), SpaceID: w.p.Space, ProcurementID: w.p.ID, LotID: c.Lot, TenderID: c.Tender,
		Value: int64(c.Value), StartsOn: w.p.Plan.ContractStarts.UTC(), EndsOn: w.p.Plan.ContractEnds.UTC()}))
}

func reverseAward(ctx context.Context, w *work, in reasonInput) (any, error) {
	if err := w.decide(ctx, procurement.ReverseAward{Reason: in.Reason}); err != nil {
		return nil, err
	}
	if err := w.q.ReverseAwards(ctx, w.tx, sqlcgen.ReverseAwardsParams{ProcurementID: w.p.ID, ReversedAt: &w.now, ReversalReason: &in.Reason}); err != nil {
		return nil, db.Fault(err)
	}
	if err := w.q.DeleteUnsignedContracts(ctx, w.tx, w.p.ID); err != nil {
		return nil, db.Fault(err)
	}
	if err := w.letters(ctx, letterReversal, in.Reason); err != nil {
		return nil, err
	}
	return Steered{w.p.Phase, w.p.Version}, nil
}
