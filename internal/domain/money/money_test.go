package money_test

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want money.NOK
		rule string
	}{
		"0":                    {want: 0},
		"1250000.50":           {want: 125000050},
		"-3.1":                 {want: -310},
		"92233720368547758.07": {want: math.MaxInt64},
		"92233720368547758.08": {rule: "money.overflow"},
		"1.005":                {rule: "money.decimals"},
		"1e999999999":          {rule: "money.malformed"},
		"1 000":                {rule: "money.malformed"},
		"1,50":                 {rule: "money.malformed"},
		"":                     {rule: "money.malformed"},
		"NaN":                  {rule: "money.malformed"},
		"000000000000000000000000000000000000000000001": {rule: "money.malformed"},
	}
	for in, test := range tests {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			got, err := money.Parse(in)
			if fault.RuleOf(err) != test.rule || got != test.want {
				t.Fatalf("%d %v, want %d %q", got, err, test.want, test.rule)
			}
		})
	}
}

func TestJSONIsLossless(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := money.NOK(rapid.Int64().Draw(t, "øre"))
		b, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		var back money.NOK
		if err := json.Unmarshal(b, &back); err != nil || back != n {
			t.Fatalf("%s: %d, %v", b, back, err)
		}
	})
}

func TestAddRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		sum, err := money.NOK(a).Add(money.NOK(b))
		fits := (b <= 0 || a <= math.MaxInt64-b) && (b >= 0 || a >= math.MinInt64-b)
		if (err == nil) != fits || fits && int64(sum) != a+b {
			t.Fatalf("%d + %d = %d, %v", a, b, sum, err)
		}
	})
}
