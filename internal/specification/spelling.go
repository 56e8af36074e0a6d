package specification

import (
	"regexp"
	"strings"
)

// spellings are headings seen in buyers' documents, as normal gives them. A
// heading with "/" or in brackets is tried without what follows.
var spellings = map[string]Field{
	"nr": fieldNumber, "krav nr": fieldNumber, "kravnr": fieldNumber, "kravnummer": fieldNumber, "krav-nr": fieldNumber, "nummer": fieldNumber,
	"id": fieldNumber, "krav id": fieldNumber, "krav-id": fieldNumber, "ref": fieldNumber, "ref nr": fieldNumber, "pkt": fieldNumber, "punkt": fieldNumber,
	"number": fieldNumber, "no": fieldNumber, "req no": fieldNumber, "requirement no": fieldNumber, "requirement number": fieldNumber, "requirement id": fieldNumber, "#": fieldNumber,
	"løpenr": fieldNumber, "løpenummer": fieldNumber, "krav nummer": fieldNumber, "req id": fieldNumber, "requirement nr": fieldNumber,
	"skildring": fieldText, "omtale": fieldText, "kravomtale": fieldText, "kravformulering": fieldText, "rettleiing": fieldHelp, "emne": fieldArea,
	"må svarast på": fieldMandatory, "svaralternativ": fieldOptions, "leverandøren sitt svar": fieldAnswer, "svar frå leverandøren": fieldAnswer,
	"svarkode": fieldAnswer, "tilbyders besvarelse": fieldAnswer, "tilbyders beskrivelse": fieldAnswer, "svar fra leverandør": fieldAnswer, "svar leverandør": fieldAnswer,
	"kravkategori": fieldKind, "kravkode": fieldKind, "priority": fieldKind, "prioritet": fieldKind,
	"område": fieldArea, "kategori": fieldArea, "tema": fieldArea, "kapittel": fieldArea, "kravområde": fieldArea, "area": fieldArea, "section": fieldArea, "category": fieldArea,
	"tittel": fieldTitle, "overskrift": fieldTitle, "kravtittel": fieldTitle, "title": fieldTitle, "navn": fieldTitle,
	"krav": fieldText, "kravtekst": fieldText, "tekst": fieldText, "beskrivelse": fieldText, "kravbeskrivelse": fieldText, "beskrivelse av krav": fieldText, "spørsmål": fieldText,
	"kravspesifikasjon": fieldText, "requirement": fieldText, "requirement text": fieldText, "text": fieldText, "description": fieldText, "question": fieldText, "krav tekst": fieldText,
	"veiledning": fieldHelp, "kommentar til krav": fieldHelp, "utfyllende": fieldHelp, "hjelp": fieldHelp, "help": fieldHelp, "guidance": fieldHelp,
	"kravtype": fieldKind, "krav type": fieldKind, "type": fieldKind, "type krav": fieldKind, "kode": fieldKind, "kind": fieldKind, "requirement type": fieldKind, "a b c": fieldKind,
	"svartype": fieldAnswerType, "type svar": fieldAnswerType, "svarformat": fieldAnswerType, "answer type": fieldAnswerType,
	"svaralternativer": fieldOptions, "alternativer": fieldOptions, "svarkoder": fieldOptions, "valg": fieldOptions, "options": fieldOptions,
	"oppfylt ved svar": fieldPassIf, "godkjent svar": fieldPassIf, "pass if": fieldPassIf,
	"maks ord": fieldWords, "maximum words": fieldWords, "maks antall ord": fieldWords,
	"maks tegn": fieldCharacters, "maks antall tegn": fieldCharacters, "maximum length": fieldCharacters, "maximum characters": fieldCharacters,
	"minimum": fieldMin, "min": fieldMin, "maksimum": fieldMax, "maks": fieldMax, "maximum": fieldMax, "max": fieldMax,
	"enhet": fieldUnit, "unit": fieldUnit, "måleenhet": fieldUnit,
	"tildelingskriterium": fieldCriterion, "kriterium": fieldCriterion, "criterion": fieldCriterion, "award criterion": fieldCriterion,
	"vekt": fieldWeight, "vekting": fieldWeight, "vekt %": fieldWeight, "vekt i %": fieldWeight, "weight": fieldWeight, "weighting": fieldWeight,
	"delkontrakt": fieldLots, "delkontrakter": fieldLots, "lot": fieldLots, "lots": fieldLots, "applies to lots": fieldLots, "gjelder delkontrakt": fieldLots,
	"må besvares": fieldMandatory, "obligatorisk": fieldMandatory, "mandatory": fieldMandatory, "required": fieldMandatory,
	"avhenger av": fieldCondition, "gjelder hvis": fieldCondition, "betingelse": fieldCondition, "depends on": fieldCondition, "condition": fieldCondition,
	"dokumentasjon": fieldEvidence, "dokumentasjonskrav": fieldEvidence, "krav til dokumentasjon": fieldEvidence, "evidence": fieldEvidence, "documentation": fieldEvidence,
	"dokumentasjonstype": fieldEvidenceKind, "evidence kind": fieldEvidenceKind, "behov": fieldNeeds, "need": fieldNeeds, "needs": fieldNeeds,
	"henvisninger": fieldReferences, "henvisning": fieldReferences, "referanser": fieldReferences, "references": fieldReferences,
	"opphav": fieldOrigin, "origin": fieldOrigin,
	"mengde": fieldQuantity, "antall": fieldQuantity, "quantity": fieldQuantity, "teller": fieldCounts, "counts": fieldCounts, "perioder": fieldPeriods, "periods": fieldPeriods,
	"leverandørens svar": fieldAnswer, "svar": fieldAnswer, "leverandørens besvarelse": fieldAnswer, "besvarelse": fieldAnswer, "tilbyders svar": fieldAnswer, "hvordan oppfylles kravet": fieldAnswer,
	"leverandørens beskrivelse": fieldAnswer, "leverandørens kommentar": fieldAnswer, "kommentar": fieldAnswer, "answer": fieldAnswer, "response": fieldAnswer, "supplier response": fieldAnswer,
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

// fieldOf understands a heading, or gives fieldUnknown.
func fieldOf(heading string) Field {
	if len(heading) > headingLength {
		return fieldUnknown
	}
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
