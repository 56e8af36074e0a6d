package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

const reason = "Viser hvordan metoden er bygget"

// markAnswers marks one answer of a draft as a business secret and one as
// covering one buyer, and looks at the draft as the buyer will see it.
func (s *story) markAnswers(i int, path string, buyer uuid.UUID) {
	s.t.Helper()
	draft := as[api.Draft](s.do(call{As: author(i), Method: "GET", Path: path + "/draft"}))
	secret, partial := draft.Answers[0], draft.Answers[1]
	row := func(a api.DraftAnswer, m api.Marks) api.AnswerRow {
		value, err := json.Marshal(a.Value)
		must(s.t, err)
		return api.AnswerRow{Requirement: a.Requirement.String(), Version: a.Version, Value: value, Marks: m}
	}
	save := call{As: author(i), Method: "POST", Path: path + "/answers", Headers: map[string]string{"Idempotency-Key": "marks of " + path, "Accept-Language": "nn"}, Body: api.Answers{Answers: []api.AnswerRow{
		row(secret, api.Marks{Secret: &requirement.Secret{Reason: reason}}), row(partial, api.Marks{Buyers: []uuid.UUID{buyer}}),
		{Requirement: "krav 1", Value: json.RawMessage("true")}, row(partial, api.Marks{}),
	}}}
	first := s.do(save)
	saved := as[api.AnswersSaved](first)
	if len(saved.Saved) != 2 || !slices.Equal(saved.Summary.Secret, []uuid.UUID{secret.Requirement}) || !slices.Equal(saved.Summary.Partial, []uuid.UUID{partial.Requirement}) ||
		len(saved.Summary.Warnings) != 1 || saved.Summary.Warnings[0].Title != "Svaret gjeld ikkje alle kjøparane" {
		s.t.Errorf("saved: %+v %+v", saved, saved.Summary)
	}
	for n, want := range []struct{ rule, field string }{{"answers.unknown-requirement", "answers[2].requirement"}, {"answers.repeated", "answers[3].requirement"}} {
		if n >= len(saved.Problems) || saved.Problems[n].Rule != want.rule || saved.Problems[n].Field != want.field || saved.Problems[n].Title == "" {
			s.t.Errorf("problems: %+v", saved.Problems)
		}
	}
	// The program ends before the answer is kept: what the transaction kept is
	// the answer.
	s.db.Exec(dbtest.Super, `DELETE FROM idempotency WHERE operation = 'saveAnswers' AND key = $1`, "marks of "+path)
	again := s.do(save)
	kept := as[api.AnswersSaved](again)
	if again.Header.Get("Idempotency-Replayed") != "true" || again.Header.Get("ETag") != first.Header.Get("ETag") || !slices.Equal(kept.Saved, saved.Saved) || len(kept.Problems) != 2 || kept.Summary != nil {
		s.t.Errorf("repeated: %v %s", again.Header, again.Body)
	}
	complete := as[api.Completeness](s.do(call{As: author(i), Method: "GET", Path: path + "/completeness"}))
	if !slices.Equal(complete.Summary.Secret, saved.Summary.Secret) || len(complete.Summary.Answered) != len(saved.Summary.Answered) || complete.Tender.Standing.State != "not-submitted" ||
		!strings.Contains(complete.Tender.Standing.Text, "IKKE levert") {
		s.t.Errorf("complete: %+v", complete)
	}
	s.reviewEachOther(i, path, secret.Requirement)
	seen := as[api.Preview](s.do(call{As: author(i), Method: "GET", Path: path + "/preview"}))
	if len(seen.Answers) != len(draft.Answers) || seen.Answers[secret.Requirement].Secret.Reason != reason || len(seen.Declaration) == 0 {
		s.t.Errorf("previewed: %+v", seen)
	}
	s.do(call{As: author(i), Method: "GET", Path: path + "/preview?of=submission"}).refused(http.StatusConflict, "tender.not-submitted", "")
	s.do(call{As: author(i), Method: "GET", Path: path + "/preview?lots=" + uuid.NewString()}).refused(http.StatusUnprocessableEntity, "tender.unknown-lot", "lots[0]")
	if cells := s.workbook(call{As: author(i), Method: "GET", Path: path + "/preview/file"}, "Svar"); !strings.Contains(cells, reason) {
		s.t.Error("the preview's workbook does not show the mark")
	}
	s.publicVersion(call{As: author(i), Method: "GET", Path: path + "/public-version"}, secret.Requirement)
}

