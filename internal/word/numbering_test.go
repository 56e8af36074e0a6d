package word_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// 123 requirements in a document whose numbers exist only as Word's automatic
// ones, each list kept in another way: none is lost, and each has its number.
func TestAutomaticNumbers(t *testing.T) {
	t.Parallel()
	numbering := abstract(1, levelText(0, "decimal", "K%1")) + abstract(2, levelText(0, "decimal", "F%1", `<w:pStyle w:val="Funksjon"/>`)) +
		abstract(3, levelText(0, "decimal", "P%1")) + abstract(4, levelText(0, "decimal", "%1"), levelText(1, "decimal", "%1.%2")) +
		list(1, 1) + list(2, 2) + list(3, 3) + list(4, 4)
	styles := `<w:style w:type="paragraph" w:styleId="Grunn"><w:name w:val="Krav"/><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Funksjon"><w:name w:val="Funksjonskrav"/><w:basedOn w:val="Grunn"/></w:style>`
	header := row("Nr.", "Krav", "Type")
	var body strings.Builder
	var want []string
	requirement := func(number, cell string) string {
		want = append(want, number)
		return row(cell, "Kravet som er nummer "+fmt.Sprint(len(want))+".", "A")
	}
	// The number's own column, an empty paragraph on a list.
	rows := []string{header}
	for i := range 5 {
		rows = append(rows, requirement(fmt.Sprintf("K%d", i+1), listed(1, 0, "")))
	}
	body.WriteString(table(rows...))
	// By the paragraph's style.
	rows = []string{header}
	for i := range 55 {
		rows = append(rows, requirement(fmt.Sprintf("F%d", i+1), styled("Funksjon", "")))
	}
	body.WriteString(table(rows...))
	// On the requirement's text, in a table without a column for numbers.
	rows = []string{row("Krav", "Type")}
	for i := range 34 {
		want = append(want, fmt.Sprintf("P%d", i+1))
		rows = append(rows, row(listed(3, 0, fmt.Sprintf("Ytelseskravet som er nummer %d.", i+1)), "A"))
	}
	body.WriteString(table(rows...))
	// Below numbered headings, over two tables.
	for chapter := range 2 {
		body.WriteString(listed(4, 0, "Kapittel"))
		rows = []string{header}
		for i := range []int{20, 9}[chapter] {
			rows = append(rows, requirement(fmt.Sprintf("%d.%d", chapter+1, i+1), listed(4, 1, "")))
		}
		body.WriteString(table(rows...))
	}
	p := read(t, body.String(), numbering, styles)
	if got := numbers(p); len(want) != 123 || !slices.Equal(got, want) {
		t.Errorf("got %d: %q\nwant %d: %q", len(got), got, len(want), want)
	}
	if got := p.Set.Requirements[60].Text; got != "Ytelseskravet som er nummer 1." {
		t.Errorf("the number stayed in the text: %q", got)
	}
	if warned(p, "requirement.number-repeated") != 0 {
		t.Errorf("warned %+v", p.Warnings)
	}
}

