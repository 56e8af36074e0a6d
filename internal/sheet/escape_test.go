package sheet_test

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement/requirementtest"
	"github.com/fellesloft/fellesloft/internal/sheet"
)

// A text that looks like an escape of the format (ST_Xstring, ECMA-376 part 1,
// 22.9.2.19) comes back as it was, also beside others that differ from it only
// by one escaping more or less.
func TestTextsThatLookLikeEscapesComeBack(t *testing.T) {
	t.Parallel()
	pieces := rapid.SampledFrom([]string{"_", "x", "X", "_x005F_", "_x005f_", "x005F_", "_x000D_", "_x000d_", "_x0041_", "_xD83D_", "_xFFFF_", "_x004_", "_x00410_", "005F", "_x0022_", "_x005C_", "a", " b"})
	rapid.Check(t, func(t *rapid.T) {
		next := requirementtest.IDs(0)
		want := requirement.Set{ID: next(), Title: "Koder"}
		for i, parts := range rapid.SliceOfN(rapid.SliceOfN(pieces, 1, 6), 1, 8).Draw(t, "texts") {
			text := "k" + strings.Join(parts, "")
			want.Requirements = append(want.Requirements, requirement.Requirement{ID: next(), Number: text, Title: text, Text: text, Help: text, Kind: requirement.Information})
			if i%2 == 0 { // twice, so that the table of shared texts is used
				want.Requirements = append(want.Requirements, requirement.Requirement{ID: next(), Number: "2", Text: text, Kind: requirement.Information})
			}
		}
		b, err := sheet.WriteSpecification(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := sheet.ReadSpecification(bytes.NewReader(b), options())
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Set.Requirements) != len(want.Requirements) {
			t.Fatalf("%d requirements came back of %d", len(got.Set.Requirements), len(want.Requirements))
		}
		for i, w := range want.Requirements {
			if g := got.Set.Requirements[i]; g.Number != w.Number || g.Title != w.Title || g.Text != w.Text || g.Help != w.Help {
				t.Fatalf("%q came back as %q, %q, %q and %q", w.Text, g.Number, g.Title, g.Text, g.Help)
			}
		}
	})
}
