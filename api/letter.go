package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/record"
)

// Letter is a letter to a supplier, as the facts that its text is made of.
type Letter struct {
	ID           uuid.UUID      `json:"id"`
	Procurement  uuid.UUID      `json:"procurement"`
	Tender       uuid.UUID      `json:"tender"`
	SupplierName string         `json:"supplierName,omitempty"`
	Kind         string         `json:"kind" enum:"award,rejection,cancellation,reversal"`
	SentAt       time.Time      `json:"sentAt"`
	Facts        app.LetterBody `json:"facts"`
}

func letterOf(l app.Letter) Letter {
	return Letter{ID: l.ID, Procurement: l.Procurement, Tender: l.Tender, SupplierName: l.SupplierName, Kind: l.Kind, SentAt: l.SentAt.UTC(), Facts: l.Body}
}

func (s *Server) registerLetters() {
	tags := []string{"letters"}
	op(s, app.TendersRead, huma.Operation{OperationID: "listLetters", Method: http.MethodGet, Path: "/procurements/{id}/letters", Tags: tags,
		Summary: "The letters to all suppliers of a procurement"},
		func(ctx context.Context, in *InCase) (*struct{ Body Page[Letter] }, error) {
			read, err := s.App.Letters(ctx, in.ID)
			return &struct{ Body Page[Letter] }{whole(read, letterOf)}, err
		})
	op(s, app.TendersRead, huma.Operation{OperationID: "getLetter", Method: http.MethodGet, Path: "/procurements/{id}/letters/{letter}", Tags: tags,
		Summary: "A letter as a page", Responses: fileResponse()},
		func(ctx context.Context, in *struct {
			InCase
			Letter uuid.UUID `path:"letter"`
		}) (*file, error) {
			read, err := s.App.Letters(ctx, in.ID)
			return letterPage(read, in.Letter, err)
		})
	op(s, app.TenderRead, huma.Operation{OperationID: "listOwnLetters", Method: http.MethodGet, Path: "/tenders/{tender}/letters", Tags: tags,
		Summary: "The letters to the own tender"},
		func(ctx context.Context, in *ByTender) (*struct{ Body Page[Letter] }, error) {
			read, err := s.App.OwnLetters(ctx, in.Tender)
			return &struct{ Body Page[Letter] }{whole(read, letterOf)}, err
		})
	op(s, app.TenderRead, huma.Operation{OperationID: "getOwnLetter", Method: http.MethodGet, Path: "/tenders/{tender}/letters/{letter}", Tags: tags,
		Summary: "A letter to the own tender as a page", Responses: fileResponse()},
		func(ctx context.Context, in *struct {
			ByTender
			Letter uuid.UUID `path:"letter"`
		}) (*file, error) {
			read, err := s.App.OwnLetters(ctx, in.Tender)
			return letterPage(read, in.Letter, err)
		})
}

func letterPage(read []app.Letter, id uuid.UUID, err error) (*file, error) {
	if err != nil {
		return nil, err
	}
	for _, l := range read {
		if l.ID == id {
			page, err := writtenLetter(l).HTML()
			return attachment("brev.html", htmlType, page), err
		}
	}
	return nil, fault.New(fault.NotFound, ruleNotFound)
}

// writtenLetter writes the facts of a letter in the language of the documents.
func writtenLetter(l app.Letter) record.Letter {
	b := l.Body
	to := record.Address{Language: b.Language, Title: b.Title, Reference: b.Reference, Invented: b.Invented, SentAt: b.SentAt, Regime: rules.Regime(b.Regime),
		From: record.Organisation{Name: b.From, Email: b.Contact}, To: record.Organisation{Name: b.Supplier}}
	switch l.Kind {
	case "rejection":
		return record.RejectionLetter(record.Rejected{Address: to, Ground: procurement.Ground(b.Ground), Paragraph: b.Paragraph, Reason: b.Reason})
	case "cancellation":
		return record.CancellationLetter(record.Stopped{Address: to, Reason: b.Reason})
	case "reversal":
		return record.ReversalLetter(record.Stopped{Address: to, Reason: b.Reason})
	}
	f := record.AwardFacts{Address: to, StandstillUntil: b.StandstillUntil, Paragraph: "FOA § 25-2"}
	if to.Regime == rules.PartII {
		f.Paragraph = "FOA § 10-2"
	}
	for _, lot := range b.Lots {
		f.Lots = append(f.Lots, awardedLot(lot))
	}
	return record.AwardLetter(f)
}

func awardedLot(l app.LetterLot) record.AwardedLot {
	out := record.AwardedLot{Number: l.Number, Title: l.Title, Winner: l.Winner, Won: l.IsWinner, Rank: l.Rank, Of: l.Tenders, Reason: l.Reason,
		WinnerTotal: l.Winners.String(), OwnTotal: l.Total.String()}
	for _, c := range l.Criteria {
		compared := record.ComparedCriterion{Name: c.Name, Kind: requirement.QualityCriterion, Weight: c.Weight.String(), WinnerPoints: c.WinnersPoints.String(), OwnPoints: c.Points.String(), OwnPrice: c.OwnPrice}
		if c.Price {
			compared.Kind = requirement.PriceCriterion
		}
		for _, e := range c.Elements {
			compared.Elements = append(compared.Elements, record.ComparedElement{Requirement: e.Number + " " + e.Text, WinnerPoints: e.WinnersPoints.String(), OwnPoints: e.Points.String(),
				WinnerNotes: e.WinnersNotes, OwnNotes: e.Notes})
		}
		out.Criteria = append(out.Criteria, compared)
	}
	return out
}
