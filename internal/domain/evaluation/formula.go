// Package evaluation turns scores and prices into a ranking by a method that
// was declared at publication. It is pure and exact: sums and quotients are
// rational numbers until the declared rounding.
package evaluation

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
