package sheet

import (
	"bytes"
	"errors"

	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/ooxml"
	"github.com/fellesloft/fellesloft/internal/specification"
)

// maxSeen bounds the cells that are passed over, most of them empty: a cell far
// to the right makes a long row, and a sheet can have a million of them.
const maxSeen = 20 << 20

// Load takes the sheets of a workbook as tables. It returns an Invalid fault
// for what cannot be read, and TooLarge for more than specification's limits.
func Load(p *ooxml.Package) (d specification.Document, err error) {
	// A workbook that the library cannot digest must not take the process down.
	defer func() {
		if r := recover(); r != nil {
			d, err = specification.Document{}, fault.New(fault.Invalid, "file.unreadable")
		}
	}()
	// Equal limits keep large parts in memory: above UnzipXMLSizeLimit the
	// library writes them to a temporary file.
	f, err := excelize.OpenReader(bytes.NewReader(p.Bytes()), excelize.Options{UnzipSizeLimit: ooxml.MaxUnpacked, UnzipXMLSizeLimit: ooxml.MaxUnpacked})
	if err != nil {
		return d, fault.Wrap(fault.Invalid, "file.unreadable", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	l := loader{file: f}
	for _, name := range f.GetSheetList() {
		t, err := l.table(name)
		if err != nil {
			return specification.Document{}, err
		}
		d.Tables = append(d.Tables, t)
	}
	extras, err := readExtras(p)
	if err != nil {
		return specification.Document{}, err
	}
	for i := range d.Tables {
		if err := l.merge(&d.Tables[i], extras[d.Tables[i].Name].merged); err != nil {
			return specification.Document{}, err
		}
	}
	for i := range d.Tables {
		offer(d.Tables, i, extras[d.Tables[i].Name].lists)
	}
	return d, nil
}

type loader struct {
	file   *excelize.File
	budget specification.Budget
	seen   int
}

// table reads a sheet twice at once: what is shown, and what is stored.
func (l *loader) table(name string) (t specification.Table, err error) {
	t = specification.Table{Place: specification.Place{Sheet: name}, Name: name}
	shown, err := l.file.Rows(name)
	if err != nil {
		return t, fault.Wrap(fault.Invalid, "file.unreadable", err)
	}
	defer func() { err = errors.Join(err, shown.Close()) }()
	stored, err := l.file.Rows(name)
	if err != nil {
		return t, fault.Wrap(fault.Invalid, "file.unreadable", err)
	}
	defer func() { err = errors.Join(err, stored.Close()) }()
	for n := 1; shown.Next() && stored.Next(); n++ {
		texts, err := shown.Columns()
		values, err2 := stored.Columns(excelize.Options{RawCellValue: true})
		if err := errors.Join(err, err2); err != nil {
			return t, fault.Wrap(fault.Invalid, "file.unreadable", err)
		}
		if l.seen += len(texts); l.seen > maxSeen {
			return t, fault.New(fault.TooLarge, "specification.too-much-text")
		}
		row := specification.Row{Number: n, Cells: cells(texts, values)}
		if len(row.Cells) == 0 {
			continue
		}
		if err := l.budget.Row(row.Cells); err != nil {
			return t, err
		}
		t.Rows = append(t.Rows, row)
	}
	if err := errors.Join(shown.Error(), stored.Error()); err != nil {
		return t, fault.Wrap(fault.Invalid, "file.unreadable", err)
	}
	return t, nil
}

// cells makes a row's cells, up to the last one with a text.
func cells(texts, values []string) []specification.Cell {
	last := len(texts)
	for last > 0 && specification.Clean(texts[last-1]) == "" {
		last--
	}
	if last == 0 {
		return nil
	}
	all := make([]specification.Cell, last)
	for i := range all {
		all[i].Text = specification.Clean(texts[i])
		if i < len(values) {
			if v := specification.Clean(values[i]); v != all[i].Text {
				all[i].Stored = v
			}
		}
	}
	return all
}
