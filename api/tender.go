package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
)

// Tender is a supplier's own tender.
type Tender struct {
	ID             uuid.UUID   `json:"id"`
	Procurement    uuid.UUID   `json:"procurement"`
	Lead           uuid.UUID   `json:"lead" doc:"the organisation that began it and hands it in; another than the reader's own where that is a member"`
	Title          string      `json:"title"`
	State          string      `json:"state" enum:"interest,draft,submitted,withdrawn"`
	Version        int64       `json:"version"`
	Lots           []uuid.UUID `json:"lots" doc:"of the newest submission"`
	Draft          int         `json:"draft" doc:"above submission while a draft is being written"`
	Submission     int         `json:"submission" doc:"the newest one; 0 for none"`
	Standing       Standing    `json:"standing"`
	SetVersion     int         `json:"setVersion,omitempty"`
	StartedAt      time.Time   `json:"startedAt"`
	TenderDeadline time.Time   `json:"tenderDeadline"`
}

func tenderOf(t app.Tender, lang string) Tender {
	return Tender{ID: t.ID, Procurement: t.Procurement, Lead: t.Lead, Title: t.Title, State: t.State, Version: t.Version, Lots: list(t.Lots), Draft: t.Draft, Submission: t.Submission,
		Standing: standingOf(t, lang), SetVersion: t.SetVersion, StartedAt: t.StartedAt.UTC(), TenderDeadline: t.Deadline.UTC()}
}

// Submission hands a tender in.
type Submission struct {
	Lots []uuid.UUID `json:"lots" validate:"required,min=1,max=50" doc:"the lots that are tendered for"`
	// SetVersion is the version that the answers were looked at under.
	SetVersion int `json:"setVersion,omitempty" validate:"min=0,max=100000" doc:"the published version, where an amendment touches answers that were given before it and still hold"`
}

// Submitted is a tender that has been received.
type Submitted struct {
	Tender  Tender          `json:"tender"`
	Receipt json.RawMessage `json:"receipt" doc:"signed by the server; keep it with the public keys to verify it offline"`
}

// Receipt is one submission of the supplier's own.
type Receipt struct {
	Submission int             `json:"submission"`
	State      string          `json:"state" enum:"standing,replaced,withdrawn"`
	ReceivedAt time.Time       `json:"receivedAt"`
	Lots       []uuid.UUID     `json:"lots"`
	Receipt    json.RawMessage `json:"receipt"`
}

// ByTender names a tender.
type ByTender struct {
	spoken
	Tender uuid.UUID `path:"tender"`
}

type theTender struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     Tender
}

func answerTender(t app.Tender, lang string, err error) (*theTender, error) {
	return &theTender{ETag: etag(t.Version), Body: tenderOf(t, lang)}, err
}

func (s *Server) registerTenders() {
	tags := []string{"tenders"}
	op(s, app.InterestRegister, huma.Operation{OperationID: "registerInterest", Method: http.MethodPost, Path: "/procurements/{id}/interest", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Be told of answers and amendments; a tender is begun with it"},
		func(ctx context.Context, in *struct {
			InCase
			Keyed
			spoken
		}) (*theTender, error) {
			t, err := s.App.RegisterInterest(ctx, in.ID)
			out, err := answerTender(t, in.language(), err)
			out.Location = Base + "/tenders/" + t.ID.String()
			return out, err
		})
	op(s, app.TenderRead, huma.Operation{OperationID: "listTenders", Method: http.MethodGet, Path: "/tenders", Tags: tags,
		Summary: "The organisation's own tenders"}, s.listTenders)
	op(s, app.TenderRead, huma.Operation{OperationID: "getTender", Method: http.MethodGet, Path: "/tenders/{tender}", Tags: tags,
		Summary: "An own tender"},
		func(ctx context.Context, in *ByTender) (*theTender, error) {
			t, err := s.App.OwnTender(ctx, in.Tender)
			return answerTender(t, in.language(), err)
		})
	op(s, app.TenderSubmit, huma.Operation{OperationID: "submitTender", Method: http.MethodPost, Path: "/tenders/{tender}/submissions", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Hand the tender in; received when the server's clock reads it, before the deadline or not at all"}, s.submitTender)
	op(s, app.TenderSubmit, huma.Operation{OperationID: "withdrawTender", Method: http.MethodPost, Path: "/tenders/{tender}/withdrawal", Tags: tags,
		Summary: "Take the standing tender back, before the deadline"}, s.withdrawTender)
	op(s, app.TenderRead, huma.Operation{OperationID: "getBundle", Method: http.MethodGet, Path: "/tenders/{tender}/submissions/{submission}/bundle", Tags: tags,
		Summary:   "The receipt, the envelopes and their keys, for `fellesloft verify receipt`; keep it secret until the opening",
		Responses: fileResponse()},
		func(ctx context.Context, in *struct {
			ByTender
			Submission int `path:"submission" validate:"gte=1,lte=100000"`
		}) (*file, error) {
			content, err := s.App.BundleFile(ctx, in.Tender, in.Submission)
			return attachment("kvittering.json", "application/json", content), err
		})
	op(s, app.TenderRead, huma.Operation{OperationID: "listReceipts", Method: http.MethodGet, Path: "/tenders/{tender}/receipts", Tags: tags,
		Summary: "The own submissions with their receipts"},
		func(ctx context.Context, in *ByTender) (*struct{ Body OfTender[Receipt] }, error) {
			read, err := s.App.Receipts(ctx, in.Tender)
			return &struct{ Body OfTender[Receipt] }{ofTender(read, in.language(), func(r app.Receipt) Receipt {
				return Receipt{r.Submission, r.State, r.ReceivedAt.UTC(), list(r.Lots), r.Receipt}
			})}, err
		})
}

func (s *Server) listTenders(ctx context.Context, in *struct {
	Paged
	spoken
}) (*struct{ Body Page[Tender] }, error) {
	after, err := in.afterID()
	if err != nil {
		return nil, err
	}
	read, err := s.App.OwnTenders(ctx, after, in.limit()+1)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Page[Tender] }{pageByID(read, in.limit(), func(t app.Tender) uuid.UUID { return t.ID }, func(t app.Tender) Tender { return tenderOf(t, in.language()) })}, nil
}

func (s *Server) submitTender(ctx context.Context, in *struct {
	ByTender
	Keyed
	Versioned
	Body Submission
}) (*struct{ Body Submitted }, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	of := func(t app.Submitted) Submitted { return Submitted{tenderOf(t.Tender, in.language()), t.Receipt} }
	t, err := s.App.SubmitReplying(ctx, in.Tender, version, in.Body.Lots, in.Body.SetVersion, func(t app.Submitted) app.Answer {
		return app.Answer{Status: http.StatusCreated, Body: asJSON(of(t))}
	})
	return &struct{ Body Submitted }{of(t)}, err
}

func (s *Server) withdrawTender(ctx context.Context, in *struct {
	ByTender
	Keyed
	Versioned
}) (*theTender, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	t, err := s.App.Withdraw(ctx, in.Tender, version)
	return answerTender(t, in.language(), err)
}
