package specification_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement/requirementtest"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/specification"
)

// document makes tables of texts; a stroke is between cells.
func document(tables ...string) specification.Document {
	var d specification.Document
	for i, text := range tables {
		t := specification.Table{Place: specification.Place{Table: i + 1}}
		for n, line := range strings.Split(text, "\n") {
			var r specification.Row
			for cell := range strings.SplitSeq(line, "|") {
				r.Cells = append(r.Cells, specification.Cell{Text: strings.ReplaceAll(specification.Clean(cell), "⏎", "\n")})
			}
			if r.Number = n + 1; r.Filled() {
				t.Rows = append(t.Rows, r)
			}
		}
		d.Tables = append(d.Tables, t)
	}
	return d
}

func read(t *testing.T, d specification.Document, chosen ...specification.Choice) specification.Preview {
	t.Helper()
	o := specification.Options{NewID: requirementtest.IDs(0)}
	if len(chosen) > 0 {
		o.Choice = chosen[0]
	}
	p, err := specification.Read(d, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Code lists that buyers use, explained by a legend in another table, above the
// header, or in a sentence.
func TestKindsByLegend(t *testing.T) {
	t.Parallel()
	kinds := map[string]requirement.Kind{}
	for _, c := range []struct {
		name   string
		legend string
		note   string
		codes  string // as codes with the kind that they mean
	}{
		{"must, rated, and both", "Kode|Forklaring\nA|Absolutt krav\nV|Vurderes\nAV|Absolutt krav som også vurderes", "", "A=absolute V=rated AV=both"},
		{"read and accepted is no minimum", "Type|Betydning\nM|Lest og akseptert\nB|Bør-krav, vektes", "", "M=information B=rated"},
		{"obligatory, should, option", "O|Obligatorisk\nB|Bør oppfylles\nV|Opsjon", "", "O=absolute B=rated V=option"},
		{"in a sentence", "", "Kravtyper: S = Skal oppfylles, T = Til orientering, N = Evalueres", "S=absolute T=information N=rated"},
		{"without a legend, as is common", "", "", "A=absolute B=rated I=information"},
	} {
		clear(kinds)
		rows := "Nr|Krav|Type"
		var want []string
		for i, code := range strings.Fields(c.codes) {
			code, kind, _ := strings.Cut(code, "=")
			rows += fmt.Sprintf("\n%d|Løsningen skal virke.|%s", i+1, code)
			want = append(want, code+"="+kind)
		}
		d := document(rows)
		if c.legend != "" {
			d = document(c.legend, rows)
		}
		d.Notes = []string{c.note}
		p := read(t, d)
		var got, listed []string
		for i, r := range p.Set.Requirements {
			got = append(got, strings.Split(want[i], "=")[0]+"="+string(r.Kind))
		}
		for _, k := range p.Set.KindCodes {
			listed = append(listed, k.Code+"="+string(k.Kind))
		}
		if !slices.Equal(got, want) || !slices.Equal(listed, want) || len(p.Warnings) != len(want) {
			t.Errorf("%s: got %q, listed %q, warned %+v", c.name, got, listed, p.Warnings)
		}
	}
}

func TestChosenCodesComeFirst(t *testing.T) {
	t.Parallel()
	kinds, err := specification.ParseKinds("M:information, A/V:both")
	if err != nil {
		t.Fatal(err)
	}
	p, err := specification.Read(document("Nr|Krav|Type\n1|a|m\n2|b|A/V"), specification.Options{NewID: requirementtest.IDs(0), KindCodes: kinds})
	if err != nil || p.Set.Requirements[0].Kind != requirement.Information || p.Set.Requirements[1].Kind != requirement.Both || len(p.Warnings) != 0 {
		t.Errorf("%v: %+v, warned %+v", err, p.Set.Requirements, p.Warnings)
	}
}

// Answers come from codes in a legend and the heading, from a prompt, or from a
// column of alternatives.
func TestAnswers(t *testing.T) {
	t.Parallel()
	p := read(t, document("Svarkode|Betydning\nJ|Ja i dag\nS|Ja, senere, oppgi dato\nT|Krever tillegg, beskriv",
		"Nr|Krav|Type|Leverandørens svar (J/S/T)\n1|Integrasjon|A|\n2|Pålogging|A|Ja / Nei\n3|Leveres|A|Ja / Delvis / Nei\n4|Frist|A|dd.mm.åååå"))
	r := p.Set.Requirements
	var types []requirement.AnswerType
	for _, each := range r {
		types = append(types, each.AnswerType)
	}
	if !slices.Equal(types, []requirement.AnswerType{requirement.Choice, requirement.Boolean, requirement.Choice, requirement.Date}) {
		t.Fatalf("types %q", types)
	}
	if o := r[0].Options; len(o) != 3 || o[0].WantsDate || !o[1].WantsDate || !o[2].WantsComment || len(p.Set.AnswerCodes) != 3 {
		t.Errorf("options %+v, codes %+v", o, p.Set.AnswerCodes)
	}
	if o := r[2].Options; len(o) != 3 || o[1].Label != "Delvis" {
		t.Errorf("options %+v", o)
	}
}

// A person's choice comes before what would be found.
func TestChoices(t *testing.T) {
	t.Parallel()
	d := document("Vedlegg A|Noe\n1|annet", "x|y|z\nLøpetall|Hva vi vil ha|Viktighet|Vedlegg\nK1|Løsningen skal virke.|A|nei\nLøpetall|Hva vi vil ha|Viktighet|Vedlegg\nK2|Den skal være rask.|A|nei")
	c, err := specification.ParseChoice("2", 2, "A:number, 2:text, c:kind, D:ignored")
	if err != nil {
		t.Fatal(err)
	}
	p := read(t, d, c)
	if len(p.Rows) != 2 || p.Set.Requirements[1].Number != "K2" || p.Set.Requirements[1].Kind != requirement.Absolute {
		t.Errorf("%+v", p.Set.Requirements)
	}
	want := []specification.LeftOut{
		{Place: specification.Place{Table: 1}, Reason: specification.NotChosen},
		{Place: specification.Place{Table: 2, Row: 2, Column: "D"}, Reason: specification.ColumnUnknown},
		{Place: specification.Place{Table: 2, Row: 1}, Reason: specification.AboveHeader},
		{Place: specification.Place{Table: 2, Row: 4}, Reason: specification.RepeatedHeader},
	}
	if !slices.Equal(p.LeftOut, want) {
		t.Errorf("left out %+v", p.LeftOut)
	}
	// Without a header, every row counts.
	p = read(t, document("K1|Løsningen skal virke.\nK2|Den skal være rask."), specification.Choice{Columns: map[int]specification.Field{0: "number", 1: "text"}})
	if len(p.Rows) != 2 || p.Tables[0].HeaderRow != 0 {
		t.Errorf("%+v", p.Rows)
	}
}

func TestChoicesThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, columns := range []string{"A", "A:nothing", "A:", ":text", "0:text", "A1:text", "ZZZZ:text", "A:text,A:number"} {
		if _, err := specification.ParseChoice("", 0, columns); fault.RuleOf(err) != "specification.choice-malformed" {
			t.Errorf("%q: %v", columns, err)
		}
	}
	for _, kinds := range []string{"A", "A:must", ":absolute", "A:absolute,a:rated"} {
		if _, err := specification.ParseKinds(kinds); fault.RuleOf(err) != "specification.choice-malformed" {
			t.Errorf("%q: %v", kinds, err)
		}
	}
	for rule, c := range map[string]specification.Choice{
		"specification.table-unknown":      {Tables: []string{"2"}},
		"specification.header-row-unknown": {HeaderRow: 9},
	} {
		if _, err := specification.Read(document("Nr|Krav|Type\n1|a|A"), specification.Options{NewID: requirementtest.IDs(0), Choice: c}); fault.RuleOf(err) != rule {
			t.Errorf("want %s, got %v", rule, err)
		}
	}
}

// A mention of a number that one requirement has becomes a reference; of a
// number that several have, a warning.
func TestReferences(t *testing.T) {
	t.Parallel()
	p := read(t, document("Nr|Krav|Type\n1.1|Pålogging.|A\n1.10|Som krav 1.1, jf. punkt 1.2 og F-3.|A\n1.2|En.|A\n1.2|To.|A\nF-3|Tre, se krav nr. 1.10 og krav 9.|A"))
	r := p.Set.Requirements
	got := map[string]string{}
	for _, ref := range p.References {
		from, _ := p.Set.Requirement(ref.From)
		got[from.Number] += ref.Number + " "
	}
	if want := map[string]string{"1.10": "1.1 F-3 ", "F-3": "1.10 "}; !maps.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if len(r[1].References) != 2 || r[1].References[0].Requirement != r[0].ID || len(r[0].References) != 0 {
		t.Errorf("%+v", r[1].References)
	}
	if !slices.ContainsFunc(p.Warnings, func(w specification.Warning) bool {
		return w.Rule == "specification.reference-ambiguous" && w.Row == 3 && w.Params["number"] == "1.2"
	}) || !slices.ContainsFunc(p.Warnings, func(w specification.Warning) bool { return w.Rule == "requirement.number-repeated" && w.Row == 5 }) {
		t.Errorf("warned %+v", p.Warnings)
	}
}

// Nothing of a table goes away without a word: every row with content became a
// requirement or is told of.
func TestEveryRowIsAccountedFor(t *testing.T) {
	t.Parallel()
	d := document("Tittel\n\nNr|Krav|Type|Vekt\n1|Sikkerhet||\n1.1|HelseID.|A|\n1.2|Utgår||\n1.3|||\n|Et krav uten nummer som er langt nok.|B|3 %\nNr|Krav|Type|Vekt\n1.4|Slutt.|B|97 %")
	p := read(t, d)
	seen := map[int]string{}
	for _, u := range p.Rows {
		seen[u.Row] += "requirement "
	}
	for _, l := range p.LeftOut {
		if l.Column == "" {
			seen[l.Row] += string(l.Reason) + " "
		}
	}
	want := map[int]string{1: "above-header ", 4: "heading ", 5: "requirement ", 6: "cancelled ", 7: "no-requirement ", 8: "requirement ", 9: "repeated-header ", 10: "requirement "}
	if !maps.Equal(seen, want) {
		t.Errorf("got %v", seen)
	}
	if p.Set.Requirements[1].Weight != requirement.Percents(3) || p.Set.Requirements[2].Weight != requirement.Percents(97) {
		t.Errorf("weights %v and %v", p.Set.Requirements[1].Weight, p.Set.Requirements[2].Weight)
	}
}

func TestLetters(t *testing.T) {
	t.Parallel()
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 199: "GR", 701: "ZZ", 702: "AAA"} {
		if got := specification.Letter(i); got != want {
			t.Errorf("%d is %s, want %s", i, got, want)
		}
	}
}
