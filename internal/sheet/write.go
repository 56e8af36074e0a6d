package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/ooxml"
	"github.com/fellesloft/fellesloft/internal/specification"
)

// maxCell is what a cell can hold, in UTF-16 units; spreadsheet programs cut
// what is longer without a word.
const maxCell = 32_767

// WriteSpecification writes a set as a workbook that ReadSpecification reads
// back as the same set, but for ids and white space around texts. Every cell is
// text, so that nothing in it is executed and numbers stay as they are. The same
// set gives the same bytes. A set that is not valid yet is written as far as it
// says something. It returns an Invalid fault for a text longer than a cell can hold, and for price lines by buyer.
func WriteSpecification(s requirement.Set) ([]byte, error) {
	w, err := newWriter()
	if err != nil {
		return nil, err
	}
	w.specification(s)
	for _, a := range specification.Appendices(s) {
		w.appendix(a)
	}
	return w.bytes()
}

// writer keeps the first error, so that a table reads as a table.
type writer struct {
	file         *excelize.File
	text, header int // styles
	err          error
}

func newWriter() (*writer, error) {
	w := &writer{file: excelize.NewFile()}
	var err error
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	const asText = 49 // the built-in number format "@"
	if w.text, err = w.file.NewStyle(&excelize.Style{NumFmt: asText, Alignment: top}); err != nil {
		return nil, err
	}
	fill := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DCE6F1"}}
	w.header, err = w.file.NewStyle(&excelize.Style{NumFmt: asText, Alignment: top, Font: &excelize.Font{Bold: true}, Fill: fill})
	return w, err
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// put writes one text. SetCellStr stores it as a string whatever it begins
// with; a formula would need another call.
func (w *writer) put(sheet string, column, row int, text string, style int) {
	if w.err != nil {
		return
	}
	text, escaped := ooxml.Escape(text)
	if len(utf16.Encode([]rune(text))) > maxCell {
		w.fail(fault.New(fault.Invalid, "specification.cell-too-long", fault.Params{"row": strconv.Itoa(row), "max": strconv.Itoa(maxCell)}))
		return
	}
	cell, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		w.fail(err)
		return
	}
	switch {
	case text == "":
	case escaped:
		w.fail(w.file.SetCellDefault(sheet, cell, text))
	default:
		w.fail(w.file.SetCellStr(sheet, cell, text))
	}
	w.fail(w.file.SetCellStyle(sheet, cell, cell, style))
}

func (w *writer) appendix(a specification.Appendix) {
	if w.err != nil {
		return
	}
	if _, err := w.file.NewSheet(a.Name); err != nil {
		w.fail(err)
		return
	}
	for c, h := range a.Headings {
		w.put(a.Name, c+1, 1, h, w.header)
	}
	for i, row := range a.Rows {
		for c, text := range row {
			w.put(a.Name, c+1, i+2, text, w.text)
		}
	}
	w.fail(w.file.SetColWidth(a.Name, "A", "C", 32))
}

// headerRow is where the template's header stands, below the title and an
// empty row.
const headerRow = 3

func (w *writer) specification(s requirement.Set) {
	sheet := specification.DefaultTitle
	w.fail(w.file.SetSheetName(w.file.GetSheetName(0), sheet))
	w.put(sheet, 1, 1, s.Title, w.header)
	columns := specification.Columns()
	for i, c := range columns {
		w.put(sheet, i+1, headerRow, c.Heading, w.header)
		letter := specification.Letter(i)
		w.fail(w.file.SetColWidth(sheet, letter, letter, c.Width))
	}
	places, at := make([]specification.Place, len(s.Requirements)), headerRow+1
	for i, r := range s.Requirements {
		places[i] = specification.Place{Row: at}
		at += specification.RowsOf(r)
	}
	lines, err := specification.Lines(s, places)
	w.fail(err)
	for n, l := range lines {
		for i, c := range columns {
			if text := l.Texts[c.Field]; text != "" {
				w.put(sheet, i+1, headerRow+1+n, text, w.text)
			}
		}
	}
	w.fail(w.file.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: headerRow, TopLeftCell: "A4", ActivePane: "bottomLeft"}))
	w.choices(s, columns, at)
}

// choices gives the columns with a fixed vocabulary their drop-down lists.
func (w *writer) choices(s requirement.Set, columns []specification.Column, end int) {
	for i, c := range columns {
		list := specification.Vocabulary(s, c.Field)
		if len(list) == 0 {
			continue
		}
		letter := specification.Letter(i)
		v := excelize.NewDataValidation(true)
		v.Sqref = fmt.Sprintf("%s%d:%s%d", letter, headerRow+1, letter, max(end, headerRow+1))
		w.fail(v.SetDropList(list))
		w.fail(w.file.AddDataValidation(specification.DefaultTitle, v))
	}
}

func (w *writer) bytes() ([]byte, error) {
	var b bytes.Buffer
	if w.err == nil {
		w.err = w.file.Write(&b)
	}
	if err := errors.Join(w.err, w.file.Close()); err != nil {
		if f, ok := fault.As(err); ok {
			return nil, f
		}
		return nil, fmt.Errorf("write specification: %w", err)
	}
	return b.Bytes(), nil
}
