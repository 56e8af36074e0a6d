package requirement_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement/requirementtest"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func TestChanged(t *testing.T) {
	t.Parallel()
	older, newer := sample(), sample()
	newer.Requirements[0].Text = "HelseID og kjernejournal"
	newer.Requirements[1].Number = "1.11"
	newer.Requirements[2].Condition = older.Requirements[1].Condition
	gone := newer.Requirements[3].ID
	added := requirement.Requirement{ID: uuid.MustParse("00000000-0000-4000-8000-000000000009"), Number: "5", Text: "Ny", Kind: requirement.Information}
	newer.Requirements = append(slices.Delete(newer.Requirements, 3, 4), added)
	newer.Requirements[0], newer.Requirements[1] = newer.Requirements[1], newer.Requirements[0]
	newer.Criteria[1].Weight += 2
	newer.Criteria = newer.Criteria[:2]
	d := requirement.Changed(older, newer)
	if len(d.Added) != 1 || d.Added[0].Requirement.ID != added.ID || d.Added[0].At != 4 || len(d.Removed) != 1 || d.Removed[0].ID != gone {
		t.Errorf("added %+v, removed %+v", d.Added, d.Removed)
	}
	if len(d.Moved) != 1 || d.Moved[0].From+d.Moved[0].To != 1 {
		t.Errorf("moved %+v", d.Moved)
	}
	type line struct {
		number, field string
		touches       bool
	}
	var got []line
	for _, c := range d.Changed {
		got = append(got, line{c.Number, c.Fields[0].Field, c.Touches})
	}
	if want := []line{{"1.11", "number", false}, {"1.1", "text", true}, {"2", "condition", true}}; !slices.Equal(got, want) {
		t.Errorf("changed %+v", got)
	}
	if f := d.Changed[1].Fields[0]; string(f.From) != `"HelseID"` || string(f.To) != `"HelseID og kjernejournal"` {
		t.Errorf("from %s to %s", f.From, f.To)
	}
	if len(d.Set) != 1 || d.Set[0].Field != "criteria" {
		t.Errorf("set %+v", d.Set)
	}
	want := []requirement.WeightChange{
		{Criterion: older.Criteria[1].ID, Name: "Kvalitet", From: requirement.Percents(30), To: requirement.Percents(30) + 2},
		{Criterion: older.Criteria[2].ID, Name: "Klima og miljø", From: requirement.Percents(30)},
	}
	if !slices.Equal(d.Weights, want) {
		t.Errorf("weights %+v", d.Weights)
	}
}

