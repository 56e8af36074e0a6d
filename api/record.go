package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/record"
)

const htmlType = "text/html; charset=utf-8"

func (s *Server) registerRecord() {
	op(s, app.ProcurementPlan, huma.Operation{OperationID: "getRecord", Method: http.MethodGet, Path: "/procurements/{id}/record", Tags: []string{"record"},
		Summary: "The procurement record (FOA §§ 10-5, 25-5) as a page; what is missing is shown as missing", Responses: fileResponse()}, s.record)
}

func (s *Server) record(ctx context.Context, in *InCase) (*file, error) {
	r, err := s.App.Record(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	page, err := record.Build(recordFacts(r), r.Items).HTML()
	return attachment("protokoll.html", htmlType, page), err
}
