package requirement

import (
	"encoding/json"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
)

// Validate returns an Invalid fault with every problem, or nil.
func (s Set) Validate() error { return nil }

// Warning is something to look at that blocks nothing.
type Warning struct {
	Rule  string `json:"rule"`
	Field string `json:"field,omitempty"`
}

// Warnings lists what is allowed and should be looked at.
func (s Set) Warnings() []Warning { return nil }

// Check judges one answer value; it returns an Invalid fault with every problem.
func (r Requirement) Check(value json.RawMessage) error { return nil }

// Problem is one fault of one answer.
type Problem struct {
	Requirement uuid.UUID         `json:"requirement"`
	Rule        string            `json:"rule"`
	Field       string            `json:"field,omitempty"`
	Params      map[string]string `json:"params,omitempty"`
}

// Summary says how complete a tender's answers are. Ids stand in set order.
type Summary struct {
	Answered      []uuid.UUID `json:"answered"`
	Missing       []uuid.UUID `json:"missing"`
	Optional      []uuid.UUID `json:"optional"`
	Invalid       []uuid.UUID `json:"invalid"`
	NotApplicable []uuid.UUID `json:"notApplicable"`
	FailsAbsolute []uuid.UUID `json:"failsAbsolute"`
	Problems      []Problem   `json:"problems"`
}

// Complete reports whether nothing is missing or invalid.
func (s Summary) Complete() bool { return len(s.Missing) == 0 && len(s.Invalid) == 0 }

// Completeness judges all answers of a tender for the lots; none means all.
func (s Set) Completeness(values Values, lots ...uuid.UUID) Summary { return Summary{} }

// FailsAbsolute reports whether a valid answer shows that r is not met.
func FailsAbsolute(r Requirement, value json.RawMessage) bool { return false }

// PriceTotal is the evaluated amount of a money or price-schedule answer.
func PriceTotal(r Requirement, value json.RawMessage) (money.NOK, error) { return 0, nil }

// EvaluatedPrice is the sum of rated amounts for a lot, uuid.Nil for all lots.
func (s Set) EvaluatedPrice(values Values, lot uuid.UUID) (money.NOK, error) { return 0, nil }

// Change says which fields of a requirement differ.
type Change struct {
	Requirement uuid.UUID `json:"requirement"`
	Fields      []string  `json:"fields"`
}

// Diff is what differs between two versions of a set.
type Diff struct {
	Added    []uuid.UUID `json:"added"`
	Removed  []uuid.UUID `json:"removed"`
	Changed  []Change    `json:"changed"`
	Criteria bool        `json:"criteria"`
}

// Changed compares two versions by requirement id.
func Changed(old, new Set) Diff { return Diff{} }

// Parse reads a set from JSON; unknown fields and trailing data are Invalid.
func Parse(b []byte) (Set, error) { return Set{}, nil }
