package specification

import (
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Limits of what is understood. A text that is stored once can be shown in many
// cells, so they are judged where cells are made.
const (
	MaxRows       = 20_000  // rows with content over all tables
	MaxColumns    = 200     // columns of a row
	maxCells      = 1 << 20 // cells over all tables
	maxCharacters = 50 << 20
)

// Document is what a file holds of tables, in its order.
type Document struct {
	Title  string
	Tables []Table
	// Notes are the texts outside tables, where codes may be explained.
	Notes []string
}

// Table is a sheet of a workbook or a table of a Word document.
type Table struct {
	Place Place // the sheet or the table's number
	// Name is the sheet's name, or the heading that stands nearest above.
	Name string
	// Headings are those that the table stands under, the outermost first.
	Headings []string
	Rows     []Row // those with content
}

// Row is a row with content. Number counts from 1, with empty rows.
type Row struct {
	Number int
	Cells  []Cell
}

// Cell is one place of the table's grid. A cell that spans several columns
// stands in the first of them; one that spans several rows is repeated in each.
type Cell struct {
	Text string // as shown
	// Stored is the value behind a number that is shown in a format; "" where
	// that is the text itself.
	Stored string
	More   *More
}

// More is what few cells have.
type More struct {
	// Label is the automatic number of the cell's only numbered paragraph, its
	// first; Rest is the text without it.
	Label, Rest string
	// Options are those of a drop-down list.
	Options []string
	// Merged tells that the text is that of the cell above.
	Merged bool
	// Hidden tells that the cell also has text that is not shown.
	Hidden bool
	// Tables are those inside the cell; they are part of the text too.
	Tables []Table
}

// Place points at a table, row or column. Row counts from 1 and Column is a
// letter, A being the table's first; they are absent where the whole table or
// row is meant.
type Place struct {
	Sheet  string `json:"sheet,omitempty" doc:"of a workbook"`
	Table  int    `json:"table,omitempty" doc:"of a Word document, counted from 1"`
	Row    int    `json:"row,omitempty"`
	Column string `json:"column,omitempty" doc:"its letter, A being the first"`
}

func (p Place) at(row int) Place {
	p.Row = row
	return p
}

// Letter names a column, counted from 0, as spreadsheets do.
func Letter(column int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// columnIndex reads a column's letter, or its number counted from 1.
func columnIndex(name string) (int, bool) {
	if n, err := strconv.Atoi(name); err == nil {
		return n - 1, n >= 1 && n <= MaxColumns
	}
	n := 0
	for _, r := range strings.ToUpper(name) {
		if r < 'A' || r > 'Z' || n > MaxColumns {
			return 0, false
		}
		n = n*26 + int(r-'A') + 1
	}
	return n - 1, n >= 1 && n <= MaxColumns
}

// Budget counts what is read of a document against the limits.
type Budget struct{ rows, cells, characters int }

// Row takes a row with content off the budget. It returns TooLarge for more
// than the limits.
func (b *Budget) Row(cells []Cell) error {
	if len(cells) > MaxColumns {
		return fault.New(fault.TooLarge, "specification.too-many-columns", fault.Params{"max": strconv.Itoa(MaxColumns)})
	}
	if b.rows++; b.rows > MaxRows {
		return fault.New(fault.TooLarge, "specification.too-many-rows", fault.Params{"max": strconv.Itoa(MaxRows)})
	}
	b.cells += len(cells)
	for _, c := range cells {
		b.characters += len(c.Text) + len(c.Stored)
	}
	return b.Text(0)
}

// Text takes text off the budget, in bytes.
func (b *Budget) Text(n int) error {
	if b.characters += n; b.characters > maxCharacters || b.cells > maxCells {
		return fault.New(fault.TooLarge, "specification.too-much-text")
	}
	return nil
}

// invisible are characters that only say where a line may break, and those of
// an invisible mark.
var invisible = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00ad", "", "\u200b", "", "\ufeff", "")

// Clean takes away what cannot be seen: soft hyphens, zero-width spaces, white
// space around.
func Clean(text string) string { return strings.TrimSpace(invisible.Replace(text)) }

// Filled reports whether a row holds anything of its own.
func (r Row) Filled() bool { return len(r.filled()) > 0 }

// at gives the text of a column, "" beyond the row's end.
func (r Row) at(column int) string {
	if column < 0 || column >= len(r.Cells) {
		return ""
	}
	return r.Cells[column].Text
}

// stored gives the value behind what is shown.
func (r Row) stored(column int) string {
	if column < 0 || column >= len(r.Cells) {
		return ""
	}
	if c := r.Cells[column]; c.Stored != "" {
		return c.Stored
	}
	return r.Cells[column].Text
}

func (r Row) more(column int) More {
	if column < 0 || column >= len(r.Cells) || r.Cells[column].More == nil {
		return More{}
	}
	return *r.Cells[column].More
}

// filled gives the columns with a text of their own.
func (r Row) filled() []int {
	var all []int
	for i, c := range r.Cells {
		if c.Text != "" && (c.More == nil || !c.More.Merged) {
			all = append(all, i)
		}
	}
	return all
}
