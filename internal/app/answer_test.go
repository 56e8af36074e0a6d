package app_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// ofType are the requirements of an answer type.
func (f *filing) ofType(t requirement.AnswerType) []requirement.Requirement {
	f.t.Helper()
	var out []requirement.Requirement
	for _, r := range f.set.Requirements {
		if r.AnswerType == t {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		f.t.Fatalf("no requirement is answered with %s", t)
	}
	return out
}

// save saves one row as a person.
func (f *filing) save(as string, tender uuid.UUID, row app.AnswerRow) app.SavedAnswers {
	f.t.Helper()
	saved, err := f.serve.SaveAnswers(f.as(as), app.AnswersToSave{Tender: tender, Rows: []app.AnswerRow{row}})
	must(f.t, err)
	return saved
}

func text(s string) requirement.Answer {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return requirement.Answer{Value: b}
}

// Several people write at once, on requirements of their own and on a common
// one: what each has been told is saved is there, once.
func TestAuthorsLoseNothingOfEachOther(t *testing.T) {
	t.Parallel()
	f := newFiling(t)
	tender := f.interested()
	const people, turns = 8, 6
	texts := f.ofType(requirement.Text)
	common := texts[0].ID
	var group sync.WaitGroup
	for n := range people {
		group.Go(func() {
			var seen int64
			words, version := "", int64(0)
			for turn := range turns {
				own := texts[1+n%(len(texts)-1)].ID
				if n < len(texts)-1 {
					saved, err := f.serve.SaveAnswers(f.as(author(0)), app.AnswersToSave{Tender: tender, Rows: []app.AnswerRow{{Requirement: own, Version: seen, Answer: text(fmt.Sprint(n, turn))}}})
					if err != nil || len(saved.Problems) > 0 {
						t.Errorf("an own answer was disturbed: %+v %v", saved.Problems, err)
						return
					}
					seen = saved.Saved[0].Version
				}
				mark := fmt.Sprintf("%d-%d ", n, turn)
				for { // read, add, save; again where another was first
					saved, err := f.serve.SaveAnswers(f.as(author(0)), app.AnswersToSave{Tender: tender, Rows: []app.AnswerRow{{Requirement: common, Version: version, Answer: text(words + mark)}}})
					if err != nil {
						t.Error(err)
						return
					}
					if len(saved.Problems) == 0 {
						words, version = words+mark, saved.Saved[0].Version
						break
					}
					if saved.Problems[0].Problem.Rule != "answers.changed" {
						t.Errorf("problem: %v", saved.Problems[0].Problem)
						return
					}
					d, err := f.serve.ReadDraft(f.as(author(0)), tender)
					if err != nil {
						t.Error(err)
						return
					}
					words, version = "", 0
					for _, a := range d.Answers {
						if a.Requirement == common {
							version = a.Version
							if err := json.Unmarshal(a.Value, &words); err != nil {
								t.Error(err)
							}
						}
					}
				}
			}
		})
	}
	group.Wait()
	d, err := f.serve.ReadDraft(f.as(author(0)), tender)
	must(t, err)
	var words string
	must(t, json.Unmarshal(valueOf(d, common), &words))
	for n := range people {
		for turn := range turns {
			if c := strings.Count(words, fmt.Sprintf("%d-%d ", n, turn)); c != 1 {
				t.Errorf("what person %d wrote in turn %d is there %d times", n, turn, c)
			}
		}
	}
}

func TestARowThatIsNotStoredSaysWhy(t *testing.T) {
	t.Parallel()
	f := newFiling(t)
	tender := f.interested()
	yes, free := f.ofType(requirement.Boolean)[0], f.ofType(requirement.Text)[0]
	pub, err := f.serve.PublicProcurement(t.Context(), f.id)
	must(t, err)
	buyer := pub.Notice.Buyers[0].ID
	first := f.save(author(0), tender, app.AnswerRow{Requirement: free.ID, Answer: text("én")})
	version := first.Saved[0].Version
	marked := func(a requirement.Answer, reason string, buyers ...uuid.UUID) requirement.Answer {
		if reason != "" {
			a.Secret = &requirement.Secret{Reason: reason}
		}
		a.Buyers = buyers
		return a
	}
	for name, c := range map[string]struct {
		row         app.AnswerRow
		rule, field string
	}{
		"unknown":           {app.AnswerRow{Requirement: uuid.New(), Answer: text("x")}, "answers.unknown-requirement", "requirement"},
		"nothing was seen":  {app.AnswerRow{Requirement: free.ID, Answer: text("to")}, "answers.changed", "version"},
		"older was seen":    {app.AnswerRow{Requirement: free.ID, Version: version - 1, Answer: text("to")}, "answers.changed", "version"},
		"taken away":        {app.AnswerRow{Requirement: free.ID, Version: version + 1}, "answers.changed", "version"},
		"not JSON":          {app.AnswerRow{Requirement: free.ID, Version: version, Answer: requirement.Answer{Value: []byte(`{`)}}, "answer.unreadable", "value"},
		"not UTF-8":         {app.AnswerRow{Requirement: free.ID, Version: version, Answer: requirement.Answer{Value: []byte("\"\xff\"")}}, "answer.unreadable", "value"},
		"too large":         {app.AnswerRow{Requirement: free.ID, Version: version, Answer: text(strings.Repeat("x", 1<<20))}, "answers.too-large", "value"},
		"short reason":      {app.AnswerRow{Requirement: free.ID, Version: version, Answer: marked(text("to"), "x")}, "answer.secret-reason", "secret.reason"},
		"unreadable reason": {app.AnswerRow{Requirement: free.ID, Version: version, Answer: marked(text("to"), "x\x00xx")}, "answer.secret-reason", "secret.reason"},
		"another's buyer":   {app.AnswerRow{Requirement: free.ID, Version: version, Answer: marked(text("to"), "", buyer, uuid.New())}, "answer.buyer-unknown", "buyers[1]"},
		"buyer twice":       {app.AnswerRow{Requirement: free.ID, Version: version, Answer: marked(text("to"), "", buyer, buyer)}, "answer.buyer-repeated", "buyers[1]"},
		"mark alone":        {app.AnswerRow{Requirement: free.ID, Version: version, Answer: marked(requirement.Answer{}, "Egen metode")}, "answer.mark-without-answer", "value"},
		"file that is not":  {app.AnswerRow{Requirement: f.document, Answer: requirement.Answer{Value: []byte(`[{"name":"x.pdf","file":"` + uuid.NewString() + `"}]`)}}, "attachment.unknown", "value[0].file"},
	} {
		saved, err := f.serve.SaveAnswers(f.as(author(0)), app.AnswersToSave{Tender: tender, Rows: []app.AnswerRow{c.row, {Requirement: yes.ID, Version: app.AnyVersion, Answer: requirement.Answer{Value: []byte(`"` + name + `"`)}}, {Requirement: yes.ID}}})
		must(t, err)
		if len(saved.Problems) != 2 || saved.Problems[0].Row != 0 || saved.Problems[0].Problem.Rule != c.rule || saved.Problems[0].Problem.Field != c.field || saved.Problems[1].Problem.Rule != "answers.repeated" {
			t.Errorf("%s: %+v", name, saved.Problems)
			continue
		}
		if p := saved.Problems[0]; c.rule == "answers.changed" && (p.Version != version || p.Number != free.Number) {
			t.Errorf("%s: version %d of %q", name, p.Version, p.Number)
		}
		if len(saved.Saved) != 1 || !slices.Contains(saved.Summary.Invalid, yes.ID) {
			t.Errorf("%s: the good row is %+v, invalid %v", name, saved.Saved, saved.Summary.Invalid)
		}
	}
	// The same content again is no conflict and no change, whoever saw what.
	again := f.save(signatory(0), tender, app.AnswerRow{Requirement: free.ID, Answer: requirement.Answer{Value: []byte(` "én" `)}})
	if len(again.Problems) > 0 || again.Saved[0].Version != version {
		t.Errorf("the same again: %+v", again)
	}
	stale, err := f.serve.SaveAnswers(f.as(author(0)), app.AnswersToSave{Tender: tender, Expected: 1, Rows: []app.AnswerRow{{Requirement: free.ID, Answer: text("x")}}})
	if fault.RuleOf(err) != "case.version" {
		t.Errorf("on an older version of the tender: %+v %v", stale, err)
	}
	d, err := f.serve.ReadDraft(f.as(author(0)), tender)
	must(t, err)
	for _, a := range d.Answers {
		if a.SavedBy == nil || a.SavedBy.Name == "" || a.SavedAt.IsZero() {
			t.Errorf("saved by %+v at %v", a.SavedBy, a.SavedAt)
		}
	}
}

// What a supplier previews is what the team reads after the opening, with every
// mark; the public version has nothing of what is marked.
func TestWhatIsPreviewedIsWhatIsOpened(t *testing.T) {
	t.Parallel()
	const secret = "HEMMELIG-4711"
	f := newFiling(t)
	tender := f.interested()
	pub, err := f.serve.PublicProcurement(t.Context(), f.id)
	must(t, err)
	rows := app.Unmarked(demo.Answers(0, f.set))
	marked := 0
	for i := range rows {
		r, _ := f.set.Requirement(rows[i].Requirement)
		switch {
		case r.AnswerType == requirement.Text:
			rows[i].Answer = text(secret)
			rows[i].Secret = &requirement.Secret{Reason: "Egen metode"}
			marked++
		case r.AnswerType == requirement.PriceSchedule:
			var s requirement.Schedule
			must(t, json.Unmarshal(rows[i].Value, &s))
			s.Prices[0].UnitPrice = 471_147_11
			rows[i].Value, err = json.Marshal(s)
			must(t, err)
			rows[i].Secret = &requirement.Secret{Reason: "Prisstrategi"}
			marked++
		case i%3 == 0:
			rows[i].Buyers = []uuid.UUID{pub.Notice.Buyers[0].ID}
		}
	}
	saved, err := f.serve.SaveAnswers(f.as(author(0)), app.AnswersToSave{Tender: tender, Rows: rows, Declaration: declaration()})
	must(t, err)
	if len(saved.Problems) > 0 || !saved.Summary.Complete() || len(saved.Summary.Secret) == 0 || len(saved.Summary.Partial) == 0 || len(saved.Summary.Warnings) <= len(saved.Summary.Partial) {
		t.Fatalf("saved: %+v %+v", saved.Problems, saved.Summary)
	}
	for _, name := range []string{secret + ".pdf", "apen.pdf"} {
		file, err := f.put(attached(tender, f.document, name))
		must(t, err)
		if name != "apen.pdf" {
			reason := &requirement.Secret{Reason: "Kundeliste"}
			first, err := f.serve.MarkAttachment(f.as(author(0)), tender, file.ID, file.Version, reason)
			must(t, err)
			if again, err := f.serve.MarkAttachment(f.as(author(0)), tender, file.ID, 0, reason); err != nil || again.Version != first.Version || first.Version != file.Version+1 {
				t.Errorf("marked twice: %+v %v", again, err)
			}
		}
	}
	before, err := f.serve.PreviewTender(f.as(author(0)), tender, false, f.lots)
	must(t, err)
	f.submit(tender)
	standing, err := f.serve.PreviewTender(f.as(author(0)), tender, true, nil)
	must(t, err)
	f.open()
	evaluator := f.as("evaluerer-1.bodo")
	raw, err := f.serve.OpenedAnswers(evaluator, f.id, tender)
	must(t, err)
	opened := map[uuid.UUID]app.OpenedAnswer{}
	must(t, json.Unmarshal(raw, &opened))
	files, err := f.serve.OpenedAttachments(evaluator, f.id, tender)
	must(t, err)
	for name, p := range map[string]app.TenderPreview{"draft": before, "submission": standing} {
		if a, b := asText(t, p.Content.Answers), asText(t, opened); a != b {
			t.Errorf("of the %s was previewed\n%s\nand opened was\n%s", name, a, b)
		}
		if a, b := asText(t, p.Content.Files), asText(t, files); a != b {
			t.Errorf("of the %s were previewed\n%s\nand opened were\n%s", name, a, b)
		}
	}
	if standing.Submission != 1 || before.Submission != 0 || before.Tender.Standing() != app.NotSubmitted || standing.Tender.Standing() != app.SubmittedAsWritten {
		t.Errorf("previewed %d of %s and %d of %s", before.Submission, before.Tender.Standing(), standing.Submission, standing.Tender.Standing())
	}
	own, _, err := f.serve.OwnPublicVersion(f.as(author(0)), tender, true, nil)
	must(t, err)
	theirs, err := f.serve.OpenedPublicVersion(evaluator, f.id, tender)
	must(t, err)
	for name, v := range map[string]app.PublicVersion{"supplier": own, "team": theirs} {
		shown := asText(t, v.Answers) + asText(t, v.Files) + asText(t, v.Withheld)
		if strings.Contains(shown, secret) || strings.Contains(shown, "471147") {
			t.Errorf("the %s's public version shows what is marked: %s", name, shown)
		}
		if len(v.Withheld) != marked+1 || len(v.Files) != 1 || len(v.Answers) != len(opened)-marked {
			t.Errorf("the %s's public version withholds %+v of %d answers and has %d files", name, v.Withheld, len(opened), len(v.Files))
		}
	}
}

func asText(t *testing.T, v any) string {
	t.Helper()
	var normal any
	b, err := json.Marshal(v)
	must(t, err)
	must(t, json.Unmarshal(b, &normal))
	b, err = json.Marshal(normal)
	must(t, err)
	return string(b)
}
