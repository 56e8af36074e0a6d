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
	ForLastAnswers Waiting = "answers-last-day"
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
	return []Waiting{ForMandates, ForQuorum, ForPublication, ForAnswers, ForLastAnswers, ForDeadline, ForOpening, ForPriceOpen, ForValidity, ForAward,
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
	w := p.waits(now)
	if p.Suspended() {
		w = append(w, Wait{For: ForResumption})
	}
	return w
}

func (p Procurement) waits(now time.Time) []Wait {
	s := p.State
	switch p.Phase {
	case Mandates:
		if !s.QuorumMissedAt.IsZero() {
			return []Wait{{For: ForQuorum}}
		}
		return []Wait{p.remindedOf(decided(ForMandates, p.Plan.MandateDeadline), now)}
	case Preparation:
		return []Wait{p.day(ForPublication, p.Plan.DispatchOn, now)}
	case Tendering:
		// Closing takes its lock a little after the deadline, never before.
		closing := Wait{For: ForDeadline, By: p.Plan.TenderDeadline, Wake: p.Plan.TenderDeadline.Add(CloseAfter)}
		return append(p.answers(now), closing)
	case Opening:
		return []Wait{{For: ForOpening}, p.day(ForValidity, p.Plan.ValidUntil, now)}
	case Evaluation:
		w := []Wait{p.day(ForAward, p.Plan.AwardOn, now), p.day(ForValidity, p.Plan.ValidUntil, now)}
		if s.PriceOpenedAt.IsZero() {
			w = append([]Wait{{For: ForPriceOpen}}, w...)
		}
		return w
	case Standstill:
		return []Wait{p.held(decided(ForStandstill, s.StandstillUntil))}
	case Contracting:
		w := []Wait{p.day(ForContract, p.Plan.ContractStarts, now)}
		if s.ContractsSigned > 0 {
			w = append(w, p.held(p.contractEnd()))
		}
		return w
	case Running:
		return p.running(now)
	}
	return nil
}

// answers are due while one can still be asked for, and for as long as one is
// owed. They are reminded of twice, since an unanswered question holds the
// opening: some days before, and on the morning of the last day. Whoever owes
// nothing at the hour of a reminder is not reminded.
func (p Procurement) answers(now time.Time) []Wait {
	first := p.day(ForAnswers, p.State.AnswersDue, now)
	owes := p.Questions.Unanswered > 0
	if !owes && !now.Before(first.By) {
		return nil
	}
	morning := p.State.AnswersDue.At(7, 0)
	if !now.Before(morning) {
		first.Wake = time.Time{} // the last reminder says it all
	}
	last := p.reminded(Wait{For: ForLastAnswers, By: first.By}, morning, now)
	for _, w := range []Wait{first, last} {
		if !w.Wake.IsZero() && (owes || now.Before(w.Wake)) {
			return []Wait{w}
		}
	}
	first.Wake = time.Time{}
	return []Wait{first}
}

// running waits for the award notice, for every option that can still be used,
// and for the end.
func (p Procurement) running(now time.Time) []Wait {
	var w []Wait
	if p.State.AwardNoticeAt.IsZero() && !p.State.AwardNoticeDue.IsZero() {
		w = append(w, p.day(ForAwardNotice, p.State.AwardNoticeDue, now))
	}
	for _, o := range p.Plan.Options {
		if !calendar.DateOf(now).After(o.UseBy) {
			w = append(w, p.day(ForOption, o.UseBy, now))
		}
	}
	return append(w, p.contractEnd())
}

func (p Procurement) contractEnd() Wait {
	return decided(ForEnd, p.Plan.ContractEnds.AddDays(1).StartOfDay())
}

// decided is a wait that ends at an instant without anybody's act.
func decided(f Waiting, by time.Time) Wait { return Wait{For: f, By: by, Wake: by} }

// day is a wait for a person's act by the end of a day, with a reminder.
func (p Procurement) day(f Waiting, d calendar.Date, now time.Time) Wait {
	if d.IsZero() {
		return Wait{For: f}
	}
	return p.remindedOf(Wait{For: f, By: d.AddDays(1).StartOfDay()}, now)
}

// held keeps a suspension from being passed by time.
func (p Procurement) held(w Wait) Wait {
	if p.Suspended() {
		w.Wake = time.Time{}
	}
	return w
}

// remindedOf lets a wait wake at its reminder, unless that has been given, or
// was before the wait began: whoever sets a date for tomorrow knows it.
func (p Procurement) remindedOf(w Wait, now time.Time) Wait {
	return p.reminded(w, reminderAt(w.By), now)
}

func (p Procurement) reminded(w Wait, at, now time.Time) Wait {
	if now.Before(w.By) && at.After(p.State.WaitsSince) && !slices.Contains(p.State.Reminded, w.reminder()) {
		w.Wake = at
	}
	return w
}

// reminder is the key under which a given reminder is kept: the last day on
// which there is still time.
func (w Wait) reminder() Reminder {
	return Reminder{For: w.For, By: calendar.DateOf(w.By.Add(-time.Nanosecond))}
}

// reminderAt is 07:00 in Norway, remindDays before the last day.
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

// passTime does all that is due by now, in the order in which it became due.
// Called twice at the same instant it changes nothing the second time.
func (p Procurement) passTime(now time.Time) Change {
	change := Change{After: p}
	// Each step gives a reminder or ends a phase, so there are few; the bound
	// keeps a slip from looping.
	for range 20 + len(p.Plan.Options) {
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
		after.enter(Contracting, now)
		return Change{After: after, Events: []Event{event(StandstillOver)}}
	case ForEnd:
		after := p
		after.stop(Ended, "contract-period-over", now)
		return Change{After: after, Events: []Event{event(EndedByTime)}}
	}
	return p.remind(w)
}

func (p Procurement) remind(w Wait) Change {
	after := p
	after.State.Reminded = append(slices.Clone(p.State.Reminded), w.reminder())
	return Change{After: after, Events: []Event{event(ReminderDue, "for", string(w.For), "by", instant(w.By))}}
}
