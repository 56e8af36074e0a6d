package procurement_test

import (
	"slices"
	"testing"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func milestone(t tb, r procurement.Review, kind procurement.MilestoneKind) procurement.Milestone {
	t.Helper()
	i := slices.IndexFunc(r.Timeline, func(m procurement.Milestone) bool { return m.Kind == kind })
	if i < 0 {
		t.Fatalf("no %s in the timeline", kind)
	}
	return r.Timeline[i]
}

// review judges a prepared procurement after a change, with all confirmed.
func review(t tb, change func(p *procurement.Procurement, s *requirement.Set)) procurement.Review {
	t.Helper()
	p, s := prepared(t), set()
	change(&p, &s)
	return p.Review(p.Plan.DispatchOn, confirmed(t, p), &s)
}

func one(all []*fault.Error) error {
	var l fault.List
	for _, e := range all {
		l.Add(e)
	}
	return l.Err()
}

func TestLawfulPlanHasNothingInItsWay(t *testing.T) {
	t.Parallel()
	r := review(t, func(*procurement.Procurement, *requirement.Set) {})
	if len(r.Refusals)+len(r.Warnings)+len(r.Unverified) > 0 || r.Regime != rules.PartIII {
		t.Errorf("regime %s, refusals %v, warnings %v, unverified %v", r.Regime, r.Refusals, r.Warnings, r.Unverified)
	}
}

// FOA chapter 5: the sum of the maxima decides (§ 5-4 (1), (5)).
func TestRegimeByValue(t *testing.T) {
	t.Parallel()
	kr := money.Kroner
	for _, tt := range []struct {
		name      string
		contract  rules.ContractKind
		value     money.NOK
		procedure rules.Procedure
		regime    rules.Regime
		offered   bool
	}{
		{"outside the law", rules.Services, kr(499_999), rules.OpenNational, rules.NoRegime, false},
		{"Part I only", rules.Services, kr(1_299_999), rules.OpenNational, rules.PartI, false},
		{"Part II from the national threshold (§ 5-1 (2))", rules.Services, kr(1_300_000), rules.OpenNational, rules.PartII, true},
		{"Part II below the EEA threshold", rules.Goods, kr(2_299_999), rules.OpenNational, rules.PartII, true},
		{"Part III from the EEA threshold (§ 5-1 (3))", rules.Goods, kr(2_300_000), rules.OpenProcedure, rules.PartIII, true},
		{"a national procedure in Part III (§ 13-1)", rules.Goods, kr(2_300_000), rules.OpenNational, rules.PartIII, false},
		{"works below their EEA threshold", rules.WorksContract, kr(57_799_999), rules.OpenNational, rules.PartII, true},
		{"works from it", rules.WorksContract, kr(57_800_000), rules.OpenProcedure, rules.PartIII, true},
		{"special services have no upper limit (§ 5-1 (2) b)", rules.SpecialServices, kr(500_000_000), rules.OpenNational, rules.PartII, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := drafted()
			p.Plan.Contract, p.Plan.Procedure = tt.contract, tt.procedure
			p.Plan.Lots = []procurement.Lot{{ID: lotOne, Number: 1, Estimated: tt.value, Maximum: tt.value}}
			p.Participants = procurement.ParticipantTally{Named: 2, EstimatedValue: tt.value, MaximumValue: tt.value}
			r := p.Review(dispatchOn, confirmed(t, p), ptr(set()))
			if r.Regime != tt.regime {
				t.Errorf("regime %s, want %s", r.Regime, tt.regime)
			}
			refusedAs := slices.ContainsFunc(r.Refusals, func(e *fault.Error) bool { return e.Rule == "procedure.not-in-regime" })
			if refusedAs == tt.offered {
				t.Errorf("procedure refused: %t; %v", refusedAs, r.Refusals)
			}
		})
	}
}

// The joint value is that of all participants, not of the lots as first planned.
func TestParticipantsMaximaCountTogether(t *testing.T) {
	t.Parallel()
	p := drafted()
	p.Plan.Lots = []procurement.Lot{lot(1, 1_500_000, 2_000_000)}
	p.Participants.MaximumValue = money.Kroner(2_300_000)
	if r := p.Review(dispatchOn, confirmed(t, p), ptr(set())); r.Regime != rules.PartIII {
		t.Errorf("regime %s", r.Regime)
	}
}

