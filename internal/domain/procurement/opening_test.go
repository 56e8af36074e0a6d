package procurement_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func TestOpeningRefusals(t *testing.T) {
	t.Parallel()
	type C = procurement.Open
	p := approved(t, closed(t), procurement.Quality, alice, bob)
	approvals := func(by ...uuid.UUID) func(*procurement.Procurement, *C) {
		return func(p *procurement.Procurement, _ *C) {
			p.Approvals = map[procurement.Part][]uuid.UUID{procurement.Quality: by}
		}
	}
	refuses(t, p, C{Part: procurement.Quality}, openAt, []refusal[C]{
		{"no part of a tender", func(_ *procurement.Procurement, c *C) { c.Part = "both" }, fault.Invalid, "opening.part", "part", ""},
		{"before the deadline", func(p *procurement.Procurement, _ *C) { p.Plan.TenderDeadline = openAt.Add(1) }, fault.Conflict, "opening.before-deadline", "", "FOA § 22-3"},
		{"nobody has approved", approvals(), fault.Conflict, "opening.two-people", "", ""},
		{"one person", approvals(alice), fault.Conflict, "opening.two-people", "", ""},
		{"one person twice", approvals(alice, alice), fault.Conflict, "opening.two-people", "", ""},
		{"price alone, where the parts are opened together", func(_ *procurement.Procurement, c *C) { c.Part = procurement.Price }, fault.Conflict, "opening.parts-together", "", ""},
		{"price before quality", func(p *procurement.Procurement, c *C) { p.Plan.PriceAfterQuality, c.Part = true, procurement.Price },
			fault.Conflict, "opening.quality-first", "", ""},
		{"quality twice", func(p *procurement.Procurement, _ *C) { p.State.QualityOpenedAt = openAt }, fault.Conflict, "opening.open-already", "", ""},
	})
	_, err := p.Decide(procurement.ApproveOpening{Part: procurement.Quality, By: bob}, openAt)
	refused(t, err, fault.Conflict, "opening.same-person-twice", "", "")
}

func TestOpeningTogether(t *testing.T) {
	t.Parallel()
	p := approved(t, closed(t), procurement.Quality, alice, bob)
	c, err := p.Decide(procurement.Open{Part: procurement.Quality}, openAt)
	if err != nil || c.After.Phase != procurement.Evaluation || !c.After.State.QualityOpenedAt.Equal(openAt) || !c.After.State.PriceOpenedAt.Equal(openAt) {
		t.Errorf("%+v, %v", c, err)
	}
	happened(t, c, procurement.Opened)
	if got := p.PartsOpenedBy(procurement.Quality); !slices.Equal(got, []procurement.Part{procurement.Quality, procurement.Price}) {
		t.Errorf("opens %v", got)
	}
}

// Price is opened after quality is scored, by approvals of its own; then the
// quality scores are locked.
func TestPriceAfterQuality(t *testing.T) {
	t.Parallel()
	p := closed(t)
	p.Plan.PriceAfterQuality = true
	p = must(t, approved(t, p, procurement.Quality, alice, bob), procurement.Open{Part: procurement.Quality}, openAt)
	if !p.State.PriceOpenedAt.IsZero() || p.Waits(openAt)[0].For != procurement.ForPriceOpen {
		t.Fatalf("price opened at %s, waits %v", p.State.PriceOpenedAt, p.Waits(openAt))
	}
	_, err := p.Decide(procurement.ApproveOpening{Part: procurement.Price, By: alice}, openAt)
	refused(t, err, fault.Conflict, "opening.quality-first", "", "")
	_, err = p.Decide(awarding(t, p), awardAt)
	refused(t, err, fault.Conflict, "award.price-sealed", "", "")
	p.Tenders.QualityScored = true
	score := procurement.Score{Part: procurement.Quality, Rated: true, Impartial: true}
	must(t, p, score, openAt)
	_, err = p.Decide(procurement.Open{Part: procurement.Price}, openAt)
	refused(t, err, fault.Conflict, "opening.two-people", "", "")
	p = must(t, approved(t, p, procurement.Price, alice, bob), procurement.Open{Part: procurement.Price}, openAt.Add(time.Hour))
	if p.Phase != procurement.Evaluation || p.State.PriceOpenedAt.IsZero() {
		t.Fatalf("%s %+v", p.Phase, p.State)
	}
	_, err = p.Decide(score, openAt)
	refused(t, err, fault.Conflict, "evaluation.quality-locked", "", "")
}

