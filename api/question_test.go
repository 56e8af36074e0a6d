package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// ask has suppliers ask and the lead buyer answer to all, correct an answer,
// decline a question and tell something unasked.
func (s *story) ask() {
	s.t.Helper()
	ask := func(supplier int, q api.NewQuestion) call {
		return call{As: author(supplier), Method: "POST", Path: s.path + "/questions", Body: q}
	}
	pub := s.public()
	about := pub.Requirements.Requirements[1]
	sensors := as[api.Question](s.do(ask(0, api.NewQuestion{Text: "Vi i " + demo.Suppliers()[0].Name + " spør: støttes våre sensorer?"})))
	rivals := as[api.Question](s.do(ask(0, api.NewQuestion{Text: "Hvem andre leverer tilbud?"})))
	alike := as[api.Question](s.do(ask(1, api.NewQuestion{Text: "Må gamle sensorer virke?", Requirements: []uuid.UUID{about.ID}})))
	read := s.do(call{As: lead, Method: "GET", Path: s.path + "/questions"})
	if l := as[api.Questions](read); len(l.Items) != 3 || l.AnswersDue == nil || l.DaysLeft <= 0 || l.Items[0].Late {
		s.t.Errorf("questions: %s", read.Body)
	}
	s.unnamed(read)

	path := s.path + "/clarifications"
	bundle := api.NewClarification{Questions: []uuid.UUID{sensors.ID, alike.ID}, Question: "Skal løsningen støtte eksisterende sensorer?", Answer: "Ja, jf. krav 2.1."}
	s.do(call{As: lead, Method: "POST", Path: path, Body: api.NewClarification{Questions: bundle.Questions, Answer: "Ja."}}).refused(http.StatusUnprocessableEntity, "clarification.wording", "question")
	first := as[api.PublishedClarification](s.do(call{As: lead, Method: "POST", Path: path, Body: bundle}))
	if first.Number != 1 || first.Version != 1 || first.Postponement != nil || len(first.Requirements) != 1 || first.Requirements[0].ID != about.ID {
		s.t.Errorf("answered: %+v", first)
	}
	s.do(call{As: lead, Method: "POST", Path: path, Body: bundle}).refused(http.StatusUnprocessableEntity, "clarification.questions", "questions")
	correct := call{As: lead, Method: "POST", Path: path + "/" + first.ID.String() + "/corrections", Body: api.Correction{Question: bundle.Question, Answer: "Ja, jf. krav 2.2.", Comment: "Feil kravnummer."}}
	if c := as[api.PublishedClarification](s.do(correct)); c.Number != 1 || c.Version != 2 || c.Edition != first.Edition+1 || len(c.Requirements) != 1 {
		s.t.Errorf("corrected: %+v", c)
	}
	declined := api.DeclinedQuestions{Questions: []uuid.UUID{rivals.ID}, Question: "Hvem leverer tilbud?", Reason: "Det er taushetsbelagt (FOA § 7-4)."}
	if c := as[api.Clarification](s.do(call{As: lead, Method: "POST", Path: s.path + "/declined-questions", Body: declined})); !c.Declined || c.Number != 2 {
		s.t.Errorf("declined: %+v", c)
	}
	as[api.PublishedClarification](s.do(call{As: lead, Method: "POST", Path: path, Body: api.NewClarification{Answer: "Befaring er 12. i måneden.", Requirements: []uuid.UUID{about.ID}}}))

	mine := s.do(call{As: author(0), Method: "GET", Path: "/tenders/" + s.interest(0).String() + "/questions"})
	if l := as[api.Questions](mine); len(l.Items) != 2 || l.Items[0].Number != 1 || !l.Items[1].Declined || l.AnswersDue == nil {
		s.t.Errorf("own questions: %s", mine.Body)
	}
	if l := as[api.Questions](s.do(call{As: author(1), Method: "GET", Path: "/tenders/" + s.interest(1).String() + "/questions"})); len(l.Items) != 1 || l.Items[0].Number != 1 {
		s.t.Errorf("the other's own questions: %+v", l)
	}
	open := s.do(call{Method: "GET", Path: "/public" + s.path})
	if got := as[api.PublicProcurement](open).Clarifications; len(got) != 4 || got[0].Answer == got[1].Answer || got[1].Comment == "" || got[3].Question != "" {
		s.t.Errorf("public: %+v", got)
	}
	s.unnamed(open)
	s.askByFile()
	// Left for after the deadline, beside one of the workbook.
	as[api.Question](s.do(ask(1, api.NewQuestion{Text: "Kan prisen oppgis i euro?"})))
}

