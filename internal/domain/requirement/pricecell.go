package requirement

import (
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
)

// PriceCell is one price that a schedule asks for: a line, for one buyer and
// period where the line has them.
type PriceCell struct {
	Line   PriceLine
	Buyer  uuid.UUID
	Period string
}

// PriceCells lists every price that a schedule asks for, in the order of its
// lines, then of buyers, then of periods.
func (r Requirement) PriceCells() []PriceCell {
	order, lines := r.cells()
	all := make([]PriceCell, len(order))
	for i, c := range order {
		all[i] = PriceCell{lines[c], c.buyer, c.period}
	}
	return all
}

// Amount is quantity times unit price, in whole øre, halves away from zero: what
// the cell adds to the total if its line counts. It returns Invalid for a
// quantity that is no number and for an amount that does not fit.
func (c PriceCell) Amount(unit money.NOK) (money.NOK, error) {
	quantity, err := parseDecimal(c.Line.Quantity)
	if err != nil {
		return 0, err
	}
	return money.Parse(quantity.Mul(unit.Decimal()).Round(2).String())
}
