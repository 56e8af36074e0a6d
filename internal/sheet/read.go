package sheet

import (
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// ReadSpecification reads a requirement specification: our own template or a
// buyer's own table. It finds the header, keeps numbers as text, and tells what
// it left out; nothing is guessed silently. It returns an Invalid fault for
// what is no workbook, can run code, or holds no requirement table, and
// TooLarge for more than the limits of this package. Anyone may call it; it
// writes nothing to disk.
func ReadSpecification(r io.Reader, o Options) (Preview, error) {
	grids, err := open(r)
	if err != nil {
		return Preview{}, err
	}
	rd := &reader{options: o, areas: map[string]uuid.UUID{}, criteria: map[string]uuid.UUID{}, lots: map[string]uuid.UUID{}, assumed: map[string]bool{}}
	rd.preview = Preview{Rows: []Understood{}, LeftOut: []LeftOut{}, Warnings: []Warning{}}
	rd.preview.Set.ID = o.NewID()
	rd.setup(grids)
	found := false
	for _, g := range grids {
		if isSetup(g.name) {
			continue
		}
		l, ok := findLayout(g)
		if !ok {
			rd.leaveOut(Cell{Sheet: g.name}, NoHeader)
			continue
		}
		found = true
		rd.table(g, l)
	}
	if !found {
		return Preview{}, fault.New(fault.Invalid, "sheet.no-requirement-table")
	}
	rd.resolve()
	return rd.preview, nil
}

// reader builds one preview.
type reader struct {
	options  Options
	preview  Preview
	areas    map[string]uuid.UUID // by path
	criteria map[string]uuid.UUID // by lower-case name
	lots     map[string]uuid.UUID // by lower-case name
	assumed  map[string]bool      // kind codes warned about
	// conditions wait until all numbers are known.
	conditions []pending
	fractions  []int // requirements whose weight is a plain number
	area       uuid.UUID
}

func (rd *reader) leaveOut(c Cell, why Reason) {
	rd.preview.LeftOut = append(rd.preview.LeftOut, LeftOut{c, why})
}

func (rd *reader) warn(c Cell, rule string, params ...fault.Params) {
	w := Warning{Cell: c, Rule: rule}
	if len(params) > 0 {
		w.Params = params[0]
	}
	rd.preview.Warnings = append(rd.preview.Warnings, w)
}

// row is a row of a requirement table, with what is needed to point at it.
type row struct {
	gridRow
	sheet  string
	layout layout
}

func (r row) cell(c column) Cell {
	cell := Cell{Sheet: r.sheet, Row: r.number}
	if i, ok := r.layout.by[c]; ok {
		cell.Column = letter(i)
	}
	return cell
}

func (r row) text(c column) string { return r.layout.text(r.gridRow, c) }

func letter(i int) string {
	name, err := excelize.ColumnNumberToName(i + 1)
	if err != nil {
		return ""
	}
	return name
}

func (rd *reader) table(g grid, l layout) {
	header := g.rows[l.header]
	rd.unusedColumns(g, l)
	if !l.has(colKind) {
		rd.warn(Cell{Sheet: g.name, Row: header.number}, "sheet.kind-column-missing")
	}
	rd.title(g, l)
	rd.area = uuid.Nil
	for i, gr := range g.rows {
		r := row{gr, g.name, l}
		at := Cell{Sheet: g.name, Row: gr.number}
		switch {
		case i == l.header:
		case i < l.header:
			rd.leaveOut(at, AboveHeader)
		default:
			rd.row(r, at)
		}
	}
}

// unusedColumns tells of every column from the header down that holds something
// and does not become part of the set.
func (rd *reader) unusedColumns(g grid, l layout) {
	var filled [MaxColumns]bool
	for _, r := range g.rows[l.header:] {
		for _, i := range r.filled() {
			filled[i] = true
		}
	}
	for i, has := range filled {
		at := Cell{g.name, g.rows[l.header].number, letter(i)}
		switch {
		case !has || l.used(i):
		case l.all[i] == colAnswer:
			rd.leaveOut(at, ColumnForAnswer)
		default:
			rd.leaveOut(at, ColumnUnknown)
		}
	}
}

// title takes the first text above the header as the set's title, else the
// sheet's name.
func (rd *reader) title(g grid, l layout) {
	if rd.preview.Set.Title != "" {
		return
	}
	rd.preview.Set.Title = g.name
	if l.header > 0 {
		if filled := g.rows[0].filled(); len(filled) > 0 {
			rd.preview.Set.Title = g.rows[0].at(filled[0])
		}
	}
}

func (rd *reader) row(r row, at Cell) {
	if again, ok := readHeader(r.gridRow); ok && again.known*2 >= r.layout.known {
		rd.leaveOut(at, RepeatedHeader)
		return
	}
	number, text := r.text(colNumber), r.text(colText)
	switch {
	case strings.EqualFold(r.text(colAnswerType), priceLine):
		rd.priceLine(r, at)
	case isCancelled(text):
		rd.leaveOut(at, Cancelled)
	case rd.isHeading(r):
		rd.heading(r)
		rd.leaveOut(at, Heading)
	case text == "" && r.text(colTitle) == "":
		rd.leaveOut(at, NoRequirement)
	default:
		rd.requirement(r, number, text, at)
	}
}

func isCancelled(text string) bool {
	switch strings.Trim(strings.ToLower(text), " .()[]-–") {
	case "utgår", "utgått", "kravet utgår", "kravet er utgått", "slettet", "withdrawn", "cancelled":
		return true
	}
	return false
}

// headingLength is longer than any section's name and shorter than most
// requirements.
const headingLength = 80

// isHeading reports whether a row only names a section: one filled cell outside
// the text column, or, in a table with kinds, a number and a short line with no
// kind, weight or answer type.
func (rd *reader) isHeading(r row) bool {
	filled := r.filled()
	textAt := r.layout.by[colText]
	if len(filled) == 1 && (filled[0] != textAt || filled[0] == 0) {
		return true
	}
	if !r.layout.has(colKind) || r.text(colKind) != "" || r.text(colWeight) != "" || r.text(colAnswerType) != "" {
		return false
	}
	text := r.text(colText)
	return len(filled) <= 2 && len(text) <= headingLength && !strings.ContainsAny(text, ".?\n")
}

func (rd *reader) heading(r row) {
	var parts []string
	for _, i := range r.filled() {
		parts = append(parts, r.at(i))
	}
	rd.area = rd.areaOf(strings.Join(parts, " "))
}

// areaOf finds or makes the area with a path of titles.
func (rd *reader) areaOf(path string) uuid.UUID {
	path = spaces.ReplaceAllString(path, " ")
	if id, ok := rd.areas[path]; ok {
		return id
	}
	a := requirement.Area{ID: rd.options.NewID(), Title: path}
	if i := strings.LastIndex(path, within); i >= 0 {
		a.Parent = rd.areaOf(path[:i])
		a.Title = path[i+len(within):]
	}
	rd.areas[path] = a.ID
	rd.preview.Set.Areas = append(rd.preview.Set.Areas, a)
	return a.ID
}

// resolve settles what needs the whole table: conditions, weights written as
// fractions, criteria that the weights imply.
func (rd *reader) resolve() {
	rd.resolveConditions()
	rd.resolveFractions()
	rd.implyCriterion()
	for _, w := range rd.preview.Set.Warnings() {
		if w.Rule != "requirement.number-repeated" {
			continue
		}
		for i := range rd.preview.Set.Requirements {
			if w.Field == requirementField(i)+".number" {
				rd.warn(rd.preview.Rows[i].Cell, w.Rule, fault.Params{"number": rd.preview.Rows[i].Number})
			}
		}
	}
}

// implyCriterion gives rated requirements without one a criterion of their own,
// so that their weights can be judged; the buyer names and weights it.
func (rd *reader) implyCriterion() {
	s := &rd.preview.Set
	if len(s.Criteria) > 0 || !slices.ContainsFunc(s.Requirements, func(r requirement.Requirement) bool { return r.Weight != 0 }) {
		return
	}
	c := requirement.Criterion{ID: rd.options.NewID(), Name: criterionWord(requirement.QualityCriterion), Weight: requirement.Hundred, Kind: requirement.QualityCriterion}
	s.Criteria = []requirement.Criterion{c}
	for i := range s.Requirements {
		if s.Requirements[i].IsRated() && s.Requirements[i].Part() == requirement.Quality {
			s.Requirements[i].Criterion = c.ID
		}
	}
	rd.warn(Cell{Sheet: rd.preview.Rows[0].Sheet}, "sheet.criterion-assumed")
}
