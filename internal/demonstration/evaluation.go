package demonstration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// The lead buyer's people besides its procurement lead.
var (
	town       = strings.TrimPrefix(lead, "innkjopsleder.")
	opener1    = "apner-1." + town
	opener2    = "apner-2." + town
	evaluators = []string{"evaluerer-1." + town, "evaluerer-2." + town}
)

// opening takes two people: one alone is refused.
func (s *show) opening(ctx context.Context) error {
	if err := s.advance(ctx, calendar.DateOf(s.plan.TenderDeadline).At(13, 0)); err != nil {
		return err
	}
	part := map[string]procurement.Part{"part": procurement.Quality}
	if err := s.act(ctx, opener1, s.at("/opening-approvals"), part); err != nil {
		return err
	}
	s.say(opener1, "Godkjenner at tilbudene åpnes.")
	err := s.steer(ctx, opener1, "/opening", part)
	if answerLost(err) {
		err = s.steer(ctx, opener1, "/opening", part)
	}
	p, err := refusal(err, "opening by one person", "opening.two-people")
	if err != nil {
		return err
	}
	s.refused(opener1, "Prøver å åpne alene.", p)
	if err := s.act(ctx, opener2, s.at("/opening-approvals"), part); err != nil {
		return err
	}
	if err := settled(s.steer(ctx, opener2, "/opening", part)); err != nil {
		return err
	}
	if _, err := s.await(ctx, procurement.Evaluation); err != nil {
		return err
	}
	if err := s.readOpened(ctx); err != nil {
		return err
	}
	s.say(opener2, "Godkjenner og åpner: %s tilbud.", number(len(s.opened)))
	for _, t := range s.opened {
		s.tell.detail(company(t.SupplierName))
	}
	return nil
}

func (s *show) readOpened(ctx context.Context) error {
	var all page[openedTender]
	err := s.get(ctx, evaluators[0], s.at("/tenders"), &all)
	s.opened = all.Items
	return err
}

// rejection: the failed absolute requirement is a flag; a person rejects.
func (s *show) rejection(ctx context.Context) error {
	if err := s.advance(ctx, workingDay(calendar.DateOf(s.clock).AddDays(2)).At(9, 0)); err != nil {
		return err
	}
	i := slices.IndexFunc(s.opened, func(t openedTender) bool { return t.FailsAbsolute > 0 })
	if i < 0 {
		return errors.New("no tender is flagged for an absolute requirement")
	}
	t := s.opened[i]
	s.tell.say(s.clock, system, "Merker tilbudet fra %s: det svarer nei på %s.", company(t.SupplierName), counted(t.FailsAbsolute, "ett absolutt krav", "absolutte krav"))
	reason := "Tilbudet oppfyller ikke krav " + demo.FailingNumber + ", som er absolutt."
	body := map[string]string{"ground": string(procurement.GroundMaterial), "reason": reason}
	if err := s.act(ctx, lead, s.at("/tenders/"+t.ID.String()+"/rejection"), body); err != nil {
		return err
	}
	if err := s.readOpened(ctx); err != nil {
		return err
	}
	for _, t := range s.opened {
		if t.Rejection == nil {
			continue
		}
		s.say(lead, "Avviser tilbudet fra %s.", company(t.SupplierName))
		s.tell.detail("Grunn: "+catalogue.Ground(language, t.Rejection.Ground)+" ("+t.Rejection.Paragraph+").", "Begrunnelse: "+t.Rejection.Reason)
	}
	var letters page[letter]
	if err := s.get(ctx, author(demo.FailingSupplier), tenderPath(t.ID, "/letters"), &letters); err != nil {
		return err
	}
	if len(letters.Items) != 1 {
		return fmt.Errorf("%d letters to the rejected supplier", len(letters.Items))
	}
	s.say(author(demo.FailingSupplier), "Leser brevet om avvisningen.")
	return nil
}

// scores has two evaluators declare that they are impartial and score the rated
// answers with notes.
func (s *show) scores(ctx context.Context) error {
	for e, subject := range evaluators {
		if err := s.advance(ctx, workingDay(calendar.DateOf(s.clock).AddDays(3)).At(14, 30)); err != nil {
			return err
		}
		if err := s.act(ctx, subject, s.at("/impartiality"), nil); err != nil {
			return err
		}
		given := s.assess(e)
		if _, err := s.api.do(ctx, call{method: http.MethodPut, path: s.at("/scores"), as: subject, body: map[string]any{"scores": given}}); err != nil {
			return err
		}
		s.say(subject, "Erklærer seg habil og gir %d poeng med merknad, for eksempel:", len(given))
		s.tell.detail(given[0].Points + " poeng. " + given[0].Note)
	}
	var rankings page[Ranking]
	if err := s.get(ctx, lead, s.at("/ranking"), &rankings); err != nil {
		return err
	}
	s.result.Rankings = rankings.Items
	s.say(lead, "Henter rangeringen etter den kunngjorte modellen.")
	for _, r := range s.result.Rankings {
		best := r.Ranking[0]
		s.tell.detail(fmt.Sprintf("Delkontrakt %d: %s er best av %s, med %s poeng.", r.Number, company(r.Suppliers[best.Tender.String()]), number(len(r.Ranking)), figure(best.Total.StringFixed(4))))
	}
	return nil
}

// assess gives an evaluator's points and notes for every rated answer.
func (s *show) assess(evaluator int) []newScore {
	var out []newScore
	for _, t := range s.opened {
		i := slices.IndexFunc(demo.Suppliers(), func(d demo.Supplier) bool { return d.Name == t.SupplierName })
		if t.Rejection != nil || i < 0 {
			continue
		}
		for _, r := range s.set.Requirements {
			if r.IsRated() && r.Part() == requirement.Quality {
				a := demo.Assess(i, evaluator, r)
				out = append(out, newScore{t.ID, r.ID, strconv.Itoa(a.Points), a.Note})
			}
		}
	}
	return out
}

// lotName names a lot by its number in the plan.
func (s *show) lotName(id uuid.UUID) string {
	i := slices.IndexFunc(s.plan.Lots, func(l procurement.Lot) bool { return l.ID == id })
	return fmt.Sprintf("delkontrakt %d", i+1)
}
