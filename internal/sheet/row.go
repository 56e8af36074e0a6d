package sheet

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func requirementField(i int) string { return fmt.Sprintf("requirements[%d]", i) }

// requirement reads one row as a requirement.
func (rd *reader) requirement(r row, number, text string, at Cell) {
	q := requirement.Requirement{
		ID: rd.options.NewID(), Number: number, Area: rd.area, Title: r.text(colTitle), Text: text, Help: r.text(colHelp),
		Evidence: r.text(colEvidence), Origin: r.text(colOrigin),
	}
	if q.Text == "" {
		q.Text, q.Title = q.Title, ""
	}
	if area := r.text(colArea); area != "" {
		q.Area = rd.areaOf(area)
	}
	q.Kind = rd.kind(r)
	rd.answer(r, &q)
	rd.limits(r, &q)
	for _, p := range lines(r.text(colPassIf)) {
		if q.AnswerType == requirement.Boolean {
			p = booleanValue(p)
		}
		q.PassIf = append(q.PassIf, p)
	}
	q.Mandatory = rd.mandatory(r, q)
	rd.weigh(r, &q)
	for _, name := range lines(r.text(colLots)) {
		q.Lots = append(q.Lots, rd.lot(name, r.cell(colLots)))
	}
	if c := r.text(colCondition); c != "" {
		rd.conditions = append(rd.conditions, pending{index: len(rd.preview.Set.Requirements), text: c, at: r.cell(colCondition)})
	}
	if isNumber(r.layout.raw(r.gridRow, colNumber)) && strings.Contains(number, ".") && number != r.layout.raw(r.gridRow, colNumber) {
		rd.warn(r.cell(colNumber), "sheet.number-shown-otherwise")
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

// kind reads the kind. What is not understood stays empty, so that the set
// cannot be published before someone has chosen.
func (rd *reader) kind(r row) requirement.Kind {
	text := r.text(colKind)
	if text == "" {
		if r.layout.has(colKind) {
			rd.warn(r.cell(colKind), "sheet.kind-missing")
		}
		return ""
	}
	kind, assumed, ok := kindOf(text, slices.Concat(rd.options.KindCodes, rd.preview.Set.KindCodes))
	if !ok {
		rd.warn(r.cell(colKind), "sheet.kind-unknown")
		return ""
	}
	if assumed && !rd.assumed[strings.ToLower(text)] {
		rd.assumed[strings.ToLower(text)] = true
		rd.warn(r.cell(colKind), "sheet.kind-code-assumed", fault.Params{"code": text, "kind": string(kind)})
	}
	return kind
}

var maxWords = regexp.MustCompile(`(?i)^maks\.? (\d{1,5}) ord$`)

// answer reads the answer type and options. Without a column for the type it
// follows from options and from prompts in the supplier's columns.
func (rd *reader) answer(r row, q *requirement.Requirement) {
	for _, line := range lines(r.text(colOptions)) {
		q.Options = append(q.Options, rd.option(line))
	}
	text := r.text(colAnswerType)
	if text != "" {
		t, ok := answerTypeOf(text)
		if !ok {
			rd.warn(r.cell(colAnswerType), "sheet.answer-type-unknown")
		}
		q.AnswerType = t
		return
	}
	q.AnswerType = requirement.Text
	if len(q.Options) > 0 {
		q.AnswerType = requirement.Choice
	}
	for i, cell := range r.cells {
		if r.layout.all[i] != colAnswer {
			continue
		}
		prompt := strings.TrimSpace(cell)
		if t, ok := answerTypeOf(prompt); ok && t != requirement.NoAnswer {
			q.AnswerType = t
		}
		if m := maxWords.FindStringSubmatch(prompt); m != nil {
			q.Limits.Words, _ = strconv.Atoi(m[1])
		}
	}
	if q.AnswerType != requirement.Text {
		q.Limits.Words = 0
	}
}

// option reads a line as one of the buyer's answer codes, else as a label.
func (rd *reader) option(line string) requirement.Option {
	for _, c := range rd.preview.Set.AnswerCodes {
		if strings.EqualFold(c.Code, line) {
			return c.Option
		}
	}
	return optionOf(line)
}

func (rd *reader) limits(r row, q *requirement.Requirement) {
	whole := func(c column, into *int) {
		text := r.layout.raw(r.gridRow, c)
		if text == "" {
			return
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			rd.warn(r.cell(c), "sheet.limit-unreadable")
			return
		}
		*into = n
	}
	whole(colWords, &q.Limits.Words)
	whole(colCharacters, &q.Limits.Characters)
	q.Limits.Min, q.Limits.Max, q.Limits.Unit = plain(r.text(colMin)), plain(r.text(colMax)), r.text(colUnit)
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
	text := r.text(colMandatory)
	if text == "" {
		return q.IsAbsolute() || q.IsRated()
	}
	b, ok := truth(text)
	if !ok {
		rd.warn(r.cell(colMandatory), "sheet.yes-or-no-unreadable")
	}
	return b || !ok
}

func (rd *reader) weigh(r row, q *requirement.Requirement) {
	if name := r.text(colCriterion); name != "" {
		id, ok := rd.criteria[strings.ToLower(name)]
		if !ok {
			rd.warn(r.cell(colCriterion), "sheet.criterion-unknown")
		}
		q.Criterion = id
	}
	shown, raw := r.text(colWeight), r.layout.raw(r.gridRow, colWeight)
	if shown == "" {
		return
	}
	p, fraction, ok := percent(shown, raw)
	if !ok {
		rd.warn(r.cell(colWeight), "sheet.weight-unreadable")
		return
	}
	q.Weight = p
	if fraction {
		rd.fractions = append(rd.fractions, len(rd.preview.Set.Requirements))
	}
}

// percent reads a weight from what is shown and what is stored: 0.03 shown as
// "3.0%", "3 %", or 3. Rounding to four decimals takes away what binary
// fractions add. A plain number may be a fraction of one; that is settled when
// all are known.
func percent(shown, raw string) (p requirement.Percent, plainNumber, ok bool) {
	isPercent := strings.Contains(shown, "%")
	number := plain(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(shown), "%")))
	stored := isNumber(raw)
	if stored {
		number = raw
	}
	d, err := decimal.NewFromString(number)
	if err != nil || len(number) > 30 || d.Abs().GreaterThan(decimal.NewFromInt(10_000)) {
		return 0, false, false
	}
	if isPercent && stored {
		d = d.Shift(2)
	}
	return requirement.Percent(d.Shift(4).Round(0).IntPart()), !isPercent, true
}

