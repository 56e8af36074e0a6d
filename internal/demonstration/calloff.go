package demonstration

import (
	"context"
	"fmt"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// callOffs has a named municipality order within its cap, and shows that an
// order beyond it and one of a municipality that is not named are refused.
func (s *show) callOffs(ctx context.Context) error {
	if err := s.advance(ctx, workingDay(s.plan.ContractStarts).At(9, 30)); err != nil {
		return err
	}
	buyer := s.Municipalities[1]
	limit := frame(buyer)
	within := limit / 3 / 100_000_00 * 100_000_00
	order := newCallOff{Contract: s.ended[0].ID, Amount: within, Reference: "B-1"}
	if err := s.act(ctx, buyer.ContractOwner, s.at("/call-offs"), order); err != nil {
		return err
	}
	var all page[callOff]
	if err := s.get(ctx, buyer.ContractOwner, s.at("/call-offs"), &all); err != nil {
		return err
	}
	var used money.NOK
	for _, c := range all.Items {
		used += c.Amount
	}
	if used != within {
		return fmt.Errorf("called off %s, not %s", used, within)
	}
	s.say(buyer.ContractOwner, "Gjør avrop på %s under %s. Kommunens ramme er %s.", kroner(within), s.lotName(s.ended[0].Lot), kroner(limit))
	order.Amount, order.Reference = limit, "B-2"
	p, err := refusal(s.act(ctx, buyer.ContractOwner, s.at("/call-offs"), order), "a call-off beyond the cap", "call-off.beyond-cap")
	if err != nil {
		return err
	}
	s.refused(buyer.ContractOwner, "Prøver et avrop på "+kroner(order.Amount)+".", p)
	stranger := Municipalities(seed.Outside())[0]
	order.Amount, order.Reference = within, "B-3"
	p, err = refusal(s.act(ctx, stranger.ContractOwner, s.at("/call-offs"), order), "a call-off by a stranger", "call-off.not-named")
	if err != nil {
		return err
	}
	s.refused(stranger.ContractOwner, "Prøver et avrop på "+kroner(order.Amount)+".", p)
	return nil
}
