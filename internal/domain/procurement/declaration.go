package procurement

import (
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// DeclarationID stands for the self-declaration among a tender's answers: it is
// sealed with them.
var DeclarationID = uuid.MustParse("00000000-0000-4000-8000-00000000dec1")

// Declaration is a supplier's short self-declaration under ESPD's headings
// (egenerklæring, FOA §§ 8-10, 17-1). True means that the statement holds.
type Declaration struct {
	// Exclusion grounds (ESPD part III): true where the supplier is free of
	// them.
	NoConvictions     bool `json:"noConvictions"`
	TaxesPaid         bool `json:"taxesPaid"`
	NoInsolvency      bool `json:"noInsolvency"`
	NoMisconduct      bool `json:"noMisconduct"`
	NoConflict        bool `json:"noConflict"`
	EnvironmentLabour bool `json:"environmentLabour"`
	// SelfCleaning explains what is not free (§ 24-5).
	SelfCleaning string `json:"selfCleaning,omitempty"`
	// Selection criteria (part IV).
	Suitability string `json:"suitability"`
	Economic    string `json:"economic"`
	Technical   string `json:"technical"`
	// Subcontractors that are to carry out a part.
	Subcontractors []Subcontractor `json:"subcontractors,omitempty"`
	// Confirmed: the concluding statement (part VI).
	Confirmed bool `json:"confirmed"`
}

// Validate returns an Invalid fault with everything that is missing; attached
// says which files the tender has. A ground that is not free needs an
// explanation; it does not keep the tender from being sent, since people judge
// self-cleaning (FOA § 24-5).
func (d Declaration) Validate(attached func(file uuid.UUID) bool) error {
	var l fault.List
	free := d.NoConvictions && d.TaxesPaid && d.NoInsolvency && d.NoMisconduct && d.NoConflict && d.EnvironmentLabour
	if !free && strings.TrimSpace(d.SelfCleaning) == "" {
		l.Addf("declaration.self-cleaning", "declaration.selfCleaning")
	}
	for _, t := range []struct{ text, field string }{{d.Suitability, "suitability"}, {d.Economic, "economic"}, {d.Technical, "technical"}} {
		if n := len([]rune(strings.TrimSpace(t.text))); n == 0 || n > 4000 {
			l.Addf("declaration.missing", "declaration."+t.field)
		}
	}
	validateSubcontractors(d.Subcontractors, attached, &l)
	if !d.Confirmed {
		l.Addf("declaration.confirmed", "declaration.confirmed")
	}
	return l.Err()
}
