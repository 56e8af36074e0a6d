package answersheet_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/answersheet"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement/requirementtest"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// small is a set with every answer type.
func small() requirement.Set {
	next := requirementtest.IDs(0)
	set := requirement.Set{ID: next(), Title: "Journalløsning", Areas: []requirement.Area{{ID: next(), Title: "Sikkerhet"}}}
	add := func(number string, kind requirement.AnswerType, change func(*requirement.Requirement)) {
		r := requirement.Requirement{ID: next(), Number: number, Text: "Krav " + number, Kind: requirement.OptionKind, AnswerType: kind, Area: set.Areas[0].ID, Mandatory: true}
		if change != nil {
			change(&r)
		}
		set.Requirements = append(set.Requirements, r)
	}
	options := []requirement.Option{{Label: "Ja i dag"}, {Label: "Ja, senere", WantsDate: true}, {Label: "Nei", WantsComment: true}}
	add("1.1", requirement.Boolean, nil)
	add("1.2", requirement.Choice, func(r *requirement.Requirement) { r.Options = options })
	add("1.3", requirement.MultiChoice, func(r *requirement.Requirement) { r.Options = []requirement.Option{{Label: "Rød"}, {Label: "Blå"}} })
	add("1.4", requirement.Text, func(r *requirement.Requirement) { r.Limits.Characters = 10 })
	add("1.5", requirement.Number, func(r *requirement.Requirement) { r.Limits = requirement.Limits{Min: "0", Max: "2000", Unit: "timer"} })
	add("1.6", requirement.Money, nil)
	add("1.7", requirement.Date, nil)
	add("1.8", requirement.Document, nil)
	add("1.9", requirement.Text, func(r *requirement.Requirement) {
		r.Condition = &requirement.Condition{AnyOf: []requirement.Clause{{Requirement: set.Requirements[0].ID, Values: []string{"true"}}}}
	})
	add("1.10", requirement.Text, nil)
	add("P1", requirement.PriceSchedule, func(r *requirement.Requirement) {
		r.Kind = requirement.OptionKind
		r.PriceLines = []requirement.PriceLine{
			{Code: "1", Text: "Lisens", Quantity: "10", Unit: "stk", Counts: true}, {Code: "2", Text: "Drift", Quantity: "12", Unit: "mnd", Counts: true, Periods: []string{"År 1", "År 2"}},
			{Code: "3", Text: "Opsjon", Quantity: "1", Unit: "stk"},
		}
	})
	return set
}

func by(set requirement.Set, number string) requirement.Requirement {
	i := slices.IndexFunc(set.Requirements, func(r requirement.Requirement) bool { return r.Number == number })
	return set.Requirements[i]
}

// told lists problems as row, column, number, rule and outcome.
func told(r answersheet.Reading) []string {
	all := []string{}
	for _, p := range r.Problems {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%d%s %s %s %s", p.Row, p.Column, p.Number, strings.TrimPrefix(p.Rule, "answersheet."), p.Outcome)))
	}
	return all
}

