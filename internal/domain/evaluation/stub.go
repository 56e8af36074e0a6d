package evaluation

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Validate returns an Invalid fault with everything that keeps the method from
// being published.
func (f Formula) Validate() error { return nil }

// Score is one evaluator's points for one requirement of a tender. In a
// consensus Evaluator is uuid.Nil.
type Score struct {
	Requirement uuid.UUID       `json:"requirement"`
	Evaluator   uuid.UUID       `json:"evaluator,omitzero"`
	Points      decimal.Decimal `json:"points"`
}

// PriceElement is the amount of one price requirement.
type PriceElement struct {
	Requirement uuid.UUID `json:"requirement"`
	Amount      money.NOK `json:"amount"`
}

// Tender is what is evaluated of a tender.
type Tender struct {
	ID uuid.UUID `json:"id"`
	// Rejected tenders are not ranked.
	Rejected bool           `json:"rejected"`
	Prices   []PriceElement `json:"prices"`
	Scores   []Score        `json:"scores"`
}

// Input is everything that the ranking depends on.
type Input struct {
	Set     requirement.Set
	Lot     uuid.UUID // the lot evaluated; uuid.Nil for all requirements
	Formula Formula
	Tenders []Tender
}

// Element is one counted requirement of a criterion, with the points or the
// amount that counted.
type Element struct {
	Requirement uuid.UUID           `json:"requirement"`
	Weight      requirement.Percent `json:"weight,omitzero"`
	Points      decimal.Decimal     `json:"points"`
	Amount      money.NOK           `json:"amount,omitzero"`
}

// CriterionPoints are a tender's points under one criterion.
type CriterionPoints struct {
	Criterion uuid.UUID                 `json:"criterion"`
	Kind      requirement.CriterionKind `json:"kind"`
	Weight    requirement.Percent       `json:"weight"`
	Points    decimal.Decimal           `json:"points"`
	Weighted  decimal.Decimal           `json:"weighted"`
	Price     money.NOK                 `json:"price,omitzero"`
	BestPrice money.NOK                 `json:"bestPrice,omitzero"`
	Elements  []Element                 `json:"elements"`
}

// Ranked is one tender's place.
type Ranked struct {
	Tender   uuid.UUID         `json:"tender"`
	Rank     int               `json:"rank"`
	Tied     bool              `json:"tied"`
	Total    decimal.Decimal   `json:"total"`
	Criteria []CriterionPoints `json:"criteria"`
}

// CriterionSpread is how far the tenders lie apart under a criterion.
type CriterionSpread struct {
	Criterion uuid.UUID           `json:"criterion"`
	Weight    requirement.Percent `json:"weight"`
	Lowest    decimal.Decimal     `json:"lowest"`
	Highest   decimal.Decimal     `json:"highest"`
	Effective decimal.Decimal     `json:"effective"`
}

// Result is the ranking with what explains it.
type Result struct {
	Formula Formula           `json:"formula"`
	Ranking []Ranked          `json:"ranking"`
	Spread  []CriterionSpread `json:"spread"`
}

// Rank ranks the tenders that are not rejected.
func Rank(in Input) (Result, error) { return Result{}, nil }

// PricePoints is a price with the points that it gets.
type PricePoints struct {
	Price  money.NOK       `json:"price"`
	Points decimal.Decimal `json:"points"`
}

// Preview shows which points the declared formula gives a row of prices.
func (f Formula) Preview(prices []money.NOK) ([]PricePoints, error) { return nil, nil }
