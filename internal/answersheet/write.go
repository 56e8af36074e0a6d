package answersheet

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/internal/ooxml"
)

// maxCell is what a cell can hold, in UTF-16 units; spreadsheet programs cut
// what is longer without a word.
const maxCell = 32_767

// shortened ends a text that did not fit.
const shortened = " … (forkortet)"

// clip gives as much of a text as a cell can hold.
func clip(s string) string {
	units := utf16.Encode([]rune(s))
	if len(units) <= maxCell {
		return s
	}
	return strings.ToValidUTF8(string(utf16.Decode(units[:maxCell-len(shortened)])), "") + shortened
}

func fits(s string) bool { return len(s) <= maxCell || len(utf16.Encode([]rune(s))) <= maxCell }

// executable reports whether a spreadsheet program that reads the text from a
// CSV file would take it for a formula (CWE-1236).
func executable(s string) bool { return s != "" && strings.IndexByte("=+-@\t\r", s[0]) >= 0 }

// guard puts an apostrophe before a text that would be executed. A text that
// begins with an apostrophe before such a one gets another, so that unguard
// gives every text back.
func guard(s string) string {
	if executable(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

// unguard takes the apostrophe away again.
func unguard(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && executable(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return s
}

// book writes a workbook in memory and keeps the first error, so that a table
// reads as a table. Texts are stored as texts whatever they begin with; formulas
// are the package's own and hold addresses only.
type book struct {
	file   *excelize.File
	styles styles
	err    error
}

// styles of cells; those that end in Open are not protected.
type styles struct {
	text, bold, header                        int
	textOpen, dateOpen, moneyOpen, numberOpen int
	quantity, money, total                    int
}

func newBook() (*book, error) {
	b := &book{file: excelize.NewFile()}
	const (
		asText    = 49 // the built-in format "@"
		asGeneral = 0
		asMoney   = 4 // "#,##0.00"
	)
	day, quantity := "dd.mm.yyyy", "#,##0.####"
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	locked, open := &excelize.Protection{Locked: true}, &excelize.Protection{Locked: false}
	white := excelize.Fill{}
	blue := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DCE6F1"}}
	yellow := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFF9DB"}}
	bold := &excelize.Font{Bold: true}
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&b.styles.text, excelize.Style{NumFmt: asText, Alignment: top, Protection: locked, Fill: white}},
		{&b.styles.bold, excelize.Style{NumFmt: asText, Alignment: top, Protection: locked, Font: bold}},
		{&b.styles.header, excelize.Style{NumFmt: asText, Alignment: top, Protection: locked, Font: bold, Fill: blue}},
		{&b.styles.textOpen, excelize.Style{NumFmt: asText, Alignment: top, Protection: open, Fill: yellow}},
		{&b.styles.dateOpen, excelize.Style{CustomNumFmt: &day, Alignment: top, Protection: open, Fill: yellow}},
		{&b.styles.moneyOpen, excelize.Style{NumFmt: asMoney, Alignment: top, Protection: open, Fill: yellow}},
		{&b.styles.numberOpen, excelize.Style{NumFmt: asGeneral, Alignment: top, Protection: open, Fill: yellow}},
		{&b.styles.quantity, excelize.Style{CustomNumFmt: &quantity, Alignment: top, Protection: locked}},
		{&b.styles.money, excelize.Style{NumFmt: asMoney, Alignment: top, Protection: locked}},
		{&b.styles.total, excelize.Style{NumFmt: asMoney, Alignment: top, Protection: locked, Font: bold}},
	} {
		id, err := b.file.NewStyle(&s.style)
		if err != nil {
			return nil, errors.Join(err, b.file.Close())
		}
		*s.id = id
	}
	return b, nil
}

func (b *book) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// sheet adds a sheet; the first one renames the one that a new file has.
func (b *book) sheet(name string, first bool) {
	if first {
		b.fail(b.file.SetSheetName(b.file.GetSheetName(0), name))
		return
	}
	_, err := b.file.NewSheet(name)
	b.fail(err)
}

// put writes a text, cut to what a cell holds.
func (b *book) put(sheet string, column, row int, text string, style int) {
	if b.err != nil {
		return
	}
	cell := address(column, row)
	switch stored, escaped := ooxml.Escape(clip(text)); {
	case stored == "":
	case escaped:
		b.fail(b.file.SetCellDefault(sheet, cell, stored))
	default:
		b.fail(b.file.SetCellStr(sheet, cell, stored))
	}
	b.fail(b.file.SetCellStyle(sheet, cell, cell, style))
}

// number writes digits as a number.
func (b *book) number(sheet string, column, row int, digits string, style int) {
	if b.err != nil {
		return
	}
	cell := address(column, row)
	b.fail(b.file.SetCellDefault(sheet, cell, digits))
	b.fail(b.file.SetCellStyle(sheet, cell, cell, style))
}

// compute writes one of the package's own formulas.
func (b *book) compute(sheet string, column, row int, formula string, style int) {
	if b.err != nil {
		return
	}
	cell := address(column, row)
	b.fail(b.file.SetCellFormula(sheet, cell, formula))
	b.fail(b.file.SetCellStyle(sheet, cell, cell, style))
}

func (b *book) widths(sheet string, widths []float64) {
	for i, w := range widths {
		b.fail(b.file.SetColWidth(sheet, letter(i), letter(i), w))
	}
}

// protect locks all cells but the open ones. There is no password: it guards
// against slips, and import checks what stands in the locked cells.
func (b *book) protect(sheet string) {
	b.fail(b.file.ProtectSheet(sheet, &excelize.SheetProtectionOptions{
		SelectLockedCells: true, SelectUnlockedCells: true, FormatColumns: true, FormatRows: true, FormatCells: true, AutoFilter: true,
	}))
}

func (b *book) freeze(sheet string, rows int) {
	b.fail(b.file.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: rows, TopLeftCell: address(0, rows+1), ActivePane: "bottomLeft"}))
}

func (b *book) hideColumn(sheet string, column int) {
	b.fail(b.file.SetColVisible(sheet, letter(column), false))
}

func (b *book) bytes() ([]byte, error) {
	var out bytes.Buffer
	if b.err == nil {
		b.err = b.file.Write(&out)
	}
	if err := errors.Join(b.err, b.file.Close()); err != nil {
		return nil, fmt.Errorf("write workbook: %w", err)
	}
	return out.Bytes(), nil
}
