package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// Prepare makes the procurements that commands are about, up to a complete
// draft of a tender, and sets Case.
func (s *Stack) Prepare(ctx context.Context) error {
	lead, err := As(ctx, Lead)
	if err != nil {
		return err
	}
	for _, id := range []*uuid.UUID{&s.Case.Asked, &s.Case.Competition} {
		if *id, err = s.Plan(ctx, 0); err != nil {
			return err
		}
		if err := s.launch(lead, *id); err != nil {
			return err
		}
	}
	if err := s.publish(ctx, lead, s.Case.Competition); err != nil {
		return err
	}
	c, err := s.Serve.Procurement(lead, s.Case.Asked)
	if err != nil {
		return err
	}
	s.Case.Terms = terms(c.Procurement)
	return s.write(ctx)
}

// launch has a planned procurement wait for mandates.
func (s *Stack) launch(lead context.Context, id uuid.UUID) error {
	for _, d := range demo.Documents() {
		kind := map[string]string{"konkurranseregler.md": "tender_rules", "avtaleutkast.md": "contract_draft", "bilag.md": "annex"}[d.Name]
		if _, err := s.Serve.AddDocument(lead, id, app.Document{Kind: kind, Name: d.Name, MediaType: d.ContentType, Content: d.Content}); err != nil {
			return err
		}
	}
	if err := s.team(lead, id); err != nil {
		return err
	}
	_, err := s.Serve.LaunchProcurement(lead, id, 0)
	return err
}

func (s *Stack) team(lead context.Context, id uuid.UUID) error {
	roles := map[string]string{"apner-1.bodo": "opener", "apner-2.bodo": "opener", "evaluerer-1.bodo": "evaluator", "evaluerer-2.bodo": "evaluator"}
	for _, i := range seed.Identities() {
		if role := roles[i.Subject]; role != "" {
			if err := s.Serve.AddToTeam(lead, id, app.Member{Identity: i.ID, Org: i.Org, Role: role}); err != nil {
				return err
			}
		}
	}
	return nil
}

// terms are what a municipality answers.
func terms(p procurement.Procurement) procurement.MandateTerms {
	t := procurement.MandateTerms{DecidedOn: p.Plan.DispatchOn.AddDays(-20), CaseReference: "2026/42", Scope: "Begge delkontrakter", Maximum: money.Kroner(4_500_000), CostShare: requirement.Hundred, EndsOn: p.Plan.ContractEnds}
	for _, l := range p.Plan.Lots {
		t.Lots = append(t.Lots, l.ID)
	}
	return t
}

// publish takes a launched procurement to the competition.
func (s *Stack) publish(ctx, lead context.Context, id uuid.UUID) error {
	giver, err := As(ctx, Giver)
	if err != nil {
		return err
	}
	c, err := s.Serve.Procurement(lead, id)
	if err != nil {
		return err
	}
	if err := s.Serve.GiveMandate(giver, id, terms(c.Procurement)); err != nil {
		return err
	}
	for _, to := range []time.Time{c.Plan.MandateDeadline.Add(time.Second), c.Plan.DispatchOn.At(9, 0)} {
		if _, err := s.Serve.AdvanceTo(lead, c.Space, to); err != nil {
			return err
		}
		if _, err := s.worker.PassTime(ctx, id); err != nil {
			return err
		}
	}
	if err := s.confirm(lead, id); err != nil {
		return err
	}
	return done(s.Serve.Publish(lead, id, 0, procurement.Dispatch{On: c.Plan.DispatchOn, Reference: "DOFFIN-2026-000001"}))
}

// confirm stands behind the values that nobody vouches for, until none is open:
// one may bring other rules into play.
func (s *Stack) confirm(lead context.Context, id uuid.UUID) error {
	const often = 5
	for range often {
		r, err := s.Serve.Review(lead, id, calendar.Date{})
		if err != nil || len(r.Unverified) == 0 {
			return err
		}
		var given []rules.Confirmation
		for _, open := range r.Unverified {
			c := rules.Confirmation{RuleID: open.ID, Source: "Lest av innkjøpsleder"}
			if open.Kind == rules.Unknown {
				value := int64(2_400_000)
				c.Value = &value
			}
			given = append(given, c)
		}
		if err := s.Serve.ConfirmRules(lead, id, given); err != nil {
			return err
		}
	}
	return errors.New("rules stay open")
}

// write gives a supplier a complete draft.
func (s *Stack) write(ctx context.Context) error {
	author, err := As(ctx, Author)
	if err != nil {
		return err
	}
	pub, err := s.Serve.PublicProcurement(ctx, s.Case.Competition)
	if err != nil {
		return err
	}
	for _, l := range pub.Notice.Plan.Lots {
		s.Case.Lots = append(s.Case.Lots, l.ID)
	}
	t, err := s.Serve.RegisterInterest(author, s.Case.Competition)
	if err != nil {
		return err
	}
	s.Case.Tender = t.ID
	s.Case.Answers = demo.Answers(0, pub.Requirements)
	_, err = s.Serve.SaveAnswers(author, app.AnswersToSave{Tender: t.ID, Rows: app.Unmarked(s.Case.Answers), DeclarationVersion: app.AnyVersion, Declaration: Declaration()})
	return err
}

// done turns a command that was not carried out into an error.
func done(c app.CommandStatus, err error) error {
	if err == nil && c.State != app.CommandDone {
		err = fmt.Errorf("command %s is %s: %w", c.Operation, c.State, c.Err())
	}
	return err
}
