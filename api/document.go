package api

import (
	"context"
	"encoding/hex"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
)

// Document is a file of a procurement: tender rules, contract draft, annexes.
type Document struct {
	ID         uuid.UUID `json:"id"`
	SetVersion int       `json:"setVersion" doc:"the version of the requirement set that it belongs to"`
	Kind       string    `json:"kind" enum:"tender_rules,contract_draft,annex,specification,self_declaration"`
	Name       string    `json:"name"`
	MediaType  string    `json:"mediaType"`
	Size       int       `json:"size" doc:"in bytes"`
	SHA256     string    `json:"sha256"`
	AddedAt    time.Time `json:"addedAt,omitzero"`
}

func documentOf(d app.Document) Document {
	out := Document{ID: d.ID, SetVersion: d.SetVersion, Kind: d.Kind, Name: d.Name, MediaType: d.MediaType, Size: d.Size, SHA256: hex.EncodeToString(d.SHA256)}
	if !d.AddedAt.IsZero() {
		out.AddedAt = d.AddedAt.UTC()
	}
	return out
}

func (s *Server) registerDocuments() {
	tags := []string{"documents"}
	op(s, app.ProcurementRead, huma.Operation{OperationID: "listDocuments", Method: http.MethodGet, Path: "/procurements/{id}/documents", Tags: tags,
		Summary: "The files of the newest version"}, s.listDocuments)
	op(s, app.ProcurementPlan, huma.Operation{OperationID: "addDocument", Method: http.MethodPost, Path: "/procurements/{id}/documents", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Add a file, sent as the body with its media type"}, s.addDocument)
	op(s, app.ProcurementRead, huma.Operation{OperationID: "getDocument", Method: http.MethodGet, Path: "/procurements/{id}/documents/{document}", Tags: tags,
		Summary: "A file", Responses: fileResponse()}, s.getDocument)
	op(s, app.ProcurementPlan, huma.Operation{OperationID: "removeDocument", Method: http.MethodDelete, Path: "/procurements/{id}/documents/{document}", Tags: tags,
		Summary: "Take a file out again before publication"}, s.removeDocument)
}

func (s *Server) listDocuments(ctx context.Context, in *InCase) (*struct{ Body Page[Document] }, error) {
	docs, err := s.App.Documents(ctx, in.ID)
	return &struct{ Body Page[Document] }{whole(docs, documentOf)}, err
}

func (s *Server) addDocument(ctx context.Context, in *struct {
	InCase
	Keyed
	Name      string `query:"name" validate:"required,max=200"`
	Kind      string `query:"kind" validate:"required,oneof=tender_rules contract_draft annex specification self_declaration"`
	MediaType string `header:"Content-Type" validate:"required,max=200"`
	RawBody   []byte `contentType:"*/*"`
}) (*struct{ Body Document }, error) {
	d, err := s.App.AddDocument(ctx, in.ID, app.Document{Kind: in.Kind, Name: in.Name, MediaType: plainMediaType(in.MediaType), Content: in.RawBody})
	return &struct{ Body Document }{documentOf(d)}, err
}

// plainMediaType keeps type and subtype only; what is none becomes plain bytes.
func plainMediaType(t string) string {
	plain, _, err := mime.ParseMediaType(t)
	if err != nil {
		return "application/octet-stream"
	}
	return plain
}

// file is an answer that is a file. It is always saved and never shown: what a
// buyer has uploaded must not run as a page of ours.
type file struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func attachment(name, mediaType string, content []byte) *file {
	if content == nil {
		content = []byte{}
	}
	return &file{ContentType: mediaType, Disposition: mime.FormatMediaType("attachment", map[string]string{"filename": name}), Body: content}
}

func fileResponse() map[string]*huma.Response {
	return map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{
		"*/*": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}
}

func (s *Server) getDocument(ctx context.Context, in *struct {
	InCase
	Document uuid.UUID `path:"document"`
}) (*file, error) {
	d, err := s.App.Document(ctx, in.ID, in.Document)
	return attachment(d.Name, d.MediaType, d.Content), err
}

func (s *Server) removeDocument(ctx context.Context, in *struct {
	InCase
	Document uuid.UUID `path:"document"`
}) (*done, error) {
	return &done{}, s.App.RemoveDocument(ctx, in.ID, in.Document)
}
