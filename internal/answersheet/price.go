package answersheet

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// priceKey is one price of a schedule.
type priceKey struct {
	line, period string
	buyer        uuid.UUID
}

func keyOf(c requirement.PriceCell) priceKey { return priceKey{c.Line.Code, c.Period, c.Buyer} }

// schedule makes the answer to a price schedule of its rows. Prices that were
// understood are taken, also where others were not; for those, and for what is
// blank, the draft's prices stay.
func (rd *reader) schedule(r requirement.Requirement, all []entry) {
	cells := r.PriceCells()
	asked := make(map[priceKey]requirement.PriceCell, len(cells))
	for _, c := range cells {
		asked[keyOf(c)] = c
	}
	file, rows := map[priceKey]money.NOK{}, map[priceKey]entry{}
	given := false
	for _, e := range all {
		if e.line == "" {
			if !e.answer.blank() {
				rd.refuse(e, e.in(e.answerAt), ruleLineUnknown, "", nil)
			}
			continue // the schedule's own row among the requirements
		}
		key := priceKey{e.line, e.period, e.buyer}
		if _, known := asked[key]; !known {
			rd.refuse(e, e.in(-1), ruleLineUnknown, "", fault.Params{"line": e.line})
			continue
		}
		rows[key] = e
		if e.answer.blank() {
			continue
		}
		given = true
		if n, ok := rd.unitPrice(e); ok {
			file[key] = n
		}
	}
	if len(file) > 0 {
		rd.take(r, cells, file)
	}
	if given {
		rd.unpriced(r, cells, rows, file)
	}
}

// unitPrice reads one price, in whole øre.
func (rd *reader) unitPrice(e entry) (money.NOK, bool) {
	n, rule, params := rd.number(e, e.answer, e.answerAt, "")
	if rule == ruleNotNumber {
		rule = "answer.not-money"
	}
	if rule == "" {
		price, err := money.Parse(n.String())
		switch {
		case err != nil:
			rule = fault.RuleOf(err)
		case price < 0:
			rule = "answer.price-negative"
		default:
			return price, true
		}
	}
	rd.refuse(e, e.in(e.answerAt), rule, "", params)
	return 0, false
}

// take makes the answer of the file's prices and, beneath them, the draft's.
func (rd *reader) take(r requirement.Requirement, cells []requirement.PriceCell, file map[priceKey]money.NOK) {
	prices := draftPrices(rd.options.Draft[r.ID])
	maps.Copy(prices, file)
	var s requirement.Schedule
	for _, c := range cells {
		if n, ok := prices[keyOf(c)]; ok {
			s.Prices = append(s.Prices, requirement.UnitPrice{Line: c.Line.Code, Buyer: c.Buyer, Period: c.Period, UnitPrice: n})
		}
	}
	b, err := json.Marshal(s)
	if err != nil {
		return // amounts and texts always encode
	}
	if err := r.Check(b); err != nil && !onlyMissing(err) {
		rd.invalid(rd.entries[r.ID][0], err)
		return
	}
	rd.reading.Values[r.ID] = b
}

func draftPrices(raw json.RawMessage) map[priceKey]money.NOK {
	prices := map[priceKey]money.NOK{}
	var s requirement.Schedule
	if len(raw) > 0 && json.Unmarshal(raw, &s) == nil {
		for _, p := range s.Prices {
			prices[priceKey{p.Line, p.Period, p.Buyer}] = p.UnitPrice
		}
	}
	return prices
}

func onlyMissing(err error) bool {
	f, ok := fault.As(err)
	return ok && !slices.ContainsFunc(f.All(), func(e *fault.Error) bool { return e.Rule != rulePriceMissing })
}

// unpriced tells of prices that are still missing once there is one.
func (rd *reader) unpriced(r requirement.Requirement, cells []requirement.PriceCell, rows map[priceKey]entry, file map[priceKey]money.NOK) {
	before := draftPrices(rd.options.Draft[r.ID])
	for _, c := range cells {
		key := keyOf(c)
		if _, ok := file[key]; ok {
			continue
		}
		if _, ok := before[key]; ok {
			continue
		}
		params := fault.Params{"line": c.Line.Code}
		if c.Period != "" {
			params["period"] = c.Period
		}
		if c.Buyer != uuid.Nil {
			params["buyer"] = c.Buyer.String()
		}
		e, inFile := rows[key]
		switch {
		case inFile && e.answer.blank():
			rd.refuse(e, e.in(e.answerAt), rulePriceMissing, "", params)
		case !inFile && !rd.unread[entryKey{requirement: r.ID, line: c.Line.Code, period: c.Period, buyer: c.Buyer}]:
			rd.reading.Problems = append(rd.reading.Problems, Problem{Requirement: r.ID, Number: r.Number, Outcome: Refused, Rule: rulePriceMissing, Params: params})
		}
	}
}
