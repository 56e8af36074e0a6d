package api_test

import (
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/demo/spec"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

func slug(name string) string { return strings.ReplaceAll(party.Fold(name), " ", "-") }

func giver(m party.Municipality) string { return "fullmaktsgiver." + slug(m.Name) }
func buyer(m party.Municipality) string { return "avtaleeier." + slug(m.Name) }
func author(i int) string {
	return "forfatter." + party.Fold(strings.Fields(demo.Suppliers()[i].Name)[0])
}
func signatory(i int) string {
	return "signatar." + party.Fold(strings.Fields(demo.Suppliers()[i].Name)[0])
}

// plan is a lawful plan that starts from a day.
func plan(now time.Time) procurement.Plan {
	day := calendar.DateOf(now)
	dispatch := day.AddDays(20)
	deadline := calendar.EarliestAfter(calendar.Forward(dispatch, 30), 12, 0)
	award := calendar.DateOf(deadline).AddDays(20)
	starts := award.AddDays(25)
	lot := func(title string, estimated money.NOK) procurement.Lot {
		return procurement.Lot{Title: title, Description: title, CPV: "48814000-7", NUTS: []string{"NO071"}, Estimated: estimated, Maximum: estimated * 3 / 2}
	}
	return procurement.Plan{
		Title: "Velferdsteknologi og journalintegrasjon", Description: "Felles anskaffelse av trygghetsteknologi.", Reference: "2026/1234",
		Contract: rules.Services, Procedure: rules.OpenProcedure, Language: "nb", CPV: "48814000-7", NUTS: []string{"NO07"},
		Lots:            []procurement.Lot{lot(spec.LotSafety, money.Kroner(20_000_000)), lot(spec.LotIntegration, money.Kroner(10_000_000))},
		Framework:       &procurement.Framework{Months: 48, Suppliers: 1},
		MandateDeadline: day.AddDays(14).At(12, 0), Quorum: procurement.Quorum{Participants: 2},
		DispatchOn: dispatch, QuestionsBy: calendar.DateOf(deadline).AddDays(-10).At(12, 0), TenderDeadline: deadline,
		ValidUntil: calendar.DateOf(deadline).AddDays(90), AwardOn: award, ContractStarts: starts, ContractEnds: starts.AddYears(4).AddDays(-1),
		Formula: evaluation.Standard, Evidence: []string{"Skatteattest"},
		Notice: procurement.Notice{ContactName: "Innkjøp", ContactEmail: "innkjop@example.org", ReviewBody: "Salten og Lofoten tingrett", DocumentsURL: "https://example.org/d", SubmissionURL: "https://example.org/s"},
	}
}
