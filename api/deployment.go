package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fellesloft/fellesloft/internal/app"
)

// Deployment is what this deployment is for.
type Deployment struct {
	Kind      string `json:"kind" enum:"production,development"`
	Sandboxes bool   `json:"sandboxes" doc:"organisations may make sandboxes here"`
}

func (s *Server) registerDeployment() {
	op(s, app.Public, huma.Operation{OperationID: "getDeployment", Method: http.MethodGet, Path: "/deployment", Tags: []string{"public"},
		Summary: "What this deployment is for"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body Deployment }, error) {
			kind, err := s.App.Deployment(ctx)
			return &struct{ Body Deployment }{Deployment{kind, s.App.Sandboxes}}, err
		})
	op(s, app.Public, huma.Operation{OperationID: "getReceiptKeys", Method: http.MethodGet, Path: "/public/receipt-keys", Tags: []string{"public"},
		Summary: "The public keys that receipts are verified with, offline"},
		func(context.Context, *struct{}) (*struct{ Body json.RawMessage }, error) {
			keys, err := json.Marshal(s.App.Signing.PublicKeys())
			return &struct{ Body json.RawMessage }{keys}, err
		})
}