// resolveFractions reads plain weights as fractions of one if none is above one
// and together they say so.
func (rd *reader) resolveFractions() {
	all := rd.preview.Set.Requirements
	var sum requirement.Percent
	for _, i := range rd.fractions {
		if all[i].Weight > requirement.Percents(1) {
			return
		}
		sum += all[i].Weight
	}
	// Two criteria of fractions sum to two, three to three.
	if sum < requirement.Percents(1)*99/100 {
		return
	}
	for _, i := range rd.fractions {
		all[i].Weight *= 100
	}
	if len(rd.fractions) > 0 {
		rd.warn(Cell{Sheet: rd.preview.Rows[rd.fractions[0]].Sheet}, "sheet.weights-are-fractions")
	}
}

func (rd *reader) lot(name string, at Cell) uuid.UUID {
	key := strings.ToLower(name)
	if id, ok := rd.lots[key]; ok {
		return id
	}
	id := rd.options.NewID()
	if i := slices.IndexFunc(rd.options.Lots, func(l requirement.Lot) bool { return strings.EqualFold(l.Name, name) }); i >= 0 {
		id = rd.options.Lots[i].ID
	} else if len(rd.options.Lots) > 0 {
		rd.warn(at, "sheet.lot-unknown")
	}
	rd.lots[key] = id
	rd.preview.Set.Lots = append(rd.preview.Set.Lots, requirement.Lot{ID: id, Name: name})
	return id
}

// priceLine adds the row to the price schedule above it.
func (rd *reader) priceLine(r row, at Cell) {
	all := rd.preview.Set.Requirements
	if len(all) == 0 || all[len(all)-1].AnswerType != requirement.PriceSchedule {
		rd.leaveOut(at, StrayPriceLine)
		return
	}
	counts, ok := truth(r.text(colCounts))
	if !ok {
		rd.warn(r.cell(colCounts), "sheet.yes-or-no-unreadable")
	}
	q := &all[len(all)-1]
	line := requirement.PriceLine{
		Code: r.text(colNumber), Text: r.text(colText), Quantity: plain(r.layout.raw(r.gridRow, colQuantity)), Unit: r.text(colUnit),
		Counts: counts, Periods: lines(r.text(colPeriods)),
	}
	q.PriceLines = append(q.PriceLines, line)
}
