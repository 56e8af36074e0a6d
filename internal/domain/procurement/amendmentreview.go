package procurement

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// AmendmentReview is what the law and our own rule say of an amendment that is
// published at an instant. It tells nothing of who has answered, or whether
// anybody has.
type AmendmentReview struct {
	Difference requirement.Diff
	// Touching are the requirements by which answers have to be looked at again,
	// in the newer version's order, removed ones last; Asked counts those that
	// ask for an answer before or after.
	Touching []uuid.UUID
	Asked    int
	// Material: something else is asked, or a file says so; then the deadline
	// moves by Days.
	Material bool
	Days     int
	// Before is the deadline as it is, Earliest the earliest that the law allows,
	// Proposed the one of our own rule, Deadline the one that would hold.
	Before, Earliest, Proposed, Deadline time.Time
	// QuestionsBy, AnswersDue, ValidUntil and AwardOn move with the deadline.
	QuestionsBy                     time.Time
	AnswersDue, ValidUntil, AwardOn calendar.Date
	// Used are the rules that it rests on.
	Used     []rules.Rule
	Refusals []*fault.Error
	Warnings []*fault.Error
}

// ReviewAmendment judges an amendment as if it were published now. It never
// fails: what keeps it from being published is among the refusals.
func (p Procurement) ReviewAmendment(c Amend, now time.Time) AmendmentReview {
	r := AmendmentReview{Difference: requirement.Changed(c.Older, c.Newer), Before: p.Plan.TenderDeadline}
	j := amendmentJudge{p: p, c: c, now: now, r: &r}
	if r.Difference.Empty() && c.Files.empty() {
		j.refuse(refuse("amendment.nothing"))
	}
	j.touching()
	j.locked()
	j.requirements()
	j.deadline()
	after := p.withDeadline(r.Deadline)
	r.QuestionsBy, r.AnswersDue, r.ValidUntil, r.AwardOn = after.Plan.QuestionsBy, after.State.AnswersDue, after.Plan.ValidUntil, after.Plan.AwardOn
	return r
}

type amendmentJudge struct {
	p   Procurement
	c   Amend
	now time.Time
	r   *AmendmentReview
}

func (j amendmentJudge) refuse(e *fault.Error) { j.r.Refusals = append(j.r.Refusals, e) }

// touching finds what answers have to be held against.
func (j amendmentJudge) touching() {
	d := j.r.Difference
	added := map[uuid.UUID]bool{}
	for _, a := range d.Added {
		added[a.Requirement.ID] = true
	}
	touched := map[uuid.UUID]bool{}
	for _, c := range d.Changed {
		touched[c.Requirement] = c.Touches
	}
	for _, q := range j.c.Newer.Requirements {
		was, kept := j.c.Older.Requirement(q.ID)
		asks := q.AnswerType != requirement.NoAnswer || kept && was.AnswerType != requirement.NoAnswer
		if !asks {
			continue
		}
		j.r.Asked++
		if added[q.ID] || touched[q.ID] {
			j.r.Touching = append(j.r.Touching, q.ID)
		}
	}
	for _, q := range d.Removed {
		if q.AnswerType != requirement.NoAnswer {
			j.r.Asked++
			j.r.Touching = append(j.r.Touching, q.ID)
		}
	}
	j.r.Material = len(j.r.Touching) > 0 || j.c.Files.Material
}

// locked: what tenders are evaluated by stays as it was announced (FOA §§ 18-1,
// 8-11; KOFA 2025/0993).
func (j amendmentJudge) locked() {
	criteria := j.p.by("FOA § 18-1", "FOA § 8-11")
	for _, f := range j.r.Difference.Set {
		switch f.Field {
		case "criteria":
			j.refuse(invalid("amendment.criteria", "criteria").By(criteria))
		case "lots":
			j.refuse(invalid("amendment.lots", "lots"))
		case "currency":
			j.refuse(invalid("amendment.currency", "currency"))
		}
	}
	stays := func(rule string, q requirement.Requirement) {
		j.refuse(invalid(rule, "requirements."+q.ID.String(), fault.Params{"number": q.Number}).By(criteria))
	}
	for _, a := range j.r.Difference.Added {
		if a.Requirement.Weight != 0 {
			stays("amendment.weight", a.Requirement)
		}
	}
	for _, q := range j.r.Difference.Removed {
		if q.Weight != 0 {
			stays("amendment.weight", q)
		}
	}
	for _, c := range j.r.Difference.Changed {
		was, _ := j.c.Older.Requirement(c.Requirement)
		is, _ := j.c.Newer.Requirement(c.Requirement)
		switch {
		case c.Has("weight", "criterion"):
			stays("amendment.weight", is)
		case was.IsRated() != is.IsRated():
			stays("amendment.rated", is)
		}
		if was.Part() != is.Part() {
			// What stands is sealed in the other part.
			stays("amendment.part", is)
		}
		if countsDiffer(was.PriceLines, is.PriceLines) {
			stays("amendment.price-counts", is)
		}
	}
}

