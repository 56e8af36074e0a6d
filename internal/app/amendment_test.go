package app_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// amend changes the draft of an amendment, which it begins where there is none.
func (s *story) amend(change func(*requirement.Set)) app.Amendment {
	s.t.Helper()
	if _, err := s.serve.BeginAmendment(s.as(lead), s.id, nil); err != nil && fault.RuleOf(err) != "amendment.begun" {
		s.t.Fatal(err)
	}
	draft, err := s.serve.Requirements(s.as(lead), s.id)
	must(s.t, err)
	change(&draft.Set)
	_, err = s.serve.PutRequirements(s.as(lead), s.id, draft.Edit, draft.Set)
	must(s.t, err)
	m, err := s.serve.Amendment(s.as(lead), s.id)
	must(s.t, err)
	return m
}

// ofLot finds a requirement of one lot that is answered with a text and weighs
// nothing but what it did.
func ofLot(t *testing.T, set requirement.Set, lot uuid.UUID) int {
	t.Helper()
	i := slices.IndexFunc(set.Requirements, func(r requirement.Requirement) bool {
		return len(r.Lots) == 1 && r.Lots[0] == lot && r.AnswerType != requirement.NoAnswer && r.Part() == requirement.Quality && r.Mandatory && r.Condition == nil
	})
	if i < 0 {
		t.Fatal("no requirement of the lot")
	}
	return i
}

