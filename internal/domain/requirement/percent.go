package requirement

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Percent is a share in ten-thousandths of a percent, so that sums are exact
// and values can be compared with ==. It reads and writes as text ("12.5").
type Percent int64

const perPercent = 10_000

// Hundred is the whole.
const Hundred Percent = 100 * perPercent

// Percents makes a share of whole percents.
func Percents(n int64) Percent { return Percent(n * perPercent) }

// Decimal gives the share in percent, exact.
func (p Percent) Decimal() decimal.Decimal { return decimal.New(int64(p), -4) }

// String gives percent with a point and no more decimals than needed.
func (p Percent) String() string { return p.Decimal().String() }

// ParsePercent reads percent with at most four decimals and a point. It
// returns an Invalid fault (requirement.percent-malformed, -decimals).
func ParsePercent(s string) (Percent, error) {
	d, err := parseDecimal(s)
	if err != nil || d.Abs().GreaterThan(decimal.NewFromInt(1_000_000)) {
		return 0, fault.New(fault.Invalid, "requirement.percent-malformed")
	}
	d = d.Shift(4)
	if !d.IsInteger() {
		return 0, fault.New(fault.Invalid, "requirement.percent-decimals")
	}
	return Percent(d.IntPart()), nil
}

// MarshalText writes what ParsePercent reads.
func (p Percent) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads percent as text.
func (p *Percent) UnmarshalText(b []byte) error {
	v, err := ParsePercent(string(b))
	if err != nil {
		return err
	}
	*p = v
	return nil
}

// parseDecimal reads a plain decimal: digits, at most one point, an optional
// minus. Exponents are refused because they can be expanded without bound.
func parseDecimal(s string) (decimal.Decimal, error) {
	malformed := fault.New(fault.Invalid, "requirement.number-malformed")
	if s == "" || len(s) > 40 || strings.Trim(s, "-.0123456789") != "" {
		return decimal.Decimal{}, malformed
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return decimal.Decimal{}, malformed
	}
	return d, nil
}
