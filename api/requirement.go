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
		Summary: "What is understood of a specification in a workbook or Word document; nothing is saved, and what is sent back as the set is taken over",
		Description: "Tables, headers, columns and kinds are found, and the answer says how; what was found wrongly can be said with the parameters. " +
			"Files with macros, encrypted files, files that take in content from elsewhere, more than 20 MB and more than 20,000 rows are refused."}, s.previewRequirements)
	s.mediaTypes("/procurements/{id}/requirements/preview")
}

func (s *Server) previewRequirements(ctx context.Context, in *struct {
	InCase
	Keyed
	Table     string `query:"table" validate:"max=500" doc:"the only sheets by name, or Word tables by number, that are read, with strokes between: Krav/Opsjoner"`
	HeaderRow int    `query:"headerRow" validate:"min=0,max=1048576" doc:"the header's row, counted from 1, in each table that is read"`
	Columns   string `query:"columns" validate:"max=2000" doc:"what columns hold, by letter: A:number,C:text. Fields: number, area, title, text, help, kind, answerType, options, passIf, words, characters, min, max, unit, criterion, weight, lots, mandatory, condition, evidence, evidenceKind, needs, references, origin, quantity, counts, periods, answer (for the supplier), ignored"`
	Kinds     string `query:"kinds" validate:"max=2000" doc:"the buyer's codes and the kinds they mean: M:absolute,A/V:both"`
	RawBody   []byte `contentType:"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,application/vnd.openxmlformats-officedocument.wordprocessingml.document"`
}) (*struct{ Body app.Preview }, error) {
	p, err := s.App.PreviewRequirements(ctx, in.ID, in.RawBody, app.SpecificationChoice{Tables: in.Table, Columns: in.Columns, Kinds: in.Kinds, HeaderRow: in.HeaderRow})
	if err != nil {
		return nil, err
	}
	p.Set.Requirements = list(p.Set.Requirements)
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
