package api_test

import (
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// amend publishes an amendment after two suppliers have submitted. The first one
// confirms; the second forgets to, and is opened as it stands.
func (s *story) amend(tenders []uuid.UUID) {
	s.t.Helper()
	at := s.path + "/amendment"
	as[api.Amendment](s.do(call{As: lead, Method: "POST", Path: at, Body: api.NewAmendment{}}))
	begun := s.do(call{As: lead, Method: "GET", Path: at})
	as[struct{}](s.do(call{As: lead, Method: "DELETE", Path: at, Headers: map[string]string{"If-Match": begun.Header.Get("ETag")}}))
	as[api.Amendment](s.do(call{As: lead, Method: "POST", Path: at, Body: api.NewAmendment{Clarifications: []int{1}}}))

	list := s.do(call{As: lead, Method: "GET", Path: s.path + "/requirements"})
	draft := as[api.Requirements](list)
	i := slices.IndexFunc(draft.Set.Requirements, func(r requirement.Requirement) bool {
		return r.AnswerType == requirement.Text && r.Mandatory && r.Condition == nil
	})
	draft.Set.Requirements[i].Text += " Beskriv også helger."
	put := s.do(call{As: lead, Method: "PUT", Path: s.path + "/requirements", Body: draft.Set, Headers: map[string]string{"If-Match": list.Header.Get("ETag")}})
	as[api.Requirements](put)
	m := as[api.Amendment](s.do(call{As: lead, Method: "GET", Path: at}))
	if len(m.Difference.Changed) != 1 || !slices.Equal(m.Clarifications, []int{1}) {
		s.t.Errorf("the amendment: %+v", m)
	}
	r := as[api.AmendmentReview](s.do(call{As: lead, Method: "GET", Path: at + "/review"}))
	if len(r.Refusals) > 0 || !r.Material || !r.TenderDeadline.After(r.DeadlineBefore) || r.QuestionsBy.IsZero() {
		s.t.Errorf("the dry run: %+v", r)
	}
	same := as[api.AmendmentReview](s.do(call{As: lead, Method: "GET", Path: at + "/review?until=" + r.DeadlineBefore.Format("2006-01-02T15:04:05Z"), Headers: map[string]string{"Accept-Language": "nn"}}))
	if len(same.Refusals) != 1 || same.Refusals[0].Rule != "amendment.shorter" || same.Refusals[0].Paragraph != "FOA §§ 14-2 (3), 20-1 (3)" {
		s.t.Errorf("without a later deadline: %+v", same.Refusals)
	}
	s.steer(lead, "/amendment/publication", api.NewVersion{Reason: "Presisering etter spørsmål 1."})
	versions := as[api.Page[api.PublishedVersion]](s.do(call{Method: "GET", Path: "/public" + s.path + "/versions"}))
	if n := len(versions.Items); n != 2 || versions.Items[1].Difference == nil || versions.Items[1].Before != versions.Items[0].Version {
		s.t.Fatalf("published: %+v", versions)
	}
	was := as[api.Requirements](s.do(call{Method: "GET", Path: "/public" + s.path + "/versions/" + itoa(versions.Items[0].Version)}))
	if was.Set.Requirements[i].Text == draft.Set.Requirements[i].Text {
		s.t.Error("the first version is not as it was")
	}

	for n, tender := range tenders[:2] {
		c := as[api.TenderChanges](s.do(call{As: author(n), Method: "GET", Path: "/tenders/" + tender.String() + "/changes"}))
		if c.To != m.Version || !slices.Equal(c.Touched, []uuid.UUID{draft.Set.Requirements[i].ID}) || c.Amended.State != procurement.Unconfirmed {
			s.t.Errorf("changes for supplier %d: %+v", n, c)
		}
	}
	path := "/tenders/" + tenders[0].String() + "/confirmation"
	confirmed := as[api.ConfirmedTender](s.do(call{As: signatory(0), Method: "POST", Path: path, Body: api.NewTenderConfirmation{SetVersion: m.Version}, Headers: map[string]string{"If-Match": "*"}}))
	got := as[api.TenderConfirmations](s.do(call{As: author(0), Method: "GET", Path: path}))
	if confirmed.Amended.State != procurement.Confirmed || got.Amended.State != procurement.Confirmed || len(got.Confirmations) != 1 || !confirmed.Tender.Standing.Submitted {
		s.t.Errorf("confirmed: %+v %+v", confirmed, got)
	}
}
