package demonstration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// award records the winners' documentation and decides the award.
func (s *show) award(ctx context.Context) error {
	if err := s.advance(ctx, s.plan.AwardOn.At(10, 0)); err != nil {
		return err
	}
	var winners []winner
	var documented []uuid.UUID
	for _, r := range s.result.Rankings {
		best := r.Ranking[0].Tender
		winners = append(winners, winner{r.Lot, best, "Best etter de kunngjorte kriteriene."})
		if slices.ContainsFunc(documented, sameID(best)) {
			continue
		}
		documented = append(documented, best)
		for i, heading := range s.plan.Evidence {
			d := documentation{best, heading, fmt.Sprintf("A-%d (oppdiktet)", i+1), calendar.DateOf(s.clock).AddDays(-7)}
			if err := s.act(ctx, lead, s.at("/documentation"), d); err != nil {
				return err
			}
		}
		s.say(lead, "Registrerer dokumentasjonen fra %s: %s.", company(r.Suppliers[best.String()]), strings.ToLower(strings.Join(s.plan.Evidence, " og ")))
	}
	if err := settled(s.steer(ctx, lead, "/award", map[string]any{"winners": winners})); err != nil {
		return err
	}
	p, err := s.await(ctx, procurement.Standstill)
	if err != nil {
		return err
	}
	for _, r := range s.result.Rankings {
		s.say(lead, "Tildeler delkontrakt %d til %s.", r.Number, company(r.Suppliers[r.Ranking[0].Tender.String()]))
	}
	s.tell.detail("Karensperioden varer til " + instant(p.State.StandstillUntil) + ".")
	return nil
}

// received is a supplier's award letter.
type received struct {
	supplier int
	letter   letter
	err      error
}

// letters has every supplier whose tender was opened read its letter at once.
// All were sent at the same moment.
func (s *show) letters(ctx context.Context) error {
	all := make([]received, 0, withdraws)
	var mu sync.Mutex
	var wait sync.WaitGroup
	for i := range withdraws {
		wait.Add(1)
		go func() {
			defer wait.Done()
			r := received{supplier: i}
			r.letter, r.err = s.awardLetter(ctx, i)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, r)
		}()
	}
	wait.Wait()
	slices.SortFunc(all, func(a, b received) int { return a.supplier - b.supplier })
	var sent time.Time
	for _, r := range all {
		if r.err != nil {
			return r.err
		}
		if !sent.IsZero() && !sent.Equal(r.letter.SentAt) {
			return fmt.Errorf("the letters were sent at %s and %s", sent, r.letter.SentAt)
		}
		sent = r.letter.SentAt
		s.showLetter(r)
	}
	s.tell.say(s.clock, system, "Alle %s brevene ble sendt i samme øyeblikk, %s. De sier når karensperioden er ute.", number(len(all)), instant(sent))
	return nil
}

func (s *show) awardLetter(ctx context.Context, supplier int) (letter, error) {
	var all page[letter]
	if err := s.get(ctx, author(supplier), tenderPath(s.tenders[supplier].ID, "/letters"), &all); err != nil {
		return letter{}, err
	}
	l, err := find(all.Items, func(l letter) bool { return l.Kind == "award" })
	if err != nil {
		return l, fmt.Errorf("%s got no award letter", demo.Suppliers()[supplier].Name)
	}
	if l.Facts.StandstillUntil.IsZero() || len(l.Facts.Lots) == 0 || l.Facts.Lots[0].Winner == "" {
		return l, errors.New("the award letter tells no winner or no end of the standstill")
	}
	return l, nil
}

// showLetter tells what a supplier reads, with one relative advantage from the
// evaluators' notes for who did not win.
func (s *show) showLetter(r received) {
	for _, lot := range r.letter.Facts.Lots {
		switch {
		case lot.IsWinner:
			s.say(author(r.supplier), "Får vite at eget tilbud vant delkontrakt %d.", lot.Number)
		case lot.Rank == 0:
			s.say(author(r.supplier), "Får vite at %s vant delkontrakt %d, og at eget tilbud er avvist.", company(lot.Winner), lot.Number)
		default:
			s.say(author(r.supplier), "Får vite at %s vant delkontrakt %d, og hvorfor. Eget tilbud ble nummer %d.", company(lot.Winner), lot.Number, lot.Rank)
			if text := advantage(lot); text != "" {
				s.tell.detail(text)
			}
		}
	}
}

// advantage finds the first requirement under which the winner has more points,
// with an evaluator's note on it.
func advantage(lot letterLot) string {
	for _, c := range lot.Criteria {
		for _, e := range c.Elements {
			if len(e.WinnersNotes) > 0 && e.WinnersPoints.GreaterThan(e.Points) {
				return fmt.Sprintf("%s, krav %s: vinneren fikk %s poeng mot %s. «%s»", c.Name, e.Number, figure(e.WinnersPoints.String()), figure(e.Points.String()), e.WinnersNotes[0])
			}
		}
	}
	return ""
}

// standstill shows that no contract can be concluded before it is over, and lets
// it pass.
func (s *show) standstill(ctx context.Context) error {
	p, err := s.refresh(ctx)
	if err != nil {
		return err
	}
	var all page[contract]
	if err := s.get(ctx, lead, s.at("/contracts"), &all); err != nil {
		return err
	}
	if len(all.Items) != len(s.plan.Lots) {
		return fmt.Errorf("%d contracts for %d lots", len(all.Items), len(s.plan.Lots))
	}
	s.ended = all.Items
	problem, err := refusal(s.signOne(ctx, s.ended[0], "K-1"), "signing in the standstill", "contract.standstill")
	if err != nil {
		return err
	}
	s.refused(lead, "Prøver å registrere signert kontrakt.", problem)
	if err := s.advance(ctx, p.State.StandstillUntil.Add(-justBefore)); err != nil {
		return err
	}
	if _, err := s.await(ctx, procurement.Contracting); err != nil {
		return err
	}
	s.tell.say(s.clock, system, "Karensperioden er ute. Kontraktene kan inngås.")
	return nil
}

func (s *show) signOne(ctx context.Context, c contract, reference string) error {
	today := calendar.DateOf(s.clock)
	return s.act(ctx, lead, s.at("/contracts/"+c.ID.String()+"/signatures"), signatures{today, today, reference})
}

// sign records the contracts as signed by both parties.
func (s *show) sign(ctx context.Context) error {
	if err := s.advance(ctx, workingDay(calendar.DateOf(s.clock)).At(10, 0)); err != nil {
		return err
	}
	for i, c := range s.ended {
		if err := s.signOne(ctx, c, fmt.Sprintf("K-%d", i+1)); err != nil {
			return err
		}
		s.say(lead, "Registrerer kontrakten om %s med %s som signert av begge.", s.lotName(c.Lot), company(c.SupplierName))
		s.result.Contracts = append(s.result.Contracts, c.ID)
	}
	p, err := s.await(ctx, procurement.Running)
	if err != nil {
		return err
	}
	if err := s.announceContracts(ctx); err != nil {
		return err
	}
	s.say(lead, "Kunngjør de inngåtte kontraktene. Fristen var %s.", day(p.State.AwardNoticeDue))
	return nil
}

// announceContracts records that the notice of the concluded contracts was sent.
func (s *show) announceContracts(ctx context.Context) error {
	_, err := s.api.do(ctx, call{method: http.MethodPost, path: s.at("/award-notice"), as: lead, versioned: true,
		body: map[string]string{"reference": "DOFFIN-2027-000002 (oppdiktet)"}})
	return settled(err)
}
