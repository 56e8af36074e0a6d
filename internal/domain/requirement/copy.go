package requirement

import (
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// Source is a version of an earlier set that requirements were copied from.
type Source struct {
	Procurement uuid.UUID `json:"procurement"`
	Set         uuid.UUID `json:"set"`
	Version     int       `json:"version"`
}

// Copy makes a set for another procurement: requirements get new ids and keep
// what they were copied from and their library origin. Areas, criteria and
// needs keep their ids, which hold within one set only. Lots are the target's:
// a requirement limited to lots keeps those that the target has by name.
//
// The warnings tell what could not come along: limits to lots that the target
// does not have (requirement.copy-lots; where none is left, the requirement
// holds for all lots) and the buyers of price lines (requirement.copy-buyers).
func (s Set) Copy(from Source, lots []Lot, next func() uuid.UUID) (Set, []Warning) {
	out := s
	out.ID, out.Lots, out.CopiedFrom = uuid.Nil, lots, []Source{from}
	ids := make(map[uuid.UUID]uuid.UUID, len(s.Requirements))
	for _, r := range s.Requirements {
		ids[r.ID] = next()
	}
	names := lotsByName(lots)
	out.Requirements = make([]Requirement, 0, len(s.Requirements))
	var lost []Warning
	lose := func(rule, field string) { lost = append(lost, Warning{rule, field, nil}) }
	for i, r := range s.Requirements {
		at := fmt.Sprintf("requirements[%d]", i)
		c := r.renamed(ids)
		c.CopiedFrom, c.SourceOrg, c.Lots = r.ID, uuid.Nil, nil
		for _, lot := range r.Lots {
			if id, ok := names[lotName(s.lot(lot))]; ok {
				c.Lots = append(c.Lots, id)
			}
		}
		if len(c.Lots) < len(r.Lots) {
			lose("requirement.copy-lots", at+".lots")
		}
		c.PriceLines = nil
		for n, l := range r.PriceLines {
			if len(l.Buyers) > 0 {
				lose("requirement.copy-buyers", fmt.Sprintf("%s.priceLines[%d].buyers", at, n))
			}
			l.Buyers = nil
			c.PriceLines = append(c.PriceLines, l)
		}
		out.Requirements = append(out.Requirements, c)
	}
	return out, lost
}

// SeenFrom gives the set with the ids of the earlier set that requirements of
// it were copied from, so that the two can be compared by [Changed]. Lots are
// the same where their names are. What says where the copy comes from is left
// out.
func (s Set) SeenFrom(earlier Set) Set {
	ids := make(map[uuid.UUID]uuid.UUID, len(s.Requirements))
	was, taken := earlier.indexed(), map[uuid.UUID]bool{}
	for _, r := range s.Requirements {
		if _, there := was[r.CopiedFrom]; there && !taken[r.CopiedFrom] {
			ids[r.ID], taken[r.CopiedFrom] = r.CopiedFrom, true
		}
	}
	names, lots := lotsByName(earlier.Lots), map[uuid.UUID]uuid.UUID{}
	out := s
	out.ID, out.CopiedFrom, out.Lots = earlier.ID, earlier.CopiedFrom, nil
	for _, l := range s.Lots {
		if id, same := names[lotName(l)]; same {
			lots[l.ID] = id
			l.ID = id
		}
		out.Lots = append(out.Lots, l)
	}
	out.Requirements = make([]Requirement, 0, len(s.Requirements))
	for _, r := range s.Requirements {
		c := r.renamed(ids)
		if i, copied := was[c.ID]; copied {
			c.CopiedFrom, c.SourceOrg = earlier.Requirements[i].CopiedFrom, earlier.Requirements[i].SourceOrg
		}
		c.Lots = nil
		for _, lot := range r.Lots {
			if id, same := lots[lot]; same {
				lot = id
			}
			c.Lots = append(c.Lots, lot)
		}
		out.Requirements = append(out.Requirements, c)
	}
	return out
}

// ForSuppliers gives the set without what is the buyers' own: who wanted a
// requirement, and which earlier set it was copied from.
func (s Set) ForSuppliers() Set {
	s.CopiedFrom = nil
	all := make([]Requirement, 0, len(s.Requirements))
	for _, r := range s.Requirements {
		r.SourceOrg, r.CopiedFrom = uuid.Nil, uuid.Nil
		all = append(all, r)
	}
	s.Requirements = all
	return s
}

// renamed gives the requirement with other ids, also where it speaks of others.
// An id without another one stays.
func (r Requirement) renamed(ids map[uuid.UUID]uuid.UUID) Requirement {
	other := func(id uuid.UUID) uuid.UUID {
		if o, ok := ids[id]; ok {
			return o
		}
		return id
	}
	r.ID = other(r.ID)
	if r.Condition != nil {
		c := Condition{AnyOf: make([]Clause, 0, len(r.Condition.AnyOf))}
		for _, clause := range r.Condition.AnyOf {
			clause.Requirement = other(clause.Requirement)
			c.AnyOf = append(c.AnyOf, clause)
		}
		r.Condition = &c
	}
	if len(r.References) > 0 {
		all := make([]Reference, 0, len(r.References))
		for _, ref := range r.References {
			ref.Requirement = other(ref.Requirement)
			all = append(all, ref)
		}
		r.References = all
	}
	return r
}

func (s Set) lot(id uuid.UUID) Lot {
	for _, l := range s.Lots {
		if l.ID == id {
			return l
		}
	}
	return Lot{}
}

func lotName(l Lot) string { return strings.ToLower(strings.TrimSpace(l.Name)) }

// lotsByName leaves out a name that two lots bear.
func lotsByName(lots []Lot) map[string]uuid.UUID {
	out, shared := map[string]uuid.UUID{}, map[string]bool{"": true}
	for _, l := range lots {
		name := lotName(l)
		if _, twice := out[name]; twice {
			shared[name] = true
		}
		out[name] = l.ID
	}
	for name := range shared {
		delete(out, name)
	}
	return out
}
