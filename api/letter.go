package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
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
	op(s, app.TendersRead, huma.Operation{OperationID: "listLetters", Method: http.MethodGet, Path: "/procurements/{id}/letters", Tags: []string{"letters"},
		Summary: "The letters to all suppliers of a procurement"},
		func(ctx context.Context, in *InCase) (*struct{ Body Page[Letter] }, error) {
			read, err := s.App.Letters(ctx, in.ID)
			return &struct{ Body Page[Letter] }{whole(read, letterOf)}, err
		})
}
