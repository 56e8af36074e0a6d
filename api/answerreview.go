package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
)

// AnswerReview is the newest verdict of a colleague on an answer.
type AnswerReview struct {
	State app.ReviewState `json:"state" enum:"reviewed,returned,outdated" doc:"outdated: the answer has been changed since"`
	By    *Colleague      `json:"by,omitempty" doc:"absent for one outside the own organisation"`
	At    time.Time       `json:"at"`
}

func answerReviewOf(r *app.Review) *AnswerReview {
	if r == nil {
		return nil
	}
	return &AnswerReview{r.State, colleagueOf(r.By), r.At.UTC()}
}

// ReviewTally counts answers by the verdict on the version that stands. It
// hinders nobody from submitting.
type ReviewTally struct {
	Reviewed   int `json:"reviewed"`
	Returned   int `json:"returned"`
	Unreviewed int `json:"unreviewed"`
}

// NewNotes are notes on answers.
type NewNotes struct {
	Notes []NewNote `json:"notes" validate:"required,min=1,max=2000,dive"`
}

// NewNote is a verdict or a comment on a version of an answer.
type NewNote struct {
	Requirement uuid.UUID    `json:"requirement" validate:"required"`
	Version     int64        `json:"version" validate:"required,gte=1" doc:"of the answer that was read"`
	Kind        app.NoteKind `json:"kind" validate:"required,oneof=reviewed returned comment" enum:"reviewed,returned,comment"`
	Comment     string       `json:"comment,omitempty" doc:"needed for one that is sent back; encrypted, and never opened to a buyer"`
}

// Noted is what became of notes.
type Noted struct {
	Standing Standing        `json:"standing"`
	Noted    int             `json:"noted"`
	Problems []AnswerRefused `json:"problems" doc:"why the others were not written"`
}

// AnswerNote is a line of the thread about an answer.
type AnswerNote struct {
	ID          uuid.UUID    `json:"id"`
	Requirement uuid.UUID    `json:"requirement"`
	Version     int64        `json:"version" doc:"of the answer that it is about"`
	Kind        app.NoteKind `json:"kind" enum:"reviewed,returned,comment"`
	Comment     string       `json:"comment,omitempty"`
	By          *Colleague   `json:"by,omitempty"`
	At          time.Time    `json:"at"`
}

// NewAssignments say who of the organisation is to answer what.
type NewAssignments struct {
	Assignments []NewAssignment `json:"assignments" validate:"required,min=1,max=2000,dive"`
}

// NewAssignment gives a requirement to a colleague, or to nobody in particular.
type NewAssignment struct {
	Requirement uuid.UUID  `json:"requirement" validate:"required"`
	Assignee    *uuid.UUID `json:"assignee,omitempty" doc:"null or absent for nobody in particular"`
}

// Assignment is who is to answer a requirement.
type Assignment struct {
	Requirement uuid.UUID  `json:"requirement"`
	Assignee    *Colleague `json:"assignee,omitempty" doc:"absent for one outside the own organisation"`
}

func assignmentOf(a app.Assignment) Assignment {
	return Assignment{a.Requirement, colleagueOf(a.Assignee)}
}

func (s *Server) registerAnswerReviews() {
	tags := []string{"tenders"}
	op(s, app.TenderReview, huma.Operation{OperationID: "reviewAnswers", Method: http.MethodPost, Path: "/tenders/{tender}/notes", Tags: tags,
		Summary: "Say that versions of answers have been reviewed, send them back, or comment on them; it hinders no submission"}, s.reviewAnswers)
	op(s, app.TenderRead, huma.Operation{OperationID: "listAnswerNotes", Method: http.MethodGet, Path: "/tenders/{tender}/notes", Tags: tags,
		Summary: "What colleagues have noted on the own answers, oldest first"},
		func(ctx context.Context, in *struct {
			ByTender
			Requirement uuid.UUID `query:"requirement" doc:"the thread of one; without it, of all"`
		}) (*struct{ Body OfTender[AnswerNote] }, error) {
			read, err := s.App.AnswerNotes(ctx, in.Tender, in.Requirement)
			return &struct{ Body OfTender[AnswerNote] }{ofTender(read, in.language(), func(n app.AnswerNote) AnswerNote {
				return AnswerNote{n.ID, n.Requirement, n.Version, n.Kind, n.Comment, colleagueOf(n.By), n.At.UTC()}
			})}, err
		})
	op(s, app.TenderReview, huma.Operation{OperationID: "assignAnswers", Method: http.MethodPost, Path: "/tenders/{tender}/assignments", Tags: tags,
		Summary: "Say who of the organisation is to answer requirements: all rows or none"},
		func(ctx context.Context, in *struct {
			ByTender
			Keyed
			Body NewAssignments
		}) (*struct{ Body OfTender[Assignment] }, error) {
			rows := make([]app.AssignmentRow, len(in.Body.Assignments))
			for i, r := range in.Body.Assignments {
				rows[i].Requirement = r.Requirement
				if r.Assignee != nil {
					rows[i].Assignee = *r.Assignee
				}
			}
			read, err := s.App.AssignAnswers(ctx, in.Tender, rows)
			return &struct{ Body OfTender[Assignment] }{ofTender(read, in.language(), assignmentOf)}, err
		})
}

func (s *Server) reviewAnswers(ctx context.Context, in *struct {
	ByTender
	Keyed
	Body NewNotes
}) (*struct{ Body Noted }, error) {
	rows := make([]app.NoteRow, len(in.Body.Notes))
	for i, n := range in.Body.Notes {
		rows[i] = app.NoteRow{Requirement: n.Requirement, Version: n.Version, Kind: n.Kind, Comment: n.Comment}
	}
	noted, err := s.App.ReviewAnswers(ctx, in.Tender, rows)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Noted }{Noted{standingOf(noted.Tender, in.language()), noted.Noted, refusedRows("notes", noted.Problems, in.language())}}, nil
}
