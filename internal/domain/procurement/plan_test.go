package procurement_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func TestPlanValidation(t *testing.T) {
	t.Parallel()
	if err := plan().Validate(); err != nil {
		t.Fatalf("a lawful plan: %v", err)
	}
	lots := func(change func(l *procurement.Lot)) func(p *procurement.Plan) {
		return func(p *procurement.Plan) {
			l := p.Lots[0]
			change(&l)
			p.Lots = []procurement.Lot{l}
		}
	}
	for _, tt := range []struct {
		name, rule, field string
		change            func(p *procurement.Plan)
	}{
		{"no title", "plan.missing", "title", func(p *procurement.Plan) { p.Title = "" }},
		{"no description", "plan.missing", "description", func(p *procurement.Plan) { p.Description = "" }},
		{"a third language form", "plan.language", "language", func(p *procurement.Plan) { p.Language = "en" }},
		{"health services", "plan.contract-kind", "contract", func(p *procurement.Plan) { p.Contract = rules.HealthSocialServices }},
		{"a procedure in two stages", "plan.procedure", "procedure", func(p *procurement.Plan) { p.Procedure = rules.Restricted }},
		{"CPV of seven digits", "plan.cpv", "cpv", func(p *procurement.Plan) { p.CPV = "4881400" }},
		{"CPV that is no division", "plan.cpv", "cpv", func(p *procurement.Plan) { p.CPV = "00814000" }},
		{"NUTS of another country", "plan.nuts", "nuts[0]", func(p *procurement.Plan) { p.NUTS = []string{"SE1"} }},
		{"no lots", "plan.missing", "lots", func(p *procurement.Plan) { p.Lots = nil }},
		{"one lot without a reason (FOA § 25-5 c)", "plan.no-lots-reason", "noLotsReason", func(p *procurement.Plan) { p.NoLotsReason = "" }},
		{"lot without id", "plan.lot-id", "lots[0].id", lots(func(l *procurement.Lot) { l.ID = uuid.Nil })},
		{"lot numbers that start at 2", "plan.lot-number", "lots[0].number", lots(func(l *procurement.Lot) { l.Number = 2 })},
		{"lot without estimate", "plan.amount", "lots[0].estimated", lots(func(l *procurement.Lot) { l.Estimated = 0 })},
		{"lot without maximum (CJEU C-23/20)", "plan.maximum-below-estimate", "lots[0].maximum", lots(func(l *procurement.Lot) { l.Maximum = 0 })},
		{"no mandate deadline", "plan.missing", "mandateDeadline", func(p *procurement.Plan) { p.MandateDeadline = time.Time{} }},
		{"dispatch before the mandates are in", "plan.dispatch-before-mandates", "dispatchOn", func(p *procurement.Plan) { p.DispatchOn = day("2026-10-14") }},
		{"deadline on the day of dispatch", "plan.deadline-before-dispatch", "tenderDeadline", func(p *procurement.Plan) { p.TenderDeadline = at("2026-11-02 23:00") }},
		{"questions at the deadline", "plan.questions-after-deadline", "questionsBy", func(p *procurement.Plan) { p.QuestionsBy = p.TenderDeadline }},
		{"validity ends with the deadline", "plan.validity-before-deadline", "validUntil", func(p *procurement.Plan) { p.ValidUntil = day("2026-12-10") }},
		{"award on the day of the deadline", "plan.award-before-deadline", "awardOn", func(p *procurement.Plan) { p.AwardOn = day("2026-12-10") }},
		{"contract on the day of the award", "plan.contract-before-award", "contractStarts", func(p *procurement.Plan) { p.ContractStarts = p.AwardOn }},
		{"contract of no length", "plan.contract-ends-before-start", "contractEnds", func(p *procurement.Plan) { p.ContractEnds = p.ContractStarts }},
		{"option used after the end", "plan.option-date", "options[0].useBy", func(p *procurement.Plan) {
			p.Options = []procurement.Option{{Text: "Forlengelse", Months: 12, UseBy: day("2031-03-01")}}
		}},
		{"option of no length", "plan.option", "options[0]", func(p *procurement.Plan) {
			p.Options = []procurement.Option{{Text: "Forlengelse", UseBy: day("2030-03-01")}}
		}},
		{"too many options", "plan.too-many", "options", func(p *procurement.Plan) { p.Options = make([]procurement.Option, 21) }},
		{"negative quorum", "plan.negative", "quorum.value", func(p *procurement.Plan) { p.Quorum.Value = -1 }},
		{"standstill of years", "plan.range", "standstillDays", func(p *procurement.Plan) { p.StandstillDays = 366 }},
		{"two suppliers without a rule between them (FOA § 26-3)", "plan.framework-suppliers", "framework.suppliers", func(p *procurement.Plan) { p.Framework = &procurement.Framework{Months: 48, Suppliers: 2} }},
		{"a formula that cannot be executed", "evaluation.formula-not-executable", "formula.name", func(p *procurement.Plan) { p.Formula = evaluation.Standard; p.Formula.Name = "hybrid" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := plan()
			tt.change(&p)
			refused(t, p.Validate(), fault.Invalid, tt.rule, tt.field, "")
		})
	}
}
