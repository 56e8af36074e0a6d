package catalogue

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
)

// Date writes a day in short: 3.12.2026.
func Date(lang string, d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	if Match(lang) == English {
		return strconv.Itoa(d.Day()) + " " + month(lang, d.Month()) + " " + strconv.Itoa(d.Year())
	}
	return strconv.Itoa(d.Day()) + "." + strconv.Itoa(int(d.Month())) + "." + strconv.Itoa(d.Year())
}

// LongDate writes a day with its weekday: torsdag 3. desember 2026.
func LongDate(lang string, d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	dot := ". "
	if Match(lang) == English {
		dot = " "
	}
	return weekday(lang, d.Weekday()) + " " + strconv.Itoa(d.Day()) + dot + month(lang, d.Month()) + " " + strconv.Itoa(d.Year())
}

// Instant writes an instant in Norwegian time: torsdag 3. desember 2026 kl.
// 12.00. Seconds are written only where they are not zero, as a receipt's are.
func Instant(lang string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return LongDate(lang, calendar.DateOf(t)) + " " + Clock(lang, t)
}

// Clock writes the Norwegian time of day: kl. 12.00.
func Clock(lang string, t time.Time) string {
	t = t.In(calendar.Oslo)
	layout, before := "15.04", "kl. "
	if t.Second() != 0 {
		layout = "15.04.05"
	}
	if Match(lang) == English {
		layout, before = strings.ReplaceAll(layout, ".", ":"), "at "
	}
	return before + t.Format(layout)
}

// Money writes an amount: 1 250 000 kroner, with øre only where there are any.
func Money(lang string, n money.NOK) string {
	sign := ""
	if n < 0 {
		sign, n = "−", -n
	}
	s := Number(lang, int64(n)/100)
	if ore := int64(n) % 100; ore != 0 {
		comma := ","
		if Match(lang) == English {
			comma = "."
		}
		s += comma + string(rune('0'+ore/10)) + string(rune('0'+ore%10))
	}
	if Match(lang) == English {
		return sign + "NOK " + s
	}
	return sign + s + " kroner"
}

// Number writes a whole number with the language's grouping.
func Number(lang string, n int64) string {
	return message.NewPrinter(language.Make(Match(lang))).Sprintf("%d", n)
}

// Decimal writes a decimal with a point ("7.25") the way the language does.
func Decimal(lang, s string) string {
	whole, rest, has := strings.Cut(s, ".")
	if n, err := strconv.ParseInt(whole, 10, 64); err == nil && whole != "-0" {
		whole = Number(lang, n)
	}
	switch {
	case !has:
		return whole
	case Match(lang) == English:
		return whole + "." + rest
	}
	return whole + "," + rest
}

func month(lang string, m time.Month) string {
	return Text(lang, "month."+strconv.Itoa(int(m)))
}

func weekday(lang string, w time.Weekday) string {
	return Text(lang, "weekday."+strconv.Itoa(int(w)))
}
