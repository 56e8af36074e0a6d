// Package evaluation turns scores and prices into a ranking by a method that
// was declared at publication. It is pure and exact: sums and quotients are
// rational numbers until the declared rounding.
package evaluation

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// MaxPoints is the top of the score scale, which begins at 0.
const MaxPoints = 10

// PriceFormula turns a price into points.
type PriceFormula string

// The price formulas that can be executed, and therefore published. With m the
// maximum points, b the lowest evaluated price and p the tender's price:
const (
	Linear       PriceFormula = "linear"       // m − m·(p − b)/b
	Proportional PriceFormula = "proportional" // m·b/p (forholdsmessig)
)

// BestFrom says whose prices may set b.
type BestFrom string

// Whose prices and qualities are the measure for the others.
const (
	Admitted BestFrom = "admitted" // tenders that are not rejected
	All      BestFrom = "all"      // rejected tenders too
)

// Rounding says how a value between two steps is rounded.
type Rounding string

// The ways of rounding.
const (
	HalfUp   Rounding = "half-up"   // halves away from zero
	HalfEven Rounding = "half-even" // halves to the even neighbour
)

// RoundAt says when rounding happens.
type RoundAt string

// The steps at which rounding can happen; it happens once.
const (
	RoundCriterion RoundAt = "criterion" // each criterion's points, before weighting
	RoundTotal     RoundAt = "total"     // only the weighted total
)

// Consolidation says how the evaluators' scores become one.
type Consolidation string

// The ways of making one score of several.
const (
	Mean      Consolidation = "mean"      // arithmetic mean of the evaluators
	Consensus Consolidation = "consensus" // one agreed score per requirement
)

// Formula is the evaluation method as declared at publication. Nothing in it
// can be left to later: KOFA found methods chosen after the deadline unlawful.
type Formula struct {
	Name PriceFormula `json:"name"`
	// Floor makes negative points of the linear formula zero.
	Floor    bool     `json:"floor"`
	BestFrom BestFrom `json:"bestFrom"`
	// NormaliseQuality scales each quality criterion so that the best gets MaxPoints.
	NormaliseQuality bool          `json:"normaliseQuality"`
	Decimals         int           `json:"decimals"`
	Rounding         Rounding      `json:"rounding"`
	RoundAt          RoundAt       `json:"roundAt"`
	Scores           Consolidation `json:"scores"`
}

// Standard is the method proposed to a lead buyer who has chosen none.
var Standard = Formula{Name: Linear, Floor: true, BestFrom: Admitted, Decimals: 2, Rounding: HalfUp, RoundAt: RoundCriterion, Scores: Mean}

// maxDecimals keeps a declared rounding readable.
const maxDecimals = 6

// Validate returns an Invalid fault with everything that keeps the method from
// being published. A formula that is named but cannot be executed is refused.
func (f Formula) Validate() error {
	var l fault.List
	switch f.Name {
	case Linear:
	case Proportional:
		// Its points are never negative, so a declared floor would say nothing.
		if f.Floor {
			l.Addf("evaluation.floor-without-effect", "floor")
		}
	default:
		l.Addf("evaluation.formula-not-executable", "name")
	}
	if f.BestFrom != Admitted && f.BestFrom != All {
		l.Addf("evaluation.best-from-undeclared", "bestFrom")
	}
	if f.Decimals < 0 || f.Decimals > maxDecimals {
		l.Addf("evaluation.decimals", "decimals")
	}
	if f.Rounding != HalfUp && f.Rounding != HalfEven {
		l.Addf("evaluation.rounding-undeclared", "rounding")
	}
	if f.RoundAt != RoundCriterion && f.RoundAt != RoundTotal {
		l.Addf("evaluation.round-at-undeclared", "roundAt")
	}
	if f.Scores != Mean && f.Scores != Consensus {
		l.Addf("evaluation.scores-undeclared", "scores")
	}
	return l.Err()
}

// pricePoints gives the unrounded points of a price; both are above zero.
func (f Formula) pricePoints(price, best money.NOK) *big.Rat {
	m := big.NewRat(MaxPoints, 1)
	b, p := big.NewRat(int64(best), 1), big.NewRat(int64(price), 1)
	if f.Name == Proportional {
		return m.Mul(m, b.Quo(b, p))
	}
	over := new(big.Rat).Quo(p.Sub(p, b), b)
	points := new(big.Rat).Sub(m, over.Mul(over, m))
	if f.Floor && points.Sign() < 0 {
		return new(big.Rat)
	}
	return points
}

// round gives the decimal nearest to x, by the declared decimals and rounding.
func (f Formula) round(x *big.Rat) decimal.Decimal {
	return f.nearest(x, int32(f.Decimals)) //nolint:gosec // Validate bounds it
}

// total gives a weighted sum: rounded if the method rounds totals. Else it is
// exact, since rounded points times weights of four decimals end.
func (f Formula) total(x *big.Rat) decimal.Decimal {
	if f.RoundAt == RoundTotal {
		return f.round(x)
	}
	return f.nearest(x, 2*maxDecimals)
}

func (f Formula) nearest(x *big.Rat, decimals int32) decimal.Decimal {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	scaled := new(big.Rat).Mul(x, new(big.Rat).SetInt(scale))
	num := new(big.Int).Abs(scaled.Num())
	whole, rest := new(big.Int).QuoRem(num, scaled.Denom(), new(big.Int))
	half := rest.Lsh(rest, 1).Cmp(scaled.Denom())
	if half > 0 || (half == 0 && (f.Rounding == HalfUp || whole.Bit(0) == 1)) {
		whole.Add(whole, big.NewInt(1))
	}
	if scaled.Sign() < 0 {
		whole.Neg(whole)
	}
	return decimal.NewFromBigInt(whole, -decimals)
}

// PricePoints is a price with the points that it gets.
type PricePoints struct {
	Price  money.NOK       `json:"price"`
	Points decimal.Decimal `json:"points"`
}

// Preview shows which points the method gives a row of prices, so that a buyer
// sees the effective spread before publication. It returns Invalid for a
// method that cannot be published (see Validate) and for a price that is not
// above zero.
func (f Formula) Preview(prices []money.NOK) ([]PricePoints, error) {
	if err := f.Validate(); err != nil {
		return nil, err
	}
	out := make([]PricePoints, 0, len(prices))
	for i, p := range prices {
		if p <= 0 {
			return nil, fault.New(fault.Invalid, "evaluation.price-not-positive").At(fmt.Sprintf("prices[%d]", i))
		}
	}
	for _, p := range prices {
		out = append(out, PricePoints{p, f.round(f.pricePoints(p, slices.Min(prices)))})
	}
	return out, nil
}