// An amendment is published with a later deadline; of two suppliers who stand
// only the one whose answers it touches is asked, and what nobody confirms is
// opened and shown as such.
func TestAnAmendmentFromDraftToOpening(t *testing.T) {
	t.Parallel()
	s := published(t)
	pub, err := s.serve.PublicProcurement(t.Context(), s.id)
	must(t, err)
	lots := []uuid.UUID{pub.Notice.Plan.Lots[0].ID, pub.Notice.Plan.Lots[1].ID}
	all := s.rivals(4)
	touched, forgets, untouched, drafting := all[0], all[1], all[2], all[3]
	for _, r := range []rival{touched, forgets} {
		_, err := s.serve.Submit(r.ctx, r.tender, r.version, lots)
		must(t, err)
	}
	notTendered := requirement.Values{}
	for _, r := range pub.Requirements.Requirements {
		if slices.Equal(r.Lots, lots[1:]) {
			notTendered[r.ID] = json.RawMessage("null")
		}
	}
	_, err = s.serve.SaveAnswers(untouched.ctx, written(untouched.tender, notTendered, nil))
	must(t, err)
	_, err = s.serve.Submit(untouched.ctx, untouched.tender, 0, lots[:1])
	must(t, err)

	// Written beside what is published, by whom it is not seen.
	before := s.get()
	i := ofLot(t, pub.Requirements, lots[1])
	changed := pub.Requirements.Requirements[i].ID
	added := requirement.Requirement{ID: uuid.New(), Number: "99.1", Text: "Beskriv beredskapen", Kind: requirement.Absolute, AnswerType: requirement.Text, Mandatory: true, Lots: lots[1:]}
	m := s.amend(func(set *requirement.Set) {
		at := slices.IndexFunc(set.Requirements, func(r requirement.Requirement) bool { return r.ID == changed })
		set.Requirements[at].Text += " Svaret skal også dekke helger."
		set.Requirements = append(set.Requirements, added)
	})
	if len(m.Difference.Added) != 1 || len(m.Difference.Changed) != 1 || !m.Difference.Changed[0].Touches {
		t.Fatalf("difference: %+v", m.Difference)
	}
	if now, err := s.serve.PublicProcurement(t.Context(), s.id); err != nil || now.SetVersion != pub.SetVersion || len(now.Requirements.Requirements) != len(pub.Requirements.Requirements) {
		t.Fatalf("the draft shows: %v", err)
	}
	review, err := s.serve.ReviewAmendment(s.as(lead), s.id, time.Time{})
	must(t, err)
	if len(review.Refusals) > 0 || !review.Material || review.Days < 3 || !review.Proposed.After(before.Plan.TenderDeadline) || len(review.Touching) != 2 {
		t.Fatalf("review: %+v", review)
	}
	doc, err := s.serve.AddDocument(s.as(lead), s.id, app.Document{Kind: "annex", Name: "presisering.md", MediaType: "text/markdown", Content: []byte("# Presisering")})
	must(t, err)
	_, err = s.serve.PublicDocument(t.Context(), s.id, doc.ID)
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("a file of the draft is public: %v", err)
	}
	s.done(s.serve.PublishAmendment(s.as(lead), s.id, before.Version, app.NewVersion{Reason: "Beredskap ble uteglemt.", Edit: m.Edit}))

	after := s.get()
	if !after.Plan.TenderDeadline.Equal(review.Proposed) || after.State.SetVersion != m.Version || after.Phase != procurement.Tendering {
		t.Fatalf("after: %s, version %d", after.Plan.TenderDeadline, after.State.SetVersion)
	}
	now, err := s.serve.PublicProcurement(t.Context(), s.id)
	must(t, err)
	if now.SetVersion != m.Version || !now.Deadline.Equal(review.Proposed) || !now.Notice.Plan.TenderDeadline.Equal(review.Proposed) || len(now.Documents) != 4 || now.Changes[len(now.Changes)-1].Kind != "procurement.amended" {
		t.Fatalf("public: version %d, deadline %s, %d files, %+v", now.SetVersion, now.Deadline, len(now.Documents), now.Changes)
	}
	versions, err := s.serve.PublishedVersions(t.Context(), s.id)
	must(t, err)
	if len(versions) != 2 || versions[1].Amendment == nil || len(versions[1].Amendment.Difference.Added) != 1 || versions[1].Amendment.FilesAdded[0] != doc.Name {
		t.Fatalf("versions: %+v", versions)
	}
	var told int
	must(t, s.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT count(*) FROM notifications WHERE kind = 'procurement.amended' AND org_id IN (SELECT supplier_org FROM tenders)`).Scan(&told))
	if told != 4 {
		t.Errorf("%d of 4 suppliers told", told)
	}

	for name, want := range map[string]struct {
		r     rival
		state procurement.Confirmation
	}{"touched": {touched, procurement.Unconfirmed}, "forgets": {forgets, procurement.Unconfirmed}, "untouched": {untouched, procurement.Untouched}} {
		c, err := s.serve.ChangesSince(want.r.ctx, want.r.tender)
		must(t, err)
		if c.Amended == nil || c.Amended.State() != want.state || !c.Submitted() {
			t.Errorf("%s: %+v", name, c.Amended)
		}
	}
	// The draft tells what of it is touched, and what is new.
	c, err := s.serve.ChangesSince(drafting.ctx, drafting.tender)
	must(t, err)
	if c.Amended != nil || !slices.Equal(c.Touched, []uuid.UUID{changed}) || !slices.Equal(c.New, []uuid.UUID{added.ID}) || c.From != pub.SetVersion {
		t.Errorf("the draft: %+v", c)
	}
	d, err := s.serve.ReadDraft(drafting.ctx, drafting.tender)
	must(t, err)
	if !slices.Contains(d.Summary.Missing, added.ID) {
		t.Error("the summary is of the older version")
	}
	_, err = s.serve.SaveAnswers(drafting.ctx, written(drafting.tender, requirement.Values{added.ID: json.RawMessage(`"Døgnvakt"`)}, nil))
	must(t, err)
	if _, err := s.serve.Submit(drafting.ctx, drafting.tender, 0, lots); fault.RuleOf(err) != "tender.amended-since" {
		t.Fatalf("answers of the older version are handed in: %v", err)
	}
	_, err = s.serve.SubmitUnder(drafting.ctx, drafting.tender, 0, lots, m.Version)
	must(t, err)

	if _, err := s.serve.ConfirmTender(untouched.ctx, untouched.tender, 0, m.Version); fault.RuleOf(err) != "amendment.nothing-to-confirm" {
		t.Errorf("confirmed without being asked: %v", err)
	}
	if _, err := s.serve.ConfirmTender(touched.ctx, touched.tender, 0, pub.SetVersion); !fault.Is(err, fault.Stale) {
		t.Errorf("confirmed for the older version: %v", err)
	}
	confirmed, err := s.serve.ConfirmTender(touched.ctx, touched.tender, 0, m.Version)
	must(t, err)
	var record seal.SignedConfirmation
	must(t, json.Unmarshal(confirmed.Record, &record))
	must(t, s.serve.Signing.PublicKeys().VerifyConfirmation(record))
	if confirmed.Amended.State() != procurement.Confirmed || record.Confirmation.SetVersion != m.Version {
		t.Errorf("confirmed: %+v", confirmed)
	}
	if _, err := s.serve.ConfirmTender(touched.ctx, touched.tender, 0, m.Version); fault.RuleOf(err) != "amendment.nothing-to-confirm" {
		t.Errorf("confirmed twice: %v", err)
	}

	s.open()
	opened, err := s.serve.OpenedTenders(s.as("evaluerer-1.bodo"), s.id)
	must(t, err)
	want := map[uuid.UUID]procurement.Confirmation{touched.tender: procurement.Confirmed, forgets.tender: procurement.Unconfirmed, untouched.tender: procurement.Untouched, drafting.tender: procurement.Current}
	if len(opened) != len(want) {
		t.Fatalf("%d tenders opened", len(opened))
	}
	for _, o := range opened {
		if o.Standing.State() != want[o.ID] {
			t.Errorf("%s is %s, want %s", o.ID, o.Standing.State(), want[o.ID])
		}
		if o.ID == forgets.tender && (!slices.Equal(o.Missing, []uuid.UUID{added.ID}) || !slices.Contains(o.Standing.Touched, changed)) {
			t.Errorf("what it lacks: %+v", o)
		}
	}
}

// A requirement that is taken out leaves the answers to it where they are: in a
// draft they are shown and no longer handed in, and what was submitted is opened
// with them.
func TestAnAmendmentTakesARequirementOut(t *testing.T) {
	t.Parallel()
	s := published(t)
	pub, err := s.serve.PublicProcurement(t.Context(), s.id)
	must(t, err)
	lots := []uuid.UUID{pub.Notice.Plan.Lots[0].ID, pub.Notice.Plan.Lots[1].ID}
	all := s.rivals(2)
	standing, replacing := all[0], all[1]
	for _, r := range all {
		_, err := s.serve.Submit(r.ctx, r.tender, r.version, lots)
		must(t, err)
	}
	out := slices.IndexFunc(pub.Requirements.Requirements, func(r requirement.Requirement) bool {
		return r.AnswerType != requirement.NoAnswer && r.Weight == 0 && r.Part() == requirement.Quality && r.Condition == nil && len(demo.Answers(0, pub.Requirements)[r.ID]) > 0 &&
			!slices.ContainsFunc(pub.Requirements.Requirements, func(o requirement.Requirement) bool {
				return o.Condition != nil && slices.ContainsFunc(o.Condition.AnyOf, func(c requirement.Clause) bool { return c.Requirement == r.ID })
			})
	})
	gone := pub.Requirements.Requirements[out].ID
	s.amend(func(set *requirement.Set) {
		set.Requirements = slices.DeleteFunc(set.Requirements, func(r requirement.Requirement) bool { return r.ID == gone })
		for i := range set.Requirements {
			set.Requirements[i].References = slices.DeleteFunc(set.Requirements[i].References, func(r requirement.Reference) bool { return r.Requirement == gone })
		}
	})
	s.done(s.serve.PublishAmendment(s.as(lead), s.id, 0, app.NewVersion{Reason: "Kravet var tatt med ved en feil."}))
	other := declaration()
	other.Technical = "Fire tilsvarende leveranser"
	_, err = s.serve.SaveAnswers(replacing.ctx, written(replacing.tender, nil, other))
	must(t, err)
	d, err := s.serve.ReadDraft(replacing.ctx, replacing.tender)
	must(t, err)
	if len(valueOf(d, gone)) > 0 || !d.Summary.Complete() {
		t.Fatalf("the replacement: %+v", d.Summary)
	}
	_, err = s.serve.SubmitUnder(replacing.ctx, replacing.tender, 0, lots, 0)
	if err != nil && fault.RuleOf(err) == "tender.amended-since" {
		_, err = s.serve.SubmitUnder(replacing.ctx, replacing.tender, 0, lots, s.get().State.SetVersion)
	}
	must(t, err)
	s.open()
	for _, r := range all {
		answers, err := s.serve.OpenedAnswers(s.as("evaluerer-1.bodo"), s.id, r.tender)
		must(t, err)
		var by map[uuid.UUID]json.RawMessage
		must(t, json.Unmarshal(answers, &by))
		if _, has := by[gone]; has != (r.tender == standing.tender) {
			t.Errorf("%s: the answer to what was taken out is there: %t", r.tender, has)
		}
	}
	matrix, err := s.serve.AnswerMatrix(s.as("evaluerer-1.bodo"), s.id)
	must(t, err)
	book, err := excelize.OpenReader(bytes.NewReader(matrix))
	must(t, err)
	rows, err := book.GetRows("Svar")
	must(t, err)
	if last := rows[len(rows)-1]; !strings.HasSuffix(last[0], "(utgått)") {
		t.Errorf("the matrix ends with %q", last[0])
	}
	if head := strings.Join(rows[2], "|"); strings.Count(head, "ikke bekreftet, svarer på versjon") != 1 {
		t.Errorf("the matrix is headed %q", head)
	}
}

// A draft of an amendment holds up nothing: it can be discarded, and closing
// discards it. Nothing that was announced for the evaluation can be published
// with it.
func TestADraftAmendmentThatIsNeverPublished(t *testing.T) {
	t.Parallel()
	s := published(t)
	if _, err := s.serve.PutRequirements(s.as(lead), s.id, 0, requirement.Set{}); fault.RuleOf(err) != "requirement-set.locked" {
		t.Fatalf("written without an amendment: %v", err)
	}
	first := s.amend(func(set *requirement.Set) { set.Criteria[0].Name += " x"; set.Title += " x" })
	c, err := s.serve.PublishAmendment(s.as(lead), s.id, 0, app.NewVersion{Reason: "x"})
	must(t, err)
	if c.State != app.CommandRefused || !slices.ContainsFunc(c.Fault.All(), func(f *fault.Error) bool { return f.Rule == "amendment.criteria" && f.Paragraph == "FOA § 18-1" }) {
		t.Fatalf("criteria changed: %s %v", c.State, c.Err())
	}
	if err := s.serve.DiscardAmendment(s.as(lead), s.id, first.Edit-1); !fault.Is(err, fault.Stale) {
		t.Errorf("discarded on an older edit: %v", err)
	}
	must(t, s.serve.DiscardAmendment(s.as(lead), s.id, first.Edit))
	if _, err := s.serve.Amendment(s.as(lead), s.id); !fault.Is(err, fault.NotFound) {
		t.Errorf("after discarding: %v", err)
	}
	doc := s.get()
	files, err := s.serve.Documents(s.as(lead), s.id)
	must(t, err)
	second := s.amend(func(set *requirement.Set) { set.Title += " y" })
	if second.Edit <= first.Edit || second.Version <= first.Version {
		t.Errorf("edit %d after %d, version %d after %d", second.Edit, first.Edit, second.Version, first.Version)
	}
	must(t, s.serve.RemoveDocument(s.as(lead), s.id, files[0].ID))
	if now, err := s.serve.Documents(s.as(lead), s.id); err != nil || len(now) != len(files)-1 {
		t.Errorf("%d of %d files after one is taken out: %v", len(now), len(files), err)
	}
	s.advance(doc.Plan.TenderDeadline.Add(6 * time.Second))
	versions, err := s.serve.SetVersions(s.as(lead), s.id)
	must(t, err)
	var states []string
	for _, v := range versions {
		states = append(states, v.State)
	}
	if !slices.Equal(states, []string{"locked", "discarded", "discarded"}) {
		t.Errorf("versions are %v", states)
	}
	if now, err := s.serve.Documents(s.as(lead), s.id); err != nil || len(now) != len(files) {
		t.Errorf("%d of %d files after closing: %v", len(now), len(files), err)
	}
	if _, err := s.serve.BeginAmendment(s.as(lead), s.id, nil); err == nil {
		t.Error("begun after closing")
	}
}
