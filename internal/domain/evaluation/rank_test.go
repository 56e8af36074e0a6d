package evaluation_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func id(n int) uuid.UUID {
	var u uuid.UUID
	binary.BigEndian.PutUint64(u[8:], uint64(n))
	return u
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// twoCriteria is a set with one price and one scored requirement.
func twoCriteria(price int64) requirement.Set {
	return requirement.Set{
		ID: id(1), Title: "Test",
		Criteria: []requirement.Criterion{
			{ID: id(10), Name: "Pris", Weight: requirement.Percents(price), Kind: requirement.PriceCriterion},
			{ID: id(11), Name: "Kvalitet", Weight: requirement.Percents(100 - price), Kind: requirement.QualityCriterion},
		},
		Requirements: []requirement.Requirement{
			{ID: id(20), Number: "1", Text: "Pris", Kind: requirement.Rated, AnswerType: requirement.Money, Criterion: id(10), Mandatory: true},
			{ID: id(21), Number: "2", Text: "Kvalitet", Kind: requirement.Rated, AnswerType: requirement.Text, Criterion: id(11), Weight: requirement.Hundred, Mandatory: true},
		},
	}
}

func tender(n int, kroner int64, quality string) evaluation.Tender {
	return evaluation.Tender{
		ID:     id(100 + n),
		Prices: []requirement.Amount{{Requirement: id(20), Amount: money.Kroner(kroner)}},
		Scores: []evaluation.Score{{Requirement: id(21), Evaluator: id(50), Points: dec(quality)}},
	}
}

func formula(name evaluation.PriceFormula) evaluation.Formula {
	return evaluation.Formula{
		Name: name, BestFrom: evaluation.Admitted, Decimals: 4, Rounding: evaluation.HalfUp,
		RoundAt: evaluation.RoundTotal, Scores: evaluation.Mean,
	}
}

func TestPricePoints(t *testing.T) {
	t.Parallel()
	cases := []struct {
		price                int64
		linear, proportional string
	}{
		{100, "10", "10"},
		{110, "9", "9.0909"},
		{140, "6", "7.1429"},
		{150, "5", "6.6667"},
		{175, "2.5", "5.7143"},
		{200, "0", "5"},
		{250, "-5", "4"},
	}
	for _, c := range cases {
		for name, want := range map[evaluation.PriceFormula]string{evaluation.Linear: c.linear, evaluation.Proportional: c.proportional} {
			got, err := formula(name).Preview([]money.NOK{money.Kroner(100), money.Kroner(c.price)})
			if err != nil {
				t.Fatal(err)
			}
			if !got[1].Points.Equal(dec(want)) {
				t.Errorf("%s of %d: %s, want %s", name, c.price, got[1].Points, want)
			}
		}
	}
}

func TestDeclaredFloorMakesNegativePointsZero(t *testing.T) {
	t.Parallel()
	f := formula(evaluation.Linear)
	f.Floor = true
	got, err := f.Preview([]money.NOK{money.Kroner(100), money.Kroner(250)})
	if err != nil || !got[1].Points.IsZero() {
		t.Errorf("got %v, %v", got, err)
	}
}

// The winner can turn on the model, and on a tender that nobody would choose:
// therefore everything is declared beforehand.
func TestWinnerFlips(t *testing.T) {
	t.Parallel()
	a, b := tender(1, 1_000_000, "5.5"), tender(2, 1_400_000, "10")
	c, d, low := tender(1, 1000, "6"), tender(2, 1300, "9.4"), tender(3, 600, "0")
	rejected := low
	rejected.Rejected = true
	fromAll := formula(evaluation.Linear)
	fromAll.BestFrom = evaluation.All
	cases := []struct {
		name    string
		weight  int64
		formula evaluation.Formula
		tenders []evaluation.Tender
		winner  uuid.UUID
		totals  map[uuid.UUID]string
	}{
		{"linear 60/40", 60, formula(evaluation.Linear), []evaluation.Tender{a, b}, a.ID, map[uuid.UUID]string{a.ID: "8.2", b.ID: "7.6"}},
		{"proportional 60/40", 60, formula(evaluation.Proportional), []evaluation.Tender{a, b}, b.ID, map[uuid.UUID]string{a.ID: "8.2", b.ID: "8.2857"}},
		{"two tenders", 50, formula(evaluation.Linear), []evaluation.Tender{c, d}, d.ID, map[uuid.UUID]string{c.ID: "8", d.ID: "8.2"}},
		{"with an irrelevant low one", 50, formula(evaluation.Linear), []evaluation.Tender{c, d, low}, low.ID, map[uuid.UUID]string{c.ID: "4.6667", d.ID: "3.8667", low.ID: "5"}},
		{"the low one rejected", 50, formula(evaluation.Linear), []evaluation.Tender{c, d, rejected}, d.ID, map[uuid.UUID]string{c.ID: "8", d.ID: "8.2"}},
		{"rejected ones declared to set b", 50, fromAll, []evaluation.Tender{c, d, rejected}, c.ID, map[uuid.UUID]string{c.ID: "4.6667", d.ID: "3.8667"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := evaluation.Rank(evaluation.Input{Set: twoCriteria(c.weight), Formula: c.formula, Tenders: c.tenders})
			if err != nil {
				t.Fatal(err)
			}
			if got.Ranking[0].Tender != c.winner {
				t.Errorf("winner %v, want %v", got.Ranking[0].Tender, c.winner)
			}
			if len(got.Ranking) != len(c.totals) {
				t.Errorf("%d ranked, want %d", len(got.Ranking), len(c.totals))
			}
			for _, r := range got.Ranking {
				if !r.Total.Equal(dec(c.totals[r.Tender])) {
					t.Errorf("%v has %s, want %s", r.Tender, r.Total, c.totals[r.Tender])
				}
			}
		})
	}
}

func TestNormalisedQualityGivesTheBestFullPoints(t *testing.T) {
	t.Parallel()
	f := formula(evaluation.Linear)
	f.NormaliseQuality = true
	got, err := evaluation.Rank(evaluation.Input{Set: twoCriteria(50), Formula: f, Tenders: []evaluation.Tender{tender(1, 100, "8"), tender(2, 100, "4")}})
	if err != nil {
		t.Fatal(err)
	}
	if p := got.Ranking[0].Criteria[1].Points; !p.Equal(dec("10")) {
		t.Errorf("best has %s", p)
	}
	if p := got.Ranking[1].Criteria[1].Points; !p.Equal(dec("5")) {
		t.Errorf("half as good has %s", p)
	}
}

func TestRoundingHappensOnceAndWhereDeclared(t *testing.T) {
	t.Parallel()
	// Means of 7.125 and halves: 7.13 half up, 7.12 half even.
	tenders := []evaluation.Tender{tender(1, 100, "7")}
	tenders[0].Scores = append(tenders[0].Scores, evaluation.Score{Requirement: id(21), Evaluator: id(51), Points: dec("7.25")})
	cases := []struct {
		rounding evaluation.Rounding
		at       evaluation.RoundAt
		points   string
		total    string
	}{
		{evaluation.HalfUp, evaluation.RoundCriterion, "7.13", "8.565"},
		{evaluation.HalfEven, evaluation.RoundCriterion, "7.12", "8.56"},
		{evaluation.HalfUp, evaluation.RoundTotal, "7.13", "8.56"},
		{evaluation.HalfEven, evaluation.RoundTotal, "7.12", "8.56"},
	}
	for _, c := range cases {
		f := formula(evaluation.Linear)
		f.Decimals, f.Rounding, f.RoundAt = 2, c.rounding, c.at
		got, err := evaluation.Rank(evaluation.Input{Set: twoCriteria(50), Formula: f, Tenders: tenders})
		if err != nil {
			t.Fatal(err)
		}
		if p := got.Ranking[0].Criteria[1].Points; !p.Equal(dec(c.points)) {
			t.Errorf("%s at %s: points %s, want %s", c.rounding, c.at, p, c.points)
		}
		if s := got.Ranking[0].Total; !s.Equal(dec(c.total)) {
			t.Errorf("%s at %s: total %s, want %s", c.rounding, c.at, s, c.total)
		}
	}
}

func TestTiesShareARank(t *testing.T) {
	t.Parallel()
	got, err := evaluation.Rank(evaluation.Input{Set: twoCriteria(50), Formula: formula(evaluation.Linear), Tenders: []evaluation.Tender{
		tender(3, 200, "1"), tender(2, 100, "5"), tender(1, 100, "5"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	var ranks []int
	var tied []bool
	for _, r := range got.Ranking {
		ranks, tied = append(ranks, r.Rank), append(tied, r.Tied)
	}
	if !slices.Equal(ranks, []int{1, 1, 3}) || !slices.Equal(tied, []bool{true, true, false}) || got.Ranking[0].Tender != id(101) {
		t.Errorf("ranks %v tied %v first %v", ranks, tied, got.Ranking[0].Tender)
	}
}

func TestRankRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		rule   string
		change func(*evaluation.Input)
	}{
		{"evaluation.score-missing", func(in *evaluation.Input) { in.Tenders[0].Scores = nil }},
		{"evaluation.score-out-of-scale", func(in *evaluation.Input) { in.Tenders[0].Scores[0].Points = dec("10.5") }},
		{"evaluation.score-out-of-scale", func(in *evaluation.Input) { in.Tenders[0].Scores[0].Points = dec("-1") }},
		{"evaluation.score-not-counted", func(in *evaluation.Input) { in.Tenders[0].Scores[0].Requirement = id(20) }},
		{"evaluation.counted-twice", func(in *evaluation.Input) {
			in.Tenders[0].Scores = append(in.Tenders[0].Scores, in.Tenders[0].Scores[0])
		}},
		{"evaluation.counted-twice", func(in *evaluation.Input) {
			in.Tenders[0].Prices = append(in.Tenders[0].Prices, in.Tenders[0].Prices[0])
		}},
		{"evaluation.price-not-counted", func(in *evaluation.Input) { in.Tenders[0].Prices[0].Requirement = id(21) }},
		{"evaluation.price-not-positive", func(in *evaluation.Input) { in.Tenders[0].Prices = nil }},
		{"evaluation.tender-repeated", func(in *evaluation.Input) { in.Tenders[1].ID = in.Tenders[0].ID }},
		{"evaluation.evaluator", func(in *evaluation.Input) { in.Tenders[0].Scores[0].Evaluator = uuid.Nil }},
		{"evaluation.formula-not-executable", func(in *evaluation.Input) { in.Formula.Name = "hybrid above 75 %" }},
		{"evaluation.round-at-undeclared", func(in *evaluation.Input) { in.Formula.RoundAt = "" }},
		{"evaluation.floor-without-effect", func(in *evaluation.Input) { in.Formula.Name, in.Formula.Floor = evaluation.Proportional, true }},
		{"evaluation.lot-unknown", func(in *evaluation.Input) { in.Lot = id(77) }},
		{"evaluation.lot-unknown", func(in *evaluation.Input) { in.Set.Lots = []requirement.Lot{{ID: id(77), Name: "1"}} }},
		{"evaluation.criteria-missing", func(in *evaluation.Input) { in.Set.Criteria = nil }},
	}
	for _, c := range cases {
		in := evaluation.Input{Set: twoCriteria(50), Formula: formula(evaluation.Linear), Tenders: []evaluation.Tender{tender(1, 100, "5"), tender(2, 120, "6")}}
		c.change(&in)
		_, err := evaluation.Rank(in)
		f, ok := fault.As(err)
		if !ok || !slices.ContainsFunc(f.All(), func(e *fault.Error) bool { return e.Rule == c.rule }) {
			t.Errorf("want %s, got %v", c.rule, err)
		}
	}
}

func TestOneEvaluatorMissingIsRefused(t *testing.T) {
	t.Parallel()
	in := evaluation.Input{Set: twoCriteria(50), Formula: formula(evaluation.Linear), Tenders: []evaluation.Tender{tender(1, 100, "5"), tender(2, 120, "6")}}
	in.Tenders[0].Scores = append(in.Tenders[0].Scores, evaluation.Score{Requirement: id(21), Evaluator: id(51), Points: dec("9")})
	if _, err := evaluation.Rank(in); fault.RuleOf(err) != "evaluation.score-missing" {
		t.Errorf("got %v", err)
	}
}

func TestStandardMethodIsComplete(t *testing.T) {
	t.Parallel()
	if err := evaluation.Standard.Validate(); err != nil {
		t.Error(err)
	}
}

func TestSpreadTellsWhatACriterionDecided(t *testing.T) {
	t.Parallel()
	got, err := evaluation.Rank(evaluation.Input{Set: twoCriteria(60), Formula: formula(evaluation.Proportional), Tenders: []evaluation.Tender{tender(1, 100, "5"), tender(2, 140, "6")}})
	if err != nil {
		t.Fatal(err)
	}
	s := got.Spread[0]
	if !s.Highest.Equal(dec("10")) || !s.Lowest.Equal(dec("7.1429")) || !s.Effective.Equal(dec("1.7143")) {
		t.Errorf("got %+v", s)
	}
}

func inputs(t *rapid.T) evaluation.Input {
	f := formula(rapid.SampledFrom([]evaluation.PriceFormula{evaluation.Linear, evaluation.Proportional}).Draw(t, "formula"))
	f.Decimals = rapid.IntRange(0, 4).Draw(t, "decimals")
	f.RoundAt = rapid.SampledFrom([]evaluation.RoundAt{evaluation.RoundCriterion, evaluation.RoundTotal}).Draw(t, "roundAt")
	f.BestFrom = rapid.SampledFrom([]evaluation.BestFrom{evaluation.Admitted, evaluation.All}).Draw(t, "bestFrom")
	f.NormaliseQuality = rapid.Bool().Draw(t, "normalise")
	in := evaluation.Input{Set: twoCriteria(rapid.Int64Range(1, 99).Draw(t, "weight")), Formula: f}
	for i := range rapid.IntRange(2, 6).Draw(t, "tenders") {
		x := tender(i, rapid.Int64Range(1, 5000).Draw(t, "price"), "0")
		x.Scores[0].Points = decimal.New(rapid.Int64Range(0, 1000).Draw(t, "points"), -2)
		x.Rejected = i > 0 && rapid.IntRange(0, 4).Draw(t, "rejected") == 0
		in.Tenders = append(in.Tenders, x)
	}
	return in
}

func mustRank(t *rapid.T, in evaluation.Input) evaluation.Result {
	r, err := evaluation.Rank(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOrderOfInputNeverMatters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := inputs(t)
		want := mustRank(t, in)
		in.Tenders = rapid.Permutation(in.Tenders).Draw(t, "order")
		got := mustRank(t, in)
		if len(got.Ranking) != len(want.Ranking) {
			t.Fatalf("%d ranked, then %d", len(want.Ranking), len(got.Ranking))
		}
		for i := range want.Ranking {
			w, g := want.Ranking[i], got.Ranking[i]
			if w.Tender != g.Tender || w.Rank != g.Rank || !w.Total.Equal(g.Total) {
				t.Fatalf("place %d: %v, then %v", i, w, g)
			}
		}
	})
}

func pointsOf(r evaluation.Result, tender uuid.UUID, criterion int) decimal.Decimal {
	i := slices.IndexFunc(r.Ranking, func(x evaluation.Ranked) bool { return x.Tender == tender })
	return r.Ranking[i].Criteria[criterion].Points
}

func TestALowerPriceNeverLowersOwnPricePoints(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := inputs(t)
		mine := in.Tenders[0]
		before := pointsOf(mustRank(t, in), mine.ID, 0)
		lower := rapid.Int64Range(1, int64(mine.Prices[0].Amount)).Draw(t, "lower")
		in.Tenders[0].Prices = []requirement.Amount{{Requirement: id(20), Amount: money.NOK(lower)}}
		if after := pointsOf(mustRank(t, in), mine.ID, 0); after.LessThan(before) {
			t.Fatalf("from %s to %s", before, after)
		}
	})
}

func TestAHigherScoreNeverLowersOwnRank(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := inputs(t)
		rank := func() int {
			r := mustRank(t, in)
			return r.Ranking[slices.IndexFunc(r.Ranking, func(x evaluation.Ranked) bool { return x.Tender == in.Tenders[0].ID })].Rank
		}
		before := rank()
		old := in.Tenders[0].Scores[0].Points
		more := decimal.New(rapid.Int64Range(old.Shift(2).IntPart(), 1000).Draw(t, "more"), -2)
		in.Tenders[0].Scores = []evaluation.Score{{Requirement: id(21), Evaluator: id(50), Points: more}}
		if after := rank(); after > before {
			t.Fatalf("rank %d became %d", before, after)
		}
	})
}
