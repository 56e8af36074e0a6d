package specification

import (
	"regexp"
	"slices"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// layout says which column holds what, and where the header stands.
type layout struct {
	header int           // index in the table's rows; -1 for none
	by     map[Field]int // the first column of each
	all    map[int]Field // every column that is understood
	known  int
}

// readHeader understands a row as a header, if it is one: it must name the text
// and the number, or the text and at least two more. A legend of codes with a
// column for the code and one for its meaning is therefore never taken for it.
func readHeader(r Row) (layout, bool) {
	l := layout{by: map[Field]int{}, all: map[int]Field{}}
	for _, i := range r.filled() {
		f := fieldOf(r.at(i))
		l.all[i] = f
		// Two columns of text are a short and a long one: "Krav" and "Beskrivelse".
		if first, twice := l.by[fieldText]; f == fieldText && twice && !l.has(fieldTitle) {
			l.by[fieldTitle], l.all[first] = first, fieldTitle
			l.by[fieldText] = i
			l.known++
			continue
		}
		if _, taken := l.by[f]; f == fieldUnknown || taken {
			continue
		}
		l.by[f] = i
		l.known++
	}
	return l, l.has(fieldText) && (l.has(fieldNumber) || l.known >= 3)
}

// findLayout picks the row that names the most columns, the first of equals:
// a legend above the table can look like a header too.
func findLayout(t Table) (layout, bool) {
	type candidate struct {
		layout
		ok bool
	}
	var all []candidate
	for i, r := range t.Rows {
		l, ok := readHeader(r)
		if l.header = i; ok || (l.known >= 2 && l.has(fieldText)) {
			all = append(all, candidate{l, ok})
		}
	}
	var best layout
	found := false
	for n, c := range all {
		end := len(t.Rows)
		if n+1 < len(all) {
			end = all[n+1].header
		}
		below := t.Rows[c.header+1 : end]
		explains := isLegend(below) && !(c.has(fieldNumber) && c.has(fieldKind))
		if c.known <= best.known || explains || (!c.ok && !labelled(below, c.by[fieldText])) {
			continue
		}
		best, found = c.layout, true
	}
	return best, found
}

// labelled reports whether the texts of most rows begin with an automatic
// number: a table with such texts needs no column for it.
func labelled(rows []Row, text int) bool {
	n := 0
	for _, r := range rows {
		if r.more(text).Label != "" {
			n++
		}
	}
	return n > 0 && n*2 >= len(rows)
}

// choose lays the person's choice of columns over what was found.
func (l layout) choose(columns map[int]Field) layout {
	for i, f := range columns {
		if old, ok := l.all[i]; ok && l.by[old] == i {
			delete(l.by, old)
		}
		delete(l.all, i)
		if f == fieldIgnored {
			continue
		}
		if old, ok := l.by[f]; ok && f != fieldAnswer {
			l.all[old] = fieldUnknown
		}
		l.all[i] = f
		if _, taken := l.by[f]; !taken || f != fieldAnswer {
			l.by[f] = i
		}
	}
	return l
}

// layoutOf finds a table's layout, or takes the chosen one. It returns an
// Invalid fault for a chosen header row that the table does not have.
func (rd *reader) layoutOf(t Table) (layout, bool, error) {
	c := rd.options.Choice
	if c.HeaderRow > 0 {
		i := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Number == c.HeaderRow })
		if i < 0 {
			return layout{}, false, fault.New(fault.Invalid, "specification.header-row-unknown").At("headerRow")
		}
		l, _ := readHeader(t.Rows[i])
		l.header = i
		l = l.choose(c.Columns)
		return l, l.has(fieldText) || l.has(fieldTitle), nil
	}
	if l, ok := findLayout(t); ok {
		l = l.choose(c.Columns)
		return l, l.has(fieldText) || l.has(fieldTitle), nil
	}
	l := layout{header: -1, by: map[Field]int{}, all: map[int]Field{}}.choose(c.Columns)
	if l.has(fieldText) {
		return l, true, nil
	}
	l, ok := rd.continues(t)
	return l, ok, nil
}

// requirementNumber is what buyers' numbers look like: 1.10, K12, R 1.1, F-3.
var requirementNumber = regexp.MustCompile(`^(?:[A-Za-zÆØÅæøå]{1,4}[-. ]?)?\d{1,4}(?:[.-]\d{1,4})*[.)]?[a-z]?$`)

// continues reports whether a table without a header goes on with the one
// before: it has as many columns, and most rows have a number and a text where
// that one has them.
func (rd *reader) continues(t Table) (layout, bool) {
	l := rd.last
	if l.by == nil || !l.has(fieldNumber) || !l.has(fieldText) || len(t.Rows) == 0 || width(t) != rd.lastWidth {
		return layout{}, false
	}
	n := 0
	for _, r := range t.Rows {
		if requirementNumber.MatchString(l.text(r, fieldNumber)) && l.text(r, fieldText) != "" {
			n++
		}
	}
	l.header = -1
	return l, n*2 > len(t.Rows)
}

// width is the number of columns of a table's widest row.
func width(t Table) int {
	w := 0
	for _, r := range t.Rows {
		w = max(w, len(r.Cells))
	}
	return w
}

// used reports whether a column became part of the set.
func (l layout) used(i int) bool {
	f, ok := l.all[i]
	return ok && f != fieldUnknown && f != fieldAnswer && l.by[f] == i
}

func (l layout) has(f Field) bool { _, ok := l.by[f]; return ok }

func (l layout) text(r Row, f Field) string {
	i, ok := l.by[f]
	if !ok {
		return ""
	}
	return r.at(i)
}

func (l layout) stored(r Row, f Field) string {
	i, ok := l.by[f]
	if !ok {
		return ""
	}
	return r.stored(i)
}

// repeats reports whether a row is the header once more. It may name other
// columns than the first one, and then holds from there on.
func (l layout) repeats(r Row, header Row) (layout, bool) {
	again, ok := readHeader(r)
	if ok && again.known*2 >= l.known {
		return again, true
	}
	filled := r.filled()
	same := len(filled) > 1 && slices.Equal(filled, header.filled())
	for _, i := range filled {
		same = same && normal(r.at(i)) == normal(header.at(i))
	}
	return l, same
}
