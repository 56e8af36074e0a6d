package demonstration

import (
	"slices"
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/demo/spec"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// Days between the steps of the plan. minimum is the period of FOA § 20-2 that
// the first plan means to leave free, and ends on its last day.
const (
	forMandates   = 14
	untilDispatch = 21
	minimum       = 30
	forQuestions  = 10
	forEvaluation = 35
	forStandstill = 42
	forValidity   = 120
	years         = 4
)

// workingDay gives the day, or the next one on which people work.
func workingDay(d calendar.Date) calendar.Date {
	for !calendar.IsWorkingDay(d) {
		d = d.AddDays(1)
	}
	return d
}

// workingDayBefore gives the day, or the last one before it on which people work.
func workingDayBefore(d calendar.Date) calendar.Date {
	for !calendar.IsWorkingDay(d) {
		d = d.AddDays(-1)
	}
	return d
}

// estimate is what a municipality of a size is expected to buy for, and frame
// the most that it may.
func estimate(m Municipality) money.NOK { return money.Kroner(200_000 + 300*int64(m.Population)) }

func frame(m Municipality) money.NOK { return estimate(m) * 3 / 2 }

// firstPlan is the plan that the procurement begins with. Its tender deadline is
// one day too early: noon of the last day of the minimum period, as one plans
// who counts the days and forgets that the last one has to be over.
func firstPlan(now time.Time, estimated, maximum money.NOK) procurement.Plan {
	today := calendar.DateOf(now)
	dispatch := workingDay(today.AddDays(untilDispatch))
	p := procurement.Plan{
		Title:       "Velferdsteknologi og journalintegrasjon",
		Description: "Felles rammeavtaler om trygghets- og varslingsteknologi og om integrasjon mot kommunenes pasientjournal. Oppdiktet eksempel.",
		Reference:   "2026/1234", Contract: rules.Services, Procedure: rules.OpenProcedure, Language: "nb", CPV: "48814000-7", NUTS: []string{"NO071", "NO074"},
		Framework:       &procurement.Framework{Months: 12 * years, Suppliers: 1},
		MandateDeadline: workingDay(today.AddDays(forMandates)).At(12, 0), Quorum: procurement.Quorum{Participants: 4},
		DispatchOn: dispatch, Formula: evaluation.Standard, Evidence: []string{"Skatteattest", "Firmaattest"},
		Notice: procurement.Notice{ContactName: "Innkjøp, " + seed.Lead().Name + " kommune (oppdiktet)", ContactEmail: "innkjop@example.org", ReviewBody: "Tingretten",
			DocumentsURL: "https://example.org/dokumenter", SubmissionURL: "https://example.org/tilbud"},
	}
	for i, title := range []string{spec.LotSafety, spec.LotIntegration} {
		p.Lots = append(p.Lots, procurement.Lot{Number: i + 1, Title: title, Description: title, CPV: "48814000-7", NUTS: []string{"NO071", "NO074"}})
	}
	divide(&p, estimated, maximum)
	schedule(&p, calendar.Forward(dispatch, minimum).Last)
	// The mandates are given until the contract ends, so its dates hold also
	// when the tender deadline moves by a week or two.
	p.ContractStarts = workingDay(p.AwardOn.AddDays(forStandstill))
	p.ContractEnds = p.ContractStarts.AddYears(years).AddDays(-1)
	return p
}

// divide shares the municipalities' sums between the lots. The sums of the lots
// are those of the municipalities to the øre.
func divide(p *procurement.Plan, estimated, maximum money.NOK) {
	first, second := &p.Lots[0], &p.Lots[1]
	first.Estimated, first.Maximum = estimated*7/10, maximum*7/10
	second.Estimated, second.Maximum = estimated-first.Estimated, maximum-first.Maximum
}

// schedule sets the tender deadline at noon of a day, and what is counted from
// it.
func schedule(p *procurement.Plan, day calendar.Date) {
	p.TenderDeadline = day.At(12, 0)
	p.QuestionsBy = workingDayBefore(day.AddDays(-forQuestions)).At(12, 0)
	p.ValidUntil = day.AddDays(forValidity)
	p.AwardOn = workingDay(day.AddDays(forEvaluation))
}

// networks lists the networks that municipalities belong to, in order.
func networks(all []Municipality) string {
	var names []string
	for _, m := range all {
		if m.Network != "" && !slices.Contains(names, m.Network) {
			names = append(names, m.Network)
		}
	}
	switch n := len(names); n {
	case 0:
		return "ingen nettverk"
	case 1:
		return names[0]
	default:
		const few = 3
		if n > few {
			return number(n) + " nettverk"
		}
		return strings.Join(names[:n-1], ", ") + " og " + names[n-1]
	}
}
