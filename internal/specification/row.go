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

func requirementField(i int) string { return fmt.Sprintf("requirements[%d]", i) }

func (rd *reader) row(r row) {
	number, text := r.numbered()
	at := r.table.at(r.Number)
	for i := range r.Cells {
		if r.more(i).Hidden {
			p := at
			p.Column = Letter(i)
			rd.warn(p, "specification.hidden-text")
		}
	}
	switch {
	case strings.EqualFold(r.text(fieldAnswerType), priceLine):
		rd.priceLine(r, at)
	case isCancelled(text):
		rd.leaveOut(at, Cancelled)
	case isHeading(r, number):
		rd.heading(r)
		rd.leaveOut(at, Heading)
	case text == "" && r.own(fieldTitle) == "":
		rd.leaveOut(at, NoRequirement)
	case rd.isContinued(r):
		last := &rd.preview.Set.Requirements[len(rd.preview.Set.Requirements)-1]
		last.Text += "\n" + text
		rd.leaveOut(at, Continued)
	default:
		rd.requirement(r, number, text, at)
	}
}

// numbered gives a row's number and text. A table without a number of its own
// in the row may have it as the automatic number of the text or title.
func (r row) numbered() (number, text string) {
	number, text = r.text(fieldNumber), r.text(fieldText)
	if number != "" {
		return number, text
	}
	if i, ok := r.layout.by[fieldText]; ok && r.more(i).Label != "" {
		return r.more(i).Label, r.more(i).Rest
	}
	if i, ok := r.layout.by[fieldTitle]; ok {
		number = r.more(i).Label
	}
	return number, text
}

func isCancelled(text string) bool {
	switch strings.Trim(strings.ToLower(text), " .()[]-–") {
	case "utgår", "utgått", "kravet utgår", "kravet er utgått", "slettet", "sletta", "withdrawn", "cancelled":
		return true
	}
	return false
}

// headingLength is longer than any section's name and shorter than most
// requirements.
const headingLength = 80

// isHeading reports whether a row only names a section: one filled cell outside
// the text column, or, in a table with kinds, a number and a short line with no
// kind, weight or answer type. A number alone names nothing.
func isHeading(r row, number string) bool {
	filled := r.filled()
	if len(filled) == 0 {
		return false
	}
	textAt, hasText := r.layout.by[fieldText]
	short := func(text string) bool { return len(text) <= headingLength && !strings.ContainsAny(text, ".?\n") }
	if only := r.at(filled[0]); len(filled) == 1 {
		switch {
		case requirementNumber.MatchString(only):
			return false
		case !hasText || filled[0] != textAt:
			return true
		case textAt == 0:
			return r.more(0).Label == "" && short(only)
		}
	}
	if !r.kinds || r.text(fieldKind) != "" || r.text(fieldWeight) != "" || r.text(fieldAnswerType) != "" {
		return false
	}
	return len(filled) <= 2 && number != "" && short(r.text(fieldText))
}

func (rd *reader) heading(r row) {
	var parts []string
	for _, i := range r.filled() {
		parts = append(parts, r.at(i))
	}
	title := strings.Join(parts, " ")
	if rd.base != "" && rd.base != NoArea {
		title = rd.base + Within + title
	}
	rd.area = rd.areaOf(title)
}

// isContinued reports whether a row goes on with the requirement above: its
// number spans both rows, and it has no kind of its own.
func (rd *reader) isContinued(r row) bool {
	if i, ok := r.layout.by[fieldNumber]; !ok || !r.more(i).Merged || len(rd.preview.Rows) == 0 {
		return false
	}
	last := rd.preview.Rows[len(rd.preview.Rows)-1]
	return r.own(fieldText) != "" && r.own(fieldKind) == "" && last.Sheet == r.table.Sheet && last.Table == r.table.Table
}