// countsDiffer reports whether a price line that stays counts otherwise in the
// evaluated price.
func countsDiffer(was, is []requirement.PriceLine) bool {
	return slices.ContainsFunc(is, func(l requirement.PriceLine) bool {
		i := slices.IndexFunc(was, func(o requirement.PriceLine) bool { return o.Code == l.Code })
		return i >= 0 && was[i].Counts != l.Counts
	})
}

// requirements: the amended list is one that could be published.
func (j amendmentJudge) requirements() {
	review := Review{Regime: j.p.State.Regime}
	judge{p: j.p, law: j.c.Law, on: j.dispatched(), r: &review}.requirements(&j.c.Newer)
	j.r.Refusals = append(j.r.Refusals, review.Refusals...)
	j.r.Warnings = append(j.r.Warnings, review.Warnings...)
}

// dispatched is the day whose rules hold for the competition.
func (j amendmentJudge) dispatched() calendar.Date {
	if d := j.p.State.Dispatch; d != nil {
		return d.On
	}
	return calendar.DateOf(j.now)
}

func (j amendmentJudge) pick(stage rules.Stage) (rules.Rule, bool) {
	rule, err := j.c.Law.Pick(j.p.State.Regime, j.p.Plan.Procedure, stage, rules.Main, j.dispatched())
	if err != nil {
		return rules.Rule{}, false
	}
	if !slices.ContainsFunc(j.r.Used, func(r rules.Rule) bool { return r.ID == rule.ID }) {
		j.r.Used = append(j.r.Used, rule)
	}
	return rule, true
}

// deadline finds how far the tender deadline moves. Additional information is
// sent so many days before it (FOA § 14-2 (2)), and a material change moves it
// (§§ 14-2 (3), 20-1 (3)); for how far the law has no number, only that it is
// proportionate.
func (j amendmentJudge) deadline() {
	r := j.r
	r.Earliest = j.answerable(r.Before)
	r.Proposed = r.Earliest
	paragraph := ""
	if r.Material {
		if law, ok := j.pick(rules.MaterialChange); ok {
			paragraph = law.Paragraph
		}
		r.Days = j.proportionate()
		r.Proposed = later(r.Earliest, j.answerable(onWorkingDay(laterByDays(r.Before, r.Days))))
	}
	r.Deadline = r.Proposed
	if j.c.Until.IsZero() {
		return
	}
	r.Deadline = j.c.Until
	switch {
	case r.Deadline.Before(r.Before):
		j.refuse(invalid("deadline.not-later", "until", fault.Params{"deadline": instant(r.Before)}))
	case r.Deadline.Before(r.Earliest):
		j.refuse(invalid("amendment.answers-before", "until", fault.Params{"earliest": instant(r.Earliest)}).By("FOA § 14-2 (2)"))
	case r.Deadline.Before(r.Proposed) && strings.TrimSpace(j.c.Shorter) == "":
		j.refuse(invalid("amendment.shorter", "shorter", fault.Params{"days": strconv.Itoa(r.Days), "proposed": instant(r.Proposed)}).By(paragraph))
	}
	if r.Deadline.Before(r.Before) {
		r.Deadline = r.Before
	}
}

// answerable moves a deadline until what is sent now is sent in time before it.
func (j amendmentJudge) answerable(deadline time.Time) time.Time {
	rule, ok := j.pick(rules.AnswersBefore)
	if !ok {
		return deadline
	}
	today := calendar.DateOf(j.now)
	for {
		period, err := rule.Period(calendar.DateOf(deadline))
		if err != nil || !today.After(period.DayBefore()) {
			return deadline
		}
		deadline = onWorkingDay(laterByDays(deadline, 1))
	}
}

// proportionate is our own rule: of the time that the whole competition has at
// least, the share that is touched, and never less than the rule's number of
// days.
func (j amendmentJudge) proportionate() int {
	least := 1
	if rule, ok := j.pick(rules.AmendmentExtension); ok {
		if n, err := rule.Number(); err == nil {
			least = int(n)
		} else if rule.Proposed != nil {
			least = int(*rule.Proposed)
		}
	}
	whole := calendar.DateOf(j.r.Before).Sub(j.dispatched())
	if rule, ok := j.pick(rules.TenderDeadline); ok {
		if n, err := rule.Number(); err == nil {
			whole = int(n)
		}
	}
	if j.r.Asked == 0 {
		return least
	}
	share := (whole*len(j.r.Touching) + j.r.Asked - 1) / j.r.Asked
	return max(least, share)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// onWorkingDay moves an instant to the same hour of the next working day.
func onWorkingDay(t time.Time) time.Time {
	for !calendar.IsWorkingDay(calendar.DateOf(t)) {
		t = laterByDays(t, 1)
	}
	return t
}