// An EEA threshold that nobody has found decides nothing; the timeline is still
// drawn, by the procedure that is planned.
func TestUnknownThreshold(t *testing.T) {
	t.Parallel()
	p := prepared(t)
	r := p.Review(dispatchOn, pack(t).With(nil), ptr(set()))
	refused(t, one(r.Refusals), fault.Conflict, "rules.value-unknown", "", "FOA § 5-3 (1) b")
	if r.Regime != rules.PartIII || milestone(t, r, procurement.TendersDue).Earliest != day("2026-12-03") {
		t.Errorf("regime %s, timeline %v", r.Regime, r.Timeline)
	}
}

// Every rule of FOA is unverified after 21 March 2024, each listed once; a
// confirmation with a source clears it. Publishing waits for the last one.
func TestUnverifiedRulesAreListedUntilConfirmed(t *testing.T) {
	t.Parallel()
	p := prepared(t)
	law := pack(t)
	bare := p.Review(dispatchOn, law.With(nil), ptr(set()))
	want := []string{"loa.2.entry-threshold", "foa.5-1.2.national-threshold", "foa.5-3.1b.eea-threshold-goods-services-other",
		"foa.14-2.2.answers-before-deadline", "foa.20-2.1.tender-deadline-open", "foa.20-6.2.tender-validity", "foa.25-2.1.standstill",
		"foa.21-6.1.award-notice", "foa.26-1.4.framework-duration"}
	var got []string
	for _, r := range bare.Unverified {
		got = append(got, r.ID)
	}
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("unverified\n%v, want\n%v", got, want)
	}
	c := publication(t, p)
	c.Law = law.With(nil)
	_, err := p.Decide(c, publishAt)
	for _, r := range bare.Unverified {
		f, _ := fault.As(err)
		if !slices.ContainsFunc(f.All(), func(e *fault.Error) bool {
			return e.Rule == "rules.unverified" && e.Params["rule"] == r.ID && e.Paragraph == r.Paragraph
		}) {
			t.Errorf("publishing is not held for %s", r.ID)
		}
	}
	if left := p.Review(dispatchOn, confirmed(t, p), ptr(set())).Unverified; len(left) > 0 {
		t.Errorf("left after confirming: %v", left)
	}
}

// FOA § 20-2 (1), § 7-6: dispatched on Monday 2 November 2026, thirty days run
// through Wednesday 2 December, so the earliest deadline is 3 December.
func TestMinimumTenderDeadline(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		dispatch, until, earliest string
		lawful                    bool
	}{
		{"2026-11-02", "2026-12-02 23:59", "2026-12-03", false},
		{"2026-11-02", "2026-12-03 00:00", "2026-12-03", true},
		{"2026-11-02", "2026-12-03 12:00", "2026-12-03", true},
		// Day 30 is Sunday 6 December: through Monday.
		{"2026-11-06", "2026-12-07 12:00", "2026-12-08", false},
		{"2026-11-06", "2026-12-08 00:00", "2026-12-08", true},
		// Day 30 is Christmas Day: through Monday 28 December.
		{"2026-11-25", "2026-12-28 12:00", "2026-12-29", false},
	} {
		p := prepared(t)
		p.Plan.DispatchOn, p.Plan.TenderDeadline = day(tt.dispatch), at(tt.until)
		p.Plan.QuestionsBy = p.Plan.TenderDeadline.AddDate(0, 0, -14)
		r := p.Review(p.Plan.DispatchOn, confirmed(t, p), ptr(set()))
		if m := milestone(t, r, procurement.TendersDue); m.Earliest != day(tt.earliest) || m.Paragraph != "FOA § 20-2 (1)" {
			t.Errorf("%s: earliest %s by %s", tt.dispatch, m.Earliest, m.Paragraph)
		}
		if tt.lawful {
			if len(r.Refusals) > 0 {
				t.Errorf("%s, %s: %v", tt.dispatch, tt.until, r.Refusals)
			}
			continue
		}
		refused(t, one(r.Refusals), fault.Invalid, "deadline.too-short", "tenderDeadline", "FOA § 20-2 (1)")
		for _, e := range r.Refusals {
			if e.Rule == "deadline.too-short" && (e.Params["earliest"] != tt.earliest || e.Params["days"] != "30") {
				t.Errorf("params %v", e.Params)
			}
		}
	}
}

