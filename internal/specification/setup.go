package specification

import (
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// appendices are the template's tables beside the requirements, with their
// headings.
var appendices = map[string][]string{
	criteriaTable: {"Navn", "Slag", "Vekt %"},
	areasTable:    {"Område"},
	lotsTable:     {"Navn"},
	codesTable:    {"Gjelder", "Kode", "Betyr", "Forklaring"},
	needsTable:    {"Nummer", "Behov"},
}

// isSetup reports whether a table is one of those, by name and headings.
func isSetup(t Table) bool {
	want, ok := appendices[t.Name]
	if !ok || len(t.Rows) == 0 {
		return false
	}
	filled := t.Rows[0].filled()
	for i := range filled {
		if i >= len(want) || t.Rows[0].at(i) != want[i] {
			return false
		}
	}
	return len(filled) >= min(len(want), fewestHeadings)
}

// fewestHeadings are those that a table of codes had before it got remarks.
const fewestHeadings = 3

// setup reads the tables with criteria, areas, lots and codes. A buyer's own
// document has none of them.
func (rd *reader) setup(d Document) {
	for _, t := range d.Tables {
		if !isSetup(t) {
			continue
		}
		for _, r := range t.Rows[1:] {
			at := t.Place.at(r.Number)
			switch t.Name {
			case criteriaTable:
				rd.criterion(r, at)
			case areasTable:
				rd.areaOf(r.at(0))
			case lotsTable:
				rd.lot(r.at(0), at)
			case codesTable:
				rd.code(r, at)
			case needsTable:
				rd.preview.Set.Needs = append(rd.preview.Set.Needs, requirement.Need{ID: rd.options.NewID(), Number: r.at(0), Text: r.at(1)})
			}
		}
	}
}

func (rd *reader) criterion(r Row, at Place) {
	c := requirement.Criterion{ID: rd.options.NewID(), Name: r.at(0)}
	for _, w := range criterionWords {
		if strings.EqualFold(w.word, r.at(1)) || strings.EqualFold(string(w.kind), r.at(1)) {
			c.Kind = w.kind
		}
	}
	if c.Kind == "" {
		rd.warn(at, "specification.criterion-kind-unknown")
	}
	p, _, ok := percent(r.at(2), r.stored(2))
	if !ok {
		rd.warn(at, "specification.weight-unreadable")
	}
	c.Weight = p
	if _, taken := rd.criteria[strings.ToLower(c.Name)]; taken {
		rd.warn(at, "specification.criterion-repeated")
		return
	}
	rd.criteria[strings.ToLower(c.Name)] = c.ID
	rd.preview.Set.Criteria = append(rd.preview.Set.Criteria, c)
}

// code reads a row of the code list: what it is for, the code, what it means.
func (rd *reader) code(r Row, at Place) {
	switch r.at(0) {
	case codeForKind:
		k, _, ok := kindOf(r.at(2))
		if !ok {
			rd.warn(at, "specification.kind-unknown", fault.Params{"code": r.at(1)})
			return
		}
		if _, taken := coded(rd.preview.Set.KindCodes, r.at(1)); !taken {
			rd.preview.Set.KindCodes = append(rd.preview.Set.KindCodes, requirement.KindCode{Code: r.at(1), Kind: k, Text: r.at(3)})
		}
	case codeForAnswer:
		rd.preview.Set.AnswerCodes = append(rd.preview.Set.AnswerCodes, requirement.AnswerCode{Code: r.at(1), Option: optionOf(r.at(2))})
	case codeForCurrency:
		rd.preview.Set.Currency = r.at(1)
	default:
		rd.warn(at, "specification.code-unreadable")
	}
}

const (
	codeForKind     = "Kravtype"
	codeForAnswer   = "Svar"
	codeForCurrency = "Valuta"
)
