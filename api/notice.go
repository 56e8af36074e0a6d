package api

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/notice"
)

func (s *Server) registerNotice() {
	op(s, app.ProcurementPlan, huma.Operation{OperationID: "getNotice", Method: http.MethodGet, Path: "/procurements/{id}/notice", Tags: []string{"notice"},
		Summary: "The competition notice as a file to be sent, before publishing too; what is missing is named", Responses: fileResponse()}, s.notice)
}

func (s *Server) notice(ctx context.Context, in *struct {
	InCase
	Format   string        `query:"format" validate:"omitempty,oneof=json xml" doc:"json unless given"`
	Dispatch calendar.Date `query:"dispatch" doc:"the day on which it is sent; the planned one unless given"`
}) (*file, error) {
	facts, err := s.App.Notice(ctx, in.ID, in.Dispatch)
	if err != nil {
		return nil, err
	}
	n := noticeOf(facts)
	if in.Format == "xml" {
		return attachment("kunngjoring.xml", "application/xml", n.XML()), nil
	}
	b, err := json.MarshalIndent(n, "", "  ")
	return attachment("kunngjoring.json", "application/json", b), err
}

// noticeOf names the buyers that have given their mandate or may still do so.
func noticeOf(f app.NoticeFacts) notice.Notice {
	plan := f.Procurement.Plan
	lead := buyerOf(f.Lead.Name, f.Lead.OrgNumber, "")
	var others []notice.Buyer
	for _, p := range f.Participants {
		b := buyerOf(p.Name, p.OrgNumber, p.Address)
		b.ID = p.Org
		switch {
		case p.Org == f.Lead.ID:
			lead = b
		case p.State == "mandated" || p.State == "named":
			others = append(others, b)
		}
	}
	lead.ID, lead.Email = f.Lead.ID, plan.Notice.ContactEmail
	return notice.Build(f.Procurement, others, lead, f.Review, f.Set)
}

// addressLine is "Street 1, 8005 Bodø", as the register keeps addresses.
var addressLine = regexp.MustCompile(`^(.*?),?\s*([0-9]{4})\s+(.+)$`)

// buyerOf takes an address apart where it is written in the usual way; what
// cannot be told is named among what the notice lacks.
func buyerOf(name, number, address string) notice.Buyer {
	b := notice.Buyer{Name: name, OrgNr: number}
	if m := addressLine.FindStringSubmatch(address); m != nil {
		b.Street, b.PostalCode, b.City = m[1], m[2], m[3]
	}
	return b
}
