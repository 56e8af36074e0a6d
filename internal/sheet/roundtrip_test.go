package sheet_test

import (
	"archive/zip"
	"bytes"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement/requirementtest"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/sheet"
)

func options() sheet.Options { return sheet.Options{NewID: requirementtest.IDs(1 << 32)} }

func TestReadGivesBackWhatWriteWrote(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := requirementtest.Told(requirementtest.FullSets().Draw(t, "set"))
		b, err := sheet.WriteSpecification(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := sheet.ReadSpecification(bytes.NewReader(b), options())
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

func TestBuyersCodesAreWrittenAndReadBack(t *testing.T) {
	t.Parallel()
	next := requirementtest.IDs(0)
	want := requirement.Set{
		ID: next(), Title: "Koder",
		KindCodes:   []requirement.KindCode{{Code: "O", Kind: requirement.Absolute}, {Code: "T", Kind: requirement.Information}},
		AnswerCodes: []requirement.AnswerCode{{Code: "JS", Option: requirement.Option{Label: "Ja, senere", WantsDate: true}}},
		Requirements: []requirement.Requirement{
			{ID: next(), Number: "1", Text: "Til orientering", Kind: requirement.Information},
			{ID: next(), Number: "2", Text: "HelseID", Kind: requirement.Absolute, AnswerType: requirement.Boolean, Mandatory: true},
		},
	}
	b, err := sheet.WriteSpecification(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := sheet.ReadSpecification(bytes.NewReader(b), options())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Warnings) != 0 {
		t.Errorf("warned: %+v", got.Warnings)
	}
	if w, g := requirementtest.Renumbered(want), requirementtest.Renumbered(got.Set); !reflect.DeepEqual(w, g) {
		t.Errorf("want %+v\ngot  %+v", w, g)
	}
}

var (
	formula = regexp.MustCompile(`<(\w+:)?f[ >/]`)
	value   = regexp.MustCompile(`<c ([^>]*)><v>`)
)

// No part of a written workbook may hold a formula, whatever the texts are.
func TestNothingWrittenIsExecuted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b, err := sheet.WriteSpecification(requirementtest.FullSets().Draw(t, "set"))
		if err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range z.File {
			if !strings.HasPrefix(part.Name, "xl/worksheets/") {
				continue
			}
			text := content(t, part)
			if formula.MatchString(text) {
				t.Fatalf("%s holds a formula", part.Name)
			}
			for _, cell := range value.FindAllStringSubmatch(text, -1) {
				if !strings.Contains(cell[1], `t="s"`) {
					t.Fatalf("%s holds a value that is no text: %s", part.Name, cell[0])
				}
			}
		}
	})
}

func content(t *rapid.T, part *zip.File) string {
	r, err := part.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	long := requirement.Set{ID: uuid.New(), Title: "x", Requirements: []requirement.Requirement{
		{ID: uuid.New(), Number: "1", Text: strings.Repeat("ø", 32_768), Kind: requirement.Information},
	}}
	if _, err := sheet.WriteSpecification(long); fault.RuleOf(err) != "specification.cell-too-long" {
		t.Errorf("got %v", err)
	}
	byBuyer := requirement.Set{ID: uuid.New(), Title: "x", Requirements: []requirement.Requirement{
		{ID: uuid.New(), Number: "1", Text: "Pris", AnswerType: requirement.PriceSchedule, PriceLines: []requirement.PriceLine{{Code: "1", Buyers: []uuid.UUID{uuid.New()}}}},
	}}
	if _, err := sheet.WriteSpecification(byBuyer); fault.RuleOf(err) != "specification.price-lines-by-buyer" {
		t.Errorf("got %v", err)
	}
}

// workbook makes a buyer's file of rows; a nil row stays empty.
func workbook(t *testing.T, sheets ...[][]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for n, rows := range sheets {
		name := f.GetSheetName(0)
		if n > 0 {
			name = "Ark" + string(rune('1'+n))
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
		}
		for i, row := range rows {
			cell, _ := excelize.CoordinatesToCellName(1, i+1)
			if err := f.SetSheetRow(name, cell, &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
