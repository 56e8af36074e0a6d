package requirementtest

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Renumbered gives every id of a set the number of its first appearance, so
// that two sets that differ only in ids become equal. It changes the set.
func Renumbered(s requirement.Set) requirement.Set {
	next, names := IDs(0), map[uuid.UUID]uuid.UUID{uuid.Nil: uuid.Nil}
	name := func(id uuid.UUID) uuid.UUID {
		if _, ok := names[id]; !ok {
			names[id] = next()
		}
		return names[id]
	}
	s.ID = name(s.ID)
	for i := range s.Lots {
		s.Lots[i].ID = name(s.Lots[i].ID)
	}
	for i := range s.Areas {
		s.Areas[i].ID, s.Areas[i].Parent = name(s.Areas[i].ID), name(s.Areas[i].Parent)
	}
	for i := range s.Criteria {
		s.Criteria[i].ID = name(s.Criteria[i].ID)
	}
	for i := range s.Needs {
		s.Needs[i].ID = name(s.Needs[i].ID)
	}
	for i := range s.Requirements {
		r := &s.Requirements[i]
		r.ID, r.Area, r.Criterion = name(r.ID), name(r.Area), name(r.Criterion)
		for n := range r.Lots {
			r.Lots[n] = name(r.Lots[n])
		}
		for n := range r.Needs {
			r.Needs[n] = name(r.Needs[n])
		}
	}
	for i := range s.Requirements {
		for n := range s.Requirements[i].References {
			ref := &s.Requirements[i].References[n]
			ref.Requirement = name(ref.Requirement)
		}
		if c := s.Requirements[i].Condition; c != nil {
			for n := range c.AnyOf {
				c.AnyOf[n].Requirement = name(c.AnyOf[n].Requirement)
			}
		}
	}
	return s
}

// FirstDifference shows one differing requirement rather than two whole sets.
func FirstDifference(want, got requirement.Set) string {
	d := requirement.Changed(want, got)
	if len(d.Changed) == 0 {
		return fmt.Sprintf("%+v", d)
	}
	a, _ := want.Requirement(d.Changed[0].Requirement)
	b, _ := got.Requirement(d.Changed[0].Requirement)
	return fmt.Sprintf("%v\nwant %+v\ngot  %+v", d.Changed[0].Fields, a, b)
}

// Told takes away what documents do not tell suppliers: who wants a
// requirement, and where it and the set were copied from. It changes the set.
func Told(s requirement.Set) requirement.Set {
	s.CopiedFrom = nil
	for i := range s.Requirements {
		s.Requirements[i].SourceOrg, s.Requirements[i].CopiedFrom = uuid.Nil, uuid.Nil
	}
	return s
}
