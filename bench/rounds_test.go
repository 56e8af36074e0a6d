package bench_test

import (
	"errors"
	"flag"
	"math"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/bench"
)

// With these defaults the measurements only show that they work; `make bench`
// gives what the figures need.
var (
	rounds = flag.Int("rounds", 2, "rounds of each measurement")
	span   = flag.Duration("span", 50*time.Millisecond, "how long one side of a round reads")
	turns  = flag.Int("turns", 3, "how often one side of a round runs a command")
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestARatioIsTheMedianOfTheRounds(t *testing.T) {
	t.Parallel()
	var a, b float64
	r, err := bench.Compare(25,
		func() (float64, error) { a++; return a, nil }, // 2 … 26 in the rounds that count
		func() (float64, error) { b++; return 2, nil })
	must(t, err)
	if want := (bench.Ratio{Low: 4.5, Median: 7, High: 9.5}); r != want {
		t.Errorf("got %v, want %v", r, want)
	}
	if a != 26 || b != 26 {
		t.Errorf("the sides ran %v and %v times", a, b)
	}
	if less := r.Less(); math.Abs(less.Low+8.5) > 1e-9 || math.Abs(less.High+3.5) > 1e-9 {
		t.Errorf("less %v", less)
	}
}

func TestAnErrorEndsTheComparison(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	_, err := bench.Compare(3, func() (float64, error) { return 1, nil }, func() (float64, error) { return 0, broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
