package calendar_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
)

// moves writes the moves of a period as "2026-11-14 saturday, …".
func moves(p calendar.Period) string {
	var all []string
	for _, m := range p.Moved {
		all = append(all, fmt.Sprintf("%s %s", m.Day, m.Reason))
	}
	return strings.Join(all, ", ")
}

func TestForward(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		event string
		days  int
		last  string
		moved string
	}{
		{"FOA § 25-2: letters on a Monday, ends on a Thursday", "2026-11-02", 10, "2026-11-12", ""},
		{"FOA § 25-2: letters on a Wednesday, ends after the weekend", "2026-11-04", 10, "2026-11-16",
			"2026-11-14 saturday, 2026-11-15 sunday"},
		{"FOA § 20-2 (1): notice on a Monday, 30 days", "2026-11-02", 30, "2026-12-02", ""},
		{"art. 3 (3): holidays inside the period count", "2026-12-21", 15, "2027-01-05", ""},
		{"art. 3 (4): ends on Maundy Thursday, runs through Tuesday", "2026-03-23", 10, "2026-04-07",
			"2026-04-02 holiday:maundy-thursday, 2026-04-03 holiday:good-friday, 2026-04-04 saturday, " +
				"2026-04-05 holiday:easter-sunday, 2026-04-06 holiday:easter-monday"},
		{"art. 3 (4): ends on Friday 1 May", "2026-04-21", 10, "2026-05-04",
			"2026-05-01 holiday:labour-day, 2026-05-02 saturday, 2026-05-03 sunday"},
		{"art. 3 (4): ends on Monday 17 May", "2027-05-07", 10, "2027-05-18", "2027-05-17 holiday:constitution-day"},
		{"art. 3 (4): ends on Sunday 17 May", "2026-05-07", 10, "2026-05-18", "2026-05-17 holiday:constitution-day"},
		{"art. 3 (4): ends on Christmas Day", "2026-12-15", 10, "2026-12-28",
			"2026-12-25 holiday:christmas-day, 2026-12-26 holiday:second-christmas-day, 2026-12-27 sunday"},
		{"art. 3 (4): ends on New Year's Day", "2026-12-22", 10, "2027-01-04",
			"2027-01-01 holiday:new-years-day, 2027-01-02 saturday, 2027-01-03 sunday"},
		{"art. 3 (4): one day that is a Saturday", "2026-11-13", 1, "2026-11-16", "2026-11-14 saturday, 2026-11-15 sunday"},
		{"art. 3 (5): one day needs no two working days", "2026-11-09", 1, "2026-11-10", ""},
		{"art. 3 (5): two days from a Friday hold one working day", "2026-11-13", 2, "2026-11-17",
			"2026-11-15 sunday, 2026-11-16 two-working-days"},
		{"art. 3 (5): three days over a weekend", "2026-11-13", 3, "2026-11-17", "2026-11-16 two-working-days"},
		{"art. 3 (5): four days over a weekend hold two", "2026-11-13", 4, "2026-11-17", ""},
		{"art. 3 (5): five days over Easter", "2026-04-01", 5, "2026-04-08",
			"2026-04-06 holiday:easter-monday, 2026-04-07 two-working-days"},
		{"over the short day in March", "2026-03-20", 10, "2026-03-30", ""},
		{"over the long day in October", "2026-10-16", 10, "2026-10-26", ""},
		{"no days", "2026-11-14", 0, "2026-11-14", ""},
		{"fewer than no days", "2026-11-13", -3, "2026-11-13", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := calendar.Forward(day(c.event), c.days)
			if p.First != day(c.event).AddDays(1) || p.Last != day(c.last) || moves(p) != c.moved {
				t.Errorf("from %s, %d days: %s to %s, moved %q; want to %s, moved %q",
					c.event, c.days, p.First, p.Last, moves(p), c.last, c.moved)
			}
		})
	}
}

