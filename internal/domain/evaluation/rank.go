package evaluation

import (
	"bytes"
	"cmp"
	"math/big"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Rank ranks the tenders that are not rejected by the declared method. It
// returns an Invalid fault with every reason why it cannot: a method that is
// not declared whole, a score or price that is missing, out of scale or
// counted twice. Whether now is the time to rank is judged by the caller.
func Rank(in Input) (Result, error) {
	if err := in.validate(); err != nil {
		return Result{}, err
	}
	res := Result{Formula: in.Formula, Ranking: []Ranked{}, Spread: []CriterionSpread{}}
	points := in.points()
	for _, t := range in.Tenders {
		if t.Rejected {
			continue
		}
		ranked := Ranked{Tender: t.ID, Criteria: []CriterionPoints{}}
		total := new(big.Rat)
		for _, c := range in.Set.Criteria {
			p := points[c.ID][t.ID]
			weighted := new(big.Rat).Mul(p, share(c.Weight))
			total.Add(total, weighted)
			ranked.Criteria = append(ranked.Criteria, in.explain(t, c, p, weighted))
		}
		ranked.Total = in.Formula.total(total)
		res.Ranking = append(res.Ranking, ranked)
	}
	order(res.Ranking)
	res.Spread = in.spread(points)
	return res, nil
}

// order sorts by total and gives ranks.
func order(ranking []Ranked) {
	slices.SortFunc(ranking, func(a, b Ranked) int {
		return cmp.Or(b.Total.Cmp(a.Total), bytes.Compare(a.Tender[:], b.Tender[:]))
	})
	for i := range ranking {
		ranking[i].Rank = i + 1
		if i > 0 && ranking[i].Total.Equal(ranking[i-1].Total) {
			ranking[i].Rank = ranking[i-1].Rank
			ranking[i].Tied, ranking[i-1].Tied = true, true
		}
	}
}

// share gives a weight as a part of one.
func share(p requirement.Percent) *big.Rat {
	return big.NewRat(int64(p), int64(requirement.Hundred))
}

type pointsByTender map[uuid.UUID]*big.Rat

// points gives every admitted tender's points per criterion, rounded where the
// method rounds criteria.
func (in Input) points() map[uuid.UUID]pointsByTender {
	all := map[uuid.UUID]pointsByTender{}
	for _, c := range in.Set.Criteria {
		var p pointsByTender
		if c.Kind == requirement.PriceCriterion {
			p = in.pricePoints()
		} else {
			p = in.qualityPoints(c)
		}
		if in.Formula.RoundAt == RoundCriterion {
			for id, x := range p {
				p[id] = in.Formula.round(x).Rat()
			}
		}
		all[c.ID] = p
	}
	return all
}

// bestPrice is b, and false where no tender has a price.
func (in Input) bestPrice() (money.NOK, bool) {
	var best money.NOK
	for _, t := range in.Tenders {
		p, err := t.price()
		if err == nil && in.setsBest(t) && p > 0 && (best == 0 || p < best) {
			best = p
		}
	}
	return best, best > 0
}

func (in Input) pricePoints() pointsByTender {
	out := pointsByTender{}
	best, ok := in.bestPrice()
	for _, t := range in.Tenders {
		if p, err := t.price(); ok && err == nil && !t.Rejected {
			out[t.ID] = in.Formula.pricePoints(p, best)
		}
	}
	return out
}

func (in Input) qualityPoints(c requirement.Criterion) pointsByTender {
	out, counted := pointsByTender{}, in.counted(c.ID)
	best := new(big.Rat)
	for _, t := range in.Tenders {
		if t.Rejected {
			continue
		}
		sum, means := new(big.Rat), t.means()
		for _, r := range counted {
			sum.Add(sum, new(big.Rat).Mul(means[r.ID], share(r.Weight)))
		}
		out[t.ID] = sum
		if sum.Cmp(best) > 0 {
			best = sum
		}
	}
	if in.Formula.NormaliseQuality && best.Sign() > 0 {
		factor := new(big.Rat).Quo(big.NewRat(MaxPoints, 1), best)
		for id, p := range out {
			out[id] = new(big.Rat).Mul(p, factor)
		}
	}
	return out
}

// means gives, by requirement, the arithmetic mean of the evaluators' points; a
// consensus has one.
func (t Tender) means() map[uuid.UUID]*big.Rat {
	sums, n := map[uuid.UUID]*big.Rat{}, map[uuid.UUID]int64{}
	for _, s := range t.Scores {
		if n[s.Requirement]++; n[s.Requirement] == 1 {
			sums[s.Requirement] = new(big.Rat)
		}
		sums[s.Requirement].Add(sums[s.Requirement], s.Points.Rat())
	}
	for id, sum := range sums {
		sum.Quo(sum, big.NewRat(n[id], 1))
	}
	return sums
}

// explain gives what a tender's points under a criterion are made of.
func (in Input) explain(t Tender, c requirement.Criterion, points, weighted *big.Rat) CriterionPoints {
	out := CriterionPoints{
		Criterion: c.ID, Kind: c.Kind, Weight: c.Weight,
		Points: in.Formula.round(points), Weighted: in.Formula.total(weighted), Elements: []Element{},
	}
	if c.Kind == requirement.PriceCriterion {
		out.Price, _ = t.price()
		out.BestPrice, _ = in.bestPrice()
	}
	means := t.means()
	for _, r := range in.counted(c.ID) {
		e := Element{Requirement: r.ID, Weight: r.Weight}
		if r.Part() == requirement.Price {
			i := slices.IndexFunc(t.Prices, func(a requirement.Amount) bool { return a.Requirement == r.ID })
			if i < 0 {
				continue
			}
			e.Amount = t.Prices[i].Amount
		} else {
			e.Points = in.Formula.round(means[r.ID])
		}
		out.Elements = append(out.Elements, e)
	}
	return out
}

func (in Input) spread(points map[uuid.UUID]pointsByTender) []CriterionSpread {
	out := []CriterionSpread{}
	for _, c := range in.Set.Criteria {
		var all []*big.Rat
		for _, p := range points[c.ID] {
			all = append(all, p)
		}
		if len(all) == 0 {
			continue
		}
		low := slices.MinFunc(all, (*big.Rat).Cmp)
		high := slices.MaxFunc(all, (*big.Rat).Cmp)
		apart := new(big.Rat).Sub(high, low)
		out = append(out, CriterionSpread{
			Criterion: c.ID, Weight: c.Weight,
			Lowest: in.Formula.round(low), Highest: in.Formula.round(high),
			Effective: in.Formula.total(apart.Mul(apart, share(c.Weight))),
		})
	}
	return out
}
