package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/ooxml"
	"github.com/fellesloft/fellesloft/internal/questionsheet"
)

// RowProblem is why a row of a workbook of questions or answers is not taken, in
// words.
type RowProblem struct {
	questionsheet.Problem
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

func rowProblems(all []questionsheet.Problem, lang string) []RowProblem {
	out := make([]RowProblem, len(all))
	for i, p := range all {
		out[i].Problem = p
		out[i].Title, out[i].Detail = catalogue.Problem(lang, p.Rule, p.Params)
	}
	return out
}

// QuestionReading is what was understood of a workbook of questions.
type QuestionReading struct {
	Questions []questionsheet.Asked `json:"questions" doc:"what would be asked"`
	Problems  []RowProblem          `json:"problems" doc:"rows that are not taken; what was asked before is among them"`
}

// AskedFromFile is what was asked from a workbook.
type AskedFromFile struct {
	Questions []Question   `json:"questions"`
	Problems  []RowProblem `json:"problems" doc:"rows that were not taken"`
}

// ReplyReading is what was understood of a workbook of answers.
type ReplyReading struct {
	Replies  []questionsheet.Reply `json:"replies" doc:"what would be published, each with its rows"`
	Problems []RowProblem          `json:"problems"`
	Left     int                   `json:"left" doc:"rows that stay unanswered"`
}

// PublishedReplies is what was published from a workbook.
type PublishedReplies struct {
	Clarifications []Clarification `json:"clarifications"`
	Postponement   *Postponement   `json:"postponement,omitempty" doc:"the answers came past the latest day, so the tender deadline has to move at least this far"`
	Problems       []RowProblem    `json:"problems" doc:"rows that were not taken"`
	Left           int             `json:"left" doc:"rows that stay unanswered"`
}

func (s *Server) registerQuestionFiles() {
	tags := []string{"questions"}
	op(s, app.Public, huma.Operation{OperationID: "getQuestionForm", Method: http.MethodGet, Path: "/public/procurements/{id}/question-form", Tags: tags,
		Summary: "The workbook in which suppliers ask, with the numbers of the requirements", Responses: fileResponse()},
		func(ctx context.Context, in *InCase) (*file, error) {
			content, err := s.App.QuestionForm(ctx, in.ID)
			return attachment("sporsmal.xlsx", workbookType, content), err
		})
	op(s, app.Public, huma.Operation{OperationID: "getQuestionsAndAnswers", Method: http.MethodGet, Path: "/public/procurements/{id}/questions-and-answers", Tags: tags,
		Summary: "All questions and answers until an edition, as a workbook or Word document, with what is new and changed in it marked", Responses: fileResponse()}, s.getQuestionsAndAnswers)
	op(s, app.QuestionAsk, huma.Operation{OperationID: "previewQuestions", Method: http.MethodPost, Path: "/procurements/{id}/questions/file/preview", Tags: tags,
		Summary: "What is understood of a workbook with up to 500 questions; nothing is kept"}, s.previewQuestions)
	op(s, app.QuestionAsk, huma.Operation{OperationID: "askFromFile", Method: http.MethodPost, Path: "/procurements/{id}/questions/file", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Ask what is understood of a workbook; send the file that was previewed again"}, s.askFromFile)
	op(s, app.ClarificationAnswer, huma.Operation{OperationID: "getQuestionFile", Method: http.MethodGet, Path: "/procurements/{id}/questions/file", Tags: tags,
		Summary: "The unanswered questions as a workbook to answer in", Responses: fileResponse()},
		func(ctx context.Context, in *InCase) (*file, error) {
			content, err := s.App.QuestionFile(ctx, in.ID)
			return attachment("ubesvarte-sporsmal.xlsx", workbookType, content), err
		})
	op(s, app.ClarificationAnswer, huma.Operation{OperationID: "previewReplies", Method: http.MethodPost, Path: "/procurements/{id}/clarifications/file/preview", Tags: tags,
		Summary: "What is understood of a workbook with answers; nothing is kept"}, s.previewReplies)
	op(s, app.ClarificationAnswer, huma.Operation{OperationID: "publishReplies", Method: http.MethodPost, Path: "/procurements/{id}/clarifications/file", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Publish the answers of a workbook together, as one edition; send the file that was previewed again"}, s.publishReplies)
}

func (s *Server) getQuestionsAndAnswers(ctx context.Context, in *struct {
	InCase
	Format  string `query:"format" validate:"omitempty,oneof=xlsx docx" doc:"xlsx unless docx is asked for"`
	Edition int    `query:"edition" validate:"omitempty,min=1,max=1000000" doc:"the newest unless given; every edition stays as it was"`
}) (*file, error) {
	format, mediaType := app.EditionWorkbook, ooxml.SpreadsheetType
	if in.Format == string(app.EditionDocument) {
		format, mediaType = app.EditionDocument, ooxml.DocumentType
	}
	content, edition, err := s.App.QuestionsAndAnswers(ctx, in.ID, in.Edition, format)
	return attachment("sporsmal-og-svar-"+strconv.Itoa(edition)+"."+string(format), mediaType, content), err
}

func (s *Server) previewQuestions(ctx context.Context, in *struct {
	InCase
	inquiry
	spoken
	RawBody []byte `contentType:"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"`
}) (*struct{ Body QuestionReading }, error) {
	r, err := s.App.PreviewQuestions(ctx, in.ID, in.RawBody)
	return &struct{ Body QuestionReading }{QuestionReading{list(r.Questions), rowProblems(r.Problems, languageOf(in.AcceptLanguage))}}, err
}

func (s *Server) askFromFile(ctx context.Context, in *struct {
	InCase
	Keyed
	spoken
	RawBody []byte `contentType:"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"`
}) (*struct{ Body AskedFromFile }, error) {
	asked, r, err := s.App.AskFromFile(ctx, in.ID, in.RawBody)
	return &struct{ Body AskedFromFile }{AskedFromFile{whole(asked, questionOf).Items, rowProblems(r.Problems, languageOf(in.AcceptLanguage))}}, err
}

func (s *Server) previewReplies(ctx context.Context, in *struct {
	InCase
	inquiry
	spoken
	RawBody []byte `contentType:"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"`
}) (*struct{ Body ReplyReading }, error) {
	r, err := s.App.PreviewReplies(ctx, in.ID, in.RawBody)
	return &struct{ Body ReplyReading }{ReplyReading{list(r.Replies), rowProblems(r.Problems, languageOf(in.AcceptLanguage)), r.Left}}, err
}

func (s *Server) publishReplies(ctx context.Context, in *struct {
	InCase
	Keyed
	spoken
	GoodOnly bool   `query:"goodOnly" doc:"publish the good rows although others have problems; else nothing is published while one has"`
	RawBody  []byte `contentType:"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"`
}) (*struct{ Body PublishedReplies }, error) {
	p, err := s.App.PublishReplies(ctx, in.ID, in.RawBody, in.GoodOnly)
	return &struct{ Body PublishedReplies }{PublishedReplies{whole(p.Clarifications, clarificationOf).Items, postponementOf(p.Postponement), rowProblems(p.Reading.Problems, languageOf(in.AcceptLanguage)), p.Reading.Left}}, err
}
