package requirement

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Validate returns an Invalid fault that holds every problem of the set, with
// the JSON path of each, or nil. A set that is valid can be published: its
// weights are declared and sum to the whole, its conditions end, and its totals
// can be computed.
func (s Set) Validate() error {
	v := validator{set: s, index: s.indexed()}
	if strings.TrimSpace(s.Title) == "" {
		v.Addf("requirement.title-missing", "title")
	}
	if len(s.Requirements) == 0 {
		v.Addf("requirement.set-empty", "requirements")
	}
	v.identities()
	v.currency()
	v.needs()
	v.areas()
	v.codes()
	for i, r := range s.Requirements {
		v.requirement(fmt.Sprintf("requirements[%d]", i), r)
	}
	v.cycles()
	v.criteria()
	return v.Err()
}

type validator struct {
	fault.List
	set   Set
	index map[uuid.UUID]int
}

func (s Set) indexed() map[uuid.UUID]int {
	index := make(map[uuid.UUID]int, len(s.Requirements))
	for i, r := range s.Requirements {
		index[r.ID] = i
	}
	return index
}

func (v *validator) identities() {
	unique(v, "requirements", v.set.Requirements, func(r Requirement) uuid.UUID { return r.ID })
	unique(v, "criteria", v.set.Criteria, func(c Criterion) uuid.UUID { return c.ID })
	unique(v, "areas", v.set.Areas, func(a Area) uuid.UUID { return a.ID })
	unique(v, "needs", v.set.Needs, func(n Need) uuid.UUID { return n.ID })
	unique(v, "lots", v.set.Lots, func(l Lot) uuid.UUID { return l.ID })
	for i, l := range v.set.Lots {
		if strings.TrimSpace(l.Name) == "" {
			v.Addf("requirement.lot-name-missing", fmt.Sprintf("lots[%d].name", i))
		}
	}
}

func unique[T any](v *validator, path string, all []T, id func(T) uuid.UUID) {
	seen := make(map[uuid.UUID]bool, len(all))
	for i, x := range all {
		field := fmt.Sprintf("%s[%d].id", path, i)
		switch {
		case id(x) == uuid.Nil:
			v.Addf("requirement.id-missing", field)
		case seen[id(x)]:
			v.Addf("requirement.id-repeated", field)
		}
		seen[id(x)] = true
	}
}

func (v *validator) areas() {
	parent := make(map[uuid.UUID]uuid.UUID, len(v.set.Areas))
	for _, a := range v.set.Areas {
		parent[a.ID] = a.Parent
	}
	for i, a := range v.set.Areas {
		field := fmt.Sprintf("areas[%d]", i)
		if strings.TrimSpace(a.Title) == "" {
			v.Addf("requirement.area-title-missing", field+".title")
		}
		if a.Parent == uuid.Nil {
			continue
		}
		if _, ok := parent[a.Parent]; !ok {
			v.Addf("requirement.area-unknown", field+".parent")
			continue
		}
		at := a.Parent
		for steps := 0; at != uuid.Nil; at = parent[at] {
			if steps++; at == a.ID || steps > len(parent) {
				v.Addf("requirement.area-cycle", field+".parent")
				break
			}
		}
	}
}

func (v *validator) codes() {
	seen := map[string]bool{}
	for i, c := range v.set.KindCodes {
		field := fmt.Sprintf("kindCodes[%d]", i)
		key := strings.ToLower(strings.TrimSpace(c.Code))
		if key == "" || seen[key] {
			v.Addf("requirement.code-not-unique", field+".code")
		}
		seen[key] = true
		if !c.Kind.Known() {
			v.Addf("requirement.kind-unknown", field+".kind")
		}
	}
	answers := map[string]bool{}
	for i, c := range v.set.AnswerCodes {
		field := fmt.Sprintf("answerCodes[%d]", i)
		key := strings.ToLower(strings.TrimSpace(c.Code))
		if key == "" || answers[key] {
			v.Addf("requirement.code-not-unique", field+".code")
		}
		answers[key] = true
		if strings.TrimSpace(c.Option.Label) == "" {
			v.Addf("requirement.option-blank", field+".option.label")
		}
	}
}

