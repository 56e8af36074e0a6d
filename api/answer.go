package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Marks are what a supplier says of an answer beside its value.
type Marks struct {
	Secret *requirement.Secret `json:"secret,omitempty" doc:"the answer is a business secret, and why"`
	Buyers []uuid.UUID         `json:"buyers,omitempty" validate:"max=1000" doc:"the named buyers that the answer covers; absent for all of them"`
}

// AnswerRow is one answer to save.
type AnswerRow struct {
	Requirement string          `json:"requirement" validate:"max=100" doc:"its id" format:"uuid"`
	Version     int64           `json:"version,omitempty" validate:"gte=0" doc:"of the answer that the author saw; 0 or absent for none"`
	Value       json.RawMessage `json:"value,omitempty" doc:"as the answer type writes it; null takes the answer away"`
	Marks
}

// Answers are answers to save.
type Answers struct {
	Answers            []AnswerRow              `json:"answers,omitempty" validate:"max=2000,dive" doc:"a whole or partial set; what is not among them stays"`
	Declaration        *procurement.Declaration `json:"declaration,omitempty" doc:"the own organisation's, whether it leads the tender or is a member; absent where it stays as it is"`
	DeclarationVersion int64                    `json:"declarationVersion,omitempty" validate:"gte=0" doc:"of the declaration that the author saw; 0 or absent for none"`
}

// AnswersSaved is what became of answers to save.
type AnswersSaved struct {
	Tender             Tender          `json:"tender"`
	Saved              []SavedVersion  `json:"saved" doc:"the answers that are stored as they were given"`
	Problems           []AnswerRefused `json:"problems" doc:"why the others were not stored"`
	DeclarationVersion int64           `json:"declarationVersion,omitempty" doc:"of the declaration that stands"`
	Summary            *Summary        `json:"summary,omitempty" doc:"of the whole draft; absent when the request is repeated, like all that tells of answers"`
}

// SavedVersion is an answer that is stored as it was given.
type SavedVersion struct {
	Requirement uuid.UUID `json:"requirement"`
	Version     int64     `json:"version" doc:"0 for an answer that was taken away"`
}

// AnswerRefused is why one answer was not stored.
type AnswerRefused struct {
	Violation
	Requirement uuid.UUID `json:"requirement,omitzero"`
	Number      string    `json:"number,omitempty" doc:"the buyer's number of the requirement"`
	Version     int64     `json:"version" doc:"of the answer that stands; 0 for none"`
}

// Summary says how complete a draft is, with its problems in words.
type Summary struct {
	requirement.Summary
	Problems []AnswerFinding `json:"problems"`
	Warnings []AnswerFinding `json:"warnings" doc:"to think over before submission; they stand in the way of nothing"`
}

