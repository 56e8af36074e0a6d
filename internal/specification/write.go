package specification

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Column is a column of the template. Width is in characters.
type Column struct {
	Field   Field
	Heading string
	Width   float64
}

// Columns gives the template's columns in the order they are written.
func Columns() []Column {
	all := make([]Column, len(headings))
	for i, h := range headings {
		all[i] = Column{h.field, h.text, h.width}
	}
	return all
}

// ColumnsOf gives the columns that lines need to be read back: those that each
// requirement has, and those that hold something. The area is a heading.
func ColumnsOf(lines []Line) []Column {
	always := []Field{fieldNumber, fieldText, fieldKind, fieldAnswerType, fieldMandatory}
	return slices.DeleteFunc(Columns(), func(c Column) bool {
		if c.Field == fieldArea {
			return true
		}
		holds := func(l Line) bool { return l.Texts[c.Field] != "" }
		return !slices.Contains(always, c.Field) && !slices.ContainsFunc(lines, holds)
	})
}

// Line is one written row: a requirement or a line of its price schedule.
type Line struct {
	// Requirement is the index of the requirement in the set.
	Requirement int
	Texts       map[Field]string
}

// RowsOf counts the rows that each requirement takes: its own and one for each
// line of its price schedule.
func RowsOf(r requirement.Requirement) int { return 1 + len(r.PriceLines) }

// Lines gives the rows of a set. places says where each requirement will stand.
// What suppliers do not see, the organisation that wants a requirement and the
// set that it was copied from, is not written.
// It returns an Invalid fault for price lines by buyer, which are written by the
// price schedule's own workbook.
func Lines(s requirement.Set, places []Place) ([]Line, error) {
	var all []Line
	for i, r := range s.Requirements {
		all = append(all, Line{i, textsOf(s, r, places)})
		for n, l := range r.PriceLines {
			if len(l.Buyers) > 0 {
				return nil, fault.New(fault.Invalid, "specification.price-lines-by-buyer").At(fmt.Sprintf("%s.priceLines[%d]", requirementField(i), n))
			}
			all = append(all, Line{i, map[Field]string{
				fieldNumber: l.Code, fieldText: l.Text, fieldAnswerType: priceLine, fieldQuantity: l.Quantity, fieldUnit: l.Unit,
				fieldCounts: truthWord(l.Counts), fieldPeriods: strings.Join(l.Periods, "\n"),
			}})
		}
	}
	return all, nil
}

// Appendix is a table beside the requirements. It is left out where it would
// have no rows.
type Appendix struct {
	Name     string
	Headings []string
	Rows     [][]string
}

// Appendices gives the criteria, areas, lots, codes and needs of a set.
func Appendices(s requirement.Set) []Appendix {
	var criteria, areas, lots, codes, needs [][]string
	for _, c := range s.Criteria {
		criteria = append(criteria, []string{c.Name, criterionWord(c.Kind), c.Weight.String()})
	}
	for _, a := range s.Areas {
		areas = append(areas, []string{pathOf(AreaPath(s, a.ID))})
	}
	for _, l := range s.Lots {
		lots = append(lots, []string{l.Name})
	}
	for _, c := range s.KindCodes {
		codes = append(codes, []string{codeForKind, c.Code, kindWord(c.Kind), c.Text})
	}
	for _, c := range s.AnswerCodes {
		codes = append(codes, []string{codeForAnswer, c.Code, optionText(c.Option), ""})
	}
	if s.Currency != "" {
		codes = append(codes, []string{codeForCurrency, s.Currency, "", ""})
	}
	for _, n := range s.Needs {
		needs = append(needs, []string{n.Number, n.Text})
	}
	var all []Appendix
	for _, a := range []Appendix{{Name: criteriaTable, Rows: criteria}, {Name: areasTable, Rows: areas}, {Name: lotsTable, Rows: lots}, {Name: codesTable, Rows: codes}, {Name: needsTable, Rows: needs}} {
		if len(a.Rows) > 0 {
			a.Headings = appendices[a.Name]
			all = append(all, a)
		}
	}
	return all
}

// AreaPath gives the titles of an area and those it stands in, the outermost
// first; none for uuid.Nil.
func AreaPath(s requirement.Set, id uuid.UUID) []string {
	var path []string
	for range s.Areas { // no path is longer, however the areas refer to each other
		i := slices.IndexFunc(s.Areas, func(a requirement.Area) bool { return a.ID == id })
		if i < 0 {
			break
		}
		path = append(path, s.Areas[i].Title)
		id = s.Areas[i].Parent
	}
	slices.Reverse(path)
	return path
}

// Vocabulary gives the words that a column is limited to; none for a column of
// free text.
func Vocabulary(s requirement.Set, f Field) []string {
	var all []string
	switch f {
	case fieldKind:
		for _, k := range kindWords {
			all = append(all, kindText(s, k.kind))
		}
	case fieldAnswerType:
		for _, a := range answerWords {
			all = append(all, a.word)
		}
		all = append(all, priceLine)
	case fieldEvidenceKind:
		for _, w := range evidenceWords {
			all = append(all, w.word)
		}
	case fieldMandatory, fieldCounts:
		all = []string{yes, no}
	}
	return all
}

func textsOf(s requirement.Set, r requirement.Requirement, places []Place) map[Field]string {
	texts := map[Field]string{
		fieldNumber: r.Number, fieldTitle: r.Title, fieldText: r.Text, fieldHelp: r.Help, fieldKind: kindText(s, r.Kind),
		fieldAnswerType: answerWord(r.AnswerType), fieldMin: r.Limits.Min, fieldMax: r.Limits.Max, fieldUnit: r.Limits.Unit,
		fieldMandatory: truthWord(r.Mandatory), fieldEvidence: r.Evidence, fieldOrigin: r.Origin,
		fieldWords: count(r.Limits.Words), fieldCharacters: count(r.Limits.Characters), fieldArea: pathOf(AreaPath(s, r.Area)),
	}
	texts[fieldEvidenceKind] = evidenceWord(r.EvidenceKind)
	texts[fieldNeeds], texts[fieldReferences] = needsText(s, r), referencesText(s, r, places)
	var options, pass, lots []string
	for _, o := range r.Options {
		options = append(options, optionText(o))
	}
	for _, p := range r.PassIf {
		if r.AnswerType == requirement.Boolean {
			p = truthWord(p == "true")
		}
		pass = append(pass, p)
	}
	for _, l := range s.Lots {
		if slices.Contains(r.Lots, l.ID) {
			lots = append(lots, l.Name)
		}
	}
	texts[fieldOptions], texts[fieldPassIf], texts[fieldLots] = strings.Join(options, "\n"), strings.Join(pass, "\n"), strings.Join(lots, "\n")
	if c, ok := s.Criterion(r.Criterion); ok {
		texts[fieldCriterion] = c.Name
	}
	if r.Weight != 0 {
		texts[fieldWeight] = r.Weight.String() + " %"
	}
	if r.Condition != nil {
		texts[fieldCondition] = conditionText(s, *r.Condition, places)
	}
	return texts
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// kindText prefers the buyer's own code.
func kindText(s requirement.Set, k requirement.Kind) string {
	for _, c := range s.KindCodes {
		if c.Kind == k {
			return c.Code
		}
	}
	return kindWord(k)
}
