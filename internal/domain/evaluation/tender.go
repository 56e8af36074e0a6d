package evaluation

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Score is one evaluator's points for one requirement of a tender, 0 to
// MaxPoints with at most four decimals. In a consensus Evaluator is uuid.Nil.
type Score struct {
	Requirement uuid.UUID       `json:"requirement"`
	Evaluator   uuid.UUID       `json:"evaluator,omitzero"`
	Points      decimal.Decimal `json:"points"`
}

// Tender is what is evaluated of a tender.
type Tender struct {
	ID uuid.UUID `json:"id"`
	// Rejected tenders are not ranked; their price sets b only if the formula
	// declares it.
	Rejected bool `json:"rejected"`
	// Prices are the amounts of the rated price requirements, as
	// requirement.Set.Prices gives them; their sum is the evaluated price.
	Prices []requirement.Amount `json:"prices"`
	Scores []Score              `json:"scores"`
}

// Input is everything that the ranking depends on. The order of tenders and
// scores never matters.
type Input struct {
	Set     requirement.Set
	Lot     uuid.UUID // the lot evaluated; uuid.Nil where there are none
	Formula Formula
	Tenders []Tender
}

// Element is one counted requirement: points and weight within the criterion,
// or an amount.
type Element struct {
	Requirement uuid.UUID           `json:"requirement"`
	Weight      requirement.Percent `json:"weight,omitzero"`
	Points      decimal.Decimal     `json:"points,omitzero"`
	Amount      money.NOK           `json:"amount,omitzero"`
}

// CriterionPoints are a tender's points under one criterion, with what they
// are made of. Each counted requirement stands in it once.
type CriterionPoints struct {
	Criterion uuid.UUID                 `json:"criterion"`
	Kind      requirement.CriterionKind `json:"kind"`
	Weight    requirement.Percent       `json:"weight"`
	Points    decimal.Decimal           `json:"points"`
	// Weighted is Points times Weight. It is rounded for showing; the total is
	// the sum of the unrounded ones.
	Weighted  decimal.Decimal `json:"weighted"`
	Price     money.NOK       `json:"price,omitzero"`
	BestPrice money.NOK       `json:"bestPrice,omitzero"`
	Elements  []Element       `json:"elements"`
}

// Ranked is one tender's place. Tenders with equal totals have the same rank
// and are marked as tied: what decides between them is for a person.
type Ranked struct {
	Tender   uuid.UUID         `json:"tender"`
	Rank     int               `json:"rank"`
	Tied     bool              `json:"tied"`
	Total    decimal.Decimal   `json:"total"`
	Criteria []CriterionPoints `json:"criteria"`
}

// CriterionSpread is how far the ranked tenders lie apart under a criterion.
// Effective is the distance in weighted points: what the criterion decided, as
// against what its weight declares.
type CriterionSpread struct {
	Criterion uuid.UUID           `json:"criterion"`
	Weight    requirement.Percent `json:"weight"`
	Lowest    decimal.Decimal     `json:"lowest"`
	Highest   decimal.Decimal     `json:"highest"`
	Effective decimal.Decimal     `json:"effective"`
}

// Result is the ranking with what explains it. Ranking is ordered by rank, and
// by id among tied tenders.
type Result struct {
	Formula Formula           `json:"formula"`
	Ranking []Ranked          `json:"ranking"`
	Spread  []CriterionSpread `json:"spread"`
}
