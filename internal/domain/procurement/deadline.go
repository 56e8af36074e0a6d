package procurement

import (
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// CloseAfter is how long after the deadline closing may take its lock, by the
// database's clock: a submission that read its clock before the deadline has
// committed or given up by then.
const CloseAfter = 5 * time.Second

// InTime judges receipt against the deadline: late is received at or after it
// (FOA §§ 9-4, 24-1 (1) a). This, and not closing, decides what is late.
func InTime(received, deadline time.Time) bool { return received.Before(deadline) }

// extendDeadline moves the tender deadline later, for everyone. After closing
// it moves only for a recorded outage and before anything is opened, which
// reopens the gate; also when nothing had come in and the competition has ended.
func (p Procurement) extendDeadline(c ExtendDeadline, now time.Time) (Change, error) {
	if err := p.in(Tendering, Opening); err != nil && !p.endedWithoutTenders() {
		return Change{}, err
	}
	var l fault.List
	if !c.Until.After(p.Plan.TenderDeadline) || !c.Until.After(now) {
		l.Addf("deadline.not-later", "until", fault.Params{"deadline": instant(p.Plan.TenderDeadline)})
	}
	if strings.TrimSpace(c.Reason) == "" {
		l.Addf("deadline.reason", "reason")
	}
	passed := p.Phase != Tendering || !now.Before(p.Plan.TenderDeadline)
	if passed && strings.TrimSpace(c.Outage) == "" {
		l.Add(refuse("deadline.passed-without-outage", fault.Params{"deadline": instant(p.Plan.TenderDeadline)}).At("outage"))
	}
	// With the second approval the envelopes may be open already.
	if len(p.Approvals[Quality]) >= Openers || len(p.Approvals[Price]) >= Openers {
		l.Add(refuse("deadline.opening-approved"))
	}
	if err := l.Err(); err != nil {
		return Change{}, err
	}
	after := p.withDeadline(c.Until)
	if passed {
		after.State.Outage = c.Outage
	}
	after.State.ClosedAt = time.Time{}
	after.State.EndedAt = time.Time{}
	after.State.EndReason = ""
	// An approval to open was given for what the deadline had let in.
	after.Approvals = nil
	reason := c.Reason
	if c.Outage != "" {
		reason += " (" + c.Outage + ")"
	}
	after.decided(DeadlineExtended, reason, now)
	after.enter(Tendering, now)
	change := Change{After: after, Events: []Event{event(DeadlineExtended, "until", instant(c.Until), "before", instant(p.Plan.TenderDeadline),
		"validUntil", after.Plan.ValidUntil.String())}}
	if p.endedWithoutTenders() {
		// Its process has come to its end; another one goes on.
		change.After.N++
		change.Wake = true
	}
	return change, nil
}

// withDeadline gives the procurement with a later tender deadline, and with all
// that is counted from it.
func (p Procurement) withDeadline(until time.Time) Procurement {
	moved := calendar.DateOf(until).Sub(calendar.DateOf(p.Plan.TenderDeadline))
	after := p
	after.Plan.TenderDeadline = until
	after.Plan.QuestionsBy = laterByDays(p.Plan.QuestionsBy, moved)
	after.State.AnswersDue = p.State.AnswersDue.AddDays(moved)
	after.Plan.ValidUntil = validityMoved(p.Plan.ValidUntil, moved)
	after.Plan.AwardOn = p.Plan.AwardOn.AddDays(moved)
	return after
}

const noTenders = "no-tenders"

// endedWithoutTenders reports whether the competition ended at closing because
// nothing had come in: an outage may be why.
func (p Procurement) endedWithoutTenders() bool {
	return p.Phase == Unsuccessful && p.State.EndReason == noTenders
}

// laterByDays moves an instant by days of the Norwegian clock, so that 12:00
// stays 12:00 over a clock change.
func laterByDays(t time.Time, days int) time.Time {
	wall := t.In(calendar.Oslo)
	return calendar.DateOf(t).AddDays(days).At(wall.Hour(), wall.Minute())
}

// validityMoved moves the end of the tender validity period with the tender
// deadline, from which it is counted (FOA §§ 8-15 (2), 20-6 (2)): suppliers are
// bound for as long as was announced, and the evaluation gets no shorter. A
// period runs through the next working day (§ 7-6).
func validityMoved(until calendar.Date, days int) calendar.Date {
	if until.IsZero() || days == 0 {
		return until
	}
	until = until.AddDays(days)
	for !calendar.IsWorkingDay(until) {
		until = until.AddDays(1)
	}
	return until
}

// close ends receipt. It never comes before deadline + CloseAfter.
func (p Procurement) close(now time.Time) Change {
	after := p
	after.State.ClosedAt = now
	after.enter(Opening, now)
	if p.Tenders.Submitted == 0 {
		after.stop(Unsuccessful, noTenders, now)
		return Change{After: after, Events: []Event{event(Closed), event(NoTenders)}}
	}
	return Change{After: after, Events: []Event{event(Closed)}}
}
