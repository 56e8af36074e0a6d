package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
)

// In 2026 summer time begins on 29 March and ends on 25 October.
func TestAtOnClockChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		day          string
		hour, minute int
		wantUTC      string
	}{
		{"winter", "2026-01-15", 12, 0, "2026-01-15T11:00:00Z"},
		{"summer", "2026-07-15", 12, 0, "2026-07-15T10:00:00Z"},
		{"before the missing hour", "2026-03-29", 1, 59, "2026-03-29T00:59:00Z"},
		{"start of the missing hour", "2026-03-29", 2, 0, "2026-03-29T01:00:00Z"},
		{"in the missing hour, read as 03:30", "2026-03-29", 2, 30, "2026-03-29T01:30:00Z"},
		{"after the missing hour", "2026-03-29", 3, 0, "2026-03-29T01:00:00Z"},
		{"noon of the short day", "2026-03-29", 12, 0, "2026-03-29T10:00:00Z"},
		{"before the doubled hour", "2026-10-25", 1, 59, "2026-10-24T23:59:00Z"},
		{"in the doubled hour, the second", "2026-10-25", 2, 30, "2026-10-25T01:30:00Z"},
		{"after the doubled hour", "2026-10-25", 3, 0, "2026-10-25T02:00:00Z"},
		{"noon of the long day", "2026-10-25", 12, 0, "2026-10-25T11:00:00Z"},
		{"the day before the short day", "2026-03-28", 12, 0, "2026-03-28T11:00:00Z"},
		{"the day after the long day", "2026-10-26", 0, 0, "2026-10-25T23:00:00Z"},
		{"24:00 is the next day", "2026-11-12", 24, 0, "2026-11-12T23:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := day(c.day).At(c.hour, c.minute)
			if s := got.UTC().Format(time.RFC3339); s != c.wantUTC {
				t.Errorf("%s %02d:%02d = %s, want %s", c.day, c.hour, c.minute, s, c.wantUTC)
			}
			if got.Location() != calendar.Oslo {
				t.Errorf("shown in %s", got.Location())
			}
		})
	}
}

func TestLengthOfDaysOnClockChanges(t *testing.T) {
	t.Parallel()
	for d, want := range map[string]time.Duration{
		"2026-03-28": 24 * time.Hour,
		"2026-03-29": 23 * time.Hour,
		"2026-10-25": 25 * time.Hour,
		"2027-03-28": 23 * time.Hour, // also Easter Sunday
		"2027-10-31": 25 * time.Hour,
	} {
		if got := day(d).AddDays(1).StartOfDay().Sub(day(d).StartOfDay()); got != want {
			t.Errorf("%s lasts %s, want %s", d, got, want)
		}
	}
}

func TestAtShowsTheWallTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := days().Draw(t, "date")
		hour := rapid.IntRange(3, 23).Draw(t, "hour") // no clock changes in these
		minute := rapid.IntRange(0, 59).Draw(t, "minute")
		at := d.At(hour, minute)
		if calendar.DateOf(at) != d || at.Hour() != hour || at.Minute() != minute {
			t.Fatalf("%s %02d:%02d = %s", d, hour, minute, at)
		}
	})
}
