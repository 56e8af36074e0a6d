// Package procurement is the law and the procedure of a joint procurement:
// what may be done in which phase, what is waited for, and what a date alone
// decides. It is pure: values in, values out.
//
// The same functions judge in the transaction that changes a case, pre-check in
// the API, draw the timeline before publishing and tell a page which of its
// buttons to show and why one is closed.
package procurement

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

// Phase is where a procurement stands.
type Phase string

// The phases, in order. The last three are ends.
const (
	Draft        Phase = "draft"        // being planned by the lead buyer
	Mandates     Phase = "mandates"     // each municipality decides for itself
	Preparation  Phase = "preparation"  // mandates are in; the notice is being made ready
	Tendering    Phase = "tendering"    // published; suppliers answer
	Opening      Phase = "opening"      // closed; waits for two people to open
	Evaluation   Phase = "evaluation"   // opened; scores, rejections, award
	Standstill   Phase = "standstill"   // award decided, letters sent (karensperiode)
	Contracting  Phase = "contract"     // standstill over; waits for signatures
	Running      Phase = "running"      // contract concluded; call-offs
	Ended        Phase = "ended"        // the contract period is over
	Cancelled    Phase = "cancelled"    // avlyst
	Unsuccessful Phase = "unsuccessful" // no tenders, or none left
)

// Phases lists every phase in order.
func Phases() []Phase {
	return []Phase{Draft, Mandates, Preparation, Tendering, Opening, Evaluation, Standstill, Contracting, Running, Ended, Cancelled, Unsuccessful}
}

// Open reports whether a workflow drives a case in this phase.
func (p Phase) Open() bool {
	switch p {
	case Draft, Ended, Cancelled, Unsuccessful:
		return false
	}
	return true
}

// Procurement is one joint procurement: the lead buyer's plan, what has
// happened, and counts of the rows that hang on it. Decide and Waits go by
// counts so that their cost does not grow with the number of municipalities or
// suppliers.
type Procurement struct {
	ID      uuid.UUID
	Space   uuid.UUID
	Lead    uuid.UUID
	N       int
	Version int64
	Phase   Phase
	Plan    Plan
	State   State

	Participants ParticipantTally
	Tenders      TenderTally
	Questions    QuestionTally
	// Inputs are counted only where a set is judged: for the review and the
	// publication.
	Inputs requirement.InputTally
	// Approvals to open, per part, by different people.
	Approvals map[Part][]uuid.UUID
}

// State is what has happened. Instants are case time.
type State struct {
	LaunchedAt      time.Time     `json:"launchedAt,omitzero"`
	QuorumMissedAt  time.Time     `json:"quorumMissedAt,omitzero"`
	MandatesEndedAt time.Time     `json:"mandatesEndedAt,omitzero"`
	Regime          rules.Regime  `json:"regime,omitempty"`
	Dispatch        *Dispatch     `json:"dispatch,omitempty"`
	PublishedAt     time.Time     `json:"publishedAt,omitzero"`
	SetID           uuid.UUID     `json:"setId,omitzero"`
	SetVersion      int           `json:"setVersion,omitempty"`
	AnswersDue      calendar.Date `json:"answersDue,omitzero"`
	ClosedAt        time.Time     `json:"closedAt,omitzero"`
	QualityOpenedAt time.Time     `json:"qualityOpenedAt,omitzero"`
	PriceOpenedAt   time.Time     `json:"priceOpenedAt,omitzero"`
	SuspendedAt     time.Time     `json:"suspendedAt,omitzero"`
	SuspendedFor    string        `json:"suspendedFor,omitempty"`
	AwardRound      int           `json:"awardRound,omitempty"`
	AwardedAt       time.Time     `json:"awardedAt,omitzero"`
	StandstillUntil time.Time     `json:"standstillUntil,omitzero"`
	ContractsToSign int           `json:"contractsToSign,omitempty"`
	ContractsSigned int           `json:"contractsSigned,omitempty"`
	ConcludedOn     calendar.Date `json:"concludedOn,omitzero"`
	AwardNoticeDue  calendar.Date `json:"awardNoticeDue,omitzero"`
	AwardNoticeAt   time.Time     `json:"awardNoticeAt,omitzero"`
	EndedAt         time.Time     `json:"endedAt,omitzero"`
	EndReason       string        `json:"endReason,omitempty"`
	// Outage is the recorded outage that reopened the gate after closing.
	Outage string `json:"outage,omitempty"`
	// Decisions are the reasons that a person has given for leaving the planned
	// course, for the procurement record.
	Decisions []Decision `json:"decisions,omitempty"`
	// WaitsSince is when the phase began or a date that is waited for moved. What
	// should have been reminded of before then is not reminded of.
	WaitsSince time.Time `json:"waitsSince,omitzero"`
	// Reminded holds the reminders that have been given, so that each date has
	// at most one.
	Reminded []Reminder `json:"reminded,omitempty"`
}

