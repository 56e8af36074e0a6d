// Package money holds amounts in Norwegian kroner. A procurement can be
// published in NOK only, with at most two decimals (DFØ's national eForms
// rules), so an amount is a whole number of øre and sums are exact.
package money

import (
	"fmt"
	"math"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// NOK is an amount in øre (hundredths of a krone), excluding VAT.
type NOK int64

// Kroner makes an amount of whole kroner.
func Kroner(k int64) NOK { return NOK(k * 100) }

// Decimal gives the amount in kroner, exact.
func (n NOK) Decimal() decimal.Decimal { return decimal.New(int64(n), -2) }

// String gives kroner with two decimals and a point, for machines and logs.
func (n NOK) String() string { return n.Decimal().StringFixed(2) }

// Add gives the sum, or an Invalid fault when it does not fit.
func (n NOK) Add(m NOK) (NOK, error) {
	s := n + m
	if (m > 0 && s < n) || (m < 0 && s > n) {
		return 0, fault.New(fault.Invalid, "money.overflow")
	}
	return s, nil
}

// Parse reads kroner with at most two decimals and a point ("1250000.50").
// It returns an Invalid fault (money.malformed, money.decimals, money.overflow).
func Parse(s string) (NOK, error) {
	// An exponent is refused: "1e999999999" would be expanded to a number of
	// that many digits.
	if len(s) > 40 || strings.ContainsAny(s, "eE") {
		return 0, fault.New(fault.Invalid, "money.malformed")
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "money.malformed")
	}
	ore := d.Shift(2)
	if !ore.IsInteger() {
		return 0, fault.New(fault.Invalid, "money.decimals")
	}
	if ore.GreaterThan(decimal.NewFromInt(math.MaxInt64)) || ore.LessThan(decimal.NewFromInt(math.MinInt64)) {
		return 0, fault.New(fault.Invalid, "money.overflow")
	}
	return NOK(ore.IntPart()), nil
}

// MarshalJSON writes kroner as a string with two decimals, because a JSON
// number loses øre in clients that read it as floating point.
func (n NOK) MarshalJSON() ([]byte, error) { return []byte(`"` + n.String() + `"`), nil }

// UnmarshalJSON reads what MarshalJSON writes.
func (n *NOK) UnmarshalJSON(b []byte) error {
	if len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"' {
		return fault.New(fault.Invalid, "money.malformed")
	}
	v, err := Parse(string(b[1 : len(b)-1]))
	if err != nil {
		return fmt.Errorf("amount: %w", err)
	}
	*n = v
	return nil
}
