package evaluation

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

const scoreDecimals = 4

// validate returns every reason why the input cannot be ranked: nothing is
// counted twice (KOFA 2025/1673), nothing is left out, and all tenders are
// scored by the same evaluators.
func (in Input) validate() error {
	var l fault.List
	if err := in.Formula.Validate(); err != nil {
		f, _ := fault.As(err)
		for _, one := range f.All() {
			l.Addf(one.Rule, "formula."+one.Field, one.Params)
		}
	}
	if len(in.Set.Criteria) == 0 {
		l.Addf("evaluation.criteria-missing", "set.criteria")
	}
	// Lots are evaluated one by one: weights sum to the whole within each.
	if (in.Lot == uuid.Nil) != (len(in.Set.Lots) == 0) || (in.Lot != uuid.Nil && !slices.ContainsFunc(in.Set.Lots, func(l requirement.Lot) bool { return l.ID == in.Lot })) {
		l.Addf("evaluation.lot-unknown", "lot")
	}
	seen := map[uuid.UUID]bool{}
	panel := in.panel()
	for i, t := range in.Tenders {
		at := fmt.Sprintf("tenders[%d]", i)
		if t.ID == uuid.Nil || seen[t.ID] {
			l.Addf("evaluation.tender-repeated", at+".id")
		}
		seen[t.ID] = true
		in.prices(at, t, &l)
		if !t.Rejected {
			in.scores(at, t, panel, &l)
		}
	}
	return l.Err()
}

// counted lists the rated requirements of a criterion in the evaluated lot.
func (in Input) counted(criterion uuid.UUID) []requirement.Requirement {
	var all []requirement.Requirement
	for _, r := range in.Set.Requirements {
		if r.Criterion == criterion && r.IsRated() && r.ForLot(in.Lot) {
			all = append(all, r)
		}
	}
	return all
}

// price is the tender's evaluated price.
func (t Tender) price() (money.NOK, error) {
	var sum money.NOK
	for _, p := range t.Prices {
		var err error
		if sum, err = sum.Add(p.Amount); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// setsBest reports whether the tender's price may set b.
func (in Input) setsBest(t Tender) bool { return !t.Rejected || in.Formula.BestFrom == All }

// prices judges a tender's price. A rejected tender may lack one, and then
// sets no b.
func (in Input) prices(at string, t Tender, l *fault.List) {
	criterion, ok := in.Set.PriceCriterion()
	if !ok || !in.setsBest(t) || (t.Rejected && len(t.Prices) == 0) {
		return
	}
	rated := map[uuid.UUID]bool{}
	for _, r := range in.counted(criterion.ID) {
		rated[r.ID] = true
	}
	seen := map[uuid.UUID]bool{}
	for i, p := range t.Prices {
		field := fmt.Sprintf("%s.prices[%d]", at, i)
		if !rated[p.Requirement] {
			l.Addf("evaluation.price-not-counted", field)
		}
		if seen[p.Requirement] {
			l.Addf("evaluation.counted-twice", field)
		}
		seen[p.Requirement] = true
	}
	if p, err := t.price(); err != nil || p <= 0 {
		l.Addf("evaluation.price-not-positive", at+".prices")
	}
}

// panel lists the evaluators who scored anything, in any admitted tender.
func (in Input) panel() map[uuid.UUID]bool {
	panel := map[uuid.UUID]bool{}
	for _, t := range in.Tenders {
		for _, s := range t.Scores {
			if !t.Rejected {
				panel[s.Evaluator] = true
			}
		}
	}
	return panel
}

type scored struct{ requirement, evaluator uuid.UUID }

func (in Input) scores(at string, t Tender, panel map[uuid.UUID]bool, l *fault.List) {
	wanted := map[uuid.UUID]bool{}
	for _, c := range in.Set.Criteria {
		for _, r := range in.counted(c.ID) {
			wanted[r.ID] = r.Part() == requirement.Quality
		}
	}
	given := map[scored]bool{}
	for i, s := range t.Scores {
		field := fmt.Sprintf("%s.scores[%d]", at, i)
		key := scored{s.Requirement, s.Evaluator}
		if !wanted[s.Requirement] {
			l.Addf("evaluation.score-not-counted", field)
		}
		if given[key] {
			l.Addf("evaluation.counted-twice", field)
		}
		given[key] = true
		if (in.Formula.Scores == Consensus) != (s.Evaluator == uuid.Nil) {
			l.Addf("evaluation.evaluator", field+".evaluator")
		}
		if s.Points.IsNegative() || s.Points.GreaterThan(decimal.NewFromInt(MaxPoints)) || !s.Points.Shift(scoreDecimals).IsInteger() {
			l.Addf("evaluation.score-out-of-scale", field+".points")
		}
	}
	for _, r := range in.Set.Requirements {
		if !wanted[r.ID] {
			continue
		}
		missing := max(len(panel), 1)
		for e := range panel {
			if given[scored{r.ID, e}] {
				missing--
			}
		}
		if missing > 0 {
			l.Addf("evaluation.score-missing", at+".scores", fault.Params{"requirement": r.ID.String()})
		}
	}
}
