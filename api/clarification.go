package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// Clarification is one version of an answer to all. It tells nothing of who
// asked, how many did, or when.
type Clarification struct {
	ID           uuid.UUID               `json:"id"`
	Number       int                     `json:"number"`
	Version      int                     `json:"version" doc:"counts from 1; a later version corrects it, and both stay"`
	Edition      int                     `json:"edition" doc:"the version of the questions and answers that it came with"`
	Declined     bool                    `json:"declined" doc:"the answer is the reason why there is none"`
	Question     string                  `json:"question" doc:"as all read it; empty for what is told unasked"`
	Answer       string                  `json:"answer"`
	Comment      string                  `json:"comment,omitempty" doc:"why it was corrected"`
	Requirements []app.LinkedRequirement `json:"requirements"`
	SetVersion   int                     `json:"setVersion,omitempty" doc:"the version of the requirements that it led to"`
	AnsweredAt   time.Time               `json:"answeredAt"`
}

func clarificationOf(c app.Clarification) Clarification {
	return Clarification{ID: c.ID, Number: c.Number, Version: c.Version, Edition: c.Edition, Declined: c.Declined, Question: c.Question, Answer: c.Answer, Comment: c.Comment,
		Requirements: list(c.Requirements), SetVersion: c.SetVersion, AnsweredAt: c.AnsweredAt.UTC()}
}

// Postponement is how far the tender deadline has to move.
type Postponement struct {
	Until     time.Time `json:"until" doc:"the earliest new deadline"`
	Paragraph string    `json:"paragraph"`
}

// PublishedClarification is an answer as it was published.
type PublishedClarification struct {
	Clarification
	Postponement *Postponement `json:"postponement,omitempty" doc:"the answer came past the latest day, so the tender deadline has to move at least this far"`
}

func publishedClarification(c app.PublishedClarification) PublishedClarification {
	return PublishedClarification{clarificationOf(c.Clarification), postponementOf(c.Postponement)}
}

func postponementOf(p *procurement.Postponement) *Postponement {
	if p == nil {
		return nil
	}
	return &Postponement{p.Until.UTC(), p.Paragraph}
}

// NewClarification answers questions to all, or tells all something unasked.
type NewClarification struct {
	Questions    []uuid.UUID `json:"questions,omitempty" validate:"max=500,unique" doc:"those that it answers; none for what is told unasked"`
	Question     string      `json:"question,omitempty" validate:"max=4000" doc:"as all are to read it: nothing in it may tell who asked"`
	Answer       string      `json:"answer" validate:"required,max=8000"`
	Requirements []uuid.UUID `json:"requirements,omitempty" validate:"max=500,unique" doc:"the requirements that it is about; those of the questions unless given"`
}

// DeclinedQuestions declines questions with a reason.
type DeclinedQuestions struct {
	Questions    []uuid.UUID `json:"questions" validate:"required,min=1,max=500,unique"`
	Question     string      `json:"question" validate:"required,max=4000" doc:"as all are to read it: nothing in it may tell who asked"`
	Reason       string      `json:"reason" validate:"required,max=8000" doc:"public, like an answer"`
	Requirements []uuid.UUID `json:"requirements,omitempty" validate:"max=500,unique" doc:"the requirements that it is about; those of the questions unless given"`
}

// Correction takes the place of what an answer says; the earlier version stays
// beside it.
type Correction struct {
	Question     string      `json:"question,omitempty" validate:"max=4000"`
	Answer       string      `json:"answer" validate:"required,max=8000"`
	Comment      string      `json:"comment" validate:"required,max=2000" doc:"why it is corrected; public"`
	Requirements []uuid.UUID `json:"requirements,omitempty" validate:"max=500,unique" doc:"the requirements that it is about; the same as before unless given"`
}

func (s *Server) registerClarifications() {
	tags := []string{"questions"}
	op(s, app.ClarificationAnswer, huma.Operation{OperationID: "clarify", Method: http.MethodPost, Path: "/procurements/{id}/clarifications", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Answer to all: on the public page, and as a message to all who are interested"},
		func(ctx context.Context, in *struct {
			InCase
			Keyed
			Body NewClarification
		}) (*struct{ Body PublishedClarification }, error) {
			c, err := s.App.Clarify(ctx, in.ID, app.NewClarification{Questions: in.Body.Questions, Question: in.Body.Question, Answer: in.Body.Answer, Requirements: in.Body.Requirements})
			return &struct{ Body PublishedClarification }{publishedClarification(c)}, err
		})
	op(s, app.ClarificationAnswer, huma.Operation{OperationID: "declineQuestions", Method: http.MethodPost, Path: "/procurements/{id}/declined-questions", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Decline questions with a reason, to all; after the deadline it is the only way to settle them before the opening"},
		func(ctx context.Context, in *struct {
			InCase
			Keyed
			Body DeclinedQuestions
		}) (*struct{ Body Clarification }, error) {
			c, err := s.App.DeclineQuestions(ctx, in.ID, app.NewClarification{Questions: in.Body.Questions, Question: in.Body.Question, Answer: in.Body.Reason, Requirements: in.Body.Requirements})
			return &struct{ Body Clarification }{clarificationOf(c)}, err
		})
	op(s, app.ClarificationAnswer, huma.Operation{OperationID: "correctClarification", Method: http.MethodPost, Path: "/procurements/{id}/clarifications/{clarification}/corrections", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Correct an answer: a new version beside the earlier ones, with a comment, to all"},
		func(ctx context.Context, in *struct {
			InCase
			Keyed
			Clarification uuid.UUID `path:"clarification"`
			Body          Correction
		}) (*struct{ Body PublishedClarification }, error) {
			c, err := s.App.CorrectClarification(ctx, in.ID, in.Clarification, app.Correction{Question: in.Body.Question, Answer: in.Body.Answer, Comment: in.Body.Comment, Requirements: in.Body.Requirements})
			return &struct{ Body PublishedClarification }{publishedClarification(c)}, err
		})
}