// The examples worked by hand in the rules' own description.
func TestWorkedExamples(t *testing.T) {
	t.Parallel()
	standstill := calendar.Forward(day("2026-11-02"), 10)
	if got := standstill.DayAfter(); got != day("2026-11-13") || got.Weekday() != time.Friday {
		t.Errorf("letters on Monday 2 November: contract earliest %s", got)
	}
	standstill = calendar.Forward(day("2026-11-04"), 10)
	if got := standstill.DayAfter(); got != day("2026-11-17") || got.Weekday() != time.Tuesday {
		t.Errorf("letters on Wednesday 4 November: contract earliest %s", got)
	}
	notice := calendar.Forward(day("2026-11-02"), 30)
	if got := calendar.EarliestAfter(notice, 12, 0); !got.Equal(day("2026-12-03").At(12, 0)) {
		t.Errorf("notice on 2 November: tenders at 12:00 earliest %s", got)
	}
	answers := calendar.Backward(day("2026-12-10"), 4)
	if got := answers.DayBefore(); got != day("2026-12-05") || got.Weekday() != time.Saturday {
		t.Errorf("answers four days before 10 December: latest %s", got)
	}
}

func TestEndsBefore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, event string
		days        int
		wantUTC     string
	}{
		{"winter", "2026-11-02", 10, "2026-11-12T23:00:00Z"},
		{"summer", "2026-06-01", 10, "2026-06-11T22:00:00Z"},
		{"first end in summer time", "2026-03-20", 10, "2026-03-30T22:00:00Z"},
		{"first end in winter time", "2026-10-16", 10, "2026-10-26T23:00:00Z"},
	} {
		got := calendar.Forward(day(c.event), c.days).EndsBefore()
		if s := got.UTC().Format(time.RFC3339); s != c.wantUTC {
			t.Errorf("%s: ends before %s, want %s", c.name, s, c.wantUTC)
		}
	}
}

func TestForwardWorking(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, event string
		days        int
		last, moved string
	}{
		{"FOA § 26-6 (3): ten working days from a Monday", "2026-11-02", 10, "2026-11-16",
			"2026-11-07 saturday, 2026-11-08 sunday, 2026-11-14 saturday, 2026-11-15 sunday"},
		{"FOA § 27-4 (3): two working days over Easter", "2026-04-01", 2, "2026-04-08",
			"2026-04-02 holiday:maundy-thursday, 2026-04-03 holiday:good-friday, 2026-04-04 saturday, " +
				"2026-04-05 holiday:easter-sunday, 2026-04-06 holiday:easter-monday"},
		{"no days", "2026-11-14", 0, "2026-11-14", ""},
	} {
		p := calendar.ForwardWorking(day(c.event), c.days)
		if p.Last != day(c.last) || moves(p) != c.moved {
			t.Errorf("%s: through %s, moved %q", c.name, p.Last, moves(p))
		}
	}
}

// Regulation 1182/71 art. 3 (2) c: a period of months ends on the date of the
// event, or on the month's last day.
func TestForwardMonthsAndYears(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		p    calendar.Period
		last string
	}{
		{"same date", calendar.ForwardMonths(day("2026-09-02"), 2), "2026-11-02"},
		{"no such date", calendar.ForwardMonths(day("2026-10-31"), 4), "2027-03-01"}, // 28 February 2027 is a Sunday
		{"moved", calendar.ForwardMonths(day("2026-10-14"), 1), "2026-11-16"},
		{"four years", calendar.ForwardYears(day("2026-11-13"), 4), "2030-11-13"},
		{"leap day", calendar.ForwardYears(day("2028-02-29"), 2), "2030-02-28"},
	} {
		if c.p.Last != day(c.last) {
			t.Errorf("%s: through %s, want %s", c.name, c.p.Last, c.last)
		}
	}
}

// Regulation 1182/71 art. 3 (4), second sentence: not moved.
func TestBackward(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, from string
		days       int
		first      string
		latest     string
	}{
		{"FOA § 14-2 (2): six days before a Thursday", "2026-12-10", 6, "2026-12-04", "2026-12-03"},
		{"FOA § 14-2 (2): four days, latest on a Saturday", "2026-12-10", 4, "2026-12-06", "2026-12-05"},
		{"latest on Easter Sunday", "2026-04-10", 4, "2026-04-06", "2026-04-05"},
		{"over the short day in March", "2026-03-31", 4, "2026-03-27", "2026-03-26"},
		{"no days", "2026-12-10", 0, "2026-12-10", "2026-12-09"},
	} {
		p := calendar.Backward(day(c.from), c.days)
		if p.First != day(c.first) || p.DayBefore() != day(c.latest) || p.Days() != c.days || len(p.Moved) != 0 {
			t.Errorf("%s: %+v, latest %s", c.name, p, p.DayBefore())
		}
	}
}

