package calendar

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/no"
)

// NamedDay is a holiday in a given year. Key is a stable code; its name in a
// language is looked up at the edge.
type NamedDay struct {
	Date Date   `json:"date"`
	Key  string `json:"key"`
}

// holidays are Norway's public holidays [G]. Easter Sunday and Whit Sunday are
// added to the library's list, which leaves them out because they are Sundays:
// a timeline names them. Order decides the key of a day that is two holidays
// (17 May and Ascension Day in 2012).
var holidays = []struct {
	key string
	day *cal.Holiday
}{
	{"new-years-day", no.FoersteNyttaarsdag},
	{"maundy-thursday", no.Skjaertorsdag},
	{"good-friday", no.Langfredag},
	{"easter-sunday", aa.Easter},
	{"easter-monday", no.AndrePaaskedag},
	{"labour-day", no.Arbeiderenesdag},
	{"constitution-day", no.Grunnlovsdag},
	{"ascension-day", no.Kristihimmelfartsdag},
	{"whit-sunday", aa.Pentecost},
	{"whit-monday", no.AndrePinsedag},
	{"christmas-day", no.FoersteJuledag},
	{"second-christmas-day", no.AndreJuledag},
}

// HolidayKeys lists the key of every holiday, for catalogues that must name
// all of them.
func HolidayKeys() []string {
	keys := make([]string, 0, len(holidays))
	for _, h := range holidays {
		keys = append(keys, h.key)
	}
	return keys
}

// Holiday gives the key of the holiday that the day is.
func Holiday(d Date) (key string, ok bool) {
	for _, h := range holidays {
		if dayIn(d.year, h.day) == d {
			return h.key, true
		}
	}
	return "", false
}

// HolidaysBetween lists the holidays from one day to another, both included,
// in order of date and once per day.
func HolidaysBetween(from, to Date) []NamedDay {
	var days []NamedDay
	for year := from.year; year <= to.year; year++ {
		for _, h := range holidays {
			if d := dayIn(year, h.day); !d.Before(from) && !d.After(to) {
				days = append(days, NamedDay{d, h.key})
			}
		}
	}
	slices.SortStableFunc(days, func(a, b NamedDay) int { return a.Date.Compare(b.Date) })
	return slices.CompactFunc(days, func(a, b NamedDay) bool { return a.Date == b.Date })
}

// dayIn gives the day of a holiday in a year. The library answers with midnight
// in the machine's own zone, which can lie an hour into the day before where
// clocks change at midnight; half a day later it is the right day everywhere.
func dayIn(year int, h *cal.Holiday) Date {
	midnight, _ := h.Calc(year)
	return FromTime(midnight.Add(12 * time.Hour))
}

// IsWorkingDay reports whether the day is neither Saturday, Sunday nor holiday
// (Regulation 1182/71 art. 2 (2) [G]).
func IsWorkingDay(d Date) bool { return pauseOf(d) == "" }

// pauseOf gives the reason why no period ends on the day, "" for a working day.
func pauseOf(d Date) Reason {
	if key, ok := Holiday(d); ok {
		return Reason(holidayPrefix + key)
	}
	switch d.Weekday() {
	case time.Saturday:
		return Saturday
	case time.Sunday:
		return Sunday
	}
	return ""
}
