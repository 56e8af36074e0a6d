package e2e

import (
	"testing"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// An amendment is one command of the process, which then waits for the later
// deadline; a draft that nobody publishes holds up nothing. Of two tenders that
// it touches one is confirmed, and both are opened.
func TestAnAmendmentMovesTheDeadline(t *testing.T) {
	t.Parallel()
	s := newStory(newStack(t))
	s.toTendering()
	for _, x := range s.suppliers {
		s.tenders = append(s.tenders, s.tender(x))
	}
	by := s.as(lead)
	before := s.get().Plan.TenderDeadline
	by.post(s.path("/amendment"), api.NewAmendment{}, nil)
	set := s.set
	set.Requirements = append([]requirement.Requirement(nil), set.Requirements...)
	for i, r := range set.Requirements {
		if r.AnswerType == requirement.Text && r.Mandatory && r.Condition == nil {
			set.Requirements[i].Text += " Beskriv også helger."
			break
		}
	}
	by.put(s.path("/requirements"), set, nil)
	s.steer(lead, "/amendment/publication", api.NewVersion{Reason: "Presisering."})
	after := s.get()
	if after.Phase != procurement.Tendering || !after.Plan.TenderDeadline.After(before) {
		t.Fatalf("%s, due %s", after.Phase, after.Plan.TenderDeadline)
	}
	var stands api.TenderConfirmations
	at := "/tenders/" + s.tenders[0].String() + "/confirmation"
	s.as(s.suppliers[0].author).get(at, &stands)
	s.as(s.suppliers[0].signatory).post(at, api.NewTenderConfirmation{SetVersion: stands.Amended.SetVersion}, nil)
	by.post(s.path("/amendment"), api.NewAmendment{}, nil)

	s.liveUntil(before.Add(procurement.CloseAfter))
	if now := s.get(); now.Phase != procurement.Tendering {
		t.Fatalf("closed at the earlier deadline: %s", now.Phase)
	}
	s.liveUntil(after.Plan.TenderDeadline.Add(procurement.CloseAfter))
	s.reach(procurement.Opening)
	s.open()
	var opened api.Page[api.OpenedTender]
	s.as(evaluator1).get(s.path("/tenders"), &opened)
	states := map[procurement.Confirmation]int{}
	for _, o := range opened.Items {
		states[o.Amended.State]++
	}
	if states[procurement.Confirmed] != 1 || states[procurement.Unconfirmed] != len(s.suppliers)-1 || len(opened.Items) != len(s.suppliers) {
		t.Errorf("opened: %v", states)
	}
	s.histories("amended")
}
