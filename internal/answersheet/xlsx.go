package answersheet

import (
	"bytes"
	"encoding/xml"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/ooxml"
)

// openWorkbook reads the cells of a workbook (ECMA-376 part 1, chapter 18) with
// their formulas. It goes through each part once, so that its work and memory
// follow the file's size, whatever the file says of itself. Limits and refusals
// are those of ooxml.Open and of this package.
func openWorkbook(file []byte) (*workbook, error) {
	p, err := ooxml.Open(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	if p.Format != ooxml.Spreadsheet {
		return nil, fault.New(fault.Invalid, ruleUnreadable)
	}
	links, err := p.Links(p.Main)
	if err != nil {
		return nil, err
	}
	x := xlsx{pkg: p}
	if err := x.readStrings(); err != nil {
		return nil, err
	}
	w := &workbook{}
	err = p.Elements(p.Main, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			w.since1904 = slices.Contains([]string{"1", "true"}, ooxml.Attribute(e, "date1904"))
		case "sheet":
			g, err := x.sheet(linked(links, e))
			if err != nil {
				return err
			}
			g.name, g.hidden = ooxml.Attribute(e, "name"), !slices.Contains([]string{"", "visible"}, ooxml.Attribute(e, "state"))
			w.grids = append(w.grids, g)
		}
		return nil
	})
	w.index()
	return w, err
}

// linked gives the part that an element refers to by its relationship, which is
// the one attribute named id that is in a namespace.
func linked(links []ooxml.Relationship, e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local != "id" || a.Name.Space == "" {
			continue
		}
		for _, l := range links {
			if l.ID == a.Value {
				return l.Target
			}
		}
	}
	return ""
}

func unreadable(err error) error {
	if f, ok := fault.As(err); ok {
		return f
	}
	return fault.Wrap(fault.Invalid, ruleUnreadable, err)
}

// xlsx reads the sheets of one workbook within the limits, which hold for all of
// them together.
type xlsx struct {
	pkg         *ooxml.Package
	strings     []string
	rows, cells int
}

// readStrings reads the texts that cells refer to by number.
func (x *xlsx) readStrings() error {
	names, err := x.pkg.Related(x.pkg.Main, "sharedStrings")
	if err != nil || len(names) == 0 {
		return err
	}
	return x.pkg.Elements(names[0], func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		text, err := richText(d)
		x.strings = append(x.strings, text)
		return err
	})
}

// richText joins the runs of a text up to the end of its element; readings of
// characters (rPh) are no part of it.
func richText(d *xml.Decoder) (string, error) {
	var b strings.Builder
	for depth, reading := 1, 0; depth > 0; {
		token, err := d.Token()
		if err != nil {
			return "", unreadable(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			if t.Name.Local == "rPh" || reading > 0 {
				reading++
			}
		case xml.EndElement:
			depth--
			if reading > 0 {
				reading--
			}
		case xml.CharData:
			if reading == 0 && depth > 1 {
				b.Write(t)
			}
		}
	}
	return unescape(b.String()), nil
}

var escapes = regexp.MustCompile(`(?:_x[0-9A-Fa-f]{4}_)+`)

// unescape reads the characters that XML cannot hold (ECMA-376 part 1,
// 22.9.2.19), which stand as UTF-16 units.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return escapes.ReplaceAllStringFunc(s, func(run string) string {
		var units []uint16
		for ; run != ""; run = run[len("_xHHHH_"):] {
			n, _ := strconv.ParseUint(run[2:6], 16, 16) // four hexadecimal digits
			units = append(units, uint16(n))
		}
		return string(utf16.Decode(units))
	})
}

// cellXML is a cell as stored.
type cellXML struct {
	Ref     string `xml:"r,attr"`
	Type    string `xml:"t,attr"`
	Value   string `xml:"v"`
	Formula *struct {
		Text  string `xml:",chardata"`
		Type  string `xml:"t,attr"`
		Group string `xml:"si,attr"`
	} `xml:"f"`
	Inline *inline `xml:"is"`
}

