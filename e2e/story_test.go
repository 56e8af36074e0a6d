package e2e

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/demo/spec"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/seed"
	"github.com/fellesloft/fellesloft/internal/sheet"
)

const (
	lead       = "innkjopsleder.bodo"
	opener1    = "apner-1.bodo"
	opener2    = "apner-2.bodo"
	evaluator1 = "evaluerer-1.bodo"
	evaluator2 = "evaluerer-2.bodo"
)

// story is a joint procurement in a sandbox, lived through by its users. It is
// shorter than the demonstration, and each of its steps can be called by
// itself. Its numbers may be chosen.
type story struct {
	*stack
	municipalities []party.Municipality
	suppliers      []supplier
	// silent are the last of the municipalities, which never answer.
	silent int
	quorum int
	// giver is who gives a municipality's mandate.
	giver func(party.Municipality) string

	sandbox uuid.UUID
	id      uuid.UUID
	set     requirement.Set
	tenders []uuid.UUID
	// watch stands around every advance of the clock.
	watch func(advance func())
	// passed is called when time has decided something.
	passed func()
}

// supplier is who tenders: the answers are those of a fictional supplier, whose
// name others may bear with a number.
type supplier struct {
	author, signatory, name string
	answers                 int // index into demo.Suppliers
}

// newStory makes the story of the demonstration's twelve municipalities and its
// first three suppliers.
func newStory(s *stack) *story {
	st := &story{stack: s, municipalities: seed.Participants(), silent: 1, quorum: 8, giver: giver}
	for i := range 3 {
		st.suppliers = append(st.suppliers, demoSupplier(i))
	}
	st.watch = func(advance func()) { advance() }
	st.passed = func() {}
	return st
}

func demoSupplier(i int) supplier {
	name := demo.Suppliers()[i].Name
	short := party.Fold(strings.Fields(name)[0])
	return supplier{"forfatter." + short, "signatar." + short, name, i}
}

// giver is who gives a municipality's mandate in the demonstration.
func giver(m party.Municipality) string {
	return "fullmaktsgiver." + strings.ReplaceAll(party.Fold(m.Name), " ", "-")
}

func (s *story) path(rest string) string { return "/procurements/" + s.id.String() + rest }

func (s *story) get() api.Procurement {
	s.t.Helper()
	var p api.Procurement
	s.as(lead).get(s.path(""), &p)
	return p
}

func (s *story) clock() api.Sandbox {
	s.t.Helper()
	var b api.Sandbox
	s.as(lead).get("/sandboxes/"+s.sandbox.String(), &b)
	return b
}

// maximum is what each municipality may call off; those who answer make up the
// lots' maximum, whatever their number.
func (s *story) maximum() money.NOK {
	if len(s.municipalities) > 50 {
		return money.Kroner(126_000)
	}
	return money.Kroner(4_500_000)
}

func (s *story) plan(now time.Time) procurement.Plan {
	day := calendar.DateOf(now)
	dispatch := day.AddDays(20)
	deadline := calendar.EarliestAfter(calendar.Forward(dispatch, 30), 12, 0)
	award := calendar.DateOf(deadline).AddDays(20)
	starts := award.AddDays(25)
	third := s.maximum() * money.NOK(len(s.municipalities)-s.silent) / 3
	lot := func(title string, maximum money.NOK) procurement.Lot {
		return procurement.Lot{Title: title, Description: title, CPV: "48814000-7", NUTS: []string{"NO071", "NO074"}, Estimated: maximum * 2 / 3, Maximum: maximum}
	}
	return procurement.Plan{
		Title: "Velferdsteknologi og journalintegrasjon", Description: "Felles anskaffelse av trygghetsteknologi og integrasjon mot journal.", Reference: "2026/1234",
		Contract: rules.Services, Procedure: rules.OpenProcedure, Language: "nb", CPV: "48814000-7", NUTS: []string{"NO07"},
		Lots:            []procurement.Lot{lot(spec.LotSafety, 2*third), lot(spec.LotIntegration, third)},
		Framework:       &procurement.Framework{Months: 48, Suppliers: 1},
		MandateDeadline: day.AddDays(14).At(12, 0), Quorum: procurement.Quorum{Participants: s.quorum},
		DispatchOn: dispatch, QuestionsBy: calendar.DateOf(deadline).AddDays(-10).At(12, 0), TenderDeadline: deadline,
		ValidUntil: calendar.DateOf(deadline).AddDays(90), AwardOn: award, ContractStarts: starts, ContractEnds: starts.AddYears(4).AddDays(-1),
		Formula: evaluation.Standard, Evidence: []string{"Skatteattest", "Firmaattest"},
		Notice: procurement.Notice{ContactName: "Innkjøp", ContactEmail: "innkjop@example.org", ReviewBody: "Salten og Lofoten tingrett", DocumentsURL: "https://example.org/d", SubmissionURL: "https://example.org/s"},
	}
}

