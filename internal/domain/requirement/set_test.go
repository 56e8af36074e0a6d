package requirement_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement/requirementtest"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// sample is a valid set: a price schedule, a scored text, an absolute boolean
// and a date that is asked for only if the boolean is no.
func sample() requirement.Set {
	next := requirementtest.IDs(0)
	lot, area, price, quality, green := next(), next(), next(), next(), next()
	boolean := next()
	return requirement.Set{
		ID: next(), Title: "Velferdsteknologi",
		Lots:  []requirement.Lot{{ID: lot, Name: "1"}},
		Areas: []requirement.Area{{ID: area, Title: "Sikkerhet"}},
		Criteria: []requirement.Criterion{
			{ID: price, Name: "Pris", Weight: requirement.Percents(40), Kind: requirement.PriceCriterion},
			{ID: quality, Name: "Kvalitet", Weight: requirement.Percents(30), Kind: requirement.QualityCriterion},
			{ID: green, Name: "Klima og miljø", Weight: requirement.Percents(30), Kind: requirement.Environment},
		},
		Requirements: []requirement.Requirement{
			{ID: boolean, Number: "1.1", Area: area, Text: "HelseID", Kind: requirement.Absolute, AnswerType: requirement.Boolean, Mandatory: true},
			{ID: next(), Number: "1.10", Text: "Når?", Kind: requirement.Information, AnswerType: requirement.Date, Mandatory: true,
				Condition: &requirement.Condition{AnyOf: []requirement.Clause{{Requirement: boolean, Values: []string{"false"}}}}},
			{ID: next(), Number: "2", Text: "Beskriv", Kind: requirement.Rated, AnswerType: requirement.Text, Criterion: quality, Weight: requirement.Hundred, Mandatory: true,
				Limits: requirement.Limits{Words: 5, Characters: 40}},
			{ID: next(), Number: "3", Text: "Miljø", Kind: requirement.Rated, AnswerType: requirement.Text, Criterion: green, Weight: requirement.Hundred, Mandatory: true},
			{ID: next(), Number: "4", Text: "Pris", Kind: requirement.Rated, AnswerType: requirement.PriceSchedule, Criterion: price, Mandatory: true,
				PriceLines: []requirement.PriceLine{
					{Code: "1", Text: "Lisens", Quantity: "1300", Unit: "stk", Counts: true, Periods: []string{"År 1", "År 2"}},
					{Code: "2", Text: "Opsjon", Quantity: "1", Counts: false},
				}},
		},
	}
}

func rules(err error) []string {
	f, ok := fault.As(err)
	if !ok {
		return nil
	}
	var all []string
	for _, e := range f.All() {
		all = append(all, e.Rule+" "+e.Field)
	}
	return all
}

func TestSampleIsValid(t *testing.T) {
	t.Parallel()
	if err := sample().Validate(); err != nil {
		t.Error(err)
	}
	if w := sample().Warnings(); len(w) != 0 {
		t.Error(w)
	}
}

