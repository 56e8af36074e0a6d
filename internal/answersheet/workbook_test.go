package answersheet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/internal/answersheet"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// priced is the small set with all prices given, and edited as the supplier
// might.
func priced(t *testing.T, edit func(*excelize.File)) (requirement.Set, []byte) {
	t.Helper()
	set := small()
	draft := requirement.Values{by(set, "P1").ID: json.RawMessage(`{"prices":[{"line":"1","unitPrice":"100.00"},{"line":"2","period":"År 1","unitPrice":"10.50"},` +
		`{"line":"2","period":"År 2","unitPrice":"11.00"},{"line":"3","unitPrice":"999.00"}]}`)}
	return set, edited(t, set, answersheet.Options{Version: 1, Draft: draft}, edit)
}

func edited(t *testing.T, set requirement.Set, o answersheet.Options, edit func(*excelize.File)) []byte {
	t.Helper()
	b, err := answersheet.WriteWorkbook(set, o)
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	edit(f)
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestPriceSheetsAreComputedAnew(t *testing.T) {
	t.Parallel()
	const sheet = "Prisskjema 1"
	tests := map[string]struct {
		edit     func(*excelize.File) error
		want     []string
		computed string
		taken    bool
	}{
		"as generated": {func(*excelize.File) error { return nil }, nil, "1258.00", true},
		"a subtotal twice": {func(f *excelize.File) error {
			return f.SetCellFormula(sheet, "I10", "SUM(I5:I7)+I5")
		}, []string{"10I P1 total-differs taken", "5I P1 line-counted-twice taken"}, "1258.00", true},
		"a line left out": {func(f *excelize.File) error {
			return f.SetCellFormula(sheet, "I10", "SUM(I5:I6)")
		}, []string{"10I P1 total-differs taken", "7I P1 line-left-out taken"}, "1258.00", true},
		"an option counted": {func(f *excelize.File) error {
			return f.SetCellFormula(sheet, "I10", "SUM(I5:I8)")
		}, []string{"10I P1 total-differs taken", "8I P1 option-counted taken"}, "1258.00", true},
		"a sum typed over": {func(f *excelize.File) error {
			return f.SetCellValue(sheet, "I6", 100)
		}, []string{"10I P1 total-differs taken", "6I P1 row-sum-differs taken"}, "1258.00", true},
		"a total typed over": {func(f *excelize.File) error {
			return f.SetCellValue(sheet, "I10", 1)
		}, []string{"10I P1 total-differs taken"}, "1258.00", true},
		"no total": {func(f *excelize.File) error {
			return errors.Join(f.SetCellFormula(sheet, "I10", ""), f.SetCellStr(sheet, "I10", ""))
		}, []string{"0 P1 total-missing taken"}, "1258.00", true},
		"text in a number cell": {func(f *excelize.File) error {
			return f.SetCellStr(sheet, "H5", "1 000,50")
		}, []string{"5H P1 text-in-number-cell taken"}, "10263.00", true},
		"no number": {func(f *excelize.File) error {
			return f.SetCellStr(sheet, "H5", "etter avtale")
		}, []string{"10I P1 formula-not-computed taken", "5H P1 answer.not-money refused", "5I P1 formula-not-computed taken"}, "258.00", false},
		"own formula": {func(f *excelize.File) error {
			return f.SetCellFormula(sheet, "H5", "50*2")
		}, nil, "1258.00", true},
		"a formula that was not computed": {func(f *excelize.File) error {
			return f.SetCellFormula(sheet, "H5", "WEBSERVICE(\"x\")")
		}, []string{"10I P1 formula-not-computed taken", "5H P1 formula-not-computed refused", "5I P1 formula-not-computed taken"}, "258.00", false},
		"another quantity": {func(f *excelize.File) error {
			return f.SetCellValue(sheet, "F5", 1)
		}, []string{"10I P1 total-differs taken", "5F P1 price-line-changed refused"}, "258.00", false},
		"a row more": {func(f *excelize.File) error {
			return errors.Join(f.SetCellStr(sheet, "B14", "9"), f.SetCellValue(sheet, "H14", 5))
		}, nil, "1258.00", true},
		"a blank price": {func(f *excelize.File) error {
			return f.SetCellValue(sheet, "H8", nil)
		}, []string{"8H P1 answer.price-missing refused"}, "1258.00", false},
		"a second sheet": {func(f *excelize.File) error {
			to, err := f.NewSheet("Kopi")
			if err != nil {
				return err
			}
			return f.CopySheet(4, to)
		}, []string{"0 P1 price-sheet-repeated taken"}, "1258.00", true},
		"three decimals": {func(f *excelize.File) error {
			return f.SetCellValue(sheet, "H5", 100.005)
		}, []string{"10I P1 total-differs taken", "5H P1 money.decimals refused"}, "258.00", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, file := priced(t, func(f *excelize.File) { must(t, test.edit(f)) })
			got := read(t, set, file, answersheet.Options{Version: 1})
			have := slices.DeleteFunc(told(got), func(s string) bool { return !strings.Contains(s, "P1") })
			slices.Sort(have)
			if !slices.Equal(have, test.want) {
				t.Errorf("%q, want %q", have, test.want)
			}
			if len(got.Totals) != 1 || got.Totals[0].Computed.String() != test.computed {
				t.Errorf("%+v, want %s", got.Totals, test.computed)
			}
			r := by(set, "P1")
			if whole := r.Check(got.Values[r.ID]) == nil; whole != test.taken {
				t.Errorf("all prices taken: %t, want %t", whole, test.taken)
			}
		})
	}
}

