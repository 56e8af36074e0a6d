package requirement

import (
	"fmt"

	"github.com/google/uuid"
)

func (v *validator) condition(at string, r Requirement) {
	if r.Condition == nil {
		return
	}
	at += ".condition"
	// A weight that depends on an answer is not known beforehand.
	if r.IsRated() && r.Part() == Quality {
		v.Addf("requirement.rated-conditional", at)
	}
	if len(r.Condition.AnyOf) == 0 {
		v.Addf("requirement.condition-empty", at+".anyOf")
	}
	for i, c := range r.Condition.AnyOf {
		field := fmt.Sprintf("%s.anyOf[%d]", at, i)
		if len(c.Values) == 0 {
			v.Addf("requirement.condition-empty", field+".values")
		}
		j, ok := v.index[c.Requirement]
		switch {
		case !ok:
			v.Addf("requirement.condition-unknown", field+".requirement")
		case !v.set.Requirements[j].steers():
			v.Addf("requirement.condition-type", field+".requirement")
		}
	}
}

// steers reports whether other requirements can depend on the answer. Only
// closed answers do; all of them are in the quality part, so that a part can
// be judged before the price part is opened.
func (r Requirement) steers() bool {
	return r.AnswerType == Boolean || r.AnswerType == Choice || r.AnswerType == MultiChoice
}

// cycles reports each requirement whose condition leads back to itself.
func (v *validator) cycles() {
	const (
		unseen = iota
		open
		done
	)
	state := make([]int, len(v.set.Requirements))
	var visit func(i int)
	visit = func(i int) {
		state[i] = open
		if c := v.set.Requirements[i].Condition; c != nil {
			for n, clause := range c.AnyOf {
				j, ok := v.index[clause.Requirement]
				switch {
				case !ok || state[j] == done:
				case state[j] == open:
					v.Addf("requirement.condition-cycle", fmt.Sprintf("requirements[%d].condition.anyOf[%d].requirement", i, n))
				default:
					visit(j)
				}
			}
		}
		state[i] = done
	}
	for i := range v.set.Requirements {
		if state[i] == unseen {
			visit(i)
		}
	}
}

// applicability answers, for one set of values, which requirements apply.
type applicability struct {
	set    Set
	index  map[uuid.UUID]int
	values Values
	lots   []uuid.UUID
	known  map[uuid.UUID]bool
}

func (s Set) applicability(values Values, lots []uuid.UUID) *applicability {
	return &applicability{set: s, index: s.indexed(), values: values, lots: lots, known: make(map[uuid.UUID]bool, len(s.Requirements))}
}

// applies reports whether the requirement is for one of the tender's lots and
// its condition holds. A requirement that depends on itself does not apply;
// Validate refuses such a set.
func (a *applicability) applies(r Requirement) bool {
	if known, ok := a.known[r.ID]; ok {
		return known
	}
	a.known[r.ID] = false
	a.known[r.ID] = a.inLots(r) && (r.Condition == nil || a.holds(*r.Condition))
	return a.known[r.ID]
}

func (a *applicability) inLots(r Requirement) bool {
	if len(a.lots) == 0 {
		return true
	}
	for _, lot := range a.lots {
		if r.ForLot(lot) {
			return true
		}
	}
	return false
}

func (a *applicability) holds(c Condition) bool {
	for _, clause := range c.AnyOf {
		i, ok := a.index[clause.Requirement]
		if !ok {
			continue
		}
		if on := a.set.Requirements[i]; a.applies(on) && on.answeredWith(a.values[on.ID], clause.Values) {
			return true
		}
	}
	return false
}
