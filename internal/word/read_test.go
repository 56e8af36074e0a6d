package word_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/specification"
)

// Spellings of the header in buyers' documents, below a legend of codes that
// looks like a small table of requirements.
func TestHeaderSpellings(t *testing.T) {
	t.Parallel()
	legend := table(row("Krav\ntype", "Beskrivelse"), row("A", "Absolutt krav, må oppfylles"), row("B", "Evalueringskrav som vektes"))
	for _, header := range [][]string{
		{"Nr", "Krav", "Type"}, {"Nr.", "Beskrivelse", "Kravtype"}, {"Krav nr", "Kravtekst", "Krav\ntype"}, {"Krav nr.", "Krav", "Type (A/B/I)"},
		{"KRAV NR.:", "Kravtekst*", "Type krav"}, {"Number", "Requirement", "Kind"}, {"ID", "Description", "Type"},
	} {
		p := read(t, legend+table(row(header...), row("1.10", "Løsningen skal støtte HelseID.", "A"), row("1.11", "Beskriv logging.", "B")), "", "")
		if !slices.Equal(numbers(p), []string{"1.10", "1.11"}) || p.Set.Requirements[0].Kind != requirement.Absolute || p.Set.Requirements[1].Kind != requirement.Rated {
			t.Errorf("%q: %+v", header, p.Set.Requirements)
		}
		want := specification.LeftOut{Place: specification.Place{Table: 1}, Reason: specification.Legend}
		if !slices.Contains(p.LeftOut, want) || warned(p, "specification.kind-code-from-legend") != 2 {
			t.Errorf("%q: left out %+v, warned %+v", header, p.LeftOut, p.Warnings)
		}
	}
}

func TestHeaderInRowFourBelowAnEmptyRow(t *testing.T) {
	t.Parallel()
	p := read(t, table(row("", "", ""), row("Kravspesifikasjon", "", ""), row("", "Versjon 2", ""), row("Krav nr", "Krav", "Type"), row("1", "Løsningen skal virke.", "A")), "", "")
	want := []specification.Understood{{Place: specification.Place{Table: 1, Row: 5}, Requirement: p.Set.Requirements[0].ID, Number: "1"}}
	if !slices.Equal(p.Rows, want) || p.Tables[0].HeaderRow != 4 || leftOut(p, specification.AboveHeader) != 2 {
		t.Errorf("rows %+v, tables %+v, left out %+v", p.Rows, p.Tables, p.LeftOut)
	}
}

// A header for each requirement: within one table, or a table for each.
func TestRepeatedHeaders(t *testing.T) {
	t.Parallel()
	const times = 151
	var one, many strings.Builder
	header := row("Nr.", "Krav", "Type")
	for i := range times {
		r := row(fmt.Sprintf("1.%d", i+1), "Løsningen skal virke.", "A")
		one.WriteString(header + r)
		many.WriteString(table(header, r) + para(""))
	}
	p := read(t, table(one.String()), "", "")
	if len(p.Rows) != times || leftOut(p, specification.RepeatedHeader) != times-1 {
		t.Errorf("one table: %d requirements, %d repeated headers", len(p.Rows), leftOut(p, specification.RepeatedHeader))
	}
	p = read(t, many.String(), "", "")
	if len(p.Rows) != times || len(p.Tables) != times || len(p.LeftOut) != 0 {
		t.Errorf("many tables: %d requirements, left out %+v", len(p.Rows), p.LeftOut)
	}
}

func TestATableThatGoesOnWithoutItsHeader(t *testing.T) {
	t.Parallel()
	p := read(t, table(row("Nr", "Krav", "Type"), row("1.1", "Første krav.", "A"))+para("Side 2")+
		table(row("1.2", "Andre krav.", "A"), row("1.3", "Tredje krav.", "A"))+para("")+table(row("Versjon", "Dato", "Hvem"), row("1", "i dag", "x")), "", "")
	if !slices.Equal(numbers(p), []string{"1.1", "1.2", "1.3"}) || warned(p, "specification.header-missing") != 1 || leftOut(p, specification.NoHeader) != 1 {
		t.Errorf("%q, warned %+v, left out %+v", numbers(p), p.Warnings, p.LeftOut)
	}
}

