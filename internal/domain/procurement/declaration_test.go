package procurement_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func declaration() procurement.Declaration {
	return procurement.Declaration{NoConvictions: true, TaxesPaid: true, NoInsolvency: true, NoMisconduct: true, NoConflict: true, EnvironmentLabour: true,
		Suitability: "Registrert i Foretaksregisteret", Economic: "Kredittvurdering A", Technical: "Tre like leveranser", Confirmed: true,
		Subcontractors: []procurement.Subcontractor{{Name: "Drift AS", Task: "Drift av løsningen", Share: 60, OrganisationNumber: "889640782"},
			{Name: "Test AS", Task: "Testing", Share: 40, ReliesOn: true, Commitment: &commitment}}}
}

var commitment = uuid.MustParse("00000000-0000-4000-8000-0000000000f1")

func attached(file uuid.UUID) bool { return file == commitment }

// The self-declaration of FOA §§ 8-10 and 17-1.
func TestDeclaration(t *testing.T) {
	t.Parallel()
	if err := declaration().Validate(attached); err != nil {
		t.Fatalf("a complete declaration: %v", err)
	}
	// A ground that is not free is for people to judge (§ 24-5).
	explained := declaration()
	explained.TaxesPaid, explained.SelfCleaning = false, "Nedbetalt 2026-10-01"
	if err := explained.Validate(attached); err != nil {
		t.Errorf("an explained ground: %v", err)
	}
	for _, tt := range []struct {
		name, rule, field string
		change            func(d *procurement.Declaration)
	}{
		{"a ground without explanation", "declaration.self-cleaning", "declaration.selfCleaning", func(d *procurement.Declaration) { d.NoConflict = false }},
		{"no suitability", "declaration.missing", "declaration.suitability", func(d *procurement.Declaration) { d.Suitability = " " }},
		{"too much to read", "declaration.missing", "declaration.technical", func(d *procurement.Declaration) { d.Technical = strings.Repeat("å", 4001) }},
		{"a subcontractor without a name", "declaration.subcontractor", "declaration.subcontractors[0].name", func(d *procurement.Declaration) { d.Subcontractors[0].Name = " " }},
		{"a subcontractor with nothing to do", "declaration.subcontractor", "declaration.subcontractors[0].task", func(d *procurement.Declaration) { d.Subcontractors[0].Task = "" }},
		{"a task too long to read", "declaration.subcontractor", "declaration.subcontractors[0].task", func(d *procurement.Declaration) { d.Subcontractors[0].Task = strings.Repeat("å", 1001) }},
		{"a number with a slip", "party.org-number-check-digit", "declaration.subcontractors[0].organisationNumber", func(d *procurement.Declaration) { d.Subcontractors[0].OrganisationNumber = "889640783" }},
		{"a number that is none", "party.org-number-malformed", "declaration.subcontractors[0].organisationNumber", func(d *procurement.Declaration) { d.Subcontractors[0].OrganisationNumber = "12" }},
		{"a subcontractor without a share", "declaration.subcontractor-share", "declaration.subcontractors[1].share", func(d *procurement.Declaration) { d.Subcontractors[1].Share = 0 }},
		{"more than one whole", "declaration.subcontractor-share", "declaration.subcontractors[1].share", func(d *procurement.Declaration) { d.Subcontractors[1].Share = 101 }},
		{"capacity that nobody commits", "declaration.commitment-absent", "declaration.subcontractors[1].commitment", func(d *procurement.Declaration) { d.Subcontractors[1].Commitment = nil }},
		{"a commitment that is not attached", "declaration.commitment-unknown", "declaration.subcontractors[1].commitment", func(d *procurement.Declaration) { d.Subcontractors[1].Commitment = &uuid.UUID{1} }},
		{"more subcontractors than anybody reads", "declaration.subcontractors-many", "declaration.subcontractors", func(d *procurement.Declaration) { d.Subcontractors = make([]procurement.Subcontractor, 101) }},
		{"more than the whole", "declaration.subcontractor-shares", "declaration.subcontractors", func(d *procurement.Declaration) { d.Subcontractors[1].Share = 41 }},
		{"not confirmed", "declaration.confirmed", "declaration.confirmed", func(d *procurement.Declaration) { d.Confirmed = false }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := declaration()
			tt.change(&d)
			refused(t, d.Validate(attached), fault.Invalid, tt.rule, tt.field, "")
		})
	}
}