// launch plans and specifies the procurement, and asks for mandates.
func (s *story) launch() {
	s.t.Helper()
	by := s.as(lead)
	var box api.Sandbox
	by.post("/sandboxes", api.NewSandbox{Name: s.t.Name()}, &box)
	s.sandbox = box.ID
	named := make([]api.NamedParticipant, len(s.municipalities))
	for i, m := range s.municipalities {
		named[i] = api.NamedParticipant{Organisation: m.ID(), Estimated: s.maximum() * 2 / 3, Maximum: s.maximum()}
	}
	var p api.Procurement
	by.post("/procurements", api.NewProcurement{Space: s.sandbox, Plan: s.plan(box.Now), Participants: named}, &p)
	s.id = p.ID
	s.specify(p)
	by.post(s.path("/launch"), nil, nil)
	eventually(s.t, "the process runs", func() bool {
		return value[int](s.stack, `SELECT count(*) FROM outbox WHERE kind = 'wake' AND case_id = $1`, s.id) == 0
	})
}

func (s *story) specify(p api.Procurement) {
	s.t.Helper()
	by := s.as(lead)
	var lots []requirement.Lot
	for _, l := range p.Plan.Lots {
		lots = append(lots, requirement.Lot{ID: l.ID, Name: l.Title})
	}
	preview, err := sheet.ReadSpecification(bytes.NewReader(demo.Specification()), sheet.Options{NewID: uuid.New, Lots: lots})
	must(s.t, err)
	var kept api.Requirements
	by.put(s.path("/requirements"), preview.Set, &kept)
	s.set = kept.Set
	kinds := map[string]string{"konkurranseregler.md": "tender_rules", "avtaleutkast.md": "contract_draft", "bilag.md": "annex"}
	for _, d := range demo.Documents() {
		by.upload(s.path("/documents?kind="+kinds[d.Name]+"&name="+url.QueryEscape(d.Name)), d.ContentType, d.Content)
	}
	for subject, role := range map[string]string{opener1: "opener", opener2: "opener", evaluator1: "evaluator", evaluator2: "evaluator"} {
		i := slices.IndexFunc(seed.Identities(), func(i seed.Identity) bool { return i.Subject == subject })
		member := seed.Identities()[i]
		by.post(s.path("/team"), api.NewTeamMember{Identity: member.ID, Organisation: member.Org, Role: role}, nil)
	}
}

// mandates has all but the silent municipalities give their mandate.
func (s *story) mandates() {
	s.t.Helper()
	for _, m := range s.municipalities[:len(s.municipalities)-s.silent] {
		s.mandate(m)
	}
}

func (s *story) mandate(m party.Municipality) {
	s.t.Helper()
	s.as(s.giver(m)).put(s.path("/mandate"), s.terms(), nil)
}

func (s *story) terms() procurement.MandateTerms {
	s.t.Helper()
	p := s.get()
	share, err := requirement.ParsePercent("0.25")
	must(s.t, err)
	return procurement.MandateTerms{DecidedOn: calendar.DateOf(p.Now), CaseReference: "2026/42", Scope: "Begge delkontrakter",
		Lots: []uuid.UUID{p.Plan.Lots[0].ID, p.Plan.Lots[1].ID}, Maximum: s.maximum(), CostShare: share, EndsOn: p.Plan.ContractEnds}
}

// reach waits until the procurement is in a phase.
func (s *story) reach(phase procurement.Phase) api.Procurement {
	s.t.Helper()
	var p api.Procurement
	eventually(s.t, "the procurement is in "+string(phase), func() bool {
		p = s.get()
		return p.Phase == phase
	})
	return p
}

// advanceTo moves the sandbox's clock.
func (s *story) advanceTo(to time.Time) {
	s.t.Helper()
	s.watch(func() {
		s.as(lead).post("/sandboxes/"+s.sandbox.String()+"/advance", api.Advance{To: to}, nil)
	})
}

