package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
)

// Question is what a supplier asks. The lead buyer reads it without the asker.
type Question struct {
	ID            uuid.UUID   `json:"id"`
	Text          string      `json:"text"`
	Requirements  []uuid.UUID `json:"requirements"`
	AskedAt       time.Time   `json:"askedAt"`
	Late          bool        `json:"late" doc:"after the latest time for questions, as that is now; it does not hold the opening"`
	Clarification *uuid.UUID  `json:"clarification,omitempty" doc:"the answer to all that it led to"`
	Number        int         `json:"number,omitempty" doc:"of that answer"`
	Declined      bool        `json:"declined,omitempty" doc:"what it led to is a reason and no answer"`
}

func questionOf(q app.Question) Question {
	return Question{ID: q.ID, Text: q.Text, Requirements: list(q.Requirements), AskedAt: q.AskedAt.UTC(), Late: q.Late, Clarification: q.Clarification, Number: q.Number, Declined: q.Declined}
}

// Questions is a list of questions with the latest dates.
type Questions struct {
	Items       []Question     `json:"items"`
	QuestionsBy *time.Time     `json:"questionsBy,omitempty" doc:"the latest time for questions"`
	AnswersDue  *calendar.Date `json:"answersDue,omitempty" doc:"the latest day for answers to all (FOA § 14-2 (2) in Part III)"`
	DaysLeft    int            `json:"daysLeft" doc:"until the latest day for answers; negative when it is past, and then an answer moves the tender deadline"`
}

func questionsOf(l app.QuestionList) Questions {
	out := Questions{Items: whole(l.Questions, questionOf).Items, DaysLeft: l.DaysLeft}
	if !l.QuestionsBy.IsZero() {
		out.QuestionsBy = utc(&l.QuestionsBy)
	}
	if !l.AnswersDue.IsZero() {
		out.AnswersDue = &l.AnswersDue
	}
	return out
}

// NewQuestion asks the lead buyer.
type NewQuestion struct {
	Text         string      `json:"text" validate:"required,max=4000"`
	Requirements []uuid.UUID `json:"requirements,omitempty" validate:"max=100" doc:"the requirements that it is about"`
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
			q, err := s.App.Ask(ctx, in.ID, app.NewQuestion{Text: in.Body.Text, Requirements: in.Body.Requirements})
			return &struct{ Body Question }{questionOf(q)}, err
		})
	op(s, app.ProcurementRead, huma.Operation{OperationID: "listQuestions", Method: http.MethodGet, Path: "/procurements/{id}/questions", Tags: tags,
		Summary: "Questions to the lead buyer as they were asked, with the latest dates"},
		func(ctx context.Context, in *InCase) (*struct{ Body Questions }, error) {
			read, err := s.App.Questions(ctx, in.ID)
			return &struct{ Body Questions }{questionsOf(read)}, err
		})
	op(s, app.TenderRead, huma.Operation{OperationID: "listOwnQuestions", Method: http.MethodGet, Path: "/tenders/{tender}/questions", Tags: tags,
		Summary: "The supplier's own questions and the answers that they led to, with the latest dates"},
		func(ctx context.Context, in *ByTender) (*struct{ Body Questions }, error) {
			read, err := s.App.OwnQuestions(ctx, in.Tender)
			return &struct{ Body Questions }{questionsOf(read)}, err
		})
	op(s, app.ProcurementPlan, huma.Operation{OperationID: "listLateAttempts", Method: http.MethodGet, Path: "/procurements/{id}/late-attempts", Tags: tags,
		Summary: "Tenders that came too late or could not be received"}, s.listLateAttempts)
}

func (s *Server) listLateAttempts(ctx context.Context, in *InCase) (*struct{ Body Page[LateAttempt] }, error) {
	read, err := s.App.LateAttempts(ctx, in.ID)
	return &struct{ Body Page[LateAttempt] }{whole(read, func(a app.LateAttempt) LateAttempt {
		return LateAttempt{a.Supplier, a.SupplierName, a.ReceivedAt.UTC(), a.Deadline.UTC(), a.Reason}
	})}, err
}
