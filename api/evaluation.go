package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// OpenedTender is a tender as the team sees it after the opening.
type OpenedTender struct {
	ID                 uuid.UUID       `json:"id"`
	Supplier           uuid.UUID       `json:"supplier"`
	SupplierName       string          `json:"supplierName"`
	OrganisationNumber string          `json:"organisationNumber,omitempty"`
	Members            []OpenedMember  `json:"members,omitempty" doc:"the other suppliers that it was handed in with"`
	AlsoIn             []uuid.UUID     `json:"alsoIn,omitempty" doc:"other opened tenders that one of its suppliers is in: a flag for people"`
	Lots               []uuid.UUID     `json:"lots"`
	ReceivedAt         time.Time       `json:"receivedAt"`
	Declaration        json.RawMessage `json:"declaration,omitempty"`
	FailsAbsolute      int             `json:"failsAbsolute" doc:"answers that say no to an absolute requirement: a flag for people, never a rejection"`
	Rejection          *Rejection      `json:"rejection,omitempty"`
	Amended            AmendedTender   `json:"amended" doc:"how its answers stand to the requirements as they were amended; an unconfirmed tender is shown as such, never dropped"`
}

// OpenedMember is a supplier of a tender beside the one that leads it.
type OpenedMember struct {
	Organisation       uuid.UUID       `json:"organisation"`
	Name               string          `json:"name"`
	OrganisationNumber string          `json:"organisationNumber,omitempty"`
	Declaration        json.RawMessage `json:"declaration,omitempty" doc:"its own self-declaration (FOA § 17-1)"`
}

// Rejection is why a tender was rejected.
type Rejection struct {
	Ground     procurement.Ground `json:"ground"`
	Paragraph  string             `json:"paragraph"`
	Reason     string             `json:"reason"`
	RejectedAt time.Time          `json:"rejectedAt"`
}

func rejectionOf(r app.Rejection) Rejection {
	return Rejection{r.Ground, r.Paragraph, r.Reason, r.RejectedAt.UTC()}
}

func openedTenderOf(t app.OpenedTender) OpenedTender {
	out := OpenedTender{ID: t.ID, Supplier: t.Supplier, SupplierName: t.SupplierName, OrganisationNumber: t.OrgNumber, AlsoIn: t.AlsoIn, Lots: list(t.Lots), ReceivedAt: t.ReceivedAt.UTC(), Amended: amendedOf(t),
		Declaration: t.Declaration, FailsAbsolute: t.FailsAbsolute}
	for _, m := range t.Members {
		out.Members = append(out.Members, OpenedMember{m.Org, m.Name, m.OrgNumber, m.Declaration})
	}
	if t.Rejection != nil {
		r := rejectionOf(*t.Rejection)
		out.Rejection = &r
	}
	return out
}

// NewRejection rejects a tender.
type NewRejection struct {
	Ground procurement.Ground `json:"ground" validate:"required,oneof=late qualification supplier material-deviation not-binding deviation abnormally-low over-budget environment-or-labour-law"`
	Reason string             `json:"reason" validate:"required,min=10,max=4000"`
}

// Scores are one evaluator's own points.
type Scores struct {
	Scores []NewScore `json:"scores" validate:"required,min=1,max=5000,dive"`
}

// NewScore is the points for one answer.
type NewScore struct {
	Tender      uuid.UUID `json:"tender" validate:"required"`
	Requirement uuid.UUID `json:"requirement" validate:"required"`
	Points      string    `json:"points" validate:"required,max=6,numeric" doc:"0 to 10, at most three decimals" example:"7.5"`
	Note        string    `json:"note" validate:"required,max=2000" doc:"becomes the reason in the letters"`
}

// Score is a score as the team sees it.
type Score struct {
	Tender      uuid.UUID       `json:"tender"`
	Requirement uuid.UUID       `json:"requirement"`
	Points      decimal.Decimal `json:"points"`
	Note        string          `json:"note"`
	Evaluator   uuid.UUID       `json:"evaluator"`
	ScoredAt    time.Time       `json:"scoredAt"`
	Version     int64           `json:"version" doc:"above 1: it has been changed"`
}

// LotRanking is the ranking of one lot under the declared formula.
type LotRanking struct {
	Lot       uuid.UUID                    `json:"lot"`
	Number    int                          `json:"number"`
	Title     string                       `json:"title"`
	Formula   evaluation.Formula           `json:"formula"`
	Ranking   []evaluation.Ranked          `json:"ranking"`
	Spread    []evaluation.CriterionSpread `json:"spread"`
	Suppliers map[string]string            `json:"suppliers" doc:"names by tender"`
}

// Documentation is a winner's evidence for what it has declared.
type Documentation struct {
	ID         uuid.UUID     `json:"id"`
	Tender     uuid.UUID     `json:"tender"`
	Heading    string        `json:"heading"`
	Reference  string        `json:"reference"`
	IssuedOn   calendar.Date `json:"issuedOn"`
	ValidUntil calendar.Date `json:"validUntil,omitzero"`
	RecordedAt time.Time     `json:"recordedAt"`
}

func documentationOf(d app.Documentation) Documentation {
	return Documentation{d.ID, d.Tender, d.Heading, d.Reference, d.IssuedOn, d.ValidUntil, d.RecordedAt.UTC()}
}

