package demonstration

import (
	"strconv"
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
)

// The demonstration tells in bokmål.
const language = catalogue.Bokmaal

func kroner(n money.NOK) string       { return catalogue.Money(language, n) }
func instant(t time.Time) string      { return catalogue.Instant(language, t) }
func day(d calendar.Date) string      { return catalogue.LongDate(language, d) }
func shortDay(d calendar.Date) string { return catalogue.Date(language, d) }
func figure(s string) string          { return catalogue.Decimal(language, s) }

// company gives a supplier's name without the mark that it is invented, of which
// the demonstration tells once for all.
func company(name string) string { return strings.TrimSuffix(name, " (oppdiktet)") }

// counted writes a number with what it counts.
func counted(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return strconv.Itoa(n) + " " + many
}

// number writes small numbers as words.
func number(n int) string {
	words := []string{"ingen", "én", "to", "tre", "fire", "fem", "seks", "sju", "åtte", "ni", "ti", "elleve", "tolv"}
	if n >= 0 && n < len(words) {
		return words[n]
	}
	return strconv.Itoa(n)
}
