package questionsheet_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/ooxml"
	"github.com/fellesloft/fellesloft/internal/questionsheet"
	"github.com/fellesloft/fellesloft/internal/sheet"
	"github.com/fellesloft/fellesloft/internal/word"
)

// set has a number that repeats and one with a comma.
func set() requirement.Set {
	s := requirement.Set{ID: uuid.New(), Title: "Journal"}
	for _, n := range []string{"1.1", "1.10", "1.2", "1.2", "4,1", ""} {
		s.Requirements = append(s.Requirements, requirement.Requirement{ID: uuid.New(), Number: n, Text: "Krav " + n})
	}
	return s
}

func must(t testing.TB) func(file []byte, err error) []byte {
	t.Helper()
	return func(file []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
}

// filled writes texts into a workbook; the keys are addresses in its first sheet.
func filled(t testing.TB, file []byte, cells map[string]string) questionsheet.File {
	t.Helper()
	f := excelizeOf(file)
	for at, text := range cells {
		if err := f.SetCellStr(f.GetSheetName(0), at, text); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return opened(b.Bytes())
}

func excelizeOf(file []byte) *excelize.File {
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		panic(err)
	}
	return f
}

func opened(file []byte) questionsheet.File {
	f, err := questionsheet.Open(bytes.NewReader(file))
	if err != nil {
		panic(err)
	}
	return f
}

// told writes problems as place and rule.
func told(all []questionsheet.Problem) []string {
	out := []string{}
	for _, p := range all {
		out = append(out, fmt.Sprintf("%s%d %s", p.Column, p.Row, strings.TrimPrefix(p.Rule, "questionsheet.")))
	}
	slices.Sort(out)
	return out
}

func TestQuestionsFromTheForm(t *testing.T) {
	t.Parallel()
	s := set()
	f := filled(t, must(t)(questionsheet.Form(s)), map[string]string{
		"A4": "1.10; 4,1", "B4": "Gjelder dette begge?",
		"A5": "1.2, 1.2 (2)", "B5": "Hvilket av dem?",
		"B6": "=HYPERLINK(\"x\")",
		"A7": "9.9", "B7": "Ukjent krav?",
		"A8":  "1.1",
		"B9":  "gjelder  DETTE begge?",
		"B10": "Spurt før?",
		"B11": strings.Repeat("å", questionsheet.MaxText+1),
	})
	got, err := f.Questions(s, []string{"spurt FØR?"})
	if err != nil {
		t.Fatal(err)
	}
	ids := func(i ...int) (out []uuid.UUID) {
		for _, n := range i {
			out = append(out, s.Requirements[n].ID)
		}
		return out
	}
	if len(got.Questions) != 3 || !slices.Equal(got.Questions[0].Requirements, ids(1, 4)) || !slices.Equal(got.Questions[1].Requirements, ids(2, 3)) ||
		got.Questions[2].Text != `=HYPERLINK("x")` || got.Questions[2].Row != 6 || got.Questions[2].Sheet != "Spørsmål" {
		t.Errorf("asked %+v", got.Questions)
	}
	want := []string{"A7 unknown-requirement", "B10 asked-before", "B11 too-long", "B8 text-missing", "B9 repeated"}
	if !slices.Equal(told(got.Problems), want) {
		t.Errorf("told %q, want %q", told(got.Problems), want)
	}
}

func TestTooManyAndNoQuestions(t *testing.T) {
	t.Parallel()
	rows := make([][]string, questionsheet.MaxQuestions+1)
	for i := range rows {
		rows[i] = []string{fmt.Sprint("Spørsmål ", i)}
	}
	many := must(t)(sheet.WriteTables(sheet.Table{Name: "A", Columns: []sheet.Column{{Heading: "spørsmål", Width: 9}}, Rows: rows}))
	if _, err := opened(many).Questions(set(), nil); fault.RuleOf(err) != "questionsheet.too-many-questions" || !fault.Is(err, fault.TooLarge) {
		t.Errorf("501 questions: %v", err)
	}
	none := must(t)(sheet.WriteTables(sheet.Table{Name: "A", Columns: []sheet.Column{{Heading: "Noe annet", Width: 9}}, Rows: rows[:1]}))
	if _, err := opened(none).Questions(set(), nil); fault.RuleOf(err) != "questionsheet.no-table" {
		t.Errorf("no column of questions: %v", err)
	}
	if _, err := questionsheet.Open(strings.NewReader("not a workbook")); !fault.Is(err, fault.Invalid) {
		t.Errorf("no workbook: %v", err)
	}
	document := must(t)(word.WriteTable("x", nil, nil, nil))
	if _, err := questionsheet.Open(bytes.NewReader(document)); fault.RuleOf(err) != "file.type-unknown" {
		t.Errorf("a Word document: %v", err)
	}
}

func TestAnswersFromTheWorkbook(t *testing.T) {
	t.Parallel()
	s := set()
	var questions []questionsheet.Unanswered
	waiting := map[uuid.UUID]string{}
	for i := range 12 {
		q := questionsheet.Unanswered{ID: uuid.New(), Text: fmt.Sprintf("Vi i Hav AS lurer på %d", i), Requirements: []uuid.UUID{s.Requirements[i%5].ID}, On: "2026-11-20"}
		questions, waiting[q.ID] = append(questions, q), q.Text
	}
	delete(waiting, questions[11].ID)
	file := must(t)(questionsheet.Replies(s, questions))
	// Columns G, H and I are bundle, wording and answer; the first question is in row 4.
	f := filled(t, file, map[string]string{
		"H4": "Hva med 0?", "I4": "Ja.", // one by itself
		"I5": "Nei.",                                                  // the lead buyer lets the original stand
		"G6": "7", "H6": "Hva med 2 og 3?", "G7": "7", "I7": "Begge.", // a bundle over two rows
		"H8": "Uten svar?",
		"G9": "8", "I9": "Ja.", "G10": "8", // nobody's wording
		"G11": "9", "H11": "Felles?", "I11": "Ja.", "G12": "9", "I12": "Nei.",
		"F13": "Noe annet", "I13": "Ja.",
		"I15": "Finnes ikke lenger.",
	})
	got, err := f.Answers(waiting)
	if err != nil {
		t.Fatal(err)
	}
	want := []questionsheet.Reply{
		{Rows: []int{4}, Questions: []uuid.UUID{questions[0].ID}, Question: "Hva med 0?", Answer: "Ja."},
		{Rows: []int{5}, Questions: []uuid.UUID{questions[1].ID}, Question: questions[1].Text, Answer: "Nei."},
		{Rows: []int{6, 7}, Questions: []uuid.UUID{questions[2].ID, questions[3].ID}, Question: "Hva med 2 og 3?", Answer: "Begge."},
	}
	if fmt.Sprint(got.Replies) != fmt.Sprint(want) || got.Left != 1 {
		t.Errorf("replies %+v, %d left", got.Replies, got.Left)
	}
	problems := []string{"A15 unknown-question", "F13 text-changed", "G10 bundle-refused", "G11 bundle-refused", "H9 wording-missing", "I12 answers-differ", "I8 answer-missing"}
	if !slices.Equal(told(got.Problems), problems) {
		t.Errorf("told %q, want %q", told(got.Problems), problems)
	}
}

// entries makes the answers of some editions, the later ones correcting the
// earlier.
func entries(t *rapid.T) questionsheet.Book {
	b := questionsheet.Book{Title: "Journal", Nynorsk: rapid.Bool().Draw(t, "nynorsk"), Exercise: rapid.Bool().Draw(t, "exercise")}
	versions := map[int]int{}
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for edition := 1; edition <= rapid.IntRange(1, 5).Draw(t, "editions"); edition++ {
		for range rapid.IntRange(1, 3).Draw(t, "answers") {
			n := rapid.IntRange(1, len(versions)+1).Draw(t, "number")
			versions[n]++
			at = at.Add(time.Hour)
			b.Entries = append(b.Entries, questionsheet.Entry{Number: n, Version: versions[n], Edition: edition, Declined: rapid.Bool().Draw(t, "declined"),
				Question: rapid.String().Draw(t, "question"), Answer: rapid.String().Draw(t, "answer"), Comment: "Rettet", Requirements: []string{"1.1"}, At: at})
		}
	}
	return b
}

// An edition stays as it was, byte for byte, whatever is published after it, and
// in whatever order the answers are read.
func TestAnEditionStaysAsItWas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := entries(t)
		k := rapid.IntRange(1, b.Newest()).Draw(t, "edition")
		then := b
		then.Entries = slices.DeleteFunc(slices.Clone(b.Entries), func(e questionsheet.Entry) bool { return e.Edition > k })
		slices.Reverse(then.Entries)
		for _, write := range []func(questionsheet.Book) ([]byte, error){
			func(b questionsheet.Book) ([]byte, error) { return b.Workbook(k) }, func(b questionsheet.Book) ([]byte, error) { return b.Document(k) },
		} {
			now, err := write(b)
			before, err2 := write(then)
			if err != nil || err2 != nil || !bytes.Equal(now, before) {
				t.Fatalf("edition %d of %d differs: %v %v", k, b.Newest(), err, err2)
			}
		}
	})
}

