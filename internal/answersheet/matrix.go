package answersheet

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Column is a supplier's opened tender in the matrix.
type Column struct {
	Supplier string
	// Rejected tells that the tender was rejected.
	Rejected bool
	// Under is the version that the answers were given under, where an amendment
	// since touches them and nobody has confirmed them; 0 otherwise. Missing is
	// what it asks in addition.
	Under   int
	Missing []uuid.UUID
	Answers requirement.Answers
	// Withheld stands in place of what has been taken out, by requirement.
	Withheld map[uuid.UUID]string
}

// Matrix is all opened tenders beside each other.
type Matrix struct {
	Set requirement.Set
	// Price tells that the price part is open; else no amount is written,
	// whatever Values hold.
	Price   bool
	Columns []Column
	// Buyers are names by the ids that answers cover.
	Buyers map[uuid.UUID]string
	// Withheld are lines about what has been taken out, on a sheet of their own
	// under a heading; none without a heading.
	WithheldHeading string
	Withheld        []WithheldLine
}

// WithheldLine is one thing that a public version leaves out.
type WithheldLine struct{ Number, What, Reason string }

const (
	matrixSheet  = "Svar"
	matrixHeader = 3
	sealedText   = "Ikke åpnet"
	secretText   = "Forretningshemmelighet: "
	coversText   = "Gjelder bare: "
	withheldName = "Unntatt"
	missingText  = "Ikke besvart"
)

var matrixHeadings = []string{"Nr.", "Område", "Krav", "Slag", "Vekt", "Svartype"}

// WriteMatrix writes the requirements with the answers of every supplier as a
// workbook: one row for each requirement, one column for each supplier. Texts
// are texts, whatever they begin with; amounts are numbers, a price schedule
// being the total that counts. A text beyond what a cell holds is shortened and
// says so. It is for those who may read the opened tenders.
func WriteMatrix(m Matrix) ([]byte, error) {
	b, err := newBook()
	if err != nil {
		return nil, err
	}
	b.sheet(matrixSheet, true)
	b.put(matrixSheet, 0, 1, m.Set.Title, b.styles.bold)
	for i, h := range matrixHeadings {
		b.put(matrixSheet, i, matrixHeader, h, b.styles.header)
	}
	for i, c := range m.Columns {
		name := c.Supplier
		if c.Rejected {
			name += " (avvist)"
		}
		if c.Under > 0 {
			name += " (ikke bekreftet, svarer på versjon " + strconv.Itoa(c.Under) + ")"
		}
		b.put(matrixSheet, len(matrixHeadings)+i, matrixHeader, name, b.styles.header)
	}
	for i, r := range m.Set.Requirements {
		row := matrixHeader + 1 + i
		weight := ""
		if r.Weight != 0 {
			weight = strings.ReplaceAll(r.Weight.String(), ".", ",") + " %"
		}
		for column, text := range []string{r.Number, areaPath(m.Set, r.Area), strings.TrimSpace(r.Title + "\n" + r.Text), kindWords[r.Kind], weight, typeWords[r.AnswerType]} {
			b.put(matrixSheet, column, row, text, b.styles.text)
		}
		for j, c := range m.Columns {
			b.matrixCell(len(matrixHeadings)+j, row, m, r, c)
		}
	}
	b.widths(matrixSheet, []float64{9, 20, 60, 14, 8, 12})
	for i := range m.Columns {
		name := letter(len(matrixHeadings) + i)
		b.fail(b.file.SetColWidth(matrixSheet, name, name, 40))
	}
	b.freeze(matrixSheet, matrixHeader)
	b.withheld(m)
	return b.bytes()
}

func (b *book) matrixCell(column, row int, m Matrix, r requirement.Requirement, c Column) {
	answer, withheld := c.Answers[r.ID], c.Withheld[r.ID]
	if withheld != "" {
		b.put(matrixSheet, column, row, withheld, b.styles.text)
		return
	}
	if slices.Contains(c.Missing, r.ID) {
		b.put(matrixSheet, column, row, missingText, b.styles.text)
		return
	}
	marks := marksOf(answer, m.Buyers)
	text := ""
	if r.Part() == requirement.Price {
		if !m.Price {
			b.put(matrixSheet, column, row, sealedText, b.styles.text)
			return
		}
		if total, err := requirement.PriceTotal(r, answer.Value); err == nil {
			if len(marks) == 0 {
				b.amountCell(column, row, total)
				return
			}
			text = total.String()
		}
	}
	if text == "" {
		text = textOf(r, answer)
	}
	b.put(matrixSheet, column, row, strings.Join(append([]string{text}, marks...), "\n"), b.styles.text)
}

// textOf is an answer in one cell, with its date and comment.
func textOf(r requirement.Requirement, a requirement.Answer) string {
	s := shownOf(r, a.Value)
	text := s.Text
	for _, more := range []string{s.Date, s.Comment} {
		if more != "" {
			text += "\n" + more
		}
	}
	if text == "" && !a.Absent() {
		return "Kan ikke vises"
	}
	return text
}

// marksOf tells an answer's marks, a line each.
func marksOf(a requirement.Answer, buyers map[uuid.UUID]string) []string {
	var lines []string
	if a.Secret != nil {
		lines = append(lines, secretText+a.Secret.Reason)
	}
	if len(a.Buyers) > 0 {
		names := make([]string, len(a.Buyers))
		for i, id := range a.Buyers {
			names[i] = buyers[id]
		}
		slices.Sort(names)
		lines = append(lines, coversText+strings.Join(names, ", "))
	}
	return lines
}

// withheld lists what has been taken out.
func (b *book) withheld(m Matrix) {
	if m.WithheldHeading == "" {
		return
	}
	b.sheet(withheldName, false)
	b.put(withheldName, 0, 1, m.WithheldHeading, b.styles.bold)
	for i, l := range m.Withheld {
		for column, text := range []string{l.Number, l.What, l.Reason} {
			b.put(withheldName, column, matrixHeader+i, text, b.styles.text)
		}
	}
	b.widths(withheldName, []float64{9, 20, 100})
}

func (b *book) amountCell(column, row int, n money.NOK) {
	if d := n.Decimal(); storable(d) {
		b.number(matrixSheet, column, row, d.String(), b.styles.money)
		return
	}
	b.put(matrixSheet, column, row, n.String(), b.styles.text)
}
