package demo

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Answers gives a supplier's whole tender for all lots of a set: valid and
// complete, the same each time. It is made for the shipped specification; of
// other sets it knows no limits on amounts and on numbers of files. An index
// outside Suppliers panics.
func Answers(supplier int, s requirement.Set) requirement.Values {
	who := suppliers[supplier]
	values := requirement.Values{}
	for _, r := range s.Requirements {
		if v := who.answer(r); v != nil {
			values[r.ID] = encode(v)
		}
	}
	for _, id := range s.Completeness(values).NotApplicable {
		delete(values, id)
	}
	return values
}

func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("demo: an answer that is not JSON: " + err.Error())
	}
	return b
}

// pick gives a number from 0 to n-1 that depends on the supplier and the
// requirement and on nothing else.
func (s Supplier) pick(r requirement.Requirement, n int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s.product + "\x00" + r.Number))
	return int(h.Sum32()) % n
}

// answer gives a value to encode, or nil where nothing is asked.
func (s Supplier) answer(r requirement.Requirement) any {
	switch r.AnswerType {
	case requirement.Boolean:
		return s.yesOrNo(r)
	case requirement.Choice:
		return s.choose(r)
	case requirement.MultiChoice:
		return s.chooseSeveral(r)
	case requirement.Text:
		return s.describe(r)
	case requirement.Number:
		return json.Number(s.number(r))
	case requirement.Money:
		return s.priced(money.Kroner(1000))
	case requirement.Date:
		return s.date(r)
	case requirement.Document:
		return []requirement.File{{Name: strings.NewReplacer("/", "-", "\\", "-", "\n", " ").Replace(r.Number+" "+s.product) + ".pdf"}}
	case requirement.PriceSchedule:
		return s.prices(r)
	}
	return nil
}

// yesOrNo meets an absolute requirement, but for the one that this supplier
// fails; else about every third answer is no.
func (s Supplier) yesOrNo(r requirement.Requirement) bool {
	meets := len(r.PassIf) == 0 || r.PassIf[0] == "true"
	switch {
	case s.FailsAbsolute && r.Number == FailingNumber:
		return !meets
	case r.IsAbsolute():
		return meets
	}
	return s.pick(r, 3) > 0
}

func (s Supplier) choose(r requirement.Requirement) requirement.Chosen {
	o := r.Options[s.pick(r, len(r.Options))]
	if len(r.PassIf) > 0 {
		label := r.PassIf[s.pick(r, len(r.PassIf))]
		for _, passing := range r.Options {
			if passing.Label == label {
				o = passing
			}
		}
	}
	c := requirement.Chosen{Option: o.Label}
	if o.WantsDate {
		c.Date = "2027-06-01"
	}
	if o.WantsComment {
		c.Comment = "Se vedlagt beskrivelse av " + s.product + "."
	}
	return c
}

func (s Supplier) chooseSeveral(r requirement.Requirement) []string {
	if len(r.PassIf) > 0 {
		return r.PassIf
	}
	n := 1
	if least, err := strconv.Atoi(r.Limits.Min); err == nil {
		n = max(n, least)
	}
	start, chosen := s.pick(r, len(r.Options)), []string{}
	for i := range n {
		chosen = append(chosen, r.Options[(start+i)%len(r.Options)].Label)
	}
	return chosen
}

// describe writes a text within the limits.
func (s Supplier) describe(r requirement.Requirement) string {
	about := r.Title
	if about == "" {
		about = "krav " + r.Number
	}
	text := fmt.Sprintf("%s dekker «%s» slik: Vi har rutiner, roller og målepunkter på plass, og viser dem i en gjennomgang med kommunene før oppstart. %s (Oppdiktet svar til demonstrasjon.)", s.product, about, s.voice)
	if words := strings.Fields(text); r.Limits.Words > 0 && len(words) > r.Limits.Words {
		text = strings.Join(words[:r.Limits.Words], " ")
	}
	if runes := []rune(text); r.Limits.Characters > 0 && len(runes) > r.Limits.Characters {
		text = string(runes[:r.Limits.Characters])
	}
	return text
}

// number lies between the limits, nearer the better end for a strong supplier.
func (s Supplier) number(r requirement.Requirement) string {
	low, high := decimal.NewFromInt(0), decimal.NewFromInt(10)
	if d, err := decimal.NewFromString(r.Limits.Min); err == nil {
		low, high = d, d.Add(high)
	}
	if d, err := decimal.NewFromString(r.Limits.Max); err == nil {
		high = d
	}
	share := decimal.NewFromInt(int64(s.strength)).Div(decimal.NewFromInt(10))
	return low.Add(high.Sub(low).Mul(share)).Round(2).String()
}

func (s Supplier) date(r requirement.Requirement) string {
	day := fmt.Sprintf("2027-02-%02d", 1+s.pick(r, 28))
	if r.Limits.Max != "" {
		day = min(day, r.Limits.Max)
	}
	return max(day, r.Limits.Min)
}

// reference holds unit prices in kroner of the shipped specification's lines.
var reference = map[string]int64{
	"9.1.1": 189, "9.1.2": 3490, "9.1.3": 265, "9.1.4": 410,
	"9.2.1": 145_000, "9.2.2": 1_950_000, "9.2.3": 240_000,
	"9.3.1": 1490, "9.3.2": 1290,
}

func (s Supplier) priced(n money.NOK) money.NOK { return n * money.NOK(s.price) / 100 }

func (s Supplier) prices(r requirement.Requirement) requirement.Schedule {
	var out requirement.Schedule
	for _, l := range r.PriceLines {
		kroner, ok := reference[l.Code]
		if !ok {
			kroner = 1000
		}
		// Each line leans a few percent its own way, as real tenders do.
		lean := int64(97 + s.pick(requirement.Requirement{Number: l.Code}, 7))
		price := s.priced(money.Kroner(kroner)) * money.NOK(lean) / 100
		for _, c := range cells(l) {
			c.UnitPrice = price
			out.Prices = append(out.Prices, c)
		}
	}
	return out
}

// cells lists every price that a line asks for.
func cells(l requirement.PriceLine) []requirement.UnitPrice {
	all := []requirement.UnitPrice{{Line: l.Code}}
	if len(l.Buyers) > 0 {
		all = nil
		for _, b := range l.Buyers {
			all = append(all, requirement.UnitPrice{Line: l.Code, Buyer: b})
		}
	}
	if len(l.Periods) == 0 {
		return all
	}
	var by []requirement.UnitPrice
	for _, c := range all {
		for _, p := range l.Periods {
			c.Period = p
			by = append(by, c)
		}
	}
	return by
}
