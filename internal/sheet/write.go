package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// maxCell is what a cell can hold, in UTF-16 units; spreadsheet programs cut
// what is longer without a word.
const maxCell = 32_767

// WriteSpecification writes a set as a workbook that ReadSpecification reads
// back as the same set, but for ids and white space around texts. Every cell is
// text, so that nothing in it is executed and numbers stay as they are. It returns an Invalid fault for a
// set that is not valid, for a text longer than a cell can hold, and for price
// lines by buyer, which are written by the price schedule's own workbook.
func WriteSpecification(s requirement.Set) ([]byte, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	w, err := newWriter()
	if err != nil {
		return nil, err
	}
	w.specification(s)
	w.rows(criteriaSheet, []string{"Navn", "Slag", "Vekt %"}, len(s.Criteria), func(i int) []string {
		c := s.Criteria[i]
		return []string{c.Name, criterionWord(c.Kind), c.Weight.String()}
	})
	w.rows(areasSheet, []string{"Område"}, len(s.Areas), func(i int) []string { return []string{areaPath(s, s.Areas[i].ID)} })
	w.rows(lotsSheet, []string{"Navn"}, len(s.Lots), func(i int) []string { return []string{s.Lots[i].Name} })
	w.codes(s)
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

// escaped is how the format writes a character that XML cannot hold; a text
// that looks like one has its first underscore escaped.
var escaped = regexp.MustCompile(`_(x[0-9A-Fa-f]{4}_)`)

// put writes one text. SetCellStr stores it as a string whatever it begins
// with; a formula would need another call.
func (w *writer) put(sheet string, column, row int, text string, style int) {
	if w.err != nil {
		return
	}
	text = escaped.ReplaceAllString(text, "_x005F_$1")
	if len(utf16.Encode([]rune(text))) > maxCell {
		w.fail(fault.New(fault.Invalid, "sheet.cell-too-long", fault.Params{"row": strconv.Itoa(row), "max": strconv.Itoa(maxCell)}))
		return
	}
	cell, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		w.fail(err)
		return
	}
	if text != "" {
		w.fail(w.file.SetCellStr(sheet, cell, text))
	}
	w.fail(w.file.SetCellStyle(sheet, cell, cell, style))
}

func (w *writer) rows(sheet string, headings []string, n int, row func(i int) []string) {
	if w.err != nil || n == 0 {
		return
	}
	if _, err := w.file.NewSheet(sheet); err != nil {
		w.fail(err)
		return
	}
	for c, h := range headings {
		w.put(sheet, c+1, 1, h, w.header)
	}
	for i := range n {
		for c, text := range row(i) {
			w.put(sheet, c+1, i+2, text, w.text)
		}
	}
	w.fail(w.file.SetColWidth(sheet, "A", "C", 32))
}

func (w *writer) codes(s requirement.Set) {
	w.rows(codesSheet, []string{"Gjelder", "Kode", "Betyr"}, len(s.KindCodes)+len(s.AnswerCodes), func(i int) []string {
		if i < len(s.KindCodes) {
			return []string{codeForKind, s.KindCodes[i].Code, kindWord(s.KindCodes[i].Kind)}
		}
		c := s.AnswerCodes[i-len(s.KindCodes)]
		return []string{codeForAnswer, c.Code, optionText(c.Option)}
	})
}

// headerRow is where the template's header stands, below the title and an
// empty row.
const headerRow = 3

func (w *writer) specification(s requirement.Set) {
	sheet := specificationSheet
	w.fail(w.file.SetSheetName(w.file.GetSheetName(0), sheet))
	w.put(sheet, 1, 1, s.Title, w.header)
	for i, h := range headings {
		w.put(sheet, i+1, headerRow, h.text, w.header)
		w.fail(w.file.SetColWidth(sheet, letter(i), letter(i), h.width))
	}
	rows, at := make([]int, len(s.Requirements)), headerRow+1
	for i, r := range s.Requirements {
		rows[i] = at
		at += 1 + len(r.PriceLines)
	}
	for i, r := range s.Requirements {
		w.line(rows[i], cellsOf(s, r, rows))
		for n, l := range r.PriceLines {
			if len(l.Buyers) > 0 {
				w.fail(fault.New(fault.Invalid, "sheet.price-lines-by-buyer").At(fmt.Sprintf("%s.priceLines[%d]", requirementField(i), n)))
			}
			w.line(rows[i]+1+n, map[column]string{
				colNumber: l.Code, colText: l.Text, colAnswerType: priceLine, colQuantity: l.Quantity, colUnit: l.Unit,
				colCounts: truthWord(l.Counts), colPeriods: strings.Join(l.Periods, "\n"),
			})
		}
	}
	w.fail(w.file.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: headerRow, TopLeftCell: "A4", ActivePane: "bottomLeft"}))
	w.choices(s, at)
}

func (w *writer) line(row int, cells map[column]string) {
	for i, h := range headings {
		if text := cells[h.column]; text != "" {
			w.put(specificationSheet, i+1, row, text, w.text)
		}
	}
}

func cellsOf(s requirement.Set, r requirement.Requirement, rows []int) map[column]string {
	cells := map[column]string{
		colNumber: r.Number, colTitle: r.Title, colText: r.Text, colHelp: r.Help, colKind: kindText(s, r.Kind),
		colAnswerType: answerWord(r.AnswerType), colMin: r.Limits.Min, colMax: r.Limits.Max, colUnit: r.Limits.Unit,
		colMandatory: truthWord(r.Mandatory), colEvidence: r.Evidence, colOrigin: r.Origin,
		colWords: count(r.Limits.Words), colCharacters: count(r.Limits.Characters),
	}
	if r.Area != uuid.Nil {
		cells[colArea] = areaPath(s, r.Area)
	}
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
		for _, id := range r.Lots {
			if l.ID == id {
				lots = append(lots, l.Name)
			}
		}
	}
	cells[colOptions], cells[colPassIf], cells[colLots] = strings.Join(options, "\n"), strings.Join(pass, "\n"), strings.Join(lots, "\n")
	if c, ok := s.Criterion(r.Criterion); ok {
		cells[colCriterion] = c.Name
	}
	if r.Weight != 0 {
		cells[colWeight] = r.Weight.String() + " %"
	}
	if r.Condition != nil {
		cells[colCondition] = conditionText(s, *r.Condition, rows)
	}
	return cells
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

// choices gives the columns with a fixed vocabulary their drop-down lists.
func (w *writer) choices(s requirement.Set, end int) {
	var kinds, answers []string
	for _, k := range kindWords {
		kinds = append(kinds, kindText(s, k.kind))
	}
	for _, a := range answerWords {
		answers = append(answers, a.word)
	}
	lists := map[column][]string{colKind: kinds, colAnswerType: append(answers, priceLine), colMandatory: {yes, no}, colCounts: {yes, no}}
	for i, h := range headings {
		list, ok := lists[h.column]
		if !ok {
			continue
		}
		v := excelize.NewDataValidation(true)
		v.Sqref = fmt.Sprintf("%s%d:%s%d", letter(i), headerRow+1, letter(i), max(end, headerRow+1))
		w.fail(v.SetDropList(list))
		w.fail(w.file.AddDataValidation(specificationSheet, v))
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
