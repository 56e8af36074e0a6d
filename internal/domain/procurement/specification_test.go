package procurement_test

import (
	"testing"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func TestReviewRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, rule, field, paragraph string
		change                       func(p *procurement.Procurement, s *requirement.Set)
	}{
		{"negotiation in an open procedure", "procedure.no-negotiation", "negotiation", "FOA § 23-6", func(p *procurement.Procurement, _ *requirement.Set) { p.Plan.Negotiation = true }},
		{"framework of 49 months", "framework.too-long", "framework.months", "FOA § 26-1 (4)", func(p *procurement.Procurement, _ *requirement.Set) {
			p.Plan.Framework = &procurement.Framework{Months: 49, Suppliers: 1}
		}},
		{"framework of 49 months, Part II", "framework.too-long", "framework.months", "FOA § 11-1 (4)", func(p *procurement.Procurement, s *requirement.Set) {
			national(p, s)
			p.Plan.Framework = &procurement.Framework{Months: 49, Suppliers: 1}
		}},
		{"a contract longer than its framework", "framework.contract-longer", "contractEnds", "FOA § 26-1 (4)", func(p *procurement.Procurement, _ *requirement.Set) {
			p.Plan.Framework = &procurement.Framework{Months: 36, Suppliers: 1}
		}},
		{"four years and an option of one", "framework.contract-longer", "contractEnds", "FOA § 26-1 (4)", func(p *procurement.Procurement, _ *requirement.Set) {
			p.Plan.Options = []procurement.Option{{Text: "Forlengelse", Months: 12, UseBy: day("2030-12-01")}}
		}},
		{"lots above what the mandates allow", "lots.maximum-differs-from-mandates", "lots", "FOA § 5-4 (5)", func(p *procurement.Procurement, _ *requirement.Set) { p.Participants.MandatedValue-- }},
		{"lots other than the participants' estimates", "lots.estimate-differs-from-participants", "lots", "FOA § 5-4 (1)", func(p *procurement.Procurement, _ *requirement.Set) { p.Participants.EstimatedValue++ }},
		{"a lot that no mandate covers", "lots.without-mandate", "lots", "FOA § 29-1", func(p *procurement.Procurement, _ *requirement.Set) { p.Participants.LotsWithoutMandate = 1 }},
		{"a mandate that ends before the contract", "mandate.ends-before-contract", "contractEnds", "", func(p *procurement.Procurement, _ *requirement.Set) {
			p.Participants.EarliestMandateEnd = day("2031-02-27")
		}},
		{"no requirements", "requirements.missing", "requirementSet", "", func(_ *procurement.Procurement, s *requirement.Set) { s.Requirements = nil }},
		{"no award criteria", "requirements.criteria-missing", "criteria", "FOA § 18-1", func(_ *procurement.Procurement, s *requirement.Set) { s.Criteria = nil }},
		{"requirements of another lot", "requirements.lots-differ-from-plan", "lots", "", func(_ *procurement.Procurement, s *requirement.Set) {
			s.Lots = []requirement.Lot{{ID: lotTwo, Name: "B"}}
		}},
		{"weights that do not sum to 100", "requirement.criteria-sum", "criteria", "FOA § 18-1 (6)", func(_ *procurement.Procurement, s *requirement.Set) { s.Criteria[0].Weight = requirement.Percents(39) }},
		{"nothing of universal design", "requirements.universal-design", "universalDesignException", "FOA § 15-2", func(_ *procurement.Procurement, s *requirement.Set) { s.Requirements[1].Text = "Beskriv" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			refused(t, one(review(t, tt.change).Refusals), fault.Invalid, tt.rule, tt.field, tt.paragraph)
		})
	}
}

func TestReviewAccepts(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(p *procurement.Procurement, s *requirement.Set){
		"a longer framework for a special reason": func(p *procurement.Procurement, _ *requirement.Set) {
			p.Plan.Framework = &procurement.Framework{Months: 60, Suppliers: 1, SpecialReason: "Investeringen nedskrives over fem år"}
		},
		"an option within the framework": func(p *procurement.Procurement, _ *requirement.Set) {
			p.Plan.ContractEnds = day("2029-02-28")
			p.Plan.Options = []procurement.Option{{Text: "Forlengelse", Months: 24, UseBy: day("2028-12-01")}}
		},
		"a reasoned exception from universal design (§ 15-2)": func(p *procurement.Procurement, s *requirement.Set) {
			s.Requirements[1].Text, p.Plan.UniversalDesignException = "Beskriv", "Brukes ikke av mennesker"
		},
		"dialogue in Part II (§ 9-3)": func(p *procurement.Procurement, s *requirement.Set) { national(p, s); p.Plan.Negotiation = true },
		"requirements of the plan's own lot": func(_ *procurement.Procurement, s *requirement.Set) {
			s.Lots = []requirement.Lot{{ID: lotOne, Name: "A"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if r := review(t, change); len(r.Refusals) > 0 {
				t.Error(r.Refusals)
			}
		})
	}
}

// § 15-2 is of Part III alone; in Part II it is told, not demanded.
func TestUniversalDesignInPartII(t *testing.T) {
	t.Parallel()
	r := review(t, func(p *procurement.Procurement, s *requirement.Set) {
		national(p, s)
		s.Requirements[1].Text = "Beskriv"
	})
	if len(r.Refusals) > 0 {
		t.Error(r.Refusals)
	}
	refused(t, one(r.Warnings), fault.Invalid, "requirements.universal-design", "universalDesignException", "")
}

// anskaffelsesloven §§ 5b–5c from 1 July 2026, FOA § 7-9 before.
func TestEnvironmentDuty(t *testing.T) {
	t.Parallel()
	less := func(s *requirement.Set) {
		s.Criteria[0].Weight, s.Criteria[2].Weight = requirement.Percents(41), requirement.Percents(29)
	}
	for _, tt := range []struct {
		name, rule string
		env        procurement.Environment
	}{
		{"29 percent", "environment.not-met", procurement.Environment{}},
		// A rank counts where criteria are ranked; here they are weighted.
		{"29 percent, called third", "environment.not-met", procurement.Environment{Rank: 3}},
		{"in the specification, no reason", "environment.justification-missing", procurement.Environment{InSpecification: true}},
		{"in the specification", "", procurement.Environment{InSpecification: true, Reason: "Klart bedre effekt"}},
		{"insignificant", "", procurement.Environment{Exemption: rules.Insignificant, Reason: "Bare konsulenttimer"}},
		{"an exemption that does not exist", "environment.exemption-unknown", procurement.Environment{Exemption: "too-costly", Reason: "Dyrt"}},
	} {
		r := review(t, func(p *procurement.Procurement, s *requirement.Set) { less(s); p.Plan.Environment = tt.env })
		if tt.rule == "" {
			if len(r.Refusals) > 0 {
				t.Errorf("%s: %v", tt.name, r.Refusals)
			}
			continue
		}
		refused(t, one(r.Refusals), fault.Invalid, tt.rule, "", "anskaffelsesloven §§ 5b–5c")
	}
}
