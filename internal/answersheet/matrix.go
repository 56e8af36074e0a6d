package answersheet

import (
	"encoding/json"
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Column is a supplier's opened tender in the matrix.
type Column struct {
	Supplier string
	// Rejected tells that the tender was rejected.
	Rejected bool
	Values   requirement.Values
}

// Matrix is all opened tenders beside each other.
type Matrix struct {
	Set requirement.Set
	// Price tells that the price part is open; else no amount is written,
	// whatever Values hold.
	Price   bool
	Columns []Column
}

const (
	matrixSheet  = "Svar"
	matrixHeader = 3
	sealedText   = "Ikke åpnet"
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
			b.matrixCell(len(matrixHeadings)+j, row, m, r, c.Values[r.ID])
		}
	}
	b.widths(matrixSheet, []float64{9, 20, 60, 14, 8, 12})
	for i := range m.Columns {
		name := letter(len(matrixHeadings) + i)
		b.fail(b.file.SetColWidth(matrixSheet, name, name, 40))
	}
	b.freeze(matrixSheet, matrixHeader)
	return b.bytes()
}

func (b *book) matrixCell(column, row int, m Matrix, r requirement.Requirement, raw json.RawMessage) {
	if r.Part() == requirement.Price {
		if !m.Price {
			b.put(matrixSheet, column, row, sealedText, b.styles.text)
			return
		}
		if total, err := requirement.PriceTotal(r, raw); err == nil {
			b.amountCell(column, row, total)
			return
		}
	}
	s := shownOf(r, raw)
	text := s.Text
	for _, more := range []string{s.Date, s.Comment} {
		if more != "" {
			text += "\n" + more
		}
	}
	if text == "" && len(raw) > 0 && string(raw) != "null" {
		text = "Kan ikke vises"
	}
	b.put(matrixSheet, column, row, text, b.styles.text)
}

func (b *book) amountCell(column, row int, n money.NOK) {
	if d := n.Decimal(); storable(d) {
		b.number(matrixSheet, column, row, d.String(), b.styles.money)
		return
	}
	b.put(matrixSheet, column, row, n.String(), b.styles.text)
}
