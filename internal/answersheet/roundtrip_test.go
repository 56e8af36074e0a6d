package answersheet_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/answersheet"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement/requirementtest"
)

// awkward are texts that spreadsheets, XML and CSV are known to change.
var awkward = []string{
	"=1+1", "+47", "-2", "@x", "'=1", "''+1", "'x", "\ttab", "\rcr", "a\r\nb", "to\nlinjer", "_x000D_", "_x005F_x000D_", "  blank  ", "001", "1.10", "31.12.2026", "ja",
	"\"sitat\"; og, komma", "🚒 š đ", "<b>&amp;</b>", "1e9",
}

// drafts draws a set and valid answers to some of its requirements, with buyers
// in a price schedule.
func drafts(t *rapid.T) (requirement.Set, answersheet.Options) {
	set := requirementtest.Sets().Draw(t, "set")
	o := answersheet.Options{Version: rapid.IntRange(1, 9).Draw(t, "version"), Draft: requirement.Values{}, Buyers: map[uuid.UUID]string{}}
	next := requirementtest.IDs(1 << 40)
	names := []string{"Bodø kommune", "=Nes kommune", "Våler", "Våler"} // two have one name
	for i := range set.Requirements {
		r := &set.Requirements[i]
		if r.AnswerType == requirement.PriceSchedule && rapid.Bool().Draw(t, "by buyer") {
			for range rapid.IntRange(1, 4).Draw(t, "buyers") {
				id := next()
				o.Buyers[id] = names[len(r.PriceLines[0].Buyers)]
				r.PriceLines[0].Buyers = append(r.PriceLines[0].Buyers, id)
			}
		}
		if rapid.IntRange(0, 4).Draw(t, "answered") > 0 {
			o.Draft[r.ID] = answer(t, *r)
		}
	}
	return set, o
}

func answer(t *rapid.T, r requirement.Requirement) json.RawMessage {
	var v any
	switch r.AnswerType {
	case requirement.Text:
		if v = rapid.SampledFrom(awkward).Draw(t, "text"); r.Check(asJSON(v)) != nil {
			v = "x"
		}
	case requirement.Money:
		v = decimal.New(rapid.Int64Range(0, 1<<60).Draw(t, "øre"), -2).StringFixed(2)
	case requirement.Number:
		v = json.RawMessage(decimal.New(rapid.Int64Range(0, 99_500_000).Draw(t, "number"), -6).String())
	case requirement.Date:
		v = rapid.SampledFrom([]string{"2027-01-01", "2028-02-29", "2199-12-31"}).Draw(t, "day")
	case requirement.Document:
		v = []requirement.File{{Name: "=ros.pdf"}, {Name: "b æ.docx", File: uuid.UUID{1}}}
	case requirement.PriceSchedule:
		var s requirement.Schedule
		for _, c := range r.PriceCells() {
			b := asJSON(decimal.New(rapid.Int64Range(0, 1_000_000_00).Draw(t, "price"), -2).StringFixed(2))
			p := requirement.UnitPrice{Line: c.Line.Code, Buyer: c.Buyer, Period: c.Period}
			if err := json.Unmarshal(b, &p.UnitPrice); err != nil {
				t.Fatal(err)
			}
			s.Prices = append(s.Prices, p)
		}
		v = s
	default:
		return requirementtest.Answer(t, r)
	}
	return asJSON(v)
}

func asJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// alike gives an answer in one form: a choice without date and comment is
// written in two ways, and files keep their ids in the draft only.
func alike(t *rapid.T, r requirement.Requirement, raw json.RawMessage) string {
	var v any
	switch r.AnswerType {
	case requirement.Choice:
		var c requirement.Chosen
		if json.Unmarshal(raw, &c) != nil {
			if err := json.Unmarshal(raw, &c.Option); err != nil {
				t.Fatal(err)
			}
		}
		v = c
	default:
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
	}
	return string(asJSON(v))
}

func sameAnswers(t *rapid.T, set requirement.Set, want, got requirement.Values) {
	if len(want) != len(got) {
		t.Fatalf("%d answers came back of %d", len(got), len(want))
	}
	for _, r := range set.Requirements {
		if w := want[r.ID]; w != nil && alike(t, r, w) != alike(t, r, got[r.ID]) {
			t.Fatalf("%s %s: %s, want %s", r.AnswerType, r.Number, got[r.ID], w)
		}
	}
}

func TestAnswersThroughAWorkbookAreTheSame(t *testing.T) {
	t.Parallel()
	roundTrip(t, answersheet.WriteWorkbook)
}

func TestAnswersThroughCSVAreTheSame(t *testing.T) {
	t.Parallel()
	roundTrip(t, func(s requirement.Set, o answersheet.Options) ([]byte, error) { return answersheet.WriteCSV(s, o), nil })
}

// roundTrip writes answers and reads them back, against a draft that has only
// the uploaded files. The only problems are those of the answers themselves.
func roundTrip(t *testing.T, write func(requirement.Set, answersheet.Options) ([]byte, error)) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		set, o := drafts(t)
		file, err := write(set, o)
		if err != nil {
			t.Fatal(err)
		}
		before := requirement.Values{}
		for _, r := range set.Requirements {
			if v, ok := o.Draft[r.ID]; ok && r.AnswerType == requirement.Document {
				before[r.ID] = v
			}
		}
		got, err := answersheet.Read(set, file, answersheet.Options{Version: o.Version, Buyers: o.Buyers, Draft: before})
		if err != nil {
			t.Fatal(err)
		}
		sameAnswers(t, set, o.Draft, got.Values)
		for _, p := range got.Problems {
			if !strings.HasPrefix(p.Rule, "answer.") || p.Rule != "answer.not-applicable" && p.Rule != "answer.missing" {
				t.Fatalf("%+v", p)
			}
		}
		for _, total := range got.Totals {
			r, _ := set.Requirement(total.Requirement)
			if want, err := requirement.PriceTotal(r, o.Draft[r.ID]); err != nil || want != total.Computed || total.InFile == nil || *total.InFile != want {
				t.Fatalf("%+v, want %s (%v)", total, want, err)
			}
		}
	})
}
