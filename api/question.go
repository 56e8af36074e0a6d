package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
)

// Question is what a supplier asks. The lead buyer reads it without the asker.
type Question struct {
	ID            uuid.UUID   `json:"id"`
	Text          string      `json:"text"`
	Requirements  []uuid.UUID `json:"requirements"`
	AskedAt       time.Time   `json:"askedAt"`
	Late          bool        `json:"late" doc:"after the latest day for questions; an answer needs a later deadline"`
	Clarification *uuid.UUID  `json:"clarification,omitempty" doc:"the answer to all"`
}

func questionOf(q app.Question) Question {
	return Question{ID: q.ID, Text: q.Text, Requirements: list(q.Requirements), AskedAt: q.AskedAt.UTC(), Late: q.Late, Clarification: q.Clarification}
}

// NewQuestion asks the lead buyer.
type NewQuestion struct {
	Text         string      `json:"text" validate:"required,max=4000"`
	Requirements []uuid.UUID `json:"requirements,omitempty" validate:"max=100" doc:"the requirements that it is about"`
}

// Clarification is an answer to all.
type Clarification struct {
	ID         uuid.UUID `json:"id"`
	Number     int       `json:"number"`
	Question   string    `json:"question"`
	Answer     string    `json:"answer"`
	AnsweredAt time.Time `json:"answeredAt"`
}

func clarificationOf(c app.Clarification) Clarification {
	return Clarification{ID: c.ID, Number: c.Number, Question: c.Question, Answer: c.Answer, AnsweredAt: c.AnsweredAt.UTC()}
}

// NewClarification answers one or several questions to all.
type NewClarification struct {
	Questions []uuid.UUID `json:"questions,omitempty" validate:"max=100,unique" doc:"those that it answers; none for one that the lead buyer gives unasked"`
	Question  string      `json:"question" validate:"required,max=4000" doc:"as all are to read it: nothing in it may tell who asked"`
	Answer    string      `json:"answer" validate:"required,max=8000"`
}

// LateAttempt is a tender that came too late or could not pass the gate.
type LateAttempt struct {
	Supplier     uuid.UUID `json:"supplier"`
	SupplierName string    `json:"supplierName"`
	ReceivedAt   time.Time `json:"receivedAt"`
	Deadline     time.Time `json:"deadline"`
	Reason       string    `json:"reason" enum:"late,gate_timeout" doc:"gate_timeout is an outage of the program's, for which the deadline can be moved"`
}

func (s *Server) registerQuestions() {
	tags := []string{"questions"}
	op(s, app.QuestionAsk, huma.Operation{OperationID: "askQuestion", Method: http.MethodPost, Path: "/procurements/{id}/questions", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Ask the lead buyer, who does not learn who asks"},
		func(ctx context.Context, in *struct {
			InCase
			Keyed
			Body NewQuestion
		}) (*struct{ Body Question }, error) {
			q, err := s.App.Ask(ctx, in.ID, in.Body.Text, in.Body.Requirements)
			return &struct{ Body Question }{questionOf(q)}, err
		})
	op(s, app.ProcurementRead, huma.Operation{OperationID: "listQuestions", Method: http.MethodGet, Path: "/procurements/{id}/questions", Tags: tags,
		Summary: "Questions to the lead buyer"}, s.listQuestions)
	op(s, app.ClarificationAnswer, huma.Operation{OperationID: "clarify", Method: http.MethodPost, Path: "/procurements/{id}/clarifications", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Answer to all: on the public page, and as a message to all who are interested"},
		func(ctx context.Context, in *struct {
			InCase
			Keyed
			Body NewClarification
		}) (*struct{ Body Clarification }, error) {
			c, err := s.App.Clarify(ctx, in.ID, list(in.Body.Questions), in.Body.Question, in.Body.Answer)
			return &struct{ Body Clarification }{clarificationOf(c)}, err
		})
	op(s, app.ProcurementPlan, huma.Operation{OperationID: "listLateAttempts", Method: http.MethodGet, Path: "/procurements/{id}/late-attempts", Tags: tags,
		Summary: "Tenders that came too late or could not be received"}, s.listLateAttempts)
}

func (s *Server) listQuestions(ctx context.Context, in *InCase) (*struct{ Body Page[Question] }, error) {
	read, err := s.App.Questions(ctx, in.ID)
	return &struct{ Body Page[Question] }{whole(read, questionOf)}, err
}

func (s *Server) listLateAttempts(ctx context.Context, in *InCase) (*struct{ Body Page[LateAttempt] }, error) {
	read, err := s.App.LateAttempts(ctx, in.ID)
	return &struct{ Body Page[LateAttempt] }{whole(read, func(a app.LateAttempt) LateAttempt {
		return LateAttempt{a.Supplier, a.SupplierName, a.ReceivedAt.UTC(), a.Deadline.UTC(), a.Reason}
	})}, err
}
