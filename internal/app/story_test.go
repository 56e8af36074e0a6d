package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/demo/spec"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/fellesloft/fellesloft/internal/seed"
	"github.com/fellesloft/fellesloft/internal/sheet"
)

// stack is serve and worker over one database, with the worker called directly
// where Temporal would call it.
type stack struct {
	t      *testing.T
	db     *dbtest.DB
	serve  *app.App
	worker *app.App
	away   bool // Temporal does not answer
}

func (s *stack) Steer(ctx context.Context, _ string, _ uuid.UUID, _ int, commandID uuid.UUID) error {
	if s.away {
		return errors.New("nobody answers")
	}
	return s.worker.CarryOut(ctx, commandID)
}

func (s *stack) SteerLong(ctx context.Context, kind string, id uuid.UUID, n int, commandID uuid.UUID) error {
	return s.Steer(ctx, kind, id, n, commandID)
}

func newStack(t *testing.T) *stack {
	t.Helper()
	ctx := t.Context()
	d := dbtest.New(t)
	must(t, seed.Registers(ctx, d.URL(db.RoleOwner)))
	must(t, seed.Demo(ctx, d.URL(db.RoleOwner), "https://issuer.example"))
	law, err := rules.Load()
	must(t, err)
	dir := t.TempDir()
	wrapping, signing := filepath.Join(dir, "wrapping.keys"), filepath.Join(dir, "signing.keys")
	_, err = seal.EnsureKeyFile(wrapping, seal.PurposeWrapping)
	must(t, err)
	_, err = seal.EnsureKeyFile(signing, seal.PurposeSigning)
	must(t, err)
	wk, err := seal.LoadWrappingKey(wrapping, func(context.Context, seal.Unwrapping) error { return nil })
	must(t, err)
	sk, err := seal.LoadSigningKey(signing)
	must(t, err)
	_, err = seal.InitKeyDir(filepath.Join(dir, "opening"), "")
	must(t, err)
	opening, err := seal.OpenKeyDir(filepath.Join(dir, "opening"), "")
	must(t, err)
	s := &stack{t: t, db: d}
	log := slog.New(slog.DiscardHandler)
	s.serve = app.New(app.Config{Pool: d.Pool(db.RoleApp), Submissions: d.PoolOf(db.RoleApp, 8), Public: d.Pool(db.RoleAnyone), Law: law, Steering: s, Wrapping: wk, Signing: sk, Secret: []byte("secret"), Log: log, Sandboxes: true})
	s.worker = app.New(app.Config{Pool: d.Pool(db.RoleEngine), Law: law, Opening: opening, ReceiptKeys: sk.PublicKeys(), Secret: []byte("secret"), Log: log})
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// as gives a context of a demo identity, by its subject.
func (s *stack) as(subject string) context.Context {
	s.t.Helper()
	for _, i := range seed.Identities() {
		if i.Subject == subject {
			return actor.With(s.t.Context(), actor.Actor{Kind: actor.Person, ID: i.ID, Name: i.Name, Org: i.Org, Roles: i.Roles, Request: "test"})
		}
	}
	s.t.Fatalf("no identity %s", subject)
	return nil
}

func identity(t *testing.T, subject string) seed.Identity {
	t.Helper()
	for _, i := range seed.Identities() {
		if i.Subject == subject {
			return i
		}
	}
	t.Fatalf("no identity %s", subject)
	return seed.Identity{}
}

const lead = "innkjopsleder.bodo"

func giver(m party.Municipality) string {
	return "fullmaktsgiver." + strings.ReplaceAll(party.Fold(m.Name), " ", "-")
}
func author(i int) string {
	return "forfatter." + party.Fold(strings.Fields(demo.Suppliers()[i].Name)[0])
}
func signatory(i int) string {
	return "signatar." + party.Fold(strings.Fields(demo.Suppliers()[i].Name)[0])
}

// plan is a lawful plan that starts from a day.
func plan(now time.Time) procurement.Plan {
	day := calendar.DateOf(now)
	dispatch := day.AddDays(20)
	deadline := calendar.EarliestAfter(calendar.Forward(dispatch, 30), 12, 0)
	award := calendar.DateOf(deadline).AddDays(20)
	starts := award.AddDays(25)
	lot := func(title string, share money.NOK) procurement.Lot {
		return procurement.Lot{Title: title, Description: title, CPV: "48814000-7", NUTS: []string{"NO071", "NO074"}, Estimated: share * 10 * 2 / 2, Maximum: share * 15}
	}
	p := procurement.Plan{
		Title: "Velferdsteknologi og journalintegrasjon", Description: "Felles anskaffelse av trygghetsteknologi og integrasjon mot journal.", Reference: "2026/1234",
		Contract: rules.Services, Procedure: rules.OpenProcedure, Language: "nb", CPV: "48814000-7", NUTS: []string{"NO07"},
		Lots:            []procurement.Lot{lot(spec.LotSafety, money.Kroner(2_000_000)), lot(spec.LotIntegration, money.Kroner(1_000_000))},
		Framework:       &procurement.Framework{Months: 48, Suppliers: 1},
		MandateDeadline: day.AddDays(14).At(12, 0), Quorum: procurement.Quorum{Participants: 8},
		DispatchOn: dispatch, QuestionsBy: calendar.DateOf(deadline).AddDays(-10).At(12, 0), TenderDeadline: deadline,
		ValidUntil: calendar.DateOf(deadline).AddDays(90), AwardOn: award, ContractStarts: starts, ContractEnds: starts.AddYears(4).AddDays(-1),
		Formula: evaluation.Standard, Evidence: []string{"Skatteattest", "Firmaattest"},
		Notice: procurement.Notice{ContactName: "Innkjøp", ContactEmail: "innkjop@example.org", ReviewBody: "Salten og Lofoten tingrett", DocumentsURL: "https://example.org/d", SubmissionURL: "https://example.org/s"},
	}
	return p
}

// story runs a procurement in a sandbox; each method is one step.
type story struct {
	*stack
	sandbox uuid.UUID
	id      uuid.UUID
	tenders []uuid.UUID
}

func (s *story) now() time.Time {
	s.t.Helper()
	b, err := s.serve.Sandbox(s.as(lead), s.sandbox)
	must(s.t, err)
	return b.Now
}

func (s *story) advance(to time.Time) {
	s.t.Helper()
	_, err := s.serve.AdvanceTo(s.as(lead), s.sandbox, to)
	must(s.t, err)
	_, err = s.worker.PassTime(s.t.Context(), s.id)
	must(s.t, err)
}

func (s *story) get() app.Case {
	s.t.Helper()
	c, err := s.serve.Procurement(s.as(lead), s.id)
	must(s.t, err)
	return c
}

func (s *story) done(c app.CommandStatus, err error) {
	s.t.Helper()
	must(s.t, err)
	if c.State != app.CommandDone {
		s.t.Fatalf("command %s is %s: %v", c.Operation, c.State, c.Err())
	}
}

func begin(t *testing.T) *story {
	t.Helper()
	s := &story{stack: newStack(t)}
	b, err := s.serve.CreateSandbox(s.as(lead), "story")
	must(t, err)
	s.sandbox = b.ID
	var participants []app.ParticipantPlan
	for _, m := range seed.Participants() {
		participants = append(participants, app.ParticipantPlan{Org: m.ID(), Estimated: money.Kroner(3_000_000), Maximum: money.Kroner(4_500_000)})
	}
	c, err := s.serve.CreateProcurement(s.as(lead), app.NewProcurement{Space: s.sandbox, Plan: plan(b.Now), Participants: participants})
	must(t, err)
	s.id = c.ID
	return s
}

func (s *story) specify() requirement.Set {
	s.t.Helper()
	c := s.get()
	var lots []requirement.Lot
	for _, l := range c.Plan.Lots {
		lots = append(lots, requirement.Lot{ID: l.ID, Name: l.Title})
	}
	preview, err := sheet.ReadSpecification(bytes.NewReader(demo.Specification()), sheet.Options{NewID: uuid.New, Lots: lots})
	must(s.t, err)
	set, err := s.serve.PutRequirements(s.as(lead), s.id, 0, preview.Set)
	must(s.t, err)
	for _, d := range demo.Documents() {
		kind := map[string]string{"konkurranseregler.md": "tender_rules", "avtaleutkast.md": "contract_draft", "bilag.md": "annex"}[d.Name]
		_, err := s.serve.AddDocument(s.as(lead), s.id, app.Document{Kind: kind, Name: d.Name, MediaType: d.ContentType, Content: d.Content})
		must(s.t, err)
	}
	for _, m := range []struct{ subject, role string }{{"apner-1.bodo", "opener"}, {"apner-2.bodo", "opener"}, {"evaluerer-1.bodo", "evaluator"}, {"evaluerer-2.bodo", "evaluator"}} {
		i := identity(s.t, m.subject)
		must(s.t, s.serve.AddToTeam(s.as(lead), s.id, app.Member{Identity: i.ID, Org: i.Org, Role: m.role}))
	}
	return set.Set
}

func (s *story) mandates() {
	s.t.Helper()
	_, err := s.serve.LaunchProcurement(s.as(lead), s.id, 0)
	must(s.t, err)
	c := s.get()
	lots := []uuid.UUID{c.Plan.Lots[0].ID, c.Plan.Lots[1].ID}
	shares := []string{"10", "10", "10", "10", "10", "10", "10", "10", "10", "10"}
	for i, m := range seed.Participants() {
		switch i {
		case 10:
			must(s.t, s.serve.DeclineMandate(s.as(giver(m)), s.id, "Kommunen har egen avtale.", "2026/9", calendar.DateOf(s.now())))
		case 11: // never answers
		default:
			share, err := requirement.ParsePercent(shares[i])
			must(s.t, err)
			must(s.t, s.serve.GiveMandate(s.as(giver(m)), s.id, procurement.MandateTerms{DecidedOn: calendar.DateOf(s.now()), CaseReference: "2026/42", Scope: "Begge delkontrakter",
				Lots: lots, Maximum: money.Kroner(4_500_000), CostShare: share, EndsOn: c.Plan.ContractEnds}))
		}
	}
	s.advance(c.Plan.MandateDeadline.Add(time.Second))
	if c := s.get(); c.Phase != procurement.Preparation || c.Participants.Mandated != 10 || c.Participants.Dropped != 1 {
		s.t.Fatalf("after the mandate deadline: %s, %+v", c.Phase, c.Participants)
	}
}

func (s *story) publish() {
	s.t.Helper()
	c := s.get()
	s.advance(c.Plan.DispatchOn.At(9, 0))
	r, err := s.serve.Review(s.as(lead), s.id, calendar.Date{})
	must(s.t, err)
	for _, f := range r.Refusals {
		s.t.Logf("refusal before confirmation: %v", f)
	}
	s.confirm(r.Unverified)
	r, err = s.serve.Review(s.as(lead), s.id, calendar.Date{})
	must(s.t, err)
	if len(r.Refusals) > 0 || len(r.Unverified) > 0 {
		s.t.Fatalf("review after confirmation: %v, unverified %v", r.Refusals, r.Unverified)
	}
	s.done(s.serve.Publish(s.as(lead), s.id, s.get().Version, procurement.Dispatch{On: c.Plan.DispatchOn, Reference: "DOFFIN-2026-000001"}))
}

// confirm stands behind what nobody vouches for, until nothing is open: a value
// may bring other rules into play.
func (s *story) confirm(open []rules.Rule) {
	s.t.Helper()
	for range 5 {
		if len(open) == 0 {
			return
		}
		var given []rules.Confirmation
		for _, r := range open {
			c := rules.Confirmation{RuleID: r.ID, Source: "Lovdata, lest av innkjøpsleder"}
			if r.Kind == rules.Unknown {
				v := int64(2_400_000)
				c.Value = &v
			}
			given = append(given, c)
		}
		must(s.t, s.serve.ConfirmRules(s.as(lead), s.id, given))
		r, err := s.serve.Review(s.as(lead), s.id, calendar.Date{})
		must(s.t, err)
		open = r.Unverified
	}
}

func declaration() *procurement.Declaration {
	return &procurement.Declaration{NoConvictions: true, TaxesPaid: true, NoInsolvency: true, NoMisconduct: true, NoConflict: true, EnvironmentLabour: true,
		Suitability: "Registrert i Foretaksregisteret", Economic: "Positiv egenkapital", Technical: "Tre tilsvarende leveranser", Confirmed: true}
}

// written is what one who writes alone saves.
func written(tender uuid.UUID, values requirement.Values, d *procurement.Declaration) app.AnswersToSave {
	return app.AnswersToSave{Tender: tender, Rows: app.Unmarked(values), Declaration: d, DeclarationVersion: app.AnyVersion}
}

func (s *story) tender(i int) uuid.UUID {
	s.t.Helper()
	pub, err := s.serve.PublicProcurement(s.t.Context(), s.id)
	must(s.t, err)
	t, err := s.serve.RegisterInterest(s.as(author(i)), s.id)
	must(s.t, err)
	d, err := s.serve.SaveAnswers(s.as(author(i)), written(t.ID, demo.Answers(i, pub.Requirements), declaration()))
	must(s.t, err)
	if !d.Summary.Complete() {
		s.t.Fatalf("supplier %d: %+v", i, d.Summary.Problems)
	}
	lots := []uuid.UUID{pub.Notice.Plan.Lots[0].ID, pub.Notice.Plan.Lots[1].ID}
	sub, err := s.serve.Submit(s.as(signatory(i)), t.ID, d.Tender.Version, lots)
	must(s.t, err)
	if _, err := seal.ParseSignedReceipt(sub.Receipt); err != nil {
		s.t.Fatal(err)
	}
	return t.ID
}

func (s *story) open() {
	s.t.Helper()
	s.advance(s.get().Plan.TenderDeadline.Add(6 * time.Second))
	must(s.t, s.serve.ApproveOpening(s.as("apner-1.bodo"), s.id, procurement.Quality))
	if err := s.serve.ApproveOpening(s.as("apner-1.bodo"), s.id, procurement.Quality); fault.RuleOf(err) != "opening.same-person-twice" {
		s.t.Fatalf("same person twice: %v", err)
	}
	if c, err := s.serve.Open(s.as("apner-1.bodo"), s.id, 0, procurement.Quality); err != nil || c.State != app.CommandRefused || c.Fault.Rule != "opening.two-people" {
		s.t.Fatalf("opened by one: %+v %v", c, err)
	}
	must(s.t, s.serve.ApproveOpening(s.as("apner-2.bodo"), s.id, procurement.Quality))
	s.done(s.serve.Open(s.as("apner-2.bodo"), s.id, 0, procurement.Quality))
}

func (s *story) evaluate(set requirement.Set) {
	s.t.Helper()
	tenders, err := s.serve.OpenedTenders(s.as("evaluerer-1.bodo"), s.id)
	must(s.t, err)
	for _, t := range tenders {
		if t.FailsAbsolute > 0 {
			_, err := s.serve.RejectTender(s.as(lead), s.id, t.ID, procurement.GroundMaterial, "Tilbudet oppfyller ikke krav 4.12, som er absolutt.")
			must(s.t, err)
		}
	}
	tenders, err = s.serve.OpenedTenders(s.as("evaluerer-1.bodo"), s.id)
	must(s.t, err)
	for e, subject := range []string{"evaluerer-1.bodo", "evaluerer-2.bodo"} {
		must(s.t, s.serve.DeclareImpartial(s.as(subject), s.id))
		var lines []app.ScoreLine
		for _, t := range tenders {
			if t.Rejection != nil {
				continue
			}
			i := slices.IndexFunc(demo.Suppliers(), func(d demo.Supplier) bool { return d.Name == t.SupplierName })
			for _, r := range set.Requirements {
				if r.IsRated() && r.Part() == requirement.Quality {
					a := demo.Assess(i, e, r)
					lines = append(lines, app.ScoreLine{Tender: t.ID, Requirement: r.ID, Points: decimal.NewFromInt(int64(a.Points)), Note: a.Note})
				}
			}
		}
		must(s.t, s.serve.SaveScores(s.as(subject), s.id, lines))
	}
}

func (s *story) award() []app.LotRanking {
	s.t.Helper()
	ranking, err := s.serve.Ranking(s.as(lead), s.id)
	must(s.t, err)
	var choices []app.Choice
	for _, r := range ranking {
		winner := r.Result.Ranking[0].Tender
		choices = append(choices, app.Choice{Lot: r.Lot.ID, Tender: winner, Reason: "Best samlet etter de oppgitte kriteriene."})
		for _, h := range []string{"Skatteattest", "Firmaattest"} {
			_, err := s.serve.RecordDocumentation(s.as(lead), s.id, app.Documentation{Tender: winner, Heading: h, Reference: "A-1", IssuedOn: calendar.DateOf(s.now())})
			if err != nil && fault.RuleOf(err) != "documentation.exists" {
				s.t.Fatal(err)
			}
		}
	}
	s.done(s.serve.Award(s.as(lead), s.id, s.get().Version, choices))
	return ranking
}

func TestAJointProcurementFromLaunchToCallOff(t *testing.T) {
	t.Parallel()
	s := begin(t)
	set := s.specify()
	s.mandates()
	s.publish()

	q, err := s.serve.Ask(s.as(author(0)), s.id, app.NewQuestion{Text: "Skal løsningen støtte eksisterende sensorer?"})
	must(t, err)
	_, err = s.serve.Clarify(s.as(lead), s.id, app.NewClarification{Questions: []uuid.UUID{q.ID}, Question: "Skal løsningen støtte eksisterende sensorer?", Answer: "Ja, jf. krav 2.1."})
	must(t, err)

	for _, i := range []int{0, 1, 2, 3} {
		s.tenders = append(s.tenders, s.tender(i))
	}
	bundle, err := s.serve.BundleFile(s.as(signatory(0)), s.tenders[0], 1)
	must(t, err)
	keys, err := json.Marshal(s.serve.Signing.PublicKeys())
	must(t, err)
	report, err := seal.VerifyReaders(bytes.NewReader(bundle), bytes.NewReader(keys), nil)
	must(t, err)
	if !report.OK() {
		t.Fatalf("the supplier's own bundle does not verify: %+v", report)
	}
	if _, err := s.serve.BundleFile(s.as(signatory(1)), s.tenders[0], 1); !fault.Is(err, fault.NotFound) {
		t.Fatalf("another supplier's bundle: %v", err)
	}
	_, err = s.serve.Withdraw(s.as(signatory(3)), s.tenders[3], 0)
	must(t, err)
	s.open()
	late, err := s.serve.RegisterInterest(s.as(author(4)), s.id)
	must(t, err)
	if _, err := s.serve.Submit(s.as(signatory(4)), late.ID, 0, nil); fault.RuleOf(err) != "tender.late" {
		t.Fatalf("late tender: %v", err)
	}
	attempts, err := s.serve.LateAttempts(s.as(lead), s.id)
	must(t, err)
	if len(attempts) != 1 || attempts[0].Reason != "late" {
		t.Fatalf("late attempts: %+v", attempts)
	}
	s.evaluate(set)
	ranking := s.award()
	for _, r := range ranking {
		t.Logf("%s: %s first of %d with %s", r.Lot.Title, r.Names[r.Result.Ranking[0].Tender], len(r.Names), r.Result.Ranking[0].Total)
	}
	letters, err := s.serve.OwnLetters(s.as(author(1)), s.tenders[1])
	must(t, err)
	if len(letters) != 1 || len(letters[0].Body.Lots) != 2 || letters[0].Body.Lots[0].Winner == "" {
		t.Fatalf("letters: %+v", letters)
	}
	c := s.get()
	contracts, err := s.serve.Contracts(s.as(lead), s.id)
	must(t, err)
	if _, err := s.serve.SignContract(s.as(lead), s.id, contracts[0].ID, calendar.DateOf(s.now()), calendar.DateOf(s.now()), "K-1"); fault.RuleOf(err) != "contract.standstill" {
		t.Fatalf("signed in the standstill: %v", err)
	}
	s.advance(c.State.StandstillUntil.Add(time.Second))
	for i, contract := range contracts {
		day := calendar.DateOf(s.now())
		_, err := s.serve.SignContract(s.as(lead), s.id, contract.ID, day, day, "K-"+string(rune('1'+i)))
		must(t, err)
	}
	if c := s.get(); c.Phase != procurement.Running {
		t.Fatalf("after signing: %s", c.Phase)
	}
	buyer := "avtaleeier." + party.Fold(seed.Participants()[1].Name)
	_, err = s.serve.CallOff(s.as(buyer), s.id, contracts[0].ID, money.Kroner(1_000_000), "B-1")
	must(t, err)
	if _, err := s.serve.CallOff(s.as(buyer), s.id, contracts[0].ID, money.Kroner(4_000_000), "B-2"); fault.RuleOf(err) != "call-off.beyond-cap" {
		t.Fatalf("beyond the cap: %v", err)
	}
	outside := "avtaleeier." + party.Fold(seed.Outside().Name)
	if _, err := s.serve.CallOff(s.as(outside), s.id, contracts[0].ID, money.Kroner(1), "B-3"); fault.RuleOf(err) != "call-off.not-named" {
		t.Fatalf("not named: %v", err)
	}
	r, err := s.serve.Record(s.as(lead), s.id)
	must(t, err)
	if len(r.Items) != 16 || len(r.Approvals) != 2 || r.Names[r.Approvals[0].Identity] == "" || len(r.Tenders) != 3 || len(r.Awards) != 2 || len(r.CallOffs) != 1 {
		t.Fatalf("record: %d items, approvals %+v, names %v, %d tenders, %d awards, %d call-offs", len(r.Items), r.Approvals, r.Names, len(r.Tenders), len(r.Awards), len(r.CallOffs))
	}
	if _, err := s.serve.Notice(s.as(lead), s.id, calendar.Date{}); err != nil {
		t.Fatal(err)
	}
	events, err := s.serve.Events(s.as(author(1)), "", 100)
	must(t, err)
	if len(events) == 0 {
		t.Fatal("the supplier has no events")
	}
}
