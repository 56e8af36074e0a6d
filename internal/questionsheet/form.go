package questionsheet

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/sheet"
	"github.com/fellesloft/fellesloft/internal/specification"
)

const (
	formSheet = "Spørsmål"
	listSheet = "Krav"
	blankRows = 50 // offered in the form
)

// Form writes the workbook in which a supplier asks: a row for each question,
// and the requirements beside it by the numbers that it may refer to.
func Form(set requirement.Set) ([]byte, error) {
	form := sheet.Table{
		Name:    formSheet,
		Above:   []string{"Spørsmål til " + set.Title, "Én rad per spørsmål, høyst " + strconv.Itoa(MaxQuestions) + ". Skriv numrene på kravene det gjelder, med semikolon mellom; de står i arket «" + listSheet + "»."},
		Columns: []sheet.Column{{Heading: "Krav", Width: 18, Open: true}, {Heading: "Spørsmål", Width: 110, Open: true}},
		Rows:    make([][]string, blankRows),
	}
	list := sheet.Table{Name: listSheet, Columns: []sheet.Column{{Heading: "Nr.", Width: 14}, {Heading: "Tittel", Width: 34}, {Heading: "Kravtekst", Width: 90}}}
	for _, r := range references(set) {
		list.Rows = append(list.Rows, []string{r.label, clip(r.of.Title), clip(r.of.Text)})
	}
	return sheet.WriteTables(form, list)
}

// maxShown bounds how much of a text is shown beside a question.
const maxShown = 8_000

func clip(text string) string {
	if r := []rune(text); len(r) > maxShown {
		return string(r[:maxShown]) + " …"
	}
	return text
}

// reference is how a requirement is referred to: by its number, and where the
// buyer has used that more than once also by which of them it is.
type reference struct {
	label string
	of    requirement.Requirement
}

func references(set requirement.Set) []reference {
	var all []reference
	seen := map[string]int{}
	for _, r := range set.Requirements {
		label := strings.Join(strings.Fields(r.Number), " ")
		if label == "" {
			continue
		}
		key := same(label)
		if seen[key]++; seen[key] > 1 {
			label += " (" + strconv.Itoa(seen[key]) + ")"
		}
		all = append(all, reference{label, r})
	}
	return all
}

// Asked is a question that was understood.
type Asked struct {
	Sheet        string      `json:"sheet"`
	Row          int         `json:"row"`
	Text         string      `json:"text"`
	Requirements []uuid.UUID `json:"requirements"`
}

// Questions is what was understood of a supplier's workbook.
type Questions struct {
	Questions []Asked   `json:"questions"`
	Problems  []Problem `json:"problems"`
}

// Questions understands a supplier's workbook against the published requirements.
// before are its earlier questions: one of the same words, whatever the spaces
// and capitals, is told and not taken. It returns Invalid
// (questionsheet.no-table) for a workbook without a column of questions, and
// TooLarge (questionsheet.too-many-questions).
func (f File) Questions(set requirement.Set, before []string) (Questions, error) {
	found, err := f.headed(colText)
	if err != nil {
		return Questions{}, err
	}
	rd := questionReader{labels: map[string]uuid.UUID{}, asked: map[string]bool{}, rows: map[string]int{}}
	for _, ref := range references(set) {
		rd.labels[same(ref.label)] = ref.of.ID
	}
	for _, text := range before {
		rd.asked[same(text)] = true
	}
	out := Questions{Questions: []Asked{}, Problems: []Problem{}}
	for _, t := range found {
		for _, row := range t.rows {
			asked, problem := rd.row(t, row)
			switch {
			case problem != nil:
				out.Problems = append(out.Problems, *problem)
			case asked != nil:
				out.Questions = append(out.Questions, *asked)
			}
			if len(out.Questions) > MaxQuestions {
				return Questions{}, fault.New(fault.TooLarge, "questionsheet.too-many-questions", fault.Params{"max": strconv.Itoa(MaxQuestions)})
			}
		}
	}
	return out, nil
}

type questionReader struct {
	labels map[string]uuid.UUID
	asked  map[string]bool
	rows   map[string]int // of this file, by their words
}

// row understands one row; neither where it is blank.
func (rd questionReader) row(t headed, row specification.Row) (*Asked, *Problem) {
	refuse := func(c column, rule string, params ...fault.Params) (*Asked, *Problem) {
		p := t.problem(row, c, rule, params...)
		return nil, &p
	}
	text, about := t.text(row, colText), t.text(row, colRequirements)
	switch {
	case text == "" && about == "":
		return nil, nil
	case text == "":
		return refuse(colText, ruleTextMissing)
	case count(text) > MaxText:
		return refuse(colText, ruleTooLong, fault.Params{"max": strconv.Itoa(MaxText)})
	case rd.asked[same(text)]:
		return refuse(colText, ruleAskedBefore)
	case rd.rows[same(text)] > 0:
		return refuse(colText, ruleRepeated, fault.Params{"row": strconv.Itoa(rd.rows[same(text)])})
	}
	ids, unknown := rd.requirements(about)
	const most = 100 // as the API has it
	switch {
	case unknown != "":
		return refuse(colRequirements, ruleUnknownRequirement, fault.Params{"number": unknown})
	case len(ids) > most:
		return refuse(colRequirements, ruleManyRequirements, fault.Params{"max": strconv.Itoa(most)})
	}
	rd.rows[same(text)] = row.Number
	return &Asked{t.sheet, row.Number, text, ids}, nil
}

// requirements reads the numbers of a cell. A number may itself hold a comma, so
// a comma divides only what is no number as it stands.
func (rd questionReader) requirements(cell string) (ids []uuid.UUID, unknown string) {
	ids = []uuid.UUID{}
	add := func(part string) bool {
		id, ok := rd.labels[same(part)]
		if ok && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
		return ok || strings.TrimSpace(part) == ""
	}
	for part := range strings.FieldsFuncSeq(cell, func(r rune) bool { return r == ';' || r == '\n' }) {
		if add(part) {
			continue
		}
		for each := range strings.SplitSeq(part, ",") {
			if !add(each) {
				return nil, clip(strings.TrimSpace(each))
			}
		}
	}
	return ids, ""
}