// Reminder is one that has been given: of what, and of which last day. A date
// that moves is reminded of again.
type Reminder struct {
	For Waiting       `json:"for"`
	By  calendar.Date `json:"by"`
}

// Decision is why a person left the planned course.
type Decision struct {
	At     time.Time `json:"at"`
	Event  EventKind `json:"event"`
	Reason string    `json:"reason"`
}

// decided notes the reason for the record.
func (p *Procurement) decided(event EventKind, reason string, now time.Time) {
	p.State.Decisions = append(slices.Clone(p.State.Decisions), Decision{now, event, strings.TrimSpace(reason)})
}

// Dispatch is when and under which reference the notice was sent. Deadlines are
// counted from the day (FOA § 20-2 (1)); the time stands in the record.
type Dispatch struct {
	On        calendar.Date `json:"on"`
	At        time.Time     `json:"at,omitzero"`
	Reference string        `json:"reference"`
}

// DispatchedAt is the dispatch at an instant.
func DispatchedAt(at time.Time, reference string) Dispatch {
	return Dispatch{On: calendar.DateOf(at), At: at, Reference: reference}
}

// enter begins a phase.
func (p *Procurement) enter(phase Phase, now time.Time) {
	p.Phase = phase
	p.State.WaitsSince = now
}

// stop ends the case. A suspension ends with it.
func (p *Procurement) stop(phase Phase, reason string, now time.Time) {
	p.enter(phase, now)
	p.State.EndedAt = now
	p.State.EndReason = reason
	p.State.SuspendedAt = time.Time{}
	p.State.SuspendedFor = ""
}

// Suspended reports whether a complaint or an injunction holds the procedure
// (FOA § 25-3).
func (p Procurement) Suspended() bool { return !p.State.SuspendedAt.IsZero() }

// Part is the half of a tender that is opened on its own.
type Part string

// The parts. Quality is opened first; price with it, or after the quality is
// scored where the plan says so.
const (
	Quality Part = "quality"
	Price   Part = "price"
)

// ParticipantTally counts the named municipalities by the state of their
// mandate.
type ParticipantTally struct {
	Named, Mandated, Declined, Dropped int
	// MandatedValue is the sum of the mandates' maximum values.
	MandatedValue money.NOK
	// EstimatedValue is the sum of the estimates of all that are still in.
	EstimatedValue money.NOK
	// MaximumValue is the sum of the planned maxima of all that are still in.
	MaximumValue money.NOK
	// EarliestMandateEnd is the first day on which a mandate ends.
	EarliestMandateEnd calendar.Date
	// CostShare is the sum of the mandates' shares in ten-thousandths of a
	// percent.
	CostShare int64
	// LotsWithoutMandate counts the lots that no mandate covers.
	LotsWithoutMandate int
}

// All counts those still in.
func (t ParticipantTally) All() int { return t.Named + t.Mandated }

// TenderTally counts tenders. Before closing, Submitted is zero for every
// caller but the engine.
type TenderTally struct {
	Submitted int
	Rejected  int
	// Scored reports whether every evaluator has scored every rated answer of
	// every admitted tender.
	Scored bool
	// QualityScored is the same for the quality part alone.
	QualityScored bool
}

// Admitted counts tenders that are opened and not rejected.
func (t TenderTally) Admitted() int { return t.Submitted - t.Rejected }

// QuestionTally counts questions to the lead buyer.
type QuestionTally struct {
	// Unanswered came in time and are neither answered nor declined.
	Unanswered int
	Declined   int
}