// The days that lengthened a period are shown, each with its reason.
func TestHolidaysAreShown(t *testing.T) {
	t.Parallel()
	p := prepared(t)
	p.Plan.DispatchOn, p.Plan.TenderDeadline = day("2026-11-25"), at("2027-01-05 12:00")
	r := p.Review(p.Plan.DispatchOn, confirmed(t, p), ptr(set()))
	want := []calendar.Move{{Day: day("2026-12-25"), Reason: "holiday:christmas-day"}, {Day: day("2026-12-26"), Reason: "holiday:second-christmas-day"},
		{Day: day("2026-12-27"), Reason: calendar.Sunday}}
	if got := milestone(t, r, procurement.TendersDue).Moved; !slices.Equal(got, want) {
		t.Errorf("moved %v, want %v", got, want)
	}
}

// FOA § 14-2 (2): six full days before the deadline, counted back and not moved.
func TestAnswersDue(t *testing.T) {
	t.Parallel()
	r := review(t, func(*procurement.Procurement, *requirement.Set) {})
	if m := milestone(t, r, procurement.AnswersDue); m.Latest != day("2026-12-03") || r.AnswersDue != m.Latest || m.Paragraph != "FOA § 14-2 (2)" || len(m.Moved) > 0 {
		t.Errorf("Thursday 10 December: %+v", m)
	}
	// Six days before Saturday 12 December: Saturday 5 December, not moved.
	r = review(t, func(p *procurement.Procurement, _ *requirement.Set) { p.Plan.TenderDeadline = at("2026-12-12 12:00") })
	if r.AnswersDue != day("2026-12-05") {
		t.Errorf("counted from a Saturday: %s", r.AnswersDue)
	}
	r = review(t, func(p *procurement.Procurement, _ *requirement.Set) { p.Plan.QuestionsBy = at("2026-12-04 08:00") })
	refused(t, one(r.Refusals), fault.Invalid, "plan.questions-after-answers-due", "questionsBy", "FOA § 14-2 (2)")
}

func national(p *procurement.Procurement, _ *requirement.Set) {
	p.Plan.Procedure = rules.OpenNational
	p.Plan.Lots = []procurement.Lot{lot(1, 1_500_000, 2_000_000)}
	p.Participants.EstimatedValue, p.Participants.MaximumValue, p.Participants.MandatedValue = money.Kroner(1_500_000), money.Kroner(2_000_000), money.Kroner(2_000_000)
}

// Part II sets no minimum (§ 8-14), no day for answers, and no award notice.
func TestPartIITimeline(t *testing.T) {
	t.Parallel()
	r := review(t, func(p *procurement.Procurement, s *requirement.Set) {
		national(p, s)
		p.Plan.TenderDeadline, p.Plan.QuestionsBy = at("2026-11-12 12:00"), at("2026-11-09 12:00")
	})
	if len(r.Refusals) > 0 || r.Regime != rules.PartII {
		t.Fatalf("%s: %v", r.Regime, r.Refusals)
	}
	if m := milestone(t, r, procurement.TendersDue); !m.Earliest.IsZero() || m.Paragraph != "FOA § 8-14" {
		t.Errorf("tenders due: %+v", m)
	}
	if r.AnswersDue != day("2026-11-11") {
		t.Errorf("answers due %s", r.AnswersDue)
	}
	if slices.ContainsFunc(r.Timeline, func(m procurement.Milestone) bool { return m.Kind == procurement.NoticeOfAward }) {
		t.Error("an award notice in Part II")
	}
}

