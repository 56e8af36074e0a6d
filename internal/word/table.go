package word

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/specification"
)

// tableReader builds one table.
type tableReader struct {
	table specification.Table
	row   int
	// above are the texts of cells that may go on below, by column.
	above map[int]string
}

func (w *walker) table() (specification.Table, error) {
	t := &tableReader{above: map[int]string{}}
	err := w.rows(t)
	return t.table, err
}

func (w *walker) rows(t *tableReader) error {
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "tr":
			return w.row(t)
		case "sdt":
			return w.control(func() error { return w.rows(t) })
		case "customXml", "ins", "moveTo", "AlternateContent", "Choice":
			return w.rows(t)
		}
		return w.decoder.Skip()
	})
}

// rowReader builds one row. column is the next one of the table's grid.
type rowReader struct {
	*tableReader
	cells   []specification.Cell
	column  int
	deleted bool
}

// row reads a row; one that a tracked change has deleted is passed over.
func (w *walker) row(t *tableReader) error {
	r := &rowReader{tableReader: t}
	defer func() {
		if r.deleted {
			w.uncounted--
		}
	}()
	if err := w.cells(r); err != nil || r.deleted {
		return err
	}
	t.row++
	row := specification.Row{Number: t.row, Cells: r.cells}
	for len(row.Cells) > 0 && row.Cells[len(row.Cells)-1].Text == "" && row.Cells[len(row.Cells)-1].More == nil {
		row.Cells = row.Cells[:len(row.Cells)-1]
	}
	if !row.Filled() {
		return nil
	}
	t.table.Rows = append(t.table.Rows, row)
	return w.budget.Row(row.Cells)
}

func (w *walker) cells(r *rowReader) error {
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "trPr":
			return w.rowProperties(r, e)
		case "tc":
			return w.cell(r)
		case "sdt":
			return w.control(func() error { return w.cells(r) })
		case "customXml", "ins", "moveTo", "AlternateContent", "Choice":
			return w.cells(r)
		}
		return w.decoder.Skip()
	})
}

func (w *walker) rowProperties(r *rowReader, e xml.StartElement) error {
	var x struct {
		Before  *val      `xml:"gridBefore"`
		Deleted *struct{} `xml:"del"`
	}
	if err := w.decoder.DecodeElement(&x, &e); err != nil {
		return err
	}
	if x.Deleted != nil && !r.deleted {
		r.deleted = true
		w.uncounted++
	}
	return r.skip(number(x.Before, 0))
}

// skip goes on by a number of columns. It returns TooLarge beyond the most that
// a table may have.
func (r *rowReader) skip(columns int) error {
	if r.column += columns; r.column > specification.MaxColumns {
		return fault.New(fault.TooLarge, "specification.too-many-columns", fault.Params{"max": strconv.Itoa(specification.MaxColumns)})
	}
	return nil
}

type cellXML struct {
	Span  *val      `xml:"gridSpan"`
	Below *val      `xml:"vMerge"`
	After *val      `xml:"hMerge"`
	Gone  *struct{} `xml:"cellDel"`
}

// continues reports whether a merge says that the cell is part of one before.
func continues(merge *val) bool { return merge != nil && merge.Val != "restart" }

// cell reads a cell into its first column of the grid.
func (w *walker) cell(r *rowReader) error {
	options := w.options
	w.options = nil
	defer func() { w.options = options }()
	var x cellXML
	var c content
	hidden := false
	err := w.children(func(e xml.StartElement) error {
		if e.Name.Local != "tcPr" {
			return w.block(&c, e)
		}
		if err := w.decoder.DecodeElement(&x, &e); err != nil {
			return err
		}
		_, isBelow := r.above[r.column]
		if hidden = x.Gone != nil || (continues(x.Below) && isBelow) || continues(x.After); hidden {
			w.uncounted++
		}
		return nil
	})
	if hidden {
		w.uncounted--
	}
	if err != nil {
		return err
	}
	at := r.column
	if err := r.skip(max(number(x.Span, 1), 1)); err != nil {
		return err
	}
	for len(r.cells) < r.column {
		r.cells = append(r.cells, specification.Cell{})
	}
	switch text, isBelow := r.above[at]; {
	case hidden && continues(x.Below) && isBelow:
		r.cells[at] = specification.Cell{Text: text, More: &specification.More{Merged: true}}
		return nil
	case hidden:
	default:
		r.cells[at] = c.cell(w.options)
	}
	delete(r.above, at)
	if x.Below != nil && x.Below.Val == "restart" && !r.deleted {
		r.above[at] = r.cells[at].Text
	}
	return nil
}

// content collects what stands in a cell.
type content struct {
	text strings.Builder
	// labels are the paragraphs' numbers, rest the text without the first one.
	labels []label
	rest   strings.Builder
	joined bool
	hidden bool
	tables []specification.Table
}

func (c *content) paragraph(p paragraph) error {
	if !c.joined && (c.text.Len() > 0 || len(c.labels) > 0) {
		c.text.WriteByte('\n')
		c.rest.WriteByte('\n')
	}
	first := c.text.Len() == 0 && len(c.labels) == 0 && p.label.text != "" && !p.label.bullet
	c.text.WriteString(p.line())
	if first {
		c.rest.WriteString(p.text)
	} else {
		c.rest.WriteString(p.line())
	}
	if p.label.text != "" {
		c.labels = append(c.labels, p.label)
	} else if c.text.Len() > 0 && len(c.labels) == 0 {
		c.labels = append(c.labels, label{}) // the first paragraph has no number
	}
	c.joined, c.hidden = p.joined, c.hidden || p.hidden
	return nil
}

func (c *content) table(t specification.Table) error {
	c.tables = append(c.tables, t)
	return c.paragraph(paragraph{text: flat(t)})
}

// flat writes a table inside a cell as text: a line for each row.
func flat(t specification.Table) string {
	var rows []string
	for _, r := range t.Rows {
		var texts []string
		for _, cell := range r.Cells {
			if cell.Text != "" && (cell.More == nil || !cell.More.Merged) {
				texts = append(texts, cell.Text)
			}
		}
		rows = append(rows, strings.Join(texts, " | "))
	}
	return strings.Join(rows, "\n")
}

// cell makes the cell. The number of its first paragraph is the whole cell's if
// no other paragraph counts on with it.
func (c *content) cell(options []string) specification.Cell {
	made := specification.Cell{Text: specification.Clean(c.text.String())}
	more := specification.More{Options: options, Hidden: c.hidden, Tables: c.tables}
	if len(c.labels) > 0 && c.labels[0].text != "" && !c.labels[0].bullet {
		alone := true
		for _, l := range c.labels[1:] {
			alone = alone && (l.of != c.labels[0].of || l.level != c.labels[0].level)
		}
		if alone {
			more.Label, more.Rest = c.labels[0].text, specification.Clean(c.rest.String())
		}
	}
	if more.Label != "" || more.Hidden || len(options) > 0 || len(c.tables) > 0 {
		made.More = &more
	}
	return made
}
