package seal

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

// sameAnswers compares what was sent with what was opened. Values are compared
// as JSON values, since a database may write them with other blanks, order of
// fields or form of numbers. Fault: Invalid "seal.opened-differs" with the
// requirement.
func sameAnswers(sent, opened []Answer) error {
	differs := func(id uuid.UUID) error {
		return fault.New(fault.Invalid, "seal.opened-differs", fault.Params{"requirement": id.String()})
	}
	byID := map[uuid.UUID]Answer{}
	for _, a := range opened {
		if _, twice := byID[a.Requirement]; twice {
			return differs(a.Requirement)
		}
		byID[a.Requirement] = a
	}
	for _, a := range sent {
		o, ok := byID[a.Requirement]
		if !ok || o.Version != a.Version || o.Secret != a.Secret || !sameIDs(a.Buyers, o.Buyers) || !sameValue(a.Value, o.Value) {
			return differs(a.Requirement)
		}
		delete(byID, a.Requirement)
	}
	for _, o := range opened {
		if _, more := byID[o.Requirement]; more {
			return differs(o.Requirement)
		}
	}
	return nil
}

func sameIDs(a, b []uuid.UUID) bool {
	a, _ = sortIDs(a)
	b, _ = sortIDs(b)
	return slices.Equal(a, b)
}

func sameValue(a, b json.RawMessage) bool {
	left, errLeft := normalJSON(a)
	right, errRight := normalJSON(b)
	return errLeft == nil && errRight == nil && bytes.Equal(left, right)
}

// normalJSON orders fields and gives equal numbers one form, exactly: prices
// must not pass through floating point.
func normalJSON(raw json.RawMessage) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return canonicalJSON(normalNumbers(v))
}

func normalNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		return json.Number(normalNumber(v.String()))
	case []any:
		for i := range v {
			v[i] = normalNumbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = normalNumbers(v[k])
		}
	}
	return v
}

// normalNumber writes a JSON number as digits and exponent without zeros at
// either end: 1.50, 15e-1 and 0.15E1 are all "15e-1".
func normalNumber(text string) string {
	unsigned, negative := strings.CutPrefix(text, "-")
	mantissa, power, _ := strings.Cut(strings.ToLower(unsigned), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exponent, err := strconv.ParseInt(orZero(power), 10, 32)
	if err != nil {
		return text // beyond any number in use: equal only as written
	}
	exponent -= int64(len(fraction))
	digits := strings.TrimLeft(whole+fraction, "0")
	short := strings.TrimRight(digits, "0")
	exponent += int64(len(digits) - len(short))
	if short == "" {
		return "0"
	}
	if negative {
		short = "-" + short
	}
	return short + "e" + strconv.FormatInt(exponent, 10)
}

func orZero(text string) string {
	if text == "" {
		return "0"
	}
	return text
}
