// Package requirementtest draws requirement sets and answers for property
// tests of the packages that store, seal and export them.
package requirementtest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// IDs gives ids that count upwards from n.
func IDs(n uint64) func() uuid.UUID {
	return func() uuid.UUID {
		var u uuid.UUID
		n++
		binary.BigEndian.PutUint64(u[8:], n)
		return u
	}
}

// texts hold what spreadsheets and encoders are known to break: formulas,
// escapes, line breaks, Norwegian letters, digits that look like numbers.
var texts = []string{
	"Løsningen skal være universelt utformet.", "=SUM(A1:A2)", "+47 99", "-1", "@import", "1.10", "001", "true",
	"To\nlinjer og\ttabulator", "«Sitat» & <b>merke</b> \"x\" 'y'", "_x000D_", "æøå ÆØÅ šđŋ 🚒", "a; b, c | d", "31.12.2026", "1e9",
}

func text(t *rapid.T, name string) string {
	return rapid.SampledFrom(texts).Draw(t, name) + rapid.StringMatching(`[a-zæøå]{0,6}`).Draw(t, name+" more")
}

// Sets draws valid sets. Their area and criterion names differ from each other.
func Sets() *rapid.Generator[requirement.Set] {
	return rapid.Custom(func(t *rapid.T) requirement.Set {
		next := IDs(0)
		s := requirement.Set{ID: next(), Title: "Kravspesifikasjon" + rapid.StringMatching(`[a-z]{0,5}`).Draw(t, "title")}
		for i := range rapid.IntRange(0, 3).Draw(t, "lots") {
			s.Lots = append(s.Lots, requirement.Lot{ID: next(), Name: fmt.Sprintf("Delkontrakt %d", i+1)})
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "areas") {
			a := requirement.Area{ID: next(), Title: fmt.Sprintf("%d Område", i+1)}
			if i > 0 && rapid.Bool().Draw(t, "nested") {
				a.Parent = s.Areas[i-1].ID
			}
			s.Areas = append(s.Areas, a)
		}
		price := requirement.Criterion{ID: next(), Name: "Pris", Weight: requirement.Percents(rapid.Int64Range(1, 98).Draw(t, "price")), Kind: requirement.PriceCriterion}
		green := requirement.Criterion{ID: next(), Name: "Klima og miljø", Weight: requirement.Hundred - price.Weight, Kind: requirement.Environment}
		s.Criteria = []requirement.Criterion{price, green}
		s.Requirements = append(s.Requirements, schedule(t, next, price), requirement.Requirement{
			ID: next(), Number: "M1", Text: text(t, "text"), Kind: requirement.Rated, AnswerType: requirement.Text,
			Criterion: green.ID, Weight: requirement.Hundred, Mandatory: true,
		})
		for i := range rapid.IntRange(0, 8).Draw(t, "requirements") {
			s.Requirements = append(s.Requirements, one(t, next, s, i))
		}
		return s
	})
}

func schedule(t *rapid.T, next func() uuid.UUID, c requirement.Criterion) requirement.Requirement {
	r := requirement.Requirement{
		ID: next(), Number: "P1", Text: text(t, "text"), Kind: requirement.Rated, AnswerType: requirement.PriceSchedule,
		Criterion: c.ID, Mandatory: true,
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "lines") {
		l := requirement.PriceLine{
			Code: fmt.Sprintf("1.%d", i+1), Text: text(t, "line"), Unit: rapid.SampledFrom([]string{"", "stk", "år"}).Draw(t, "unit"),
			Quantity: rapid.SampledFrom([]string{"1", "12", "0.25", "1300.5"}).Draw(t, "quantity"), Counts: i == 0 || rapid.Bool().Draw(t, "counts"),
		}
		if rapid.Bool().Draw(t, "by period") {
			l.Periods = []string{"År 1", "År 2"}
		}
		r.PriceLines = append(r.PriceLines, l)
	}
	return r
}

