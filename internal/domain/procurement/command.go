package procurement

import (
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

// Command is something that is decided about one procurement. Who may give it
// is the application's to know; whether it is lawful now is decided here.
type Command interface {
	// Operation is the stable name, for commands, audit entries and permissions.
	Operation() string
}

// The operations.
const (
	OpRevise              = "procurement.revise"
	OpLaunch              = "procurement.launch"
	OpGiveMandate         = "mandate.give"
	OpDeclineMandate      = "mandate.decline"
	OpExtendMandates      = "mandates.extend"
	OpPublish             = "procurement.publish"
	OpExtendDeadline      = "procurement.extend-deadline"
	OpApproveOpening      = "opening.approve"
	OpOpen                = "procurement.open"
	OpReject              = "tender.reject"
	OpScore               = "tender.score"
	OpAward               = "procurement.award"
	OpReverseAward        = "procurement.reverse-award"
	OpSignContract        = "contract.sign"
	OpAwardNotice         = "procurement.award-notice"
	OpCancel              = "procurement.cancel"
	OpSuspend             = "procurement.suspend"
	OpResume              = "procurement.resume"
	OpCallOff             = "contract.call-off"
	OpPassTime            = "procurement.pass-time"
	OpDeclareUnsuccessful = "procurement.unsuccessful"
)

// Revise replaces the plan before publication. Participants is the tally after
// the revision.
type Revise struct {
	Plan         Plan
	Participants ParticipantTally
}

// Launch asks the named municipalities for their mandates.
type Launch struct{}

// GiveMandate records a municipality's own decision to take part. Terms is
// judged; Tally is the count with it.
type GiveMandate struct {
	Terms MandateTerms
	Tally ParticipantTally
}

// DeclineMandate records a municipality's own decision to stay out.
type DeclineMandate struct {
	Reason string
	Tally  ParticipantTally
}

// ExtendMandates sets a new mandate deadline, also after a missed quorum.
type ExtendMandates struct{ Until time.Time }

// Publish opens the competition: the notice was dispatched, participants are
// frozen, documents are public from then on.
type Publish struct {
	Dispatch Dispatch
	Law      rules.Effective
	Set      requirement.Set
	SetID    uuid.UUID
	Version  int
	// Documents are the kinds of files that the version has.
	Documents []string
	Team      Team
}

// Team counts the people of the case by what they may do.
type Team struct {
	Openers, Evaluators int
}

// ExtendDeadline moves the tender deadline later, for everyone.
type ExtendDeadline struct {
	Until  time.Time
	Reason string
	// Outage is the recorded outage; needed after closing, and only before
	// opening.
	Outage string
}

// ApproveOpening is one person's approval to open a part.
type ApproveOpening struct {
	Part Part
	By   uuid.UUID
}

// Open opens a part after two approvals by different people.
type Open struct {
	Part     Part
	Openings int
}

// Reject rejects one tender.
type Reject struct {
	Ground Ground
	Reason string
}

// Score is one evaluator's points for one answer.
type Score struct {
	Part      Part
	Rated     bool
	Rejected  bool
	Impartial bool
}

// Award decides the winner of every lot.
type Award struct {
	Winners []Winner
	Law     rules.Effective
	// Leaders are the first-ranked tenders per lot under the declared formula.
	Leaders map[uuid.UUID][]uuid.UUID
	// Missing lists the documentation that a winner has not given.
	Missing []string
}

// Winner is the chosen tender of a lot.
type Winner struct {
	Lot    uuid.UUID `json:"lot"`
	Tender uuid.UUID `json:"tender"`
	Reason string    `json:"reason"`
	Value  money.NOK `json:"value"`
}

// ReverseAward takes an award back before the contract is concluded.
type ReverseAward struct{ Reason string }

// SignContract records that both parties have signed one contract.
type SignContract struct {
	BuyerOn, SupplierOn calendar.Date
	Law                 rules.Effective
	// Signed and Total count the contracts with this one.
	Signed, Total int
}

// AwardNotice records that the notice of the concluded contract was sent.
type AwardNotice struct{ Reference string }

// Cancel ends the procedure without a contract.
type Cancel struct{ Reason string }

// DeclareUnsuccessful ends a competition in which no tender is left.
type DeclareUnsuccessful struct{ Reason string }

// Suspend holds the procedure for a complaint or an injunction (FOA § 25-3).
type Suspend struct{ Reason string }

// Resume lets it go on.
type Resume struct{}

// CallOff is one municipality's order under the agreement.
type CallOff struct {
	Amount money.NOK
	Buyer  BuyerLimits
}

// PassTime is what a date alone decides.
type PassTime struct{}

// Operation names.
func (Revise) Operation() string              { return OpRevise }
func (Launch) Operation() string              { return OpLaunch }
func (GiveMandate) Operation() string         { return OpGiveMandate }
func (DeclineMandate) Operation() string      { return OpDeclineMandate }
func (ExtendMandates) Operation() string      { return OpExtendMandates }
func (Publish) Operation() string             { return OpPublish }
func (ExtendDeadline) Operation() string      { return OpExtendDeadline }
func (ApproveOpening) Operation() string      { return OpApproveOpening }
func (Open) Operation() string                { return OpOpen }
func (Reject) Operation() string              { return OpReject }
func (Score) Operation() string               { return OpScore }
func (Award) Operation() string               { return OpAward }
func (ReverseAward) Operation() string        { return OpReverseAward }
func (SignContract) Operation() string        { return OpSignContract }
func (AwardNotice) Operation() string         { return OpAwardNotice }
func (Cancel) Operation() string              { return OpCancel }
func (DeclareUnsuccessful) Operation() string { return OpDeclareUnsuccessful }
func (Suspend) Operation() string             { return OpSuspend }
func (Resume) Operation() string              { return OpResume }
func (CallOff) Operation() string             { return OpCallOff }
func (PassTime) Operation() string            { return OpPassTime }
