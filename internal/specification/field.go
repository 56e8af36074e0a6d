package specification

import "slices"

// Field is what a column of a requirement table holds.
type Field string

// The fields. What a column is not understood as is fieldUnknown; a person can
// also say that it is to be ignored.
const (
	fieldUnknown      Field = ""
	fieldNumber       Field = "number"
	fieldArea         Field = "area"
	fieldTitle        Field = "title"
	fieldText         Field = "text"
	fieldHelp         Field = "help"
	fieldKind         Field = "kind"
	fieldAnswerType   Field = "answerType"
	fieldOptions      Field = "options"
	fieldPassIf       Field = "passIf"
	fieldWords        Field = "words"
	fieldCharacters   Field = "characters"
	fieldMin          Field = "min"
	fieldMax          Field = "max"
	fieldUnit         Field = "unit"
	fieldCriterion    Field = "criterion"
	fieldWeight       Field = "weight"
	fieldLots         Field = "lots"
	fieldMandatory    Field = "mandatory"
	fieldCondition    Field = "condition"
	fieldEvidence     Field = "evidence"
	fieldOrigin       Field = "origin"
	fieldEvidenceKind Field = "evidenceKind"
	fieldNeeds        Field = "needs"
	fieldReferences   Field = "references"
	fieldQuantity     Field = "quantity"
	fieldCounts       Field = "counts"
	fieldPeriods      Field = "periods"
	fieldAnswer       Field = "answer" // for the supplier to fill in
	fieldIgnored      Field = "ignored"
)

// Fields lists what a person can say that a column holds.
func Fields() []Field {
	all := []Field{fieldAnswer, fieldIgnored}
	for _, h := range headings {
		all = append(all, h.field)
	}
	return all
}

func (f Field) known() bool { return slices.Contains(Fields(), f) }

// headings are the headings of our own template, in the order they are written.
var headings = []struct {
	field Field
	text  string
	width float64
}{
	{fieldNumber, "Krav nr.", 10}, {fieldArea, "Område", 24}, {fieldTitle, "Tittel", 24}, {fieldText, "Kravtekst", 70},
	{fieldHelp, "Veiledning", 40}, {fieldKind, "Kravtype", 22}, {fieldAnswerType, "Svartype", 14}, {fieldOptions, "Svaralternativer", 28},
	{fieldPassIf, "Oppfylt ved svar", 18}, {fieldWords, "Maks ord", 10}, {fieldCharacters, "Maks tegn", 10}, {fieldMin, "Minimum", 12},
	{fieldMax, "Maksimum", 12}, {fieldUnit, "Enhet", 10}, {fieldCriterion, "Tildelingskriterium", 22}, {fieldWeight, "Vekt %", 8},
	{fieldLots, "Delkontrakt", 18}, {fieldMandatory, "Må besvares", 10}, {fieldCondition, "Avhenger av", 18}, {fieldEvidence, "Dokumentasjon", 28},
	{fieldEvidenceKind, "Dokumentasjonstype", 18}, {fieldNeeds, "Behov", 20}, {fieldReferences, "Henvisninger", 24},
	{fieldOrigin, "Opphav", 16}, {fieldQuantity, "Mengde", 10}, {fieldCounts, "Teller", 8}, {fieldPeriods, "Perioder", 12},
}
