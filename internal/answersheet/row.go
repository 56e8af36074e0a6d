package answersheet

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// entry is a row that answers something: a requirement, one option of it, or one
// price of it.
type entry struct {
	grid        string
	row         gridRow
	requirement uuid.UUID
	number      string // as it stands in the file

	answer, date, comment       gridCell
	answerAt, dateAt, commentAt int // columns, -1 for none
	option                      string
	line, period                string
	buyer                       uuid.UUID
}

// entryKey is what a file says once.
type entryKey struct {
	requirement          uuid.UUID
	option, line, period string
	buyer                uuid.UUID
}

func (e entry) key() entryKey {
	return entryKey{e.requirement, e.option, e.line, e.period, e.buyer}
}

// in places a column of the entry's row.
func (e entry) in(column int) Cell { return grid{name: e.grid}.place(e.row, column) }

func (e entry) blank() bool { return e.answer.blank() && e.date.blank() && e.comment.blank() }

// same reports whether two rows say the same.
func (e entry) same(o entry) bool {
	return e.answer.text == o.answer.text && e.answer.formula == o.answer.formula && plain(e.date.text) == plain(o.date.text) && plain(e.comment.text) == plain(o.comment.text)
}

// rows reads the rows below a header.
func (rd *reader) rows(g grid, header int, columns map[int]column) {
	where := map[column]int{}
	for i, c := range columns {
		where[c] = i
	}
	get := func(r gridRow, c column) (gridCell, int) {
		i, ok := where[c]
		if !ok {
			return gridCell{}, -1
		}
		cell := r.at(i)
		if rd.isCSV {
			cell.text = unguard(cell.text)
		}
		return cell, i
	}
	for _, r := range g.rows[header+1:] {
		number, _ := get(r, colNumber)
		rd.written[plain(number.text)] = true
	}
	last := -1 // index of the requirement that the row before answers
	body := g.rows[header+1:]
	for i := 0; i < len(body); i++ {
		r := body[i]
		if r.blank() {
			n := 1
			for i+n < len(body) && body[i+n].blank() {
				n++
			}
			rd.tell(g.place(r, -1), ruleBlankRows, fault.Params{"rows": strconv.Itoa(n)})
			i += n - 1
			continue
		}
		if slices.Equal(r.texts(), g.rows[header].texts()) {
			continue // the header once more, as on each printed page
		}
		e := entry{grid: g.name, row: r}
		e.answer, e.answerAt = get(r, colAnswer)
		e.date, e.dateAt = get(r, colDate)
		e.comment, e.commentAt = get(r, colComment)
		option, _ := get(r, colOption)
		line, _ := get(r, colLine)
		period, _ := get(r, colPeriod)
		buyer, _ := get(r, colBuyer)
		id, _ := get(r, colID)
		number, _ := get(r, colNumber)
		title, _ := get(r, colTitle)
		text, textAt := get(r, colText)
		e.number, e.option, e.line, e.period = plain(number.text), option.text, line.text, period.text
		q := question{id: plain(id.text), title: title.text, text: text.text, textAt: textAt, after: last}
		if found, ok := rd.entry(e, q, buyer.text); ok {
			last = rd.index[found]
		}
	}
}

// question is what a row says of the requirement that it answers.
type question struct {
	id, title, text string
	textAt          int
	after           int
}

// entry takes a row in, or tells why not. It gives the requirement that the row
// is about, where that is certain.
func (rd *reader) entry(e entry, q question, buyer string) (uuid.UUID, bool) {
	if e.row.wrong != "" {
		rd.malformed(e, q)
		return e.requirement, false
	}
	if q.id == "" && e.number == "" && e.blank() {
		return uuid.Nil, false // a heading
	}
	found, ok := rd.resolve(&e, q)
	if !ok {
		return uuid.Nil, false
	}
	r := rd.set.Requirements[found]
	var known bool
	if e.buyer, known = rd.buyer(buyer); !known {
		rd.refuse(e, e.in(-1), ruleLineUnknown, "", nil)
		return r.ID, true
	}
	if e.option == "" && e.line == "" && changed(r, q) {
		rd.refuse(e, e.in(q.textAt), ruleTextChanged, "", nil)
		return r.ID, true
	}
	if earlier, twice := rd.first[e.key()]; twice {
		rd.again(e, earlier, r)
		return r.ID, true
	}
	rd.first[e.key()] = e
	rd.settled[r.ID] = true
	rd.entries[r.ID] = append(rd.entries[r.ID], e)
	rd.reading.Rows = append(rd.reading.Rows, Understood{e.in(-1), r.ID, r.Number})
	return r.ID, true
}

