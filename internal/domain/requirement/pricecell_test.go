package requirement_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement/requirementtest"
)

// The amounts of the cells that count are the total that the tender is
// evaluated by.
func TestCellsThatCountAddUpToTheTotal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := requirementtest.Sets().Draw(t, "set").Requirements[0]
		answer := requirementtest.Answer(t, r)
		total, err := requirement.PriceTotal(r, answer)
		if err != nil {
			t.Fatal(err)
		}
		prices := scheduleOf(t, answer).Prices
		var sum money.NOK
		for i, c := range r.PriceCells() {
			if p := prices[i]; p.Line != c.Line.Code || p.Buyer != c.Buyer || p.Period != c.Period {
				t.Fatalf("cell %d is %s %q, the price %s %q", i, c.Line.Code, c.Period, p.Line, p.Period)
			}
			amount, err := c.Amount(prices[i].UnitPrice)
			if err != nil {
				t.Fatal(err)
			}
			if c.Line.Counts {
				sum += amount
			}
		}
		if sum != total {
			t.Fatalf("the cells add up to %s, the total is %s", sum, total)
		}
	})
}

func scheduleOf(t *rapid.T, answer json.RawMessage) requirement.Schedule {
	var s requirement.Schedule
	if err := json.Unmarshal(answer, &s); err != nil {
		t.Fatal(err)
	}
	return s
}
