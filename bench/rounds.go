package bench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Ratio is what the rounds of a comparison say: the median of the rounds' own
// ratios, and the interval that holds the true median 19 times of 20, whatever
// way the rounds scatter. It is as wide as all rounds where they are few.
type Ratio struct{ Low, Median, High float64 }

func (r Ratio) String() string { return fmt.Sprintf("%.2f (%.2f–%.2f)", r.Median, r.Low, r.High) }

// Less gives 1 − r: the share of the whole that the part in the numerator lacks.
func (r Ratio) Less() Ratio { return Ratio{1 - r.High, 1 - r.Median, 1 - r.Low} }

// Compare runs both sides in every round, in random order so that neither has
// the better place, and gives the ratio a / b of what they measured. The first
// round only warms up. The first error ends it.
func Compare(rounds int, a, b func() (float64, error)) (Ratio, error) {
	ratios := make([]float64, 0, rounds)
	for round := range rounds + 1 {
		var measured [2]float64
		for _, side := range rand.Perm(len(measured)) { //nolint:gosec // an order, no secret
			v, err := []func() (float64, error){a, b}[side]()
			if err != nil {
				return Ratio{}, err
			}
			measured[side] = v
		}
		if round > 0 {
			ratios = append(ratios, measured[0]/measured[1])
		}
	}
	return ratioOf(ratios), nil
}

// ratioOf takes the interval between the order statistics that a fair coin,
// tossed once per round, falls between 19 times of 20.
func ratioOf(ratios []float64) Ratio {
	slices.Sort(ratios)
	n := len(ratios)
	const deviations = 1.96
	below := max(0, int(math.Floor((float64(n)-deviations*math.Sqrt(float64(n)))/2)))
	return Ratio{ratios[below], (ratios[(n-1)/2] + ratios[n/2]) / 2, ratios[n-1-below]}
}

// Pair gives the ratio of what the rounds of both sides have noted beside; the
// first round warms up here too.
func Pair(a, b []float64) (Ratio, error) {
	if len(a) != len(b) || len(a) < 2 {
		return Ratio{}, fmt.Errorf("%d and %d rounds cannot be paired", len(a), len(b))
	}
	ratios := make([]float64, 0, len(a))
	for i := range a[1:] {
		ratios = append(ratios, a[i+1]/b[i+1])
	}
	return ratioOf(ratios), nil
}
