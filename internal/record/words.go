package record

import (
	"strconv"
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
)

// words writes values in one language.
type words string

func (w words) page(key string, params ...map[string]string) string {
	return catalogue.Text(string(w), "record.page."+key, params...)
}

func (w words) letter(key string, params ...map[string]string) string {
	return catalogue.Text(string(w), "letter."+key, params...)
}

func (w words) money(n money.NOK) string    { return catalogue.Money(string(w), n) }
func (w words) date(d calendar.Date) string { return catalogue.Date(string(w), d) }
func (w words) instant(t time.Time) string  { return catalogue.Instant(string(w), t) }
func (w words) decimal(s string) string     { return catalogue.Decimal(string(w), s) }
func (w words) lot(n int) string            { return w.page("lot", map[string]string{"number": strconv.Itoa(n)}) }
func (w words) column(key string) Column    { return Column{Title: w.page("column." + key)} }
func (w words) numberColumn(key string) Column {
	return Column{Title: w.page("column." + key), Number: true}
}

func (w words) columns(keys ...string) []Column {
	all := make([]Column, len(keys))
	for i, k := range keys {
		if name, number := strings.CutPrefix(k, "#"); number {
			all[i] = w.numberColumn(name)
			continue
		}
		all[i] = w.column(k)
	}
	return all
}

func (w words) organisation(o Organisation) string {
	s := o.Name
	if o.OrgNr != "" {
		s += " (" + w.page("orgnr", map[string]string{"orgnr": o.OrgNr}) + ")"
	}
	for _, other := range o.With {
		s += ", " + w.organisation(other)
	}
	return s
}

func (w words) lots(numbers []int) string {
	all := make([]string, len(numbers))
	for i, n := range numbers {
		all[i] = strconv.Itoa(n)
	}
	return strings.Join(all, ", ")
}

// machine writes an instant for a text that says itself how to show it.
func machine(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
