package calendar

import (
	"strings"
	"time"
)

// Reason is a stable code that says why a period does not end on a day.
type Reason string

// The reasons. A holiday is "holiday:" and its key.
const (
	Saturday       Reason = "saturday"
	Sunday         Reason = "sunday"
	TwoWorkingDays Reason = "two-working-days" // the period would hold fewer than two
	holidayPrefix         = "holiday:"
)

// Holiday gives the key of the holiday that is the reason.
func (r Reason) Holiday() (key string, ok bool) {
	return strings.CutPrefix(string(r), holidayPrefix)
}

// Move is a day on which a period would have ended, or that was not counted,
// and why.
type Move struct {
	Day    Date   `json:"day"`
	Reason Reason `json:"reason"`
}

// Period is a legal period in whole days. First and Last are both part of it.
type Period struct {
	First Date `json:"first"`
	Last  Date `json:"last"`
	// Moved lists, in order of date, the days that made the period longer than
	// its plain number of days. Empty for a backward period.
	Moved []Move `json:"moved,omitempty"`
}

// EndsBefore gives the instant at which the period has ended: 24:00 of its last
// day in Norway [G]. What may happen only after the period may happen from this
// instant on.
func (p Period) EndsBefore() time.Time { return p.DayAfter().StartOfDay() }

// DayAfter gives the first day on which the period is over; after a standstill,
// the earliest day for the contract.
func (p Period) DayAfter() Date { return p.Last.AddDays(1) }

// DayBefore gives the last day before the period; for a backward period, the
// latest day on which the act may be done.
func (p Period) DayBefore() Date { return p.First.AddDays(-1) }

// Days gives the number of calendar days in the period.
func (p Period) Days() int { return p.Last.Sub(p.First) + 1 }

// WorkingDays gives the number of working days in the period.
func (p Period) WorkingDays() int {
	n := 0
	for d := p.First; !d.After(p.Last); d = d.AddDays(1) {
		if IsWorkingDay(d) {
			n++
		}
	}
	return n
}

// EarliestAfter gives the earliest instant at a wall-clock time in Norway that
// leaves the whole period free. With tenders due at 12:00, a period that runs
// through 2 December gives 3 December at 12:00.
func EarliestAfter(p Period, hour, minute int) time.Time { return p.DayAfter().At(hour, minute) }

// Forward counts a period of calendar days from an event.
//
// The day of the event is not counted, also where the text says "from the day
// after" [G]; holidays count; a period that would end on a Saturday, Sunday or
// holiday runs through the next working day; a period of two days or more
// holds at least two working days (Regulation 1182/71 art. 3 (1), (3), (4) and
// (5) [G], FOA § 7-6). A period of no days ends with the day of the event.
func Forward(event Date, days int) Period {
	return extend(event, event.AddDays(max(days, 0)))
}

// ForwardMonths counts a period of months from an event. It ends on the day of
// the month that the event has, or on the month's last day where there is none,
// and is extended as in Forward (Regulation 1182/71 art. 3 (2) c and (4) [G]).
func ForwardMonths(event Date, months int) Period {
	return extend(event, event.AddMonths(max(months, 0)))
}

// ForwardYears counts a period of years as ForwardMonths counts months.
func ForwardYears(event Date, years int) Period { return ForwardMonths(event, 12*years) }

// ForwardWorking counts a period of working days from an event. Saturdays,
// Sundays and holidays are not counted (Regulation 1182/71 art. 3 (3) [G]) and
// stand in Moved.
func ForwardWorking(event Date, workingDays int) Period {
	p := Period{First: event.AddDays(1), Last: event}
	for n := 0; n < workingDays; {
		p.Last = p.Last.AddDays(1)
		if reason := pauseOf(p.Last); reason != "" {
			p.Moved = append(p.Moved, Move{p.Last, reason})
			continue
		}
		n++
	}
	return p
}

// Backward counts the full days that must lie between an act and the day it is
// counted from. Neither that day nor the day of the act is counted, and the
// period is not moved for Saturdays, Sundays or holidays (Regulation 1182/71
// art. 3 (4), second sentence; the full number of days [G]). DayBefore is the
// latest day for the act: four days before Thursday 10 December 2026 it is
// Saturday 5 December.
func Backward(from Date, days int) Period {
	return Period{First: from.AddDays(-max(days, 0)), Last: from.AddDays(-1)}
}

// BackwardMonths counts months back from a day, as Backward counts days: that
// day is not part of the period, and the period is not moved. DayBefore is the
// last day that is too old; a certificate that may be six months old on
// 10 December was issued on or after 10 June, which is First.
func BackwardMonths(from Date, months int) Period {
	return Period{First: from.AddMonths(-max(months, 0)), Last: from.AddDays(-1)}
}

// extend moves the end of a period that starts the day after the event and
// would end on last.
func extend(event, last Date) Period {
	p := Period{First: event.AddDays(1), Last: last}
	if !last.After(event) {
		return p
	}
	atLeast := min(p.Days(), 2)
	for {
		reason := pauseOf(p.Last)
		if reason == "" {
			if p.holdsWorkingDays(atLeast) {
				return p
			}
			reason = TwoWorkingDays
		}
		p.Moved = append(p.Moved, Move{p.Last, reason})
		p.Last = p.Last.AddDays(1)
	}
}

// holdsWorkingDays reports whether the period has at least n working days. It
// stops at the nth, so that a period of years costs no more than one of days.
func (p Period) holdsWorkingDays(n int) bool {
	for d := p.First; n > 0 && !d.After(p.Last); d = d.AddDays(1) {
		if IsWorkingDay(d) {
			n--
		}
	}
	return n == 0
}
