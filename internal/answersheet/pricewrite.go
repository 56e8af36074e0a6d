package answersheet

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

var tableHeadings = []string{"", "Prislinje", "Beskrivelse", "Kjøper", "Periode", "Mengde", "Enhet", "Enhetspris", "Sum", "Teller"}

var tableWidths = []float64{4, 12, 50, 26, 16, 12, 10, 16, 18, 9}

const tableHeader = 4

// table writes a price schedule: a row for each line, buyer and period, with
// sums for the supplier to see. The system computes its own.
func (w *answerBook) table(name string, r requirement.Requirement) {
	w.sheet(name, false)
	w.put(name, tabMark, 1, markTable+r.ID.String(), w.styles.text)
	w.put(name, tabLine, 1, plain(r.Number+" "+r.Title), w.styles.bold)
	w.put(name, tabText, 2, r.Text, w.styles.text)
	counting := "Prisene er i " + currency(w.set) + " uten merverdiavgift. Rader med «Nei» under «Teller» er opsjoner og inngår ikke i summen."
	if !r.IsRated() {
		counting = "Prisene er i " + currency(w.set) + " uten merverdiavgift. Skjemaet inngår ikke i evalueringen."
	}
	w.put(name, tabText, 3, counting, w.styles.text)
	for i, h := range tableHeadings {
		w.put(name, i, tableHeader, h, w.styles.header)
	}
	prices := draftPrices(w.options.Draft[r.ID])
	cells := r.PriceCells()
	row := tableHeader
	for _, c := range cells {
		row++
		price := shownAnswer{}
		if n, ok := prices[keyOf(c)]; ok {
			price.setNumber(n.Decimal())
		}
		w.priceRow(name, row, c, price)
	}
	if len(cells) == 0 {
		return
	}
	first, last := tableHeader+1, row
	w.validate(name, tabPrice, first, last, func(v *excelize.DataValidation) error {
		return v.SetRange(0, 1_000_000_000_000, excelize.DataValidationTypeDecimal, excelize.DataValidationOperatorBetween)
	}, "Skriv en pris som et tall, for eksempel 1234,50.", true)
	w.totals(name, first, last)
	w.widths(name, tableWidths)
	w.hideColumn(name, tabMark)
	w.freeze(name, tableHeader)
	w.protect(name)
}

func (w *answerBook) priceRow(name string, row int, c requirement.PriceCell, price shownAnswer) {
	mark, buyer := markLine, ""
	if c.Buyer != uuid.Nil {
		mark, buyer = markLine+" "+c.Buyer.String(), w.buyerName(c.Buyer)
	}
	for column, text := range map[int]string{tabMark: mark, tabLine: c.Line.Code, tabText: c.Line.Text, tabBuyer: buyer, tabPeriod: c.Period, tabUnit: c.Line.Unit, tabCounts: truthWord(c.Line.Counts)} {
		w.put(name, column, row, text, w.styles.text)
	}
	if n, err := decimal.NewFromString(c.Line.Quantity); err == nil {
		w.number(name, tabQuantity, row, n.String(), w.styles.quantity)
	}
	w.amount(name, tabPrice, row, price, w.styles.moneyOpen)
	w.compute(name, tabSum, row, fmt.Sprintf("ROUND(%s*%s,2)", address(tabQuantity, row), address(tabPrice, row)), w.styles.money)
}

func (w *answerBook) buyerName(id uuid.UUID) string {
	if name := w.options.Buyers[id]; name != "" {
		return name
	}
	return id.String()
}

func (w *answerBook) totals(name string, first, last int) {
	counts := fmt.Sprintf("%s:%s", address(tabCounts, first), address(tabCounts, last))
	sums := fmt.Sprintf("%s:%s", address(tabSum, first), address(tabSum, last))
	for i, t := range []struct{ mark, text, word string }{{markTotal, "Sum som teller", yes}, {markRest, "Sum av opsjoner", no}} {
		row := last + 2 + i
		w.put(name, tabMark, row, t.mark, w.styles.text)
		w.put(name, tabText, row, t.text, w.styles.bold)
		w.compute(name, tabSum, row, fmt.Sprintf("SUMIF(%s,%q,%s)", counts, t.word, sums), w.styles.total)
	}
}