// A spreadsheet program stores what it has computed beside the formula; one that
// has not computed again shows a number that the formula does not give.
func TestStoredResultsAreHeldAgainstFormulas(t *testing.T) {
	t.Parallel()
	set, file := priced(t, func(*excelize.File) {})
	for _, stored := range []struct {
		value string
		want  []string
	}{{"1000", nil}, {"1000.0000000001", nil}, {"1001", []string{"5I P1 formula-differs taken"}}, {"#REF!", []string{"5I P1 formula-differs taken"}}} {
		changed := replacePart(t, file, partWith(t, file, "ROUND(F5"), "<f>ROUND(F5*H5,2)</f>", "<f>ROUND(F5*H5,2)</f><v>"+stored.value+"</v>")
		got := read(t, set, changed, answersheet.Options{Version: 1})
		if have := slices.DeleteFunc(told(got), func(s string) bool { return !strings.Contains(s, "P1") }); !slices.Equal(have, stored.want) {
			t.Errorf("%s: %q", stored.value, have)
		}
	}
}

func TestTheWorkbookGuardsItsQuestions(t *testing.T) {
	t.Parallel()
	set := small()
	b, err := answersheet.WriteWorkbook(set, answersheet.Options{Version: 3})
	must(t, err)
	f, err := excelize.OpenReader(bytes.NewReader(b))
	must(t, err)
	defer f.Close()
	for _, sheet := range []string{"Svar", "Pris", "Prisskjema 1"} {
		p, err := f.GetSheetProtection(sheet)
		must(t, err)
		if !p.SelectLockedCells && !p.SelectUnlockedCells {
			t.Errorf("%s is not protected: %+v", sheet, p)
		}
	}
	for cell, open := range map[string]bool{"K5": true, "D5": false, "C5": false, "A5": false} {
		id, err := f.GetCellStyle("Svar", cell)
		must(t, err)
		style, err := f.GetStyle(id)
		must(t, err)
		if (style.Protection != nil && !style.Protection.Locked) != open {
			t.Errorf("%s: %+v, want open: %t", cell, style.Protection, open)
		}
	}
	checks, err := f.GetDataValidations("Svar")
	must(t, err)
	kinds := []string{}
	for _, v := range checks {
		kinds = append(kinds, v.Type)
	}
	slices.Sort(kinds)
	if want := []string{"date", "decimal", "list", "list", "list", "textLength"}; !slices.Equal(slices.Compact(slices.Clone(kinds)), slices.Compact(slices.Clone(want))) {
		t.Errorf("checks: %q", kinds)
	}
	if visible, err := f.GetSheetVisible("Fellesløft"); err != nil || visible {
		t.Errorf("the stamp is shown: %v", err)
	}
	if text, err := f.GetCellValue("Svar", "H14"); err != nil || text != "Gjelder hvis krav 1.1 er besvart med «Ja»." {
		t.Errorf("the condition reads %q (%v)", text, err)
	}
}

