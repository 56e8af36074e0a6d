package requirement

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Bounds of the reason for a business secret, in characters.
const (
	MinReason = 3
	MaxReason = 500
)

// Answer is what a supplier says to a requirement: a value and its marks.
type Answer struct {
	// Value is as Values has it; null or nothing for no answer.
	Value json.RawMessage `json:"value"`
	// Secret says that the answer is a business secret, and why; nil for one
	// that is not.
	Secret *Secret `json:"secret,omitempty"`
	// Buyers are those that the answer covers; none for all named buyers.
	Buyers []uuid.UUID `json:"buyers,omitempty"`
}

// Secret is a supplier's mark that something is a business secret. It is a claim
// of the supplier's: what may be withheld, the buyer judges.
type Secret struct {
	Reason string `json:"reason"`
}

// Check judges the reason, which stands at a path: Invalid (answer.secret-reason)
// where it has other than 3 to 500 readable characters.
func (s *Secret) Check(at string) error {
	if s == nil {
		return nil
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(s.Reason)); n < MinReason || n > MaxReason || !readable(s.Reason) {
		return fault.New(fault.Invalid, "answer.secret-reason", fault.Params{"min": strconv.Itoa(MinReason), "max": strconv.Itoa(MaxReason)}).At(at)
	}
	return nil
}

// Absent reports whether there is no value: such an answer takes away what was
// there.
func (a Answer) Absent() bool { return isNull(bytes.TrimSpace(a.Value)) }

// Marked gives the answer in the one form in which it is stored, covering the
// named buyers: the value without white space around and between, the reason
// without it around, the buyers in order, none where they are all. It returns
// Invalid
//   - answer.unreadable for a value that is not one JSON value in UTF-8,
//   - answer.secret-reason as Secret.Check,
//   - answer.buyer-unknown and answer.buyer-repeated,
//   - answer.mark-without-answer for marks without a value.
//
// What the value says is judged by Requirement.Check.
func (a Answer) Marked(named []uuid.UUID) (Answer, error) {
	var l fault.List
	var value bytes.Buffer
	switch {
	case a.Absent():
		if a.Secret != nil || len(a.Buyers) > 0 {
			l.Addf("answer.mark-without-answer", "value")
		}
		return Answer{}, l.Err()
	case !utf8.Valid(a.Value) || json.Compact(&value, a.Value) != nil:
		l.Addf("answer.unreadable", "value")
	}
	out := Answer{Value: value.Bytes()}
	if a.Secret != nil {
		if f, bad := fault.As(a.Secret.Check("secret.reason")); bad {
			l.Add(f)
		}
		out.Secret = &Secret{strings.TrimSpace(a.Secret.Reason)}
	}
	for i, b := range a.Buyers {
		switch {
		case !slices.Contains(named, b):
			l.Addf("answer.buyer-unknown", fmt.Sprintf("buyers[%d]", i))
		case slices.Contains(a.Buyers[:i], b):
			l.Addf("answer.buyer-repeated", fmt.Sprintf("buyers[%d]", i))
		}
	}
	if len(a.Buyers) < len(named) {
		out.Buyers = slices.SortedFunc(slices.Values(a.Buyers), func(x, y uuid.UUID) int { return bytes.Compare(x[:], y[:]) })
	}
	return out, l.Err()
}

// Same reports whether two answers say the same, whatever the order of fields
// and white space in their values. Both are as Marked gives them.
func (a Answer) Same(b Answer) bool {
	if a.Absent() || b.Absent() {
		return a.Absent() == b.Absent()
	}
	if (a.Secret == nil) != (b.Secret == nil) || a.Secret != nil && *a.Secret != *b.Secret || !slices.Equal(a.Buyers, b.Buyers) {
		return false
	}
	return bytes.Equal(a.Value, b.Value) || sameJSON(a.Value, b.Value)
}

// sameJSON compares values with their numbers as written: two spellings of a
// number are two answers, which costs an author no more than a second look.
func sameJSON(a, b []byte) bool {
	read := func(raw []byte) (v any, ok bool) {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		return v, d.Decode(&v) == nil
	}
	x, okX := read(a)
	y, okY := read(b)
	return okX && okY && reflect.DeepEqual(x, y)
}
