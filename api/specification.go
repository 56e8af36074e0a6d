package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/ooxml"
)

// InSpecification says which set is wanted as which kind of file.
type InSpecification struct {
	InCase
	Format string `query:"format" enum:"xlsx,docx" default:"xlsx" validate:"omitempty,oneof=xlsx docx"`
}

func (in InSpecification) format() ooxml.Format {
	if in.Format == "" {
		return ooxml.Spreadsheet
	}
	return ooxml.Format(in.Format)
}

func (s *Server) registerSpecification() {
	op(s, app.ProcurementRead, huma.Operation{OperationID: "getSpecification", Method: http.MethodGet, Path: "/procurements/{id}/specification", Tags: []string{"requirements"},
		Summary: "The newest version of the requirement set as a workbook or Word document, which the preview reads again", Responses: fileResponse()},
		func(ctx context.Context, in *InSpecification) (*file, error) {
			f, err := s.App.Specification(ctx, in.ID, in.format())
			return attachment(f.Name, f.MediaType, f.Content), err
		})
	op(s, app.Public, huma.Operation{OperationID: "getPublicSpecification", Method: http.MethodGet, Path: "/public/procurements/{id}/specification", Tags: []string{"public"},
		Summary: "The published requirement set as a workbook or Word document, without sign-in", Responses: fileResponse()},
		func(ctx context.Context, in *InSpecification) (*file, error) {
			f, err := s.App.PublicSpecification(ctx, in.ID, in.format())
			return attachment(f.Name, f.MediaType, f.Content), err
		})
}

// mediaTypes documents each of the media types that a body can have by itself:
// the struct tag that names them is taken for one.
func (s *Server) mediaTypes(path string) {
	body := s.docs.OpenAPI().Paths[path].Post.RequestBody
	each := map[string]*huma.MediaType{}
	for together, content := range body.Content {
		for t := range strings.SplitSeq(together, ",") {
			each[t] = content
		}
	}
	body.Content = each
}
