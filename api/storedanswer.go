package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
)

// StoredAnswer is an entry of a supplier's own library of answers. Version is
// what a change names in If-Match, between double quotes.
type StoredAnswer struct {
	ID       uuid.UUID       `json:"id"`
	Version  int64           `json:"version"`
	Origin   string          `json:"origin,omitempty" doc:"the requirement of a library that it answers, as requirements name it; without one it is never suggested"`
	Title    string          `json:"title"`
	Value    json.RawMessage `json:"value" doc:"as an answer's, for the answer type that it is meant for"`
	Note     string          `json:"note,omitempty" doc:"for colleagues; buyers never see it"`
	Owner    uuid.UUID       `json:"owner" doc:"who saved it last and looks after it"`
	ReviewOn calendar.Date   `json:"reviewOn,omitzero" doc:"when it is to be looked at again"`
	SavedAt  time.Time       `json:"savedAt"`
}

func storedAnswerOf(s app.StoredAnswer) StoredAnswer {
	return StoredAnswer{s.ID, s.Version, s.Origin, s.Title, s.Value, s.Note, s.Owner, s.ReviewOn, s.SavedAt.UTC()}
}

// NewStoredAnswer is what is put into the library.
type NewStoredAnswer struct {
	Origin   string          `json:"origin,omitempty" validate:"max=300"`
	Title    string          `json:"title" validate:"required,max=300"`
	Value    json.RawMessage `json:"value" validate:"required"`
	Note     string          `json:"note,omitempty" validate:"max=4000"`
	ReviewOn calendar.Date   `json:"reviewOn,omitzero"`
}

func (n NewStoredAnswer) entry(id uuid.UUID) app.StoredAnswer {
	return app.StoredAnswer{ID: id, Origin: n.Origin, Title: n.Title, Value: n.Value, Note: n.Note, ReviewOn: n.ReviewOn}
}

// kept leaves out of what is stored for a repeated request what is sealed.
func (s StoredAnswer) kept() any {
	return StoredAnswer{ID: s.ID, Version: s.Version, Origin: s.Origin, Owner: s.Owner, ReviewOn: s.ReviewOn, SavedAt: s.SavedAt, Value: json.RawMessage("null")}
}

// Suggestion is an entry of the own library for a requirement. It is offered, and
// never taken over by itself.
type Suggestion struct {
	Requirement uuid.UUID    `json:"requirement"`
	Stored      StoredAnswer `json:"stored"`
	Fits        bool         `json:"fits" doc:"the value is a valid answer as it is"`
	Due         bool         `json:"due" doc:"the day has passed on which it was to be looked at again"`
}

type theStoredAnswer struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     StoredAnswer
}

func theStored(s app.StoredAnswer) *theStoredAnswer {
	return &theStoredAnswer{Location: Base + "/stored-answers/" + s.ID.String(), ETag: etag(s.Version), Body: storedAnswerOf(s)}
}

func (s *Server) registerStoredAnswers() {
	tags := []string{"stored answers"}
	op(s, app.StoredAnswersRead, huma.Operation{OperationID: "listStoredAnswers", Method: http.MethodGet, Path: "/stored-answers", Tags: tags,
		Summary: "The own library of answers"}, s.listStoredAnswers)
	op(s, app.StoredAnswersWrite, huma.Operation{OperationID: "storeAnswer", Method: http.MethodPost, Path: "/stored-answers", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Put an answer into the own library; the answer to a repeated request leaves out what it says"},
		func(ctx context.Context, in *struct {
			Keyed
			Body NewStoredAnswer
		}) (*theStoredAnswer, error) {
			stored, err := s.App.StoreAnswer(ctx, in.Body.entry(uuid.Nil))
			return theStored(stored), err
		})
	op(s, app.StoredAnswersWrite, huma.Operation{OperationID: "replaceStoredAnswer", Method: http.MethodPut, Path: "/stored-answers/{entry}", Tags: tags,
		Summary: "Save an entry of the own library anew"},
		func(ctx context.Context, in *struct {
			Versioned
			Entry uuid.UUID `path:"entry"`
			Body  NewStoredAnswer
		}) (*theStoredAnswer, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			stored, err := s.App.ReplaceStoredAnswer(ctx, version, in.Body.entry(in.Entry))
			return theStored(stored), err
		})
	op(s, app.StoredAnswersWrite, huma.Operation{OperationID: "deleteStoredAnswer", Method: http.MethodDelete, Path: "/stored-answers/{entry}", Tags: tags,
		Summary: "Take an entry out of the own library"},
		func(ctx context.Context, in *struct {
			Versioned
			Entry uuid.UUID `path:"entry"`
		}) (*done, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			return &done{}, s.App.DeleteStoredAnswer(ctx, in.Entry, version)
		})
	op(s, app.TenderRead, huma.Operation{OperationID: "listSuggestions", Method: http.MethodGet, Path: "/tenders/{tender}/suggestions", Tags: tags,
		Summary: "What the own library holds for the requirements of a tender"},
		func(ctx context.Context, in *struct {
			Tender uuid.UUID `path:"tender"`
		}) (*struct{ Body Page[Suggestion] }, error) {
			read, err := s.App.Suggestions(ctx, in.Tender)
			return &struct{ Body Page[Suggestion] }{whole(read, func(g app.Suggestion) Suggestion {
				return Suggestion{g.Requirement, storedAnswerOf(g.Stored), g.Fits, g.Due}
			})}, err
		})
}

func (s *Server) listStoredAnswers(ctx context.Context, in *Paged) (*struct{ Body Page[StoredAnswer] }, error) {
	after, err := in.afterID()
	if err != nil {
		return nil, err
	}
	read, err := s.App.StoredAnswers(ctx, after, in.limit()+1)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Page[StoredAnswer] }{pageByID(read, in.limit(), func(e app.StoredAnswer) uuid.UUID { return e.ID }, storedAnswerOf)}, nil
}