func (s *story) public() api.PublicProcurement {
	s.t.Helper()
	return as[api.PublicProcurement](s.do(call{Method: "GET", Path: "/public" + s.path}))
}

func (s *story) interest(supplier int) uuid.UUID {
	s.t.Helper()
	return as[api.Tender](s.do(call{As: author(supplier), Method: "POST", Path: s.path + "/interest"})).ID
}

// unnamed holds that no asker can be told from an answer of the API. What one has
// put in its own words is the lead buyer's to read, and nobody else's.
func (s *story) unnamed(a answer) {
	s.t.Helper()
	s.untold(a.call.Path, string(a.Body), s.askers())
	if a.call.As == "" {
		s.untold(a.call.Path, string(a.Body), []string{demo.Suppliers()[0].Name})
	}
}

// settle declines what was left unanswered, without which nothing is opened.
func (s *story) settle() {
	s.t.Helper()
	part := api.OpenPart{Part: procurement.Quality}
	s.do(call{As: "apner-1.bodo", Method: "POST", Path: s.path + "/opening-approvals", Body: part}).refused(http.StatusConflict, "opening.questions-unanswered", "")
	left := as[api.Questions](s.do(call{As: lead, Method: "GET", Path: s.path + "/questions"}))
	var ids []uuid.UUID
	for _, q := range left.Items {
		if q.Clarification == nil {
			ids = append(ids, q.ID)
		}
	}
	s.do(call{As: lead, Method: "POST", Path: s.path + "/clarifications", Body: api.NewClarification{Questions: ids, Question: "Kan prisen oppgis i euro?", Answer: "Nei."}}).refused(http.StatusConflict, "procurement.wrong-phase", "")
	as[api.Clarification](s.do(call{As: lead, Method: "POST", Path: s.path + "/declined-questions", Body: api.DeclinedQuestions{Questions: ids, Question: "Kan prisen oppgis i euro?", Reason: "Spørsmålet ble oversett. Fristen er ute."}}))
}

// An answer past the latest day says how far the deadline has to move, and by
// which paragraph; a question past its own day is kept, told of and holds
// nothing.
func TestLateQuestionsAndAnswers(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.specify()
	s.mandates()
	s.publish()
	plan := s.get().Plan
	s.advance(plan.TenderDeadline.Add(-26 * time.Hour))
	q := as[api.Question](s.do(call{As: author(0), Method: "POST", Path: s.path + "/questions", Body: api.NewQuestion{Text: "Kan fristen flyttes?"}}))
	s.do(call{As: author(0), Method: "POST", Path: s.path + "/questions", Body: api.NewQuestion{Text: "kan  FRISTEN flyttes? "}}).refused(http.StatusConflict, "question.repeated", "text")
	l := as[api.Questions](s.do(call{As: lead, Method: "GET", Path: s.path + "/questions"}))
	if !q.Late || !l.Items[0].Late || l.DaysLeft >= 0 || s.get().Unanswered != 0 {
		t.Errorf("asked late: %+v, %+v, %d hold the opening", q, l, s.get().Unanswered)
	}
	c := as[api.PublishedClarification](s.do(call{As: lead, Method: "POST", Path: s.path + "/clarifications", Body: api.NewClarification{Questions: []uuid.UUID{q.ID}, Question: "Kan fristen flyttes?", Answer: "Ja."}}))
	if c.Postponement == nil || c.Postponement.Paragraph != "FOA § 14-2 (2)" {
		t.Fatalf("answered past the latest day: %+v", c)
	}
	corrections := s.path + "/clarifications/" + c.ID.String() + "/corrections"
	s.do(call{As: lead, Method: "POST", Path: corrections, Body: api.Correction{Question: "q", Answer: "a"}}).refused(http.StatusUnprocessableEntity, "input.required", "comment")
	s.do(call{As: lead, Method: "POST", Path: corrections, Body: api.Correction{Answer: "a", Comment: "c"}}).refused(http.StatusUnprocessableEntity, "clarification.wording", "question")
	s.steer(lead, "/tender-deadline", api.LaterDeadline{Until: c.Postponement.Until, Reason: "Sent svar."})
	l = as[api.Questions](s.do(call{As: lead, Method: "GET", Path: s.path + "/questions"}))
	if pub := s.public(); l.DaysLeft != 0 || pub.AnswersDue == nil || *pub.AnswersDue != *l.AnswersDue {
		t.Errorf("after the deadline has moved: %+v, public %v", l, pub.AnswersDue)
	}
}
