package api_test

import (
	"bytes"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/fellesloft/fellesloft/internal/seed"
)

const (
	lead     = "innkjopsleder.bodo"
	workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// story runs a procurement in a sandbox over HTTP; each method is one step.
type story struct {
	*world
	sandbox api.Sandbox
	id      uuid.UUID
	path    string
	// alone: every supplier tenders by itself.
	alone bool
}

func (s *story) get() api.Procurement {
	s.t.Helper()
	return as[api.Procurement](s.do(call{As: lead, Method: "GET", Path: s.path}))
}

// steer gives a command on the newest version and expects it carried out.
func (s *story) steer(subject, path string, body any) {
	s.t.Helper()
	a := s.do(call{As: subject, Method: "POST", Path: s.path + path, Body: body, Headers: map[string]string{"If-Match": `*`}})
	if c := as[api.Command](a); a.Status != http.StatusOK || c.State != "done" {
		s.t.Fatalf("%s: %d %s", path, a.Status, a.Body)
	}
}

func (s *story) advance(to time.Time) {
	s.t.Helper()
	s.sandbox = as[api.Sandbox](s.do(call{As: lead, Method: "POST", Path: "/sandboxes/" + s.sandbox.ID.String() + "/advance", Body: map[string]any{"to": to}}))
	_, err := s.worker.PassTime(s.t.Context(), s.id)
	must(s.t, err)
}

func begin(t *testing.T) *story {
	t.Helper()
	s := &story{world: newWorld(t)}
	s.sandbox = as[api.Sandbox](s.do(call{As: lead, Method: "POST", Path: "/sandboxes", Body: map[string]string{"name": "story"}}))
	var named []api.NamedParticipant
	for _, m := range seed.Participants()[:4] {
		named = append(named, api.NamedParticipant{Organisation: m.ID(), Estimated: money.Kroner(10_000_000), Maximum: money.Kroner(15_000_000)})
	}
	a := s.do(call{As: lead, Method: "POST", Path: "/procurements", Body: api.NewProcurement{Space: s.sandbox.ID, Plan: plan(s.sandbox.Now), Participants: named}})
	p := as[api.Procurement](a)
	if a.Status != http.StatusCreated || a.Header.Get("Location") != api.Base+"/procurements/"+p.ID.String() || !p.Sandbox {
		t.Fatalf("created: %d %s %s", a.Status, a.Header.Get("Location"), a.Body)
	}
	s.id, s.path = p.ID, "/procurements/"+p.ID.String()
	return s
}

// revise changes the plan, on the version that it was read as.
func (s *story) revise() {
	s.t.Helper()
	a := s.do(call{As: lead, Method: "GET", Path: s.path})
	p := as[api.Procurement](a)
	p.Plan.Description = "Felles anskaffelse av trygghetsteknologi og integrasjon mot journal."
	change := call{As: lead, Method: "PUT", Path: s.path, Body: api.RevisedProcurement{Plan: p.Plan}, Headers: map[string]string{"If-Match": a.Header.Get("ETag")}}
	if again := as[api.Procurement](s.do(change)); again.Version != p.Version+1 || again.Plan.Description != p.Plan.Description {
		s.t.Errorf("revised: %+v", again)
	}
	s.do(change).refused(http.StatusPreconditionFailed, "case.version", "")
}

func (s *story) specify() requirement.Set {
	s.t.Helper()
	s.revise()
	preview := as[app.Preview](s.do(call{As: lead, Method: "POST", Path: s.path + "/requirements/preview", Body: demo.Specification(), Headers: map[string]string{"Content-Type": workbook}}))
	if len(preview.Rows) < 60 || len(preview.Warnings) > 0 {
		s.t.Errorf("preview: %d rows, warnings %v", len(preview.Rows), preview.Warnings)
	}
	put := call{As: lead, Method: "PUT", Path: s.path + "/requirements", Body: preview.Set, Headers: map[string]string{"If-Match": `*`}}
	first := s.do(put).Header.Get("ETag")
	// Two authors have read the same list; the second one is told.
	put.Headers = map[string]string{"If-Match": first}
	set := as[api.Requirements](s.do(put))
	s.do(put).refused(http.StatusPreconditionFailed, "requirement-set.edited", "")
	if now := s.do(call{As: lead, Method: "GET", Path: s.path + "/requirements"}).Header.Get("ETag"); now == first || now == "" {
		s.t.Errorf("after a change the list's tag is %s, before it was %s", now, first)
	}
	s.reuseRequirements(set.Set)
	s.consult(set.Set)
	for kind, d := range map[string]demo.Document{"tender_rules": demo.Documents()[0], "contract_draft": demo.Documents()[1], "annex": demo.Documents()[2]} {
		added := as[api.Document](s.do(call{As: lead, Method: "POST", Path: s.path + "/documents?kind=" + kind + "&name=" + d.Name, Body: d.Content, Headers: map[string]string{"Content-Type": d.ContentType}}))
		if got := s.do(call{As: lead, Method: "GET", Path: s.path + "/documents/" + added.ID.String()}); !bytes.Equal(got.Body, d.Content) || got.Header.Get("Content-Type") != "text/markdown" {
			s.t.Errorf("document %s came back as %s", d.Name, got.Header.Get("Content-Type"))
		}
	}
	for subject, role := range map[string]string{"apner-1.bodo": "opener", "apner-2.bodo": "opener", "evaluerer-1.bodo": "evaluator", "evaluerer-2.bodo": "evaluator"} {
		me := as[api.Me](s.do(call{As: subject, Method: "GET", Path: "/me"}))
		as[struct{}](s.do(call{As: lead, Method: "POST", Path: s.path + "/team", Body: api.NewTeamMember{Identity: me.Identity, Organisation: me.Organisation, Role: role}}))
	}
	spare := as[api.Document](s.do(call{As: lead, Method: "POST", Path: s.path + "/documents?kind=annex&name=x", Body: []byte("x"), Headers: map[string]string{"Content-Type": "text/plain"}}))
	as[struct{}](s.do(call{As: lead, Method: "DELETE", Path: s.path + "/documents/" + spare.ID.String()}))
	me := as[api.Me](s.do(call{As: "revisor.bodo", Method: "GET", Path: "/me"}))
	as[struct{}](s.do(call{As: lead, Method: "POST", Path: s.path + "/team", Body: api.NewTeamMember{Identity: me.Identity, Organisation: me.Organisation, Role: "chair"}}))
	as[struct{}](s.do(call{As: lead, Method: "DELETE", Path: s.path + "/team/" + me.Identity.String() + "/chair"}))
	if team := as[api.Page[api.TeamMember]](s.do(call{As: lead, Method: "GET", Path: s.path + "/team"})); len(team.Items) != 5 {
		s.t.Errorf("team: %+v", team)
	}
	return set.Set
}

func (s *story) mandates() {
	s.t.Helper()
	a := s.do(call{As: lead, Method: "GET", Path: s.path})
	as[api.Procurement](s.do(call{As: lead, Method: "POST", Path: s.path + "/launch", Headers: map[string]string{"If-Match": a.Header.Get("ETag")}}))
	p := s.get()
	terms := procurement.MandateTerms{DecidedOn: calendar.DateOf(s.sandbox.Now), CaseReference: "2026/42", Scope: "Begge delkontrakter",
		Lots: []uuid.UUID{p.Plan.Lots[0].ID, p.Plan.Lots[1].ID}, Maximum: money.Kroner(15_000_000), CostShare: requirement.Percents(25), EndsOn: p.Plan.ContractEnds}
	for i, m := range seed.Participants()[:4] {
		if i == 3 {
			as[struct{}](s.do(call{As: giver(m), Method: "POST", Path: s.path + "/mandate/decline", Body: api.Decline{Reason: "Kommunen har egen avtale.", CaseReference: "2026/9", DecidedOn: terms.DecidedOn}}))
			continue
		}
		terms.CostShare = requirement.Percents([]int64{50, 25, 25}[i])
		as[struct{}](s.do(call{As: giver(m), Method: "PUT", Path: s.path + "/mandate", Body: terms}))
	}
	page := as[api.Page[api.Participant]](s.do(call{As: giver(seed.Participants()[1]), Method: "GET", Path: s.path + "/participants?limit=3"}))
	rest := as[api.Page[api.Participant]](s.do(call{As: lead, Method: "GET", Path: s.path + "/participants?limit=3&after=" + page.Next}))
	if len(page.Items) != 3 || len(rest.Items) != 1 || rest.Next != "" {
		s.t.Errorf("pages of %d and %d", len(page.Items), len(rest.Items))
	}
	if p := s.get(); p.Phase != procurement.Preparation {
		s.t.Fatalf("after the mandates: %s", p.Phase)
	}
}

func (s *story) publish() {
	s.t.Helper()
	p := s.get()
	s.advance(p.Plan.DispatchOn.At(9, 0))
	for range 5 {
		r := as[api.Review](s.do(call{As: lead, Method: "GET", Path: s.path + "/review"}))
		if len(r.Unverified) == 0 {
			for _, v := range r.Refusals {
				s.t.Errorf("refusal: %+v", v)
			}
			break
		}
		var given api.ConfirmedRules
		for _, u := range r.Unverified {
			c := api.ConfirmedRule{Rule: u.ID, Source: "Lovdata, lest av innkjøpsleder"}
			if u.Kind == rules.Unknown {
				v := int64(2_400_000)
				c.Value = &v
			}
			given.Confirmations = append(given.Confirmations, c)
		}
		as[struct{}](s.do(call{As: lead, Method: "POST", Path: s.path + "/confirmations", Body: given}))
	}
	for _, format := range []string{"json", "xml"} {
		if n := s.do(call{As: lead, Method: "GET", Path: s.path + "/notice?format=" + format}); n.Status != http.StatusOK || !bytes.Contains(n.Body, []byte("Velferdsteknologi")) {
			s.t.Errorf("notice as %s: %d", format, n.Status)
		}
	}
	as[api.Page[api.Confirmation]](s.do(call{As: lead, Method: "GET", Path: s.path + "/confirmations"}))
	s.steer(lead, "/publication", api.Dispatch{At: p.Plan.DispatchOn.At(8, 30), Reference: "DOFFIN-2026-000001"})
}

// rowsOf are answers without marks that nobody has written before.
func rowsOf(values requirement.Values) []api.AnswerRow {
	var out []api.AnswerRow
	for id, v := range values {
		out = append(out, api.AnswerRow{Requirement: id.String(), Value: v})
	}
	return out
}

func (s *story) tender(i int) uuid.UUID {
	s.t.Helper()
	pub := as[api.PublicProcurement](s.do(call{Method: "GET", Path: "/public" + s.path}))
	t := as[api.Tender](s.do(call{As: author(i), Method: "POST", Path: s.path + "/interest"}))
	path := "/tenders/" + t.ID.String()
	answers := rowsOf(demo.Answers(i, pub.Requirements))
	declaration := procurement.Declaration{NoConvictions: true, TaxesPaid: true, NoInsolvency: true, NoMisconduct: true, NoConflict: true, EnvironmentLabour: true,
		Suitability: "Registrert i Foretaksregisteret", Economic: "Positiv egenkapital", Technical: "Tre tilsvarende leveranser", Confirmed: true}
	saved := as[api.AnswersSaved](s.do(call{As: author(i), Method: "POST", Path: path + "/answers", Body: api.Answers{Answers: answers, Declaration: &declaration}}))
	if len(saved.Summary.Missing) > 0 || len(saved.Saved) != len(answers) || len(saved.Problems) > 0 {
		s.t.Fatalf("draft of supplier %d: %+v", i, saved)
	}
	if i == 0 {
		s.answerFiles(author(i), path)
	}
	lots := []uuid.UUID{pub.Notice.Plan.Lots[0].ID, pub.Notice.Plan.Lots[1].ID}
	if i == 0 {
		s.reuse(t.ID)
	}
	if i == 0 {
		s.markAnswers(i, path, pub.Notice.Buyers[0].ID)
	}
	version := s.attach(i, path)
	if (i == 1 || i == 2) && !s.alone {
		s.consortium(i, path)
		version = "*"
	}
	if i == 0 {
		version = s.subcontract(i, path, lots, declaration)
	}
	submitted := as[api.Submitted](s.do(call{As: signatory(i), Method: "POST", Path: path + "/submissions", Body: api.Submission{Lots: lots}, Headers: map[string]string{"If-Match": version}}))
	if !submitted.Tender.Standing.Submitted || len(submitted.Receipt) == 0 {
		s.t.Errorf("submitted: %+v", submitted)
	}
	as[api.Draft](s.do(call{As: author(i), Method: "GET", Path: path + "/draft"}))
	as[api.Tender](s.do(call{As: author(i), Method: "GET", Path: path}))
	as[api.OfTender[api.Receipt]](s.do(call{As: author(i), Method: "GET", Path: path + "/receipts"}))
	bundle := s.do(call{As: author(i), Method: "GET", Path: path + "/submissions/1/bundle"})
	keys := s.do(call{Method: "GET", Path: "/public/receipt-keys"})
	report, err := seal.VerifyReaders(bytes.NewReader(bundle.Body), bytes.NewReader(keys.Body), nil)
	if err != nil || !report.OK() {
		s.t.Errorf("a supplier cannot verify its own submission: %+v %v", report, err)
	}
	if i == 1 && !s.alone {
		s.replace(i, path, lots)
	}
	return t.ID
}

func (s *story) open() {
	s.t.Helper()
	s.advance(s.get().Plan.TenderDeadline.Add(6 * time.Second))
	s.do(call{As: lead, Method: "GET", Path: s.path + "/tenders"}).refused(http.StatusConflict, "tenders.sealed", "")
	s.settle()
	part := api.OpenPart{Part: procurement.Quality}
	as[struct{}](s.do(call{As: "apner-1.bodo", Method: "POST", Path: s.path + "/opening-approvals", Body: part}))
	s.do(call{As: "apner-1.bodo", Method: "POST", Path: s.path + "/opening", Body: part, Headers: map[string]string{"If-Match": "*"}}).refused(http.StatusConflict, "opening.two-people", "")
	as[struct{}](s.do(call{As: "apner-2.bodo", Method: "POST", Path: s.path + "/opening-approvals", Body: part}))
	s.steer("apner-2.bodo", "/opening", part)
}

func (s *story) evaluate(set requirement.Set) {
	s.t.Helper()
	opened := as[api.Page[api.OpenedTender]](s.do(call{As: "evaluerer-1.bodo", Method: "GET", Path: s.path + "/tenders"}))
	rejected := map[uuid.UUID]bool{}
	s.readFiles("evaluerer-1.bodo", opened.Items)
	for _, t := range opened.Items {
		if a := t.Amended; a.SetVersion == 0 || (a.State == procurement.Unconfirmed) != (len(a.Touched) > 0) {
			s.t.Errorf("%s beside the amendment: %+v", t.SupplierName, a)
		}
	}
	s.subcontractors(opened.Items)
	if !s.alone {
		s.openedTogether(opened.Items)
	}
	s.openedPublicly("evaluerer-1.bodo", opened.Items)
	for _, t := range opened.Items {
		as[map[string]any](s.do(call{As: "evaluerer-1.bodo", Method: "GET", Path: s.path + "/tenders/" + t.ID.String() + "/answers"}))
		if t.FailsAbsolute > 0 || t.ID == opened.Items[len(opened.Items)-1].ID {
			as[api.Rejection](s.do(call{As: lead, Method: "POST", Path: s.path + "/tenders/" + t.ID.String() + "/rejection", Body: api.NewRejection{Ground: procurement.GroundMaterial, Reason: "Tilbudet oppfyller ikke krav 4.12, som er absolutt."}}))
			rejected[t.ID] = true
		}
	}
	for e, subject := range []string{"evaluerer-1.bodo", "evaluerer-2.bodo"} {
		as[struct{}](s.do(call{As: subject, Method: "POST", Path: s.path + "/impartiality"}))
		var scores api.Scores
		for _, t := range opened.Items {
			i := slices.IndexFunc(demo.Suppliers(), func(d demo.Supplier) bool { return d.Name == t.SupplierName })
			for _, r := range set.Requirements {
				if r.IsRated() && r.Part() == requirement.Quality && !rejected[t.ID] {
					a := demo.Assess(i, e, r)
					scores.Scores = append(scores.Scores, api.NewScore{Tender: t.ID, Requirement: r.ID, Points: money.NOK(a.Points * 100).String(), Note: a.Note})
				}
			}
		}
		as[struct{}](s.do(call{As: subject, Method: "PUT", Path: s.path + "/scores", Body: scores}))
	}
	as[api.Page[api.Score]](s.do(call{As: lead, Method: "GET", Path: s.path + "/scores"}))
	s.answerMatrix(set, len(opened.Items))
}

func (s *story) award() {
	s.t.Helper()
	ranking := as[api.Page[api.LotRanking]](s.do(call{As: lead, Method: "GET", Path: s.path + "/ranking"}))
	var award api.Award
	for _, r := range ranking.Items {
		winner := r.Ranking[0].Tender
		award.Winners = append(award.Winners, api.Winner{Lot: r.Lot, Tender: winner, Reason: "Best samlet etter de oppgitte kriteriene."})
		a := s.do(call{As: lead, Method: "POST", Path: s.path + "/documentation", Body: api.NewDocumentation{Tender: winner, Heading: "Skatteattest", Reference: "A-1", IssuedOn: calendar.DateOf(s.sandbox.Now)}})
		if a.Status != http.StatusCreated && a.problem().Rule != "documentation.exists" {
			s.t.Errorf("documentation: %s", a.Body)
		}
	}
	as[api.Page[api.Documentation]](s.do(call{As: lead, Method: "GET", Path: s.path + "/documentation"}))
	s.steer(lead, "/award", award)
	for _, l := range as[api.Page[api.Letter]](s.do(call{As: lead, Method: "GET", Path: s.path + "/letters"})).Items {
		page := s.do(call{As: lead, Method: "GET", Path: s.path + "/letters/" + l.ID.String()})
		if page.Status != http.StatusOK || !bytes.Contains(page.Body, []byte(l.Facts.Supplier)) {
			s.t.Errorf("letter (%s): %d", l.Kind, page.Status)
		}
	}
}

// TestAJointProcurementOverHTTP answers every step from launch to call-off, each
// answer as openapi.yaml says.
func TestAJointProcurementOverHTTP(t *testing.T) {
	t.Parallel()
	s := begin(t)
	set := s.specify()
	s.mandates()
	s.publish()
	s.specifications(set)
	s.ask()
	var tenders []uuid.UUID
	for i := range 4 {
		if i == 2 {
			s.amend(tenders)
		}
		tenders = append(tenders, s.tender(i))
	}
	as[api.Tender](s.do(call{As: signatory(2), Method: "POST", Path: "/tenders/" + tenders[2].String() + "/withdrawal", Headers: map[string]string{"If-Match": "*"}}))
	as[api.Page[api.Tender]](s.do(call{As: author(0), Method: "GET", Path: "/tenders"}))
	p := s.get()
	s.steer(lead, "/suspension", api.Reason{Reason: "Klage på konkurransegrunnlaget."})
	s.steer(lead, "/resumption", nil)
	s.steer(lead, "/tender-deadline", api.LaterDeadline{Until: p.Plan.TenderDeadline.AddDate(0, 0, 1), Reason: "Klagen er avgjort."})
	s.open()
	s.tenderLate()
	s.evaluate(set)
	s.award()
	s.steer(lead, "/award-reversal", api.Reason{Reason: "Feil i poenggivningen."})
	s.award()
	got := as[api.Page[api.Letter]](s.do(call{As: author(1), Method: "GET", Path: "/tenders/" + tenders[1].String() + "/letters"}))
	if len(got.Items) != 3 {
		t.Fatalf("%d letters, want two awards and a reversal", len(got.Items))
	}
	if page := s.do(call{As: author(1), Method: "GET", Path: "/tenders/" + tenders[1].String() + "/letters/" + got.Items[0].ID.String()}); !bytes.Contains(page.Body, []byte("Karensperioden")) {
		t.Errorf("the award letter does not tell of the standstill: %s", page.Body)
	}
	s.do(call{As: author(1), Method: "GET", Path: "/tenders/" + tenders[1].String() + "/letters/" + uuid.NewString()}).refused(http.StatusNotFound, "not-found", "")
	s.conclude()
	s.look()
	s.members()
	s.systems()
	s.trail()
	for _, o := range s.api.Operations() {
		if !s.seen[o.ID] && !slices.Contains(elsewhere, o.ID) {
			t.Errorf("no step of the story is %s", o.ID)
		}
	}
}

// elsewhere are the operations that tests of their own call.
var elsewhere = []string{"cancelProcurement", "declareUnsuccessful", "withdrawCommand", "getCommand", "extendMandates"}

func (s *story) tenderLate() {
	s.t.Helper()
	t := as[api.Tender](s.do(call{As: author(4), Method: "POST", Path: s.path + "/interest"}))
	a := s.do(call{As: signatory(4), Method: "POST", Path: "/tenders/" + t.ID.String() + "/submissions", Body: api.Submission{Lots: []uuid.UUID{uuid.New()}}, Headers: map[string]string{"If-Match": "*"}})
	a.refused(http.StatusConflict, "tender.late", "")
	if given := as[api.Page[api.Command]](s.do(call{As: lead, Method: "GET", Path: s.path + "/commands"})); len(given.Items) == 0 || given.Items[0].State != "done" {
		s.t.Errorf("the lead buyer's commands: %+v", given.Items)
	}
	if noted := as[api.Page[api.LateAttempt]](s.do(call{As: lead, Method: "GET", Path: s.path + "/late-attempts"})); len(noted.Items) != 1 || noted.Items[0].Reason != "late" {
		s.t.Errorf("late attempts: %+v", noted)
	}
}

func (s *story) conclude() {
	s.t.Helper()
	s.advance(s.get().State.StandstillUntil.Add(time.Second))
	contracts := as[api.Page[api.Contract]](s.do(call{As: lead, Method: "GET", Path: s.path + "/contracts"}))
	day := calendar.DateOf(s.sandbox.Now)
	for _, c := range contracts.Items {
		as[api.Contract](s.do(call{As: lead, Method: "POST", Path: s.path + "/contracts/" + c.ID.String() + "/signatures", Body: api.Signatures{BuyerOn: day, SupplierOn: day, Reference: "K-1"}}))
	}
	as[api.Procurement](s.do(call{As: lead, Method: "POST", Path: s.path + "/award-notice", Body: api.NoticeReference{Reference: "DOFFIN-2026-000002"}, Headers: map[string]string{"If-Match": "*"}}))
	order := api.NewCallOff{Contract: contracts.Items[0].ID, Amount: money.Kroner(1_000_000), Reference: "B-1"}
	if c := as[api.CallOff](s.do(call{As: buyer(seed.Participants()[1]), Method: "POST", Path: s.path + "/call-offs", Body: order})); c.Remaining != money.Kroner(14_000_000) {
		s.t.Errorf("remaining: %s", c.Remaining)
	}
	order.Amount = money.Kroner(14_500_000)
	if a := s.do(call{As: buyer(seed.Participants()[1]), Method: "POST", Path: s.path + "/call-offs", Body: order}); a.problem().Rule != "call-off.beyond-cap" || a.problem().Paragraph == "" {
		s.t.Errorf("beyond the cap: %s", a.Body)
	}
	if a := s.do(call{As: buyer(seed.Outside()), Method: "POST", Path: s.path + "/call-offs", Body: order}); a.problem().Rule != "call-off.not-named" || a.problem().Paragraph == "" {
		s.t.Errorf("not named: %s", a.Body)
	}
	as[api.Page[api.CallOff]](s.do(call{As: lead, Method: "GET", Path: s.path + "/call-offs"}))
}

// look reads what has not been read yet.
func (s *story) look() {
	s.t.Helper()
	events := as[api.EventPage](s.do(call{As: author(1), Method: "GET", Path: "/events?limit=2"}))
	if len(events.Items) == 0 || events.Next == "" {
		s.t.Errorf("events: %+v", events)
	}
	as[api.EventPage](s.do(call{As: author(1), Method: "GET", Path: "/events?after=" + events.Next}))
	inbox := as[api.Page[api.Notification]](s.do(call{As: author(1), Method: "GET", Path: "/notifications?limit=1"}))
	if len(inbox.Items) != 1 || inbox.Next == "" {
		s.t.Fatalf("notifications: %+v", inbox)
	}
	as[api.Page[api.Notification]](s.do(call{As: author(1), Method: "GET", Path: "/notifications?after=" + inbox.Next}))
	as[struct{}](s.do(call{As: author(1), Method: "PUT", Path: "/notifications/" + inbox.Items[0].ID.String() + "/read"}))
	as[api.Page[api.Document]](s.do(call{As: lead, Method: "GET", Path: s.path + "/documents"}))
	as[api.Requirements](s.do(call{As: lead, Method: "GET", Path: s.path + "/requirements"}))
	as[api.Sandbox](s.do(call{As: lead, Method: "GET", Path: "/sandboxes/" + s.sandbox.ID.String()}))
	as[api.Page[api.ProcurementLine]](s.do(call{As: lead, Method: "GET", Path: "/procurements"}))
	as[api.Page[api.Organisation]](s.do(call{As: lead, Method: "GET", Path: "/organisations?kind=municipality&limit=5"}))
	if found := as[api.Page[api.Municipality]](s.do(call{Method: "GET", Path: "/municipalities?q=bod%C3%B8"})); len(found.Items) == 0 || found.Items[0].Name != "Bodø" {
		s.t.Errorf("municipalities: %+v", found.Items)
	}
	s.recordsSubcontractors()
	page := s.do(call{As: lead, Method: "GET", Path: s.path + "/record"})
	for _, want := range []string{"FOA § 25-5", "B-1", demo.Suppliers()[0].Name, "Lovdata, lest av innkjøpsleder"} {
		if page.Status == http.StatusOK && !bytes.Contains(page.Body, []byte(want)) {
			s.t.Errorf("the record lacks %q", want)
		}
	}
	if d := as[api.Deployment](s.do(call{Method: "GET", Path: "/deployment"})); d.Kind != "development" {
		s.t.Errorf("deployment: %+v", d)
	}
	if _, err := seal.ParsePublicKeys(s.do(call{Method: "GET", Path: "/public/receipt-keys"}).Body); err != nil {
		s.t.Error(err)
	}
	pub := as[api.PublicProcurement](s.do(call{Method: "GET", Path: "/public" + s.path}))
	if len(pub.Documents) != 3 || len(pub.Clarifications) != 6 {
		s.t.Errorf("public: %d documents, %d clarifications", len(pub.Documents), len(pub.Clarifications))
	}
	as[struct{}](answer{t: s.t, Status: s.do(call{Method: "GET", Path: "/public" + s.path + "/documents/" + pub.Documents[0].ID.String()}).Status})
	if listed := as[api.Page[api.PublicLine]](s.do(call{Method: "GET", Path: "/public/procurements"})); len(listed.Items) != 0 {
		s.t.Error("a sandbox stands among the published procurements")
	}
}
