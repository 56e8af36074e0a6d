package sheet

import (
	"regexp"
	"strings"
)

// column is what a column of a requirement table holds.
type column int

const (
	colUnknown column = iota
	colNumber
	colArea
	colTitle
	colText
	colHelp
	colKind
	colAnswerType
	colOptions
	colPassIf
	colWords
	colCharacters
	colMin
	colMax
	colUnit
	colCriterion
	colWeight
	colLots
	colMandatory
	colCondition
	colEvidence
	colOrigin
	colQuantity
	colCounts
	colPeriods
	colAnswer // for the supplier to fill in
)

// headings are the headings of our own template, in the order they are written.
var headings = []struct {
	column column
	text   string
	width  float64
}{
	{colNumber, "Krav nr.", 10}, {colArea, "Område", 24}, {colTitle, "Tittel", 24}, {colText, "Kravtekst", 70},
	{colHelp, "Veiledning", 40}, {colKind, "Kravtype", 22}, {colAnswerType, "Svartype", 14}, {colOptions, "Svaralternativer", 28},
	{colPassIf, "Oppfylt ved svar", 18}, {colWords, "Maks ord", 10}, {colCharacters, "Maks tegn", 10}, {colMin, "Minimum", 12},
	{colMax, "Maksimum", 12}, {colUnit, "Enhet", 10}, {colCriterion, "Tildelingskriterium", 22}, {colWeight, "Vekt %", 8},
	{colLots, "Delkontrakt", 18}, {colMandatory, "Må besvares", 10}, {colCondition, "Avhenger av", 18}, {colEvidence, "Dokumentasjon", 28},
	{colOrigin, "Opphav", 16}, {colQuantity, "Mengde", 10}, {colCounts, "Teller", 8}, {colPeriods, "Perioder", 12},
}

// spellings are headings seen in buyers' documents, as normal gives them. A
// heading with "/" or in brackets is tried without what follows.
var spellings = map[string]column{
	"nr": colNumber, "krav nr": colNumber, "kravnr": colNumber, "kravnummer": colNumber, "krav-nr": colNumber, "nummer": colNumber,
	"id": colNumber, "krav id": colNumber, "krav-id": colNumber, "ref": colNumber, "ref nr": colNumber, "pkt": colNumber, "punkt": colNumber,
	"number": colNumber, "no": colNumber, "req no": colNumber, "requirement no": colNumber, "requirement number": colNumber, "requirement id": colNumber, "#": colNumber,
	"område": colArea, "kategori": colArea, "tema": colArea, "kapittel": colArea, "kravområde": colArea, "area": colArea, "section": colArea, "category": colArea,
	"tittel": colTitle, "overskrift": colTitle, "kravtittel": colTitle, "title": colTitle, "navn": colTitle,
	"krav": colText, "kravtekst": colText, "tekst": colText, "beskrivelse": colText, "kravbeskrivelse": colText, "beskrivelse av krav": colText, "spørsmål": colText,
	"kravspesifikasjon": colText, "requirement": colText, "requirement text": colText, "text": colText, "description": colText, "question": colText, "krav tekst": colText,
	"veiledning": colHelp, "kommentar til krav": colHelp, "utfyllende": colHelp, "hjelp": colHelp, "help": colHelp, "guidance": colHelp,
	"kravtype": colKind, "krav type": colKind, "type": colKind, "type krav": colKind, "kode": colKind, "kind": colKind, "requirement type": colKind, "a b c": colKind,
	"svartype": colAnswerType, "type svar": colAnswerType, "svarformat": colAnswerType, "answer type": colAnswerType,
	"svaralternativer": colOptions, "alternativer": colOptions, "svarkoder": colOptions, "valg": colOptions, "options": colOptions,
	"oppfylt ved svar": colPassIf, "godkjent svar": colPassIf, "pass if": colPassIf,
	"maks ord": colWords, "maximum words": colWords, "maks antall ord": colWords,
	"maks tegn": colCharacters, "maks antall tegn": colCharacters, "maximum length": colCharacters, "maximum characters": colCharacters,
	"minimum": colMin, "min": colMin, "maksimum": colMax, "maks": colMax, "maximum": colMax, "max": colMax,
	"enhet": colUnit, "unit": colUnit, "måleenhet": colUnit,
	"tildelingskriterium": colCriterion, "kriterium": colCriterion, "criterion": colCriterion, "award criterion": colCriterion,
	"vekt": colWeight, "vekting": colWeight, "vekt %": colWeight, "vekt i %": colWeight, "weight": colWeight, "weighting": colWeight,
	"delkontrakt": colLots, "delkontrakter": colLots, "lot": colLots, "lots": colLots, "applies to lots": colLots, "gjelder delkontrakt": colLots,
	"må besvares": colMandatory, "obligatorisk": colMandatory, "mandatory": colMandatory, "required": colMandatory,
	"avhenger av": colCondition, "gjelder hvis": colCondition, "betingelse": colCondition, "depends on": colCondition, "condition": colCondition,
	"dokumentasjon": colEvidence, "dokumentasjonskrav": colEvidence, "krav til dokumentasjon": colEvidence, "evidence": colEvidence, "documentation": colEvidence,
	"opphav": colOrigin, "origin": colOrigin,
	"mengde": colQuantity, "antall": colQuantity, "quantity": colQuantity, "teller": colCounts, "counts": colCounts, "perioder": colPeriods, "periods": colPeriods,
	"leverandørens svar": colAnswer, "svar": colAnswer, "leverandørens besvarelse": colAnswer, "besvarelse": colAnswer, "tilbyders svar": colAnswer, "hvordan oppfylles kravet": colAnswer,
	"leverandørens beskrivelse": colAnswer, "leverandørens kommentar": colAnswer, "kommentar": colAnswer, "answer": colAnswer, "response": colAnswer, "supplier response": colAnswer,
}

