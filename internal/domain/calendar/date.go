package calendar

import (
	"cmp"
	"time"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// layout is how a date is written in JSON, in text and in refusals.
const layout = "2006-01-02"

// Dates from outside must lie in these years. The bound keeps arithmetic on a
// mistyped year from leaving the four-digit form and loops over years short.
const (
	firstYear = 1900
	lastYear  = 2199
)

// Date is a day of the civil calendar, without time and zone. Dates compare
// with == and may be map keys. The zero value means "no date".
type Date struct {
	year  int
	month time.Month
	day   int
}

// New makes a date; a day outside the month carries over as in time.Date, so
// New(2026, 2, 30) is 2 March 2026.
func New(year int, month time.Month, day int) Date {
	return FromTime(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// ParseDate reads "2006-01-02". It returns an Invalid fault:
// calendar.date-malformed, or calendar.date-range for a year outside 1900–2199.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(layout, s)
	if err != nil {
		return Date{}, fault.New(fault.Invalid, "calendar.date-malformed")
	}
	if t.Year() < firstYear || t.Year() > lastYear {
		return Date{}, fault.New(fault.Invalid, "calendar.date-range", fault.Params{
			"first": New(firstYear, time.January, 1).String(),
			"last":  New(lastYear, time.December, 31).String(),
		})
	}
	return FromTime(t), nil
}

// MustParse is ParseDate for dates written in code; it panics on a bad one.
func MustParse(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// DateOf gives the day in Norway (Europe/Oslo) on which the instant falls.
func DateOf(t time.Time) Date { return FromTime(t.In(Oslo)) }

// FromTime gives the day as it is written in t's own location. It is for
// values that already mean a day, such as a database date read as midnight
// UTC; for an instant use DateOf.
func FromTime(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// UTC gives midnight UTC of the day, the form in which databases and drivers
// carry a date. It is not the start of the day in Norway: that is StartOfDay.
// The zero date gives the zero time.
func (d Date) UTC() time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
}

// IsZero reports whether no date is set.
func (d Date) IsZero() bool { return d == Date{} }

// Year gives the year.
func (d Date) Year() int { return d.year }

// Month gives the month.
func (d Date) Month() time.Month { return d.month }

// Day gives the day of the month.
func (d Date) Day() int { return d.day }

// Weekday gives the day of the week.
func (d Date) Weekday() time.Weekday { return d.UTC().Weekday() }

// AddDays gives the date n days later, or earlier for a negative n.
func (d Date) AddDays(n int) Date { return New(d.year, d.month, d.day+n) }

// AddMonths gives the same day n months later; where that month has no such
// day, its last day (Regulation 1182/71 art. 3 (2) c [G]). 31 January and one
// month is 28 or 29 February.
func (d Date) AddMonths(n int) Date {
	first := New(d.year, d.month+time.Month(n), 1)
	lastDay := New(first.year, first.month+1, 0).day
	return Date{first.year, first.month, min(d.day, lastDay)}
}

// AddYears gives the same day n years later; 29 February becomes 28 February
// in a year that has none.
func (d Date) AddYears(n int) Date { return d.AddMonths(12 * n) }

// Compare gives -1, 0 or 1; no date sorts before every date.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.year, e.year), cmp.Compare(d.month, e.month), cmp.Compare(d.day, e.day))
}

// Before reports whether d is earlier than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After reports whether d is later than e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// Sub gives the number of days from e to d.
func (d Date) Sub(e Date) int { return int((d.UTC().Unix() - e.UTC().Unix()) / (24 * 60 * 60)) }

// String gives "2006-01-02", and "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.UTC().Format(layout)
}

// MarshalText writes what String gives.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes; empty text is no date. The
// faults are those of ParseDate.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	p, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = p
	return nil
}
