package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// ScoreLine is one evaluator's points for one answer, 0 to 10, with a note. The
// notes become the reasons in the letters.
type ScoreLine struct {
	Tender      uuid.UUID       `json:"tender_id"`
	Requirement uuid.UUID       `json:"requirement_id"`
	Points      decimal.Decimal `json:"points"`
	Note        string          `json:"note"`
}

// maxScores is what one request may carry.
const maxScores = 5_000

// SaveScores saves the actor's own scores; all or none. Saving again changes a
// score, and the log keeps that it was changed. It returns conflict
// (evaluation.impartiality) before the declaration by FOA § 7-5.
func (a *App) SaveScores(ctx context.Context, id uuid.UUID, lines []ScoreLine) error {
	if len(lines) > maxScores {
		return fault.New(fault.TooLarge, "scores.too-many", fault.Params{"max": itoa(maxScores)})
	}
	return a.do(ctx, TenderEvaluate, func(w *work) error {
		if err := w.load(ctx, id, TenderEvaluate); err != nil {
			return err
		}
		set, err := w.publishedSet(ctx)
		if err != nil {
			return err
		}
		tenders, err := w.openedTenders(ctx)
		if err != nil {
			return err
		}
		impartial, err := w.q.IsImpartial(ctx, w.tx, sqlcgen.IsImpartialParams{ProcurementID: id, IdentityID: w.by.ID})
		if err != nil {
			return db.Fault(err)
		}
		if err := w.mayScore(lines, set, tenders, impartial); err != nil {
			return err
		}
		if err := w.q.SaveScores(ctx, w.tx, sqlcgen.SaveScoresParams{ProcurementID: id, EvaluatorID: w.by.ID, ScoredAt: w.now, Rows: asJSON(lines)}); err != nil {
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "tenders.scored", object: id, hash: hashOf(asJSON(lines)), after: map[string]string{"scores": itoa(len(lines))}})
	})
}

func (w *work) mayScore(lines []ScoreLine, set requirement.Set, tenders []OpenedTender, impartial bool) error {
	var l fault.List
	ten := decimal.NewFromInt(evaluation.MaxPoints)
	for i, s := range lines {
		at := fmt.Sprintf("scores[%d].", i)
		t := slices.IndexFunc(tenders, func(t OpenedTender) bool { return t.ID == s.Tender })
		if t < 0 {
			l.Addf("evaluation.unknown-tender", at+"tender")
			continue
		}
		if s.Points.IsNegative() || s.Points.GreaterThan(ten) || s.Points.Exponent() < -3 {
			l.Addf("evaluation.points", at+"points", fault.Params{"max": itoa(evaluation.MaxPoints)})
		}
		if n := len([]rune(s.Note)); n == 0 || n > 2000 {
			l.Addf("evaluation.note", at+"note")
		}
		r, known := set.Requirement(s.Requirement)
		part := procurement.Quality
		if known && r.Part() == requirement.Price {
			part = procurement.Price
		}
		_, err := w.p.Decide(procurement.Score{Part: part, Rated: known && r.IsRated() && part == procurement.Quality, Rejected: tenders[t].Rejection != nil, Impartial: impartial}, w.now)
		if f, ok := fault.As(err); ok {
			if f.Kind != fault.Invalid {
				return f
			}
			l.Add(f.At(at + f.Field))
		}
	}
	return l.Err()
}

// Score is one score as the team sees it.
type Score struct {
	ScoreLine
	Evaluator uuid.UUID
	ScoredAt  time.Time
	// Version above 1: the score has been changed.
	Version int64
}

// Scores lists all scores of a case.
func (a *App) Scores(ctx context.Context, id uuid.UUID) ([]Score, error) {
	var out []Score
	err := a.do(ctx, TendersRead, func(w *work) error {
		if err := w.load(ctx, id, TendersRead); err != nil {
			return err
		}
		var err error
		out, err = w.scores(ctx)
		return err
	})
	return out, err
}

func (w *work) scores(ctx context.Context) ([]Score, error) {
	rows, err := w.q.Scores(ctx, w.tx, w.p.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make([]Score, len(rows))
	for i, r := range rows {
		out[i] = Score{ScoreLine{r.TenderID, r.RequirementID, r.Points, r.Note}, r.EvaluatorID, r.ScoredAt, r.Version}
	}
	return out, nil
}