// liveUntil lets time pass up to an instant. Before everything that time decides
// on the way the clock is stopped short, so that the real timer fires.
func (s *story) liveUntil(instant time.Time) {
	s.t.Helper()
	const margin = 2 * time.Second
	for {
		box := s.clock()
		if box.NextEvent == nil || box.NextEvent.After(instant) {
			break
		}
		next := *box.NextEvent
		if before := next.Add(-margin); before.After(box.Now) {
			s.advanceTo(before)
		}
		eventually(s.t, "what was due at "+next.Format(time.RFC3339)+" has been done", func() bool {
			now := s.clock()
			return now.NextEvent == nil || now.NextEvent.After(next)
		})
		s.passed()
	}
	if instant.After(s.clock().Now) {
		s.advanceTo(instant)
	}
}

// prepare lets the mandate deadline pass and has what nobody vouches for
// confirmed, up to the day of dispatch.
func (s *story) prepare() {
	s.t.Helper()
	s.liveUntil(s.get().Plan.MandateDeadline)
	p := s.reach(procurement.Preparation)
	s.liveUntil(p.Plan.DispatchOn.At(9, 0))
	by := s.as(lead)
	for range 5 { // a confirmed value may bring other rules into play
		var r api.Review
		by.get(s.path("/review"), &r)
		if len(r.Unverified) == 0 {
			if len(r.Refusals) > 0 {
				s.t.Fatalf("refused for %v", r.Refusals)
			}
			return
		}
		var given api.ConfirmedRules
		for _, rule := range r.Unverified {
			c := api.ConfirmedRule{Rule: rule.ID, Source: "Lovdata, lest av innkjøpsleder"}
			if rule.Kind == rules.Unknown {
				v := int64(2_400_000)
				c.Value = &v
			}
			given.Confirmations = append(given.Confirmations, c)
		}
		by.post(s.path("/confirmations"), given, nil)
	}
	s.t.Fatal("rules stay unverified")
}

func (s *story) dispatch() api.Dispatch {
	return api.Dispatch{At: s.get().Plan.DispatchOn.At(8, 30), Reference: "DOFFIN-2026-000001"}
}

// steer gives a command and waits until it has been carried out.
func (s *story) steer(by, path string, in any) {
	s.t.Helper()
	if c := s.outcome(by, s.order(by, path, in)); c.State != app.CommandDone {
		s.t.Fatalf("%s: %+v, %+v", path, c, c.Problem)
	}
}

// order gives a command without waiting for more than the answer.
func (s *story) order(by, path string, in any) api.Command {
	s.t.Helper()
	var c api.Command
	a := s.as(by).ask(http.MethodPost, s.path(path), "*", in, &c)
	if a.status == http.StatusAccepted && !strings.HasSuffix(a.location, "/commands/"+c.ID.String()) {
		s.t.Fatalf("%s was answered 202 without an address of its status: %q", path, a.location)
	}
	return c
}

// outcome waits until a command has ended.
func (s *story) outcome(by string, c api.Command) api.Command {
	s.t.Helper()
	eventually(s.t, "the command has ended", func() bool {
		if c.State == app.CommandPending {
			c = s.status(by, c.ID)
		}
		return c.State != app.CommandPending
	})
	return c
}

func (s *story) status(by string, id uuid.UUID) api.Command {
	s.t.Helper()
	var c api.Command
	s.as(by).get("/commands/"+id.String(), &c)
	return c
}

func (s *story) publish() {
	s.t.Helper()
	s.steer(lead, "/publication", s.dispatch())
}

func (s *story) tender(x supplier) uuid.UUID {
	s.t.Helper()
	d := s.draft(x)
	s.as(x.signatory).post("/tenders/"+d.ID.String()+"/submissions", api.Submission{Lots: s.lots()}, nil)
	return d.ID
}

func (s *story) lots() []uuid.UUID {
	s.t.Helper()
	var lots []uuid.UUID
	for _, l := range s.set.Lots {
		lots = append(lots, l.ID)
	}
	return lots
}

// draft writes a complete tender that is not handed in.
func (s *story) draft(x supplier) api.Tender {
	s.t.Helper()
	by := s.as(x.author)
	var begun api.Tender
	by.post(s.path("/interest"), nil, &begun)
	var rows []api.AnswerRow
	for id, v := range demo.Answers(x.answers, s.set) {
		rows = append(rows, api.AnswerRow{Requirement: id.String(), Value: v})
	}
	var d api.AnswersSaved
	by.ask(http.MethodPost, "/tenders/"+begun.ID.String()+"/answers", "*", api.Answers{Answers: rows, Declaration: &procurement.Declaration{
		NoConvictions: true, TaxesPaid: true, NoInsolvency: true, NoMisconduct: true, NoConflict: true, EnvironmentLabour: true,
		Suitability: "Registrert i Foretaksregisteret", Economic: "Positiv egenkapital", Technical: "Tre tilsvarende leveranser", Confirmed: true,
	}}, &d)
	if len(d.Problems) > 0 || !d.Summary.Complete() {
		s.t.Fatalf("%s: %+v %+v", x.name, d.Problems, d.Summary.Problems)
	}
	return d.Tender
}

