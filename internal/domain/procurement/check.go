package procurement

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Review is what the law says of a plan if the notice is dispatched on a day:
// the timeline, the rules that it rests on, which of them nobody vouches for
// yet, and what stands in the way of publishing.
type Review struct {
	Dispatch calendar.Date
	Regime   rules.Regime
	Timeline []Milestone
	// Used are the rules that the timeline and the refusals rest on.
	Used []rules.Rule
	// Unverified are those of them that the lead buyer has to confirm or
	// replace before publishing.
	Unverified []rules.Rule
	// Refusals stand in the way; Warnings do not.
	Refusals []*fault.Error
	Warnings []*fault.Error
	// AnswersDue is the latest day for answers to questions.
	AnswersDue calendar.Date
}

// Milestone is one date of the timeline.
type Milestone struct {
	// Kind is the key of its text.
	Kind MilestoneKind `json:"kind"`
	// On is the planned day, Earliest or Latest what the law allows; zero where
	// there is none.
	On       calendar.Date `json:"on,omitzero"`
	At       time.Time     `json:"at,omitzero"`
	Earliest calendar.Date `json:"earliest,omitzero"`
	Latest   calendar.Date `json:"latest,omitzero"`
	// Rule and Paragraph decide the limit.
	Rule      string `json:"rule,omitempty"`
	Paragraph string `json:"paragraph,omitempty"`
	// Moved are the days that lengthened the period: weekends and holidays.
	Moved []calendar.Move `json:"moved,omitempty"`
}

// MilestoneKind is what a date of the timeline is about.
type MilestoneKind string

// The milestones.
const (
	MandatesDue    MilestoneKind = "mandates-due"
	NoticeSent     MilestoneKind = "notice-dispatched"
	QuestionsDue   MilestoneKind = "questions-due"
	AnswersDue     MilestoneKind = "answers-due"
	TendersDue     MilestoneKind = "tenders-due"
	AwardPlanned   MilestoneKind = "award"
	StandstillEnds MilestoneKind = "standstill-ends"
	ContractFrom   MilestoneKind = "contract-earliest"
	ValidityEnds   MilestoneKind = "validity-ends"
	ContractStart  MilestoneKind = "contract-starts"
	ContractEnd    MilestoneKind = "contract-ends"
	NoticeOfAward  MilestoneKind = "award-notice-due"
)

// Review judges the plan against the law as if the notice were dispatched on
// the day. set may be nil while no requirement set stands; that is then a
// refusal. It never fails: what cannot be concluded is a refusal.
func (p Procurement) Review(dispatch calendar.Date, law rules.Effective, set *requirement.Set) Review {
	r := Review{Dispatch: dispatch}
	j := judge{p: p, law: law, on: dispatch, r: &r}
	j.regime()
	j.timeline()
	j.framework()
	j.participants()
	j.requirements(set)
	r.Unverified = unverified(r.Used, dispatch)
	return r
}

type judge struct {
	p   Procurement
	law rules.Effective
	on  calendar.Date
	r   *Review
}

func (j judge) refuse(e *fault.Error) { j.r.Refusals = append(j.r.Refusals, e) }
func (j judge) warn(e *fault.Error)   { j.r.Warnings = append(j.r.Warnings, e) }

// refuseErr takes every problem of a fault on its own, so that each is shown.
func (j judge) refuseErr(err error) {
	if f, ok := fault.As(err); ok {
		for _, one := range f.All() {
			alone := *one
			alone.Also = nil
			j.refuse(&alone)
		}
		return
	}
	j.refuse(fault.Wrap(fault.Internal, "procurement.review-failed", err))
}

func (j judge) use(rr ...rules.Rule) { j.r.Used = append(j.r.Used, rr...) }

// pick notes the rule of a stage; ok is false when the pack has none.
func (j judge) pick(stage rules.Stage) (rules.Rule, bool) {
	rule, err := j.law.Pick(j.r.Regime, j.p.Plan.Procedure, stage, rules.Main, j.on)
	if err != nil {
		return rules.Rule{}, false
	}
	j.use(rule)
	return rule, true
}

// value is what the part of the regulation goes by: for a joint procurement the
// sum of all participants' maxima, since a framework agreement counts by its
// maximum (FOA § 5-4 (1), (5)).
func (p Procurement) value() money.NOK {
	return max(p.Participants.MaximumValue, p.Plan.Maximum())
}