// AnswerFinding is something about one answer, in words.
type AnswerFinding struct {
	requirement.Problem
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

func summaryOf(s requirement.Summary, lang string) *Summary {
	words := func(all []requirement.Problem) []AnswerFinding {
		out := make([]AnswerFinding, len(all))
		for i, p := range all {
			out[i].Problem = p
			out[i].Title, out[i].Detail = catalogue.Problem(lang, p.Rule, p.Params)
		}
		return out
	}
	return &Summary{s, words(s.Problems), words(s.Warnings)}
}

// Completeness is how complete an own tender is.
type Completeness struct {
	Tender  Tender       `json:"tender"`
	Summary Summary      `json:"summary"`
	Reviews *ReviewTally `json:"reviews,omitempty" doc:"of the draft; absent while none is being written"`
}

// Draft is what a supplier has written, and how complete it is.
type Draft struct {
	Tender             Tender                   `json:"tender"`
	Answers            []DraftAnswer            `json:"answers" doc:"in the order of the requirements"`
	Gone               map[string]any           `json:"gone,omitempty" doc:"answers to requirements that an amendment has taken out, by requirement; they are not submitted"`
	Declaration        *procurement.Declaration `json:"declaration,omitempty" doc:"the reader's own organisation's"`
	DeclarationVersion int64                    `json:"declarationVersion,omitempty"`
	Declarations       []DeclarationState       `json:"declarations" doc:"one line for each organisation of the tender"`
	Assignments        []Assignment             `json:"assignments" doc:"who is to answer what"`
	Reviews            ReviewTally              `json:"reviews"`
	Summary            Summary                  `json:"summary"`
}

// DraftAnswer is an answer as it is stored.
type DraftAnswer struct {
	Requirement uuid.UUID `json:"requirement"`
	Version     int64     `json:"version" doc:"grows with each change"`
	Value       any       `json:"value" doc:"as the answer type writes it"`
	Marks
	SavedBy *Colleague    `json:"savedBy,omitempty" doc:"who saved it last; absent for one outside the own organisation"`
	SavedAt time.Time     `json:"savedAt"`
	Review  *AnswerReview `json:"review,omitempty" doc:"absent where nobody has judged it"`
}

// Colleague is a person or system of the own organisation.
type Colleague struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

func colleagueOf(c *app.Colleague) *Colleague {
	if c == nil {
		return nil
	}
	return &Colleague{c.ID, c.Name}
}

func draftOf(d app.Draft, lang string) Draft {
	out := Draft{Tender: tenderOf(d.Tender, lang), Answers: make([]DraftAnswer, len(d.Answers)), Declaration: d.Declaration, DeclarationVersion: d.DeclarationVersion, Declarations: declarationsOf(d.Declarations),
		Assignments: whole(d.Assignments, assignmentOf).Items, Reviews: ReviewTally(d.Reviews), Summary: *summaryOf(d.Summary, lang)}
	for i, a := range d.Answers {
		out.Answers[i] = DraftAnswer{a.Requirement, a.Version, a.Value, Marks{a.Secret, a.Buyers}, colleagueOf(a.SavedBy), a.SavedAt.UTC(), answerReviewOf(a.Review)}
	}
	if len(d.Gone) > 0 {
		out.Gone = make(map[string]any, len(d.Gone))
	}
	for id, a := range d.Gone {
		out.Gone[id.String()] = a.Value
	}
	return out
}

type theDraft struct {
	ETag string `header:"ETag"`
	Body Draft
}

type theAnswers struct {
	ETag string `header:"ETag"`
	Body AnswersSaved
}

func (s *Server) registerAnswers() {
	tags := []string{"tenders"}
	op(s, app.TenderRead, huma.Operation{OperationID: "getDraft", Method: http.MethodGet, Path: "/tenders/{tender}/draft", Tags: tags,
		Summary: "The own answers and how complete they are"},
		func(ctx context.Context, in *ByTender) (*theDraft, error) {
			d, err := s.App.ReadDraft(ctx, in.Tender)
			return &theDraft{ETag: etag(d.Version), Body: draftOf(d, in.language())}, err
		})
	op(s, app.TenderRead, huma.Operation{OperationID: "getCompleteness", Method: http.MethodGet, Path: "/tenders/{tender}/completeness", Tags: tags,
		Summary: "What is answered, missing, invalid, not applicable, for some buyers only and marked as secret"},
		func(ctx context.Context, in *ByTender) (*struct{ Body Completeness }, error) {
			c, err := s.App.Completeness(ctx, in.Tender)
			out := Completeness{Tender: tenderOf(c.Tender, in.language()), Summary: *summaryOf(c.Summary, in.language())}
			if c.Reviews != nil {
				tally := ReviewTally(*c.Reviews)
				out.Reviews = &tally
			}
			return &struct{ Body Completeness }{out}, err
		})
	op(s, app.TenderWrite, huma.Operation{OperationID: "saveAnswers", Method: http.MethodPost, Path: "/tenders/{tender}/answers", Tags: tags,
		Summary: "Save answers, one or up to 2,000 at once; what was submitted stands until a new submission",
		Description: "Each answer names the version that its author saw, so several people can write at once and none loses what another wrote. " +
			"What cannot be stored is told row by row, and the others are stored. An answer that is not valid yet is stored and named in the summary."}, s.saveAnswers)
}

func (s *Server) saveAnswers(ctx context.Context, in *struct {
	ByTender
	Keyed
	IfMatch string `header:"If-Match" doc:"the tender's ETag, for one who wants nobody to have written anything since; any without it"`
	Body    Answers
}) (*theAnswers, error) {
	expected, err := anyVersion(in.IfMatch)
	if err != nil {
		return nil, err
	}
	lang := in.language()
	save := app.AnswersToSave{Tender: in.Tender, Expected: expected, Declaration: in.Body.Declaration, DeclarationVersion: in.Body.DeclarationVersion}
	for _, r := range in.Body.Answers {
		// What is no id is no requirement that is known.
		id, _ := uuid.Parse(r.Requirement)
		save.Rows = append(save.Rows, app.AnswerRow{Requirement: id, Version: r.Version, Answer: requirement.Answer{Value: r.Value, Secret: r.Secret, Buyers: r.Buyers}})
	}
	of := func(saved app.SavedAnswers) AnswersSaved { return answersSaved(saved, lang) }
	save.Reply = func(saved app.SavedAnswers) app.Answer { return replyOf(saved, of(saved)) }
	saved, err := s.App.SaveAnswers(ctx, save)
	if err != nil {
		return nil, err
	}
	out := of(saved)
	out.Summary = summaryOf(saved.Summary, lang)
	return &theAnswers{ETag: etag(saved.Tender.Version), Body: out}, nil
}

// replyOf is what a repetition is answered.
func replyOf(saved app.SavedAnswers, body any) app.Answer {
	return app.Answer{Status: http.StatusOK, Body: asJSON(body), ETag: etag(saved.Tender.Version)}
}

func asJSON(body any) json.RawMessage {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // the program's own structs
	}
	return raw
}

// answersSaved is without what tells of answers: a stored reply must not.
func answersSaved(saved app.SavedAnswers, lang string) AnswersSaved {
	out := AnswersSaved{Tender: tenderOf(saved.Tender, lang), Saved: make([]SavedVersion, len(saved.Saved)), Problems: refusedRows("answers", saved.Problems, lang), DeclarationVersion: saved.DeclarationVersion}
	for i, one := range saved.Saved {
		out.Saved[i] = SavedVersion{one.Requirement, one.Version}
	}
	return out
}

// refusedRows tells, in words, why rows of a list were not stored.
func refusedRows(list string, problems []app.RowProblem, lang string) []AnswerRefused {
	out := []AnswerRefused{}
	for _, p := range problems {
		at := ""
		if p.Row >= 0 {
			at = list + "[" + itoa(p.Row) + "]."
		}
		for _, f := range p.Problem.All() {
			v := Violation{Rule: f.Rule, Field: at + f.Field, Params: f.Params}
			v.Title, v.Detail = catalogue.Fault(lang, f)
			out = append(out, AnswerRefused{v, p.Requirement, p.Number, p.Version})
		}
	}
	return out
}

// kept is without what tells of answers.
func (a AnswersSaved) kept() any {
	a.Summary = nil
	return a
}
