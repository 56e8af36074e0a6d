package party

import (
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
)

// LanguageForm is the form of Norwegian that a municipality has chosen for
// letters from the state.
type LanguageForm string

// The forms.
const (
	Bokmaal LanguageForm = "bokmaal"
	Nynorsk LanguageForm = "nynorsk"
	Neutral LanguageForm = "noytral" // no choice made
)

// LanguageName is a municipality's name in one language. Language is a BCP 47
// code: no, se, smj, sma, fkv.
type LanguageName struct {
	Language string
	Name     string
}

// Municipality is a municipality with its number of 2024.
type Municipality struct {
	Number       string // kommunenummer, four digits as text
	OfficialName string // in all its languages, joined with " - "
	Name         string // in Norwegian; two pairs of municipalities share one
	Names        []LanguageName
	// SamiArea tells whether it lies in the Sami administrative area; it says
	// nothing where SamiAreaKnown is false.
	SamiArea       bool
	SamiAreaKnown  bool
	CountyNumber   string
	County         string
	OrgNumber      OrgNumber // "" where unknown
	Population     int
	PopulationDate calendar.Date
	LanguageForm   LanguageForm
	Centre         string
	AreaKM2        float64
	Website        string // host name without scheme
	FormerNumber   string // number in 2020–2023
	Network        string // name of the digitalisation network by county
}

// Label gives the official name with the county, which tells every municipality
// from every other: two are called Herøy and two Våler.
func (m Municipality) Label() string { return m.OfficialName + " (" + m.County + ")" }

// ID gives the id of the municipality as an organisation.
func (m Municipality) ID() uuid.UUID { return MunicipalityID(m.Number) }

// namespace is fixed for ever: the ids of all seeded organisations derive from it.
var namespace = uuid.MustParse("5b0c2f6e-6d0a-5f0e-9c41-3a7f1c0e8d25")

// MunicipalityID gives the id that the municipality with this number has as an
// organisation in every deployment (UUID version 5).
func MunicipalityID(number string) uuid.UUID {
	return uuid.NewSHA1(namespace, []byte("municipality:"+number))
}

// Municipalities lists all municipalities by number.
func Municipalities() []Municipality { return slices.Clone(register().municipalities) }

// ByNumber gives the municipality with a number of 2024.
func ByNumber(number string) (Municipality, bool) {
	i, ok := register().byNumber[number]
	if !ok {
		return Municipality{}, false
	}
	return register().municipalities[i], true
}

// Successors gives the numbers of 2024 that a number of 2020–2023 became, in
// order: the number itself where it did not change, two for 1507, none for a
// number that was not in use.
func Successors(old string) []string {
	if next := register().successors[old]; len(next) > 0 {
		return slices.Clone(next)
	}
	if m, ok := ByNumber(old); ok && m.FormerNumber == old {
		return []string{old}
	}
	return nil
}
