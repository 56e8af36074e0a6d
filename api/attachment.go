package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Attachment is a file of a tender.
type Attachment struct {
	ID          uuid.UUID  `json:"id"`
	Requirement *uuid.UUID `json:"requirement,omitempty" doc:"what it answers; absent for a general annex"`
	Part        string     `json:"part" enum:"quality,price" doc:"the half of the tender that it is opened with"`
	Name        string     `json:"name"`
	MediaType   string     `json:"mediaType" doc:"as the supplier said; the file is not served as it"`
	Size        int64      `json:"size" doc:"in bytes"`
	SHA256      string     `json:"sha256" doc:"of the content"`
	Scan        string     `json:"scan" enum:"off,clean,found,away" doc:"the virus scan: not in use, nothing found, something found, or the scanner did not answer"`
	Version     int64      `json:"version,omitempty" doc:"of the file, while it is the supplier's own"`
	SavedAt     *time.Time `json:"savedAt,omitempty"`
	// Secret is the supplier's mark.
	Secret *requirement.Secret `json:"secret,omitempty" doc:"the file is a business secret, and why"`
	// TenderVersion is for what is decided on the tender next.
	TenderVersion int64     `json:"tenderVersion,omitempty" doc:"the tender's version with this file"`
	Standing      *Standing `json:"standing,omitempty" doc:"of the own tender"`
}

// attachmentOf is a file of an opened tender.
func attachmentOf(a app.Attachment) Attachment {
	out := Attachment{ID: a.ID, Part: string(a.Part), Name: a.Name, MediaType: a.MediaType, Size: a.Size, SHA256: hex.EncodeToString(a.SHA256), Scan: a.Scan, Version: a.Version, Secret: a.Secret, TenderVersion: a.Tender.Version}
	if a.Requirement != uuid.Nil {
		out.Requirement = &a.Requirement
	}
	if !a.SavedAt.IsZero() {
		at := a.SavedAt.UTC()
		out.SavedAt = &at
	}
	return out
}

// ownAttachmentOf is a file of an own tender, which says how that stands.
func ownAttachmentOf(a app.Attachment, lang string) Attachment {
	out, standing := attachmentOf(a), standingOf(a.Tender, lang)
	out.Standing = &standing
	return out
}

// ByAttachment names a file of an own tender.
type ByAttachment struct {
	ByTender
	Attachment uuid.UUID `path:"attachment"`
}

// AttachmentMark is what a supplier says of a file beside its content.
type AttachmentMark struct {
	Secret *requirement.Secret `json:"secret" doc:"null for a file that is no business secret"`
}

type theAttachment struct {
	ETag string `header:"ETag"`
	Body Attachment
}

// streamed is a file that is sent as it is read. It is always saved and never
// shown, and its type is one of ours.
type streamed struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	ETag        string `header:"ETag"`
	Body        *content
}

