package bench

import (
	"bytes"
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/demo/spec"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/seed"
	"github.com/fellesloft/fellesloft/internal/sheet"
)

// Subjects of the demonstration's identities that play here.
const (
	Lead      = "innkjopsleder.bodo"
	Reader    = "avtaleeier.meloy"
	Giver     = "fullmaktsgiver.meloy"
	Author    = "forfatter.fjordlys"
	Signatory = "signatar.fjordlys"
	Opener1   = "apner-1.bodo"
	Opener2   = "apner-2.bodo"
)

// Case names what the commands are about.
type Case struct {
	// Asked waits for mandates, Competition for tenders; Tender is one of
	// them, being written.
	Asked, Competition, Tender uuid.UUID
	Lots                       []uuid.UUID
	// Terms are a municipality's answer to Asked.
	Terms procurement.MandateTerms
	// Answers are the tender's, complete.
	Answers requirement.Values
}

// Plan makes a procurement with a requirement set of n requirements, which
// waits for nothing yet.
func (s *Stack) Plan(ctx context.Context, n int) (uuid.UUID, error) {
	c, err := s.plan(ctx, func(lots []procurement.Lot) (requirement.Set, error) { return specification(lots, n) })
	return c.ID, err
}

func (s *Stack) plan(ctx context.Context, specify func([]procurement.Lot) (requirement.Set, error)) (procurement.Procurement, error) {
	ctx, err := As(ctx, Lead)
	if err != nil {
		return procurement.Procurement{}, err
	}
	box, err := s.Serve.CreateSandbox(ctx, "measurements")
	if err != nil {
		return procurement.Procurement{}, err
	}
	var named []app.ParticipantPlan
	for _, m := range seed.Participants() {
		named = append(named, app.ParticipantPlan{Org: m.ID(), Estimated: money.Kroner(3_000_000), Maximum: money.Kroner(4_500_000)})
	}
	c, err := s.Serve.CreateProcurement(ctx, app.NewProcurement{Space: box.ID, Plan: planFrom(box.Now), Participants: named})
	if err != nil {
		return procurement.Procurement{}, err
	}
	set, err := specify(c.Plan.Lots)
	if err != nil {
		return procurement.Procurement{}, err
	}
	_, err = s.Serve.PutRequirements(ctx, c.ID, 0, set)
	return c.Procurement, err
}

// specification is the demonstration's, repeated or cut to n requirements: real
// areas, lengths of text, options and limits.
func specification(lots []procurement.Lot, n int) (requirement.Set, error) {
	var named []requirement.Lot
	for _, l := range lots {
		named = append(named, requirement.Lot{ID: l.ID, Name: l.Title})
	}
	preview, err := sheet.ReadSpecification(bytes.NewReader(demo.Specification()), sheet.Options{NewID: uuid.New, Lots: named})
	if err != nil || n == 0 {
		return preview.Set, err
	}
	set, once := preview.Set, preview.Set.Requirements
	set.Requirements = nil
	for i := range n {
		r := once[i%len(once)]
		r.ID = uuid.New()
		set.Requirements = append(set.Requirements, r)
	}
	return set, nil
}

// planFrom is a lawful plan that starts from a day.
func planFrom(now time.Time) procurement.Plan {
	day := calendar.DateOf(now)
	dispatch := day.AddDays(20)
	deadline := calendar.EarliestAfter(calendar.Forward(dispatch, 30), 12, 0)
	award := calendar.DateOf(deadline).AddDays(20)
	starts := award.AddDays(25)
	lot := func(title string, kroner int64) procurement.Lot {
		return procurement.Lot{Title: title, Description: title, CPV: "48814000-7", NUTS: []string{"NO071", "NO074"}, Estimated: money.Kroner(10 * kroner), Maximum: money.Kroner(15 * kroner)}
	}
	return procurement.Plan{
		Title: "Velferdsteknologi og journalintegrasjon", Description: "Oppdiktet anskaffelse for målinger.", Reference: "2026/1234",
		Contract: rules.Services, Procedure: rules.OpenProcedure, Language: "nb", CPV: "48814000-7", NUTS: []string{"NO07"},
		Lots:            []procurement.Lot{lot(spec.LotSafety, 200_000), lot(spec.LotIntegration, 100_000)},
		Framework:       &procurement.Framework{Months: 48, Suppliers: 1},
		MandateDeadline: day.AddDays(14).At(12, 0), Quorum: procurement.Quorum{Participants: 1},
		DispatchOn: dispatch, QuestionsBy: calendar.DateOf(deadline).AddDays(-10).At(12, 0), TenderDeadline: deadline,
		ValidUntil: calendar.DateOf(deadline).AddDays(90), AwardOn: award, ContractStarts: starts, ContractEnds: starts.AddYears(4).AddDays(-1),
		Formula: evaluation.Standard, Evidence: []string{"Skatteattest"},
		Notice: procurement.Notice{ContactName: "Innkjøp", ContactEmail: "innkjop@example.org", ReviewBody: "Tingretten", DocumentsURL: "https://example.org/d", SubmissionURL: "https://example.org/s"},
	}
}
