package answersheet

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// guidance is all that a supplier has to know of how to answer one requirement:
// help, what the answer looks like, its limits, and the evidence asked for.
func guidance(set requirement.Set, r requirement.Requirement) string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(r.Help)
	add(limits(set, r))
	if r.Evidence != "" {
		add("Dokumentasjon: " + r.Evidence)
	}
	return strings.Join(parts, "\n\n")
}

func currency(set requirement.Set) string {
	if set.Currency == "" {
		return "NOK"
	}
	return set.Currency
}

func limits(set requirement.Set, r requirement.Requirement) string {
	l := r.Limits
	unit := l.Unit
	switch r.AnswerType {
	case requirement.Text:
		var s []string
		if l.Words > 0 {
			s = append(s, "Høyst "+strconv.Itoa(l.Words)+" ord.")
		}
		if l.Characters > 0 {
			s = append(s, "Høyst "+strconv.Itoa(l.Characters)+" tegn.")
		}
		return strings.Join(s, " ")
	case requirement.Money:
		unit = currency(set) + " ekskl. mva."
	case requirement.MultiChoice:
		unit = "valg"
	case requirement.Document:
		unit = "filer"
		if l == (requirement.Limits{}) {
			return "Skriv ett filnavn på hver linje. Filene lastes opp for seg."
		}
	case requirement.Choice:
		return wanted(r)
	}
	show := func(limit string) string {
		if day, err := showDate(limit); err == nil && r.AnswerType == requirement.Date {
			return day
		}
		return strings.ReplaceAll(limit, ".", ",")
	}
	switch {
	case l.Min != "" && l.Max != "":
		return strings.TrimSpace("Fra "+show(l.Min)+" til "+show(l.Max)+" "+unit) + "."
	case l.Min != "":
		return strings.TrimSpace("Minst "+show(l.Min)+" "+unit) + "."
	case l.Max != "":
		return strings.TrimSpace("Høyst "+show(l.Max)+" "+unit) + "."
	case unit != "":
		return "Enhet: " + unit
	}
	return ""
}

// wanted says what has to stand beside some options.
func wanted(r requirement.Requirement) string {
	var all []string
	for _, o := range r.Options {
		switch {
		case o.WantsDate && o.WantsComment:
			all = append(all, "«"+o.Label+"» skal ha dato og kommentar.")
		case o.WantsDate:
			all = append(all, "«"+o.Label+"» skal ha dato.")
		case o.WantsComment:
			all = append(all, "«"+o.Label+"» skal ha kommentar.")
		}
	}
	return strings.Join(all, "\n")
}

// explained says when a requirement applies, "" for always.
func explained(set requirement.Set, r requirement.Requirement) string {
	var parts []string
	if len(r.Lots) > 0 {
		var names []string
		for _, l := range set.Lots {
			if slices.Contains(r.Lots, l.ID) {
				names = append(names, l.Name)
			}
		}
		parts = append(parts, "Gjelder "+strings.Join(names, ", ")+".")
	}
	if r.Condition == nil {
		return strings.Join(parts, "\n")
	}
	var clauses []string
	for _, c := range r.Condition.AnyOf {
		on, ok := set.Requirement(c.Requirement)
		if !ok {
			continue
		}
		values := make([]string, len(c.Values))
		for i, v := range c.Values {
			if on.AnswerType == requirement.Boolean {
				v = truthWord(v == "true")
			}
			values[i] = "«" + v + "»"
		}
		clauses = append(clauses, "krav "+named(on)+" er besvart med "+strings.Join(values, " eller "))
	}
	return strings.Join(append(parts, "Gjelder hvis "+strings.Join(clauses, ", eller hvis ")+"."), "\n")
}

// named is how a requirement is spoken of: its number, else its text.
func named(r requirement.Requirement) string {
	if s := plain(r.Number); s != "" {
		return s
	}
	text := []rune(plain(r.Title + " " + r.Text))
	return "«" + string(text[:min(len(text), 60)]) + "»"
}

// areaPath writes an area with the areas it stands in.
func areaPath(set requirement.Set, id uuid.UUID) string {
	var path []string
	for range len(set.Areas) { // a set that is not valid may lead round
		i := slices.IndexFunc(set.Areas, func(a requirement.Area) bool { return a.ID == id })
		if i < 0 {
			break
		}
		path = append(path, set.Areas[i].Title)
		id = set.Areas[i].Parent
	}
	slices.Reverse(path)
	return strings.Join(path, " › ")
}
