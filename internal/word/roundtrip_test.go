package word_test

import (
	"archive/zip"
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement/requirementtest"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/specification"
	"github.com/fellesloft/fellesloft/internal/word"
)

func options() specification.Options {
	return specification.Options{NewID: requirementtest.IDs(1 << 32)}
}

// JSON → docx → JSON: nothing is lost but ids and white space around texts.
func TestReadGivesBackWhatWriteWrote(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := requirementtest.Told(requirementtest.FullSets().Draw(t, "set"))
		b, err := word.WriteSpecification(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := word.ReadSpecification(bytes.NewReader(b), options())
		if err != nil {
			t.Fatal(err)
		}
		w, g := requirementtest.Renumbered(want), requirementtest.Renumbered(got.Set)
		if !reflect.DeepEqual(w, g) {
			t.Fatal(requirementtest.FirstDifference(w, g))
		}
		if len(got.Rows) != len(want.Requirements) {
			t.Fatalf("%d rows for %d requirements", len(got.Rows), len(want.Requirements))
		}
	})
}

func TestTheSameSetGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := requirementtest.FullSets().Draw(t, "set")
		first, err := word.WriteSpecification(s)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := word.WriteSpecification(s); err != nil || !bytes.Equal(first, again) {
			t.Fatalf("two writings differ: %v", err)
		}
	})
}

// Areas within areas, deeper than Word has headings, and requirements that
// stand under none before and after others.
func TestAreasBecomeHeadings(t *testing.T) {
	t.Parallel()
	next := requirementtest.IDs(0)
	want := requirement.Set{ID: next(), Title: "Kravspesifikasjon"}
	var parent uuid.UUID
	for _, title := range strings.Fields("A B C D E F G H I J K") {
		want.Areas = append(want.Areas, requirement.Area{ID: next(), Title: title, Parent: parent})
		parent = want.Areas[len(want.Areas)-1].ID
	}
	deep := len(want.Areas) - 1
	for _, area := range []uuid.UUID{uuid.Nil, want.Areas[1].ID, want.Areas[deep].ID, want.Areas[0].ID, uuid.Nil, want.Areas[1].ID} {
		want.Requirements = append(want.Requirements, requirement.Requirement{ID: next(), Number: "1", Text: "x", Kind: requirement.Information, Area: area})
	}
	b, err := word.WriteSpecification(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := word.ReadSpecification(bytes.NewReader(b), options())
	if err != nil {
		t.Fatal(err)
	}
	if w, g := requirementtest.Renumbered(want), requirementtest.Renumbered(got.Set); !reflect.DeepEqual(w, g) {
		t.Errorf("want %+v\ngot  %+v", w, g)
	}
}

// A text is only ever text: no fields, no links.
func TestNothingWrittenIsAField(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b, err := word.WriteSpecification(requirementtest.FullSets().Draw(t, "set"))
		if err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range z.File {
			r, err := part.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			for _, runs := range []string{"w:fld", "w:instrText", "w:hyperlink", "w:object", "External"} {
				if bytes.Contains(text, []byte(runs)) {
					t.Fatalf("%s holds %s", part.Name, runs)
				}
			}
		}
	})
}

func TestWriteRefusesPricesByBuyer(t *testing.T) {
	t.Parallel()
	s := requirement.Set{ID: uuid.New(), Title: "x", Requirements: []requirement.Requirement{
		{ID: uuid.New(), Number: "1", Text: "Pris", AnswerType: requirement.PriceSchedule, PriceLines: []requirement.PriceLine{{Code: "1", Buyers: []uuid.UUID{uuid.New()}}}},
	}}
	if _, err := word.WriteSpecification(s); fault.RuleOf(err) != "specification.price-lines-by-buyer" {
		t.Errorf("got %v", err)
	}
}

// A draft has no kinds, weights or even requirements yet.
func TestADraftIsWritten(t *testing.T) {
	t.Parallel()
	for _, s := range []requirement.Set{{}, {Title: "x", Requirements: []requirement.Requirement{{ID: uuid.New(), Text: "Løsningen skal virke."}}}} {
		if b, err := word.WriteSpecification(s); err != nil || len(b) == 0 {
			t.Errorf("got %v", err)
		}
	}
}
