package answersheet

import (
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/answersheet/formula"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// The columns of a price schedule's sheet, counted from 0. The first is hidden
// and says what a row is.
const (
	tabMark = iota
	tabLine
	tabText
	tabBuyer
	tabPeriod
	tabQuantity
	tabUnit
	tabPrice
	tabSum
	tabCounts
)

// Marks of the rows.
const (
	markTable = "prisskjema " // and the requirement's id, in the first row
	markLine  = "linje"       // with a blank and the buyer's id, where the line has one
	markTotal = "sum"         // what counts
	markRest  = "utenom"      // what does not count
)

// scheduleOf recognises the sheet of a price schedule.
func scheduleOf(g grid) (uuid.UUID, bool) {
	if len(g.rows) == 0 {
		return uuid.Nil, false
	}
	text, ok := strings.CutPrefix(g.rows[0].at(tabMark).text, markTable)
	id, err := uuid.Parse(text)
	return id, ok && err == nil
}

// priceTable reads the sheet of a price schedule: its prices become rows like
// others, and its own arithmetic is held against the system's.
func (rd *reader) priceTable(g grid, id uuid.UUID) {
	i, known := rd.index[id]
	if !known || rd.set.Requirements[i].AnswerType != requirement.PriceSchedule {
		e := entry{grid: g.name, row: g.rows[0], requirement: uuid.Nil}
		rd.refuse(e, Cell{Sheet: g.name}, ruleUnknown, "", nil)
		return
	}
	if rd.tables[id] {
		e := entry{grid: g.name, row: g.rows[0], requirement: id, number: rd.set.Requirements[i].Number}
		rd.note(e, Cell{Sheet: g.name}, ruleRepeatedTable, nil)
		return
	}
	rd.tables[id] = true
	t := priceTable{rd: rd, g: g, r: rd.set.Requirements[i], cells: map[priceKey]requirement.PriceCell{}}
	for _, c := range t.r.PriceCells() {
		t.cells[keyOf(c)] = c
	}
	rd.settled[id] = true
	for _, row := range g.rows[1:] {
		t.row(row)
	}
	t.formulas()
	t.sums()
	t.total()
}

// priceTable is one such sheet being read.
type priceTable struct {
	rd    *reader
	g     grid
	r     requirement.Requirement
	cells map[priceKey]requirement.PriceCell
	lines []tableLine
	sum   *gridRow // the row with the total that counts
}

// tableLine is a row that asks for a price.
type tableLine struct {
	entry
	cell   requirement.PriceCell
	price  money.NOK
	amount money.NOK
}

func (t *priceTable) row(row gridRow) {
	mark := row.at(tabMark).text
	switch {
	case mark == markTotal:
		t.sum = &row
		return
	case mark == markRest:
		return
	case mark != markLine && !strings.HasPrefix(mark, markLine+" "):
		if mark == "" && row.number > tableHeader && !row.at(tabPrice).blank() {
			t.rd.leave(t.g.place(row, -1), UnknownRow)
		}
		return
	}
	e := entry{grid: t.g.name, row: row, requirement: t.r.ID, number: t.r.Number, line: row.at(tabLine).text, period: row.at(tabPeriod).text,
		answer: row.at(tabPrice), answerAt: tabPrice, dateAt: -1, commentAt: -1}
	if id, err := uuid.Parse(strings.TrimSpace(strings.TrimPrefix(mark, markLine))); err == nil {
		e.buyer = id
	}
	c, asked := t.cells[priceKey{e.line, e.period, e.buyer}]
	if !asked {
		t.rd.refuse(e, e.in(tabLine), ruleLineUnknown, "", nil)
		return
	}
	if !t.unchanged(e, c) {
		t.rd.unread[e.key()] = true
		return
	}
	if earlier, twice := t.rd.first[e.key()]; twice {
		t.rd.again(e, earlier, t.r)
		return
	}
	t.rd.first[e.key()] = e
	t.rd.entries[t.r.ID] = append(t.rd.entries[t.r.ID], e)
	t.rd.reading.Rows = append(t.rd.reading.Rows, Understood{e.in(-1), t.r.ID, t.r.Number})
	t.lines = append(t.lines, tableLine{entry: e, cell: c})
}

// unchanged holds what a row says of its line against the set. A price for
// another quantity, unit or description is another price.
func (t *priceTable) unchanged(e entry, c requirement.PriceCell) bool {
	for column, want := range map[int]string{tabText: c.Line.Text, tabUnit: c.Line.Unit, tabCounts: truthWord(c.Line.Counts)} {
		if plain(e.row.at(column).text) != plain(clip(want)) {
			t.rd.refuse(e, e.in(column), ruleLineChanged, "", nil)
			return false
		}
	}
	quantity := e.row.at(tabQuantity)
	n, ok := quantity.stored()
	if !ok {
		n, ok = numberInText(quantity.text)
	}
	want, err := decimal.NewFromString(c.Line.Quantity)
	if quantity.formula != "" || !ok || err != nil || !near(n, want) {
		t.rd.refuse(e, e.in(tabQuantity), ruleLineChanged, "", nil)
		return false
	}
	return true
}

// formulas computes every formula of the sheet anew, but those of prices, which
// are judged with the price.
func (t *priceTable) formulas() {
	prices := map[int]bool{}
	for _, l := range t.lines {
		prices[l.row.number] = true
	}
	for _, row := range t.g.rows {
		for column, c := range row.cells {
			if c.formula == "" || column == tabPrice && prices[row.number] {
				continue
			}
			e := entry{grid: t.g.name, row: row, requirement: t.r.ID, number: t.r.Number}
			v, err := t.value(column, row.number)
			if err != nil {
				t.rd.note(e, e.in(column), ruleNotComputed, fault.Params{"reason": reason(err)})
			} else if params, differs := difference(c, v); differs {
				t.rd.note(e, e.in(column), ruleFormulaDiff, params)
			}
		}
	}
}

func (t *priceTable) value(column, row int) (formula.Value, error) {
	return t.rd.computer.Value(formula.Ref{Sheet: t.g.name, Column: column + 1, Row: row})
}

// sums holds each row's sum against quantity times price.
func (t *priceTable) sums() {
	for i := range t.lines {
		l := &t.lines[i]
		n, ok := t.price(l.entry)
		if !ok {
			continue
		}
		amount, err := l.cell.Amount(n)
		if err != nil {
			continue // told with the schedule's total
		}
		l.price, l.amount = n, amount
		v, err := t.value(tabSum, l.row.number)
		if err != nil || l.row.at(tabSum).blank() {
			continue // told as a formula, or not there to be wrong
		}
		if inFile, ok := amountIn(v); !ok || !near(inFile, amount.Decimal()) {
			t.rd.note(l.entry, l.in(tabSum), ruleSumDiff, fault.Params{"stored": shown(v), "computed": amount.String()})
		}
	}
}

// price is a row's unit price, without telling what is wrong with it.
func (t *priceTable) price(e entry) (money.NOK, bool) {
	v, err := t.value(tabPrice, e.row.number)
	if err != nil || v.Kind == formula.Blank {
		return 0, false
	}
	n, ok := amountIn(v)
	if !ok {
		return 0, false
	}
	price, err := money.Parse(n.Round(storedDigits).String())
	return price, err == nil
}

func amountIn(v formula.Value) (decimal.Decimal, bool) {
	switch v.Kind {
	case formula.Number, formula.Blank:
		return v.Number, true
	case formula.Text:
		return numberInText(v.Text)
	}
	return decimal.Decimal{}, false
}

func shown(v formula.Value) string {
	if v.Kind == formula.Text {
		return "–"
	}
	return v.Number.Round(4).String()
}

// total holds the file's total against the system's, and finds what it counts
// wrongly: a line that is left out, one that is counted twice.
func (t *priceTable) total() {
	total := Total{Requirement: t.r.ID}
	priced := false
	for _, l := range t.lines {
		priced = priced || !l.answer.blank()
		if l.cell.Line.Counts {
			sum, err := total.Computed.Add(l.amount)
			if err != nil {
				return // no file has such a total; the answer's check tells
			}
			total.Computed = sum
		}
	}
	if !priced {
		return
	}
	defer func() { t.rd.reading.Totals = append(t.rd.reading.Totals, total) }()
	if t.sum == nil || t.sum.at(tabSum).blank() {
		t.rd.note(entry{requirement: t.r.ID, number: t.r.Number}, Cell{Sheet: t.g.name}, ruleNoTotal, nil)
		return
	}
	e := entry{grid: t.g.name, row: *t.sum, requirement: t.r.ID, number: t.r.Number}
	v, err := t.value(tabSum, t.sum.number)
	if err != nil {
		return // told as a formula
	}
	inFile, ok := amountIn(v)
	if n, err := money.Parse(inFile.Round(2).String()); ok && err == nil {
		total.InFile = &n
	}
	if ok && near(inFile, total.Computed.Decimal()) {
		return
	}
	t.rd.note(e, e.in(tabSum), ruleTotalDiff, fault.Params{"stored": shown(v), "computed": total.Computed.String()})
	if t.sum.at(tabSum).formula != "" {
		t.weights()
	}
}

// maxWeighed bounds the lines that are tried one by one.
const maxWeighed = 500

func (t *priceTable) weights() {
	total := formula.Ref{Sheet: t.g.name, Column: tabSum + 1, Row: t.sum.number}
	computer := formula.New(t.rd.book, numberInText) // with work of its own: what it has used up is not missing elsewhere
	for _, l := range t.lines[:min(len(t.lines), maxWeighed)] {
		w, err := computer.Weight(total, formula.Ref{Sheet: t.g.name, Column: tabSum + 1, Row: l.row.number})
		if err != nil {
			return
		}
		counts := w.IsPositive()
		switch {
		case l.cell.Line.Counts && !counts:
			t.rd.note(l.entry, l.in(tabSum), ruleLineLeftOut, nil)
		case l.cell.Line.Counts && w.GreaterThan(decimal.NewFromInt(1)):
			t.rd.note(l.entry, l.in(tabSum), ruleCountedTwice, fault.Params{"times": w.Round(2).String()})
		case !l.cell.Line.Counts && counts:
			t.rd.note(l.entry, l.in(tabSum), ruleOptionIn, nil)
		}
	}
}