// A question that came in time holds the opening, the approval of it too, until
// it is answered or declined; the declined ones are told of.
func TestAnUnansweredQuestionHoldsTheOpening(t *testing.T) {
	t.Parallel()
	p := approved(t, closed(t), procurement.Quality, alice, bob)
	p.Questions.Unanswered = 2
	for _, c := range []procurement.Command{procurement.Open{Part: procurement.Quality}, procurement.ApproveOpening{Part: procurement.Quality, By: alice}} {
		_, err := p.Decide(c, openAt)
		refused(t, err, fault.Conflict, "opening.questions-unanswered", "", "")
		if f, _ := fault.As(err); f == nil || f.Params["unanswered"] != "2" {
			t.Errorf("%s: %v", c.Operation(), err)
		}
	}
	p.Questions = procurement.QuestionTally{Declined: 2}
	c, err := p.Decide(procurement.Open{Part: procurement.Quality}, openAt)
	if err != nil || c.Events[0].Params["declined"] != "2" {
		t.Errorf("%+v, %v", c, err)
	}
}

// The paragraphs of rejection: FOA §§ 24-1, 24-2, 24-8; in Part II §§ 9-4, 9-5,
// 9-6, whose "may" grounds are those of § 24-8 (2).
func TestGroundsOfRejection(t *testing.T) {
	t.Parallel()
	want := map[procurement.Ground][2]string{
		procurement.GroundLate:            {"FOA § 24-1 (1) a", "FOA § 9-4 (1) a"},
		procurement.GroundQualification:   {"FOA § 24-2 (1) a", "FOA § 9-5 (1) a"},
		procurement.GroundSupplier:        {"FOA § 24-2", "FOA § 9-5"},
		procurement.GroundMaterial:        {"FOA § 24-8 (1) b", "FOA § 9-6 (1) b"},
		procurement.GroundNotBinding:      {"FOA § 24-8 (1) a", "FOA § 9-6 (1) a"},
		procurement.GroundDeviation:       {"FOA § 24-8 (2) a", "FOA § 9-6 (2), cf. § 24-8 (2) a"},
		procurement.GroundAbnormallyLow:   {"FOA § 24-8 (2) b", "FOA § 9-6 (2), cf. § 24-8 (2) b"},
		procurement.GroundEnvironmentWork: {"FOA § 24-8 (2) c", "FOA § 9-6 (2), cf. § 24-8 (2) c"},
		procurement.GroundOverBudget:      {"FOA § 24-8 (2) d", "FOA § 9-6 (2), cf. § 24-8 (2) d"},
	}
	if got := procurement.Grounds(); len(got) != len(want) || !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(maps.Keys(want))) {
		t.Errorf("grounds %v", got)
	}
	for ground, paragraphs := range want {
		for i, regime := range []rules.Regime{rules.PartIII, rules.PartII} {
			p := opened(t)
			p.State.Regime = regime
			c, err := p.Decide(procurement.Reject{Ground: ground, Reason: "Oppfyller ikke krav 3"}, awardAt)
			if err != nil || c.Events[0].Params["paragraph"] != paragraphs[i] || c.After.Tenders.Rejected != 1 {
				t.Errorf("%s in %s: %+v, %v", ground, regime, c.Events, err)
			}
		}
	}
}

func TestRejectAndScoreRefusals(t *testing.T) {
	t.Parallel()
	type R = procurement.Reject
	reject := R{Ground: procurement.GroundMaterial, Reason: "Oppfyller ikke krav 3"}
	refuses(t, opened(t), reject, awardAt, []refusal[R]{
		{"no ground of the law", func(_ *procurement.Procurement, c *R) { c.Ground = "ugly" }, fault.Invalid, "rejection.ground", "ground", ""},
		{"no reason", func(_ *procurement.Procurement, c *R) { c.Reason = "nei       " }, fault.Invalid, "rejection.reason", "reason", "FOA § 24-10 (3)"},
		{"no reason, Part II", func(p *procurement.Procurement, c *R) { p.State.Regime, c.Reason = rules.PartII, "" }, fault.Invalid, "rejection.reason", "reason", "FOA § 9-7 (3)"},
	})
	type S = procurement.Score
	refuses(t, opened(t), S{Part: procurement.Quality, Rated: true, Impartial: true}, awardAt, []refusal[S]{
		{"without a declaration of impartiality", func(_ *procurement.Procurement, c *S) { c.Impartial = false }, fault.Conflict, "evaluation.impartiality", "", "FOA § 7-5"},
		{"what is not rated", func(_ *procurement.Procurement, c *S) { c.Rated = false }, fault.Invalid, "evaluation.not-rated", "requirement", ""},
		{"a rejected tender", func(_ *procurement.Procurement, c *S) { c.Rejected = true }, fault.Conflict, "evaluation.rejected-tender", "", ""},
	})
}