func one(t *rapid.T, next func() uuid.UUID, s requirement.Set, i int) requirement.Requirement {
	r := requirement.Requirement{
		ID:     next(),
		Number: rapid.SampledFrom([]string{"1.1", "1.10", "K", "=2", fmt.Sprintf("%d", i), ""}).Draw(t, "number"),
		Title:  rapid.SampledFrom([]string{"", "Tittel", "=HYPERLINK(\"x\")"}).Draw(t, "title"),
		Text:   text(t, "text"), Help: rapid.SampledFrom(append(texts, "")).Draw(t, "help"),
		Kind:       rapid.SampledFrom([]requirement.Kind{requirement.Absolute, requirement.OptionKind, requirement.Information}).Draw(t, "kind"),
		AnswerType: rapid.SampledFrom(requirement.AnswerTypes()[:8]).Draw(t, "type"),
		Mandatory:  rapid.Bool().Draw(t, "mandatory"),
		Evidence:   rapid.SampledFrom([]string{"", "Testrapport"}).Draw(t, "evidence"),
		Origin:     rapid.SampledFrom([]string{"", "library:SEC-01"}).Draw(t, "origin"),
	}
	if len(s.Areas) > 0 {
		r.Area = rapid.SampledFrom(s.Areas).Draw(t, "area").ID
	}
	if len(s.Lots) > 0 && rapid.Bool().Draw(t, "limited") {
		r.Lots = []uuid.UUID{rapid.SampledFrom(s.Lots).Draw(t, "lot").ID}
	}
	switch r.AnswerType {
	case requirement.Choice, requirement.MultiChoice:
		one := r.AnswerType == requirement.Choice
		r.Options = []requirement.Option{{Label: "Ja i dag"}, {Label: "Ja, senere", WantsDate: one}, {Label: "=Nei", WantsComment: one}}
		if r.Kind == requirement.Absolute {
			r.PassIf = []string{"Ja i dag"}
		}
	case requirement.Boolean:
		if r.Kind == requirement.Absolute && rapid.Bool().Draw(t, "no passes") {
			r.PassIf = []string{"false"}
		}
	case requirement.Text:
		r.Limits = requirement.Limits{Words: rapid.IntRange(0, 200).Draw(t, "words"), Characters: rapid.IntRange(0, 2000).Draw(t, "characters")}
	case requirement.Number:
		r.Limits = requirement.Limits{Min: "0", Max: "99.5", Unit: "%"}
	case requirement.Date:
		r.Limits = requirement.Limits{Min: "2027-01-01"}
	}
	if rapid.Bool().Draw(t, "conditional") {
		r.Condition = condition(s)
	}
	return r
}

// condition hangs on the first earlier closed answer, so that no cycle arises.
func condition(s requirement.Set) *requirement.Condition {
	for _, on := range s.Requirements {
		switch on.AnswerType {
		case requirement.Boolean:
			return &requirement.Condition{AnyOf: []requirement.Clause{{Requirement: on.ID, Values: []string{"false"}}}}
		case requirement.Choice, requirement.MultiChoice:
			return &requirement.Condition{AnyOf: []requirement.Clause{{Requirement: on.ID, Values: []string{"Ja, senere", "=Nei"}}}}
		}
	}
	return nil
}

// Answer draws a valid answer to a requirement.
func Answer(t *rapid.T, r requirement.Requirement) json.RawMessage {
	var v any
	switch r.AnswerType {
	case requirement.Boolean:
		v = rapid.Bool().Draw(t, "answer")
	case requirement.Choice:
		o := rapid.SampledFrom(r.Options).Draw(t, "answer")
		c := requirement.Chosen{Option: o.Label}
		if o.WantsDate {
			c.Date = "2027-06-30"
		}
		if o.WantsComment {
			c.Comment = "fordi"
		}
		v = c
	case requirement.MultiChoice:
		v = []string{rapid.SampledFrom(r.Options).Draw(t, "answer").Label}
	case requirement.Text:
		v = rapid.StringMatching(`[a-zæøå]`).Draw(t, "answer")
	case requirement.Number:
		v = rapid.IntRange(0, 99).Draw(t, "answer")
	case requirement.Money:
		v = "12.50"
	case requirement.Date:
		v = "2027-02-28"
	case requirement.Document:
		v = []requirement.File{{Name: "rapport.pdf"}}
	case requirement.PriceSchedule:
		v = prices(t, r)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func prices(t *rapid.T, r requirement.Requirement) requirement.Schedule {
	var s requirement.Schedule
	for _, l := range r.PriceLines {
		periods := l.Periods
		if len(periods) == 0 {
			periods = []string{""}
		}
		for _, p := range periods {
			s.Prices = append(s.Prices, requirement.UnitPrice{Line: l.Code, Period: p, UnitPrice: moneyIn(t)})
		}
	}
	return s
}

func moneyIn(t *rapid.T) money.NOK {
	return money.NOK(rapid.Int64Range(0, 1_000_000_00).Draw(t, "price"))
}
