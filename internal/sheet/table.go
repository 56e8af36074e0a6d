package sheet

import (
	"github.com/xuri/excelize/v2"
)

// Table is a plain table that becomes a sheet.
type Table struct {
	Name string
	// Above are lines over the table; the first is its title.
	Above   []string
	Columns []Column
	// Rows may be shorter than there are columns.
	Rows [][]string
}

// Column is one of a table's. Width is in characters. In a table with an open
// column all others are protected against slips, without a password.
type Column struct {
	Heading string
	Width   float64
	Open    bool
}

// WriteTables writes tables as the sheets of a workbook. Every cell is text, so
// that nothing in it is executed. The same tables give the same bytes. It
// returns an Invalid fault for a text longer than a cell can hold.
func WriteTables(tables ...Table) ([]byte, error) {
	w, err := newWriter()
	if err != nil {
		return nil, err
	}
	const asText = 49
	fill := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFF9DB"}}
	open, err := w.file.NewStyle(&excelize.Style{NumFmt: asText, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}, Fill: fill, Protection: &excelize.Protection{Locked: false}})
	w.fail(err)
	for i, t := range tables {
		if i == 0 {
			w.fail(w.file.SetSheetName(w.file.GetSheetName(0), t.Name))
		} else if _, err := w.file.NewSheet(t.Name); err != nil {
			w.fail(err)
		}
		w.table(t, open)
	}
	return w.bytes()
}

func (w *writer) table(t Table, open int) {
	for i, line := range t.Above {
		style := w.text
		if i == 0 {
			style = w.header
		}
		w.put(t.Name, 1, i+1, line, style)
		w.fail(w.file.MergeCell(t.Name, cellName(1, i+1), cellName(max(len(t.Columns), 1), i+1)))
	}
	header := len(t.Above) + 1
	protected := false
	for c, column := range t.Columns {
		w.put(t.Name, c+1, header, column.Heading, w.header)
		letter, err := excelize.ColumnNumberToName(c + 1)
		w.fail(err)
		w.fail(w.file.SetColWidth(t.Name, letter, letter, column.Width))
		protected = protected || column.Open
		style := w.text
		if column.Open {
			style = open
		}
		for r, row := range t.Rows {
			text := ""
			if c < len(row) {
				text = row[c]
			}
			w.put(t.Name, c+1, header+1+r, text, style)
		}
	}
	w.fail(w.file.SetPanes(t.Name, &excelize.Panes{Freeze: true, YSplit: header, TopLeftCell: cellName(1, header+1), ActivePane: "bottomLeft"}))
	if protected {
		w.fail(w.file.ProtectSheet(t.Name, &excelize.SheetProtectionOptions{SelectLockedCells: true, SelectUnlockedCells: true, FormatColumns: true, FormatRows: true, FormatCells: true, AutoFilter: true}))
	}
}

// cellName names a cell; column and row count from 1 and are within the bounds
// of a sheet.
func cellName(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		panic(err)
	}
	return name
}
