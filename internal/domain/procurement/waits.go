package procurement

import (
	"slices"
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
)

// Waiting says what a procurement waits for.
type Waiting string

// What can be waited for.
const (
	ForMandates    Waiting = "mandates"
	ForQuorum      Waiting = "quorum-decision" // the lead buyer, after a missed quorum
	ForPublication Waiting = "publication"
	ForAnswers     Waiting = "answers"
	ForDeadline    Waiting = "tender-deadline"
	ForOpening     Waiting = "opening"
	ForPriceOpen   Waiting = "price-opening"
	ForValidity    Waiting = "tender-validity"
	ForAward       Waiting = "award"
	ForStandstill  Waiting = "standstill"
	ForContract    Waiting = "contract"
	ForAwardNotice Waiting = "award-notice"
	ForOption      Waiting = "option"
	ForEnd         Waiting = "contract-end"
	ForResumption  Waiting = "resumption"
)

// Waitings lists every kind of wait, so that a table of texts can be proved
// whole.
func Waitings() []Waiting {
	return []Waiting{ForMandates, ForQuorum, ForPublication, ForAnswers, ForDeadline, ForOpening, ForPriceOpen, ForValidity, ForAward,
		ForStandstill, ForContract, ForAwardNotice, ForOption, ForEnd, ForResumption}
}

// Wait is one thing that is waited for.
type Wait struct {
	For Waiting `json:"for"`
	// By is when it is due; zero when only a person's act ends it.
	By time.Time `json:"by,omitzero"`
	// Wake is when the workflow next has something to do for it; zero for
	// never.
	Wake time.Time `json:"-"`
}

// remindDays is how many days before its date a wait is reminded of, once.
const remindDays = 3

// Waits lists what the procurement waits for at an instant. Its length does not
// depend on how many municipalities or suppliers there are.
func (p Procurement) Waits(now time.Time) []Wait {
	var w []Wait
	// A date is handled at 07:00 of its reminder day; what an instant decides,
	// at that instant.
	// A wait that began after its reminder day is not reminded of.
	reminded := func(f Waiting, by, since time.Time, decides bool) {
		wait := Wait{For: f, By: by}
		if decides {
			wait.Wake = by
		}
		at := reminderAt(by)
		if !slices.Contains(p.State.Reminded, f) && at.After(since) && now.Before(by) {
			wait.Wake = at
		}
		w = append(w, wait)
	}
	day := func(f Waiting, d calendar.Date, since time.Time) {
		if d.IsZero() {
			w = append(w, Wait{For: f})
			return
		}
		reminded(f, d.AddDays(1).StartOfDay(), since, false)
	}
	s := p.State
	switch p.Phase {
	case Mandates:
		if !p.State.QuorumMissedAt.IsZero() {
			w = append(w, Wait{For: ForQuorum})
			break
		}
		reminded(ForMandates, p.Plan.MandateDeadline, s.LaunchedAt, true)
	case Preparation:
		day(ForPublication, p.Plan.DispatchOn, s.MandatesEndedAt)
	case Tendering:
		if p.Questions.Unanswered > 0 || now.Before(s.AnswersDue.AddDays(1).StartOfDay()) {
			day(ForAnswers, s.AnswersDue, s.PublishedAt)
		}
		at := p.Plan.TenderDeadline.Add(CloseAfter)
		w = append(w, Wait{For: ForDeadline, By: p.Plan.TenderDeadline, Wake: at})
	case Opening:
		w = append(w, Wait{For: ForOpening})
		day(ForValidity, p.Plan.ValidUntil, s.ClosedAt)
	case Evaluation:
		if p.State.PriceOpenedAt.IsZero() {
			w = append(w, Wait{For: ForPriceOpen})
		}
		day(ForAward, p.Plan.AwardOn, s.QualityOpenedAt)
		day(ForValidity, p.Plan.ValidUntil, s.ClosedAt)
	case Standstill:
		if p.Suspended() {
			w = append(w, Wait{For: ForStandstill, By: p.State.StandstillUntil})
			break
		}
		w = append(w, Wait{For: ForStandstill, By: p.State.StandstillUntil, Wake: p.State.StandstillUntil})
	case Contracting:
		day(ForContract, p.Plan.ContractStarts, s.StandstillUntil)
	case Running:
		if p.State.AwardNoticeAt.IsZero() && !p.State.AwardNoticeDue.IsZero() {
			day(ForAwardNotice, s.AwardNoticeDue, s.ConcludedOn.StartOfDay())
		}
		for _, o := range p.Plan.Options {
			if !calendar.DateOf(now).After(o.UseBy) {
				day(ForOption, o.UseBy, s.ConcludedOn.StartOfDay())
				break
			}
		}
		end := p.Plan.ContractEnds.AddDays(1).StartOfDay()
		w = append(w, Wait{For: ForEnd, By: end, Wake: end})
	}
	if p.Suspended() {
		w = append(w, Wait{For: ForResumption})
	}
	return w
}

// reminderAt is 07:00 in Norway, remindDays before.
func reminderAt(by time.Time) time.Time {
	return calendar.DateOf(by.Add(-time.Nanosecond)).AddDays(-remindDays).At(7, 0)
}

// NextWake is when the workflow next has something to do, zero for never:
// it then waits for a person.
func (p Procurement) NextWake(now time.Time) time.Time {
	var next time.Time
	for _, w := range p.Waits(now) {
		if !w.Wake.IsZero() && (next.IsZero() || w.Wake.Before(next)) {
			next = w.Wake
		}
	}
	return next
}

// forget lets a wait be reminded of again, because its date has moved.
func (p *Procurement) forget(f Waiting) {
	p.State.Reminded = slices.DeleteFunc(slices.Clone(p.State.Reminded), func(w Waiting) bool { return w == f })
}

// passTime does all that is due by now, in the order in which it became due.
// Called twice at the same instant it changes nothing the second time.
func (p Procurement) passTime(now time.Time) Change {
	change := Change{After: p}
	for range 20 { // a case has fewer steps than that; the bound keeps a slip from looping
		p = change.After
		due := p.due(now)
		if due.Wake.IsZero() {
			break
		}
		change = change.then(p.meet(due, now), false)
	}
	return change
}

func (p Procurement) due(now time.Time) Wait {
	var first Wait
	for _, w := range p.Waits(now) {
		if !w.Wake.IsZero() && !w.Wake.After(now) && (first.Wake.IsZero() || w.Wake.Before(first.Wake)) {
			first = w
		}
	}
	return first
}

// meet does what is due for one wait: the step that its date decides, or the
// reminder.
func (p Procurement) meet(w Wait, now time.Time) Change {
	if w.By.After(now) {
		return p.remind(w)
	}
	switch w.For {
	case ForMandates:
		return p.endMandates(now)
	case ForDeadline:
		return p.close(now)
	case ForStandstill:
		after := p
		after.Phase = Contracting
		return Change{After: after, Events: []Event{event(StandstillOver)}}
	case ForEnd:
		after := p
		after.Phase = Ended
		after.State.EndedAt = now
		after.State.EndReason = "contract-period-over"
		return Change{After: after, Events: []Event{event(EndedByTime)}}
	}
	return p.remind(w)
}

func (p Procurement) remind(w Wait) Change {
	after := p
	after.State.Reminded = append(slices.Clone(p.State.Reminded), w.For)
	return Change{After: after, Events: []Event{event(ReminderDue, "for", string(w.For), "by", instant(w.By))}}
}