func TestHeadingsBecomeAreas(t *testing.T) {
	t.Parallel()
	header := row("Nr", "Krav", "Type")
	p := read(t, styled("Tittel", "Journal for framtida")+styled("Overskrift1", "Sikkerhet")+styled("Overskrift2", "Tilgang")+table(header, row("1", "Krav en.", "A"))+
		styled("Overskrift2", "Logging")+table(header, row("2", "Krav to.", "A"), row("Innsyn i logg"), row("3", "Krav tre.", "A"))+
		`<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>Drift:</w:t></w:r></w:p>`+table(header, row("4", "Krav fire.", "A")), "", headingStyles)
	paths := []string{}
	for _, r := range p.Set.Requirements {
		paths = append(paths, strings.Join(specification.AreaPath(p.Set, r.Area), "/"))
	}
	if !slices.Equal(paths, []string{"Sikkerhet/Tilgang", "Sikkerhet/Logging", "Sikkerhet/Logging/Innsyn i logg", "Sikkerhet/Logging/Drift"}) || p.Set.Title != "Journal for framtida" {
		t.Errorf("%q: %q", p.Set.Title, paths)
	}
}

// What is inserted by a tracked change counts and what is deleted does not;
// soft hyphens and field codes are not text, and hidden text is told of.
func TestTextIsWhatIsShown(t *testing.T) {
	t.Parallel()
	run := func(text string) string { return `<w:r><w:t xml:space="preserve">` + text + `</w:t></w:r>` }
	cell := `<w:p>` + run("Løs\u00adningen ") + `<w:del w:id="1"><w:r><w:delText>bør</w:delText></w:r></w:del><w:ins w:id="2">` + run("skal") + `</w:ins>` +
		`<w:r><w:t xml:space="preserve"> støtte tjeneste</w:t><w:softHyphen/><w:t>nivå A</w:t><w:noBreakHyphen/><w:t>1</w:t></w:r>` +
		`<w:r><w:instrText> REF _Ref1 </w:instrText></w:r><w:hyperlink>` + run(", se bilag") + `</w:hyperlink><w:r><w:rPr><w:vanish/></w:rPr><w:t>skjult</w:t></w:r>` +
		`<mc:AlternateContent><mc:Choice><w:r><w:drawing><wps:txbx><w:txbxContent>` + para("I en ramme.") + `</w:txbxContent></wps:txbx></w:drawing></w:r></mc:Choice><mc:Fallback><w:r><w:t>I en ramme.</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>`
	moved := `<w:p><w:moveFrom w:id="3">` + run("flyttet") + `</w:moveFrom><w:moveTo w:id="4">` + run("B") + `</w:moveTo></w:p>`
	gone := strings.Replace(row("9", "Et slettet krav.", "A"), "<w:tr>", `<w:tr><w:trPr><w:del w:id="5"/></w:trPr>`, 1)
	p := read(t, table(row("Nr", "Krav", "Type"), row("1", cell, moved), gone), "", "")
	if got := texts(p); !slices.Equal(got, []string{"Løsningen skal støtte tjenestenivå A-1, se bilag\nI en ramme."}) || p.Set.Requirements[0].Kind != requirement.Rated {
		t.Errorf("got %q, %+v", got, p.Set.Requirements)
	}
	if warned(p, "specification.hidden-text") != 1 {
		t.Errorf("warned %+v", p.Warnings)
	}
}

// Several requirements in one cell, lists and tables within it stay whole.
func TestACellStaysWhole(t *testing.T) {
	t.Parallel()
	numbering := abstract(1, levelText(0, "bullet", "\uf0b7")) + abstract(2, levelText(0, "lowerLetter", "%1)")) + list(1, 1) + list(2, 2)
	cell := para("Løsningen skal ha:") + listed(1, 0, "innlogging") + listed(2, 0, "for ansatte") + listed(2, 0, "for innbyggere") +
		table(row("Rolle", "Antall"), row("Lege", "12")) + para("Se også krav 2.")
	p := read(t, table(row("Nr", "Krav", "Type"), row("1", cell, "A"), row("2", "Noe annet.", "A")), numbering, "")
	want := "Løsningen skal ha:\n• innlogging\na) for ansatte\nb) for innbyggere\nRolle | Antall\nLege | 12\nSe også krav 2."
	if got := p.Set.Requirements[0]; got.Text != want || got.Number != "1" {
		t.Errorf("%q: %q", got.Number, got.Text)
	}
	if len(p.References) != 1 || p.References[0].To != p.Set.Requirements[1].ID {
		t.Errorf("references %+v", p.References)
	}
}

