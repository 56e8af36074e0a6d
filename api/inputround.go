package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// InputRound is one round in which participants comment on a version of the
// requirements and propose new ones.
type InputRound struct {
	ID         uuid.UUID           `json:"id"`
	Number     int                 `json:"number"`
	SetVersion int                 `json:"setVersion" doc:"the version that the participants read"`
	OpenedAt   time.Time           `json:"openedAt"`
	Until      time.Time           `json:"until" doc:"inputs at or after it are too late"`
	ClosedAt   *time.Time          `json:"closedAt,omitempty" doc:"when the lead buyer ended it before its time"`
	Open       bool                `json:"open"`
	Given      int                 `json:"given"`
	TakenIn    int                 `json:"takenIn"`
	Partly     int                 `json:"partly"`
	Rejected   int                 `json:"rejected"`
	Unanswered int                 `json:"unanswered" doc:"the requirements cannot be locked while there are any"`
	Effect     requirement.Percent `json:"effect" doc:"share of the answered inputs that changed the requirements, whole or partly, in percent"`
}

func inputRoundOf(r app.InputRound) InputRound {
	out := InputRound{ID: r.ID, Number: r.Number, SetVersion: r.SetVersion, OpenedAt: r.Opened.UTC(), Until: r.Until.UTC(), Open: r.Open,
		Given: r.Tally.Given(), TakenIn: r.Tally.TakenIn, Partly: r.Tally.Partly, Rejected: r.Tally.Rejected, Unanswered: r.Tally.Unanswered, Effect: r.Tally.Effect()}
	if !r.Closed.IsZero() {
		closed := r.Closed.UTC()
		out.ClosedAt = &closed
	}
	return out
}

// NewInputRound opens a round.
type NewInputRound struct {
	Until time.Time `json:"until" validate:"required" doc:"before the planned dispatch of the notice"`
	Note  string    `json:"note" validate:"required,max=500" doc:"what the version that is kept for the round is called; not used where nothing has changed since the last one"`
}

// NewInput is what a participant says.
type NewInput struct {
	About       string    `json:"about" validate:"required,oneof=set requirement proposal" doc:"the set as a whole, one requirement, or a requirement that is not there"`
	Requirement uuid.UUID `json:"requirement,omitzero"`
	Text        string    `json:"text" validate:"required,max=8000"`
	Wording     string    `json:"wording,omitempty" validate:"max=8000" doc:"the text that is proposed for the requirement; a proposal has one"`
}

// Input is what a participant has said, and how it ended.
type Input struct {
	ID           uuid.UUID    `json:"id"`
	Version      int64        `json:"version"`
	Round        int          `json:"round"`
	SetVersion   int          `json:"setVersion" doc:"the version that was read"`
	Organisation uuid.UUID    `json:"organisation"`
	Name         string       `json:"name" doc:"of the organisation"`
	GivenAt      time.Time    `json:"givenAt"`
	About        string       `json:"about" enum:"set,requirement,proposal"`
	Requirement  uuid.UUID    `json:"requirement,omitzero"`
	Text         string       `json:"text"`
	Wording      string       `json:"wording,omitempty"`
	Answer       *InputAnswer `json:"answer,omitempty"`
	AnsweredAt   *time.Time   `json:"answeredAt,omitempty"`
}

// InputAnswer is how the lead buyer ends an input.
type InputAnswer struct {
	Outcome      string      `json:"outcome" validate:"required,oneof=taken-in partly rejected"`
	Reason       string      `json:"reason" validate:"required,max=8000"`
	Requirements []uuid.UUID `json:"requirements,omitempty" validate:"max=500" doc:"those that were changed, added or taken out for it"`
}

func givenInputOf(i app.Input) Input {
	out := Input{ID: i.ID, Version: i.Version, Round: i.Round, SetVersion: i.SetVersion, Organisation: i.Org, Name: i.OrgName, GivenAt: i.GivenAt.UTC(),
		About: string(i.Kind), Requirement: i.Requirement, Text: i.Text, Wording: i.Wording}
	if i.Answer != nil {
		at := i.AnsweredAt.UTC()
		out.Answer, out.AnsweredAt = &InputAnswer{string(i.Answer.Outcome), i.Answer.Reason, i.Answer.Requirements}, &at
	}
	return out
}

