package sheet_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/sheet"
	"github.com/fellesloft/fellesloft/internal/specification"
)

func read(t *testing.T, b []byte) sheet.Preview {
	t.Helper()
	p, err := sheet.ReadSpecification(bytes.NewReader(b), options())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func numbers(p sheet.Preview) []string {
	var all []string
	for _, r := range p.Set.Requirements {
		all = append(all, r.Number)
	}
	return all
}

func leftOut(p sheet.Preview, why specification.Reason) int {
	n := 0
	for _, l := range p.LeftOut {
		if l.Reason == why {
			n++
		}
	}
	return n
}

func warned(p sheet.Preview, rule string) int {
	n := 0
	for _, w := range p.Warnings {
		if w.Rule == rule {
			n++
		}
	}
	return n
}

// Spellings of the header in buyers' documents.
func TestHeaderSpellings(t *testing.T) {
	t.Parallel()
	for _, header := range [][]any{
		{"Nr", "Krav", "Type"}, {"Nr.", "Beskrivelse", "Kravtype"}, {"Krav nr", "Kravtekst", "Krav\ntype"}, {"Krav nr.", "Krav", "Type (A/B/I)"},
		{"KRAV NR.:", "Kravtekst*", "Type krav"}, {"Number", "Requirement", "Kind"}, {"ID", "Description", "Type"},
	} {
		p := read(t, workbook(t, [][]any{header, {"1.1", "Løsningen skal støtte HelseID.", "A"}}))
		if !slices.Equal(numbers(p), []string{"1.1"}) || p.Set.Requirements[0].Kind != requirement.Absolute {
			t.Errorf("%q: %+v", header, p.Set.Requirements)
		}
	}
}

// A legend first, titles and an empty row above the header, the header again
// on each page, headings, a cancelled requirement, numbers used twice.
func TestABuyersOwnTable(t *testing.T) {
	t.Parallel()
	p := read(t, workbook(t, [][]any{
		{"Kravspesifikasjon journalintegrasjon"},
		{"Krav type", "Beskrivelse"},
		{"A", "Absolutt krav, må oppfylles"},
		{"B", "Evalueringskrav"},
		nil,
		{"Krav nr.", "Krav", "Type", "Vekt %", "Leverandørens svar", "Merknad"},
		{"1 Sikkerhet"},
		{"1.1", "Løsningen skal bruke HelseID.", "A", nil, "Ja / Nei"},
		{"1.2", "Beskriv tilgangsstyringen.", "B", 0.4},
		{"Krav nr.", "Krav", "Type", "Vekt %", "Leverandørens svar", "Merknad"},
		{"1.10", "Beskriv logging.", "B", 0.6, "Maks. 30 ord"},
		{"1.10", "Utgår"},
		{"2", "Integrasjon"},
		{"2.1", "• Kjernejournal\n• SFM", "X"},
		{"1.2", "Et nummer til.", "B", 0.0},
	}))
	if got := numbers(p); !slices.Equal(got, []string{"1.1", "1.2", "1.10", "2.1", "1.2"}) {
		t.Fatalf("read %q", got)
	}
	r := p.Set.Requirements
	if r[0].AnswerType != requirement.Boolean || r[2].Limits.Words != 30 || r[3].Text != "• Kjernejournal\n• SFM" || r[3].Kind != "" {
		t.Errorf("got %+v", r)
	}
	if r[1].Weight != requirement.Percents(40) || r[2].Weight != requirement.Percents(60) {
		t.Errorf("weights %v and %v", r[1].Weight, r[2].Weight)
	}
	if p.Set.Title != "Kravspesifikasjon journalintegrasjon" || len(p.Set.Areas) != 2 || p.Set.Areas[1].Title != "2 Integrasjon" || r[3].Area != p.Set.Areas[1].ID {
		t.Errorf("title %q, areas %+v", p.Set.Title, p.Set.Areas)
	}
	for reason, want := range map[specification.Reason]int{
		specification.AboveHeader: 4, specification.RepeatedHeader: 1, specification.Heading: 2, specification.Cancelled: 1, specification.ColumnUnknown: 1, specification.ColumnForAnswer: 1,
	} {
		if got := leftOut(p, reason); got != want {
			t.Errorf("%d left out as %s, want %d: %+v", got, reason, want, p.LeftOut)
		}
	}
	for rule, want := range map[string]int{
		"requirement.number-repeated": 1, "specification.kind-unknown": 1, "specification.kind-code-from-legend": 2, "specification.weights-are-fractions": 1, "specification.criterion-assumed": 1,
	} {
		if got := warned(p, rule); got != want {
			t.Errorf("%d warnings %s, want %d: %+v", got, rule, want, p.Warnings)
		}
	}
}

func TestEveryFilledRowIsAccountedFor(t *testing.T) {
	t.Parallel()
	rows := [][]any{{"Tittel"}, {"Nr", "Krav", "Type"}}
	for i := range 50 {
		rows = append(rows, []any{fmt.Sprintf("1.%d", i), "Løsningen skal virke.", "A"}, nil)
	}
	p := read(t, workbook(t, rows))
	if len(p.Rows) != 50 || leftOut(p, specification.AboveHeader) != 1 {
		t.Errorf("%d rows, %+v", len(p.Rows), p.LeftOut)
	}
}

func TestConditionsAndCodesOfTheBuyer(t *testing.T) {
	t.Parallel()
	o := options()
	o.KindCodes = []requirement.KindCode{{Code: "M", Kind: requirement.Information}}
	b := workbook(t, [][]any{
		{"Number", "Requirement", "Kind", "Answer type", "Options", "Depends on"},
		{"1", "Do you offer an API?", "M", "boolean"},
		{"2", "Which?", "M", "multi-choice", "REST\nFHIR", "1 = Yes"},
		{"3", "Describe.", "M", "text", nil, "2 = REST\n2 = FHIR\n1 = No"},
		{"4", "Else?", "M", "text", nil, "9 = No"},
	})
	p, err := sheet.ReadSpecification(bytes.NewReader(b), o)
	if err != nil {
		t.Fatal(err)
	}
	r := p.Set.Requirements
	if r[0].Kind != requirement.Information || warned(p, "specification.kind-code-assumed") != 0 {
		t.Errorf("kind %q, %+v", r[0].Kind, p.Warnings)
	}
	c := r[2].Condition
	if c == nil || len(c.AnyOf) != 2 || !slices.Equal(c.AnyOf[0].Values, []string{"REST", "FHIR"}) || !slices.Equal(c.AnyOf[1].Values, []string{"false"}) {
		t.Errorf("condition %+v", c)
	}
	if r[3].Condition != nil || warned(p, "specification.condition-unreadable") != 1 {
		t.Errorf("a condition on nothing: %+v, %+v", r[3].Condition, p.Warnings)
	}
}

func TestLotsAreMatchedByName(t *testing.T) {
	t.Parallel()
	o := options()
	o.Lots = []requirement.Lot{{ID: o.NewID(), Name: "Trygghetsteknologi"}}
	b := workbook(t, [][]any{{"Nr", "Krav", "Type", "Delkontrakt"}, {"1", "Sensorer.", "Absolutt", "trygghetsteknologi"}, {"2", "Annet.", "Absolutt", "Ukjent"}})
	p, err := sheet.ReadSpecification(bytes.NewReader(b), o)
	if err != nil {
		t.Fatal(err)
	}
	if p.Set.Requirements[0].Lots[0] != o.Lots[0].ID || warned(p, "specification.lot-unknown") != 1 {
		t.Errorf("got %+v, %+v", p.Set.Lots, p.Warnings)
	}
}

func TestAShortAndALongText(t *testing.T) {
	t.Parallel()
	p := read(t, workbook(t, [][]any{{"Nr", "Krav", "Beskrivelse", "Type"}, {"1", "HelseID", "Pålogging skal bruke HelseID.", "Absolutt", "et notat uten overskrift"}}))
	if r := p.Set.Requirements[0]; r.Title != "HelseID" || r.Text != "Pålogging skal bruke HelseID." {
		t.Errorf("got %+v", r)
	}
	want := []specification.LeftOut{{Place: specification.Place{Sheet: "Sheet1", Row: 1, Column: "E"}, Reason: specification.ColumnUnknown}}
	if !slices.Equal(p.LeftOut, want) {
		t.Errorf("left out %+v", p.LeftOut)
	}
}

// A damaged file is refused or read, and never takes the process down.
func TestDamagedWorkbooks(t *testing.T) {
	t.Parallel()
	b := workbook(t, [][]any{{"Nr", "Krav", "Type", "Vekt"}, {"1", "HelseID", "A"}, {"2", "Beskriv", "B", 1}})
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string][]byte{}
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		if parts[part.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		damaged := maps.Clone(parts)
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(parts))).Draw(rt, "part")
		text := slices.Clone(parts[name])
		for range rapid.IntRange(1, 4).Draw(rt, "times") {
			text[rapid.IntRange(0, len(text)-1).Draw(rt, "at")] = rapid.Byte().Draw(rt, "byte")
		}
		damaged[name] = text
		if rapid.IntRange(0, 5).Draw(rt, "drop") == 0 {
			delete(damaged, name)
		}
		_, err := sheet.ReadSpecification(bytes.NewReader(zipped(t, damaged)), options())
		if err != nil && fault.KindOf(err) == fault.Internal {
			rt.Fatalf("not a fault: %v", err)
		}
	})
}