// reviewEachOther has an answer assigned, sent back, written anew and reviewed.
func (s *story) reviewEachOther(i int, path string, id uuid.UUID) {
	s.t.Helper()
	read := func() (api.Draft, api.DraftAnswer) {
		d := as[api.Draft](s.do(call{As: author(i), Method: "GET", Path: path + "/draft"}))
		return d, d.Answers[slices.IndexFunc(d.Answers, func(a api.DraftAnswer) bool { return a.Requirement == id })]
	}
	note := func(who string, version int64, kind app.NoteKind, comment string) api.Noted {
		return as[api.Noted](s.do(call{As: who, Method: "POST", Path: path + "/notes", Body: api.NewNotes{Notes: []api.NewNote{{Requirement: id, Version: version, Kind: kind, Comment: comment}}}}))
	}
	_, a := read()
	assignee := a.SavedBy.ID
	given := as[api.OfTender[api.Assignment]](s.do(call{As: signatory(i), Method: "POST", Path: path + "/assignments", Body: api.NewAssignments{Assignments: []api.NewAssignment{{Requirement: id, Assignee: &assignee}}}}))
	if len(given.Items) != 1 || given.Items[0].Assignee.Name == "" {
		s.t.Errorf("assigned: %+v", given)
	}
	stranger := uuid.New()
	s.do(call{As: signatory(i), Method: "POST", Path: path + "/assignments", Body: api.NewAssignments{Assignments: []api.NewAssignment{{Requirement: id, Assignee: &stranger}}}}).refused(http.StatusUnprocessableEntity, "assignment.unknown-person", "assignments[0].assignee")
	for rule, refused := range map[string]api.Noted{
		"review.own-answer":    note(author(i), a.Version, app.NoteReviewed, ""),
		"review.other-version": note(signatory(i), a.Version+1, app.NoteReviewed, ""),
		"review.comment":       note(signatory(i), a.Version, app.NoteReturned, " "),
	} {
		if refused.Noted != 0 || len(refused.Problems) != 1 || refused.Problems[0].Rule != rule || refused.Problems[0].Title == "" {
			s.t.Errorf("%s: %+v", rule, refused)
		}
	}
	if sent := note(signatory(i), a.Version, app.NoteReturned, "Skriv om målingene, "+marked); sent.Noted != 1 {
		s.t.Errorf("sent back: %+v", sent)
	}
	d, a := read()
	if a.Review == nil || a.Review.State != app.ReturnedAsIs || a.Review.By == nil || d.Reviews.Returned != 1 || d.Reviews.Unreviewed != len(d.Answers)-1 {
		s.t.Errorf("sent back: %+v of %+v", a.Review, d.Reviews)
	}
	if where := s.tablesWith(marked); len(where) > 0 {
		s.t.Errorf("a comment lies readable in %q", where)
	}
	value, err := json.Marshal(a.Value)
	must(s.t, err)
	again := api.AnswerRow{Requirement: id.String(), Version: a.Version, Value: value, Marks: api.Marks{Secret: &requirement.Secret{Reason: reason + "."}}}
	version := as[api.AnswersSaved](s.do(call{As: author(i), Method: "POST", Path: path + "/answers", Body: api.Answers{Answers: []api.AnswerRow{again}}})).Saved[0].Version
	if _, a := read(); a.Review.State != app.ReviewOutdated {
		s.t.Errorf("written anew: %+v", a.Review)
	}
	note(signatory(i), version, app.NoteReviewed, "")
	again.Version, again.Secret.Reason = version, reason
	c := as[api.Completeness](s.do(call{As: author(i), Method: "GET", Path: path + "/completeness"}))
	if c.Reviews == nil || c.Reviews.Reviewed != 1 || c.Reviews.Returned != 0 || c.Reviews.Unreviewed != len(d.Answers)-1 {
		s.t.Errorf("reviewed: %+v", c.Reviews)
	}
	as[api.AnswersSaved](s.do(call{As: author(i), Method: "POST", Path: path + "/answers", Body: api.Answers{Answers: []api.AnswerRow{again}}}))
	thread := as[api.OfTender[api.AnswerNote]](s.do(call{As: author(i), Method: "GET", Path: path + "/notes?requirement=" + id.String()}))
	if len(thread.Items) != 2 || thread.Items[0].Comment != "Skriv om målingene, "+marked || thread.Items[0].By == nil || thread.Items[1].Kind != app.NoteReviewed {
		s.t.Errorf("the thread: %+v", thread)
	}
}

