package app_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func TestWhatIsNotTakenAsAFile(t *testing.T) {
	t.Parallel()
	f := newFiling(t)
	f.configure(func(c *app.Config) {
		c.AttachmentLimits = app.DefaultAttachmentLimits()
		c.AttachmentLimits.File, c.AttachmentLimits.Tender, c.AttachmentLimits.Count = 1000, 1500, 2
	})
	tender := f.interested()
	var text uuid.UUID
	for _, r := range f.set.Requirements {
		if r.AnswerType == requirement.Text {
			text = r.ID
		}
	}
	digest := sha256.Sum256(pdf("x"))
	there, err := f.put(app.NewAttachment{Tender: tender, Name: "x.pdf", Size: -1, Content: bytes.NewReader(append(pdf("x"), make([]byte, 800)...))})
	must(t, err)
	before := len(f.stored())
	for name, c := range map[string]struct {
		change func(*app.NewAttachment)
		rule   string
	}{
		"a program":              {func(n *app.NewAttachment) { n.Name = "x.exe" }, "attachment.type-not-allowed"},
		"macros":                 {func(n *app.NewAttachment) { n.Name = "x.docm" }, "attachment.type-not-allowed"},
		"a zip, unless allowed":  {func(n *app.NewAttachment) { n.Name = "x.zip" }, "attachment.type-not-allowed"},
		"a page":                 {func(n *app.NewAttachment) { n.Name = "x.pdf.html" }, "attachment.type-not-allowed"},
		"another content":        {func(n *app.NewAttachment) { n.Name = "x.docx" }, "attachment.content-differs"},
		"a path":                 {func(n *app.NewAttachment) { n.Name = "../x.pdf" }, "attachment.name-invalid"},
		"a reversed name":        {func(n *app.NewAttachment) { n.Name = "x\u202efdp.pdf" }, "attachment.name-invalid"},
		"nothing":                {func(n *app.NewAttachment) { n.Content = bytes.NewReader(nil) }, "attachment.empty"},
		"too much":               {func(n *app.NewAttachment) { n.Content = bytes.NewReader(append(pdf("x"), make([]byte, 1000)...)) }, "attachment.too-large"},
		"too much announced":     {func(n *app.NewAttachment) { n.Size = 1001 }, "attachment.too-large"},
		"too much together":      {func(n *app.NewAttachment) { n.Content = bytes.NewReader(append(pdf("x"), make([]byte, 900)...)) }, "attachment.tender-too-large"},
		"another size":           {func(n *app.NewAttachment) { n.Size = 5 }, "attachment.size-differs"},
		"another hash":           {func(n *app.NewAttachment) { n.SHA256 = make([]byte, 32) }, "attachment.digest-differs"},
		"no such requirement":    {func(n *app.NewAttachment) { n.Requirement = uuid.New() }, "attachment.not-a-document"},
		"another type of answer": {func(n *app.NewAttachment) { n.Requirement = text }, "attachment.not-a-document"},
		"an id in use":           {func(n *app.NewAttachment) { n.ID, n.Requirement = there.ID, f.document }, "attachment.belongs-elsewhere"},
		"an id in use, of price": {func(n *app.NewAttachment) { n.ID, n.Price = there.ID, true }, "attachment.belongs-elsewhere"},
		"another version":        {func(n *app.NewAttachment) { n.ID, n.Expected = there.ID, 7 }, "attachment.version"},
		"another's tender":       {func(n *app.NewAttachment) { n.Tender = uuid.New() }, "not-found"},
		"one that breaks off":    {func(n *app.NewAttachment) { n.Content = io.MultiReader(bytes.NewReader(pdf("x")), brokenOff{}) }, "attachment.interrupted"},
	} {
		n := app.NewAttachment{Tender: tender, Name: "x.pdf", Size: -1, SHA256: digest[:], Content: bytes.NewReader(pdf("x"))}
		if name != "another hash" {
			n.SHA256 = nil
		}
		c.change(&n)
		if _, err := f.put(n); fault.RuleOf(err) != c.rule {
			t.Errorf("%s: %v, want %s", name, err, c.rule)
		}
	}
	// What was refused once its content had come is left to the job that removes
	// what nobody refers to; nothing of it is seen.
	list, err := f.serve.Attachments(f.as(author(0)), tender)
	must(t, err)
	if len(list.Items) != 1 || list.Items[0].ID != there.ID {
		t.Errorf("attached: %+v", list)
	}
	if after := len(f.stored()); after > before+1 {
		t.Errorf("%d objects were left by refusals", after-before)
	}
	_, err = f.put(app.NewAttachment{Tender: tender, Name: "y.pdf", Size: -1, Content: bytes.NewReader(pdf("y"))})
	must(t, err)
	if _, err := f.put(app.NewAttachment{Tender: tender, Name: "z.pdf", Size: -1, Content: bytes.NewReader(pdf("z"))}); fault.RuleOf(err) != "attachment.too-many" {
		t.Errorf("a third file: %v", err)
	}
}

type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestAnAnswerListsOnlyWhatIsAttachedToIt(t *testing.T) {
	t.Parallel()
	f := newFiling(t)
	tender := f.interested()
	annex, err := f.put(app.NewAttachment{Tender: tender, Name: "x.pdf", Size: -1, Content: bytes.NewReader(pdf("x"))})
	must(t, err)
	file, err := f.put(app.NewAttachment{Tender: tender, Requirement: f.document, Name: "y.pdf", Size: -1, Content: bytes.NewReader(pdf("y"))})
	must(t, err)
	save := func(list ...requirement.File) error {
		value, err := json.Marshal(list)
		must(t, err)
		saved, err := f.serve.SaveAnswers(f.as(author(0)), written(tender, requirement.Values{f.document: value}, nil))
		must(t, err)
		for _, p := range saved.Problems {
			return p.Problem
		}
		return nil
	}
	for rule, l := range map[string]requirement.File{"attachment.unknown": {Name: "x.pdf", File: annex.ID}, "attachment.name-differs": {Name: "x.pdf", File: file.ID}} {
		if err := save(l); fault.RuleOf(err) != rule {
			t.Errorf("%s: %v", rule, err)
		}
	}
	must(t, save(requirement.File{Name: "y.pdf", File: file.ID}, requirement.File{Name: "sendes i posten.pdf"}))
	must(t, save())
	list, err := f.serve.Attachments(f.as(author(0)), tender)
	must(t, err)
	if len(list.Items) != 1 || list.Items[0].ID != annex.ID {
		t.Errorf("an answer without its file keeps it: %+v", list)
	}
}
