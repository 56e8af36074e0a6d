package specification

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

func (rd *reader) weigh(r row, q *requirement.Requirement) {
	if name := r.text(fieldCriterion); name != "" {
		id, ok := rd.criteria[strings.ToLower(name)]
		if !ok {
			rd.warn(r.place(fieldCriterion), "specification.criterion-unknown")
		}
		q.Criterion = id
	}
	shown, raw := r.own(fieldWeight), r.layout.stored(r.Row, fieldWeight)
	if shown == "" {
		return
	}
	p, fraction, ok := percent(shown, raw)
	if !ok {
		rd.warn(r.place(fieldWeight), "specification.weight-unreadable")
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
		rd.warn(Place{Sheet: rd.preview.Rows[rd.fractions[0]].Sheet, Table: rd.preview.Rows[rd.fractions[0]].Table}, "specification.weights-are-fractions")
	}
}
