package answersheet

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/answersheet/formula"
)

// grid is a sheet, or a CSV file, as rows of cells.
type grid struct {
	name   string
	hidden bool
	rows   []gridRow // those with content
}

// gridRow is a row. Number counts from 1, with empty rows.
type gridRow struct {
	number, line int
	cells        []gridCell
	// wrong is the rule that the row's form breaks, found where it is taken
	// apart.
	wrong string
}

// gridCell is a cell's content as stored: a number as the digits of the file,
// a text as it is. A formula's content is what was computed when the file was
// saved.
type gridCell struct {
	text    string
	number  bool
	formula string
	// shared tells that the formula is written for another cell, which lies so
	// many columns and rows before this one.
	columns, rows int
}

func (r gridRow) at(column int) gridCell {
	if column < 0 || column >= len(r.cells) {
		return gridCell{}
	}
	return r.cells[column]
}

func (c gridCell) blank() bool { return c.formula == "" && strings.TrimSpace(c.text) == "" }

func (r gridRow) blank() bool {
	for _, c := range r.cells {
		if !c.blank() {
			return false
		}
	}
	return true
}

func (r gridRow) texts() []string {
	all := make([]string, len(r.cells))
	for i, c := range r.cells {
		all[i] = c.text
	}
	return all
}

// place points at a cell of the row.
func (g grid) place(r gridRow, column int) Cell {
	c := Cell{Sheet: g.name, Row: r.number, Line: r.line}
	if column >= 0 {
		c.Column = letter(column)
	}
	return c
}

// letter names a column, counted from 0.
func letter(column int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

func address(column, row int) string { return letter(column) + strconv.Itoa(row) }

// workbook is every sheet of a file, by name, for formulas that reach across.
type workbook struct {
	grids     []grid
	since1904 bool
	byRow     map[string]map[int]gridRow
}

func (w *workbook) index() {
	w.byRow = map[string]map[int]gridRow{}
	for _, g := range w.grids {
		rows := make(map[int]gridRow, len(g.rows))
		for _, r := range g.rows {
			rows[r.number] = r
		}
		w.byRow[strings.ToLower(g.name)] = rows
	}
}

// Cell gives a cell to the computing of formulas.
func (w *workbook) Cell(at formula.Ref) formula.Cell {
	c := w.byRow[strings.ToLower(at.Sheet)][at.Row].at(at.Column - 1)
	return formula.Cell{Formula: c.formula, Columns: c.columns, Rows: c.rows, Value: c.value()}
}

func (c gridCell) value() formula.Value {
	if n, ok := c.stored(); ok {
		return formula.Num(n)
	}
	switch {
	case c.text == "":
		return formula.Value{}
	default:
		return formula.Value{Kind: formula.Text, Text: c.text}
	}
}

// stored gives the number of a number cell.
func (c gridCell) stored() (decimal.Decimal, bool) {
	if !c.number {
		return decimal.Decimal{}, false
	}
	return storedNumber(c.text)
}