// One file with one of each fault, told with row, column and what became of it.
func TestEachFaultIsToldInItsPlace(t *testing.T) {
	t.Parallel()
	set := small()
	tests := map[string]struct {
		rows  string // below a header of Nr;Svar;Dato;Kommentar
		want  []string
		taken int
	}{
		"good":                 {"1.1;ja\n1.2;Ja, senere;31.12.2026\n1.3;\"Rød\nBlå\"\n1.5;1 234,50 timer\n1.6;kr 1.234,50\n1.7;1. mars 2027\n1.8;ros.pdf", nil, 7},
		"boolean":              {"1.1;kanskje", []string{"2B 1.1 answer.not-boolean refused"}, 0},
		"option":               {"1.2;Av og til", []string{"2B 1.2 answer.option-unknown refused"}, 0},
		"several options":      {"1.2;\"Nei\nJa i dag\"", []string{"2B 1.2 several-values refused"}, 0},
		"date wanted":          {"1.2;Ja, senere", []string{"2C 1.2 answer.date-missing refused"}, 0},
		"comment wanted":       {"1.2;Nei", []string{"2D 1.2 answer.comment-missing refused"}, 0},
		"option not there":     {"1.3;\"Rød\nGrønn\"", []string{"2B 1.3 answer.option-unknown refused"}, 0},
		"too long":             {"1.4;abcdefghijk", []string{"2B 1.4 answer.too-long refused"}, 0},
		"formula":              {"1.4;=1+1", []string{"2B 1.4 looks-like-formula taken"}, 1},
		"guarded formula":      {"1.4;'=1+1", nil, 1},
		"out of range":         {"1.5;2001", []string{"2B 1.5 answer.out-of-range refused"}, 0},
		"thousand or decimals": {"1.5;1.234", []string{"2B 1.5 number-ambiguous refused"}, 0},
		"no number":            {"1.5;mange", []string{"2B 1.5 answer.not-number refused"}, 0},
		"grouped wrongly":      {"1.5;12 34", []string{"2B 1.5 answer.not-number refused"}, 0},
		"half an øre":          {"1.6;1,005", []string{"2B 1.6 money.decimals refused"}, 0},
		"below zero":           {"1.6;-5", []string{"2B 1.6 answer.price-negative refused"}, 0},
		"day number":           {"1.7;46387", []string{"2B 1.7 day-number refused"}, 0},
		"no date":              {"1.7;30.02.2027", []string{"2B 1.7 answer.not-date refused"}, 0},
		"month first?":         {"1.7;02/03/2027", []string{"2B 1.7 answer.not-date refused"}, 0},
		"file name":            {"1.8;../x", []string{"2B 1.8 answer.file-name refused"}, 0},
		"does not apply":       {"1.1;nei\n1.9;x", []string{"3B 1.9 answer.not-applicable taken"}, 2},
		"hangs on a fault":     {"1.1;kanskje\n1.9;x", []string{"2B 1.1 answer.not-boolean refused"}, 1},
		"blank":                {"1.1;", []string{"2B 1.1 answer.missing refused"}, 0},
		"unknown":              {"9.9;x", []string{"2 9.9 requirement-unknown refused"}, 0},
		"number missing":       {"1.1;ja\n;x\n1.3;Rød", []string{"3  number-missing refused"}, 2},
		"became a date":        {"01.feb;Ja i dag", []string{"2 01.feb number-became-date refused"}, 0},
		"became another date":  {"01.02.2026;Ja i dag", []string{"2 01.02.2026 number-became-date refused"}, 0},
		"lost its zero":        {"1.1;ja\n1.1;tekst", []string{"3 1.1 number-lost-zero refused"}, 1},
		"repeated":             {"1.4;x\n1.4;x", []string{"3 1.4 row-repeated taken"}, 1},
		"conflict":             {"1.4;x\n1.4;y", []string{"3 1.4 row-conflicts refused"}, 1},
		"too many fields":      {"1.4;x;;;y", []string{"2 1.4 too-many-fields refused"}, 0},
		"too few fields":       {"1.4", []string{"2 1.4 too-few-fields refused"}, 0},
		"other separator":      {"1.4,x,", []string{"2 1.4 other-separator refused"}, 0},
		"blank rows":           {";;;\n;;;\n1.4;x", []string{"2  blank-rows told"}, 1},
		"quote":                {"1.4;\"x", []string{"2 1.4 quote-open refused"}, 0},
		"no such byte":         {"1.4;\xff", []string{"2B 1.4 answer.unreadable refused"}, 0},
		"null":                 {"1.4;a\x00b", []string{"2B 1.4 answer.unreadable refused"}, 0},
		"header repeated":      {"Nr;Svar;Dato;Kommentar\n1.4;x", nil, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The mark says that the file is UTF-8, whatever stands in it.
			got := read(t, set, []byte("\xef\xbb\xbfNr;Svar;Dato;Kommentar\n"+test.rows), answersheet.Options{})
			have := slices.DeleteFunc(told(got), func(s string) bool {
				return strings.Contains(s, "requirement-missing") || s == "1  byte-order-mark told"
			})
			if !slices.Equal(have, test.want) || len(got.Values) != test.taken {
				t.Errorf("%q and %d answers, want %q and %d", have, len(got.Values), test.want, test.taken)
			}
		})
	}
}

func TestWhatNorwegiansWrite(t *testing.T) {
	t.Parallel()
	set := small()
	got := read(t, set, []byte("Nr;Svar;Dato;Kommentar\n1.1;JA\n1.2;ja,  SENERE;31.12.2026;\n1.3;\"Blå\nRød\"\n1.5;1\u00a0234,50\n1.6;1 234,50 kr\n1.7;31. desember 2026\n1.8;a.pdf\n"), answersheet.Options{})
	for number, want := range map[string]string{
		"1.1": "true", "1.2": `{"option":"Ja, senere","date":"2026-12-31"}`, "1.3": `["Blå","Rød"]`, "1.5": "1234.5", "1.6": `"1234.50"`, "1.7": `"2026-12-31"`, "1.8": `[{"name":"a.pdf"}]`,
	} {
		if v := got.Values[by(set, number).ID]; string(v) != want {
			t.Errorf("%s is %s, want %s", number, v, want)
		}
	}
}