// publicVersion reads a public version, and the same as a workbook.
func (s *story) publicVersion(c call, secret uuid.UUID) {
	s.t.Helper()
	v := as[api.PublicVersion](s.do(c))
	if a := v.Answers[secret]; a.Value != nil || a.Withheld == "" || !slices.ContainsFunc(v.Withheld, func(w requirement.Withheld) bool { return w.Requirement == secret && w.Reason == reason }) {
		s.t.Errorf("withheld: %+v of %+v", v.Withheld, a)
	}
	c.Path += "/file"
	if s.workbook(c, "Unntatt"); !strings.Contains(s.workbook(c, "Unntatt"), reason) || !strings.Contains(s.workbook(c, "Svar"), "Unntatt") {
		s.t.Error("the public version's workbook does not tell what is withheld")
	}
}

// openedPublicly reads the public versions of opened tenders, of which the first
// supplier's has marks.
func (s *story) openedPublicly(subject string, tenders []api.OpenedTender) {
	s.t.Helper()
	found := false
	for _, t := range tenders {
		path := s.path + "/tenders/" + t.ID.String()
		answers := as[map[uuid.UUID]api.OpenedAnswer](s.do(call{As: subject, Method: "GET", Path: path + "/answers"}))
		for id, a := range answers {
			if a.Secret != nil {
				found = true
				s.publicVersion(call{As: subject, Method: "GET", Path: path + "/public-version"}, id)
			}
		}
	}
	if !found {
		s.t.Error("no opened answer is marked")
	}
}

// workbook gives the texts of a sheet.
func (s *story) workbook(c call, sheet string) string {
	s.t.Helper()
	a := s.do(c)
	if a.Status != http.StatusOK || a.Header.Get("Content-Type") != workbookType {
		s.t.Fatalf("%s: %d %s", c.Path, a.Status, a.Body)
	}
	f, err := excelize.OpenReader(bytes.NewReader(a.Body))
	must(s.t, err)
	defer f.Close()
	rows, err := f.GetRows(sheet)
	must(s.t, err)
	return strings.Join(slices.Concat(rows...), "\n")
}

// TestEveryStatusSaysWhetherTheTenderIsSubmitted follows a tender from interest
// to withdrawal and reads every answer about it on the way.
func TestEveryStatusSaysWhetherTheTenderIsSubmitted(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.specify()
	s.mandates()
	s.publish()
	tender := s.tender(0)
	path := "/tenders/" + tender.String()
	reads := []string{path, path + "/draft", path + "/completeness", path + "/preview", path + "/public-version", path + "/attachments", path + "/receipts", "/tenders"}
	check := func(state, words string) {
		t.Helper()
		for _, read := range reads {
			if body := string(s.do(call{As: author(0), Method: "GET", Path: read, Headers: map[string]string{"Accept-Language": "en"}}).Body); !strings.Contains(body, `"state":"`+state+`"`) || !strings.Contains(body, words) {
				t.Errorf("%s does not say %q: %.300s", read, words, body)
			}
		}
	}
	check("submitted", "The tender is submitted: submission 1, received")
	draft := as[api.Draft](s.do(call{As: author(0), Method: "GET", Path: path + "/draft"}))
	value, err := json.Marshal(draft.Answers[0].Value)
	must(t, err)
	again := []api.AnswerRow{{Requirement: draft.Answers[0].Requirement.String(), Version: draft.Answers[0].Version, Value: value}}
	saved := as[api.AnswersSaved](s.do(call{As: author(0), Method: "POST", Path: path + "/answers", Body: api.Answers{Answers: again}}))
	if saved.Tender.Standing.State != "submitted-before-draft" || !saved.Tender.Standing.Submitted || saved.Tender.Standing.Submission != 1 || saved.Tender.Standing.ReceivedAt == nil {
		t.Errorf("a save says %+v", saved.Tender.Standing)
	}
	check("submitted-before-draft", "There is a newer draft that is NOT submitted. Submission 1, received")
	as[api.Tender](s.do(call{As: signatory(0), Method: "POST", Path: path + "/withdrawal", Headers: map[string]string{"If-Match": "*"}}))
	check("withdrawn", "nothing is submitted")
}