// changed reports whether a row asks something else than the requirement does.
// A text that does not stand in the file cannot differ.
func changed(r requirement.Requirement, q question) bool {
	differs := func(inFile, inSet string) bool {
		return strings.TrimSpace(inFile) != "" && plain(inFile) != plain(clip(inSet))
	}
	return differs(q.text, r.Text) || differs(q.title, r.Title)
}

// again judges a row that answers what an earlier one has answered.
func (rd *reader) again(e, earlier entry, r requirement.Requirement) {
	params := fault.Params{"row": strconv.Itoa(earlier.row.number)}
	if i, lost := rd.lostZero(e.number); lost {
		e.requirement = rd.set.Requirements[i].ID
		rd.refuse(e, e.in(-1), ruleLostZero, "", fault.Params{"number": rd.set.Requirements[i].Number})
		return
	}
	if e.same(earlier) {
		rd.note(e, e.in(-1), ruleRepeated, params)
		return
	}
	// The first row stands, as a file has it: which of them is meant, only a
	// person knows.
	rd.reading.Problems = append(rd.reading.Problems, Problem{Cell: e.in(-1), Requirement: r.ID, Number: e.number, Outcome: Refused, Rule: ruleConflicts, Params: params})
}

// lostZero finds the requirement that a spreadsheet program has made this number
// of: 13.10 became 13.1.
func (rd *reader) lostZero(number string) (int, bool) {
	if !strings.Contains(number, ".") {
		return 0, false
	}
	long := number + "0"
	if all := rd.byNumber[long]; len(all) == 1 && !rd.written[long] {
		return all[0], true
	}
	return 0, false
}

// malformed tells of a row that could not be taken apart, and of which
// requirement, where its beginning says so.
func (rd *reader) malformed(e entry, q question) {
	first := e.row.at(0).text
	if i := strings.IndexAny(first, ",;\t"); e.row.wrong == ruleOtherSign && i >= 0 {
		first = first[:i]
	}
	if e.row.wrong == ruleOtherSign || e.number == "" {
		e.number = plain(first)
	}
	if id, err := uuid.Parse(q.id); err == nil {
		e.requirement = id
	} else if all := rd.byNumber[e.number]; len(all) == 1 {
		e.requirement = rd.set.Requirements[all[0]].ID
	}
	rd.refuse(e, e.in(-1), e.row.wrong, "", nil)
}

// resolve finds the requirement that a row answers: by the system's id where the
// file has it, else by the buyer's number, and by text where several have that.
func (rd *reader) resolve(e *entry, q question) (int, bool) {
	if id, err := uuid.Parse(q.id); err == nil {
		if i, known := rd.index[id]; known {
			e.requirement = id
			return i, true
		}
		rd.refuse(*e, e.in(-1), ruleUnknown, "", nil)
		return 0, false
	}
	if e.number == "" {
		// Between two rows whose numbers stand, it can be one only.
		if next := q.after + 1; q.after >= 0 && next < len(rd.set.Requirements) && !rd.written[plain(rd.set.Requirements[next].Number)] {
			e.requirement = rd.set.Requirements[next].ID
		}
		rd.refuse(*e, e.in(-1), ruleNoNumber, "", nil)
		return 0, false
	}
	switch all := rd.byNumber[e.number]; len(all) {
	case 0:
		rd.unknown(*e)
		return 0, false
	case 1:
		e.requirement = rd.set.Requirements[all[0]].ID
		return all[0], true
	default:
		return rd.byText(e, q, all)
	}
}

func (rd *reader) unknown(e entry) {
	for _, before := range numbersBefore(e.number) {
		if all := rd.byNumber[before]; len(all) == 1 && !rd.written[before] {
			e.requirement = rd.set.Requirements[all[0]].ID
			rd.refuse(e, e.in(-1), ruleMadeDate, "", fault.Params{"number": before})
			return
		}
	}
	rd.refuse(e, e.in(-1), ruleUnknown, "", nil)
}

func (rd *reader) byText(e *entry, q question, all []int) (int, bool) {
	found, n := 0, 0
	for _, i := range all {
		if strings.TrimSpace(q.text) != "" && plain(q.text) == plain(rd.set.Requirements[i].Text) {
			found, n = i, n+1
		}
	}
	if n == 1 {
		e.requirement = rd.set.Requirements[found].ID
		return found, true
	}
	rd.refuse(*e, e.in(-1), ruleNotUnique, "", nil)
	for _, i := range all {
		rd.refused[rd.set.Requirements[i].ID] = true
	}
	return 0, false
}
