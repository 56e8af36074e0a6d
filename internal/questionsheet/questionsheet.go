// Package questionsheet turns questions and answers into files and back: the
// workbook in which a supplier asks, the one in which the lead buyer answers, and
// the questions and answers that everybody reads, as a workbook or a Word
// document. Everything happens in memory, and the same content gives the same
// bytes.
//
// Nothing is accepted silently: a row that is not taken is told with its place
// and reason.
package questionsheet

import (
	"io"
	"strings"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/ooxml"
	"github.com/fellesloft/fellesloft/internal/sheet"
	"github.com/fellesloft/fellesloft/internal/specification"
)

// Limits of what is read, beside those of packages ooxml and specification.
// Lengths are in characters, as the API has them.
const (
	MaxQuestions = 500 // in one file
	MaxText      = 4_000
	MaxAnswer    = 8_000
)

// Problem is something about a row that is not taken. Column is a letter.
type Problem struct {
	Sheet  string       `json:"sheet"`
	Row    int          `json:"row"`
	Column string       `json:"column,omitempty"`
	Rule   string       `json:"rule"`
	Params fault.Params `json:"params,omitempty"`
}

// The rules of a row.
const (
	ruleUnknownRequirement = "questionsheet.unknown-requirement"
	ruleManyRequirements   = "questionsheet.too-many-requirements"
	ruleTextMissing        = "questionsheet.text-missing"
	ruleTooLong            = "questionsheet.too-long"
	ruleRepeated           = "questionsheet.repeated"
	ruleAskedBefore        = "questionsheet.asked-before"
	ruleIDMissing          = "questionsheet.id-missing"
	ruleUnknownQuestion    = "questionsheet.unknown-question"
	ruleTextChanged        = "questionsheet.text-changed"
	ruleAnswerMissing      = "questionsheet.answer-missing"
	ruleAnswersDiffer      = "questionsheet.answers-differ"
	ruleWordingsDiffer     = "questionsheet.wordings-differ"
	ruleWordingMissing     = "questionsheet.wording-missing"
	ruleBundleRefused      = "questionsheet.bundle-refused"
)

// File is a workbook that has been judged and unpacked.
type File struct{ tables specification.Document }

// Open reads a workbook, which may take a while for a large one. It returns the
// faults of ooxml.Open and sheet.Load, and Invalid (file.type-unknown) for what
// is no workbook.
func Open(r io.Reader) (File, error) {
	p, err := ooxml.Open(r)
	if err != nil {
		return File{}, err
	}
	if p.Format != ooxml.Spreadsheet {
		return File{}, fault.New(fault.Invalid, "file.type-unknown")
	}
	d, err := sheet.Load(p)
	return File{d}, err
}

// column is what a column of a workbook holds.
type column int

const (
	colRequirements column = iota
	colText
	colID
	colBundle
	colWording
	colAnswer
)

// headings are the columns of the two workbooks, as they are written and as they
// may come back.
var headings = map[string]column{
	"krav": colRequirements, "kravnummer": colRequirements, "krav nr": colRequirements, "krav nr.": colRequirements, "gjelder krav": colRequirements,
	"gjeld krav": colRequirements, "requirement": colRequirements, "requirements": colRequirements,
	"spørsmål": colText, "question": colText,
	"spørsmåls-id": colID, "spørsmål-id": colID, "question id": colID,
	"samles som": colBundle, "samlast som": colBundle, "bundle": colBundle,
	"spørsmålet slik alle skal lese det": colWording, "wording": colWording,
	"svar": colAnswer, "answer": colAnswer,
}

// headed is a table whose header has been found.
type headed struct {
	sheet   string
	columns map[column]int
	rows    []specification.Row // below the header
}

// searched is how far down a header is looked for.
const searched = 30

// headed finds the tables that have the needed columns. It returns Invalid
// (questionsheet.no-table) where none has.
func (f File) headed(needed ...column) ([]headed, error) {
	var all []headed
	for _, t := range f.tables.Tables {
		for i, row := range t.Rows[:min(len(t.Rows), searched)] {
			h := headed{t.Name, map[column]int{}, t.Rows[i+1:]}
			for c, cell := range row.Cells {
				if what, ok := headings[same(cell.Text)]; ok {
					if _, twice := h.columns[what]; !twice {
						h.columns[what] = c
					}
				}
			}
			if h.has(needed) {
				all = append(all, h)
				break
			}
		}
	}
	if len(all) == 0 {
		return nil, fault.New(fault.Invalid, "questionsheet.no-table")
	}
	return all, nil
}

func (h headed) has(needed []column) bool {
	for _, c := range needed {
		if _, ok := h.columns[c]; !ok {
			return false
		}
	}
	return true
}

// text gives a row's text in a column, "" where the table has none.
func (h headed) text(r specification.Row, c column) string {
	i, ok := h.columns[c]
	if !ok || i >= len(r.Cells) {
		return ""
	}
	return r.Cells[i].Text
}

// problem places a problem; a column that the table lacks points at the row.
func (h headed) problem(r specification.Row, c column, rule string, params ...fault.Params) Problem {
	p := Problem{Sheet: h.sheet, Row: r.Number, Rule: rule}
	if i, ok := h.columns[c]; ok {
		p.Column = specification.Letter(i)
	}
	if len(params) > 0 {
		p.Params = params[0]
	}
	return p
}

// same gives what texts have in common that differ in spaces and capitals.
func same(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

func count(text string) int { return len([]rune(text)) }
