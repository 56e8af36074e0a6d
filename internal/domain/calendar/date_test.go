package calendar_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// day writes a date in a test.
func day(s string) calendar.Date { return calendar.MustParse(s) }

// days draws a date of the years in which procurements are planned.
func days() *rapid.Generator[calendar.Date] {
	first := day("2020-01-01")
	return rapid.Custom(func(t *rapid.T) calendar.Date {
		return first.AddDays(rapid.IntRange(0, 30*365).Draw(t, "days after "+first.String()))
	})
}

func TestParseDateRefuses(t *testing.T) {
	t.Parallel()
	for in, rule := range map[string]string{
		"":                     "calendar.date-malformed",
		"2026-2-3":             "calendar.date-malformed",
		"2026-02-30":           "calendar.date-malformed",
		"2026-02-03T00:00:00Z": "calendar.date-malformed",
		"03.02.2026":           "calendar.date-malformed",
		"1899-12-31":           "calendar.date-range",
		"2200-01-01":           "calendar.date-range",
		"0000-01-01":           "calendar.date-range",
	} {
		d, err := calendar.ParseDate(in)
		if fault.RuleOf(err) != rule || !fault.Is(err, fault.Invalid) {
			t.Errorf("ParseDate(%q) = %v, %v; want an invalid %s", in, d, err, rule)
		}
	}
}

func TestDateJSON(t *testing.T) {
	t.Parallel()
	type carrier struct {
		On    calendar.Date `json:"on"`
		Until calendar.Date `json:"until,omitzero"`
	}
	b, err := json.Marshal(carrier{On: day("2026-11-02")})
	if err != nil || string(b) != `{"on":"2026-11-02"}` {
		t.Fatalf("wrote %s, %v", b, err)
	}
	var back carrier
	if err := json.Unmarshal(b, &back); err != nil || back.On != day("2026-11-02") || !back.Until.IsZero() {
		t.Errorf("read %+v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"on":"2026-13-01"}`), &back); !fault.Is(err, fault.Invalid) {
		t.Errorf("a thirteenth month was read: %v", err)
	}
}

func TestDateRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := days().Draw(t, "date")
		n := rapid.IntRange(-5000, 5000).Draw(t, "n")
		e := d.AddDays(n)
		if e.Sub(d) != n || e.AddDays(-n) != d {
			t.Fatalf("%s + %d = %s, which lies %d away", d, n, e, e.Sub(d))
		}
		if d.Before(e) != (n > 0) || d.After(e) != (n < 0) || (d.Compare(e) == 0) != (d == e) {
			t.Fatalf("order of %s and %s", d, e)
		}
		if calendar.FromTime(d.UTC()) != d || calendar.DateOf(d.StartOfDay()) != d || day(d.String()) != d {
			t.Fatalf("%s does not come back", d)
		}
	})
}

func TestSubOverTheWholeRange(t *testing.T) {
	t.Parallel()
	// Three centuries do not fit in a time.Duration.
	if n := day("2199-12-31").Sub(day("1900-01-01")); n != 109572 {
		t.Errorf("1900 to 2199 is %d days", n)
	}
}

func TestAddMonthsAndYears(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from   string
		months int
		want   string
	}{
		{"2026-01-31", 1, "2026-02-28"},
		{"2028-01-31", 1, "2028-02-29"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-10-31", 4, "2027-02-28"},
		{"2026-12-15", 1, "2027-01-15"},
		{"2026-01-15", -1, "2025-12-15"},
		{"2026-06-30", -6, "2025-12-30"},
		{"2026-05-17", 0, "2026-05-17"},
	} {
		if got := day(c.from).AddMonths(c.months); got != day(c.want) {
			t.Errorf("%s and %d months = %s, want %s", c.from, c.months, got, c.want)
		}
	}
	if got := day("2028-02-29").AddYears(1); got != day("2029-02-28") {
		t.Errorf("29 February and a year = %s", got)
	}
	if got := day("2028-02-29").AddYears(4); got != day("2032-02-29") {
		t.Errorf("29 February and four years = %s", got)
	}
}

func TestDateOfIsNorwegian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ instant, want string }{
		{"2026-01-14T22:59:59Z", "2026-01-14"},
		{"2026-01-14T23:00:00Z", "2026-01-15"}, // winter: an hour ahead
		{"2026-07-14T21:59:59Z", "2026-07-14"},
		{"2026-07-14T22:00:00Z", "2026-07-15"}, // summer: two hours ahead
		{"2026-07-14T20:00:00-02:00", "2026-07-15"},
	} {
		at, err := time.Parse(time.RFC3339, c.instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := calendar.DateOf(at); got != day(c.want) {
			t.Errorf("DateOf(%s) = %s, want %s", c.instant, got, c.want)
		}
	}
}

func TestZeroDate(t *testing.T) {
	t.Parallel()
	var none calendar.Date
	if !none.IsZero() || none.String() != "" || !none.UTC().IsZero() || !none.Before(day("1900-01-01")) {
		t.Errorf("the zero date is %q, %s", none, none.UTC())
	}
}