func TestOtherFormsOfFile(t *testing.T) {
	t.Parallel()
	set := small()
	for name, test := range map[string]struct {
		file string
		want []string
	}{
		"tabs":          {"Nr\tSvar\n1.4\tå\n", nil},
		"commas":        {"Number,Answer\r\n1.4,å\r\n", nil},
		"sep":           {"sep=;\nNr;Svar\n1.4;å\n", nil},
		"Windows-1252":  {"Nr;Svar\n1.4;\xe5\n", []string{"1  windows-1252 told"}},
		"UTF-16":        {"\xff\xfeN\x00r\x00\t\x00S\x00v\x00a\x00r\x00\n\x001\x00.\x004\x00\t\x00\xe5\x00\n\x00", nil},
		"old line ends": {"Nr;Svar\r1.4;å\r", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, set, []byte(test.file), answersheet.Options{})
			have := slices.DeleteFunc(told(got), func(s string) bool { return strings.Contains(s, "requirement-missing") })
			if string(got.Values[by(set, "1.4").ID]) != `"å"` || !slices.Equal(have, test.want) {
				t.Errorf("%s, %q", got.Values[by(set, "1.4").ID], have)
			}
		})
	}
	if _, err := answersheet.Read(set, []byte("a;b\n1;2\n"), answersheet.Options{}); fault.RuleOf(err) != "answersheet.no-table" {
		t.Error(err)
	}
	if _, err := answersheet.Read(set, []byte("Nr;Svar\n"+strings.Repeat("1.4;x\n", answersheet.MaxRows)), answersheet.Options{}); fault.RuleOf(err) != "answersheet.too-many-rows" {
		t.Error(err)
	}
	if _, err := answersheet.Read(set, make([]byte, answersheet.MaxBytes+1), answersheet.Options{}); fault.RuleOf(err) != "file.too-large" {
		t.Error(err)
	}
}

// Comments that no answer has a place for are told, and so is a question that
// reads otherwise than the requirement.
func TestWhatIsComparedAndLeftOut(t *testing.T) {
	t.Parallel()
	set := small()
	got := read(t, set, []byte("Nr;Krav;Svar;Kommentar\n1.1;Krav  1.1;ja;obs\n1.4;Krav 1.5;x;\n"), answersheet.Options{})
	if len(got.LeftOut) != 1 || got.LeftOut[0].Column != "D" || got.LeftOut[0].Row != 2 {
		t.Errorf("left out: %+v", got.LeftOut)
	}
	if !slices.Contains(told(got), "3B 1.4 text-changed refused") || len(got.Values) != 1 {
		t.Errorf("%q, %d answers", told(got), len(got.Values))
	}
}

// What the draft has is not asked for again, stays where a price is blank, and
// lends a file its upload.
func TestTheDraftBeneath(t *testing.T) {
	t.Parallel()
	set := small()
	file := uuid.New()
	draft := requirement.Values{
		by(set, "1.1").ID: json.RawMessage("true"), by(set, "1.8").ID: json.RawMessage(`[{"name":"a.pdf","file":"` + file.String() + `"}]`),
		by(set, "P1").ID: json.RawMessage(`{"prices":[{"line":"1","unitPrice":"5.00"},{"line":"3","unitPrice":"7.00"}]}`),
	}
	got := read(t, set, []byte("Nr;Svar;Prislinje;Periode\n1.1;;;\n1.8;a.pdf;;\n1.9;x;;\nP1;6;1;\nP1;;3;\nP1;2;2;År 1\n"), answersheet.Options{Draft: draft})
	have := slices.DeleteFunc(told(got), func(s string) bool { return strings.Contains(s, "requirement-missing") })
	if !slices.Equal(have, []string{"0 P1 answer.price-missing refused"}) {
		t.Errorf("%q", have)
	}
	if want := `{"prices":[{"line":"1","unitPrice":"6.00"},{"line":"2","period":"År 1","unitPrice":"2.00"},{"line":"3","unitPrice":"7.00"}]}`; string(got.Values[by(set, "P1").ID]) != want {
		t.Errorf("%s", got.Values[by(set, "P1").ID])
	}
	for _, names := range []string{"a.pdf", "b.pdf", "\"b.pdf\na.pdf\""} { // a cell takes no uploaded file away
		got := read(t, set, []byte("Nr;Svar\n1.8;"+names+"\n"), answersheet.Options{Draft: draft})
		if v := got.Values[by(set, "1.8").ID]; !strings.Contains(string(v), `{"name":"a.pdf","file":"`+file.String()+`"}`) {
			t.Errorf("%q: %s", names, v)
		}
	}
}
