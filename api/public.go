package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// PublicLine is one row of the list of published procurements.
type PublicLine struct {
	ID             uuid.UUID         `json:"id"`
	Title          string            `json:"title"`
	LeadName       string            `json:"leadName"`
	Phase          procurement.Phase `json:"phase"`
	TenderDeadline time.Time         `json:"tenderDeadline"`
	QuestionsBy    *time.Time        `json:"questionsBy,omitempty"`
	AnswersDue     *calendar.Date    `json:"answersDue,omitempty" doc:"the latest day for answers to all"`
	PublishedAt    time.Time         `json:"publishedAt"`
	ChangedAt      time.Time         `json:"changedAt"`
}

// PublicProcurement is everything that is public of one procurement.
type PublicProcurement struct {
	PublicLine
	Sandbox        bool             `json:"sandbox"`
	Now            time.Time        `json:"now" doc:"case time"`
	SetVersion     int              `json:"setVersion"`
	Notice         app.PublicNotice `json:"notice"`
	Requirements   requirement.Set  `json:"requirements"`
	Documents      []Document       `json:"documents"`
	Clarifications []Clarification  `json:"clarifications" doc:"all versions of all answers, by number and version"`
	Edition        int              `json:"edition" doc:"the newest edition of the questions and answers as a document; 0 before the first"`
	Changes        []PublicChange   `json:"changes"`
}

// PublicChange is a change that everybody is told of.
type PublicChange struct {
	Kind   string            `json:"kind"`
	Params map[string]string `json:"params,omitempty"`
	At     time.Time         `json:"at"`
}

func publicLine(l app.PublicLine) PublicLine {
	out := PublicLine{ID: l.ID, Title: l.Title, LeadName: l.LeadName, Phase: l.Phase, TenderDeadline: l.Deadline.UTC(), QuestionsBy: utc(l.QuestionsBy),
		PublishedAt: l.PublishedAt.UTC(), ChangedAt: l.ChangedAt.UTC()}
	if !l.AnswersDue.IsZero() {
		out.AnswersDue = &l.AnswersDue
	}
	return out
}

func (s *Server) registerPublic() {
	tags := []string{"public"}
	op(s, app.Public, huma.Operation{OperationID: "listPublicProcurements", Method: http.MethodGet, Path: "/public/procurements", Tags: tags,
		Summary: "Published procurements; no sandbox is among them"}, s.listPublic)
	op(s, app.Public, huma.Operation{OperationID: "getPublicProcurement", Method: http.MethodGet, Path: "/public/procurements/{id}", Tags: tags,
		Summary: "Notice, requirements, documents, answers to all and changes, without sign-in (FOA § 22-5 (1))"}, s.getPublic)
	op(s, app.Public, huma.Operation{OperationID: "getPublicDocument", Method: http.MethodGet, Path: "/public/procurements/{id}/documents/{document}", Tags: tags,
		Summary: "A public file", Responses: fileResponse()},
		func(ctx context.Context, in *struct {
			InCase
			Document uuid.UUID `path:"document"`
		}) (*file, error) {
			d, err := s.App.PublicDocument(ctx, in.ID, in.Document)
			return attachment(d.Name, d.MediaType, d.Content), err
		})
}

func (s *Server) listPublic(ctx context.Context, in *Paged) (*struct{ Body Page[PublicLine] }, error) {
	after, err := in.afterID()
	if err != nil {
		return nil, err
	}
	read, err := s.App.PublicProcurements(ctx, after, in.limit()+1)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Page[PublicLine] }{pageByID(read, in.limit(), func(l app.PublicLine) uuid.UUID { return l.ID }, publicLine)}, nil
}

func (s *Server) getPublic(ctx context.Context, in *InCase) (*struct{ Body PublicProcurement }, error) {
	c, err := s.App.PublicProcurement(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := PublicProcurement{PublicLine: publicLine(c.PublicLine), Sandbox: c.Sandbox, Now: c.Now.UTC(), SetVersion: c.SetVersion, Notice: c.Notice, Requirements: c.Requirements,
		Documents: []Document{}, Clarifications: []Clarification{}, Changes: []PublicChange{}}
	out.Notice.Buyers = list(out.Notice.Buyers)
	out.Requirements.Requirements = list(out.Requirements.Requirements)
	for _, d := range c.Documents {
		out.Documents = append(out.Documents, documentOf(d))
	}
	for _, each := range c.Clarifications {
		out.Clarifications = append(out.Clarifications, clarificationOf(each))
		out.Edition = max(out.Edition, each.Edition, each.SetEdition)
	}
	for _, each := range c.Changes {
		out.Changes = append(out.Changes, PublicChange{each.Kind, each.Params, each.At.UTC()})
	}
	return &struct{ Body PublicProcurement }{out}, nil
}
