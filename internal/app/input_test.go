package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// caseWorker is one who knows the service in a municipality.
func (s *stack) caseWorker(m party.Municipality) context.Context {
	return actor.With(s.t.Context(), actor.Actor{Kind: actor.Person, ID: uuid.New(), Name: "Saksbehandler", Org: m.ID(), Roles: []actor.Role{actor.CaseWorker}, Request: "test"})
}

// Inputs come from municipalities that are named or have given their mandate,
// and the review blocks publication until each has ended.
func TestInputsComeFromThoseWhoTakePart(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.specify()
	one, other := seed.Participants()[1], seed.Participants()[2]
	until := s.get().Plan.DispatchOn.At(0, 0).Add(-time.Hour)
	_, err := s.serve.OpenInputs(s.as(lead), s.id, until, "Høring")
	must(t, err)
	say := requirement.Input{Kind: requirement.AboutSet, Text: "Vekt pris lavere."}
	given, err := s.serve.GiveInput(s.caseWorker(one), s.id, say)
	must(t, err)
	_, err = s.serve.LaunchProcurement(s.as(lead), s.id, 0)
	must(t, err)
	must(t, s.serve.DeclineMandate(s.as(giver(other)), s.id, "Egen avtale", "1/26", s.get().Plan.DispatchOn))
	for name, c := range map[string]struct {
		as   context.Context
		rule string
	}{
		"one that has declined":    {s.caseWorker(other), "inputs.not-taking-part"},
		"a stranger":               {s.caseWorker(seed.Outside()), "not-found"},
		"who gives the mandate":    {s.as(giver(one)), "permission.role"},
		"a supplier":               {s.as(author(0)), "not-found"},
		"a participant, once more": {s.caseWorker(one), ""},
	} {
		if _, err := s.serve.GiveInput(c.as, s.id, say); fault.RuleOf(err) != c.rule {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.serve.AnswerInput(s.caseWorker(one), s.id, given.ID, 0, requirement.InputAnswer{Outcome: requirement.TakenIn, Reason: "Enig"}); !fault.Is(err, fault.Denied) {
		t.Errorf("a participant answers: %v", err)
	}
	_, err = s.serve.AnswerInput(s.as(lead), s.id, given.ID, given.Version, requirement.InputAnswer{Outcome: requirement.TakenIn, Reason: "Vekten er endret."})
	must(t, err)
	rounds, err := s.serve.InputRounds(s.caseWorker(one), s.id)
	must(t, err)
	if r := rounds[0]; !r.Open || r.Tally.Unanswered != 1 || r.Tally.TakenIn != 1 || r.Tally.Effect() != requirement.Hundred {
		t.Errorf("round %+v", r)
	}
}