// How Word counts, one rule of ECMA-376 part 1 (17.9) each.
func TestCounting(t *testing.T) {
	t.Parallel()
	override := func(level, start int) string {
		return fmt.Sprintf(`<w:lvlOverride w:ilvl="%d"><w:startOverride w:val="%d"/></w:lvlOverride>`, level, start)
	}
	for _, c := range []struct {
		name      string
		numbering string
		styles    string
		body      []string // number cells
		want      string
	}{
		{"levels restart", abstract(1, levelText(0, "decimal", "%1"), levelText(1, "decimal", "%1.%2")) + list(1, 1), "",
			[]string{listed(1, 0, ""), listed(1, 1, ""), listed(1, 1, ""), listed(1, 0, ""), listed(1, 1, "")}, "1 1.1 1.2 2 2.1"},
		{"a level that never restarts", abstract(1, levelText(0, "decimal", "%1"), levelText(1, "decimal", "R%2", `<w:lvlRestart w:val="0"/>`)) + list(1, 1), "",
			[]string{listed(1, 0, ""), listed(1, 1, ""), listed(1, 0, ""), listed(1, 1, "")}, "1 R1 2 R2"},
		{"a level that restarts after the first only", abstract(1, levelText(0, "decimal", "%1"), levelText(1, "decimal", "%1.%2"), levelText(2, "decimal", "k%3", `<w:lvlRestart w:val="1"/>`)) + list(1, 1), "",
			[]string{listed(1, 0, ""), listed(1, 1, ""), listed(1, 2, ""), listed(1, 1, ""), listed(1, 2, ""), listed(1, 0, ""), listed(1, 2, "")}, "1 1.1 k1 1.2 k2 2 k1"},
		{"lists of one definition count on", abstract(1, levelText(0, "decimal", "K%1")) + list(1, 1) + list(2, 1), "",
			[]string{listed(1, 0, ""), listed(2, 0, ""), listed(1, 0, "")}, "K1 K2 K3"},
		{"a list with a start of its own", abstract(1, levelText(0, "decimal", "K%1")) + list(1, 1) + list(2, 1, override(0, 1)), "",
			[]string{listed(1, 0, ""), listed(1, 0, ""), listed(2, 0, ""), listed(2, 0, "")}, "K1 K2 K1 K2"},
		{"a list with a level of its own", abstract(1, levelText(0, "decimal", "K%1")) + list(1, 1, `<w:lvlOverride w:ilvl="0">`+levelText(0, "upperLetter", "Krav %1")+`</w:lvlOverride>`), "",
			[]string{listed(1, 0, ""), listed(1, 0, "")}, "Krav A,Krav B"},
		{"formats", abstract(1, levelText(0, "upperRoman", "%1"), levelText(1, "lowerLetter", "%1%2)"), levelText(2, "decimalZero", "%3"), levelText(3, "decimal", "%1.%4", `<w:isLgl/>`)) + list(1, 1), "",
			[]string{listed(1, 0, ""), listed(1, 0, ""), listed(1, 1, ""), listed(1, 2, ""), listed(1, 3, "")}, "I II IIa) 01 2.1"},
		{"a level above that was never met", abstract(1, levelText(0, "decimal", "%1"), levelText(1, "decimal", "%1.%2")) + list(1, 1), "",
			[]string{listed(1, 1, ""), listed(1, 1, "")}, "1.1 1.2"},
		{"a custom format", abstract(1, `<w:lvl w:ilvl="0"><w:start w:val="7"/><mc:AlternateContent><mc:Choice><w:numFmt w:val="custom" w:format="001, 002, 003, ..."/></mc:Choice><mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent><w:lvlText w:val="K-%1"/></w:lvl>`) + list(1, 1), "",
			[]string{listed(1, 0, ""), listed(1, 0, "")}, "K-007 K-008"},
		{"a numbering style", `<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="Kravliste"/></w:abstractNum>` + abstract(2, levelText(0, "decimal", "S%1")) + list(1, 1) + list(2, 2),
			`<w:style w:type="numbering" w:styleId="Kravliste"><w:name w:val="Kravliste"/><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>`,
			[]string{listed(1, 0, ""), listed(1, 0, "")}, "S1 S2"},
		{"a style on a level", abstract(1, levelText(0, "decimal", "%1", `<w:pStyle w:val="Nivaa1"/>`), levelText(1, "decimal", "%1.%2", `<w:pStyle w:val="Nivaa2"/>`)) + list(1, 1),
			`<w:style w:type="paragraph" w:styleId="Nivaa1"><w:name w:val="a"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>` +
				`<w:style w:type="paragraph" w:styleId="Nivaa2"><w:name w:val="b"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>`,
			[]string{styled("Nivaa1", ""), styled("Nivaa2", ""), styled("Nivaa2", ""), styled("Nivaa1", ""), styled("Nivaa2", "")}, "1 1.1 1.2 2 2.1"},
		{"a style's number taken away", abstract(1, levelText(0, "decimal", "K%1")) + list(1, 1),
			`<w:style w:type="paragraph" w:styleId="Nummerert"><w:name w:val="a"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>`,
			[]string{styled("Nummerert", ""), `<w:p><w:pPr><w:pStyle w:val="Nummerert"/><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr><w:r><w:t>X9</w:t></w:r></w:p>`, styled("Nummerert", "")}, "K1 X9 K2"},
		{"a deleted paragraph and an older number", abstract(1, levelText(0, "decimal", "K%1")) + list(1, 1), "",
			[]string{listed(1, 0, ""), `<w:p><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr><w:del><w:r><w:delText>bort</w:delText></w:r></w:del></w:p>` + listed(1, 0, ""),
				`<w:p><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:pPrChange><w:pPr><w:numPr><w:numId w:val="7"/></w:numPr></w:pPr></w:pPrChange></w:pPr></w:p>`}, "K1 K2 K3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rows := []string{row("Krav nr.", "Kravtekst", "Type")}
			for _, cell := range c.body {
				rows = append(rows, row(cell, "Løsningen skal virke.", "A"))
			}
			sep := " "
			if strings.Contains(c.want, ",") {
				sep = ","
			}
			if got := numbers(read(t, table(rows...), c.numbering, c.styles)); !slices.Equal(got, strings.Split(c.want, sep)) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
