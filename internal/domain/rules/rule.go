package rules

import (
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Mark says how well a value was checked.
type Mark string

// The marks.
const (
	Primary   Mark = "C" // checked in a primary source
	Secondary Mark = "S" // checked in a secondary or third-party source only
	General   Mark = "G" // general knowledge, unchecked
)

// Kind tells a rule with a number from one where the law sets none and from one
// whose number is not known.
type Kind string

// The kinds.
const (
	Fixed      Kind = "fixed"   // Value holds
	Discretion Kind = "none"    // the law sets no number ("sufficient", "reasonable")
	Unknown    Kind = "unknown" // there is a number, and it was not found
)

// Unit is what Value counts.
type Unit string

// The units. Amounts are whole kroner without VAT.
const (
	Days        Unit = "days"
	WorkingDays Unit = "working_days"
	Months      Unit = "months"
	Years       Unit = "years"
	NOK         Unit = "nok"
	Percent     Unit = "percent"
	Count       Unit = "count"
	Unitless    Unit = "none" // a rule without a number
)

// Bound says how a value limits.
type Bound string

// The bounds.
const (
	AtLeast  Bound = "min"
	AtMost   Bound = "max"
	Below    Bound = "below"   // the value itself is too much
	From     Bound = "from"    // the rule applies from this value on
	Fallback Bound = "default" // holds where the buyer has set nothing
)

// Rule is one value of the law while it held.
type Rule struct {
	// ID is stable over time and starts with the act and paragraph, for example
	// "foa.20-2.1.tender-deadline-open". Several versions may share it, never
	// for the same day.
	ID        string    `json:"id"`
	Regime    Regime    `json:"regime"`    // Any where it is not of one part
	Procedure Procedure `json:"procedure"` // AnyProcedure where it is not of one
	Stage     Stage     `json:"stage"`
	Variant   Variant   `json:"variant"`
	Paragraph string    `json:"paragraph"` // as it is cited, "FOA § 20-2 (1)"
	Source    string    `json:"source"`
	Mark      Mark      `json:"mark"`
	// ValidFrom and ValidTo are both days on which the rule holds; a zero
	// ValidTo means that no end is known, not that the rule holds today.
	ValidFrom calendar.Date `json:"valid_from"`
	ValidTo   calendar.Date `json:"valid_to,omitzero"`
	// CheckedUntil is the last day for which Mark stands; after it the value
	// is unverified whatever its mark. Zero where the source sets no such end.
	CheckedUntil calendar.Date `json:"checked_until,omitzero"`
	Kind         Kind          `json:"kind"`
	Value        *int64        `json:"value,omitempty"` // only where Kind is Fixed
	Unit         Unit          `json:"unit"`
	Bound        Bound         `json:"bound,omitempty"`
	CountedFrom  Anchor        `json:"counted_from,omitempty"` // only for periods
	Backward     bool          `json:"backward,omitempty"`     // counted back from the anchor
	// Proposed is a number that the program offers where the law sets none.
	// It is a proposal and never cited as law.
	Proposed *int64 `json:"proposed,omitempty"`
	Note     string `json:"note,omitempty"` // for those who maintain the data, not shown
	// Confirmed is set by Pack.With alone: the value counts for one procurement
	// because its lead buyer has confirmed it.
	Confirmed *Confirmation `json:"confirmed,omitempty"`
}

// Title gives the key under which the catalogue holds the rule's name.
func (r Rule) Title() string { return "rule." + r.ID }

// Holds reports whether the rule is in force on the day.
func (r Rule) Holds(on calendar.Date) bool {
	return !on.Before(r.ValidFrom) && (r.ValidTo.IsZero() || !on.After(r.ValidTo))
}

// Unverified reports whether nobody vouches for the value on the day: it is
// unknown, or neither confirmed nor checked in a primary source for that day.
func (r Rule) Unverified(on calendar.Date) bool {
	if r.Kind == Unknown {
		return true
	}
	if r.Confirmed != nil {
		return false
	}
	return r.Mark != Primary || !r.CheckedUntil.IsZero() && on.After(r.CheckedUntil)
}

// Number gives the value. It returns a Conflict fault with the rule's id and
// paragraph: rules.value-unknown where it was not found, rules.no-fixed-value
// where the law sets none.
func (r Rule) Number() (int64, error) {
	switch {
	case r.Kind == Fixed && r.Value != nil:
		return *r.Value, nil
	case r.Kind == Discretion:
		return 0, r.refuse("rules.no-fixed-value")
	}
	return 0, r.refuse("rules.value-unknown")
}

// Amount gives the value of a rule in kroner. It returns the faults of Number,
// and an Internal one (rules.wrong-unit) for a rule that is no amount.
func (r Rule) Amount() (money.NOK, error) {
	if r.Unit != NOK {
		return 0, fault.New(fault.Internal, "rules.wrong-unit", fault.Params{"rule": r.ID})
	}
	n, err := r.Number()
	return money.Kroner(n), err
}

// Period counts the rule's period from, or back from, the day that CountedFrom
// names. It returns the faults of Number, and an Internal one (rules.wrong-unit)
// for a rule that is no period.
func (r Rule) Period(anchor calendar.Date) (calendar.Period, error) {
	n, err := r.Number()
	if err != nil {
		return calendar.Period{}, err
	}
	switch {
	case r.Unit == Days && r.Backward:
		return calendar.Backward(anchor, int(n)), nil
	case r.Unit == Days:
		return calendar.Forward(anchor, int(n)), nil
	case r.Unit == WorkingDays && !r.Backward:
		return calendar.ForwardWorking(anchor, int(n)), nil
	case r.Unit == Months && r.Backward:
		return calendar.BackwardMonths(anchor, int(n)), nil
	case r.Unit == Months:
		return calendar.ForwardMonths(anchor, int(n)), nil
	case r.Unit == Years && !r.Backward:
		return calendar.ForwardYears(anchor, int(n)), nil
	}
	return calendar.Period{}, fault.New(fault.Internal, "rules.wrong-unit", fault.Params{"rule": r.ID})
}

func (r Rule) refuse(rule string) *fault.Error {
	return fault.New(fault.Conflict, rule, fault.Params{"rule": r.ID}).By(r.Paragraph)
}

// Confirmation is a lead buyer's word, for one procurement, that a value holds.
type Confirmation struct {
	RuleID string `json:"rule_id"`
	// Value replaces the pack's; nil confirms the pack's value as it stands and
	// says nothing of an unknown one. Units as in the rule.
	Value *int64 `json:"value,omitempty"`
	// On is the day for which it was given; it counts for the version of the
	// rule that holds on that day. Zero counts for every version.
	On          calendar.Date `json:"on,omitzero"`
	Source      string        `json:"source"`
	ConfirmedAt time.Time     `json:"confirmed_at"` // case time, UTC
	By          string        `json:"by"`           // opaque id of the person
}
