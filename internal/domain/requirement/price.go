package requirement

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Amount is what one price requirement counts in the evaluated price.
type Amount struct {
	Requirement uuid.UUID `json:"requirement"`
	Amount      money.NOK `json:"amount"`
}

const quantityDecimals = 4

func (v *validator) priceLines(at string, r Requirement) {
	at += ".priceLines"
	if r.AnswerType != PriceSchedule {
		if len(r.PriceLines) > 0 {
			v.Addf("requirement.price-lines-not-used", at)
		}
		return
	}
	counts := false
	codes := map[string]bool{}
	for i, l := range r.PriceLines {
		field := fmt.Sprintf("%s[%d]", at, i)
		if strings.TrimSpace(l.Code) == "" || codes[l.Code] {
			v.Addf("requirement.price-line-code", field+".code")
		}
		codes[l.Code] = true
		if strings.TrimSpace(l.Text) == "" {
			v.Addf("requirement.text-missing", field+".text")
		}
		if q, err := parseDecimal(l.Quantity); err != nil || !q.IsPositive() || !q.Shift(quantityDecimals).IsInteger() || q.GreaterThan(decimal.New(1, 12)) {
			v.Addf("requirement.quantity", field+".quantity")
		}
		if repeats(l.Buyers) {
			v.Addf("requirement.price-line-buyers", field+".buyers")
		}
		if repeats(l.Periods) {
			v.Addf("requirement.price-line-periods", field+".periods")
		}
		counts = counts || l.Counts
	}
	if !counts {
		v.Addf("requirement.price-lines-count-nothing", at)
	}
}

func repeats[T comparable](all []T) bool {
	seen := map[T]bool{}
	for _, x := range all {
		if seen[x] {
			return true
		}
		seen[x] = true
	}
	return false
}

// cell is one price that a schedule asks for.
type cell struct {
	line   string
	buyer  uuid.UUID
	period string
}

// cells lists every price that the schedule asks for, with its line.
func (r Requirement) cells() ([]cell, map[cell]PriceLine) {
	var order []cell
	lines := map[cell]PriceLine{}
	for _, l := range r.PriceLines {
		buyers, periods := l.Buyers, l.Periods
		if len(buyers) == 0 {
			buyers = []uuid.UUID{uuid.Nil}
		}
		if len(periods) == 0 {
			periods = []string{""}
		}
		for _, b := range buyers {
			for _, p := range periods {
				c := cell{l.Code, b, p}
				order = append(order, c)
				lines[c] = l
			}
		}
	}
	return order, lines
}

// checkSchedule judges that every price is given once and the total fits.
func (r Requirement) checkSchedule(s Schedule, l *fault.List) {
	order, lines := r.cells()
	given := map[cell]bool{}
	for i, p := range s.Prices {
		field := fmt.Sprintf("prices[%d]", i)
		c := cell{p.Line, p.Buyer, p.Period}
		if _, ok := lines[c]; !ok {
			l.Addf("answer.price-unknown", field+".line")
		}
		if given[c] {
			l.Addf("answer.price-repeated", field+".line")
		}
		given[c] = true
		if p.UnitPrice < 0 {
			l.Addf("answer.price-negative", field+".unitPrice")
		}
	}
	for _, c := range order {
		if !given[c] {
			params := fault.Params{"line": c.line}
			if c.buyer != uuid.Nil {
				params["buyer"] = c.buyer.String()
			}
			if c.period != "" {
				params["period"] = c.period
			}
			l.Addf("answer.price-missing", "prices", params)
		}
	}
	if l.Empty() {
		if _, err := r.total(s); err != nil {
			l.Addf("answer.price-too-large", "prices")
		}
	}
}

// total adds the lines that count. Each product of quantity and unit price is
// rounded to whole øre, halves up, before it is added.
func (r Requirement) total(s Schedule) (money.NOK, error) {
	_, lines := r.cells()
	var sum money.NOK
	for _, p := range s.Prices {
		line, ok := lines[cell{p.Line, p.Buyer, p.Period}]
		if !ok || !line.Counts {
			continue
		}
		quantity, err := parseDecimal(line.Quantity)
		if err != nil {
			return 0, err
		}
		amount, err := money.Parse(quantity.Mul(p.UnitPrice.Decimal()).Round(2).String())
		if err != nil {
			return 0, err
		}
		if sum, err = sum.Add(amount); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

// PriceTotal is the amount that a money or price-schedule answer counts,
// excluding VAT. It returns the Invalid fault of Check for an answer that is
// not valid, and requirement.not-a-price for other answer types.
func PriceTotal(r Requirement, value json.RawMessage) (money.NOK, error) {
	if r.Part() != Price {
		return 0, fault.New(fault.Invalid, "requirement.not-a-price")
	}
	if err := r.Check(value); err != nil {
		return 0, err
	}
	if r.AnswerType == Money {
		var n money.NOK
		err := decode(value, &n)
		return n, err
	}
	var s Schedule
	if err := decode(value, &s); err != nil {
		return 0, err
	}
	return r.total(s)
}

// Prices lists what counts in the evaluated price of a lot, in set order; with
// uuid.Nil that of all lots together. Rated prices that do not apply are left
// out. It returns Invalid for a price that is missing or not valid, with the
// requirement's path.
func (s Set) Prices(values Values, lot uuid.UUID) ([]Amount, error) {
	var lots []uuid.UUID
	if lot != uuid.Nil {
		lots = []uuid.UUID{lot}
	}
	a := s.applicability(values, lots)
	var all []Amount
	for i, r := range s.Requirements {
		if r.Part() != Price || !r.IsRated() || !a.applies(r) {
			continue
		}
		amount, err := PriceTotal(r, values[r.ID])
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "requirement.price-not-computable", err).
				At(fmt.Sprintf("requirements[%d]", i))
		}
		all = append(all, Amount{r.ID, amount})
	}
	return all, nil
}

// EvaluatedPrice is the sum of Prices.
func (s Set) EvaluatedPrice(values Values, lot uuid.UUID) (money.NOK, error) {
	amounts, err := s.Prices(values, lot)
	if err != nil {
		return 0, err
	}
	var sum money.NOK
	for _, a := range amounts {
		if sum, err = sum.Add(a.Amount); err != nil {
			return 0, err
		}
	}
	return sum, nil
}
