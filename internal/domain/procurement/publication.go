package procurement

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// requiredDocuments are the kinds of files without which suppliers cannot know
// the rules of the competition or what they would sign.
var requiredDocuments = []string{"tender_rules", "contract_draft"}

// publish opens the competition. It refuses with every reason at once, each
// with its rule, paragraph and computed date: a legal mistake here cannot be
// mended after the tenders are in.
func (p Procurement) publish(c Publish, now time.Time) (Change, error) {
	if err := p.in(Preparation); err != nil {
		return Change{}, err
	}
	var l fault.List
	dispatch(c.Dispatch, now, &l)
	if !p.Plan.TenderDeadline.After(now) {
		l.Addf("deadline.in-the-past", "tenderDeadline", fault.Params{"deadline": instant(p.Plan.TenderDeadline)})
	}
	if !p.Plan.QuestionsBy.After(now) {
		l.Addf("plan.questions-in-the-past", "questionsBy", fault.Params{"questionsBy": instant(p.Plan.QuestionsBy)})
	}
	if err := p.Plan.Validate(); err != nil {
		addAll(&l, err)
	}
	review := p.Review(c.Dispatch.On, c.Law, &c.Set)
	for _, r := range review.Refusals {
		l.Add(r)
	}
	for _, r := range review.Unverified {
		l.Add(unverifiedRule(r))
	}
	for _, kind := range requiredDocuments {
		if !slices.Contains(c.Documents, kind) {
			l.Addf("documents.missing", "documents", fault.Params{"kind": kind})
		}
	}
	if c.Team.Openers < Openers {
		l.Addf("team.openers", "team", fault.Params{"needed": strconv.Itoa(Openers), "has": strconv.Itoa(c.Team.Openers)})
	}
	if c.Team.Evaluators < 1 {
		l.Addf("team.evaluators", "team")
	}
	if err := l.Err(); err != nil {
		return Change{}, err
	}
	after := p
	d := c.Dispatch
	after.enter(Tendering, now)
	after.State.Regime = review.Regime
	after.State.Dispatch = &d
	after.State.PublishedAt = now
	after.State.SetID = c.SetID
	after.State.SetVersion = c.Version
	after.State.AnswersDue = review.AnswersDue
	if after.Plan.ValidUntil.IsZero() {
		for _, m := range review.Timeline {
			if m.Kind == ValidityEnds {
				after.Plan.ValidUntil = m.On
			}
		}
	}
	return Change{After: after, Events: []Event{event(Published, "deadline", instant(p.Plan.TenderDeadline), "dispatched", d.On.String())}}, nil
}

func unverifiedRule(r rules.Rule) *fault.Error {
	return refuse("rules.unverified", fault.Params{"rule": r.ID, "mark": string(r.Mark)}).By(r.Paragraph)
}

// dispatch judges when the notice was sent: from yesterday to the day after
// tomorrow (DFØ's national rules for E-notices), with the reference that proves
// it.
func dispatch(d Dispatch, now time.Time, l *fault.List) {
	today := calendar.DateOf(now)
	if d.On.IsZero() || d.On.Before(today.AddDays(-1)) || d.On.After(today.AddDays(2)) {
		l.Addf("dispatch.day", "at", fault.Params{"earliest": today.AddDays(-1).String(), "latest": today.AddDays(2).String()})
	}
	if n := len(strings.TrimSpace(d.Reference)); n == 0 || n > 100 {
		l.Addf("dispatch.reference", "reference")
	}
}

func addAll(l *fault.List, err error) {
	f, ok := fault.As(err)
	if !ok {
		l.Add(fault.Wrap(fault.Internal, "procurement.review-failed", err))
		return
	}
	for _, e := range f.All() {
		c := *e
		c.Also = nil
		l.Add(&c)
	}
}
