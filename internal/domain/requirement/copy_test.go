package requirement_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement/requirementtest"
)

// A copy asks the same under new ids, stays valid, and seen from the earlier set
// it differs only by what could not come along.
func TestACopyAsksTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		earlier := requirementtest.FullSets().Draw(t, "earlier")
		lots := make([]requirement.Lot, 0, len(earlier.Lots))
		next := requirementtest.IDs(1 << 40)
		for _, l := range earlier.Lots {
			lots = append(lots, requirement.Lot{ID: next(), Name: l.Name})
		}
		from := requirement.Source{Procurement: next(), Set: earlier.ID, Version: 3}
		copied, lost := earlier.Copy(from, lots, next)
		if len(lost) > 0 {
			t.Fatalf("lost %+v", lost)
		}
		if err := copied.Validate(); err != nil {
			t.Fatal(err)
		}
		for i, r := range copied.Requirements {
			was := earlier.Requirements[i]
			if _, same := earlier.Requirement(r.ID); same || r.CopiedFrom != was.ID || r.Origin != was.Origin {
				t.Fatalf("copied %+v", r)
			}
		}
		if d := requirement.Changed(earlier, copied.SeenFrom(earlier)); !d.Empty() {
			t.Fatalf("differs by %+v", d)
		}
		copied.Requirements[0].Text += "!"
		if d := requirement.Changed(earlier, copied.SeenFrom(earlier)); len(d.Changed) != 1 || d.Changed[0].Requirement != earlier.Requirements[0].ID {
			t.Fatalf("differs by %+v", d)
		}
	})
}

func TestACopyTellsWhatIsLost(t *testing.T) {
	t.Parallel()
	s := sample()
	s.Requirements[0].Lots = []uuid.UUID{s.Lots[0].ID}
	s.Requirements[4].PriceLines[0].Buyers = []uuid.UUID{uuid.Max}
	copied, lost := s.Copy(requirement.Source{}, []requirement.Lot{{ID: uuid.Max, Name: "En annen"}}, requirementtest.IDs(99))
	var got []string
	for _, w := range lost {
		got = append(got, w.Rule+" "+w.Field)
	}
	if want := []string{"requirement.copy-lots requirements[0].lots", "requirement.copy-buyers requirements[4].priceLines[0].buyers"}; !slices.Equal(got, want) {
		t.Errorf("lost %q", got)
	}
	if len(copied.Requirements[0].Lots) != 0 || len(copied.Requirements[4].PriceLines[0].Buyers) != 0 || len(s.Requirements[4].PriceLines[0].Buyers) != 1 {
		t.Errorf("copied %+v", copied.Requirements)
	}
}

func TestSuppliersDoNotSeeWhoWanted(t *testing.T) {
	t.Parallel()
	s := sample()
	s.CopiedFrom = []requirement.Source{{Version: 1}}
	s.Requirements[0].SourceOrg, s.Requirements[1].CopiedFrom = uuid.Max, uuid.Max
	public := s.ForSuppliers()
	if d := requirement.Changed(public, sample()); !d.Empty() || s.Requirements[0].SourceOrg != uuid.Max {
		t.Errorf("differs by %+v", d)
	}
}
