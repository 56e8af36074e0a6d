package sheet

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// isSetup reports whether a sheet is one of the template's beside the
// requirements.
func isSetup(name string) bool {
	return slices.Contains([]string{criteriaSheet, areasSheet, lotsSheet, codesSheet}, name)
}

// setup reads the sheets with criteria, areas, lots and codes. A buyer's own
// workbook has none of them.
func (rd *reader) setup(grids []grid) {
	for _, g := range grids {
		for i, r := range g.rows {
			at := Cell{Sheet: g.name, Row: r.number}
			switch {
			case i == 0: // headings
			case g.name == criteriaSheet:
				rd.criterion(r, at)
			case g.name == areasSheet:
				rd.areaOf(r.at(0))
			case g.name == lotsSheet:
				rd.lot(r.at(0), at)
			case g.name == codesSheet:
				rd.code(r, at)
			}
		}
	}
}

func (rd *reader) criterion(r gridRow, at Cell) {
	c := requirement.Criterion{ID: rd.options.NewID(), Name: r.at(0)}
	for _, w := range criterionWords {
		if strings.EqualFold(w.word, r.at(1)) || strings.EqualFold(string(w.kind), r.at(1)) {
			c.Kind = w.kind
		}
	}
	if c.Kind == "" {
		rd.warn(at, "sheet.criterion-kind-unknown")
	}
	p, _, ok := percent(r.at(2), r.rawAt(2))
	if !ok {
		rd.warn(at, "sheet.weight-unreadable")
	}
	c.Weight = p
	if _, taken := rd.criteria[strings.ToLower(c.Name)]; taken {
		rd.warn(at, "sheet.criterion-repeated")
		return
	}
	rd.criteria[strings.ToLower(c.Name)] = c.ID
	rd.preview.Set.Criteria = append(rd.preview.Set.Criteria, c)
}

// code reads a row of the code list: what it is for, the code, what it means.
func (rd *reader) code(r gridRow, at Cell) {
	switch r.at(0) {
	case codeForKind:
		k, _, ok := kindOf(r.at(2), nil)
		if !ok {
			rd.warn(at, "sheet.kind-unknown")
			return
		}
		rd.preview.Set.KindCodes = append(rd.preview.Set.KindCodes, requirement.KindCode{Code: r.at(1), Kind: k})
	case codeForAnswer:
		rd.preview.Set.AnswerCodes = append(rd.preview.Set.AnswerCodes, requirement.AnswerCode{Code: r.at(1), Option: optionOf(r.at(2))})
	default:
		rd.warn(at, "sheet.code-unreadable")
	}
}

const (
	codeForKind   = "Kravtype"
	codeForAnswer = "Svar"
)

// areaPath writes an area with the areas it stands in.
func areaPath(s requirement.Set, id uuid.UUID) string {
	i := slices.IndexFunc(s.Areas, func(a requirement.Area) bool { return a.ID == id })
	if i < 0 {
		return ""
	}
	if a := s.Areas[i]; a.Parent != uuid.Nil && a.Parent != a.ID {
		return areaPath(s, a.Parent) + within + a.Title
	}
	return s.Areas[i].Title
}