func TestAnEditionMarksWhatIsNew(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	b := questionsheet.Book{Title: "Journal", Entries: []questionsheet.Entry{
		{Number: 1, Version: 1, Edition: 1, Question: "A?", Answer: "Ja.", Requirements: []string{"1.1", "1.10"}, SetVersion: 2, SetEdition: 3, At: at},
		{Number: 1, Version: 2, Edition: 2, Question: "A?", Answer: "Nei.", Comment: "Feil.", At: at},
		{Number: 2, Version: 1, Edition: 2, Question: "B?", Answer: "For sent.", Declined: true, At: at},
	}}
	want := map[int][][]string{
		1: {{"1", "1", "Ny", "1.1; 1.10", "A?", "Ja.", "", "", "20.11.2026 10:00"}},
		2: {{"1", "1", "", "1.1; 1.10", "A?", "Ja.", "", "", "20.11.2026 10:00"}, {"1", "2", "Rettet", "", "A?", "Nei.", "Feil.", "", "20.11.2026 10:00"},
			{"2", "1", "Ny", "", "B?", "Ikke besvart: For sent.", "", "", "20.11.2026 10:00"}},
		3: {{"1", "1", "Endret", "1.1; 1.10", "A?", "Ja.", "", "2", "20.11.2026 10:00"}, {"1", "2", "", "", "A?", "Nei.", "Feil.", "", "20.11.2026 10:00"},
			{"2", "1", "", "", "B?", "Ikke besvart: For sent.", "", "", "20.11.2026 10:00"}},
	}
	for edition, rows := range want {
		if got := tableOf(t, must(t)(b.Workbook(edition))); fmt.Sprint(got) != fmt.Sprint(rows) {
			t.Errorf("edition %d as a workbook: %q", edition, got)
		}
		p, err := ooxml.Open(bytes.NewReader(must(t)(b.Document(edition))))
		if err != nil || p.Format != ooxml.Document {
			t.Errorf("edition %d as a document: %v", edition, err)
		}
	}
	if b.Newest() != 3 {
		t.Errorf("the newest is %d", b.Newest())
	}
}

// tableOf reads the rows below the header, each as long as the header.
func tableOf(t *testing.T, file []byte) [][]string {
	t.Helper()
	f := excelizeOf(file)
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for _, r := range rows[3:] {
		out = append(out, append(r, make([]string, len(rows[2])-len(r))...))
	}
	return out
}