func (s *Server) registerAttachments() {
	tags := []string{"attachments"}
	op(s, app.TenderRead, huma.Operation{OperationID: "listAttachments", Method: http.MethodGet, Path: "/tenders/{tender}/attachments", Tags: tags,
		Summary: "The files of the own tender's draft, or of what was submitted"},
		func(ctx context.Context, in *ByTender) (*struct{ Body OfTender[Attachment] }, error) {
			read, err := s.App.Attachments(ctx, in.Tender)
			return &struct{ Body OfTender[Attachment] }{ofTender(read, in.language(), attachmentOf)}, err
		})
	op(s, app.TenderWrite, huma.Operation{OperationID: "putAttachment", Method: http.MethodPut, Path: "/tenders/{tender}/attachments/{attachment}", Tags: tags,
		Summary:     "Attach a file, sent as the body, under an id of one's own",
		Description: "The file is encrypted as it comes and entered in the answer that it belongs to. The same content again changes nothing and is answered the same, so a request whose answer was lost may be repeated; with Content-Digest and `Expect: 100-continue` the content need not be sent again.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"*/*": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}, s.putAttachment)
	op(s, app.TenderRead, huma.Operation{OperationID: "getAttachment", Method: http.MethodGet, Path: "/tenders/{tender}/attachments/{attachment}", Tags: tags,
		Summary: "A file of the own tender, at any time", Responses: fileResponse()}, s.getAttachment)
	op(s, app.TenderWrite, huma.Operation{OperationID: "withdrawAttachment", Method: http.MethodDelete, Path: "/tenders/{tender}/attachments/{attachment}", Tags: tags,
		Summary: "Take a file out of the draft and of its answer; what was submitted stands until a new submission"}, s.withdrawAttachment)
	op(s, app.TenderWrite, huma.Operation{OperationID: "markAttachment", Method: http.MethodPut, Path: "/tenders/{tender}/attachments/{attachment}/secret", Tags: tags,
		Summary: "Say that a file is a business secret, and why, or that it is none"},
		func(ctx context.Context, in *struct {
			ByAttachment
			IfMatch string `header:"If-Match" doc:"the ETag of the file's version that the mark was decided on; any without it"`
			Body    AttachmentMark
		}) (*theAttachment, error) {
			expected, err := anyVersion(in.IfMatch)
			if err != nil {
				return nil, err
			}
			a, err := s.App.MarkAttachment(ctx, in.Tender, in.Attachment, expected, in.Body.Secret)
			return &theAttachment{ETag: etag(a.Version), Body: ownAttachmentOf(a, in.language())}, err
		})
	op(s, app.TendersRead, huma.Operation{OperationID: "listOpenedAttachments", Method: http.MethodGet, Path: "/procurements/{id}/tenders/{tender}/attachments", Tags: tags,
		Summary: "The files of an opened tender"},
		func(ctx context.Context, in *struct {
			InCase
			ByTender
		}) (*struct{ Body Page[Attachment] }, error) {
			read, err := s.App.OpenedAttachments(ctx, in.ID, in.Tender)
			return &struct{ Body Page[Attachment] }{whole(read, attachmentOf)}, err
		})
	op(s, app.TendersRead, huma.Operation{OperationID: "getOpenedAttachment", Method: http.MethodGet, Path: "/procurements/{id}/tenders/{tender}/attachments/{attachment}", Tags: tags,
		Summary: "A file of an opened tender; each reading is recorded", Responses: fileResponse()}, s.getOpenedAttachment)
}

func (s *Server) putAttachment(ctx context.Context, in *struct {
	ByAttachment
	Name        string    `query:"name" validate:"required,max=200"`
	Requirement uuid.UUID `query:"requirement" doc:"what it answers; absent for a general annex"`
	Part        string    `query:"part" validate:"omitempty,oneof=quality price" doc:"of a general annex: price for one that is opened with the prices; of others their requirement says it"`
	MediaType   string    `header:"Content-Type" validate:"required,max=200"`
	Digest      string    `header:"Content-Digest" doc:"the content's SHA-256 (RFC 9530); content that is there already is then not read" example:"sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"`
	IfMatch     string    `header:"If-Match" doc:"the ETag of the file's version that the change was decided on; any without it, since files are added side by side"`
	Stream      *upload
}) (*theAttachment, error) {
	ctx, cancel := unhurried(ctx)
	defer cancel()
	digest, err := announced(in.Digest)
	if err != nil {
		return nil, err
	}
	expected, err := anyVersion(in.IfMatch)
	if err != nil {
		return nil, err
	}
	n := app.NewAttachment{Tender: in.Tender, ID: in.Attachment, Requirement: in.Requirement, Price: in.Part == "price", Name: in.Name, MediaType: plainMediaType(in.MediaType),
		Size: -1, SHA256: digest, Expected: expected, Content: bytes.NewReader(nil)}
	if in.Stream != nil {
		n.Content, n.Size = in.Stream, max(in.Stream.size, -1)
	}
	a, err := s.App.PutAttachment(ctx, n)
	return &theAttachment{ETag: etag(a.Version), Body: ownAttachmentOf(a, in.language())}, err
}

// announced reads the SHA-256 of a Content-Digest; nil for none.
func announced(header string) ([]byte, error) {
	if header == "" {
		return nil, nil
	}
	for each := range strings.SplitSeq(header, ",") {
		text, ok := strings.CutPrefix(strings.TrimSpace(each), "sha-256=:")
		text, closed := strings.CutSuffix(text, ":")
		if !ok || !closed {
			continue
		}
		if digest, err := base64.StdEncoding.DecodeString(text); err == nil && len(digest) == sha256.Size {
			return digest, nil
		}
	}
	return nil, fault.New(fault.Invalid, "attachment.digest-malformed").At("Content-Digest")
}

// anyVersion is a version that need not be given.
func anyVersion(ifMatch string) (int64, error) {
	if ifMatch == "" {
		return 0, nil
	}
	return Versioned{ifMatch}.version()
}

func (s *Server) getAttachment(ctx context.Context, in *struct {
	ByAttachment
	Submission int `query:"submission" validate:"gte=0,lte=100000" doc:"as it was submitted then; without it, as it is now"`
}) (*streamed, error) {
	ctx, cancel := unhurried(ctx)
	a, err := s.App.OwnAttachment(ctx, in.Tender, in.Attachment, in.Submission)
	return streamOf(a, cancel, err)
}

func (s *Server) getOpenedAttachment(ctx context.Context, in *struct {
	InCase
	ByAttachment
}) (*streamed, error) {
	ctx, cancel := unhurried(ctx)
	a, err := s.App.OpenedAttachment(ctx, in.ID, in.Tender, in.Attachment)
	return streamOf(a, cancel, err)
}

func streamOf(a app.AttachmentContent, cancel context.CancelFunc, err error) (*streamed, error) {
	if err != nil {
		cancel()
		return nil, err
	}
	head := attachment(a.Name, app.ServedType(a.Name), nil)
	out := &streamed{ContentType: head.ContentType, Disposition: head.Disposition, Body: &content{a.Content, a.Size, cancel}}
	if a.Version != 0 {
		out.ETag = etag(a.Version)
	}
	return out, nil
}

func (s *Server) withdrawAttachment(ctx context.Context, in *struct {
	ByAttachment
	IfMatch string `header:"If-Match" doc:"the ETag of the file's version that the change was decided on; any without it"`
}) (*done, error) {
	expected, err := anyVersion(in.IfMatch)
	if err != nil {
		return nil, err
	}
	return &done{}, s.App.WithdrawAttachment(ctx, in.Tender, in.Attachment, expected)
}
