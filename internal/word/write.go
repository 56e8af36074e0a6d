package word

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/specification"
)

// WriteSpecification writes a set as a Word document that ReadSpecification
// reads back as the same set, but for ids and white space around texts: a
// heading and a table for each area, with the columns that are used there, and
// tables of criteria, areas, lots and codes at the end. Texts are text: nothing
// in them becomes a field. The same set gives the same bytes. A set that is not
// valid yet is written as far as it says something. It returns an Invalid fault
// for price lines by buyer.
func WriteSpecification(s requirement.Set) ([]byte, error) {
	sections, places := sectionsOf(s)
	lines, err := specification.Lines(s, places)
	if err != nil {
		return nil, err
	}
	var w body
	w.line("Title", s.Title)
	for _, each := range sections {
		for _, h := range each.headings {
			w.line(fmt.Sprintf("Heading%d", h.level), h.text)
		}
		n := 0
		for n < len(lines) && lines[n].Requirement < each.end {
			n++
		}
		w.requirements(lines[:n])
		lines = lines[n:]
	}
	for _, a := range specification.Appendices(s) {
		w.line("Heading1", a.Name)
		heads := make([]specification.Column, len(a.Headings))
		for i, h := range a.Headings {
			heads[i] = specification.Column{Heading: h, Width: 1}
		}
		w.begin(heads)
		for _, texts := range a.Rows {
			w.row(texts, false)
		}
		w.end()
	}
	w.line("", "")
	return pack(s.Title, w.text.String())
}

// WriteTable writes a document of a title, lines of text and one table. Texts
// are text: nothing in them becomes a field. The same content gives the same
// bytes.
func WriteTable(title string, lines []string, columns []specification.Column, rows [][]string) ([]byte, error) {
	var w body
	w.line("Title", title)
	for _, l := range lines {
		w.line("", l)
	}
	w.begin(columns)
	for _, texts := range rows {
		w.row(texts, false)
	}
	w.end()
	w.line("", "")
	return pack(title, w.text.String())
}

// requirements writes a table with the columns that its lines use.
func (w *body) requirements(lines []specification.Line) {
	columns := specification.ColumnsOf(lines)
	w.begin(columns)
	for _, l := range lines {
		texts := make([]string, len(columns))
		for i, c := range columns {
			texts[i] = l.Texts[c.Field]
		}
		w.row(texts, false)
	}
	w.end()
}

// section is a table of requirements with the headings above it.
type section struct {
	headings []heading
	end      int // the index behind its last requirement
}

type heading struct {
	level int
	text  string
}

// sectionsOf divides a set where the area changes, and says where each
// requirement will stand.
func sectionsOf(s requirement.Set) ([]section, []specification.Place) {
	var all []section
	places := make([]specification.Place, len(s.Requirements))
	var open []string
	row := 0
	for i, r := range s.Requirements {
		if i == 0 || r.Area != s.Requirements[i-1].Area {
			var path []string
			if r.Area != uuid.Nil {
				path = shown(specification.AreaPath(s, r.Area))
			} else if i > 0 {
				path = []string{specification.NoArea}
			}
			all = append(all, section{headings: between(open, path)})
			open, row = path, 2 // below the header
		}
		places[i] = specification.Place{Table: len(all), Row: row}
		row += specification.RowsOf(r)
		all[len(all)-1].end = i + 1
	}
	return all, places
}

// shown makes a path no deeper than there are headings.
func shown(path []string) []string {
	if len(path) <= levels {
		return path
	}
	return append(slices.Clone(path[:levels-1]), strings.Join(path[levels-1:], specification.Within))
}

// between gives the headings that lead from one path to another: those that
// differ, and always the last.
func between(from, to []string) []heading {
	same := 0
	for same < len(from) && same < len(to)-1 && from[same] == to[same] {
		same++
	}
	var all []heading
	for i := same; i < len(to); i++ {
		all = append(all, heading{i + 1, to[i]})
	}
	return all
}

// body writes the document's body.
type body struct{ text strings.Builder }

// printWidth is the width between the margins of a lying A4 page, in twentieths
// of a point.
const printWidth = 16_838 - 2*850

func (w *body) line(style, text string) {
	w.text.WriteString("<w:p>")
	if style != "" {
		w.text.WriteString(`<w:pPr><w:pStyle w:val="` + style + `"/></w:pPr>`)
	}
	w.run(strings.Join(strings.Fields(text), " "))
	w.text.WriteString("</w:p>")
}

// begin begins a table; its header is repeated on each page.
func (w *body) begin(columns []specification.Column) {
	total := 0.0
	for _, c := range columns {
		total += c.Width
	}
	w.text.WriteString(`<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="5000" w:type="pct"/><w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>`)
	heads := make([]string, len(columns))
	for i, c := range columns {
		fmt.Fprintf(&w.text, `<w:gridCol w:w="%d"/>`, int(c.Width/total*printWidth))
		heads[i] = c.Heading
	}
	w.text.WriteString(`</w:tblGrid>`)
	w.row(heads, true)
}

func (w *body) end() { w.text.WriteString("</w:tbl>") }

func (w *body) row(texts []string, header bool) {
	w.text.WriteString("<w:tr>")
	if header {
		w.text.WriteString(`<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>`)
	}
	for _, t := range texts {
		w.text.WriteString("<w:tc>")
		if header {
			w.text.WriteString(`<w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="DCE6F1"/></w:tcPr><w:p><w:pPr><w:pStyle w:val="TableHeader"/></w:pPr>`)
		} else {
			w.text.WriteString(`<w:p><w:pPr><w:pStyle w:val="TableText"/></w:pPr>`)
		}
		w.run(t)
		w.text.WriteString("</w:p></w:tc>")
	}
	w.text.WriteString("</w:tr>")
}

// run writes a text; line breaks and tabs are elements of their own.
func (w *body) run(text string) {
	text = specification.Clean(text)
	if text == "" {
		return
	}
	w.text.WriteString("<w:r>")
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			w.text.WriteString("<w:br/>")
		}
		for j, part := range strings.Split(line, "\t") {
			if j > 0 {
				w.text.WriteString("<w:tab/>")
			}
			if part != "" {
				w.text.WriteString(`<w:t xml:space="preserve">` + escaped(part) + `</w:t>`)
			}
		}
	}
	w.text.WriteString("</w:r>")
}

// escaped writes text as XML. What XML cannot hold becomes U+FFFD.
func escaped(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a bytes.Buffer takes everything
	return b.String()
}

// pack makes the file of its parts. They carry no time, so that equal sets give
// equal bytes.
func pack(title, text string) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", contentTypesPart},
		{"_rels/.rels", packageRelationships},
		{"docProps/core.xml", coreBefore + escaped(title) + coreAfter},
		{"word/document.xml", documentBefore + text + documentAfter},
		{"word/_rels/document.xml.rels", documentRelationships},
		{"word/styles.xml", stylesPart()},
	} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate})
		if err != nil {
			return nil, fmt.Errorf("write specification: %w", err)
		}
		if _, err := w.Write([]byte(part.text)); err != nil {
			return nil, fmt.Errorf("write specification: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("write specification: %w", err)
	}
	return b.Bytes(), nil
}