type inline string

// UnmarshalXML reads a text that stands in its cell.
func (i *inline) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	text, err := richText(d)
	*i = inline(text)
	return err
}

// master is a formula that is stored once for a block of cells.
type master struct {
	text        string
	column, row int
}

func (x *xlsx) sheet(name string) (grid, error) {
	var g grid
	shared := map[string]master{}
	row := gridRow{}
	keep := func() error {
		if row.blank() {
			return nil
		}
		if x.rows++; x.rows > MaxRows {
			return tooLarge(ruleManyRows, MaxRows)
		}
		g.rows = append(g.rows, row)
		return nil
	}
	err := x.pkg.Elements(name, func(d *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "row":
			err := keep()
			row = gridRow{number: rowNumber(e, row.number)}
			return err
		case "c":
			return x.cell(d, e, &row, shared)
		}
		return nil
	})
	if err == nil {
		err = keep()
	}
	return g, err
}

func tooLarge(rule string, limit int) error {
	return fault.New(fault.TooLarge, rule, fault.Params{"max": strconv.Itoa(limit)})
}

// rowNumber reads a row's number; without one it is the next.
func rowNumber(e xml.StartElement, last int) int {
	if n, err := strconv.Atoi(ooxml.Attribute(e, "r")); err == nil && n > 0 {
		return n
	}
	return last + 1
}

func (x *xlsx) cell(d *xml.Decoder, start xml.StartElement, row *gridRow, shared map[string]master) error {
	var c cellXML
	if err := d.DecodeElement(&c, &start); err != nil {
		return unreadable(err)
	}
	column := len(row.cells)
	if c.Ref != "" {
		column = columnOf(c.Ref)
	}
	content := x.content(c)
	if f := c.Formula; f != nil {
		content.formula = strings.TrimSpace(f.Text)
		if f.Type == "shared" && content.formula != "" {
			shared[f.Group] = master{content.formula, column, row.number}
		} else if m, ok := shared[f.Group]; ok && f.Type == "shared" {
			content.formula, content.columns, content.rows = m.text, column-m.column, row.number-m.row
		}
	}
	if content.blank() {
		return nil
	}
	if column < len(row.cells) || column >= MaxColumns {
		if column >= MaxColumns {
			return tooLarge(ruleManyColumns, MaxColumns)
		}
		return fault.New(fault.Invalid, ruleUnreadable) // two cells in one place
	}
	if x.cells++; x.cells > maxCells {
		return tooLarge(ruleManyCells, maxCells)
	}
	for len(row.cells) < column {
		row.cells = append(row.cells, gridCell{})
	}
	row.cells = append(row.cells, content)
	return nil
}

// content reads a cell by its type (ECMA-376 part 1, 18.18.11).
func (x *xlsx) content(c cellXML) gridCell {
	switch c.Type {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(c.Value))
		if err != nil || i < 0 || i >= len(x.strings) {
			return gridCell{}
		}
		return gridCell{text: x.strings[i]}
	case "inlineStr":
		if c.Inline == nil {
			return gridCell{}
		}
		return gridCell{text: string(*c.Inline)}
	case "b":
		return gridCell{text: truthWord(strings.TrimSpace(c.Value) == "1")}
	case "str", "e", "d":
		return gridCell{text: unescape(c.Value)}
	}
	return gridCell{text: strings.TrimSpace(c.Value), number: strings.TrimSpace(c.Value) != ""}
}

// columnOf reads the column of an address, counted from 0; beyond all limits
// where it has none.
func columnOf(address string) int {
	n := 0
	for i := 0; i < len(address) && address[i] >= 'A' && address[i] <= 'Z' && i < 4; i++ {
		n = n*26 + int(address[i]-'A') + 1
	}
	if n == 0 {
		return MaxColumns
	}
	return n - 1
}
