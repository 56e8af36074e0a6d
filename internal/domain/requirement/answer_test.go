package requirement_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement/requirementtest"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	boolean := requirement.Requirement{AnswerType: requirement.Boolean}
	choice := requirement.Requirement{AnswerType: requirement.Choice, Options: []requirement.Option{
		{Label: "Ja i dag"}, {Label: "Ja, senere", WantsDate: true}, {Label: "Delvis", WantsComment: true},
	}}
	multi := requirement.Requirement{AnswerType: requirement.MultiChoice, Options: []requirement.Option{{Label: "a"}, {Label: "b"}, {Label: "c"}}, Limits: requirement.Limits{Max: "2"}}
	text := requirement.Requirement{AnswerType: requirement.Text, Limits: requirement.Limits{Words: 3, Characters: 10}}
	number := requirement.Requirement{Kind: requirement.Rated, AnswerType: requirement.Number, Limits: requirement.Limits{Min: "0", Max: "99.5"}}
	sum := requirement.Requirement{AnswerType: requirement.Money}
	date := requirement.Requirement{AnswerType: requirement.Date, Limits: requirement.Limits{Min: "2027-01-01"}}
	files := requirement.Requirement{AnswerType: requirement.Document, Limits: requirement.Limits{Max: "1"}}
	schedule := sample().Requirements[4]
	cases := []struct {
		name  string
		r     requirement.Requirement
		value string
		want  []string
	}{
		{"boolean", boolean, `true`, nil},
		{"boolean as text", boolean, `"true"`, []string{"answer.not-boolean "}},
		{"null", boolean, `null`, []string{"answer.missing "}},
		{"nothing", boolean, ``, []string{"answer.missing "}},
		{"choice", choice, `"Ja i dag"`, nil},
		{"choice of another spelling", choice, `"ja i dag"`, []string{"answer.option-unknown "}},
		{"choice with a date", choice, `{"option":"Ja, senere","date":"2027-05-01"}`, nil},
		{"choice without its date", choice, `"Ja, senere"`, []string{"answer.date-missing date"}},
		{"choice with an impossible date", choice, `{"option":"Ja, senere","date":"2027-02-30"}`, []string{"answer.not-date date"}},
		{"choice with a date it does not want", choice, `{"option":"Ja i dag","date":"2027-05-01"}`, []string{"answer.not-asked-for date"}},
		{"choice without its comment", choice, `{"option":"Delvis","comment":" "}`, []string{"answer.comment-missing comment"}},
		{"choice with an unknown field", choice, `{"option":"Delvis","colour":"red"}`, []string{"answer.not-choice "}},
		{"several", multi, `["a","b"]`, nil},
		{"too many", multi, `["a","b","c"]`, []string{"answer.too-many "}},
		{"one twice", multi, `["a","a"]`, []string{"answer.option-repeated [1]"}},
		{"unknown among several", multi, `["a","d"]`, []string{"answer.option-unknown [1]"}},
		{"none of several", multi, `[]`, []string{"answer.missing "}},
		{"text", text, `"tre små ord"`, []string{"answer.too-long "}},
		{"short text", text, `"æ ø å"`, nil},
		{"four words", text, `"a b c d"`, []string{"answer.too-many-words "}},
		{"blank text", text, `"  \n"`, []string{"answer.missing "}},
		{"text with a NUL, which the database refuses", text, `"a\u0000b"`, []string{"answer.unreadable "}},
		{"text with half a surrogate pair", text, `"a\ud800b"`, []string{"answer.unreadable "}},
		{"text that is not UTF-8", text, "\"a\xffb\"", []string{"answer.unreadable "}},
		{"two values", text, `"a" "b"`, []string{"answer.not-text "}},
		{"number", number, `99.5`, nil},
		{"number with an exponent", number, `1e1`, []string{"answer.not-number "}},
		{"number as text", number, `"1"`, []string{"answer.not-number "}},
		{"number above", number, `99.51`, []string{"answer.out-of-range "}},
		{"money", sum, `"1250.50"`, nil},
		{"money as a number", sum, `1250.50`, []string{"answer.not-money "}},
		{"money with three decimals", sum, `"1.005"`, []string{"answer.not-money "}},
		{"negative money", sum, `"-1.00"`, []string{"answer.price-negative "}},
		{"date", date, `"2027-01-01"`, nil},
		{"date before the first", date, `"2026-12-31"`, []string{"answer.out-of-range "}},
		{"Norwegian date", date, `"1.2.2027"`, []string{"answer.not-date "}},
		{"file", files, `[{"name":"ros.pdf"}]`, nil},
		{"path as file name", files, `[{"name":"../ros.pdf"}]`, []string{"answer.file-name [0].name"}},
		{"two files", files, `[{"name":"a"},{"name":"b"}]`, []string{"answer.too-many "}},
		{"schedule", schedule, `{"prices":[{"line":"1","period":"År 1","unitPrice":"1.00"},{"line":"1","period":"År 2","unitPrice":"1.00"},{"line":"2","unitPrice":"9.00"}]}`, nil},
		{"schedule with a hole", schedule, `{"prices":[{"line":"1","period":"År 1","unitPrice":"1.00"},{"line":"2","unitPrice":"9.00"}]}`, []string{"answer.price-missing prices"}},
		{"schedule with a price twice", schedule, `{"prices":[{"line":"1","period":"År 1","unitPrice":"1.00"},{"line":"1","period":"År 1","unitPrice":"1.00"},{"line":"1","period":"År 2","unitPrice":"1.00"},{"line":"2","unitPrice":"9.00"}]}`, []string{"answer.price-repeated prices[1].line"}},
		{"schedule with an unknown line", schedule, `{"prices":[{"line":"1","period":"År 1","unitPrice":"1.00"},{"line":"1","period":"År 2","unitPrice":"1.00"},{"line":"2","unitPrice":"9.00"},{"line":"3","unitPrice":"9.00"}]}`, []string{"answer.price-unknown prices[3].line"}},
		{"information that is only to be read", requirement.Requirement{Kind: requirement.Information}, `true`, []string{"answer.not-asked-for "}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := rules(c.r.Check(json.RawMessage(c.value))); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestFaultsNeverCarryTheAnswer(t *testing.T) {
	t.Parallel()
	for _, r := range sample().Requirements {
		if err := r.Check(json.RawMessage(`{"SECRET":"SECRET"}`)); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", r.Number, err)
		}
	}
}

func TestFailsAbsolute(t *testing.T) {
	t.Parallel()
	options := []requirement.Option{{Label: "a"}, {Label: "b"}, {Label: "c"}}
	cases := []struct {
		name  string
		r     requirement.Requirement
		value string
		want  bool
	}{
		{"no to a boolean", requirement.Requirement{AnswerType: requirement.Boolean}, `false`, true},
		{"yes to a boolean", requirement.Requirement{AnswerType: requirement.Boolean}, `true`, false},
		{"no is what passes", requirement.Requirement{AnswerType: requirement.Boolean, PassIf: []string{"false"}}, `false`, false},
		{"one of the passing choices", requirement.Requirement{AnswerType: requirement.Choice, Options: options, PassIf: []string{"a", "b"}}, `"b"`, false},
		{"another choice", requirement.Requirement{AnswerType: requirement.Choice, Options: options, PassIf: []string{"a", "b"}}, `"c"`, true},
		{"all that are needed", requirement.Requirement{AnswerType: requirement.MultiChoice, Options: options, PassIf: []string{"a", "b"}}, `["a","b","c"]`, false},
		{"one short", requirement.Requirement{AnswerType: requirement.MultiChoice, Options: options, PassIf: []string{"a", "b"}}, `["a","c"]`, true},
		{"under the least", requirement.Requirement{AnswerType: requirement.Number, Limits: requirement.Limits{Min: "99.5"}}, `99.4`, true},
		{"above the ceiling", requirement.Requirement{AnswerType: requirement.Money, Limits: requirement.Limits{Max: "100"}}, `"100.01"`, true},
		{"too late", requirement.Requirement{AnswerType: requirement.Date, Limits: requirement.Limits{Max: "2027-01-01"}}, `"2027-01-02"`, true},
		{"yes with white space around", requirement.Requirement{AnswerType: requirement.Boolean}, " true\n", false},
		{"a number with white space around", requirement.Requirement{AnswerType: requirement.Number, Limits: requirement.Limits{Min: "99.5"}}, " 99.4 ", true},
		{"not a valid answer", requirement.Requirement{AnswerType: requirement.Boolean}, `"no"`, false},
		{"a text is for a person", requirement.Requirement{AnswerType: requirement.Text}, `"nei"`, false},
	}
	for _, c := range cases {
		c.r.Kind = requirement.Absolute
		if got := requirement.FailsAbsolute(c.r, json.RawMessage(c.value)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		c.r.Kind = requirement.Rated
		if requirement.FailsAbsolute(c.r, json.RawMessage(c.value)) {
			t.Errorf("%s: fails though it is not absolute", c.name)
		}
	}
}

func TestPriceTotal(t *testing.T) {
	t.Parallel()
	s := sample()
	r := s.Requirements[4]
	value := json.RawMessage(`{"prices":[{"line":"1","period":"År 1","unitPrice":"10.00"},{"line":"1","period":"År 2","unitPrice":"0.01"},{"line":"2","unitPrice":"999.00"}]}`)
	got, err := requirement.PriceTotal(r, value)
	if err != nil || got != money.Kroner(13_013) {
		t.Errorf("got %v, %v", got, err)
	}
	// Products are rounded to øre line by line: 0.5 øre becomes 1.
	r.PriceLines = []requirement.PriceLine{{Code: "1", Quantity: "0.5", Counts: true}, {Code: "2", Quantity: "0.5", Counts: true}}
	got, err = requirement.PriceTotal(r, json.RawMessage(`{"prices":[{"line":"1","unitPrice":"0.01"},{"line":"2","unitPrice":"0.01"}]}`))
	if err != nil || got != 2 {
		t.Errorf("got %v, %v", got, err)
	}
	r.PriceLines = []requirement.PriceLine{{Code: "1", Quantity: "1000000000000", Counts: true}}
	if _, err := requirement.PriceTotal(r, json.RawMessage(`{"prices":[{"line":"1","unitPrice":"1000000.00"}]}`)); err == nil {
		t.Error("a total that does not fit is accepted")
	}
	total, err := s.EvaluatedPrice(requirement.Values{s.Requirements[4].ID: value}, s.Lots[0].ID)
	if err != nil || total != money.Kroner(13_013) {
		t.Errorf("got %v, %v", total, err)
	}
	if _, err := s.EvaluatedPrice(nil, uuid.Nil); err == nil {
		t.Error("a missing price is zero")
	}
}

func TestCompleteness(t *testing.T) {
	t.Parallel()
	s := sample()
	ids := func(n ...int) []uuid.UUID {
		all := []uuid.UUID{}
		for _, i := range n {
			all = append(all, s.Requirements[i].ID)
		}
		return all
	}
	check := func(name string, got, want []uuid.UUID) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	sum := s.Completeness(requirement.Values{s.Requirements[0].ID: json.RawMessage(`true`), s.Requirements[1].ID: json.RawMessage(`"2027-01-01"`), s.Requirements[2].ID: json.RawMessage(`7`)})
	check("answered", sum.Answered, ids(0))
	check("not applicable", sum.NotApplicable, ids(1))
	check("invalid", sum.Invalid, ids(2))
	check("missing", sum.Missing, ids(3, 4))
	if sum.Complete() || len(sum.Problems) != 2 || sum.Problems[0].Rule != "answer.not-applicable" {
		t.Errorf("got %+v", sum)
	}
	// A no fails the absolute requirement and opens the one that hangs on it.
	sum = s.Completeness(requirement.Values{s.Requirements[0].ID: json.RawMessage(`false`)})
	check("fails", sum.FailsAbsolute, ids(0))
	check("missing", sum.Missing, ids(1, 2, 3, 4))
	// An unanswered requirement opens nothing.
	check("not applicable", s.Completeness(nil).NotApplicable, ids(1))
	// A tender for another lot is not asked.
	s.Requirements[0].Lots = ids(0)
	check("other lot", s.Completeness(nil, s.Lots[0].ID).NotApplicable, ids(0, 1))
}

func TestEveryRequirementHasOneState(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := requirementtest.Sets().Draw(t, "set")
		values := requirement.Values{}
		for _, r := range s.Requirements {
			if rapid.Bool().Draw(t, "answered") {
				values[r.ID] = requirementtest.Answer(t, r)
			}
		}
		sum := s.Completeness(values)
		count := map[uuid.UUID]int{}
		for _, list := range [][]uuid.UUID{sum.Answered, sum.Missing, sum.Optional, sum.Invalid, sum.NotApplicable} {
			for _, id := range list {
				count[id]++
			}
		}
		for _, r := range s.Requirements {
			if count[r.ID] != 1 {
				t.Fatalf("%s stands in %d lists", r.Number, count[r.ID])
			}
		}
		if len(sum.Invalid) > 0 {
			t.Fatalf("drawn answers are valid, but: %+v", sum.Problems)
		}
	})
}
