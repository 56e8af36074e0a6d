package specification

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// pending is a condition or list of references whose numbers are not resolved
// yet.
type pending struct {
	index int // of the requirement in the set
	text  string
	place Place
}

// byRow begins a reference to a row, used where a number is not unique: the
// row's number, in a Word document with the table's number before it (3.5).
const byRow = "rad:"

func placeName(p Place) string {
	if p.Table > 0 {
		return fmt.Sprintf("%d.%d", p.Table, p.Row)
	}
	return strconv.Itoa(p.Row)
}

func (rd *reader) resolvePending(numbers map[string][]int) {
	places := map[Place]int{}
	for i, u := range rd.preview.Rows {
		places[u.Place] = i
	}
	for _, p := range rd.references {
		rd.resolveReferences(p, numbers, places)
	}
	for _, p := range rd.conditions {
		var c requirement.Condition
		for _, line := range lines(p.text) {
			number, value, ok := strings.Cut(line, " = ")
			i, found := rd.referred(strings.TrimSpace(number), p, numbers, places)
			if !ok || !found {
				rd.warn(p.place, "specification.condition-unreadable")
				continue
			}
			on := rd.preview.Set.Requirements[i]
			value = strings.TrimSpace(value)
			if on.AnswerType == requirement.Boolean {
				value = booleanValue(value)
			}
			if n := len(c.AnyOf); n > 0 && c.AnyOf[n-1].Requirement == on.ID {
				c.AnyOf[n-1].Values = append(c.AnyOf[n-1].Values, value)
				continue
			}
			c.AnyOf = append(c.AnyOf, requirement.Clause{Requirement: on.ID, Values: []string{value}})
		}
		if len(c.AnyOf) > 0 {
			rd.preview.Set.Requirements[p.index].Condition = &c
		}
	}
}

// referred finds the requirement that a condition names. Of several with the
// same number it takes the nearest one above, with a warning.
func (rd *reader) referred(number string, p pending, numbers map[string][]int, places map[Place]int) (int, bool) {
	if text, ok := strings.CutPrefix(number, byRow); ok {
		i, ok := places[rowNamed(strings.TrimSpace(text), p.place)]
		return i, ok
	}
	all := numbers[number]
	if len(all) == 0 {
		return -1, false
	}
	if len(all) > 1 {
		rd.warn(p.place, "specification.reference-ambiguous", fault.Params{"number": number})
	}
	// The first one that is not above tells how many are.
	above, _ := slices.BinarySearch(all, p.index)
	return all[max(above-1, 0)], true
}

// rowNamed reads what placeName wrote, near a place.
func rowNamed(text string, near Place) Place {
	table, row, ok := strings.Cut(text, ".")
	if !ok {
		table, row = "0", text
	}
	t, err := strconv.Atoi(table)
	n, err2 := strconv.Atoi(row)
	if err != nil || err2 != nil {
		return Place{}
	}
	return Place{Sheet: near.Sheet, Table: t, Row: n}
}

// conditionText writes a condition, one value per line. places gives the place
// of each requirement.
func conditionText(s requirement.Set, c requirement.Condition, places []Place) string {
	var all []string
	for _, clause := range c.AnyOf {
		i := slices.IndexFunc(s.Requirements, func(r requirement.Requirement) bool { return r.ID == clause.Requirement })
		if i < 0 {
			continue
		}
		on := s.Requirements[i]
		name := nameOf(s, i, places)
		for _, value := range clause.Values {
			if on.AnswerType == requirement.Boolean {
				value = truthWord(value == "true")
			}
			all = append(all, name+" = "+value)
		}
	}
	return strings.Join(all, "\n")
}

// nameOf gives the number of a requirement, or its row where that says more.
func nameOf(s requirement.Set, i int, places []Place) string {
	if refersTo(s, i) {
		return s.Requirements[i].Number
	}
	return byRow + placeName(places[i])
}

// refersTo reports whether a requirement's number names it and nothing else.
func refersTo(s requirement.Set, i int) bool {
	number := s.Requirements[i].Number
	if number == "" || strings.ContainsAny(number, "=\n") || strings.HasPrefix(number, byRow) {
		return false
	}
	return !slices.ContainsFunc(s.Requirements, func(r requirement.Requirement) bool {
		return r.Number == number && r.ID != s.Requirements[i].ID
	})
}
