package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// subcontract names a subcontractor whose capacity the tender relies on, first
// without the commitment; it gives the ETag of the tender.
func (s *story) subcontract(i int, path string, lots []uuid.UUID, declaration procurement.Declaration) string {
	s.t.Helper()
	declaration.Subcontractors = []procurement.Subcontractor{{Name: "Montør AS (oppdiktet)", OrganisationNumber: "889640783", Task: "Montering hos bruker", Share: 20, ReliesOn: true}}
	seen := as[api.Draft](s.do(call{As: author(i), Method: "GET", Path: path + "/draft"})).DeclarationVersion
	save := func() string {
		a := s.do(call{As: author(i), Method: "POST", Path: path + "/answers", Body: api.Answers{Declaration: &declaration, DeclarationVersion: seen}})
		seen = as[api.AnswersSaved](a).DeclarationVersion
		return a.Header.Get("ETag")
	}
	submit := call{As: signatory(i), Method: "POST", Path: path + "/submissions", Body: api.Submission{Lots: lots}, Headers: map[string]string{"If-Match": save()}}
	a := s.do(submit)
	a.refused(http.StatusUnprocessableEntity, "tender.incomplete", "")
	for rule, field := range map[string]string{"party.org-number-check-digit": "organisationNumber", "declaration.commitment-absent": "commitment"} {
		if !slices.ContainsFunc(a.problem().Errors, func(p api.Violation) bool {
			return p.Rule == rule && p.Field == "declaration.subcontractors[0]."+field
		}) {
			s.t.Errorf("no %s at %s: %s", rule, field, a.Body)
		}
	}
	file := uuid.New()
	as[api.Attachment](s.do(call{As: author(i), Method: "PUT", Path: path + "/attachments/" + file.String() + "?name=forpliktelse.pdf", Body: pdf("vedlegg: forpliktelse"), Headers: map[string]string{"Content-Type": "application/pdf"}}))
	declaration.Subcontractors[0].OrganisationNumber, declaration.Subcontractors[0].Commitment = "889640782", &file
	return save()
}

// subcontractors reads who was named, where the team looks for it.
func (s *story) subcontractors(opened []api.OpenedTender) {
	s.t.Helper()
	named := slices.ContainsFunc(opened, func(t api.OpenedTender) bool {
		var d procurement.Declaration
		must(s.t, json.Unmarshal(t.Declaration, &d))
		return len(d.Subcontractors) == 1 && d.Subcontractors[0].Share == 20 && d.Subcontractors[0].ReliesOn
	})
	if !named {
		s.t.Error("the opening shows no subcontractor")
	}
}

// recordsSubcontractors reads the chosen supplier's in the record.
func (s *story) recordsSubcontractors() {
	s.t.Helper()
	if page := s.do(call{As: lead, Method: "GET", Path: s.path + "/record"}); !bytes.Contains(page.Body, []byte("Montør AS (oppdiktet)")) || !bytes.Contains(page.Body, []byte("Montering hos bruker")) {
		s.t.Error("the record names no subcontractor")
	}
}
