package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// InputRound is one round in which the participants comment and propose.
// Instants are case time.
type InputRound struct {
	ID     uuid.UUID
	Number int
	// SetVersion is the kept version that the participants read.
	SetVersion int
	requirement.Round
	// Open says whether inputs are taken at this moment.
	Open  bool
	Tally requirement.InputTally
}

// OpenInputs opens an input round until an instant before the planned dispatch
// of the notice. The draft is kept as a version under the note, unless it is
// what was kept last: what is commented on does not change under the reader. The
// participants are told. It returns invalid or conflict (inputs.*), and conflict
// after publication.
func (a *App) OpenInputs(ctx context.Context, id uuid.UUID, until time.Time, note string) (InputRound, error) {
	out := InputRound{ID: uuid.Must(uuid.NewV7())}
	err := a.do(ctx, ProcurementPlan, func(w *work) error {
		if err := w.lock(ctx, id, ProcurementPlan); err != nil {
			return err
		}
		if err := w.unpublished(); err != nil {
			return err
		}
		rounds, err := w.inputRounds(ctx)
		if err != nil {
			return err
		}
		set, err := w.currentSet(ctx)
		if fault.Is(err, fault.NotFound) {
			set, err = &SetVersion{}, nil
		}
		if err != nil {
			return err
		}
		if err := requirement.MayOpen(times(rounds), set.Set, until, w.dispatchDay(), w.now); err != nil {
			return err
		}
		version, same, err := w.lastKept(ctx, set)
		if err != nil {
			return err
		}
		if !same {
			version = set.Version
			if err := w.keepSet(ctx, set, note); err != nil {
				return err
			}
		}
		out.Number, out.SetVersion, out.Round, out.Open = len(rounds)+1, version, requirement.Round{Opened: w.now, Until: until}, true
		out.Tally.OpenUntil = until
		if err := w.q.InsertInputRound(ctx, w.tx, sqlcgen.InsertInputRoundParams{ID: out.ID, ProcurementID: id, SpaceID: w.p.Space, N: int32(out.Number), //nolint:gosec // rounds of a case
			SetVersion: int32(version), OpenedBy: w.by.ID, OpenedAt: w.now, Until: until}); err != nil { //nolint:gosec // versions count up from 1
			return db.Fault(err)
		}
		about := map[string]string{"round": itoa(out.Number), "version": itoa(version), "until": until.UTC().Format(time.RFC3339)}
		if err := db.Fault(w.q.TellParticipants(ctx, w.tx, sqlcgen.TellParticipantsParams{Procurement: id, What: "inputs.opened", Object: out.ID,
			Params: asJSON(with(about, map[string]string{"title": w.p.Plan.Title}))})); err != nil {
			return err
		}
		return w.audit(ctx, entry{action: "inputs.opened", object: id, audience: onObject, after: about})
	})
	return out, err
}

// dispatchDay is the beginning of the day on which the notice is to be sent;
// zero while none is planned.
func (w *work) dispatchDay() time.Time {
	if w.p.Plan.DispatchOn.IsZero() {
		return time.Time{}
	}
	return w.p.Plan.DispatchOn.At(0, 0)
}

func times(rounds []InputRound) []requirement.Round {
	out := make([]requirement.Round, len(rounds))
	for i, r := range rounds {
		out[i] = r.Round
	}
	return out
}

// CloseInputs ends the open round before its time. It returns conflict
// (inputs.not-open) where none is open.
func (a *App) CloseInputs(ctx context.Context, id uuid.UUID) (InputRound, error) {
	var out InputRound
	err := a.do(ctx, ProcurementPlan, func(w *work) error {
		if err := w.lock(ctx, id, ProcurementPlan); err != nil {
			return err
		}
		r, err := w.openRound(ctx)
		if err != nil {
			return err
		}
		if err := w.q.CloseInputRound(ctx, w.tx, sqlcgen.CloseInputRoundParams{ID: r.ID, ClosedAt: &w.now, ClosedBy: &w.by.ID}); err != nil {
			return db.Fault(err)
		}
		out = r
		out.Closed, out.Open, out.Tally.OpenUntil = w.now, false, time.Time{}
		return w.audit(ctx, entry{action: "inputs.closed", object: id, audience: onObject, after: map[string]string{"round": itoa(r.Number), "given": itoa(r.Tally.Given())}})
	})
	return out, err
}

// openRound finds the round that takes inputs now.
func (w *work) openRound(ctx context.Context) (InputRound, error) {
	rounds, err := w.inputRounds(ctx)
	if err != nil {
		return InputRound{}, err
	}
	for _, r := range rounds {
		if r.Open {
			return r, nil
		}
	}
	return InputRound{}, fault.New(fault.Conflict, "inputs.not-open")
}

// InputRounds lists the rounds of the case, each with how its inputs ended.
func (a *App) InputRounds(ctx context.Context, id uuid.UUID) ([]InputRound, error) {
	var out []InputRound
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		var err error
		out, err = w.inputRounds(ctx)
		return err
	})
	return out, err
}

func (w *work) inputRounds(ctx context.Context) ([]InputRound, error) {
	rows, err := w.q.InputRounds(ctx, w.tx, w.p.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make([]InputRound, 0, len(rows))
	for _, r := range rows {
		one := InputRound{ID: r.ID, Number: int(r.N), SetVersion: int(r.SetVersion), Round: requirement.Round{Opened: r.OpenedAt, Until: r.Until, Closed: deref(r.ClosedAt)},
			Tally: requirement.InputTally{TakenIn: int(r.TakenIn), Partly: int(r.Partly), Rejected: int(r.Rejected), Unanswered: int(r.Unanswered)}}
		if one.Open = one.IsOpen(w.now); one.Open {
			one.Tally.OpenUntil = one.Until
		}
		out = append(out, one)
	}
	return out, nil
}

// countInputs reads what the review and the publication go by. After the case
// has been locked nobody gives or answers one until the transaction ends.
func (w *work) countInputs(ctx context.Context) error {
	row, err := w.q.InputTally(ctx, w.tx, sqlcgen.InputTallyParams{ProcurementID: w.p.ID, Now: w.now})
	if err != nil {
		return db.Fault(err)
	}
	w.p.Inputs = requirement.InputTally{TakenIn: int(row.TakenIn), Partly: int(row.Partly), Rejected: int(row.Rejected), Unanswered: int(row.Unanswered)}
	if row.OpenUntil.After(w.now) {
		w.p.Inputs.OpenUntil = row.OpenUntil
	}
	return nil
}