// NewDocumentation records evidence.
type NewDocumentation struct {
	Tender     uuid.UUID     `json:"tender" validate:"required"`
	Heading    string        `json:"heading" validate:"required,max=400" doc:"one of those that the plan asks for"`
	Reference  string        `json:"reference" validate:"required,max=400"`
	IssuedOn   calendar.Date `json:"issuedOn" validate:"required"`
	ValidUntil calendar.Date `json:"validUntil,omitzero"`
}

func (s *Server) registerEvaluation() {
	tags := []string{"evaluation"}
	at := func(method, id, path, summary string, status int) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/procurements/{id}" + path, Tags: tags, Summary: summary, DefaultStatus: status}
	}
	op(s, app.OpeningApprove, at(http.MethodPost, "approveOpening", "/opening-approvals", "Approve the opening of a part, after the deadline", http.StatusNoContent),
		func(ctx context.Context, in *struct {
			InCase
			Keyed
			Body OpenPart
		}) (*done, error) {
			return &done{}, s.App.ApproveOpening(ctx, in.ID, in.Body.Part)
		})
	op(s, app.TendersRead, at(http.MethodGet, "listOpenedTenders", "/tenders", "The opened tenders; every reading is logged", 0),
		func(ctx context.Context, in *InCase) (*struct{ Body Page[OpenedTender] }, error) {
			read, err := s.App.OpenedTenders(ctx, in.ID)
			return &struct{ Body Page[OpenedTender] }{whole(read, openedTenderOf)}, err
		})
	op(s, app.TendersRead, at(http.MethodGet, "getOpenedAnswers", "/tenders/{tender}/answers", "An opened tender's answers by requirement", 0),
		func(ctx context.Context, in *struct {
			InCase
			ByTender
		}) (*struct{ Body json.RawMessage }, error) {
			read, err := s.App.OpenedAnswers(ctx, in.ID, in.Tender)
			return &struct{ Body json.RawMessage }{read}, err
		})
	op(s, app.TenderReject, at(http.MethodPost, "rejectTender", "/tenders/{tender}/rejection", "Reject a tender, with ground and reason; the supplier is told in writing (FOA § 24-10)", http.StatusCreated),
		func(ctx context.Context, in *struct {
			InCase
			ByTender
			Keyed
			Body NewRejection
		}) (*struct{ Body Rejection }, error) {
			r, err := s.App.RejectTender(ctx, in.ID, in.Tender, in.Body.Ground, in.Body.Reason)
			return &struct{ Body Rejection }{rejectionOf(r)}, err
		})
	op(s, app.TenderEvaluate, at(http.MethodPut, "saveScores", "/scores", "Save own points with notes; all or none", http.StatusNoContent), s.saveScores)
	op(s, app.TendersRead, at(http.MethodGet, "listScores", "/scores", "All points with notes", 0),
		func(ctx context.Context, in *InCase) (*struct{ Body Page[Score] }, error) {
			read, err := s.App.Scores(ctx, in.ID)
			return &struct{ Body Page[Score] }{whole(read, func(c app.Score) Score {
				return Score{c.Tender, c.Requirement, c.Points, c.Note, c.Evaluator, c.ScoredAt.UTC(), c.Version}
			})}, err
		})
	op(s, app.TendersRead, at(http.MethodGet, "getRanking", "/ranking", "The ranking of every lot under the declared formula", 0),
		func(ctx context.Context, in *InCase) (*struct{ Body Page[LotRanking] }, error) {
			read, err := s.App.Ranking(ctx, in.ID)
			return &struct{ Body Page[LotRanking] }{whole(read, lotRankingOf)}, err
		})
	op(s, app.DocumentationRecord, at(http.MethodPost, "recordDocumentation", "/documentation", "Record a winner's evidence (FOA § 17-1)", http.StatusCreated),
		func(ctx context.Context, in *struct {
			InCase
			Keyed
			Body NewDocumentation
		}) (*struct{ Body Documentation }, error) {
			b := in.Body
			d, err := s.App.RecordDocumentation(ctx, in.ID, app.Documentation{Tender: b.Tender, Heading: b.Heading, Reference: b.Reference, IssuedOn: b.IssuedOn, ValidUntil: b.ValidUntil})
			return &struct{ Body Documentation }{documentationOf(d)}, err
		})
	op(s, app.TendersRead, at(http.MethodGet, "listDocumentation", "/documentation", "Winners' evidence", 0),
		func(ctx context.Context, in *InCase) (*struct{ Body Page[Documentation] }, error) {
			read, err := s.App.Documentation(ctx, in.ID)
			return &struct{ Body Page[Documentation] }{whole(read, documentationOf)}, err
		})
}

func lotRankingOf(r app.LotRanking) LotRanking {
	out := LotRanking{Lot: r.Lot.ID, Number: r.Lot.Number, Title: r.Lot.Title, Formula: r.Result.Formula, Ranking: list(r.Result.Ranking), Spread: list(r.Result.Spread), Suppliers: map[string]string{}}
	for id, name := range r.Names {
		out.Suppliers[id.String()] = name
	}
	return out
}

func (s *Server) saveScores(ctx context.Context, in *struct {
	InCase
	Body Scores
}) (*done, error) {
	lines := make([]app.ScoreLine, len(in.Body.Scores))
	for i, n := range in.Body.Scores {
		points, err := decimal.NewFromString(n.Points)
		if err != nil {
			return nil, fault.New(fault.Invalid, ruleFormat).At("scores[" + itoa(i) + "].points")
		}
		lines[i] = app.ScoreLine{Tender: n.Tender, Requirement: n.Requirement, Points: points, Note: n.Note}
	}
	return &done{}, s.App.SaveScores(ctx, in.ID, lines)
}
