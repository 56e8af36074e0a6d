package requirement_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

func TestNeedsReferencesAndEvidenceAreJudged(t *testing.T) {
	t.Parallel()
	need := uuid.MustParse("00000000-0000-4000-8000-0000000000bb")
	with := func(change func(s *requirement.Set, r *requirement.Requirement)) requirement.Set {
		s := sample()
		s.Needs = []requirement.Need{{ID: need, Text: "Trygghet hjemme"}}
		s.Requirements[0].Needs = []uuid.UUID{need}
		change(&s, &s.Requirements[0])
		return s
	}
	cases := map[string]func(s *requirement.Set, r *requirement.Requirement){
		"requirement.currency currency":                                           func(s *requirement.Set, _ *requirement.Requirement) { s.Currency = "kr" },
		"requirement.need-text-missing needs[0].text":                             func(s *requirement.Set, _ *requirement.Requirement) { s.Needs[0].Text = "" },
		"requirement.need-unknown requirements[0].needs[0]":                       func(s *requirement.Set, _ *requirement.Requirement) { s.Needs = nil },
		"requirement.need-repeated requirements[0].needs[1]":                      func(_ *requirement.Set, r *requirement.Requirement) { r.Needs = append(r.Needs, need) },
		"requirement.reference-blank requirements[0].references[0]":               refer(requirement.Reference{}),
		"requirement.reference-unknown requirements[0].references[0].requirement": refer(requirement.Reference{Requirement: uuid.Max}),
		"requirement.reference-address requirements[0].references[0].url":         refer(requirement.Reference{Text: "Her", URL: "javascript:alert(1)"}),
		"requirement.evidence-kind-unknown requirements[0].evidenceKind":          func(_ *requirement.Set, r *requirement.Requirement) { r.EvidenceKind = "x" },
	}
	if err := with(func(*requirement.Set, *requirement.Requirement) {}).Validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range cases {
		if got := rules(with(change).Validate()); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %q", want, got)
		}
	}
	s := with(func(_ *requirement.Set, r *requirement.Requirement) { r.Needs = nil })
	if w := s.Warnings(); len(w) != 1 || w[0].Rule != "requirement.need-unserved" {
		t.Errorf("a need that nothing serves: %+v", w)
	}
	self := sample()
	self.Requirements[0].References = []requirement.Reference{{Requirement: self.Requirements[0].ID}}
	if self.Validate() == nil {
		t.Error("a requirement that refers to itself is valid")
	}
}

func refer(to requirement.Reference) func(*requirement.Set, *requirement.Requirement) {
	return func(_ *requirement.Set, r *requirement.Requirement) { r.References = []requirement.Reference{to} }
}

// An answer that needs an addition to the price has it asked for in the price
// part, by a requirement that hangs on the answer.
func TestAnOptionWithAPriceHasAPriceRequirement(t *testing.T) {
	t.Parallel()
	s := sample()
	s.Requirements[0].AnswerType, s.Requirements[0].Options = requirement.Choice, []requirement.Option{{Label: "Ja"}, {Label: "Krever tillegg", WantsPrice: true}}
	s.Requirements[1].Condition.AnyOf[0].Values = []string{"Ja"}
	if got := rules(s.Validate()); !slices.Equal(got, []string{"requirement.option-price-missing requirements[0].options[1].wantsPrice"}) {
		t.Fatalf("got %q", got)
	}
	price := requirement.Requirement{ID: uuid.Max, Number: "1.1 a", Text: "Tillegget", Kind: requirement.OptionKind, AnswerType: requirement.Money, Mandatory: true,
		Condition: &requirement.Condition{AnyOf: []requirement.Clause{{Requirement: s.Requirements[0].ID, Values: []string{"Krever tillegg"}}}}}
	s.Requirements = append(s.Requirements, price)
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	values := requirement.Values{s.Requirements[0].ID: json.RawMessage(`"Krever tillegg"`)}
	if sum := s.Completeness(values); !slices.Contains(sum.Missing, price.ID) {
		t.Errorf("the addition's price is not asked for: %+v", sum)
	}
}

// What was stored before a field came still reads, and means what it meant.
func TestStoredSetsStillRead(t *testing.T) {
	t.Parallel()
	stored := `{"id":"00000000-0000-4000-8000-000000000001","title":"Velferdsteknologi","requirements":[{"id":"00000000-0000-4000-8000-000000000002",` +
		`"number":"1.10","text":"HelseID","kind":"absolute","answerType":"boolean","mandatory":true,"evidence":"Avtale","origin":"library:SEC-01"}]}`
	s, err := requirement.Parse([]byte(stored))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(); err != nil || !s.InNOK() {
		t.Errorf("valid: %v, in NOK: %t", err, s.InNOK())
	}
	if b, err := json.Marshal(s); err != nil || string(b) != stored {
		t.Errorf("written again: %s %v", b, err)
	}
}
