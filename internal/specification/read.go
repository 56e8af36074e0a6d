package specification

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Read understands a document's tables as a requirement specification: our own
// template or a buyer's own. It finds headers, keeps numbers as text, and tells
// what it left out. It returns an Invalid fault for a document without a
// requirement table and for a choice of what it does not have. Anyone may call
// it.
func Read(d Document, o Options) (Preview, error) {
	rd := &reader{
		options: o, areas: map[string]uuid.UUID{}, criteria: map[string]uuid.UUID{}, lots: map[string]uuid.UUID{},
		own: map[int]bool{}, kinds: map[string]explained{}, answers: map[string]explained{},
	}
	rd.preview = Preview{Tables: []TableRead{}, Rows: []Understood{}, LeftOut: []LeftOut{}, Warnings: []Warning{}, References: []Reference{}}
	rd.preview.Set.ID, rd.preview.Set.Title = o.NewID(), d.Title
	rd.preview.Set.KindCodes = slices.Clone(o.KindCodes)
	if err := chosenExist(d, o.Choice); err != nil {
		return Preview{}, err
	}
	rd.setup(d)
	found, err := rd.find(d.Tables)
	if err != nil {
		return Preview{}, err
	}
	for _, n := range d.Notes {
		rd.note(Place{}, n)
	}
	rd.answerCodes()
	if len(found) == 0 {
		return Preview{}, fault.New(fault.Invalid, "specification.no-requirement-table")
	}
	for _, f := range found {
		rd.table(f.table, f.layout)
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
	needs    map[string]uuid.UUID // by what requirements call them; made at the first
	// kinds and answers are what legends say of codes, by lower-case code.
	kinds, answers map[string]explained
	answerOrder    []string
	// conditions and references wait until all numbers are known.
	conditions, references []pending
	// own are the requirements whose references were written out, as our
	// template does; others get those that their texts make.
	own       map[int]bool
	fractions []int // requirements whose weight is a plain number
	// last is the layout that a table without a header may go on with.
	last      layout
	lastWidth int
	// base is the path of the headings above the table, area what rows belong to.
	base string
	area uuid.UUID
}

func (rd *reader) leaveOut(p Place, why Reason) {
	rd.preview.LeftOut = append(rd.preview.LeftOut, LeftOut{p, why})
}

func (rd *reader) warn(p Place, rule string, params ...fault.Params) {
	w := Warning{Place: p, Rule: rule}
	if len(params) > 0 {
		w.Params = params[0]
	}
	rd.preview.Warnings = append(rd.preview.Warnings, w)
}

// foundTable is a requirement table with its layout.
type foundTable struct {
	table  Table
	layout layout
}

// find tells requirement tables from others, which may be legends or frames
// around tables.
func (rd *reader) find(tables []Table) ([]foundTable, error) {
	var found []foundTable
	for _, t := range tables {
		if isSetup(t) {
			continue
		}
		if !rd.options.Choice.takes(t.Place) {
			rd.leaveOut(t.Place, NotChosen)
			rd.legend(t.Place, t.Rows)
			continue
		}
		l, ok, err := rd.layoutOf(t)
		if err != nil {
			return nil, err
		}
		if ok {
			if l.header > 0 {
				rd.legend(t.Place, t.Rows[:l.header])
			}
			rd.last, rd.lastWidth = l, width(t)
			found = append(found, foundTable{t, l})
			continue
		}
		inside, err := rd.find(inner(t))
		if err != nil {
			return nil, err
		}
		if len(inside) > 0 {
			found = append(found, inside...)
			continue
		}
		rd.legend(t.Place, t.Rows)
		why := NoHeader
		if isLegend(t.Rows) || (len(t.Rows) > 1 && isLegend(t.Rows[1:])) {
			why = Legend
		}
		rd.leaveOut(t.Place, why)
	}
	return found, nil
}

// inner gives the tables inside a table's cells.
func inner(t Table) []Table {
	var all []Table
	for _, r := range t.Rows {
		for i := range r.Cells {
			all = append(all, r.more(i).Tables...)
		}
	}
	return all
}

// takes reports whether a table is among the chosen ones.
func (c Choice) takes(p Place) bool {
	return len(c.Tables) == 0 || slices.ContainsFunc(c.Tables, func(name string) bool { return isCalled(p, name) })
}

func isCalled(p Place, name string) bool {
	return (p.Sheet != "" && strings.EqualFold(p.Sheet, name)) || (p.Table > 0 && strconv.Itoa(p.Table) == name)
}

func chosenExist(d Document, c Choice) error {
	for i, name := range c.Tables {
		if !slices.ContainsFunc(d.Tables, func(t Table) bool { return isCalled(t.Place, name) }) {
			return fault.New(fault.Invalid, "specification.table-unknown", fault.Params{"table": name}).At(fmt.Sprintf("table[%d]", i))
		}
	}
	return nil
}

// row is a row of a requirement table, with what is needed to point at it.
type row struct {
	Row
	table  Place
	layout layout
	// offered are the answers that the headings of the supplier's columns name.
	offered map[int][]string
	// kinds tells that rows without a kind are the exception in the table.
	kinds bool
}

func (r row) place(f Field) Place {
	p := r.table.at(r.Number)
	if i, ok := r.layout.by[f]; ok {
		p.Column = Letter(i)
	}
	return p
}

func (r row) text(f Field) string { return r.layout.text(r.Row, f) }

// own is the text of a cell that is not the one above continued: a weight that
// spans two rows counts once.
func (r row) own(f Field) string {
	if i, ok := r.layout.by[f]; ok && r.more(i).Merged {
		return ""
	}
	return r.text(f)
}

func (rd *reader) table(t Table, l layout) {
	var header Row
	if l.header >= 0 {
		header = t.Rows[l.header]
	}
	before := len(rd.preview.Set.Requirements)
	rd.tableRead(t, l, header)
	rd.unusedColumns(t, l)
	if !l.has(fieldKind) {
		rd.warn(t.Place.at(header.Number), "specification.kind-column-missing")
	}
	if l.header < 0 {
		rd.warn(t.Place, "specification.header-missing")
	}
	rd.title(t, l)
	rd.base, rd.area = pathOf(t.Headings), uuid.Nil
	if rd.base != "" && rd.base != NoArea {
		rd.area = rd.areaOf(rd.base)
	}
	kinds, answers := haveKinds(t, l), offered(l, header)
	for i, each := range t.Rows {
		switch {
		case i == l.header:
		case i < l.header:
			rd.leaveOut(t.Place.at(each.Number), AboveHeader)
		default:
			r := row{each, t.Place, l, answers, kinds}
			if again, ok := l.repeats(each, header); ok && l.header >= 0 {
				rd.leaveOut(t.Place.at(each.Number), RepeatedHeader)
				l = rd.changed(l, again)
				continue
			}
			rd.row(r)
		}
	}
	rd.preview.Tables[len(rd.preview.Tables)-1].Requirements = len(rd.preview.Set.Requirements) - before
}

// changed takes over a repeated header with other columns, unless a person has
// said what the columns are.
func (rd *reader) changed(l, again layout) layout {
	if len(rd.options.Choice.Columns) > 0 || rd.options.Choice.HeaderRow > 0 {
		return l
	}
	again.header = l.header
	return again
}

// haveKinds reports whether at least half of the rows with a text have a kind.
func haveKinds(t Table, l layout) bool {
	texts, kinds := 0, 0
	for _, r := range t.Rows[l.header+1:] {
		if l.text(r, fieldText) != "" {
			texts++
			if l.text(r, fieldKind) != "" {
				kinds++
			}
		}
	}
	return kinds > 0 && kinds*2 >= texts
}

func (rd *reader) tableRead(t Table, l layout, header Row) {
	read := TableRead{Place: t.Place, HeaderRow: header.Number, Columns: []ColumnRead{}}
	for i := range width(t) {
		f := l.all[i]
		if heading := header.at(i); heading != "" || f != fieldUnknown {
			if f != fieldAnswer && !l.used(i) {
				f = fieldUnknown
			}
			read.Columns = append(read.Columns, ColumnRead{Letter(i), heading, f})
		}
	}
	rd.preview.Tables = append(rd.preview.Tables, read)
}

// unusedColumns tells of every column from the header down that holds something
// and does not become part of the set.
func (rd *reader) unusedColumns(t Table, l layout) {
	var filled [MaxColumns]bool
	for _, r := range t.Rows[max(l.header, 0):] {
		for _, i := range r.filled() {
			filled[i] = true
		}
	}
	at := t.Place
	if l.header >= 0 {
		at = at.at(t.Rows[l.header].Number)
	}
	for i, has := range filled {
		at.Column = Letter(i)
		switch {
		case !has || l.used(i):
		case l.all[i] == fieldAnswer:
			rd.leaveOut(at, ColumnForAnswer)
		default:
			rd.leaveOut(at, ColumnUnknown)
		}
	}
}

// title takes the first text above the first header as the set's title, where
// the document has none, else the table's name.
func (rd *reader) title(t Table, l layout) {
	if rd.preview.Set.Title != "" {
		return
	}
	rd.preview.Set.Title = t.Name
	if l.header > 0 {
		if filled := t.Rows[0].filled(); len(filled) > 0 {
			rd.preview.Set.Title = t.Rows[0].at(filled[0])
		}
	}
}

// pathOf joins the headings that something stands under.
func pathOf(titles []string) string {
	var all []string
	for _, t := range titles {
		if t = spaces.ReplaceAllString(t, " "); t != "" {
			all = append(all, t)
		}
	}
	return strings.Join(all, Within)
}

// longestPath is longer than any buyer's headings together, in bytes.
const longestPath = 2_000

// areaOf finds or makes the area with a path of titles.
func (rd *reader) areaOf(path string) uuid.UUID {
	path = spaces.ReplaceAllString(path, " ")
	if id, ok := rd.areas[path]; ok {
		return id
	}
	a := requirement.Area{Title: path}
	if i := strings.LastIndex(path, Within); i >= 0 && len(path) <= longestPath {
		a.Parent = rd.areaOf(path[:i])
		a.Title = path[i+len(Within):]
	}
	a.ID = rd.options.NewID()
	rd.areas[path] = a.ID
	rd.preview.Set.Areas = append(rd.preview.Set.Areas, a)
	return a.ID
}

// resolve settles what needs the whole document: conditions, weights written
// as fractions, criteria that the weights imply, numbers used twice, mentions
// of other numbers.
func (rd *reader) resolve() {
	numbers := rd.numbers()
	rd.resolvePending(numbers)
	rd.resolveFractions()
	rd.implyCriterion()
	rd.refer(numbers)
	for i, u := range rd.preview.Rows {
		if same := numbers[u.Number]; len(same) > 1 && same[0] != i {
			first := rd.preview.Rows[same[0]]
			rd.warn(u.Place, "requirement.number-repeated", fault.Params{"number": u.Number, "first": placeName(first.Place)})
		}
	}
}

// numbers gives the requirements that have each number, in order.
func (rd *reader) numbers() map[string][]int {
	all := map[string][]int{}
	for i, u := range rd.preview.Rows {
		if u.Number != "" {
			all[u.Number] = append(all[u.Number], i)
		}
	}
	return all
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
	rd.warn(Place{Sheet: rd.preview.Rows[0].Sheet, Table: rd.preview.Rows[0].Table}, "specification.criterion-assumed")
}
