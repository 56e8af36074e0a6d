package procurement_test

import (
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func declaration() procurement.Declaration {
	return procurement.Declaration{NoConvictions: true, TaxesPaid: true, NoInsolvency: true, NoMisconduct: true, NoConflict: true, EnvironmentLabour: true,
		Suitability: "Registrert i Foretaksregisteret", Economic: "Kredittvurdering A", Technical: "Tre like leveranser", Confirmed: true,
		Subcontractors: []procurement.Subcontractor{{Name: "Drift AS", Share: 60}, {Name: "Test AS", Share: 40}}}
}

// The self-declaration of FOA §§ 8-10 and 17-1.
func TestDeclaration(t *testing.T) {
	t.Parallel()
	if err := declaration().Validate(); err != nil {
		t.Fatalf("a complete declaration: %v", err)
	}
	// A ground that is not free is for people to judge (§ 24-5).
	explained := declaration()
	explained.TaxesPaid, explained.SelfCleaning = false, "Nedbetalt 2026-10-01"
	if err := explained.Validate(); err != nil {
		t.Errorf("an explained ground: %v", err)
	}
	for _, tt := range []struct {
		name, rule, field string
		change            func(d *procurement.Declaration)
	}{
		{"a ground without explanation", "declaration.self-cleaning", "declaration.selfCleaning", func(d *procurement.Declaration) { d.NoConflict = false }},
		{"no suitability", "declaration.missing", "declaration.suitability", func(d *procurement.Declaration) { d.Suitability = " " }},
		{"too much to read", "declaration.missing", "declaration.technical", func(d *procurement.Declaration) { d.Technical = strings.Repeat("å", 4001) }},
		{"a subcontractor without a share", "declaration.subcontractor", "declaration.subcontractors[1]", func(d *procurement.Declaration) { d.Subcontractors[1].Share = 0 }},
		{"more than the whole", "declaration.subcontractor-shares", "declaration.subcontractors", func(d *procurement.Declaration) { d.Subcontractors[1].Share = 41 }},
		{"not confirmed", "declaration.confirmed", "declaration.confirmed", func(d *procurement.Declaration) { d.Confirmed = false }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := declaration()
			tt.change(&d)
			refused(t, d.Validate(), fault.Invalid, tt.rule, tt.field, "")
		})
	}
}
