package bench

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Competition is a procurement that waits for tenders of as many answers as its
// measurement asks for.
type Competition struct {
	ID, Space uuid.UUID
	Deadline  time.Time
	Lots      []uuid.UUID
	// Answers are a whole tender's.
	Answers requirement.Values
}

// Declaration is what every tender declares.
func Declaration() *procurement.Declaration {
	return &procurement.Declaration{NoConvictions: true, TaxesPaid: true, NoInsolvency: true, NoMisconduct: true, NoConflict: true,
		EnvironmentLabour: true, Suitability: "Registrert", Economic: "Positiv egenkapital", Technical: "Tre leveranser", Confirmed: true}
}

// Compete publishes a competition in which a whole tender has so many answers,
// at least as many as the demonstration's.
func (s *Stack) Compete(ctx context.Context, answers int) (Competition, error) {
	lead, err := As(ctx, Lead)
	if err != nil {
		return Competition{}, err
	}
	p, err := s.plan(ctx, func(lots []procurement.Lot) (requirement.Set, error) { return longSpecification(lots, answers) })
	if err != nil {
		return Competition{}, err
	}
	if err := s.launch(lead, p.ID); err != nil {
		return Competition{}, err
	}
	if err := s.publish(ctx, lead, p.ID); err != nil {
		return Competition{}, err
	}
	pub, err := s.Serve.PublicProcurement(ctx, p.ID)
	if err != nil {
		return Competition{}, err
	}
	c := Competition{ID: p.ID, Space: p.Space, Deadline: pub.Notice.Plan.TenderDeadline, Answers: demo.Answers(0, pub.Requirements)}
	for _, l := range pub.Notice.Plan.Lots {
		c.Lots = append(c.Lots, l.ID)
	}
	if len(c.Answers) != answers {
		return Competition{}, fmt.Errorf("a whole tender has %d answers, not %d", len(c.Answers), answers)
	}
	return c, nil
}

// longSpecification is the demonstration's with further requirements, of the
// types and lengths that make up most of real ones.
func longSpecification(lots []procurement.Lot, answers int) (requirement.Set, error) {
	set, err := specification(lots, 0)
	if err != nil {
		return set, err
	}
	options := []requirement.Option{{Label: "Ja"}, {Label: "Delvis", WantsComment: true}, {Label: "Nei"}}
	for i := range answers - len(demo.Answers(0, set)) {
		number := "T." + strconv.Itoa(i+1)
		r := requirement.Requirement{ID: uuid.New(), Number: number, Title: "Tilleggskrav " + number, Kind: requirement.Information,
			Text: "Løsningen skal støtte arbeidsflyten i kommunene slik den er beskrevet i bilaget, også når flere arbeider samtidig."}
		switch i % 5 {
		case 0, 1:
			r.AnswerType = requirement.Text
		case 2:
			r.AnswerType, r.Options = requirement.Choice, options
		case 3:
			r.AnswerType = requirement.Boolean
		default:
			r.AnswerType = requirement.Number
		}
		set.Requirements = append(set.Requirements, r)
	}
	return set, nil
}

// Supplier is an organisation that tenders, with those who act for it.
type Supplier struct{ Author, Signatory actor.Actor }

// Tender hands in a whole tender, as a supplier's system does.
func (s *Stack) Tender(ctx context.Context, by Supplier, c Competition) error {
	author, signatory := actor.With(ctx, by.Author), actor.With(ctx, by.Signatory)
	t, err := s.Serve.RegisterInterest(author, c.ID)
	if err != nil {
		return err
	}
	if _, err := s.Serve.SaveAnswers(author, app.AnswersToSave{Tender: t.ID, Rows: app.Unmarked(c.Answers), Declaration: Declaration()}); err != nil {
		return err
	}
	_, err = s.Serve.Submit(signatory, t.ID, 0, c.Lots)
	return err
}

// CloseAt lets the deadline pass and closes.
func (s *Stack) CloseAt(ctx context.Context, c Competition) error {
	lead, err := As(ctx, Lead)
	if err != nil {
		return err
	}
	if _, err := s.Serve.AdvanceTo(lead, c.Space, c.Deadline.Add(procurement.CloseAfter+time.Second)); err != nil {
		return err
	}
	_, err = s.worker.PassTime(ctx, c.ID)
	return err
}

// Approve gives the two approvals that an opening takes.
func (s *Stack) Approve(ctx context.Context, c Competition) error {
	for _, subject := range []string{Opener1, Opener2} {
		by, err := As(ctx, subject)
		if err != nil {
			return err
		}
		if err := s.Serve.ApproveOpening(by, c.ID, procurement.Quality); err != nil {
			return err
		}
	}
	return nil
}

// OpenTenders opens what was tendered, the command and all.
func (s *Stack) OpenTenders(ctx context.Context, c Competition) error {
	by, err := As(ctx, Opener2)
	if err != nil {
		return err
	}
	return done(s.Serve.Open(by, c.ID, 0, procurement.Quality))
}
