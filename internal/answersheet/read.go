package answersheet

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/answersheet/formula"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Read understands a workbook or CSV file as answers to a set. What a file is,
// is told by its content.
//
// It returns TooLarge for what exceeds a limit and Invalid for what can run code
// or reach out of the file, for what cannot be read at all, for a file without a
// table of answers, and for one that was generated from another set. Everything
// else that is wrong is a problem of the reading.
func Read(set requirement.Set, file []byte, o Options) (Reading, error) {
	rd := newReader(set, o)
	if bytes.HasPrefix(file, []byte("PK")) || bytes.HasPrefix(file, []byte{0xD0, 0xCF, 0x11, 0xE0}) {
		if err := rd.workbook(file); err != nil {
			return Reading{}, err
		}
	} else if err := rd.csv(file); err != nil {
		return Reading{}, err
	}
	rd.values()
	rd.conditions()
	rd.missing()
	rd.sort()
	return rd.reading, nil
}

// reader gathers what a file says, requirement by requirement.
type reader struct {
	set      requirement.Set
	options  Options
	reading  Reading
	index    map[uuid.UUID]int
	byNumber map[string][]int
	buyers   map[string]uuid.UUID
	sheets   []string // in the file's order

	// Of the file at hand.
	sign      byte // of decimals
	isCSV     bool
	since1904 bool
	book      *workbook
	computer  *formula.Evaluator
	written   map[string]bool // requirement numbers in the file

	entries map[uuid.UUID][]entry
	first   map[entryKey]entry
	tables  map[uuid.UUID]bool
	unread  map[entryKey]bool // prices whose rows were not taken, and why is told
	// settled are requirements that a row or a problem is about; refused those
	// of which something was not taken.
	settled, refused map[uuid.UUID]bool
}

func newReader(set requirement.Set, o Options) *reader {
	rd := &reader{
		set: set, options: o, sign: ',', index: map[uuid.UUID]int{}, byNumber: map[string][]int{}, buyers: buyersByName(o.Buyers), written: map[string]bool{},
		entries: map[uuid.UUID][]entry{}, first: map[entryKey]entry{}, unread: map[entryKey]bool{}, tables: map[uuid.UUID]bool{}, settled: map[uuid.UUID]bool{}, refused: map[uuid.UUID]bool{},
		reading: Reading{Values: requirement.Values{}, Rows: []Understood{}, Problems: []Problem{}, LeftOut: []LeftOut{}, Totals: []Total{}},
	}
	for i, r := range set.Requirements {
		rd.index[r.ID] = i
		rd.byNumber[plain(r.Number)] = append(rd.byNumber[plain(r.Number)], i)
	}
	return rd
}

// buyersByName leaves out names that several buyers have: those are written by id.
func buyersByName(names map[uuid.UUID]string) map[string]uuid.UUID {
	by := map[string]uuid.UUID{}
	twice := map[string]bool{}
	for id, name := range names {
		key := plain(name)
		if _, taken := by[key]; taken || key == "" {
			twice[key] = true
		}
		by[key] = id
	}
	for name := range twice {
		delete(by, name)
	}
	return by
}

func (rd *reader) workbook(file []byte) error {
	w, err := openWorkbook(file)
	if err != nil {
		return err
	}
	rd.since1904 = w.since1904
	rd.book, rd.computer = w, formula.New(w, numberInText)
	var found stamp
	stamped, tables := false, 0
	for _, g := range w.grids {
		rd.sheets = append(rd.sheets, g.name)
		if s, ok := readStamp(g); ok && !stamped {
			found, stamped = s, true
		}
	}
	if err := rd.checkStamp(found, stamped); err != nil {
		return err
	}
	for _, g := range w.grids {
		switch id, isTable := scheduleOf(g); {
		case isTable:
			tables++
			rd.priceTable(g, id)
		case rd.table(g):
			tables++
		case !g.hidden && g.name != guideSheet && len(g.rows) > 0:
			rd.leave(Cell{Sheet: g.name}, UnknownSheet)
		}
	}
	if tables == 0 {
		return fault.New(fault.Invalid, ruleNoTable)
	}
	return nil
}

func (rd *reader) csv(file []byte) error {
	f, err := openCSV(file)
	if err != nil {
		return err
	}
	rd.isCSV = true
	if f.separator == ',' {
		rd.sign = '.'
	}
	columns, _ := headerOf(f.rows[0].texts())
	ours := slices.ContainsFunc(f.rows[0].texts(), func(t string) bool { return headings[normal(t)] == colID })
	first := Cell{Row: 1, Line: 1}
	if f.marked && !ours { // ours has one, for spreadsheet programs
		rd.tell(first, ruleByteOrder)
	}
	if f.windows {
		rd.tell(first, ruleWindows)
	}
	rd.rows(f.grid, 0, columns)
	return nil
}

// headerWithin is how far down a header is looked for.
const headerWithin = 25

// table reads a sheet with a table of answers; false for one without.
func (rd *reader) table(g grid) bool {
	for i := range min(len(g.rows), headerWithin) {
		if columns, ok := headerOf(g.rows[i].texts()); ok {
			rd.rows(g, i, columns)
			return true
		}
	}
	return false
}

// Telling.

func (rd *reader) tell(at Cell, rule string, params ...fault.Params) {
	p := Problem{Cell: at, Outcome: Told, Rule: rule}
	if len(params) > 0 {
		p.Params = params[0]
	}
	rd.reading.Problems = append(rd.reading.Problems, p)
}

func (rd *reader) leave(at Cell, reason string) {
	rd.reading.LeftOut = append(rd.reading.LeftOut, LeftOut{at, reason})
}

// refuse tells that an answer is not taken.
func (rd *reader) refuse(e entry, at Cell, rule, field string, params fault.Params) {
	rd.about(e, at, Refused, rule, field, params)
}

// note tells of an answer that is taken.
func (rd *reader) note(e entry, at Cell, rule string, params fault.Params) {
	rd.about(e, at, Taken, rule, "", params)
}

func (rd *reader) about(e entry, at Cell, outcome Outcome, rule, field string, params fault.Params) {
	rd.reading.Problems = append(rd.reading.Problems, Problem{Cell: at, Requirement: e.requirement, Number: e.number, Outcome: outcome, Rule: rule, Field: field, Params: params})
	if e.requirement != uuid.Nil {
		rd.settled[e.requirement] = true
		if outcome == Refused {
			rd.refused[e.requirement] = true
		}
	}
}

// missing tells of requirements that the file does not have.
func (rd *reader) missing() {
	for _, r := range rd.set.Requirements {
		if r.AnswerType != requirement.NoAnswer && !rd.settled[r.ID] {
			rd.reading.Problems = append(rd.reading.Problems, Problem{Requirement: r.ID, Number: r.Number, Outcome: Told, Rule: ruleMissingRow})
		}
	}
}

// sort puts what concerns the whole file first, then the rows in their order,
// then what the file does not have.
func (rd *reader) sort() {
	place := func(p Problem) int {
		switch {
		case p.Row > 0:
			return 1 + slices.Index(rd.sheets, p.Sheet)
		case p.Requirement == uuid.Nil:
			return -1
		}
		return len(rd.sheets) + 2
	}
	slices.SortStableFunc(rd.reading.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Row, b.Row))
	})
}

// buyer finds a buyer by id or name.
func (rd *reader) buyer(text string) (uuid.UUID, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return uuid.Nil, true
	}
	if id, err := uuid.Parse(text); err == nil {
		return id, true
	}
	id, ok := rd.buyers[plain(text)]
	return id, ok
}
