package sheet

import (
	"encoding/xml"
	"regexp"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/internal/ooxml"
	"github.com/fellesloft/fellesloft/internal/specification"
)

// extras are what a sheet has beside its cells. They are read from its part,
// since the library would build every cell of the sheet to give them, also
// those that a damaged file only claims to have.
type extras struct {
	merged []area
	lists  []list
}

// area is a rectangle of cells; columns from 0, rows from 1, both inclusive.
type area struct{ left, top, right, bottom int }

// list is a drop-down list: its cells, and the options or where they stand.
type list struct {
	cells  []area
	source string
}

// maxExtras bounds merged areas and lists of a sheet.
const maxExtras = 50_000

// readExtras gives the extras of each sheet by name.
func readExtras(p *ooxml.Package) (map[string]extras, error) {
	links, err := p.Links(p.Main)
	if err != nil {
		return nil, err
	}
	all := map[string]extras{}
	err = p.Elements(p.Main, func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "sheet" {
			return nil
		}
		i := slices.IndexFunc(links, func(r ooxml.Relationship) bool { return r.ID == relationID(e) })
		if i < 0 {
			return nil
		}
		x, err := extrasOf(p, links[i].Target)
		all[ooxml.Attribute(e, "name")] = x
		return err
	})
	return all, err
}

// relationID gives r:id; sheets also have an id of another kind.
func relationID(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

func extrasOf(p *ooxml.Package, part string) (extras, error) {
	var x extras
	err := p.Elements(part, func(d *xml.Decoder, e xml.StartElement) error {
		if len(x.merged)+len(x.lists) > maxExtras {
			return nil
		}
		switch e.Name.Local {
		case "mergeCell":
			if a, ok := areaOf(ooxml.Attribute(e, "ref")); ok {
				x.merged = append(x.merged, a)
			}
		case "dataValidation":
			var v struct {
				Type    string `xml:"type,attr"`
				Cells   string `xml:"sqref,attr"`
				Formula struct {
					Text  string `xml:",chardata"`
					Inner string `xml:"f"`
				} `xml:"formula1"`
				CellsExt string `xml:"sqref"`
			}
			if err := d.DecodeElement(&v, &e); err != nil {
				return nil //nolint:nilerr // a list that cannot be read offers nothing; the next token tells of the file
			}
			if v.Type != "list" {
				return nil
			}
			l := list{source: strings.TrimSpace(v.Formula.Text + v.Formula.Inner)}
			for ref := range strings.FieldsSeq(v.Cells + " " + v.CellsExt) {
				if a, ok := areaOf(ref); ok {
					l.cells = append(l.cells, a)
				}
			}
			x.lists = append(x.lists, l)
		}
		return nil
	})
	return x, err
}

func areaOf(ref string) (area, bool) {
	first, last, ok := strings.Cut(strings.ReplaceAll(ref, "$", ""), ":")
	if !ok {
		last = first
	}
	left, top, err := excelize.CellNameToCoordinates(first)
	right, bottom, err2 := excelize.CellNameToCoordinates(last)
	return area{left - 1, top, right - 1, bottom}, err == nil && err2 == nil && left <= right && top <= bottom
}

// merge repeats the text of a cell that spans several rows in each of them.
func (l *loader) merge(t *specification.Table, areas []area) error {
	rows := map[int]int{}
	for i, r := range t.Rows {
		rows[r.Number] = i
	}
	for _, a := range areas {
		first, ok := rows[a.top]
		if !ok || a.top == a.bottom || a.left >= len(t.Rows[first].Cells) {
			continue
		}
		from := t.Rows[first].Cells[a.left]
		for i := first + 1; from.Text != "" && i < len(t.Rows) && t.Rows[i].Number <= a.bottom; i++ {
			r := &t.Rows[i]
			for len(r.Cells) <= a.left {
				r.Cells = append(r.Cells, specification.Cell{})
			}
			if r.Cells[a.left].Text != "" {
				continue
			}
			if err := l.budget.Text(len(from.Text)); err != nil {
				return err
			}
			r.Cells[a.left] = specification.Cell{Text: from.Text, Stored: from.Stored, More: &specification.More{Merged: true}}
		}
	}
	return nil
}

// maxOptions is more than a list that a person chooses from has.
const maxOptions = 200

// offer gives the cells of rows with content the options of their lists.
func offer(tables []specification.Table, sheet int, lists []list) {
	t := &tables[sheet]
	for _, l := range lists {
		options := optionsOf(tables, *t, l.source)
		if len(options) < 2 {
			continue
		}
		for _, a := range l.cells {
			i, _ := slices.BinarySearchFunc(t.Rows, a.top, func(r specification.Row, row int) int { return r.Number - row })
			for ; i < len(t.Rows) && t.Rows[i].Number <= a.bottom; i++ {
				give(&t.Rows[i], a, options)
			}
		}
	}
}

// give puts the options on the first column of an area within a row.
func give(r *specification.Row, a area, options []string) {
	if a.left >= specification.MaxColumns {
		return
	}
	for len(r.Cells) <= a.left {
		r.Cells = append(r.Cells, specification.Cell{})
	}
	c := &r.Cells[a.left]
	if c.More == nil {
		c.More = &specification.More{}
	}
	c.More.Options = options
}

var reference = regexp.MustCompile(`^(?:'?([^'!]+)'?!)?(\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?)$`)

// optionsOf reads the options of a list: written out, or those of other cells.
func optionsOf(tables []specification.Table, own specification.Table, source string) []string {
	if inner, ok := strings.CutPrefix(source, `"`); ok {
		var all []string
		for o := range strings.SplitSeq(strings.TrimSuffix(inner, `"`), ",") {
			if o = specification.Clean(strings.ReplaceAll(o, `""`, `"`)); o != "" && len(all) < maxOptions {
				all = append(all, o)
			}
		}
		return all
	}
	m := reference.FindStringSubmatch(source)
	if m == nil {
		return nil
	}
	a, ok := areaOf(m[2])
	if m[1] != "" {
		i := slices.IndexFunc(tables, func(t specification.Table) bool { return strings.EqualFold(t.Name, m[1]) })
		if i < 0 {
			return nil
		}
		own = tables[i]
	}
	var all []string
	for _, r := range own.Rows {
		if !ok || r.Number < a.top || r.Number > a.bottom {
			continue
		}
		for i := a.left; i <= a.right && i < len(r.Cells) && len(all) < maxOptions; i++ {
			if r.Cells[i].Text != "" {
				all = append(all, r.Cells[i].Text)
			}
		}
	}
	return all
}