func TestTheStampIsChecked(t *testing.T) {
	t.Parallel()
	set := small()
	answer := func(f *excelize.File) { must(t, f.SetCellStr("Svar", "K5", "Ja")) }
	file := edited(t, set, answersheet.Options{Version: 1}, answer)
	if got := read(t, set, file, answersheet.Options{Version: 1}); got.Version != 1 || len(got.Values) != 1 {
		t.Errorf("%+v", got)
	}
	newer := small()
	newer.Requirements[0].Text = "Et annet krav"
	newer.Requirements = append(newer.Requirements[:3], newer.Requirements[4:]...)
	got := read(t, newer, file, answersheet.Options{Version: 2})
	have := told(got)
	for _, want := range []string{"0  other-version told", "5D 1.1 text-changed refused", "10 1.4 requirement-unknown refused"} {
		if !slices.Contains(have, want) {
			t.Errorf("%q lacks %q", have, want)
		}
	}
	if len(got.Values) != 0 {
		t.Errorf("%d answers to what was not asked", len(got.Values))
	}
	other := small()
	other.ID[0] = 9
	if _, err := answersheet.Read(other, file, answersheet.Options{Version: 1}); fault.RuleOf(err) != "answersheet.other-set" {
		t.Error(err)
	}
	stripped := edited(t, set, answersheet.Options{Version: 1}, func(f *excelize.File) { answer(f); must(t, f.DeleteSheet("Fellesløft")) })
	if got := read(t, set, stripped, answersheet.Options{Version: 1}); got.Version != 0 || !slices.Contains(told(got), "0  no-stamp told") {
		t.Errorf("%q", told(got))
	}
}

// Answers that a supplier pastes in as formulas are not answers.
func TestAFormulaIsNoAnswer(t *testing.T) {
	t.Parallel()
	set := small()
	file := edited(t, set, answersheet.Options{Version: 1}, func(f *excelize.File) {
		must(t, f.SetCellFormula("Svar", "K10", "\"a\"&\"b\""), f.SetCellFormula("Svar", "K11", "2*3"), f.SetCellValue("Svar", "K5", true))
	})
	got := read(t, set, file, answersheet.Options{Version: 1})
	if !slices.Contains(told(got), "10K 1.4 formula-in-answer refused") || string(got.Values[by(set, "1.5").ID]) != "6" || string(got.Values[by(set, "1.1").ID]) != "true" {
		t.Errorf("%q, %s", told(got), got.Values)
	}
}

func TestHostileWorkbooksAreRefused(t *testing.T) {
	t.Parallel()
	set, file := priced(t, func(*excelize.File) {})
	priceSheet := partWith(t, file, "ROUND(F5")
	for name, test := range map[string]struct {
		file []byte
		rule string
	}{
		"no zip":      {[]byte("PK\x03\x04nothing"), "file.type-unknown"},
		"old":         {[]byte{0xD0, 0xCF, 0x11, 0xE0, 0}, "file.encrypted-or-old-format"},
		"entities":    {replacePart(t, file, priceSheet, "<worksheet", `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet`), "file.entities"},
		"macros":      {replacePart(t, file, "[Content_Types].xml", "spreadsheetml.sheet.main+xml", "ms-excel.sheet.macroEnabled.main+xml"), "file.macros"},
		"too wide":    {replacePart(t, file, priceSheet, `r="J5"`, `r="ZZ5"`), "answersheet.too-many-columns"},
		"broken":      {replacePart(t, file, priceSheet, "</sheetData>", ""), "file.unreadable"},
		"two in one":  {replacePart(t, file, priceSheet, `r="H5"`, `r="A5"`), "answersheet.unreadable"},
		"only macros": {replacePart(t, file, "[Content_Types].xml", "</Types>", `<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>`), "file.macros"},
	} {
		if _, err := answersheet.Read(set, test.file, answersheet.Options{Version: 1}); fault.RuleOf(err) != test.rule {
			t.Errorf("%s: %v, want %s", name, err, test.rule)
		}
	}
}
