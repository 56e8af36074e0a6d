package sheet

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// pending is a condition whose numbers are not resolved yet.
type pending struct {
	index int // of the requirement in the set
	text  string
	at    Cell
}

// byRow begins a reference to a row of the same sheet, used where a number is
// not unique.
const byRow = "rad:"

func (rd *reader) resolveConditions() {
	for _, p := range rd.conditions {
		var c requirement.Condition
		for _, line := range lines(p.text) {
			number, value, ok := strings.Cut(line, " = ")
			i, found := rd.referred(strings.TrimSpace(number), p)
			if !ok || !found {
				rd.warn(p.at, "sheet.condition-unreadable")
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
func (rd *reader) referred(number string, p pending) (int, bool) {
	if text, ok := strings.CutPrefix(number, byRow); ok {
		row, err := strconv.Atoi(strings.TrimSpace(text))
		i := slices.IndexFunc(rd.preview.Rows, func(u Understood) bool { return u.Sheet == p.at.Sheet && u.Row == row })
		return i, err == nil && i >= 0
	}
	found, times := -1, 0
	for i, u := range rd.preview.Rows {
		if u.Number != number {
			continue
		}
		if times++; times == 1 || i < p.index {
			found = i
		}
	}
	if times > 1 {
		rd.warn(p.at, "sheet.condition-ambiguous")
	}
	return found, found >= 0
}

// conditionText writes a condition, one value per line. rows gives the row of
// each requirement.
func conditionText(s requirement.Set, c requirement.Condition, rows []int) string {
	var all []string
	for _, clause := range c.AnyOf {
		i := slices.IndexFunc(s.Requirements, func(r requirement.Requirement) bool { return r.ID == clause.Requirement })
		if i < 0 {
			continue
		}
		on := s.Requirements[i]
		name := on.Number
		if !refersTo(s, i) {
			name = fmt.Sprintf("%s%d", byRow, rows[i])
		}
		for _, value := range clause.Values {
			if on.AnswerType == requirement.Boolean {
				value = truthWord(value == "true")
			}
			all = append(all, name+" = "+value)
		}
	}
	return strings.Join(all, "\n")
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