func TestTouched(t *testing.T) {
	t.Parallel()
	older := sample()
	first := older.Requirements[0].ID
	lot, other := older.Lots[0].ID, uuid.MustParse("00000000-0000-4000-8000-000000000002")
	older.Lots = append(older.Lots, requirement.Lot{ID: other, Name: "2"})
	older.Requirements[0].Lots = []uuid.UUID{other}
	cases := map[string]struct {
		change   func(*requirement.Set)
		answered []uuid.UUID
		lots     []uuid.UUID
		touched  bool
	}{
		"answered and asked differently":       {func(s *requirement.Set) { s.Requirements[0].Text = "x" }, []uuid.UUID{first}, nil, true},
		"asked differently, and not answered":  {func(s *requirement.Set) { s.Requirements[0].Text = "x" }, nil, nil, false},
		"answered and numbered differently":    {func(s *requirement.Set) { s.Requirements[0].Number = "x" }, []uuid.UUID{first}, nil, false},
		"answered and put elsewhere":           {func(s *requirement.Set) { slices.Reverse(s.Requirements) }, []uuid.UUID{first}, nil, false},
		"answered and gone":                    {func(s *requirement.Set) { s.Requirements = s.Requirements[1:] }, []uuid.UUID{first}, nil, true},
		"gone and not answered":                {func(s *requirement.Set) { s.Requirements = s.Requirements[1:] }, nil, nil, false},
		"for the supplier's lot now":           {func(s *requirement.Set) { s.Requirements[0].Lots = nil }, nil, []uuid.UUID{lot}, true},
		"for another lot":                      {func(s *requirement.Set) { s.Requirements[0].Mandatory = false }, nil, []uuid.UUID{lot}, false},
		"to be answered now":                   {func(s *requirement.Set) { s.Requirements[0].Mandatory = false }, nil, []uuid.UUID{other}, true},
		"added for the supplier's lot":         {adding(lot), nil, []uuid.UUID{lot}, true},
		"added for another lot":                {adding(other), nil, []uuid.UUID{lot}, false},
		"another need, reference and origin":   {func(s *requirement.Set) { s.Requirements[0].Origin = "library:X@2" }, []uuid.UUID{first}, nil, false},
		"a weight differs":                     {func(s *requirement.Set) { s.Requirements[0].Weight++ }, []uuid.UUID{first}, nil, true},
		"nothing differs":                      {func(*requirement.Set) {}, []uuid.UUID{first}, nil, false},
		"the title of the whole set, and only": {func(s *requirement.Set) { s.Title = "x" }, []uuid.UUID{first}, nil, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newer := older
			newer.Requirements = slices.Clone(older.Requirements)
			c.change(&newer)
			if got := requirement.Changed(older, newer).Touched(newer, c.answered, c.lots); (len(got) > 0) != c.touched {
				t.Errorf("touched %v", got)
			}
		})
	}
}

func adding(lot uuid.UUID) func(*requirement.Set) {
	return func(s *requirement.Set) {
		s.Requirements = append(s.Requirements, requirement.Requirement{ID: uuid.Max, Text: "Ny", Kind: requirement.Information, Lots: []uuid.UUID{lot}})
	}
}

func TestASetIsEqualToItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := requirementtest.FullSets().Draw(t, "set")
		if d := requirement.Changed(s, s); !d.Empty() {
			t.Fatalf("got %+v", d)
		}
	})
}

// A difference, also one that has been stored as JSON, makes the newer version
// of the older one, and no other.
func TestADifferenceMakesTheNewerVersion(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		older := requirementtest.FullSets().Draw(t, "older")
		newer := requirementtest.Edited(t, older)
		b, err := json.Marshal(requirement.Changed(older, newer))
		if err != nil {
			t.Fatal(err)
		}
		var d requirement.Diff
		if err := json.Unmarshal(b, &d); err != nil {
			t.Fatal(err)
		}
		got, err := d.Apply(older)
		if err != nil {
			t.Fatal(err)
		}
		if is, want := text(t, got), text(t, newer); is != want {
			t.Fatalf("\n got %s\nwant %s", is, want)
		}
		if rest := requirement.Changed(got, newer); !rest.Empty() {
			t.Fatalf("still differs: %+v", rest)
		}
		if len(d.Changed)+len(d.Set)+len(d.Added)+len(d.Removed) > 0 {
			if _, err := d.Apply(newer); fault.RuleOf(err) != "requirement.difference-of-another" {
				t.Fatalf("on another version: %v", err)
			}
		}
	})
}

func text(t *rapid.T, s requirement.Set) string {
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Moving one requirement is one move, wherever it goes.
func TestOneMoveIsOneMove(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		older := requirementtest.Sets().Draw(t, "set")
		newer := older
		n := len(older.Requirements)
		from, to := rapid.IntRange(0, n-1).Draw(t, "from"), rapid.IntRange(0, n-1).Draw(t, "to")
		newer.Requirements = slices.Insert(slices.Delete(slices.Clone(older.Requirements), from, from+1), to, older.Requirements[from])
		want := 1
		if from == to {
			want = 0
		}
		if d := requirement.Changed(older, newer); len(d.Moved) != want || len(d.Changed)+len(d.Added)+len(d.Removed) > 0 {
			t.Fatalf("from %d to %d: %+v", from, to, d)
		}
	})
}