// requirement reads one row as a requirement.
func (rd *reader) requirement(r row, number, text string, at Place) {
	q := requirement.Requirement{
		ID: rd.options.NewID(), Number: number, Area: rd.area, Title: r.text(fieldTitle), Text: text, Help: r.text(fieldHelp),
		Evidence: r.text(fieldEvidence), Origin: r.text(fieldOrigin),
	}
	if q.Text == "" {
		q.Text, q.Title = q.Title, ""
	}
	if area := r.text(fieldArea); area != "" {
		q.Area = rd.areaOf(area)
	}
	q.Kind = rd.kind(r)
	rd.answer(r, &q)
	rd.limits(r, &q)
	for _, p := range lines(r.text(fieldPassIf)) {
		if q.AnswerType == requirement.Boolean {
			p = booleanValue(p)
		}
		q.PassIf = append(q.PassIf, p)
	}
	q.Mandatory = rd.mandatory(r, q)
	rd.weigh(r, &q)
	for _, name := range lines(r.text(fieldLots)) {
		q.Lots = append(q.Lots, rd.lot(name, r.place(fieldLots)))
	}
	if c := r.text(fieldCondition); c != "" {
		rd.conditions = append(rd.conditions, pending{index: len(rd.preview.Set.Requirements), text: c, place: r.place(fieldCondition)})
	}
	rd.lean(r, &q)
	if stored := r.layout.stored(r.Row, fieldNumber); isNumber(stored) && number != stored {
		rd.warn(r.place(fieldNumber), "specification.number-shown-otherwise", fault.Params{"number": number, "stored": stored})
	}
	if number == "" && r.layout.has(fieldNumber) {
		rd.warn(r.place(fieldNumber), "specification.number-missing")
	}
	rd.preview.Set.Requirements = append(rd.preview.Set.Requirements, q)
	rd.preview.Rows = append(rd.preview.Rows, Understood{at, q.ID, number})
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

func booleanValue(text string) string {
	if b, ok := truth(text); ok {
		return strconv.FormatBool(b)
	}
	return text
}

func (rd *reader) limits(r row, q *requirement.Requirement) {
	whole := func(c Field, into *int) {
		text := r.layout.stored(r.Row, c)
		if text == "" {
			return
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			rd.warn(r.place(c), "specification.limit-unreadable")
			return
		}
		*into = n
	}
	whole(fieldWords, &q.Limits.Words)
	whole(fieldCharacters, &q.Limits.Characters)
	q.Limits.Min, q.Limits.Max, q.Limits.Unit = plain(r.text(fieldMin)), plain(r.text(fieldMax)), r.text(fieldUnit)
}

// plain writes a number with a point: buyers write 99,5 and 1 000.
func plain(text string) string {
	n := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", ",", ".").Replace(text)
	if isNumber(n) {
		return n
	}
	return text
}

// mandatory is as the column says; without it, what is judged must be answered.
func (rd *reader) mandatory(r row, q requirement.Requirement) bool {
	if q.AnswerType == requirement.NoAnswer {
		return false
	}
	text := r.text(fieldMandatory)
	if text == "" {
		return q.IsAbsolute() || q.IsRated()
	}
	b, ok := truth(text)
	if !ok {
		rd.warn(r.place(fieldMandatory), "specification.yes-or-no-unreadable")
	}
	return b || !ok
}

func (rd *reader) lot(name string, at Place) uuid.UUID {
	key := strings.ToLower(name)
	if id, ok := rd.lots[key]; ok {
		return id
	}
	id := rd.options.NewID()
	if i := slices.IndexFunc(rd.options.Lots, func(l requirement.Lot) bool { return strings.EqualFold(l.Name, name) }); i >= 0 {
		id = rd.options.Lots[i].ID
	} else if len(rd.options.Lots) > 0 {
		rd.warn(at, "specification.lot-unknown")
	}
	rd.lots[key] = id
	rd.preview.Set.Lots = append(rd.preview.Set.Lots, requirement.Lot{ID: id, Name: name})
	return id
}

// priceLine adds the row to the price schedule above it.
func (rd *reader) priceLine(r row, at Place) {
	all := rd.preview.Set.Requirements
	if len(all) == 0 || all[len(all)-1].AnswerType != requirement.PriceSchedule {
		rd.leaveOut(at, StrayPriceLine)
		return
	}
	counts, ok := truth(r.text(fieldCounts))
	if !ok {
		rd.warn(r.place(fieldCounts), "specification.yes-or-no-unreadable")
	}
	q := &all[len(all)-1]
	line := requirement.PriceLine{
		Code: r.text(fieldNumber), Text: r.text(fieldText), Quantity: plain(r.layout.stored(r.Row, fieldQuantity)), Unit: r.text(fieldUnit),
		Counts: counts, Periods: lines(r.text(fieldPeriods)),
	}
	q.PriceLines = append(q.PriceLines, line)
}
