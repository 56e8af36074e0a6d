package requirement

import (
	"fmt"
	"slices"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Warning is something to look at that blocks nothing.
type Warning struct {
	Rule   string       `json:"rule"`
	Field  string       `json:"field,omitempty"`
	Params fault.Params `json:"params,omitempty"`
}

// Warnings lists what is allowed and should be looked at: numbers used twice or
// missing, conditions that can never hold, absolute requirements that may stay
// unanswered, needs that nothing serves.
func (s Set) Warnings() []Warning {
	var all []Warning
	add := func(rule, field string, params fault.Params) {
		all = append(all, Warning{rule, field, params})
	}
	index := s.indexed()
	first := map[string]int{}
	for i, r := range s.Requirements {
		at := fmt.Sprintf("requirements[%d]", i)
		if r.Number == "" {
			add("requirement.number-missing", at+".number", nil)
		} else if j, ok := first[r.Number]; ok {
			add("requirement.number-repeated", at+".number", fault.Params{"first": fmt.Sprintf("requirements[%d]", j)})
		} else {
			first[r.Number] = i
		}
		if r.IsAbsolute() && !r.Mandatory {
			add("requirement.absolute-optional", at+".mandatory", nil)
		}
		if r.Condition == nil {
			continue
		}
		for n, c := range r.Condition.AnyOf {
			j, ok := index[c.Requirement]
			if !ok || !s.Requirements[j].steers() {
				continue
			}
			for m, value := range c.Values {
				if !s.Requirements[j].canAnswer(value) {
					add("requirement.condition-never-holds", fmt.Sprintf("%s.condition.anyOf[%d].values[%d]", at, n, m), nil)
				}
			}
		}
	}
	for i, n := range s.Needs {
		if !slices.ContainsFunc(s.Requirements, func(r Requirement) bool { return slices.Contains(r.Needs, n.ID) }) {
			add("requirement.need-unserved", fmt.Sprintf("needs[%d]", i), nil)
		}
	}
	return all
}