func TestValidateRefuses(t *testing.T) {
	t.Parallel()
	unknown := uuid.MustParse("ffffffff-0000-4000-8000-000000000000")
	cases := []struct {
		want   string
		change func(*requirement.Set)
	}{
		{"requirement.title-missing title", func(s *requirement.Set) { s.Title = " " }},
		{"requirement.id-repeated requirements[1].id", func(s *requirement.Set) { s.Requirements[1].ID = s.Requirements[0].ID }},
		{"requirement.id-missing lots[0].id", func(s *requirement.Set) { s.Lots[0].ID = uuid.Nil }},
		{"requirement.area-unknown requirements[0].area", func(s *requirement.Set) { s.Requirements[0].Area = unknown }},
		{"requirement.area-cycle areas[0].parent", func(s *requirement.Set) { s.Areas[0].Parent = s.Areas[0].ID }},
		{"requirement.kind-unknown requirements[0].kind", func(s *requirement.Set) { s.Requirements[0].Kind = "must" }},
		{"requirement.answer-type-unknown requirements[0].answerType", func(s *requirement.Set) { s.Requirements[0].AnswerType = "" }},
		{"requirement.lot-unknown requirements[0].lots[0]", func(s *requirement.Set) { s.Requirements[0].Lots = []uuid.UUID{unknown} }},
		{"requirement.criteria-sum criteria", func(s *requirement.Set) { s.Criteria[0].Weight = requirement.Percents(39) }},
		{"requirement.weights-sum criteria[1]", func(s *requirement.Set) { s.Requirements[2].Weight = requirement.Percents(99) }},
		{"requirement.criterion-empty criteria[2]", func(s *requirement.Set) { s.Requirements = slices.Delete(s.Requirements, 3, 4) }},
		{"requirement.criterion-second-price criteria[1].kind", func(s *requirement.Set) { s.Criteria[1].Kind = requirement.PriceCriterion }},
		{"requirement.criterion-missing requirements[2].criterion", func(s *requirement.Set) { s.Requirements[2].Criterion = uuid.Nil }},
		{"requirement.price-in-quality requirements[4].criterion", func(s *requirement.Set) { s.Requirements[4].Criterion = s.Criteria[1].ID }},
		{"requirement.quality-in-price requirements[2].criterion", func(s *requirement.Set) { s.Requirements[2].Criterion = s.Criteria[0].ID }},
		{"requirement.weight-on-price requirements[4].weight", func(s *requirement.Set) { s.Requirements[4].Weight = 1 }},
		{"requirement.weight-not-rated requirements[0].weight", func(s *requirement.Set) { s.Requirements[0].Weight = 1 }},
		{"requirement.options-missing requirements[0].options", func(s *requirement.Set) { s.Requirements[0].AnswerType = requirement.Choice }},
		{"requirement.option-repeated requirements[1].options[1].label", func(s *requirement.Set) {
			s.Requirements[1].AnswerType, s.Requirements[1].Options = requirement.Choice, []requirement.Option{{Label: "a"}, {Label: "a"}}
		}},
		{"requirement.pass-if-unknown requirements[0].passIf[0]", func(s *requirement.Set) { s.Requirements[0].PassIf = []string{"Ja"} }},
		{"requirement.limits-crossed requirements[1].limits", func(s *requirement.Set) {
			s.Requirements[1].Limits = requirement.Limits{Min: "2027-02-01", Max: "2027-01-01"}
		}},
		{"requirement.limit-malformed requirements[1].limits.min", func(s *requirement.Set) { s.Requirements[1].Limits.Min = "1.2.2027" }},
		{"requirement.limit-not-used requirements[0].limits", func(s *requirement.Set) { s.Requirements[0].Limits.Words = 10 }},
		{"requirement.condition-cycle requirements[0].condition.anyOf[0].requirement", func(s *requirement.Set) {
			s.Requirements[0].Condition = &requirement.Condition{AnyOf: []requirement.Clause{{Requirement: s.Requirements[0].ID, Values: []string{"true"}}}}
		}},
		{"requirement.condition-unknown requirements[1].condition.anyOf[0].requirement", func(s *requirement.Set) { s.Requirements[1].Condition.AnyOf[0].Requirement = unknown }},
		{"requirement.condition-type requirements[1].condition.anyOf[0].requirement", func(s *requirement.Set) { s.Requirements[1].Condition.AnyOf[0].Requirement = s.Requirements[4].ID }},
		{"requirement.rated-conditional requirements[2].condition", func(s *requirement.Set) { s.Requirements[2].Condition = s.Requirements[1].Condition }},
		{"requirement.price-lines-count-nothing requirements[4].priceLines", func(s *requirement.Set) { s.Requirements[4].PriceLines[0].Counts = false }},
		{"requirement.quantity requirements[4].priceLines[0].quantity", func(s *requirement.Set) { s.Requirements[4].PriceLines[0].Quantity = "0.00001" }},
		{"requirement.price-line-code requirements[4].priceLines[1].code", func(s *requirement.Set) { s.Requirements[4].PriceLines[1].Code = "1" }},
		{"requirement.code-not-unique kindCodes[1].code", func(s *requirement.Set) {
			s.KindCodes = []requirement.KindCode{{Code: "A", Kind: requirement.Absolute}, {Code: "a", Kind: requirement.Rated}}
		}},
	}
	for _, c := range cases {
		t.Run(c.want, func(t *testing.T) {
			t.Parallel()
			s := sample()
			c.change(&s)
			if got := rules(s.Validate()); !slices.Contains(got, c.want) {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestValidateTellsEveryProblem(t *testing.T) {
	t.Parallel()
	s := sample()
	s.Title, s.Criteria[0].Weight, s.Requirements[0].Kind = "", 0, "x"
	if got := rules(s.Validate()); len(got) != 4 {
		t.Errorf("got %q", got)
	}
}

func TestWeightsSumInEachLot(t *testing.T) {
	t.Parallel()
	s := sample()
	s.Lots = append(s.Lots, requirement.Lot{ID: uuid.MustParse("00000000-0000-4000-8000-000000000002"), Name: "2"})
	s.Requirements[2].Lots = []uuid.UUID{s.Lots[0].ID}
	got := rules(s.Validate())
	if !slices.Equal(got, []string{"requirement.criterion-empty criteria[1]"}) {
		t.Errorf("got %q", got)
	}
}

func TestALongerCycleIsRefused(t *testing.T) {
	t.Parallel()
	s := sample()
	s.Requirements[1].AnswerType = requirement.Boolean
	s.Requirements[0].Condition = &requirement.Condition{AnyOf: []requirement.Clause{{Requirement: s.Requirements[1].ID, Values: []string{"true"}}}}
	if got := rules(s.Validate()); len(got) != 1 {
		t.Errorf("got %q", got)
	}
	// A set that was never validated must still end.
	if sum := s.Completeness(nil); len(sum.NotApplicable) != 2 {
		t.Errorf("got %v", sum)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	s := sample()
	s.Requirements[1].Number = "1.1"
	s.Requirements[1].Condition.AnyOf[0].Values = []string{"maybe"}
	s.Requirements[0].Mandatory = false
	s.Requirements[2].Number = ""
	var got []string
	for _, w := range s.Warnings() {
		got = append(got, w.Rule)
	}
	want := []string{"requirement.absolute-optional", "requirement.number-repeated", "requirement.condition-never-holds", "requirement.number-missing"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestJSONKeepsEverySet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := requirementtest.FullSets().Draw(t, "set")
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		back, err := requirement.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(s, back) {
			t.Fatalf("differs: %+v", requirement.Changed(s, back))
		}
		again, _ := json.Marshal(back)
		if string(b) != string(again) {
			t.Fatal("the encoding is not stable")
		}
	})
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		``, `[]`, `{"title":"x","colour":"red"}`, `{"requirements":[{"wieght":"1"}]}`, `{} {}`, `{"criteria":[{"weight":30}]}`, `{"criteria":[{"weight":"1e9"}]}`,
	} {
		if _, err := requirement.Parse([]byte(text)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", text, err)
		}
	}
}