type theInput struct {
	ETag string `header:"ETag"`
	Body Input
}

func answerInput(i app.Input, err error) (*theInput, error) {
	return &theInput{etag(i.Version), givenInputOf(i)}, err
}

type theInputRound struct{ Body InputRound }

func (s *Server) registerInputs() {
	tags := []string{"inputs"}
	op(s, app.ProcurementRead, huma.Operation{OperationID: "listInputRounds", Method: http.MethodGet, Path: "/procurements/{id}/input-rounds", Tags: tags,
		Summary: "Input rounds, each with how its inputs ended"},
		func(ctx context.Context, in *InCase) (*struct{ Body Page[InputRound] }, error) {
			read, err := s.App.InputRounds(ctx, in.ID)
			return &struct{ Body Page[InputRound] }{whole(read, inputRoundOf)}, err
		})
	op(s, app.ProcurementPlan, huma.Operation{OperationID: "openInputRound", Method: http.MethodPost, Path: "/procurements/{id}/input-rounds", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Ask the participants for inputs to the requirements as they are"},
		func(ctx context.Context, in *struct {
			InCase
			Keyed
			Body NewInputRound
		}) (*theInputRound, error) {
			r, err := s.App.OpenInputs(ctx, in.ID, in.Body.Until, in.Body.Note)
			return &theInputRound{inputRoundOf(r)}, err
		})
	op(s, app.ProcurementPlan, huma.Operation{OperationID: "closeInputRound", Method: http.MethodPost, Path: "/procurements/{id}/input-rounds/closing", Tags: tags,
		Summary: "End the open round before its time"},
		func(ctx context.Context, in *struct {
			InCase
			Keyed
		}) (*theInputRound, error) {
			r, err := s.App.CloseInputs(ctx, in.ID)
			return &theInputRound{inputRoundOf(r)}, err
		})
	op(s, app.ProcurementRead, huma.Operation{OperationID: "listInputs", Method: http.MethodGet, Path: "/procurements/{id}/inputs", Tags: tags,
		Summary: "Inputs of all participants, with their answers"}, s.listInputs)
	op(s, app.InputGive, huma.Operation{OperationID: "giveInput", Method: http.MethodPost, Path: "/procurements/{id}/inputs", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Comment on the requirements, or propose one, while a round is open"},
		func(ctx context.Context, in *struct {
			InCase
			Keyed
			Body NewInput
		}) (*theInput, error) {
			return answerInput(s.App.GiveInput(ctx, in.ID, requirement.Input{Kind: requirement.InputKind(in.Body.About), Requirement: in.Body.Requirement, Text: in.Body.Text, Wording: in.Body.Wording}))
		})
	op(s, app.RequirementsWrite, huma.Operation{OperationID: "answerInput", Method: http.MethodPut, Path: "/procurements/{id}/inputs/{input}/answer", Tags: tags,
		Summary: "End an input with a reason: taken in, partly or rejected"}, s.endInput)
}

func (s *Server) listInputs(ctx context.Context, in *struct {
	InCase
	Paged
	Round      int  `query:"round" validate:"min=0,max=1000" doc:"of one round only"`
	Unanswered bool `query:"unanswered" doc:"only those that nobody has answered"`
}) (*struct{ Body Page[Input] }, error) {
	after, err := in.afterID()
	if err != nil {
		return nil, err
	}
	read, err := s.App.Inputs(ctx, in.ID, app.InputFilter{Round: in.Round, Unanswered: in.Unanswered, After: after, UpTo: in.limit() + 1})
	return &struct{ Body Page[Input] }{pageByID(read, in.limit(), func(i app.Input) uuid.UUID { return i.ID }, givenInputOf)}, err
}

func (s *Server) endInput(ctx context.Context, in *struct {
	InCase
	Versioned
	Input uuid.UUID `path:"input"`
	Body  InputAnswer
}) (*theInput, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return answerInput(s.App.AnswerInput(ctx, in.ID, in.Input, version,
		requirement.InputAnswer{Outcome: requirement.Outcome(in.Body.Outcome), Reason: in.Body.Reason, Requirements: in.Body.Requirements}))
}
