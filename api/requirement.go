package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Requirements is one version of a procurement's requirement set.
type Requirements struct {
	Version int             `json:"version"`
	Locked  bool            `json:"locked" doc:"published; it changes by amendment only"`
	Set     requirement.Set `json:"set"`
}

func requirementsOf(v app.SetVersion) Requirements {
	v.Set.Requirements = list(v.Set.Requirements)
	return Requirements{Version: v.Version, Locked: v.Locked, Set: v.Set}
}

func (s *Server) registerRequirements() {
	tags := []string{"requirements"}
	op(s, app.ProcurementRead, huma.Operation{OperationID: "getRequirements", Method: http.MethodGet, Path: "/procurements/{id}/requirements", Tags: tags,
		Summary: "The newest version of the requirement set"},
		func(ctx context.Context, in *InCase) (*struct{ Body Built[Requirements] }, error) {
			list, err := s.App.RequirementList(ctx, in.ID)
			return &struct{ Body Built[Requirements] }{list}, err
		})
	op(s, app.RequirementsWrite, huma.Operation{OperationID: "putRequirements", Method: http.MethodPut, Path: "/procurements/{id}/requirements", Tags: tags,
		Summary: "Replace the requirement set, before publication"}, s.putRequirements)
	op(s, app.RequirementsWrite, huma.Operation{OperationID: "previewRequirements", Method: http.MethodPost, Path: "/procurements/{id}/requirements/preview", Tags: tags,
		Summary: "What is understood of a specification in a workbook; nothing is saved, and what is sent back as the set is taken over"}, s.previewRequirements)
}

func (s *Server) previewRequirements(ctx context.Context, in *struct {
	InCase
	Keyed
	RawBody []byte `contentType:"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"`
}) (*struct{ Body app.Preview }, error) {
	p, err := s.App.PreviewRequirements(ctx, in.ID, in.RawBody)
	if err != nil {
		return nil, err
	}
	p.Set.Requirements, p.Rows, p.LeftOut, p.Warnings = list(p.Set.Requirements), list(p.Rows), list(p.LeftOut), list(p.Warnings)
	return &struct{ Body app.Preview }{p}, nil
}

// putRequirements goes by the procurement's version: the set and the plan are
// prepared together.
func (s *Server) putRequirements(ctx context.Context, in *struct {
	InCase
	Versioned
	Body requirement.Set
}) (*struct{ Body Requirements }, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := s.App.PutRequirements(ctx, in.ID, version, in.Body)
	return &struct{ Body Requirements }{requirementsOf(v)}, err
}
