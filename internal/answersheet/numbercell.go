package answersheet

import (
	"errors"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/answersheet/formula"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// date reads a date; params name the day that a bare number would be.
func (rd *reader) date(c gridCell) (day, rule string, params fault.Params) {
	if n, ok := c.stored(); ok {
		if day, ok := dayOf(n, rd.since1904); ok && n.IsInteger() {
			return day, "", nil
		}
		return "", ruleNotDate, nil
	}
	if day, ok := dateOf(c.text); ok {
		return day, "", nil
	}
	if n, err := decimal.NewFromString(strings.TrimSpace(c.text)); err == nil && len(c.text) < 10 {
		if day, ok := dayOf(n, false); ok {
			return "", ruleDayNumber, fault.Params{"date": day}
		}
	}
	return "", ruleNotDate, nil
}

// numberInText reads a text that a formula counts with, as the program that the
// workbook comes from would in Norway.
func numberInText(text string) (decimal.Decimal, bool) {
	n, rule := decimalOf(text, "", ',')
	return n, rule == ""
}

// number reads a number cell, a number written as text, or a formula, which is
// computed anew: one whose stored result differs is not taken.
func (rd *reader) number(e entry, c gridCell, column int, unit string) (decimal.Decimal, string, fault.Params) {
	if c.formula != "" {
		return rd.computed(e, c, column)
	}
	if n, ok := c.stored(); ok {
		return n, "", nil
	}
	n, rule := decimalOf(c.text, unit, rd.sign)
	switch {
	case rule != "":
		return n, rule, nil
	case !rd.isCSV:
		// Numbers that do not fit a number cell are written as text by us.
		if storable(n) {
			rd.note(e, e.in(column), ruleTextNumber, nil)
		}
	case rd.sign == '.' && strings.Contains(c.text, ","):
		rd.note(e, e.in(column), ruleComma, fault.Params{"read": n.String()})
	}
	return n, "", nil
}

func (rd *reader) computed(e entry, c gridCell, column int) (decimal.Decimal, string, fault.Params) {
	v, err := rd.computer.Value(formula.Ref{Sheet: e.grid, Column: column + 1, Row: e.row.number})
	if err == nil && v.Kind != formula.Number {
		err = formula.ErrValue
	}
	if err != nil {
		return decimal.Decimal{}, ruleNotComputed, fault.Params{"reason": reason(err)}
	}
	if params, differs := difference(c, v); differs {
		return decimal.Decimal{}, ruleFormulaDiff, params
	}
	return v.Number.Round(storedDigits), "", nil
}

// reason names why a formula was not computed.
func reason(err error) string {
	for word, kind := range map[string]error{"unsupported": formula.ErrUnsupported, "syntax": formula.ErrSyntax, "circular": formula.ErrCircular, "too-much": formula.ErrTooMuch} {
		if errors.Is(err, kind) {
			return word
		}
	}
	return "no-number"
}

// difference holds what a formula comes to against what was stored with it. A
// formula without a stored result has none.
func difference(c gridCell, v formula.Value) (fault.Params, bool) {
	if c.text == "" {
		return nil, false
	}
	if v.Kind == formula.Text && v.Text == c.text || v.Kind == formula.Boolean && truthWord(v.True) == c.text {
		return nil, false
	}
	was, ok := c.stored()
	if !ok {
		was, ok = numberInText(c.text)
	}
	if ok && (v.Kind == formula.Number || v.Kind == formula.Blank) && near(was, v.Number) {
		return nil, false
	}
	stored := c.text
	if len(stored) > maxDigits {
		stored = stored[:maxDigits]
	}
	return fault.Params{"stored": stored, "computed": v.Number.Round(4).String()}, true
}

// near allows for the binary arithmetic of spreadsheet programs and for nothing
// that would be an øre.
func near(a, b decimal.Decimal) bool {
	gap := a.Sub(b).Abs()
	return gap.LessThan(decimal.New(1, -3)) || gap.LessThanOrEqual(decimal.Max(a.Abs(), b.Abs()).Mul(decimal.New(1, -14)))
}
