package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fellesloft/fellesloft/internal/answersheet"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/catalogue"
)

// AnswerProblem is something odd about a file of answers, in words.
type AnswerProblem struct {
	answersheet.Problem
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

// AnswerReading is what was understood of a file of answers. Nothing of it is
// kept.
type AnswerReading struct {
	Version  int                      `json:"version,omitempty" doc:"of the requirements that the file was generated from, where it tells"`
	Answers  map[string]any           `json:"answers" doc:"what would be saved, by requirement"`
	Rows     []answersheet.Understood `json:"rows" doc:"the rows that were understood, and what each answers"`
	Problems []AnswerProblem          `json:"problems"`
	LeftOut  []answersheet.LeftOut    `json:"leftOut"`
	Totals   []answersheet.Total      `json:"totals" doc:"of price schedules: as the system computes them, and as the file has them"`
}

// SavedAnswers is what was saved of a file of answers.
type SavedAnswers struct {
	Tender   Tender                `json:"tender"`
	Saved    int                   `json:"saved" doc:"answers"`
	Summary  *Summary              `json:"summary,omitempty" doc:"of the whole draft; absent when the request is repeated, like all that tells of answers"`
	Problems []AnswerProblem       `json:"problems,omitempty"`
	LeftOut  []answersheet.LeftOut `json:"leftOut,omitempty"`
	Totals   []answersheet.Total   `json:"totals,omitempty"`
}

// kept is without what tells of answers: a stored reply must not.
func (s SavedAnswers) kept() any { return SavedAnswers{Tender: s.Tender, Saved: s.Saved} }

// inquiry marks a POST that changes nothing and whose answer is not kept: it
// asks, with a body. It has no Idempotency-Key, since nothing can happen twice.
type inquiry struct{}

func (inquiry) asksOnly() {}

// spoken is the language that texts are wanted in.
type spoken struct {
	AcceptLanguage string `header:"Accept-Language" json:"-" doc:"nb, nn or en" example:"nb"`
}

func (s spoken) language() string { return languageOf(s.AcceptLanguage) }

// answerTypes are the media types of answer files.
const (
	workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	csvType      = "text/csv"
)

func (s *Server) registerAnswerFiles() {
	tags := []string{"tenders"}
	op(s, app.TenderRead, huma.Operation{OperationID: "getAnswerFile", Method: http.MethodGet, Path: "/tenders/{tender}/draft/file", Tags: tags,
		Summary: "The answer form as a workbook or CSV file, generated from the requirements, with the draft's answers or blank", Responses: fileResponse()}, s.getAnswerFile)
	op(s, app.TenderWrite, huma.Operation{OperationID: "previewAnswerFile", Method: http.MethodPost, Path: "/tenders/{tender}/draft/file/preview", Tags: tags,
		Summary: "What is understood of a workbook or CSV file with answers, and everything that is odd about it; nothing is kept"}, s.previewAnswerFile)
	op(s, app.TenderWrite, huma.Operation{OperationID: "saveAnswerFile", Method: http.MethodPost, Path: "/tenders/{tender}/draft/file", Tags: tags,
		Summary: "Save what is understood of a workbook or CSV file with answers, up to 2,000 at once; send the file that was previewed again"}, s.saveAnswerFile)
	op(s, app.TendersRead, huma.Operation{OperationID: "getAnswerMatrix", Method: http.MethodGet, Path: "/procurements/{id}/answer-matrix", Tags: []string{"evaluation"},
		Summary: "The opened answers of all suppliers as a workbook, a row for each requirement; every reading is logged", Responses: fileResponse()},
		func(ctx context.Context, in *InCase) (*file, error) {
			content, err := s.App.AnswerMatrix(ctx, in.ID)
			return attachment("svar-per-krav.xlsx", workbookType, content), err
		})
}

func (s *Server) getAnswerFile(ctx context.Context, in *struct {
	ByTender
	Format string `query:"format" validate:"omitempty,oneof=xlsx csv" doc:"xlsx unless csv is asked for"`
	Blank  bool   `query:"blank" doc:"without the draft's answers"`
}) (*file, error) {
	format, mediaType := app.AnswerWorkbook, workbookType
	if in.Format == string(app.AnswerCSV) {
		format, mediaType = app.AnswerCSV, csvType+"; charset=utf-8"
	}
	content, err := s.App.AnswerFile(ctx, in.Tender, format, in.Blank)
	return attachment("svar."+string(format), mediaType, content), err
}

func (s *Server) previewAnswerFile(ctx context.Context, in *struct {
	ByTender
	inquiry
	RawBody []byte `contentType:"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,text/csv"`
}) (*struct{ Body AnswerReading }, error) {
	r, err := s.App.PreviewAnswers(ctx, in.Tender, in.RawBody)
	if err != nil {
		return nil, err
	}
	out := AnswerReading{Version: r.Version, Answers: make(map[string]any, len(r.Values)), Rows: list(r.Rows), Problems: inWords(r.Problems, in.language()), LeftOut: list(r.LeftOut), Totals: list(r.Totals)}
	for id, value := range r.Values {
		out.Answers[id.String()] = value
	}
	return &struct{ Body AnswerReading }{out}, nil
}

func (s *Server) saveAnswerFile(ctx context.Context, in *struct {
	ByTender
	Keyed
	Versioned
	RawBody []byte `contentType:"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,text/csv"`
}) (*struct {
	ETag string `header:"ETag"`
	Body SavedAnswers
}, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	lang := in.language()
	of := func(saved app.SavedAnswers) SavedAnswers {
		return SavedAnswers{Tender: tenderOf(saved.Tender, lang), Saved: len(saved.Saved)}
	}
	saved, r, err := s.App.SaveAnswerFile(ctx, in.Tender, version, in.RawBody, func(saved app.SavedAnswers) app.Answer { return replyOf(saved, of(saved)) })
	if err != nil {
		return nil, err
	}
	out := of(saved)
	out.Summary, out.Problems, out.LeftOut, out.Totals = summaryOf(saved.Summary, lang), inWords(r.Problems, lang), r.LeftOut, r.Totals
	return &struct {
		ETag string `header:"ETag"`
		Body SavedAnswers
	}{etag(saved.Tender.Version), out}, nil
}

// inWords tells each problem in the caller's language.
func inWords(all []answersheet.Problem, lang string) []AnswerProblem {
	out := make([]AnswerProblem, len(all))
	for i, p := range all {
		out[i].Problem = p
		out[i].Title, out[i].Detail = catalogue.Problem(lang, p.Rule, p.Params)
	}
	return out
}
