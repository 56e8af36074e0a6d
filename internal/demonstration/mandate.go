package demonstration

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// launch asks the municipalities for their mandates, which starts the process.
func (s *show) launch(ctx context.Context) error {
	_, err := s.api.do(ctx, call{method: http.MethodPost, path: s.at("/launch"), as: lead, version: s.version, versioned: true})
	if err := settled(err); err != nil {
		return err
	}
	if _, err := s.await(ctx, procurement.Mandates); err != nil {
		return err
	}
	s.say(lead, "Ber %s kommuner om fullmakt innen %s.", number(len(s.Municipalities)), instant(s.plan.MandateDeadline))
	return nil
}

// mandates has each municipality decide for itself: all but two give their
// mandate, one declines, and one drops out when the deadline passes.
func (s *show) mandates(ctx context.Context) error {
	giving := len(s.Municipalities) - 2
	for i, m := range s.Municipalities[:giving] {
		if err := s.giveMandate(ctx, m, shareOf(i, giving)); err != nil {
			return err
		}
	}
	declining, silent := s.Municipalities[giving], s.Municipalities[giving+1]
	err := s.act(ctx, declining.MandateGiver, s.at("/mandate/decline"), decline{"Kommunen har egen avtale til 2029.", "2026/9", calendar.DateOf(s.clock)})
	if err != nil {
		return err
	}
	s.say(declining.MandateGiver, "Takker nei: kommunen har egen avtale til 2029.")
	if err := s.advance(ctx, s.plan.MandateDeadline.Add(-justBefore)); err != nil {
		return err
	}
	p, err := s.await(ctx, procurement.Preparation)
	if err != nil {
		return err
	}
	s.tell.say(s.clock, system, "Fullmaktsfristen er ute. %s svarte ikke og er ute av anskaffelsen.", silent.Name)
	s.tell.detail(fmt.Sprintf("%d ja, %d nei, %d uten svar. Fullmaktene dekker %s.", p.Participants.Mandated, p.Participants.Declined,
		p.Participants.Dropped, kroner(p.Participants.MandatedValue)))
	if p.Participants.Mandated != giving || p.Participants.Declined != 1 || p.Participants.Dropped != 1 {
		return fmt.Errorf("mandates: %+v", p.Participants)
	}
	return nil
}

// shareOf gives the i-th of n equal shares of the costs; the first one takes
// what does not divide.
func shareOf(i, n int) requirement.Percent {
	share := requirement.Hundred / requirement.Percent(n)
	if i == 0 {
		return requirement.Hundred - share*requirement.Percent(n-1)
	}
	return share
}

func (s *show) giveMandate(ctx context.Context, m Municipality, share requirement.Percent) error {
	lots := make([]uuid.UUID, len(s.plan.Lots))
	for i, l := range s.plan.Lots {
		lots[i] = l.ID
	}
	// The mandate outlasts the contract: the plan may still move.
	terms := procurement.MandateTerms{DecidedOn: calendar.DateOf(s.clock), CaseReference: "2026/42", Scope: "Begge delkontrakter", Lots: lots,
		Maximum: frame(m), CostShare: share, EndsOn: s.plan.ContractEnds.AddYears(1)}
	_, err := s.api.do(ctx, call{method: http.MethodPut, path: s.at("/mandate"), as: m.MandateGiver, body: terms})
	if err != nil {
		return err
	}
	if len(s.Municipalities) <= eachTold {
		s.say(m.MandateGiver, "Gir fullmakt: begge delkontrakter, høyst %s.", kroner(terms.Maximum))
	}
	return nil
}
