package calendar_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
)

// The movable days of a year, all counted from Easter Sunday.
func TestEaster(t *testing.T) {
	t.Parallel()
	for _, easter := range []string{
		"2008-03-23", // one day after the earliest
		"2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16",
		"2029-04-01", "2030-04-21", "2031-04-13", "2035-03-25",
		"2038-04-25", // the latest
	} {
		for key, after := range map[string]int{
			"maundy-thursday": -3, "good-friday": -2, "easter-sunday": 0, "easter-monday": 1,
			"ascension-day": 39, "whit-sunday": 49, "whit-monday": 50,
		} {
			d := day(easter).AddDays(after)
			got, ok := calendar.Holiday(d)
			if !ok || got != key && !slices.Contains([]string{"labour-day", "constitution-day"}, got) {
				t.Errorf("%s is %q, want %q", d, got, key)
			}
		}
		for _, after := range []int{-4, -1, 2, 38, 40, 48, 51} { // the days beside them
			d := day(easter).AddDays(after)
			if key, ok := calendar.Holiday(d); ok && key != "labour-day" && key != "constitution-day" {
				t.Errorf("%s is %q, want no holiday", d, key)
			}
		}
	}
}

func TestHolidaysOfAYear(t *testing.T) {
	t.Parallel()
	want := []calendar.NamedDay{
		{Date: day("2026-01-01"), Key: "new-years-day"},
		{Date: day("2026-04-02"), Key: "maundy-thursday"},
		{Date: day("2026-04-03"), Key: "good-friday"},
		{Date: day("2026-04-05"), Key: "easter-sunday"},
		{Date: day("2026-04-06"), Key: "easter-monday"},
		{Date: day("2026-05-01"), Key: "labour-day"},
		{Date: day("2026-05-14"), Key: "ascension-day"},
		{Date: day("2026-05-17"), Key: "constitution-day"},
		{Date: day("2026-05-24"), Key: "whit-sunday"},
		{Date: day("2026-05-25"), Key: "whit-monday"},
		{Date: day("2026-12-25"), Key: "christmas-day"},
		{Date: day("2026-12-26"), Key: "second-christmas-day"},
	}
	if got := calendar.HolidaysBetween(day("2026-01-01"), day("2026-12-31")); !slices.Equal(got, want) {
		t.Errorf("2026 has\n%v, want\n%v", got, want)
	}
	if got := len(calendar.HolidayKeys()); got != len(want) {
		t.Errorf("%d keys, want %d", got, len(want))
	}
}

func TestTwoHolidaysOnOneDay(t *testing.T) {
	t.Parallel()
	for d, want := range map[string]string{
		"2008-05-01": "labour-day",       // and Ascension Day
		"2012-05-17": "constitution-day", // and Ascension Day
	} {
		if got, _ := calendar.Holiday(day(d)); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
		if got := calendar.HolidaysBetween(day(d), day(d)); len(got) != 1 || got[0].Key != want {
			t.Errorf("%s is listed as %v", d, got)
		}
	}
}

func TestHolidaysBetweenBounds(t *testing.T) {
	t.Parallel()
	got := calendar.HolidaysBetween(day("2026-12-26"), day("2027-01-01"))
	want := []calendar.NamedDay{
		{Date: day("2026-12-26"), Key: "second-christmas-day"},
		{Date: day("2027-01-01"), Key: "new-years-day"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := calendar.HolidaysBetween(day("2027-01-01"), day("2026-12-26")); len(got) != 0 {
		t.Errorf("a range that ends before it begins has %v", got)
	}
}

func TestWorkingDays(t *testing.T) {
	t.Parallel()
	for d, want := range map[string]bool{
		"2026-04-30": true,
		"2026-05-01": false, // labour day, a Friday
		"2026-05-02": false, // Saturday
		"2026-05-04": true,
		"2027-05-17": false, // constitution day, a Monday
		"2026-05-18": true,  // constitution day on a Sunday gives no day in lieu
		"2026-12-24": true,  // Christmas Eve is no public holiday
		"2026-12-28": true,  // second Christmas day on a Saturday gives none either
		"2026-12-31": true,
	} {
		if got := calendar.IsWorkingDay(day(d)); got != want {
			t.Errorf("IsWorkingDay(%s, %s) = %t", d, day(d).Weekday(), got)
		}
	}
}

func TestListAndSingleDaysAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := days().Draw(t, "from")
		to := from.AddDays(rapid.IntRange(0, 400).Draw(t, "length"))
		listed := calendar.HolidaysBetween(from, to)
		for d := from; !d.After(to); d = d.AddDays(1) {
			key, ok := calendar.Holiday(d)
			if slices.Contains(listed, calendar.NamedDay{Date: d, Key: key}) != ok {
				t.Fatalf("%s: holiday %t, listed otherwise", d, ok)
			}
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			if calendar.IsWorkingDay(d) == (ok || weekend) {
				t.Fatalf("%s: a working day and a %s or holiday %q", d, d.Weekday(), key)
			}
		}
	})
}
