package requirement_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement/requirementtest"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func entry(code string) requirement.Entry {
	return requirement.Entry{ID: uuid.MustParse("00000000-0000-4000-8000-0000000000aa"), Version: 2, Code: code, Area: "Sikkerhet",
		Requirement: requirement.Requirement{Text: "Styringssystem", Kind: requirement.Absolute, AnswerType: requirement.Boolean, Mandatory: true}}
}

func TestTakingFromTheLibrary(t *testing.T) {
	t.Parallel()
	s := sample()
	other := entry("ARK-01")
	other.Area, other.Owner = "Arkiv", uuid.Max
	taken, err := s.Take([]requirement.Entry{entry("SEC-04"), other}, requirementtest.IDs(500))
	if err != nil {
		t.Fatal(err)
	}
	if err := taken.Validate(); err != nil {
		t.Error(err)
	}
	n := len(s.Requirements)
	first, second := taken.Requirements[n], taken.Requirements[n+1]
	if first.Origin != "library:SEC-04@2" || first.Area != s.Areas[0].ID || first.Number != "SEC-04" {
		t.Errorf("taken %+v", first)
	}
	if second.Origin != "library:"+other.ID.String()+"@2" || len(taken.Areas) != 2 || second.Area != taken.Areas[1].ID || taken.Areas[1].Title != "Arkiv" {
		t.Errorf("taken %+v under %+v", second, taken.Areas)
	}
	if len(s.Requirements) != n || len(s.Areas) != 1 {
		t.Error("the set itself has changed")
	}
	again := entry("SEC-04")
	again.Version = 3
	if _, err := taken.Take([]requirement.Entry{again}, requirementtest.IDs(600)); !fault.Is(err, fault.Conflict) || fault.RuleOf(err) != "library.taken-already" {
		t.Errorf("again: %v", err)
	}
}

func TestOriginKey(t *testing.T) {
	t.Parallel()
	for origin, want := range map[string]string{"library:SEC-01@2": "library:SEC-01", "library:SEC-01": "library:SEC-01", "krav 3 i forrige": "", "": ""} {
		if got := requirement.OriginKey(origin); got != want {
			t.Errorf("%q gives %q", origin, got)
		}
	}
}

func TestEntriesThatAreRefused(t *testing.T) {
	t.Parallel()
	if err := entry("SEC-04").Validate(); err != nil {
		t.Fatal(err)
	}
	cases := map[string]func(*requirement.Entry){
		"library.code code":                                          func(e *requirement.Entry) { e.Code = "A@1" },
		"library.area area":                                          func(e *requirement.Entry) { e.Area = "\x00" },
		"library.sectors sectors":                                    func(e *requirement.Entry) { e.Sectors = []string{"helse", "helse"} },
		"requirement.text-missing requirement.text":                  func(e *requirement.Entry) { e.Requirement.Text = " " },
		"requirement.limit-not-used requirement.limits":              func(e *requirement.Entry) { e.Requirement.Limits.Words = 3 },
		"requirement.evidence-kind-unknown requirement.evidenceKind": func(e *requirement.Entry) { e.Requirement.EvidenceKind = "x" },
	}
	for want, change := range cases {
		e := entry("SEC-04")
		change(&e)
		if got := rules(e.Validate()); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %q", want, got)
		}
	}
}

// Whatever stands in a valid set can be put into the library.
func TestEveryRequirementIsReusable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := requirementtest.FullSets().Draw(t, "set")
		e := entry("X-1")
		e.Requirement = rapid.SampledFrom(s.Requirements).Draw(t, "requirement").Reusable()
		if err := e.Validate(); err != nil {
			t.Fatal(err)
		}
	})
}
