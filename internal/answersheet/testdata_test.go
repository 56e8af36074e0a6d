package answersheet_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/fellesloft/fellesloft/internal/answersheet"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement/requirementtest"
	"github.com/fellesloft/fellesloft/internal/sheet"
)

// shared gives a file of the shared test data, which lies beside the project.
func shared(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "testdata", name))
	if err != nil {
		t.Skip("the shared test data is not here")
	}
	return b
}

// faults are the rules that tell of the faults which the list beside the broken
// file names.
var faults = map[string]string{
	"byte_order_mark": "answersheet.byte-order-mark", "over_maximum_length": "answer.too-long", "formula_equals": "answersheet.looks-like-formula",
	"number_turned_into_date": "answersheet.number-became-date", "formula_plus": "answersheet.looks-like-formula", "formula_minus": "answersheet.looks-like-formula",
	"formula_at": "answersheet.looks-like-formula", "unknown_value_in_multi_choice": "answer.option-unknown", "number_lost_trailing_zero": "answersheet.number-lost-zero",
	"option_not_in_list": "answer.option-unknown", "wrong_type": "answer.not-boolean", "duplicate_row": "answersheet.row-repeated",
	"mandatory_answer_blank": "answer.missing", "missing_number": "answersheet.number-missing", "empty_section": "answersheet.blank-rows",
	"nul_byte": "answer.unreadable", "text_10000_characters": "answer.too-long", "mandatory_row_missing": "answersheet.requirement-missing",
	"invalid_utf8": "answer.unreadable", "conflicting_duplicate": "answersheet.row-conflicts", "too_many_columns": "answersheet.too-many-fields",
	"several_values_for_choice": "answersheet.several-values", "semicolon_separator": "answersheet.other-separator", "too_few_columns": "answersheet.too-few-fields",
	"excel_serial_date": "answersheet.day-number", "impossible_date": "answer.not-date", "answer_to_unmet_condition": "answer.not-applicable",
	"unknown_number": "answersheet.requirement-unknown", "decimal_comma": "answersheet.decimal-comma", "unterminated_quote": "answersheet.quote-open",
}

// questionnaire is the set that the shared answers are to.
func questionnaire(t *testing.T) requirement.Set {
	t.Helper()
	p, err := sheet.ReadSpecification(bytes.NewReader(shared(t, "questionnaire-gcloud-12-services.xlsx")), sheet.Options{NewID: requirementtest.IDs(0)})
	if err != nil {
		t.Fatal(err)
	}
	return p.Set
}

func read(t *testing.T, set requirement.Set, file []byte, o answersheet.Options) answersheet.Reading {
	t.Helper()
	got, err := answersheet.Read(set, file, o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func records(t *testing.T, file []byte) [][]string {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSharedAnswersAreReadWhole(t *testing.T) {
	t.Parallel()
	set := questionnaire(t)
	file := shared(t, "answers-gcloud-12-services-filled.csv")
	got := read(t, set, file, answersheet.Options{})
	answered := 0
	for _, r := range records(t, file)[1:] {
		if r[1] != "" {
			answered++
		}
	}
	if len(got.Values) != answered || len(got.Problems) != 0 {
		t.Fatalf("%d answers of %d, problems %+v", len(got.Values), answered, got.Problems)
	}
	if sum := set.Completeness(got.Values); !sum.Complete() || len(sum.Problems) != 0 {
		t.Fatalf("missing %d, invalid %d, %+v", len(sum.Missing), len(sum.Invalid), sum.Problems)
	}
}

// The broken file has the problems of the list beside it, each in its place, no
// others, and every record without a fault has its answer.
func TestSharedFaultsAreFound(t *testing.T) {
	t.Parallel()
	set := questionnaire(t)
	whole := read(t, set, shared(t, "answers-gcloud-12-services-filled.csv"), answersheet.Options{})
	got := read(t, set, shared(t, "answers-gcloud-12-services-broken.csv"), answersheet.Options{})
	numbers := map[string]requirement.Requirement{}
	for _, r := range set.Requirements {
		numbers[r.Number] = r
	}
	var want, have []string
	touched := map[string]bool{}
	for _, r := range records(t, shared(t, "answers-gcloud-12-services-broken.expected.csv"))[1:] {
		row, _ := strconv.Atoi(r[0]) // 0 for a row that is missing
		line, _ := strconv.Atoi(r[1])
		want = append(want, fmt.Sprintf("%d %d %q %s", row, line, r[2], faults[r[3]]))
		touched[r[4]], touched[r[2]] = true, true
		if r[4] != "" {
			if _, answered := got.Values[numbers[r[4]].ID]; answered {
				t.Errorf("%s has an answer, although %s", r[4], r[3])
			}
			if !slices.ContainsFunc(got.Problems, func(p answersheet.Problem) bool { return p.Requirement == numbers[r[4]].ID }) {
				t.Errorf("no problem is about %s", r[4])
			}
		}
	}
	for _, p := range got.Problems {
		have = append(have, fmt.Sprintf("%d %d %q %s", p.Row, p.Line, p.Number, p.Rule))
	}
	slices.Sort(want)
	slices.Sort(have)
	if !slices.Equal(want, have) {
		t.Errorf("want\n%q\ngot\n%q", want, have)
	}
	for number, r := range numbers {
		if !touched[number] && string(got.Values[r.ID]) != string(whole.Values[r.ID]) {
			t.Errorf("%s is %s, want %s", number, got.Values[r.ID], whole.Values[r.ID])
		}
	}
}
