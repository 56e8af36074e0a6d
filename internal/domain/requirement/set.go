// Package requirement is the question side of everything that asks suppliers
// or municipalities for answers: requirement sets, answer types, conditions,
// the checking of answers, and what changed between two versions.
//
// It is pure: values in, values out, the same result for the same input.
package requirement

import (
	"slices"

	"github.com/google/uuid"
)

// Set is one version of a list of requirements with the criteria that they are
// evaluated under. Order matters: it is the order a supplier reads.
type Set struct {
	ID    uuid.UUID `json:"id"`
	Title string    `json:"title"`
	// Currency is that of all amounts (ISO 4217); empty means NOK.
	Currency     string        `json:"currency,omitempty"`
	Needs        []Need        `json:"needs,omitempty"`
	Lots         []Lot         `json:"lots,omitempty"`
	Areas        []Area        `json:"areas,omitempty"`
	Criteria     []Criterion   `json:"criteria,omitempty"`
	Requirements []Requirement `json:"requirements"`
	// KindCodes is the buyer's own code list for kinds (A/B/C, A/V/AV, M/B …).
	KindCodes []KindCode `json:"kindCodes,omitempty"`
	// AnswerCodes is the buyer's own code list for answers, from which choices
	// are made at import.
	AnswerCodes []AnswerCode `json:"answerCodes,omitempty"`
	// CopiedFrom are the earlier sets that requirements were copied from.
	CopiedFrom []Source `json:"copiedFrom,omitempty"`
}

// Lot is a lot (delkontrakt) that requirements may be limited to. The
// procurement owns the lot; the set knows its id and the name used in documents.
type Lot struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// Area is a heading that requirements stand under. Parent is uuid.Nil for an
// area at the top.
type Area struct {
	ID     uuid.UUID `json:"id"`
	Title  string    `json:"title"`
	Parent uuid.UUID `json:"parent,omitzero"`
}

// KindCode maps a code of the buyer's to a kind.
type KindCode struct {
	Code string `json:"code"`
	Kind Kind   `json:"kind"`
	// Text is what the buyer's own legend says of the code.
	Text string `json:"text,omitempty"`
}

// AnswerCode maps a code of the buyer's to an option of a choice.
type AnswerCode struct {
	Code   string `json:"code"`
	Option Option `json:"option"`
}

// Requirement finds a requirement by id.
func (s Set) Requirement(id uuid.UUID) (Requirement, bool) {
	i := slices.IndexFunc(s.Requirements, func(r Requirement) bool { return r.ID == id })
	if i < 0 {
		return Requirement{}, false
	}
	return s.Requirements[i], true
}

// Criterion finds a criterion by id.
func (s Set) Criterion(id uuid.UUID) (Criterion, bool) {
	i := slices.IndexFunc(s.Criteria, func(c Criterion) bool { return c.ID == id })
	if i < 0 {
		return Criterion{}, false
	}
	return s.Criteria[i], true
}

// EnvironmentWeight is the sum of the weights of environment criteria, which
// the rule packs judge (anskaffelsesloven §§ 5b and 5c; FOA § 7-9 before
// 2026-07-01).
func (s Set) EnvironmentWeight() Percent {
	var sum Percent
	for _, c := range s.Criteria {
		if c.Kind == Environment {
			sum += c.Weight
		}
	}
	return sum
}
