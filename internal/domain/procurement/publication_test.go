package procurement_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func TestPublishRefusals(t *testing.T) {
	t.Parallel()
	type C = procurement.Publish
	invalid := func(name, rule, field string, change func(p *procurement.Procurement, c *C)) refusal[C] {
		return refusal[C]{name, change, fault.Invalid, rule, field, ""}
	}
	dispatch := func(on string) func(p *procurement.Procurement, c *C) {
		return func(_ *procurement.Procurement, c *C) { c.Dispatch.On = day(on) }
	}
	p := prepared(t)
	refuses(t, p, publication(t, p), publishAt, []refusal[C]{
		invalid("dispatched two days ago", "dispatch.day", "at", dispatch("2026-10-31")),
		invalid("dispatched in three days", "dispatch.day", "at", dispatch("2026-11-05")),
		invalid("no reference", "dispatch.reference", "reference", func(_ *procurement.Procurement, c *C) { c.Dispatch.Reference = "" }),
		invalid("no contract draft", "documents.missing", "documents", func(_ *procurement.Procurement, c *C) { c.Documents = c.Documents[:1] }),
		invalid("one opener", "team.openers", "team", func(_ *procurement.Procurement, c *C) { c.Team.Openers = 1 }),
		invalid("no evaluator", "team.evaluators", "team", func(_ *procurement.Procurement, c *C) { c.Team.Evaluators = 0 }),
		invalid("the deadline is past", "deadline.in-the-past", "tenderDeadline", func(p *procurement.Procurement, _ *C) { p.Plan.TenderDeadline = publishAt }),
		invalid("nobody can ask any more", "plan.questions-in-the-past", "questionsBy", func(p *procurement.Procurement, _ *C) { p.Plan.QuestionsBy = publishAt }),
		invalid("an incomplete plan", "plan.missing", "title", func(p *procurement.Procurement, _ *C) { p.Plan.Title = "" }),
		{"too short a deadline", func(p *procurement.Procurement, _ *C) { p.Plan.TenderDeadline = at("2026-12-02 12:00") },
			fault.Invalid, "deadline.too-short", "tenderDeadline", "FOA § 20-2 (1)"},
		{"no environment", func(_ *procurement.Procurement, c *C) {
			c.Set.Criteria = slices.Clone(c.Set.Criteria)
			c.Set.Criteria[2].Kind = requirement.QualityCriterion
		}, fault.Invalid, "environment.not-met", "", "anskaffelsesloven §§ 5b–5c"},
	})
}

func TestPublishEffects(t *testing.T) {
	t.Parallel()
	p := prepared(t)
	p.Plan.ValidUntil, p.Plan.AwardOn, p.Plan.ContractStarts = calendar.Date{}, day("2026-12-18"), day("2027-03-01")
	c, err := p.Decide(publication(t, p), publishAt)
	if err != nil {
		t.Fatal(err)
	}
	s := c.After.State
	if c.After.Phase != procurement.Tendering || s.Regime != rules.PartIII || s.AnswersDue != day("2026-12-03") || !s.PublishedAt.Equal(publishAt) ||
		s.Dispatch == nil || s.Dispatch.On != dispatchOn || s.SetID == uuid.Nil || s.SetVersion != 1 || c.Wake {
		t.Errorf("state %+v", s)
	}
	if c.After.Plan.ValidUntil != day("2027-01-11") {
		t.Errorf("valid until %s, want the law's own", c.After.Plan.ValidUntil)
	}
	happened(t, c, procurement.Published)
}

// Inputs of participants are answered, and their round is over, before suppliers
// see the requirements; the review says so as the publication does.
func TestNothingIsPublishedOverAnUnansweredInput(t *testing.T) {
	t.Parallel()
	p := prepared(t)
	for name, c := range map[string]struct {
		inputs requirement.InputTally
		rules  []string
	}{
		"all answered":          {requirement.InputTally{TakenIn: 1, Partly: 2, Rejected: 3}, nil},
		"one waits":             {requirement.InputTally{Rejected: 3, Unanswered: 1}, []string{"inputs.unanswered"}},
		"a round is open":       {requirement.InputTally{OpenUntil: publishAt.Add(time.Hour)}, []string{"inputs.round-open"}},
		"open, and some wait":   {requirement.InputTally{Unanswered: 2, OpenUntil: publishAt.Add(time.Hour)}, []string{"inputs.round-open", "inputs.unanswered"}},
		"nobody has been asked": {requirement.InputTally{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := p
			p.Inputs = c.inputs
			command := publication(t, p)
			var refused, reviewed []string
			if _, err := p.Decide(command, publishAt); err != nil {
				f, _ := fault.As(err)
				for _, one := range f.All() {
					refused = append(refused, one.Rule)
				}
			}
			for _, r := range p.Review(command.Dispatch.On, command.Law, &command.Set).Refusals {
				reviewed = append(reviewed, r.Rule)
			}
			if !slices.Equal(refused, c.rules) || !slices.Equal(reviewed, c.rules) {
				t.Errorf("refused for %q, reviewed as %q", refused, reviewed)
			}
		})
	}
}

func TestPricesArePublishedInKroner(t *testing.T) {
	t.Parallel()
	p := prepared(t)
	command := publication(t, p)
	for currency, want := range map[string]string{"": "", "NOK": "", "EUR": "requirements.currency"} {
		command.Set.Currency = currency
		if _, err := p.Decide(command, publishAt); fault.RuleOf(err) != want {
			t.Errorf("in %q: %v", currency, err)
		}
	}
}
