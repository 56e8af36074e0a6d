package seal

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

const (
	// MaxAnswers is the largest number of answers in an envelope.
	MaxAnswers = 2000

	// maxSecret is the largest reason, in bytes; maxBuyers the largest number of
	// buyers that an answer names.
	maxSecret = 4 << 10
	maxBuyers = 1000
)

// Answer is one answer inside an envelope: the requirement, the version of the
// answer (1 or more), its value as JSON, with whatever belongs to it (comment,
// date, code), and its marks. What they mean is not the package's business.
type Answer struct {
	Requirement uuid.UUID       `json:"requirement"`
	Version     int64           `json:"version"`
	Value       json.RawMessage `json:"value"`
	// Secret is why the answer is a business secret; "" for one that is not.
	Secret string `json:"secret,omitempty"`
	// Buyers are those that the answer covers; none for all.
	Buyers []uuid.UUID `json:"buyers,omitempty"`
}

func (a Answer) marked() bool { return a.Secret != "" || len(a.Buyers) > 0 }

func (a Answer) valid() bool {
	return a.Requirement != uuid.Nil && a.Version >= 1 && utf8.Valid(a.Value) && json.Valid(a.Value) && validReason(a.Secret) && len(a.Buyers) <= maxBuyers
}

func validReason(s string) bool { return len(s) <= maxSecret && utf8.ValidString(s) }

func sortAnswers(answers []Answer) ([]Answer, error) {
	if len(answers) > MaxAnswers {
		return nil, fault.New(fault.TooLarge, "seal.too-many-answers", fault.Params{"limit": itoa(MaxAnswers)})
	}
	sorted := make([]Answer, len(answers))
	copy(sorted, answers)
	slices.SortFunc(sorted, func(a, b Answer) int { return compareID(a.Requirement, b.Requirement) })
	for i, a := range sorted {
		if len(a.Value) > MaxValue {
			return nil, tooLarge(MaxValue)
		}
		twice := i > 0 && sorted[i-1].Requirement == a.Requirement
		buyers, ok := sortIDs(a.Buyers)
		if twice || !ok || !a.valid() {
			return nil, fault.New(fault.Invalid, "seal.answers-invalid", fault.Params{"requirement": a.Requirement.String()})
		}
		sorted[i].Buyers = buyers
	}
	return sorted, nil
}

// sortIDs gives ids in the one order that an envelope has; false for repeated
// ones and the nil id.
func sortIDs(ids []uuid.UUID) ([]uuid.UUID, bool) {
	if len(ids) == 0 {
		return nil, true
	}
	sorted := slices.SortedFunc(slices.Values(ids), compareID)
	return sorted, sorted[0] != uuid.Nil && len(slices.Compact(slices.Clone(sorted))) == len(ids)
}

// canonicalJSON gives JSON without blanks and without escapes that only HTML
// needs. Structs keep the order of their fields, so the form is fixed.
func canonicalJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fault.Wrap(fault.Internal, "seal.encode", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// strictJSON reads exactly one document with no unknown fields. The error names
// no content and no position of it.
func strictJSON(b []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if dec.Decode(into) != nil || len(bytes.TrimSpace(b[dec.InputOffset():])) != 0 {
		return fault.New(fault.Invalid, "seal.json-malformed")
	}
	return nil
}

func itoa(n int) string { return strconv.Itoa(n) }
