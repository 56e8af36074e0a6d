package procurement

import (
	"time"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Change is what a decision leads to: the procurement as it becomes, and what
// happened, for the audit log, the feed and notifications.
type Change struct {
	After  Procurement
	Events []Event
	// Wake tells that a workflow waits for this fact. What a person steers and
	// what time decides is known to the workflow already.
	Wake bool
}

// Event is one thing that happened. Params are codes, numbers and dates for the
// text that people read.
type Event struct {
	Kind   EventKind
	Params map[string]string
}

// EventKind is the stable name of an event.
type EventKind string

// The events of a procurement.
const (
	Revised          EventKind = "procurement.revised"
	Launched         EventKind = "procurement.launched"
	MandateGiven     EventKind = "mandate.given"
	MandateDeclined  EventKind = "mandate.declined"
	MandatesExtended EventKind = "mandates.extended"
	MandatesDone     EventKind = "mandates.complete"
	QuorumMissed     EventKind = "mandates.quorum-missed"
	Published        EventKind = "procurement.published"
	DeadlineExtended EventKind = "procurement.deadline-extended"
	Amended          EventKind = "procurement.amended"
	Closed           EventKind = "procurement.closed"
	NoTenders        EventKind = "procurement.no-tenders"
	OpeningApproved  EventKind = "opening.approved"
	Opened           EventKind = "procurement.opened"
	Rejected         EventKind = "tender.rejected"
	Awarded          EventKind = "procurement.awarded"
	AwardReversed    EventKind = "procurement.award-reversed"
	StandstillOver   EventKind = "procurement.standstill-over"
	ContractSigned   EventKind = "contract.signed"
	Concluded        EventKind = "procurement.concluded"
	AwardNoticeSent  EventKind = "procurement.award-notice-sent"
	CalledOff        EventKind = "contract.called-off"
	Suspended        EventKind = "procurement.suspended"
	Resumed          EventKind = "procurement.resumed"
	EndedByTime      EventKind = "procurement.ended"
	CancelledByLead  EventKind = "procurement.cancelled"
	DeclaredEmpty    EventKind = "procurement.unsuccessful"
	ReminderDue      EventKind = "procurement.reminder"
)

// EventKinds lists every event, so that a table of texts can be proved whole.
func EventKinds() []EventKind {
	return []EventKind{Revised, Launched, MandateGiven, MandateDeclined, MandatesExtended, MandatesDone, QuorumMissed, Published,
		DeadlineExtended, Amended, Closed, NoTenders, OpeningApproved, Opened, Rejected, Awarded, AwardReversed, StandstillOver, ContractSigned,
		Concluded, AwardNoticeSent, CalledOff, Suspended, Resumed, EndedByTime, CancelledByLead, DeclaredEmpty, ReminderDue}
}

// Decide judges a command at an instant of case time. It returns the change, or
// a fault: conflict when the phase or the state does not allow it, invalid when
// the command itself breaks a rule; Paragraph names the law where one decides.
// Nothing is changed in p.
func (p Procurement) Decide(c Command, now time.Time) (Change, error) {
	if p.Suspended() && !allowedWhileSuspended(c) {
		return Change{}, refuse("procurement.suspended").By(p.suspensionParagraph())
	}
	switch c := c.(type) {
	case Revise:
		return p.revise(c, now)
	case Launch:
		return p.launch(now)
	case GiveMandate:
		return p.giveMandate(c, now)
	case DeclineMandate:
		return p.declineMandate(c, now)
	case ExtendMandates:
		return p.extendMandates(c, now)
	case Publish:
		return p.publish(c, now)
	case ExtendDeadline:
		return p.extendDeadline(c, now)
	case Amend:
		return p.amend(c, now)
	case ApproveOpening:
		return p.approveOpening(c, now)
	case Open:
		return p.open(c, now)
	case Reject:
		return p.reject(c)
	case Score:
		return p.score(c)
	case Award:
		return p.award(c, now)
	case ReverseAward:
		return p.reverseAward(c, now)
	case SignContract:
		return p.signContract(c, now)
	case AwardNotice:
		return p.awardNotice(c, now)
	case CallOff:
		return p.callOff(c, now)
	case Cancel:
		return p.cancel(c, now)
	case DeclareUnsuccessful:
		return p.declareUnsuccessful(c, now)
	case Suspend:
		return p.suspend(c, now)
	case Resume:
		return p.resume(now)
	case PassTime:
		return p.passTime(now), nil
	}
	return Change{}, fault.New(fault.Internal, "procurement.unknown-command")
}

// A suspension holds what leads to a contract. It never keeps a supplier from
// answering, a deadline from being moved later, the documents from being
// corrected, or the procedure from being cancelled.
func allowedWhileSuspended(c Command) bool {
	switch c.(type) {
	case Resume, Cancel, ReverseAward, ExtendDeadline, Amend, ExtendMandates, GiveMandate, DeclineMandate, PassTime, CallOff:
		return true
	}
	return false
}

func (p Procurement) in(phases ...Phase) error {
	for _, ph := range phases {
		if p.Phase == ph {
			return nil
		}
	}
	return refuse("procurement.wrong-phase", fault.Params{"phase": string(p.Phase)})
}

func refuse(rule string, params ...fault.Params) *fault.Error {
	return fault.New(fault.Conflict, rule, params...)
}

func invalid(rule, field string, params ...fault.Params) *fault.Error {
	return fault.New(fault.Invalid, rule, params...).At(field)
}

func event(kind EventKind, params ...string) Event {
	e := Event{Kind: kind}
	for i := 0; i+1 < len(params); i += 2 {
		if e.Params == nil {
			e.Params = map[string]string{}
		}
		e.Params[params[i]] = params[i+1]
	}
	return e
}

// instant writes a time for params: UTC, to the second.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