// FOA § 25-2 (1): ten days, day 1 being the day after the letters.
func TestStandstill(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, award string
		days        int
		national    bool
		last, from  string
	}{
		{"sent on a Monday", "2026-11-02", 0, false, "2026-11-12", "2026-11-13"},
		{"day 10 is a Saturday", "2026-11-04", 0, false, "2026-11-16", "2026-11-17"},
		{"day 10 is Maundy Thursday", "2027-03-15", 0, false, "2027-03-30", "2027-03-31"},
		{"longer by plan", "2026-11-02", 15, false, "2026-11-17", "2026-11-18"},
		{"never shorter by plan", "2026-11-02", 3, false, "2026-11-12", "2026-11-13"},
		{"Part II as proposed (§ 10-2)", "2026-11-02", 0, true, "2026-11-12", "2026-11-13"},
		{"Part II as planned", "2026-11-02", 7, true, "2026-11-09", "2026-11-10"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := review(t, func(p *procurement.Procurement, s *requirement.Set) {
				if tt.national {
					national(p, s)
				}
				p.Plan.AwardOn, p.Plan.StandstillDays = day(tt.award), tt.days
			})
			end, from := milestone(t, r, procurement.StandstillEnds), milestone(t, r, procurement.ContractFrom)
			if end.On != day(tt.last) || from.Earliest != day(tt.from) {
				t.Errorf("ends %s, contract from %s", end.On, from.Earliest)
			}
			short := slices.ContainsFunc(r.Warnings, func(e *fault.Error) bool { return e.Rule == "plan.standstill-short" && e.Paragraph == "FOA § 10-2" })
			if want := tt.national && tt.days == 7; short != want {
				t.Errorf("warned of a short standstill: %t", short)
			}
		})
	}
}

// Special services from the EEA threshold have the standstill of Part III in
// Part II too (FOA § 10-2 (2)).
func TestStandstillOfSpecialServices(t *testing.T) {
	t.Parallel()
	for value, last := range map[int64]string{7_799_999: "2026-11-05", 7_800_000: "2026-11-12"} {
		r := review(t, func(p *procurement.Procurement, _ *requirement.Set) {
			p.Plan.Contract, p.Plan.Procedure, p.Plan.StandstillDays, p.Plan.AwardOn = rules.SpecialServices, rules.OpenNational, 3, day("2026-11-02")
			p.Plan.Lots = []procurement.Lot{lot(1, value, value)}
			p.Participants.MaximumValue = money.Kroner(value)
		})
		if m := milestone(t, r, procurement.StandstillEnds); r.Regime != rules.PartII || m.On != day(last) {
			t.Errorf("%d: %s, ends %s by %s", value, r.Regime, m.On, m.Paragraph)
		}
	}
}

func TestValidity(t *testing.T) {
	t.Parallel()
	// Thirty days after Thursday 10 December 2026 is Saturday 9 January: through
	// Monday 11 January (FOA § 20-6 (2)).
	r := review(t, func(p *procurement.Procurement, _ *requirement.Set) {
		p.Plan.ValidUntil, p.Plan.AwardOn = calendar.Date{}, day("2026-12-18")
	})
	if m := milestone(t, r, procurement.ValidityEnds); m.On != day("2027-01-11") || len(m.Moved) != 2 || m.Paragraph != "FOA § 20-6 (2)" {
		t.Errorf("not set: %+v", m)
	}
	r = review(t, func(p *procurement.Procurement, _ *requirement.Set) { p.Plan.ValidUntil = day("2027-01-20") })
	refused(t, one(r.Warnings), fault.Invalid, "plan.validity-too-short", "validUntil", "FOA § 20-6 (2)")
	r = review(t, func(p *procurement.Procurement, _ *requirement.Set) { p.Plan.ValidUntil = day("2027-01-10") })
	refused(t, one(r.Refusals), fault.Invalid, "plan.award-after-validity", "awardOn", "FOA § 20-6 (2)")
}

func TestWarningOfCostShares(t *testing.T) {
	t.Parallel()
	r := review(t, func(p *procurement.Procurement, _ *requirement.Set) { p.Participants.CostShare-- })
	refused(t, one(r.Warnings), fault.Invalid, "mandates.cost-shares", "participants", "")
	r = review(t, func(p *procurement.Procurement, _ *requirement.Set) { p.Plan.ContractStarts = day("2027-01-21") })
	refused(t, one(r.Warnings), fault.Invalid, "plan.contract-in-standstill", "contractStarts", "FOA § 25-2 (1)")
}

// A dry run answers in every phase and for an empty plan.
func TestReviewNeverFails(t *testing.T) {
	t.Parallel()
	var empty procurement.Procurement
	if r := empty.Review(calendar.Date{}, pack(t).With(nil), nil); len(r.Refusals) == 0 {
		t.Error("an empty plan may be published")
	}
	for _, phase := range procurement.Phases() {
		p, _ := inPhase(t, phase)
		for _, e := range p.Review(dispatchOn, pack(t).With(nil), nil).Refusals {
			if e.Kind == fault.Internal {
				t.Errorf("%s: %v", phase, e)
			}
		}
	}
}
