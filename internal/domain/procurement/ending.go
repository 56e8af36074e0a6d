package procurement

import (
	"strings"
	"time"
)

// cancelParagraph: objective grounds, and a reason in writing to all.
func (p Procurement) cancelParagraph() string { return p.by("FOA § 25-4", "FOA § 10-4") }

// cancel ends the procedure without a contract (avlysning, FOA §§ 10-4, 25-4:
// with objective grounds, told to all).
func (p Procurement) cancel(c Cancel, now time.Time) (Change, error) {
	if err := p.in(Draft, Mandates, Preparation, Tendering, Opening, Evaluation, Standstill, Contracting); err != nil {
		return Change{}, err
	}
	if p.State.ContractsSigned > 0 {
		return Change{}, refuse("award.contract-signed").By(p.cancelParagraph())
	}
	if strings.TrimSpace(c.Reason) == "" {
		return Change{}, invalid("cancel.reason", "reason").By(p.cancelParagraph())
	}
	return p.end(Cancelled, CancelledByLead, c.Reason, now), nil
}

// declareUnsuccessful ends a competition in which every tender was rejected.
func (p Procurement) declareUnsuccessful(c DeclareUnsuccessful, now time.Time) (Change, error) {
	if err := p.in(Evaluation); err != nil {
		return Change{}, err
	}
	if p.Tenders.Admitted() > 0 {
		return Change{}, refuse("unsuccessful.tenders-left")
	}
	if strings.TrimSpace(c.Reason) == "" {
		return Change{}, invalid("cancel.reason", "reason").By(p.cancelParagraph())
	}
	return p.end(Unsuccessful, DeclaredEmpty, c.Reason, now), nil
}

func (p Procurement) end(phase Phase, kind EventKind, reason string, now time.Time) Change {
	after := p
	after.stop(phase, reason, now)
	return Change{After: after, Events: []Event{event(kind, "before", string(p.Phase))}}
}

// suspend holds what leads to a contract while a complaint is handled or a
// court has been asked for an injunction (FOA § 25-3).
func (p Procurement) suspend(c Suspend, now time.Time) (Change, error) {
	if err := p.in(Tendering, Opening, Evaluation, Standstill, Contracting); err != nil {
		return Change{}, err
	}
	if strings.TrimSpace(c.Reason) == "" {
		return Change{}, invalid("suspend.reason", "reason")
	}
	after := p
	after.State.SuspendedAt = now
	after.State.SuspendedFor = c.Reason
	after.decided(Suspended, c.Reason, now)
	return Change{After: after, Events: []Event{event(Suspended)}}, nil
}

// resume lets the procedure go on; what became due meanwhile is done at once. A
// suspension never shortens the standstill (FOA § 25-3 (4)). Closing was not held
// and is left to time: no command closes a competition.
func (p Procurement) resume(now time.Time) (Change, error) {
	if !p.Suspended() {
		return Change{}, refuse("procurement.not-suspended")
	}
	after := p
	after.State.SuspendedAt = time.Time{}
	after.State.SuspendedFor = ""
	change := Change{After: after, Events: []Event{event(Resumed)}}
	if p.Phase == Tendering {
		return change, nil
	}
	return change.then(after.passTime(now), false), nil
}
