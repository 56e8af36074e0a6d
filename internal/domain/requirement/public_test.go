package requirement_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Whatever is answered and marked: nothing of a marked value, and no name of a
// marked file, is in the public version, and all that is not marked is.
func TestThePublicVersionHoldsNothingMarked(t *testing.T) {
	t.Parallel()
	const planted = "HEMMELIG"
	rapid.Check(t, func(t *rapid.T) {
		set := requirement.Set{}
		answers := requirement.Answers{}
		var files []requirement.Attached
		secrets, open := 0, 0
		for i := range rapid.IntRange(0, 12).Draw(t, "requirements") {
			r := requirement.Requirement{ID: uuid.New(), Number: fmt.Sprint(i)}
			r.AnswerType = rapid.SampledFrom([]requirement.AnswerType{requirement.Text, requirement.Document, requirement.PriceSchedule}).Draw(t, "type")
			set.Requirements = append(set.Requirements, r)
			if rapid.Bool().Draw(t, "unanswered") {
				continue
			}
			var a requirement.Answer
			text := "apent"
			if rapid.Bool().Draw(t, "secret") {
				a.Secret = &requirement.Secret{Reason: "grunn"}
				text = planted
			}
			switch r.AnswerType {
			case requirement.Document:
				var listed []requirement.File
				for range rapid.IntRange(1, 3).Draw(t, "files") {
					f := requirement.Attached{File: uuid.New(), Requirement: r.ID}
					name := text
					if rapid.Bool().Draw(t, "secret file") {
						f.Secret = &requirement.Secret{Reason: "grunn"}
						name = planted
					}
					if name == planted {
						secrets++
					} else {
						open++
					}
					files = append(files, f)
					listed = append(listed, requirement.File{Name: name + ".pdf", File: f.File})
				}
				a.Value, _ = json.Marshal(listed)
			case requirement.PriceSchedule:
				a.Value = json.RawMessage(`{"prices":[{"line":"` + text + `","unitPrice":"1.00"}]}`)
			default:
				a.Value = json.RawMessage(`"` + text + `"`)
			}
			if a.Secret != nil {
				secrets++
			}
			answers[r.ID] = a
		}
		for range rapid.IntRange(0, 3).Draw(t, "annexes") {
			f := requirement.Attached{File: uuid.New()}
			if rapid.Bool().Draw(t, "secret annex") {
				f.Secret = &requirement.Secret{Reason: "grunn"}
				secrets++
			} else {
				open++
			}
			files = append(files, f)
		}
		p := set.Public(answers, files)
		shown, err := json.Marshal(p)
		if err != nil || strings.Contains(string(shown), planted) {
			t.Fatalf("%s %v", shown, err)
		}
		if len(p.Withheld) != secrets || len(p.Files) != open {
			t.Fatalf("%d of %d are withheld, %d of %d files shown", len(p.Withheld), secrets, len(p.Files), open)
		}
		for id, a := range answers {
			r, _ := set.Requirement(id)
			got, there := p.Answers[id]
			if a.Secret == nil && r.AnswerType != requirement.Document && (!there || string(got.Value) != string(a.Value)) {
				t.Fatalf("an answer that is not marked is %s", got.Value)
			}
		}
		for _, f := range files {
			if f.Secret != nil && slices.Contains(p.Files, f.File) || strings.Contains(string(shown), f.File.String()) && !slices.Contains(p.Files, f.File) {
				t.Fatal("a withheld file is told of by its id")
			}
		}
	})
}