func zipped(t *testing.T, parts map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const mainType = `<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	rows := [][]any{{"Nr", "Krav"}}
	for i := range specification.MaxRows {
		rows = append(rows, []any{i, "x"})
	}
	wide := make([]any, specification.MaxColumns+1)
	for i := range wide {
		wide[i] = "x"
	}
	cases := []struct {
		name string
		file []byte
		kind fault.Kind
		rule string
	}{
		{"a zip that is no workbook", zipped(t, map[string][]byte{"[Content_Types].xml": []byte(mainType), "a.txt": []byte("a")}), fault.Invalid, "file.unreadable"},
		{"a Word document", zipped(t, map[string][]byte{"[Content_Types].xml": []byte(strings.ReplaceAll(mainType, "spreadsheetml.sheet", "wordprocessingml.document"))}), fault.Invalid, "file.type-unknown"},
		{"more than 20,000 rows", workbook(t, rows), fault.TooLarge, "specification.too-many-rows"},
		{"too wide", workbook(t, [][]any{wide}), fault.TooLarge, "specification.too-many-columns"},
		{"no table", workbook(t, [][]any{{"Kode", "Betydning"}, {"A", "Absolutt"}}), fault.Invalid, "specification.no-requirement-table"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := sheet.ReadSpecification(bytes.NewReader(c.file), options())
			if fault.KindOf(err) != c.kind || fault.RuleOf(err) != c.rule {
				t.Errorf("got %v", err)
			}
		})
	}
}

// questionnaire reads a real questionnaire that lies beside the repository.
func questionnaire(t *testing.T, name string) sheet.Preview {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "testdata", name)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("SKIPPED, real questionnaires are not tested: %v", err)
	}
	return read(t, b)
}

func TestCleanQuestionnaire(t *testing.T) {
	t.Parallel()
	p := questionnaire(t, "questionnaire-gcloud-12-services.xlsx")
	types, conditions, limited, lots := map[requirement.AnswerType]int{}, 0, 0, 0
	for _, r := range p.Set.Requirements {
		types[r.AnswerType]++
		if r.Condition != nil {
			conditions++
		}
		if r.Limits.Characters > 0 {
			limited++
		}
		if n := len(r.Lots); n > 0 && n < len(p.Set.Lots) {
			lots++
		}
	}
	want := map[requirement.AnswerType]int{
		requirement.Boolean: 48, requirement.Choice: 33, requirement.MultiChoice: 34, requirement.Text: 83, requirement.Date: 4, requirement.Money: 1, requirement.Document: 4,
	}
	for answer, n := range want {
		if types[answer] != n {
			t.Errorf("%d %s, want %d", types[answer], answer, n)
		}
	}
	if len(p.Rows) != 207 || len(p.Set.Areas) != 34 || conditions != 109 || limited != 82 || lots != 182 || len(p.Set.Lots) != 3 {
		t.Errorf("%d rows, %d areas, %d conditions, %d limits, %d with lots of %d", len(p.Rows), len(p.Set.Areas), conditions, limited, lots, len(p.Set.Lots))
	}
	if len(p.LeftOut) != 0 || len(p.Warnings) != 0 {
		t.Errorf("left out %+v, warned %+v", p.LeftOut, p.Warnings)
	}
	if err := p.Set.Validate(); err != nil {
		t.Error(err)
	}
	var never []string
	for _, w := range p.Set.Warnings() {
		never = append(never, w.Rule)
	}
	if !slices.Equal(never, []string{"requirement.condition-never-holds"}) {
		t.Errorf("warnings %q", never)
	}
}

func TestDeclaration(t *testing.T) {
	t.Parallel()
	p := questionnaire(t, "questionnaire-gcloud-12-declaration.xlsx")
	absolute, pass := 0, 0
	for _, r := range p.Set.Requirements {
		if r.Kind == requirement.Absolute {
			absolute++
		}
		if len(r.PassIf) > 0 {
			pass++
		}
	}
	if len(p.Rows) != 56 || absolute != 45 || pass != 45 {
		t.Errorf("%d rows, %d absolute, %d with pass rules", len(p.Rows), absolute, pass)
	}
	if err := p.Set.Validate(); err != nil {
		t.Error(err)
	}
}

func TestMessyQuestionnaire(t *testing.T) {
	t.Parallel()
	p := questionnaire(t, "questionnaire-dos-5-messy.xlsx")
	kinds, sum := map[requirement.Kind]int{}, requirement.Percent(0)
	for _, r := range p.Set.Requirements {
		kinds[r.Kind]++
		sum += r.Weight
	}
	if len(p.Rows) != 152 || kinds[requirement.Absolute] != 12 || kinds[requirement.Rated] != 29 || kinds[requirement.Information] != 111 {
		t.Errorf("%d rows, kinds %v", len(p.Rows), kinds)
	}
	if sum != requirement.Hundred {
		t.Errorf("weights sum to %s", sum)
	}
	if leftOut(p, specification.Heading) != 36 || leftOut(p, specification.NoHeader) != 1 || warned(p, "requirement.number-repeated") != 2 {
		t.Errorf("left out %+v, warned %+v", p.LeftOut, p.Warnings)
	}
	if err := p.Set.Validate(); err != nil {
		t.Error(err)
	}
	if all := strings.Join(numbers(p), " "); !strings.Contains(all, "1.10 ") {
		t.Errorf("numbers %s", all)
	}
}