// regime finds which part of the regulation applies.
func (j judge) regime() {
	regime, used, err := rules.RegimeFor(rules.Input{Kind: j.p.Plan.Contract, Class: rules.OtherBuyer, Value: j.p.value()}, j.law, j.on)
	j.use(used...)
	if err != nil {
		j.refuseErr(err)
		// The timeline is still worth seeing: by the procedure that is planned.
		regime = rules.PartIII
		if j.p.Plan.Procedure == rules.OpenNational {
			regime = rules.PartII
		}
	}
	j.r.Regime = regime
	offered := j.law.Pack().Procedures(regime, j.on)
	if !slices.ContainsFunc(offered, func(o rules.ProcedureRule) bool { return o.Code == j.p.Plan.Procedure }) {
		j.refuse(invalid("procedure.not-in-regime", "procedure", fault.Params{"regime": string(regime), "procedure": string(j.p.Plan.Procedure)}).By("FOA §§ 8-3, 13-1"))
	}
	if j.p.Plan.Negotiation && regime == rules.PartIII {
		j.refuse(invalid("procedure.no-negotiation", "negotiation").By("FOA § 23-6"))
	}
}

func (j judge) mark(m Milestone) { j.r.Timeline = append(j.r.Timeline, m) }

func (j judge) timeline() {
	plan := j.p.Plan
	j.mark(Milestone{Kind: MandatesDue, On: calendar.DateOf(plan.MandateDeadline), At: plan.MandateDeadline})
	j.mark(Milestone{Kind: NoticeSent, On: j.on})
	j.questions()
	j.tenders()
	j.validityAndStandstill()
	j.mark(Milestone{Kind: ContractStart, On: plan.ContractStarts})
	j.awardNotice()
	j.mark(Milestone{Kind: ContractEnd, On: plan.ContractEnds})
}

// questions: answers to all at the latest so many days before the deadline
// (FOA § 14-2 (2)); Part II has no number, so the same day is proposed.
func (j judge) questions() {
	plan := j.p.Plan
	deadline := calendar.DateOf(plan.TenderDeadline)
	m := Milestone{Kind: AnswersDue}
	if rule, ok := j.pick(rules.AnswersBefore); ok {
		if period, err := rule.Period(deadline); err != nil {
			j.refuseErr(err)
		} else {
			m.On, m.Latest = period.DayBefore(), period.DayBefore()
		}
		m.Rule, m.Paragraph = rule.ID, rule.Paragraph
	}
	if m.On.IsZero() {
		m.On = deadline.AddDays(-1)
	}
	j.r.AnswersDue = m.On
	q := Milestone{Kind: QuestionsDue, On: calendar.DateOf(plan.QuestionsBy), At: plan.QuestionsBy, Latest: m.On}
	j.mark(q)
	j.mark(m)
	if q.On.After(m.On) {
		j.refuse(invalid("plan.questions-after-answers-due", "questionsBy", fault.Params{"answersDue": m.On.String()}).By(m.Paragraph))
	}
}

// tenders: the minimum tender deadline from the day of dispatch.
func (j judge) tenders() {
	plan := j.p.Plan
	m := Milestone{Kind: TendersDue, On: calendar.DateOf(plan.TenderDeadline), At: plan.TenderDeadline}
	rule, ok := j.pick(rules.TenderDeadline)
	if !ok {
		j.mark(m)
		j.refuse(fault.New(fault.Conflict, "rules.no-tender-deadline", fault.Params{"regime": string(j.r.Regime)}).At("tenderDeadline"))
		return
	}
	m.Rule, m.Paragraph = rule.ID, rule.Paragraph
	if rule.Kind != rules.Discretion {
		period, err := rule.Period(j.on)
		if err != nil {
			j.refuseErr(err)
		} else {
			m.Earliest, m.Moved = period.DayAfter(), period.Moved
			if plan.TenderDeadline.Before(period.EndsBefore()) {
				days, _ := rule.Number()
				j.refuse(invalid("deadline.too-short", "tenderDeadline", fault.Params{
					"days": strconv.FormatInt(days, 10), "dispatch": j.on.String(), "runsThrough": period.Last.String(),
					"earliest": m.Earliest.String(), "planned": m.On.String(), "rule": rule.ID,
				}).By(rule.Paragraph))
			}
		}
	}
	j.mark(m)
}