// compete has every supplier tender, and closes.
func (s *story) compete() {
	s.t.Helper()
	for _, x := range s.suppliers {
		s.tenders = append(s.tenders, s.tender(x))
	}
	s.liveUntil(s.get().Plan.TenderDeadline.Add(procurement.CloseAfter))
	s.reach(procurement.Opening)
}

func (s *story) approve() {
	s.t.Helper()
	for _, by := range []string{opener1, opener2} {
		s.as(by).post(s.path("/opening-approvals"), api.OpenPart{Part: procurement.Quality}, nil)
	}
}

func (s *story) open() {
	s.t.Helper()
	s.approve()
	s.steer(opener2, "/opening", api.OpenPart{Part: procurement.Quality})
}

// evaluate rejects what fails an absolute requirement and scores the rest.
func (s *story) evaluate() {
	s.t.Helper()
	var opened api.Page[api.OpenedTender]
	s.as(evaluator1).get(s.path("/tenders"), &opened)
	if len(opened.Items) != len(s.suppliers) {
		s.t.Fatalf("%d tenders were opened of %d", len(opened.Items), len(s.suppliers))
	}
	for e, subject := range []string{evaluator1, evaluator2} {
		by := s.as(subject)
		by.post(s.path("/impartiality"), nil, nil)
		var scores api.Scores
		for _, t := range opened.Items {
			if t.FailsAbsolute > 0 {
				if e == 0 {
					s.as(lead).post(s.path("/tenders/"+t.ID.String()+"/rejection"), api.NewRejection{Ground: procurement.GroundMaterial, Reason: "Tilbudet oppfyller ikke et absolutt krav."}, nil)
				}
				continue
			}
			i := slices.IndexFunc(s.suppliers, func(x supplier) bool { return x.name == t.SupplierName })
			for _, r := range s.set.Requirements {
				if r.IsRated() && r.Part() == requirement.Quality {
					a := demo.Assess(s.suppliers[i].answers, e, r)
					scores.Scores = append(scores.Scores, api.NewScore{Tender: t.ID, Requirement: r.ID, Points: itoa(a.Points), Note: a.Note})
				}
			}
		}
		by.put(s.path("/scores"), scores, nil)
	}
}

func (s *story) ranking() []api.LotRanking {
	s.t.Helper()
	var page api.Page[api.LotRanking]
	s.as(lead).get(s.path("/ranking"), &page)
	return page.Items
}

// choose records the winners' documentation and gives the decision.
func (s *story) choose() api.Award {
	s.t.Helper()
	p := s.get()
	var award api.Award
	documented := map[uuid.UUID]bool{}
	for _, r := range s.ranking() {
		winner := r.Ranking[0].Tender
		award.Winners = append(award.Winners, api.Winner{Lot: r.Lot, Tender: winner, Reason: "Best samlet etter de oppgitte kriteriene."})
		if documented[winner] {
			continue
		}
		documented[winner] = true
		for _, h := range p.Plan.Evidence {
			s.as(lead).post(s.path("/documentation"), api.NewDocumentation{Tender: winner, Heading: h, Reference: "A-1", IssuedOn: calendar.DateOf(p.Now)}, nil)
		}
	}
	return award
}

func (s *story) award() {
	s.t.Helper()
	s.steer(lead, "/award", s.choose())
}

// conclude lets the standstill end and has the contracts signed.
func (s *story) conclude() {
	s.t.Helper()
	s.liveUntil(s.get().State.StandstillUntil)
	p := s.reach(procurement.Contracting)
	var contracts api.Page[api.Contract]
	s.as(lead).get(s.path("/contracts"), &contracts)
	day := calendar.DateOf(p.Now)
	for i, c := range contracts.Items {
		s.as(lead).post(s.path("/contracts/"+c.ID.String()+"/signatures"), api.Signatures{BuyerOn: day, SupplierOn: day, Reference: "K-" + itoa(i+1)}, nil)
	}
	s.reach(procurement.Running)
}

// Inputs that several tests give.
var (
	openQuality = api.OpenPart{Part: procurement.Quality}
	reason      = api.Reason{Reason: "Behovet er falt bort."}
)