// FOA § 7-2: at most six months old at the deadline.
func TestBackwardMonths(t *testing.T) {
	t.Parallel()
	for from, first := range map[string]string{
		"2026-12-10": "2026-06-10",
		"2026-08-31": "2026-02-28",
		"2026-05-17": "2025-11-17",
	} {
		if p := calendar.BackwardMonths(day(from), 6); p.First != day(first) || p.Last != day(from).AddDays(-1) {
			t.Errorf("six months before %s: from %s to %s", from, p.First, p.Last)
		}
	}
}

func TestForwardProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		event := days().Draw(t, "event")
		n := rapid.IntRange(1, 120).Draw(t, "days")
		p := calendar.Forward(event, n)
		plain := event.AddDays(n)
		if p.First != event.AddDays(1) || p.Last.Before(plain) || !calendar.IsWorkingDay(p.Last) {
			t.Fatalf("%d days from %s: %+v", n, event, p)
		}
		if n >= 2 && p.WorkingDays() < 2 {
			t.Fatalf("%d days from %s hold %d working days", n, event, p.WorkingDays())
		}
		// Every day beyond the plain number has its reason, in order.
		if len(p.Moved) != p.Last.Sub(plain) {
			t.Fatalf("%d days from %s: through %s with moves %s", n, event, p.Last, moves(p))
		}
		for i, m := range p.Moved {
			if m.Day != plain.AddDays(i) || calendar.IsWorkingDay(m.Day) != (m.Reason == calendar.TwoWorkingDays) {
				t.Fatalf("%d days from %s: move %d is %+v", n, event, i, m)
			}
		}
		// Not longer than needed: without its last day the period would break a rule.
		if len(p.Moved) > 0 {
			shorter := calendar.Period{First: p.First, Last: p.Last.AddDays(-1)}
			if calendar.IsWorkingDay(shorter.Last) && shorter.WorkingDays() >= min(n, 2) {
				t.Fatalf("%d days from %s: %s would have been enough", n, event, shorter.Last)
			}
		}
	})
}

func TestForwardIsMonotone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		event := days().Draw(t, "event")
		n := rapid.IntRange(1, 120).Draw(t, "days")
		p := calendar.Forward(event, n)
		if longer := calendar.Forward(event, n+1); longer.Last.Before(p.Last) {
			t.Fatalf("%d days from %s end on %s, one more on %s", n, event, p.Last, longer.Last)
		}
		if later := calendar.Forward(event.AddDays(1), n); later.Last.Before(p.Last) {
			t.Fatalf("%d days from %s end on %s, from the day after on %s", n, event, p.Last, later.Last)
		}
		if !p.EndsBefore().After(p.Last.At(23, 59)) || calendar.DateOf(p.EndsBefore()) != p.DayAfter() {
			t.Fatalf("%s ends before %s", p.Last, p.EndsBefore())
		}
	})
}

func TestForwardWorkingProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		event := days().Draw(t, "event")
		n := rapid.IntRange(1, 40).Draw(t, "working days")
		p := calendar.ForwardWorking(event, n)
		if p.WorkingDays() != n || !calendar.IsWorkingDay(p.Last) || p.Days() != n+len(p.Moved) {
			t.Fatalf("%d working days from %s: %+v", n, event, p)
		}
		if slices.ContainsFunc(p.Moved, func(m calendar.Move) bool { return calendar.IsWorkingDay(m.Day) }) {
			t.Fatalf("%d working days from %s skipped a working day: %s", n, event, moves(p))
		}
	})
}

func TestBackwardLeavesTheFullDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := days().Draw(t, "from")
		n := rapid.IntRange(1, 60).Draw(t, "days")
		p := calendar.Backward(from, n)
		if between := from.Sub(p.DayBefore()) - 1; between != n || p.Days() != n {
			t.Fatalf("%d days before %s: %d full days after %s", n, from, between, p.DayBefore())
		}
	})
}

func TestReasonNamesTheHoliday(t *testing.T) {
	t.Parallel()
	p := calendar.Forward(day("2027-05-07"), 10)
	if key, ok := p.Moved[0].Reason.Holiday(); !ok || key != "constitution-day" {
		t.Errorf("moved by %q", key)
	}
	if key, ok := calendar.Saturday.Holiday(); ok {
		t.Errorf("Saturday is the holiday %q", key)
	}
}