func (v *validator) requirement(at string, r Requirement) {
	if strings.TrimSpace(r.Text) == "" {
		v.Addf("requirement.text-missing", at+".text")
	}
	if !r.Kind.Known() {
		v.Addf("requirement.kind-unknown", at+".kind")
	}
	if !r.AnswerType.Known() && !(r.AnswerType == NoAnswer && r.Kind == Information) {
		v.Addf("requirement.answer-type-unknown", at+".answerType")
	}
	if r.AnswerType == NoAnswer && r.Mandatory {
		v.Addf("requirement.mandatory-without-answer", at+".mandatory")
	}
	if r.Area != uuid.Nil && !slices.ContainsFunc(v.set.Areas, func(a Area) bool { return a.ID == r.Area }) {
		v.Addf("requirement.area-unknown", at+".area")
	}
	v.lots(at, r)
	v.options(at, r)
	v.passIf(at, r)
	v.limits(at, r)
	v.weight(at, r)
	v.condition(at, r)
	v.priceLines(at, r)
	v.serves(at, r)
	v.references(at, r)
	v.evidence(at, r)
}

func (v *validator) lots(at string, r Requirement) {
	for i, lot := range r.Lots {
		field := fmt.Sprintf("%s.lots[%d]", at, i)
		if !slices.ContainsFunc(v.set.Lots, func(l Lot) bool { return l.ID == lot }) {
			v.Addf("requirement.lot-unknown", field)
		}
		if slices.Contains(r.Lots[:i], lot) {
			v.Addf("requirement.lot-repeated", field)
		}
	}
}

func (v *validator) options(at string, r Requirement) {
	chooses := r.AnswerType == Choice || r.AnswerType == MultiChoice
	switch {
	case !chooses && len(r.Options) > 0:
		v.Addf("requirement.options-not-used", at+".options")
		return
	case chooses && len(r.Options) == 0:
		v.Addf("requirement.options-missing", at+".options")
	}
	seen := map[string]bool{}
	for i, o := range r.Options {
		field := fmt.Sprintf("%s.options[%d]", at, i)
		if strings.TrimSpace(o.Label) == "" {
			v.Addf("requirement.option-blank", field+".label")
		}
		if seen[o.Label] {
			v.Addf("requirement.option-repeated", field+".label")
		}
		seen[o.Label] = true
		if r.AnswerType == MultiChoice && (o.WantsDate || o.WantsComment) {
			v.Addf("requirement.option-wants-in-multi-choice", field)
		}
		if o.WantsPrice && !v.priced(r.ID, o.Label) {
			v.Addf("requirement.option-price-missing", field+".wantsPrice")
		}
	}
}

func (v *validator) passIf(at string, r Requirement) {
	if len(r.PassIf) > 0 && !r.IsAbsolute() {
		v.Addf("requirement.pass-if-not-absolute", at+".passIf")
		return
	}
	for i, p := range r.PassIf {
		if !r.canAnswer(p) {
			v.Addf("requirement.pass-if-unknown", fmt.Sprintf("%s.passIf[%d]", at, i))
		}
	}
}

// priced reports whether a price is asked for when the option is chosen.
func (v *validator) priced(id uuid.UUID, option string) bool {
	return slices.ContainsFunc(v.set.Requirements, func(r Requirement) bool {
		return r.Part() == Price && r.Condition != nil && slices.ContainsFunc(r.Condition.AnyOf, func(c Clause) bool {
			return c.Requirement == id && slices.Contains(c.Values, option)
		})
	})
}

// canAnswer reports whether a boolean, choice or multi-choice can be answered
// with the value.
func (r Requirement) canAnswer(value string) bool {
	if r.AnswerType == Boolean {
		return value == "true" || value == "false"
	}
	return slices.ContainsFunc(r.Options, func(o Option) bool { return o.Label == value })
}

func (v *validator) weight(at string, r Requirement) {
	if !r.IsRated() {
		if r.Weight != 0 {
			v.Addf("requirement.weight-not-rated", at+".weight")
		}
		if r.Criterion != uuid.Nil {
			v.Addf("requirement.criterion-not-rated", at+".criterion")
		}
		return
	}
	c, ok := v.set.Criterion(r.Criterion)
	if !ok {
		v.Addf("requirement.criterion-missing", at+".criterion")
	}
	if r.Part() == Price {
		if ok && c.Kind != PriceCriterion {
			v.Addf("requirement.price-in-quality", at+".criterion")
		}
		if r.Weight != 0 {
			v.Addf("requirement.weight-on-price", at+".weight")
		}
		return
	}
	if ok && c.Kind == PriceCriterion {
		v.Addf("requirement.quality-in-price", at+".criterion")
	}
	if r.Weight <= 0 || r.Weight > Hundred {
		v.Addf("requirement.weight-out-of-range", at+".weight")
	}
}
