package word

import (
	"strings"

	"github.com/fellesloft/fellesloft/internal/specification"
)

// document collects what stands in the body.
type document struct {
	styles    styles
	numbering *numbering
	budget    specification.Budget
	found     specification.Document
	// headings are those that hold at the place read, by level. The last level
	// is for a short line in bold right above a table, which buyers use for one.
	headings [levels + 1]string
	before   paragraph // the paragraph right above
	first    string    // the document's first text
	begun    string    // the start of a paragraph whose end is deleted
}

// Bounds of what is taken for a title or a heading, in bytes.
const (
	longestTitle   = 150
	longestHeading = 80
)

func (d *document) paragraph(p paragraph) error {
	if p.joined {
		d.begun += p.text
		return nil
	}
	p.text, d.begun = specification.Clean(d.begun+p.text), ""
	if p.text == "" && p.label.text == "" {
		return nil
	}
	switch {
	case d.styles.isTitle(p.style) && d.found.Title == "":
		d.found.Title = p.text
	case p.outline != noLevel && p.text != "":
		d.headings[p.outline] = p.line()
		clear(d.headings[p.outline+1:])
	default:
		d.found.Notes = append(d.found.Notes, p.text)
	}
	if d.first == "" {
		d.first = p.text
	}
	d.before = p
	return nil
}

func (d *document) table(t specification.Table) error {
	if b := d.before; b.bold && b.outline == noLevel && b.text != "" && len(b.text) <= longestHeading && !d.styles.isTitle(b.style) {
		d.headings[levels] = strings.TrimSuffix(b.line(), ":")
	}
	d.before = paragraph{}
	for _, h := range d.headings {
		if h != "" {
			t.Headings = append(t.Headings, h)
			t.Name = h
		}
	}
	t.Place.Table = len(d.found.Tables) + 1
	placed(t.Place, t.Rows)
	d.found.Tables = append(d.found.Tables, t)
	return nil
}

// placed tells the tables inside cells which table they stand in.
func placed(at specification.Place, rows []specification.Row) {
	for _, r := range rows {
		for _, c := range r.Cells {
			if c.More == nil {
				continue
			}
			for i := range c.More.Tables {
				c.More.Tables[i].Place = at
				placed(at, c.More.Tables[i].Rows)
			}
		}
	}
}

func (d *document) result() specification.Document {
	if d.found.Title == "" && len(d.first) <= longestTitle {
		d.found.Title = d.first
	}
	if d.found.Title == "" {
		d.found.Title = specification.DefaultTitle
	}
	return d.found
}