// validityAndStandstill: how long tenders bind, and how long after the letters
// no contract may be concluded.
func (j judge) validityAndStandstill() {
	plan := j.p.Plan
	deadline := calendar.DateOf(plan.TenderDeadline)
	validity := Milestone{Kind: ValidityEnds, On: plan.ValidUntil}
	if rule, ok := j.pick(rules.TenderValidity); ok {
		validity.Rule, validity.Paragraph = rule.ID, rule.Paragraph
		if period, err := rule.Period(deadline); err == nil && validity.On.IsZero() {
			validity.On, validity.Moved = period.Last, period.Moved
		}
	}
	j.mark(Milestone{Kind: AwardPlanned, On: plan.AwardOn})
	rule, used, err := j.p.standstillRule(j.r.Regime, j.law, j.on)
	j.use(used...)
	switch {
	case fault.RuleOf(err) == "rules.not-in-force":
		// A regime without a standstill.
	case err != nil:
		j.refuseErr(err)
	default:
		if rule.Kind == rules.Discretion && rule.Proposed != nil && plan.StandstillDays > 0 && int64(plan.StandstillDays) < *rule.Proposed {
			j.warn(invalid("plan.standstill-short", "standstillDays", fault.Params{"proposed": strconv.FormatInt(*rule.Proposed, 10)}).By(rule.Paragraph))
		}
		period, err := standstillPeriod(rule, plan.StandstillDays, plan.AwardOn)
		if err != nil {
			j.refuseErr(err)
		} else {
			j.mark(Milestone{Kind: StandstillEnds, On: period.Last, Rule: rule.ID, Paragraph: rule.Paragraph, Moved: period.Moved})
			j.mark(Milestone{Kind: ContractFrom, Earliest: period.DayAfter(), Rule: rule.ID, Paragraph: rule.Paragraph})
			if plan.ContractStarts.Before(period.DayAfter()) {
				j.warn(invalid("plan.contract-in-standstill", "contractStarts", fault.Params{"earliest": period.DayAfter().String()}).By(rule.Paragraph))
			}
			if validity.On.Before(period.Last) {
				j.warn(invalid("plan.validity-too-short", "validUntil", fault.Params{"standstillEnds": period.Last.String(), "validUntil": validity.On.String()}).By(validity.Paragraph))
			}
		}
	}
	j.mark(validity)
	if validity.On.Before(plan.AwardOn) {
		j.refuse(invalid("plan.award-after-validity", "awardOn", fault.Params{"validUntil": validity.On.String()}).By(validity.Paragraph))
	}
}

// awardNotice: at the latest so many days after the contract is concluded, which
// is at the latest when it starts (FOA § 21-6).
func (j judge) awardNotice() {
	rule, ok := j.pick(rules.AwardNotice)
	if !ok {
		return
	}
	period, err := rule.Period(j.p.Plan.ContractStarts)
	if err != nil {
		j.refuseErr(err)
		return
	}
	j.mark(Milestone{Kind: NoticeOfAward, Latest: period.Last, Rule: rule.ID, Paragraph: rule.Paragraph, Moved: period.Moved})
}

// framework: at most four years, with every option used, and a maximum (CJEU
// C-23/20).
func (j judge) framework() {
	f := j.p.Plan.Framework
	if f == nil {
		return
	}
	rule, ok := j.pick(rules.FrameworkDuration)
	if !ok {
		return
	}
	years, err := rule.Number()
	if err != nil {
		j.refuseErr(err)
		return
	}
	if int64(f.Months) > 12*years && strings.TrimSpace(f.SpecialReason) == "" {
		j.refuse(invalid("framework.too-long", "framework.months", fault.Params{"maxMonths": strconv.FormatInt(12*years, 10)}).By(rule.Paragraph))
	}
	optional := 0
	for _, o := range j.p.Plan.Options {
		optional += o.Months
	}
	if j.p.Plan.ContractEnds.AddMonths(optional).After(j.p.Plan.ContractStarts.AddMonths(f.Months)) {
		j.refuse(invalid("framework.contract-longer", "contractEnds").By(rule.Paragraph))
	}
}

// participants: what is announced is what the mandates cover.
func (j judge) participants() {
	t := j.p.Participants
	if j.p.Phase != Preparation {
		return
	}
	if t.MandatedValue != j.p.Plan.Maximum() {
		j.refuse(invalid("lots.maximum-differs-from-mandates", "lots", fault.Params{
			"lots": j.p.Plan.Maximum().String(), "mandates": t.MandatedValue.String()}).By("FOA § 5-4 (5)"))
	}
	if t.EstimatedValue != j.p.Plan.Estimated() {
		j.refuse(invalid("lots.estimate-differs-from-participants", "lots", fault.Params{
			"lots": j.p.Plan.Estimated().String(), "participants": t.EstimatedValue.String()}).By("FOA § 5-4 (1)"))
	}
	if t.LotsWithoutMandate > 0 {
		j.refuse(invalid("lots.without-mandate", "lots", fault.Params{"lots": strconv.Itoa(t.LotsWithoutMandate)}).By("FOA § 29-1"))
	}
	if t.EarliestMandateEnd.Before(j.p.Plan.ContractEnds) {
		j.refuse(invalid("mandate.ends-before-contract", "contractEnds", fault.Params{"mandateEnds": t.EarliestMandateEnd.String()}))
	}
	if t.CostShare != int64(requirement.Hundred) {
		j.warn(invalid("mandates.cost-shares", "participants", fault.Params{"sum": requirement.Percent(t.CostShare).String()}))
	}
}

func unverified(used []rules.Rule, on calendar.Date) []rules.Rule {
	var open []rules.Rule
	for _, r := range used {
		if r.Unverified(on) && !slices.ContainsFunc(open, func(o rules.Rule) bool { return o.ID == r.ID }) {
			open = append(open, r)
		}
	}
	return open
}