// A document that is laid out by a table has its requirement table inside.
func TestATableInAFrame(t *testing.T) {
	t.Parallel()
	p := read(t, table(row(para("Innledning"), "x"), row(table(row("Nr", "Krav", "Type"), row("1", "Løsningen skal virke.", "A"))+para(""), "")), "", "")
	if !slices.Equal(numbers(p), []string{"1"}) || p.Rows[0].Table != 1 {
		t.Errorf("%+v", p.Rows)
	}
}

func TestMergedCells(t *testing.T) {
	t.Parallel()
	merge := func(text, val string) string {
		return `<w:tcPr><w:vMerge w:val="` + val + `"/></w:tcPr>` + para(text)
	}
	span := func(n int, text string) string {
		return fmt.Sprintf(`<w:tcPr><w:gridSpan w:val="%d"/></w:tcPr>`, n) + para(text)
	}
	p := read(t, table(
		row("Område", "Nr", span(2, "Krav"), "Type", "Vekt"),
		row(merge("Sikkerhet", "restart"), "1", span(2, "HelseID skal brukes."), "B", merge("40 %", "restart")),
		row(merge("", "continue"), merge("2", "restart"), span(2, "Logg skal føres."), merge("B", "restart"), merge("", "continue")),
		row(merge("", "continue"), merge("", "continue"), span(2, "Loggen skal kunne søkes i."), merge("", "continue"), "60 %"),
		row("Drift", "3", "Oppetid", "99,9 %", "A", ""),
	), "", "")
	r := p.Set.Requirements
	if !slices.Equal(numbers(p), []string{"1", "2", "3"}) || r[1].Text != "Logg skal føres.\nLoggen skal kunne søkes i." || leftOut(p, specification.Continued) != 1 {
		t.Fatalf("%+v, left out %+v", r, p.LeftOut)
	}
	if r[0].Area == r[2].Area || r[0].Area != r[1].Area || r[0].Weight != requirement.Percents(40) || r[1].Weight != 0 {
		t.Errorf("%+v", r)
	}
}

func TestDropDownsBecomeChoices(t *testing.T) {
	t.Parallel()
	control := func(kind, items string) string {
		return `<w:sdt><w:sdtPr><w:showingPlcHdr/><w:` + kind + `><w:listItem w:displayText="Velg et element." w:value=""/>` + items + `</w:` + kind + `></w:sdtPr><w:sdtContent>` + para("Velg et element.") + `</w:sdtContent></w:sdt>`
	}
	item := func(text string) string { return `<w:listItem w:displayText="` + text + `" w:value="` + text + `"/>` }
	field := `<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:listEntry w:val="Helt"/><w:listEntry w:val="Delvis"/><w:listEntry w:val="Ikke"/></w:ddList></w:ffData></w:fldChar></w:r></w:p>`
	p := read(t, table(row("Nr", "Krav", "Type", "Svar"),
		row("1", "Ja eller nei?", "A", control("dropDownList", item("Ja")+item("Nei"))),
		row("2", "Når?", "A", control("comboBox", item("Ja i dag")+item("Ja, senere")+item("Nei"))),
		row("3", "I hvilken grad?", "A", field), row("4", "Beskriv.", "A", "")), "", "")
	var types []requirement.AnswerType
	for _, r := range p.Set.Requirements {
		types = append(types, r.AnswerType)
	}
	if !slices.Equal(types, []requirement.AnswerType{requirement.Boolean, requirement.Choice, requirement.Choice, requirement.Text}) || len(p.Set.Requirements[1].Options) != 3 || p.Set.Requirements[2].Options[1].Label != "Delvis" {
		t.Errorf("%q: %+v", types, p.Set.Requirements)
	}
}
