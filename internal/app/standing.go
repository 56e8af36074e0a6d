package app

// Standing says whether a tender is submitted, unmistakably: whoever writes an
// answer, attaches a file or reads a list is told.
type Standing string

// The ways in which a tender stands.
const (
	// NotSubmitted: nothing has been handed in, or only what was withdrawn.
	NotSubmitted Standing = "not-submitted"
	// SubmittedAsWritten: what was written last is what was handed in.
	SubmittedAsWritten Standing = "submitted"
	// SubmittedBeforeDraft: a tender stands, and a newer draft is not submitted.
	SubmittedBeforeDraft Standing = "submitted-before-draft"
	// Withdrawn: what was handed in has been taken back, and nothing stands.
	Withdrawn Standing = "withdrawn"
)

// Standings lists every way, for the description and for tests.
func Standings() []Standing {
	return []Standing{NotSubmitted, SubmittedAsWritten, SubmittedBeforeDraft, Withdrawn}
}

// The states of a tender that its standing hangs on.
const (
	stateSubmitted = "submitted"
	stateWithdrawn = "withdrawn"
)

// Standing tells how the tender stands at this moment.
func (t Tender) Standing() Standing {
	switch {
	case t.State == stateSubmitted && t.Draft > t.Submission:
		return SubmittedBeforeDraft
	case t.State == stateSubmitted:
		return SubmittedAsWritten
	case t.State == stateWithdrawn:
		return Withdrawn
	}
	return NotSubmitted
}

// Submitted tells whether a tender stands.
func (t Tender) Submitted() bool { return t.State == stateSubmitted }

// OfTender is a list about an own tender, with how the tender stands.
type OfTender[T any] struct {
	Tender Tender
	Items  []T
}
