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

// Input is what a participant says in an input round, and how it ended. The lead
// buyer and all participants read it; suppliers never do.
type Input struct {
	ID      uuid.UUID
	Version int64
	Round   int
	// SetVersion is the version that was read.
	SetVersion int
	Org        uuid.UUID
	OrgName    string
	GivenAt    time.Time
	requirement.Input
	// Answer is nil until the lead buyer has ended the input.
	Answer     *requirement.InputAnswer
	AnsweredAt time.Time
}

// GiveInput comments on the version that the open round is about, or proposes a
// requirement, for the actor's municipality: one that has given its mandate, or
// has not answered yet. Nobody is sent a message; the lead buyer finds it in the
// feed and the list. It returns invalid or conflict (inputs.*).
func (a *App) GiveInput(ctx context.Context, id uuid.UUID, in requirement.Input) (Input, error) {
	var out Input
	err := a.do(ctx, InputGive, func(w *work) error {
		// The lock orders inputs and publication: none comes between the count
		// and the publishing that goes by it.
		if err := w.lock(ctx, id, InputGive); err != nil {
			return err
		}
		if err := w.unpublished(); err != nil {
			return err
		}
		if err := w.takesPart(ctx); err != nil {
			return err
		}
		round, err := w.openRound(ctx)
		if err != nil {
			return err
		}
		read, err := w.setVersion(ctx, id, round.SetVersion)
		if err != nil {
			return err
		}
		if err := in.Validate(read.Set); err != nil {
			return err
		}
		given := uuid.Must(uuid.NewV7())
		if err := w.q.InsertInput(ctx, w.tx, sqlcgen.InsertInputParams{ID: given, ProcurementID: id, RoundID: round.ID, GivenBy: w.by.ID, GivenAt: w.now,
			Kind: string(in.Kind), RequirementID: idOrNull(in.Requirement), Text: in.Text, Wording: in.Wording}); err != nil {
			return db.Fault(err)
		}
		if err := w.audit(ctx, entry{action: "input.given", object: id, audience: onObject, after: map[string]string{"input": given.String(), "round": itoa(round.Number), "kind": string(in.Kind)}}); err != nil {
			return err
		}
		out, err = w.input(ctx, given)
		return err
	})
	return out, err
}

// takesPart refuses a municipality that has declined or was dropped. The lead
// buyer's own authors need no mandate.
func (w *work) takesPart(ctx context.Context) error {
	if w.by.Org == w.p.Lead {
		return nil
	}
	row, err := w.q.Participant(ctx, w.tx, sqlcgen.ParticipantParams{ProcurementID: w.p.ID, OrgID: w.by.Org})
	if err = db.Fault(err); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err != nil || row.State != "named" && row.State != "mandated" {
		return fault.New(fault.Conflict, "inputs.not-taking-part")
	}
	return nil
}

// InputFilter says which inputs are listed.
type InputFilter struct {
	Round      int // 0 for all
	Unanswered bool
	After      uuid.UUID
	UpTo       int
}

// Inputs lists the inputs of the case in the order they were given.
func (a *App) Inputs(ctx context.Context, id uuid.UUID, f InputFilter) ([]Input, error) {
	var out []Input
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		rows, err := w.q.Inputs(ctx, w.tx, sqlcgen.InputsParams{ProcurementID: id, After: f.After, Round: int32(f.Round), OnlyUnanswered: f.Unanswered, UpTo: int32(f.UpTo)}) //nolint:gosec // the API bounds both
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, inputOf(r))
		}
		return nil
	})
	return out, err
}

func (w *work) input(ctx context.Context, id uuid.UUID) (Input, error) {
	row, err := w.q.Input(ctx, w.tx, sqlcgen.InputParams{ProcurementID: w.p.ID, ID: id})
	return inputOf(sqlcgen.InputsRow(row)), db.Fault(err)
}

func inputOf(r sqlcgen.InputsRow) Input {
	out := Input{ID: r.ID, Version: r.Version, Round: int(r.Round), SetVersion: int(r.SetVersion), Org: r.OrgID, OrgName: r.OrgName, GivenAt: r.GivenAt,
		Input: requirement.Input{Kind: requirement.InputKind(r.Kind), Requirement: deref(r.RequirementID), Text: r.Text, Wording: r.Wording}, AnsweredAt: deref(r.AnsweredAt)}
	if r.Outcome != nil {
		out.Answer = &requirement.InputAnswer{Outcome: requirement.Outcome(*r.Outcome), Reason: deref(r.Reason), Requirements: r.RequirementIds}
	}
	return out
}

// AnswerInput ends an input as taken in, partly or rejected, with a reason, and
// links what is taken in to the requirements that came of it. Until publication
// an answer can be given again, on the version that was read. It returns stale
// (inputs.version), invalid (inputs.*), and conflict after publication.
func (a *App) AnswerInput(ctx context.Context, id, input uuid.UUID, expected int64, answer requirement.InputAnswer) (Input, error) {
	var out Input
	err := a.do(ctx, RequirementsWrite, func(w *work) error {
		if err := w.lock(ctx, id, RequirementsWrite); err != nil {
			return err
		}
		if err := w.unpublished(); err != nil {
			return err
		}
		given, err := w.input(ctx, input)
		if err != nil {
			return err
		}
		if expected != 0 && expected != given.Version {
			return fault.New(fault.Stale, "inputs.version", fault.Params{"expected": itoa(expected), "is": itoa(given.Version)})
		}
		read, err := w.setVersion(ctx, id, given.SetVersion)
		if err != nil {
			return err
		}
		now, err := w.currentSet(ctx)
		if err != nil {
			return err
		}
		if err := answer.Validate(given.Input, read.Set, now.Set); err != nil {
			return err
		}
		if answer.Requirements == nil {
			answer.Requirements = []uuid.UUID{}
		}
		outcome := string(answer.Outcome)
		if err := w.q.AnswerInput(ctx, w.tx, sqlcgen.AnswerInputParams{ProcurementID: id, ID: input, Outcome: &outcome, Reason: &answer.Reason,
			RequirementIds: answer.Requirements, AnsweredBy: &w.by.ID, AnsweredAt: &w.now}); err != nil {
			return db.Fault(err)
		}
		e := entry{action: "input.answered", object: id, audience: onObject, after: map[string]string{"input": input.String(), "outcome": outcome, "requirements": itoa(len(answer.Requirements))}}
		if given.Answer != nil {
			e.before = map[string]string{"outcome": string(given.Answer.Outcome)}
		}
		if err := w.audit(ctx, e); err != nil {
			return err
		}
		out, err = w.input(ctx, input)
		return err
	})
	return out, err
}
