package sheet_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/specification"
)

// edited makes a workbook and lets a function change it.
func edited(t *testing.T, rows [][]any, change func(f *excelize.File, sheet string) error) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(workbook(t, rows)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := change(f, f.GetSheetName(0)); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A number under a format keeps what is shown, with a warning; as text it is
// what it is.
func TestNumbersAreWhatIsShown(t *testing.T) {
	t.Parallel()
	b := edited(t, [][]any{{"Nr", "Krav", "Type"}, {1.1, "Ti, ikke én.", "A"}, {"1.10", "Som tekst.", "A"}, {2, "Helt tall.", "A"}}, func(f *excelize.File, sheet string) error {
		style, err := f.NewStyle(&excelize.Style{NumFmt: 2}) // 0.00
		if err != nil {
			return err
		}
		return f.SetCellStyle(sheet, "A2", "A2", style)
	})
	p := read(t, b)
	if got := numbers(p); !slices.Equal(got, []string{"1.10", "1.10", "2"}) || warned(p, "specification.number-shown-otherwise") != 1 || warned(p, "requirement.number-repeated") != 1 {
		t.Errorf("%q, warned %+v", got, p.Warnings)
	}
}

func TestMergedCells(t *testing.T) {
	t.Parallel()
	b := edited(t, [][]any{{"Område", "Nr", "Krav", "Type", "Vekt"}, {"Sikkerhet", "1", "HelseID skal brukes.", "B", "40 %"}, {nil, "2", "Logg skal føres.", "B", nil}, {nil, nil, "Loggen skal kunne søkes i.", nil, nil}, {"Drift", "3", "Oppetid.", "B", "60 %"}},
		func(f *excelize.File, sheet string) error {
			for _, area := range [][2]string{{"A2", "A4"}, {"B3", "B4"}, {"D3", "D4"}, {"E2", "E4"}} {
				if err := f.MergeCell(sheet, area[0], area[1]); err != nil {
					return err
				}
			}
			return nil
		})
	p := read(t, b)
	r := p.Set.Requirements
	if !slices.Equal(numbers(p), []string{"1", "2", "3"}) || r[1].Text != "Logg skal føres.\nLoggen skal kunne søkes i." || leftOut(p, specification.Continued) != 1 {
		t.Fatalf("%+v, left out %+v", r, p.LeftOut)
	}
	if r[0].Area != r[1].Area || r[0].Area == r[2].Area || r[0].Weight != requirement.Percents(40) || r[1].Weight != 0 {
		t.Errorf("%+v", r)
	}
}

func TestDropDownsBecomeChoices(t *testing.T) {
	t.Parallel()
	b := edited(t, [][]any{{"Nr", "Krav", "Type", "Leverandørens svar"}, {"1", "Ja eller nei?", "A"}, {"2", "Når?", "A"}, {"3", "Beskriv.", "A"}}, func(f *excelize.File, sheet string) error {
		written := excelize.NewDataValidation(true)
		written.Sqref = "D2"
		if err := written.SetDropList([]string{"Ja", "Nei"}); err != nil {
			return err
		}
		elsewhere := excelize.NewDataValidation(true)
		elsewhere.Sqref = "D3"
		elsewhere.SetSqrefDropList("Lister!$A$1:$A$3")
		if _, err := f.NewSheet("Lister"); err != nil {
			return err
		}
		for i, text := range []string{"I dag", "Senere", "Aldri"} {
			if err := f.SetCellStr("Lister", "A"+string(rune('1'+i)), text); err != nil {
				return err
			}
		}
		if err := f.AddDataValidation(sheet, written); err != nil {
			return err
		}
		return f.AddDataValidation(sheet, elsewhere)
	})
	r := read(t, b).Set.Requirements
	if r[0].AnswerType != requirement.Boolean || r[1].AnswerType != requirement.Choice || len(r[1].Options) != 3 || r[2].AnswerType != requirement.Text {
		t.Errorf("%+v", r)
	}
}

// A sheet can be formatted far below its content.
func TestACellFarAwayIsNoRow(t *testing.T) {
	t.Parallel()
	b := edited(t, [][]any{{"Nr", "Krav", "Type"}, {"1", "Løsningen skal virke.", "A"}}, func(f *excelize.File, sheet string) error {
		return f.SetCellStr(sheet, "A30000", " ")
	})
	if p := read(t, b); len(p.Rows) != 1 {
		t.Errorf("%+v", p.Rows)
	}
}
