package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Amended is how a tender that was submitted stands to the published version of
// the requirements.
type Amended struct {
	State      procurement.Confirmation `json:"state" enum:"current,untouched,needs-confirmation,confirmed" doc:"untouched: nothing has to be done; needs-confirmation: confirm it or submit anew before the deadline"`
	Submitted  int                      `json:"submitted" doc:"the version that it was submitted under"`
	Confirmed  int                      `json:"confirmed,omitempty" doc:"the newest version that it was confirmed for"`
	SetVersion int                      `json:"setVersion" doc:"the published version"`
	Touched    []uuid.UUID              `json:"touched" doc:"the requirements that its answers have to be held against"`
}

func amendedStanding(s procurement.Standing) Amended {
	return Amended{State: s.State(), Submitted: s.Submitted, Confirmed: s.Confirmed, SetVersion: s.Published, Touched: list(s.Touched)}
}

// TenderConfirmations are a standing tender and its confirmations.
type TenderConfirmations struct {
	Amended       *Amended             `json:"amended,omitempty" doc:"absent where no tender stands"`
	Confirmations []TenderConfirmation `json:"confirmations"`
}

// TenderConfirmation is one confirmation.
type TenderConfirmation struct {
	SetVersion  int             `json:"setVersion"`
	ConfirmedAt time.Time       `json:"confirmedAt"`
	Record      json.RawMessage `json:"record" doc:"signed by the server, like a receipt"`
}

// NewTenderConfirmation says that a tender stands.
type NewTenderConfirmation struct {
	SetVersion int `json:"setVersion" validate:"required,min=1,max=100000" doc:"the published version, under which it stands as it is"`
}

// ConfirmedTender is a tender that stands under a later version.
type ConfirmedTender struct {
	Tender  Tender          `json:"tender"`
	Amended Amended         `json:"amended"`
	Record  json.RawMessage `json:"record" doc:"signed by the server; keep it with the receipt"`
}

// TenderChanges is what has changed since a supplier answered.
type TenderChanges struct {
	From       int              `json:"from" doc:"the version that the oldest answer was given under"`
	To         int              `json:"to" doc:"the published version"`
	Difference requirement.Diff `json:"difference"`
	Touched    []uuid.UUID      `json:"touched" doc:"own answers to requirements that ask something else now"`
	New        []uuid.UUID      `json:"new" doc:"requirements that ask for the first time"`
	Gone       []uuid.UUID      `json:"gone" doc:"own answers that nothing asks for any more"`
	Amended    *Amended         `json:"amended,omitempty" doc:"absent where no tender stands"`
}

func (s *Server) registerConfirmations() {
	tags := []string{"tenders"}
	op(s, app.TenderRead, huma.Operation{OperationID: "getTenderChanges", Method: http.MethodGet, Path: "/tenders/{tender}/changes", Tags: tags,
		Summary: "What has changed of the requirements since the own answers were given, and which of them it touches"},
		func(ctx context.Context, in *ByTender) (*struct{ Body TenderChanges }, error) {
			c, err := s.App.ChangesSince(ctx, in.Tender)
			out := TenderChanges{From: c.From, To: c.To, Difference: filled(c.Difference), Touched: list(c.Touched), New: list(c.New), Gone: list(c.Gone)}
			if c.Amended != nil {
				standing := amendedStanding(*c.Amended)
				out.Amended = &standing
			}
			return &struct{ Body TenderChanges }{out}, err
		})
	op(s, app.TenderRead, huma.Operation{OperationID: "getTenderConfirmation", Method: http.MethodGet, Path: "/tenders/{tender}/confirmation", Tags: tags,
		Summary: "How the own standing tender stands to the published version, and what was confirmed"},
		func(ctx context.Context, in *ByTender) (*struct{ Body TenderConfirmations }, error) {
			standing, given, err := s.App.TenderStanding(ctx, in.Tender)
			out := TenderConfirmations{Confirmations: []TenderConfirmation{}}
			if standing != nil {
				stands := amendedStanding(*standing)
				out.Amended = &stands
			}
			for _, c := range given {
				out.Confirmations = append(out.Confirmations, TenderConfirmation{c.SetVersion, c.ConfirmedAt.UTC(), c.Record})
			}
			return &struct{ Body TenderConfirmations }{out}, err
		})
	op(s, app.TenderSubmit, huma.Operation{OperationID: "confirmTender", Method: http.MethodPost, Path: "/tenders/{tender}/confirmation", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Say that the standing tender stands as it is under the published version; before the deadline, where an amendment touches it"}, s.confirmTender)
}

func (s *Server) confirmTender(ctx context.Context, in *struct {
	ByTender
	Keyed
	Versioned
	Body NewTenderConfirmation
}) (*struct{ Body ConfirmedTender }, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	c, err := s.App.ConfirmTender(ctx, in.Tender, version, in.Body.SetVersion)
	return &struct{ Body ConfirmedTender }{ConfirmedTender{tenderOf(c.Tender, in.language()), amendedStanding(c.Amended), c.Record}}, err
}

// AmendedTender is how an opened tender stands to the amended requirements.
type AmendedTender struct {
	Amended
	Missing []uuid.UUID `json:"missing" doc:"of those touched: asked of it for the first time, and not answered"`
	Gone    []uuid.UUID `json:"gone" doc:"of those touched: answered, and asked no more; the answers are kept"`
}

func amendedOf(t app.OpenedTender) AmendedTender {
	out := AmendedTender{Amended: amendedStanding(t.Standing), Missing: list(t.Missing), Gone: list(t.Gone)}
	slices.SortFunc(out.Touched, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return out
}
