package requirement

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// PriceCriterion gives the criterion that prices count under; a set has at
// most one.
func (s Set) PriceCriterion() (Criterion, bool) {
	i := slices.IndexFunc(s.Criteria, func(c Criterion) bool { return c.Kind == PriceCriterion })
	if i < 0 {
		return Criterion{}, false
	}
	return s.Criteria[i], true
}

// criteria judges the award criteria and that what counts under each sums to
// the whole in every lot (FOA § 18-1 (6): relative weights are stated; KOFA
// 2025/0876: weights that are not fixed are refused).
func (v *validator) criteria() {
	if len(v.set.Criteria) == 0 {
		return
	}
	var sum Percent
	prices := 0
	names := map[string]bool{}
	for i, c := range v.set.Criteria {
		field := fmt.Sprintf("criteria[%d]", i)
		name := strings.ToLower(strings.TrimSpace(c.Name))
		if name == "" || names[name] {
			v.Addf("requirement.criterion-name", field+".name")
		}
		names[name] = true
		switch c.Kind {
		case QualityCriterion, Environment:
		case PriceCriterion:
			if prices++; prices > 1 {
				v.Addf("requirement.criterion-second-price", field+".kind")
			}
		default:
			v.Addf("requirement.criterion-kind-unknown", field+".kind")
		}
		if c.Weight <= 0 || c.Weight > Hundred {
			v.Addf("requirement.weight-out-of-range", field+".weight")
		}
		sum += c.Weight
	}
	if sum != Hundred {
		v.Add(fault.New(fault.Invalid, "requirement.criteria-sum", fault.Params{"sum": sum.String()}).
			At("criteria").By("FOA § 18-1 (6)"))
	}
	for i, c := range v.set.Criteria {
		v.within(fmt.Sprintf("criteria[%d]", i), c)
	}
}

// within judges what counts under one criterion, lot by lot.
func (v *validator) within(field string, c Criterion) {
	lots := []Lot{{}}
	if len(v.set.Lots) > 0 {
		lots = v.set.Lots
	}
	for _, lot := range lots {
		var sum Percent
		counted := 0
		for _, r := range v.set.Requirements {
			if r.Criterion == c.ID && r.IsRated() && r.ForLot(lot.ID) {
				sum += r.Weight
				counted++
			}
		}
		params := fault.Params{"sum": sum.String()}
		if lot.ID != uuid.Nil {
			params["lot"] = lot.ID.String()
		}
		switch {
		case counted == 0:
			delete(params, "sum")
			v.Addf("requirement.criterion-empty", field, params)
		case c.Kind != PriceCriterion && sum != Hundred:
			v.Addf("requirement.weights-sum", field, params)
		}
	}
}
