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
	// Warnings are told by a change, to whoever has made it.
	Warnings []RequirementWarning `json:"warnings,omitempty" doc:"what to look at, after a change"`
}

func requirementsOf(v app.SetVersion) Requirements {
	v.Set.Requirements = list(v.Set.Requirements)
	return Requirements{Version: v.Version, Locked: v.Locked, Set: v.Set}
}

// requirementList is the list as the database has built it.
type requirementList struct {
	ETag string `header:"ETag"`
	Body Built[Requirements]
}

// theRequirements is the list after a change, with the tag that the next one is
// decided on.
type theRequirements struct {
	ETag string `header:"ETag"`
	Body Requirements
}

func answerRequirements(lang string, v app.SetVersion, err error) (*theRequirements, error) {
	out := &theRequirements{etag(v.Edit), requirementsOf(v)}
	out.Body.Warnings = requirementWarnings(v.Warnings(), lang)
	return out, err
}

func (s *Server) registerRequirements() {
	tags := []string{"requirements"}
	op(s, app.ProcurementRead, huma.Operation{OperationID: "getRequirements", Method: http.MethodGet, Path: "/procurements/{id}/requirements", Tags: tags,
		Summary: "The newest version of the requirement set"},
		func(ctx context.Context, in *InCase) (*requirementList, error) {
			list, edit, err := s.App.RequirementList(ctx, in.ID)
			return &requirementList{etag(edit), list}, err
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
	Spoken
	RawBody []byte `contentType:"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,application/vnd.openxmlformats-officedocument.wordprocessingml.document"`
}) (*struct{ Body SpecificationPreview }, error) {
	p, err := s.App.PreviewRequirements(ctx, in.ID, in.RawBody, app.SpecificationChoice{Tables: in.Table, Columns: in.Columns, Kinds: in.Kinds, HeaderRow: in.HeaderRow})
	if err != nil {
		return nil, err
	}
	return &struct{ Body SpecificationPreview }{specificationPreviewOf(p, in.language())}, nil
}

// putRequirements goes by the list's own tag: of two authors who have read the
// same list, the second one is told.
func (s *Server) putRequirements(ctx context.Context, in *struct {
	InCase
	Versioned
	Spoken
	Body requirement.Set
}) (*theRequirements, error) {
	edit, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := s.App.PutRequirements(ctx, in.ID, edit, in.Body)
	return answerRequirements(in.language(), v, err)
}
