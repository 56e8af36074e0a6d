package requirement

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Round is an input round (innspillsrunde): participants read one version of
// the set, comment on it and propose. Instants are case time.
type Round struct {
	Opened time.Time
	// Until is the last instant for inputs; at it, it is too late.
	Until time.Time
	// Closed is when the lead buyer ended it before its time; zero for not.
	Closed time.Time
}

// IsOpen reports whether inputs are taken. Time alone ends a round: nothing
// waits for it.
func (r Round) IsOpen(now time.Time) bool {
	return r.Closed.IsZero() && !now.Before(r.Opened) && now.Before(r.Until)
}

// MayOpen judges a new round: one at a time, over a set that has requirements,
// and over before the notice is to be dispatched (zero: not planned yet). It
// returns conflict (inputs.round-open, inputs.nothing-to-read) or invalid
// (inputs.until).
func MayOpen(rounds []Round, set Set, until, dispatch, now time.Time) error {
	switch {
	case slices.ContainsFunc(rounds, func(r Round) bool { return r.IsOpen(now) }):
		return fault.New(fault.Conflict, "inputs.round-open")
	case len(set.Requirements) == 0:
		return fault.New(fault.Conflict, "inputs.nothing-to-read")
	case !until.After(now), !dispatch.IsZero() && until.After(dispatch):
		params := fault.Params{}
		if !dispatch.IsZero() {
			params["latest"] = dispatch.UTC().Format(time.RFC3339)
		}
		return fault.New(fault.Invalid, "inputs.until", params).At("until")
	}
	return nil
}

// Outcome is how an input ends.
type Outcome string

// The outcomes.
const (
	TakenIn  Outcome = "taken-in" // tatt inn
	Partly   Outcome = "partly"   // delvis tatt inn
	Rejected Outcome = "rejected" // ikke tatt inn
)

// Outcomes lists every outcome.
func Outcomes() []Outcome { return []Outcome{TakenIn, Partly, Rejected} }

// HasEffect reports whether the input changed the set.
func (o Outcome) HasEffect() bool { return o == TakenIn || o == Partly }

// InputKind says what an input is about.
type InputKind string

// The kinds of input.
const (
	AboutSet         InputKind = "set"         // the set as a whole
	AboutRequirement InputKind = "requirement" // one requirement
	Proposal         InputKind = "proposal"    // a requirement that is not there
)

// Input is what one participant says in a round.
type Input struct {
	Kind        InputKind
	Requirement uuid.UUID // with AboutRequirement only
	Text        string
	// Wording is the proposed text of the requirement: asked for with a
	// proposal, and possible with a comment on a requirement.
	Wording string
}

const (
	maxInput       = 8_000
	minInputReason = 3
)

// Validate judges an input against the version that the round is about. It
// returns invalid with every problem (inputs.*).
func (i Input) Validate(read Set) error {
	var l fault.List
	if t := strings.TrimSpace(i.Text); t == "" || len(i.Text) > maxInput || !readable(t) {
		l.Addf("inputs.text", "text")
	}
	wording := strings.TrimSpace(i.Wording)
	if len(i.Wording) > maxInput || !readable(wording) || (i.Kind == Proposal) && wording == "" || i.Kind == AboutSet && wording != "" {
		l.Addf("inputs.wording", "wording")
	}
	_, known := read.Requirement(i.Requirement)
	switch i.Kind {
	case AboutSet, Proposal:
		if i.Requirement != uuid.Nil {
			l.Addf("inputs.requirement", "requirement")
		}
	case AboutRequirement:
		if !known {
			l.Addf("inputs.requirement", "requirement")
		}
	default:
		l.Addf("inputs.kind", "kind")
	}
	return l.Err()
}

// InputAnswer is how the lead buyer ends an input.
type InputAnswer struct {
	Outcome Outcome
	Reason  string
	// Requirements are those that were changed, added or taken out for it.
	Requirements []uuid.UUID
}

// Validate judges the answer to an input: a reason always, and for one that is
// taken in, whole or partly, the requirements that came of it, each in the set
// as it is now or in the version that was read. An input about the whole set
// may change what is no requirement, such as a weight. It returns invalid with
// every problem (inputs.*).
func (a InputAnswer) Validate(i Input, read, now Set) error {
	var l fault.List
	if !slices.Contains(Outcomes(), a.Outcome) {
		l.Addf("inputs.outcome", "outcome")
	}
	if t := strings.TrimSpace(a.Reason); len(t) < minInputReason || len(a.Reason) > maxInput || !readable(t) {
		l.Addf("inputs.reason", "reason")
	}
	if a.Outcome.HasEffect() && len(a.Requirements) == 0 && i.Kind != AboutSet {
		l.Addf("inputs.effect-missing", "requirements")
	}
	if !a.Outcome.HasEffect() && len(a.Requirements) > 0 || repeats(a.Requirements) {
		l.Addf("inputs.effect", "requirements")
	}
	for _, id := range a.Requirements {
		_, is := now.Requirement(id)
		if _, was := read.Requirement(id); !is && !was {
			l.Addf("inputs.effect", "requirements")
			break
		}
	}
	return l.Err()
}

// InputTally counts the inputs of a case: what its publication goes by.
type InputTally struct {
	TakenIn, Partly, Rejected, Unanswered int
	// OpenUntil is the end of a round that is open; zero where none is.
	OpenUntil time.Time
}

// Given is the number of inputs.
func (t InputTally) Given() int { return t.TakenIn + t.Partly + t.Rejected + t.Unanswered }

// Effect is the share of the answered inputs that changed the set, whole or
// partly; zero before any is answered.
func (t InputTally) Effect() Percent {
	answered := t.Given() - t.Unanswered
	if answered == 0 {
		return 0
	}
	return Percent(int64(Hundred) * int64(t.TakenIn+t.Partly) / int64(answered))
}

// Settled lists why the set cannot be locked yet: a round that is open
// (inputs.round-open) and inputs that nobody has answered (inputs.unanswered).
func (t InputTally) Settled() error {
	var l fault.List
	if !t.OpenUntil.IsZero() {
		l.Addf("inputs.round-open", "requirementSet", fault.Params{"until": t.OpenUntil.UTC().Format(time.RFC3339)})
	}
	if t.Unanswered > 0 {
		l.Addf("inputs.unanswered", "requirementSet", fault.Params{"unanswered": strconv.Itoa(t.Unanswered)})
	}
	return l.Err()
}