var (
	brackets = regexp.MustCompile(`\s*\([^)]*\)`)
	spaces   = regexp.MustCompile(`\s+`)
)

// normal takes away what differs between spellings of one heading: case, line
// breaks, full stops, colons, asterisks.
func normal(heading string) string {
	h := strings.ToLower(spaces.ReplaceAllString(heading, " "))
	h = strings.NewReplacer(".", " ", ":", " ", "*", " ", "«", " ", "»", " ").Replace(h)
	return strings.TrimSpace(spaces.ReplaceAllString(h, " "))
}

// columnOf understands a heading, or gives colUnknown.
func columnOf(heading string) column {
	h := normal(heading)
	if c, ok := spellings[h]; ok {
		return c
	}
	h = strings.TrimSpace(brackets.ReplaceAllString(h, ""))
	if c, ok := spellings[h]; ok {
		return c
	}
	before, _, _ := strings.Cut(h, "/")
	return spellings[strings.TrimSpace(before)]
}

// layout says which column holds what, and where the header stands.
type layout struct {
	header int            // index in the grid's rows
	by     map[column]int // the first column of each
	all    map[int]column // every column that is understood
	known  int
}

// readHeader understands a row as a header, if it is one: it must name the text
// and the number, or the text and at least two more. A legend of codes with a
// column for the code and one for its meaning is therefore never taken for it.
func readHeader(r gridRow) (layout, bool) {
	l := layout{by: map[column]int{}, all: map[int]column{}}
	for _, i := range r.filled() {
		c := columnOf(r.at(i))
		l.all[i] = c
		// Two columns of text are a short and a long one: "Krav" and "Beskrivelse".
		if first, twice := l.by[colText]; c == colText && twice && !l.has(colTitle) {
			l.by[colTitle], l.all[first] = first, colTitle
			l.by[colText] = i
			l.known++
			continue
		}
		if _, taken := l.by[c]; c == colUnknown || taken {
			continue
		}
		l.by[c] = i
		l.known++
	}
	_, text := l.by[colText]
	_, number := l.by[colNumber]
	return l, text && (number || l.known >= 3)
}

// findLayout picks the row that names the most columns, the first of equals:
// a legend above the table can look like a header too.
func findLayout(g grid) (layout, bool) {
	var best layout
	found := false
	for i, r := range g.rows {
		if l, ok := readHeader(r); ok && l.known > best.known {
			best, found = l, true
			best.header = i
		}
	}
	return best, found
}

// used reports whether a column became part of the set.
func (l layout) used(i int) bool {
	c, ok := l.all[i]
	return ok && c != colUnknown && c != colAnswer && l.by[c] == i
}

func (l layout) has(c column) bool { _, ok := l.by[c]; return ok }

func (l layout) text(r gridRow, c column) string {
	i, ok := l.by[c]
	if !ok {
		return ""
	}
	return r.at(i)
}

func (l layout) raw(r gridRow, c column) string {
	i, ok := l.by[c]
	if !ok {
		return ""
	}
	return r.rawAt(i)
}
