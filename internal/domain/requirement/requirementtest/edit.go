package requirementtest

import (
	"slices"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// FullSets draws valid sets like Sets that also have needs, references, kinds
// of evidence and codes, and what documents do not tell: who wants a
// requirement, and where it was copied from.
func FullSets() *rapid.Generator[requirement.Set] {
	return rapid.Custom(func(t *rapid.T) requirement.Set {
		s := Sets().Draw(t, "set")
		next := IDs(1 << 20)
		s.Currency = rapid.SampledFrom([]string{"", "NOK", "EUR"}).Draw(t, "currency")
		if rapid.Bool().Draw(t, "copied") {
			s.CopiedFrom = []requirement.Source{{Procurement: next(), Set: next(), Version: 2}}
		}
		for range rapid.IntRange(0, 3).Draw(t, "needs") {
			s.Needs = append(s.Needs, requirement.Need{ID: next(), Number: "B", Text: text(t, "need")})
		}
		s.KindCodes = []requirement.KindCode{{Code: "M", Kind: requirement.Absolute, Text: rapid.SampledFrom([]string{"", "Må"}).Draw(t, "legend")}}
		for i := range s.Requirements {
			enrich(t, &s, i, next)
		}
		return s
	})
}

func enrich(t *rapid.T, s *requirement.Set, i int, next func() uuid.UUID) {
	r := &s.Requirements[i]
	r.EvidenceKind = rapid.SampledFrom(append(requirement.EvidenceKinds(), "")).Draw(t, "evidence kind")
	if len(s.Needs) > 0 && rapid.Bool().Draw(t, "serves") {
		r.Needs = []uuid.UUID{rapid.SampledFrom(s.Needs).Draw(t, "need").ID}
	}
	if rapid.Bool().Draw(t, "wanted") {
		r.SourceOrg, r.CopiedFrom = next(), next()
	}
	switch rapid.IntRange(0, 2).Draw(t, "reference") {
	case 1:
		r.References = []requirement.Reference{{Text: "Normen", URL: "https://example.org/normen"}}
	case 2:
		if i > 0 {
			r.References = []requirement.Reference{{Requirement: s.Requirements[0].ID}}
		}
	}
}

// Edited draws a later version of a set: requirements added, taken out, moved
// and changed, and changes outside them. It need not be valid.
func Edited(t *rapid.T, s requirement.Set) requirement.Set {
	s.Requirements = slices.Clone(s.Requirements)
	s.Criteria = slices.Clone(s.Criteria)
	next := IDs(1<<30 + rapid.Uint64Range(0, 1<<20).Draw(t, "new ids"))
	for range rapid.IntRange(0, 12).Draw(t, "edits") {
		n := len(s.Requirements)
		if n == 0 {
			break
		}
		at, to := rapid.IntRange(0, n-1).Draw(t, "at"), rapid.IntRange(0, n-1).Draw(t, "to")
		r := &s.Requirements[at]
		switch rapid.IntRange(0, 7).Draw(t, "edit") {
		case 0:
			s.Requirements = slices.Delete(s.Requirements, at, at+1)
		case 1:
			s.Requirements = slices.Insert(s.Requirements, at, requirement.Requirement{ID: next(), Text: text(t, "new"), Kind: requirement.Information})
		case 2:
			moved := *r
			s.Requirements = slices.Insert(slices.Delete(s.Requirements, at, at+1), to, moved)
		case 3:
			r.Text, r.Weight = text(t, "changed"), r.Weight+1
		case 4:
			r.Condition = &requirement.Condition{AnyOf: []requirement.Clause{{Requirement: s.Requirements[to].ID, Values: []string{"true"}}}}
		case 5:
			r.Lots, r.Options, r.Condition, r.Limits = nil, []requirement.Option{}, nil, requirement.Limits{Min: "1"}
		case 6:
			s.Criteria[0].Weight++
		case 7:
			s.Areas, s.Needs, s.Title = nil, append(slices.Clone(s.Needs), requirement.Need{ID: next(), Text: "Nytt behov"}), s.Title+"!"
		}
	}
	return s
}
