package record

import (
	"strconv"
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// AwardFacts is what an award letter tells one supplier.
type AwardFacts struct {
	Address
	// Lots are those that the supplier tendered for.
	Lots []AwardedLot
	// StandstillUntil is when the standstill ends and a contract may be
	// concluded; Paragraph is the law's.
	StandstillUntil time.Time
	Paragraph       string
}

// AwardedLot compares the winner with the supplier who gets the letter.
type AwardedLot struct {
	Number int
	Title  string
	Winner string
	// Won: the recipient is the winner.
	Won bool
	// Rank of the recipient, 0 where its tender is rejected.
	Rank, Of int
	Reason   string
	// Totals are weighted points with a point as decimal mark.
	WinnerTotal, OwnTotal string
	Criteria              []ComparedCriterion
}

// ComparedCriterion holds both tenders' points under a criterion, and every
// element that was counted there.
type ComparedCriterion struct {
	Name   string
	Kind   requirement.CriterionKind
	Weight string
	// Points before weighting.
	WinnerPoints, OwnPoints string
	// Evaluated prices, for the price criterion. WinnerPrice is zero where the
	// winner's price is a business secret.
	WinnerPrice, OwnPrice money.NOK
	Elements              []ComparedElement
}

// ComparedElement is one counted requirement with the evaluators' notes.
type ComparedElement struct {
	Requirement             string
	Weight                  string
	WinnerPoints, OwnPoints string
	// Notes are the evaluators' reasons for the points.
	WinnerNotes, OwnNotes []string
}

// AwardLetter tells a supplier who was chosen, the chosen tender's qualities
// and relative advantages for every counted element, when the standstill ends
// and how to complain (FOA § 25-1; Part II § 10-1).
func AwardLetter(f AwardFacts) Letter {
	l, w := f.letter("award")
	opening := Section{}
	opening.say(w.letter("award.what", map[string]string{"title": f.Title}))
	l.Sections = append(l.Sections, opening)
	for _, lot := range f.Lots {
		l.Sections = append(l.Sections, w.awarded(lot))
	}
	standstill := Section{Title: w.letter("standstill.heading")}
	standstill.say(w.letter("standstill.text", map[string]string{"until": machine(f.StandstillUntil), "paragraph": f.Paragraph}))
	l.Sections = append(l.Sections, standstill, w.complaint(f.Address, f.StandstillUntil))
	return l
}

func (w words) awarded(lot AwardedLot) Section {
	s := Section{Title: w.letter("lot.heading", map[string]string{"number": strconv.Itoa(lot.Number), "title": lot.Title})}
	switch {
	case lot.Won:
		s.say(w.letter("lot.won", map[string]string{"total": w.decimal(lot.WinnerTotal)}))
	case lot.Rank == 0:
		s.say(w.letter("lot.winner", map[string]string{"winner": lot.Winner, "total": w.decimal(lot.WinnerTotal)}), w.letter("lot.rejected"))
	default:
		s.say(w.letter("lot.winner", map[string]string{"winner": lot.Winner, "total": w.decimal(lot.WinnerTotal)}),
			w.letter("lot.own", map[string]string{"rank": strconv.Itoa(lot.Rank), "of": strconv.Itoa(lot.Of), "total": w.decimal(lot.OwnTotal)}))
	}
	if lot.Reason != "" {
		s.say(w.letter("lot.reason", map[string]string{"reason": lot.Reason}))
	}
	s.add(w.criteria(lot))
	for _, c := range lot.Criteria {
		s.add(w.elements(c, lot))
	}
	return s
}

// compares reports whether the letter sets the recipient beside the winner.
func (lot AwardedLot) compares() bool { return !lot.Won && lot.Rank > 0 }

func (w words) criteria(lot AwardedLot) Table {
	t := Table{Caption: w.letter("table.criteria"), Columns: []Column{
		{Title: w.letter("column.criterion")}, {Title: w.letter("column.weight"), Number: true}, {Title: w.letter("column.winner"), Number: true}}}
	if lot.compares() {
		t.Columns = append(t.Columns, Column{Title: w.letter("column.own"), Number: true}, Column{Title: w.letter("column.advantage")})
	}
	for _, c := range lot.Criteria {
		row := []string{c.Name, w.decimal(c.Weight) + " %", w.points(c.WinnerPoints, c.WinnerPrice)}
		if lot.compares() {
			row = append(row, w.points(c.OwnPoints, c.OwnPrice), w.advantage(c.WinnerPoints, c.OwnPoints))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (w words) points(points string, price money.NOK) string {
	s := w.decimal(points)
	if price > 0 {
		s += " (" + w.money(price) + ")"
	}
	return s
}

// elements lists what was counted under a criterion, with the reasons for the
// winner's points and the recipient's own.
func (w words) elements(c ComparedCriterion, lot AwardedLot) Table {
	t := Table{Caption: w.letter("table.elements", map[string]string{"criterion": c.Name}), Columns: []Column{
		{Title: w.letter("column.requirement")}, {Title: w.letter("column.weight"), Number: true},
		{Title: w.letter("column.winner"), Number: true}, {Title: w.letter("column.winner-notes")}}}
	if lot.compares() {
		t.Columns = append(t.Columns, Column{Title: w.letter("column.own"), Number: true}, Column{Title: w.letter("column.own-notes")})
	}
	for _, e := range c.Elements {
		row := []string{e.Requirement, "", w.decimal(e.WinnerPoints), joinNotes(e.WinnerNotes)}
		if e.Weight != "" {
			row[1] = w.decimal(e.Weight) + " %"
		}
		if lot.compares() {
			row = append(row, w.decimal(e.OwnPoints), joinNotes(e.OwnNotes))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
