package catalogue

import (
	"strconv"
	texttemplate "text/template"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n/template"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
)

// parser reads texts as templates with the functions of one language. Each
// text belongs to one language, so what is parsed may be kept. A param that is
// not given is empty.
type parser struct{ template.TextParser }

func (*parser) Cacheable() bool { return true }

func newParser(lang string) *parser {
	return &parser{template.TextParser{Funcs: funcs(lang), Option: "missingkey=zero"}}
}

// funcs are what a text may do with a param. Each takes the machine's form
// that faults and events carry, and gives back what it cannot read.
func funcs(lang string) texttemplate.FuncMap {
	name := func(kind string) func(string) string {
		return func(code string) string {
			if s, ok := text(lang, kind+"."+code, nil); ok {
				return s
			}
			return code
		}
	}
	return texttemplate.FuncMap{
		"date":      dateOr(lang, Date),     // 2026-12-03 → 3.12.2026
		"longdate":  dateOr(lang, LongDate), // → torsdag 3. desember 2026
		"instant":   instantOr(lang),        // 2026-12-03T11:00:00Z → torsdag 3. desember 2026 kl. 12.00
		"through":   throughOr(lang),        // 2027-01-21T23:00:00Z → torsdag 21. januar 2027, the last day before it
		"nok":       nokOr(lang),            // 1250000.00 → 1 250 000 kroner
		"decimal":   func(s string) string { return Decimal(lang, s) },
		"count":     counted(lang), // count .n "dag" "dager"
		"field":     func(path string) string { return Field(lang, path) },
		"phase":     name("phase"),
		"wait":      name("wait"),
		"part":      name("part"),
		"ground":    name("ground"),
		"regime":    name("regime"),
		"procedure": name("procedure"),
		"exemption": name("exemption"),
		"rulename":  name("rule"),
		"unit":      name("unit"),
		"mark":      name("mark"),
		"document":  name("document"),
		"kind":      name("kind"),
		"operation": name("operation"),
	}
}

func dateOr(lang string, write func(string, calendar.Date) string) func(string) string {
	return func(s string) string {
		d, err := calendar.ParseDate(s)
		if err != nil {
			return s
		}
		return write(lang, d)
	}
}

func instantOr(lang string) func(string) string {
	return func(s string) string {
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return s
		}
		return Instant(lang, t)
	}
}

// throughOr writes the last day of a period that ends at an instant.
func throughOr(lang string) func(string) string {
	return func(s string) string {
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return s
		}
		return LongDate(lang, calendar.DateOf(t.Add(-time.Nanosecond)))
	}
}

func nokOr(lang string) func(string) string {
	return func(s string) string {
		n, err := money.Parse(s)
		if err != nil {
			return s
		}
		return Money(lang, n)
	}
}

func counted(lang string) func(n, one, many string) string {
	return func(n, one, many string) string {
		i, err := strconv.ParseInt(n, 10, 64)
		switch {
		case err != nil:
			return n + " " + many
		case i == 1:
			return "1 " + one
		}
		return Number(lang, i) + " " + many
	}
}
