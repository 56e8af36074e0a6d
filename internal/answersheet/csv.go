package answersheet

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/fellesloft/fellesloft/internal/fault"
)

var (
	markUTF8    = []byte{0xEF, 0xBB, 0xBF}
	markUTF16LE = []byte{0xFF, 0xFE}
	markUTF16BE = []byte{0xFE, 0xFF}
)

// csvFile is a CSV file taken apart.
type csvFile struct {
	grid
	separator byte
	marked    bool // began with a byte order mark
	windows   bool // was in Windows-1252
}

// openCSV takes a CSV file apart (RFC 4180, with the separators and encodings
// that spreadsheet programs write). A fault in one record leaves the others
// whole. It returns TooLarge beyond the limits and Invalid
// (answersheet.no-table) without a header that names number and answer.
func openCSV(file []byte) (csvFile, error) {
	if len(file) > MaxBytes {
		return csvFile{}, tooLarge("file.too-large", MaxBytes)
	}
	text, f := decoded(file)
	if line, rest, ok := strings.Cut(text, "\n"); ok {
		// What spreadsheet programs write for each other.
		if s := strings.TrimRight(line, "\r"); len(s) == len("sep=;") && strings.HasPrefix(s, "sep=") {
			f.separator, text = s[4], rest
		}
	}
	separators := []byte{',', ';', '\t'}
	if f.separator != 0 {
		separators = []byte{f.separator}
	}
	for _, s := range separators {
		first, _, _ := record(text, s)
		if _, ok := headerOf(first); ok {
			f.separator = s
			return f, f.split(text)
		}
	}
	return f, fault.New(fault.Invalid, ruleNoTable)
}

// decoded gives the text of a file. Bytes that are not UTF-8 stay where the
// file is UTF-8 otherwise, so that only their records suffer.
func decoded(file []byte) (string, csvFile) {
	if rest, ok := bytes.CutPrefix(file, markUTF8); ok {
		return string(rest), csvFile{marked: true}
	}
	if bytes.HasPrefix(file, markUTF16LE) || bytes.HasPrefix(file, markUTF16BE) {
		wide := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
		if b, err := wide.Bytes(file); err == nil {
			return string(b), csvFile{}
		}
	}
	if utf8.Valid(file) || holdsUTF8(file) {
		return string(file), csvFile{}
	}
	b, err := charmap.Windows1252.NewDecoder().Bytes(file)
	if err != nil {
		return string(file), csvFile{}
	}
	return string(b), csvFile{windows: true}
}

// holdsUTF8 reports whether letters beyond ASCII are mostly UTF-8.
func holdsUTF8(file []byte) bool {
	valid, invalid := 0, 0
	for i := 0; i < len(file); {
		r, size := utf8.DecodeRune(file[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			invalid++
		case size > 1:
			valid++
		}
		i += size
	}
	return valid > invalid
}

// record reads one record and gives what follows it; open tells that a quote
// was not closed.
func record(text string, separator byte) (fields []string, rest string, open bool) {
	for {
		var field string
		if strings.HasPrefix(text, `"`) {
			field, text, open = quoted(text[1:])
			if open {
				return append(fields, field), "", true
			}
		}
		end := strings.IndexAny(text, string(separator)+"\r\n")
		if end < 0 {
			return append(fields, field+text), "", false
		}
		fields = append(fields, field+text[:end])
		if text[end] == separator {
			text = text[end+1:]
			continue
		}
		return fields, strings.TrimPrefix(strings.TrimPrefix(text[end:], "\r"), "\n"), false
	}
}

func quoted(text string) (field, rest string, open bool) {
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '"')
		if i < 0 {
			b.WriteString(text)
			return b.String(), "", true
		}
		b.WriteString(text[:i])
		if text = text[i+1:]; !strings.HasPrefix(text, `"`) {
			return b.String(), text, false
		}
		b.WriteByte('"')
		text = text[1:]
	}
}

func (f *csvFile) split(text string) error {
	line, header, answer, content := 1, 0, 0, 0
	for n := 1; text != ""; n++ {
		fields, rest, open := record(text, f.separator)
		row := gridRow{number: n, line: line}
		line += strings.Count(text[:len(text)-len(rest)], "\n")
		text = rest
		if len(fields) > MaxColumns {
			return tooLarge(ruleManyColumns, MaxColumns)
		}
		for _, field := range fields {
			row.cells = append(row.cells, gridCell{text: field})
		}
		if !row.blank() {
			if content++; content > MaxRows {
				return tooLarge(ruleManyRows, MaxRows)
			}
		} else if len(fields) == 1 {
			continue // an empty line
		}
		if len(f.rows) == 0 {
			header, answer = len(fields), answerColumn(fields)
		}
		row.wrong = wrongForm(row, f.separator, header, answer, open)
		f.rows = append(f.rows, row)
	}
	return nil
}

func answerColumn(header []string) int {
	by, _ := headerOf(header)
	for i, c := range by {
		if c == colAnswer {
			return i
		}
	}
	return 0
}

// wrongForm names what keeps a record from being read: a quote that is open, too
// many or too few fields, another separator than the header's.
func wrongForm(row gridRow, separator byte, header, answer int, open bool) string {
	extra := gridRow{}
	if len(row.cells) > header {
		extra.cells = row.cells[header:]
	}
	switch {
	case open:
		return ruleOpenQuote
	case !extra.blank():
		return ruleTooManyCols
	case len(row.cells) > answer || row.blank():
		return ""
	case len(row.cells) == 1 && strings.ContainsAny(row.cells[0].text, strings.ReplaceAll(",;\t", string(separator), "")):
		return ruleOtherSign
	}
	return ruleTooFewCols
}
