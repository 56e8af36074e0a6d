package app_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/filestore"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// filing is a published procurement whose suppliers can attach files.
type filing struct {
	*story
	folder string
	// document is a requirement that is answered with files.
	document uuid.UUID
	set      requirement.Set
	lots     []uuid.UUID
}

func newFiling(t *testing.T) *filing {
	t.Helper()
	f := &filing{story: begin(t), folder: filepath.Join(t.TempDir(), "files")}
	set := f.specify()
	f.document = f.askForFiles(set)
	f.mandates()
	f.publish()
	files, err := filestore.Open(t.Context(), "file://"+f.folder)
	must(t, err)
	f.configure(func(c *app.Config) { c.Files = files })
	pub, err := f.serve.PublicProcurement(t.Context(), f.id)
	must(t, err)
	f.set, f.lots = pub.Requirements, []uuid.UUID{pub.Notice.Plan.Lots[0].ID, pub.Notice.Plan.Lots[1].ID}
	return f
}

// askForFiles makes sure that a requirement is answered with files.
func (f *filing) askForFiles(set requirement.Set) uuid.UUID {
	f.t.Helper()
	set.Requirements = append(set.Requirements, requirement.Requirement{ID: uuid.New(), Number: "99.1", Area: set.Requirements[0].Area, Text: "Legg ved risikovurderingen.",
		Kind: requirement.OptionKind, AnswerType: requirement.Document})
	saved, err := f.serve.PutRequirements(f.as(lead), f.id, 0, set)
	must(f.t, err)
	return saved.Set.Requirements[len(saved.Set.Requirements)-1].ID
}

// configure makes serve and worker anew with other settings.
func (f *filing) configure(set func(*app.Config)) {
	for _, a := range []**app.App{&f.serve, &f.worker} {
		c := (*a).Config
		set(&c)
		*a = app.New(c)
	}
}

// The supplier of these tests is the first one.

func (f *filing) interested() uuid.UUID {
	f.t.Helper()
	t, err := f.serve.RegisterInterest(f.as(author(0)), f.id)
	must(f.t, err)
	return t.ID
}

func (f *filing) put(n app.NewAttachment) (app.Attachment, error) {
	if n.ID == uuid.Nil {
		n.ID = uuid.New()
	}
	if n.MediaType == "" {
		n.MediaType = "application/pdf"
	}
	n.Size = max(n.Size, -1)
	return f.serve.PutAttachment(f.as(author(0)), n)
}

func (f *filing) answerRest(tender uuid.UUID) app.SavedAnswers {
	f.t.Helper()
	answers := demo.Answers(0, f.set)
	delete(answers, f.document)
	d, err := f.serve.SaveAnswers(f.as(author(0)), written(tender, answers, declaration()))
	must(f.t, err)
	return d
}

func (f *filing) submit(tender uuid.UUID) seal.SignedReceipt {
	f.t.Helper()
	sub, err := f.serve.Submit(f.as(signatory(0)), tender, 0, f.lots)
	must(f.t, err)
	receipt, err := seal.ParseSignedReceipt(sub.Receipt)
	must(f.t, err)
	return receipt
}

func (f *filing) stored() []string {
	f.t.Helper()
	list, err := os.ReadDir(f.folder)
	must(f.t, err)
	var out []string
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

// longAgo is older than any upload can be.
var longAgo = time.Now().Add(-48 * time.Hour)

func pdf(content string) []byte { return []byte("%PDF-1.7 " + content) }

func read(t *testing.T, c app.AttachmentContent, err error) []byte {
	t.Helper()
	must(t, err)
	b, err := io.ReadAll(c.Content)
	must(t, errors.Join(err, c.Content.Close()))
	return b
}

// TestFilesFromDraftToOpening follows files of a tender: as answer and annex,
// through submission and replacement, to the team and to the proof.
func TestFilesFromDraftToOpening(t *testing.T) {
	t.Parallel()
	f := newFiling(t)
	tender := f.interested()
	f.answerRest(tender)
	ros, prices, gone := pdf("ros"), pdf("priser"), pdf("utkast")
	a, err := f.put(app.NewAttachment{Tender: tender, Requirement: f.document, Name: "ros æøå.pdf", Size: -1, Content: bytes.NewReader(ros)})
	must(t, err)
	p, err := f.put(app.NewAttachment{Tender: tender, Price: true, Name: "priser.pdf", Size: int64(len(prices)), Content: bytes.NewReader(prices)})
	must(t, err)
	g, err := f.put(app.NewAttachment{Tender: tender, Requirement: f.document, Name: "utkast.pdf", Content: bytes.NewReader(gone), Size: -1})
	must(t, err)
	d, err := f.serve.ReadDraft(f.as(author(0)), tender)
	must(t, err)
	var listed []requirement.File
	must(t, json.Unmarshal(valueOf(d, f.document), &listed))
	if want := []requirement.File{{Name: a.Name, File: a.ID}, {Name: g.Name, File: g.ID}}; !slices.Equal(listed, want) || !slices.Contains(d.Summary.Answered, f.document) {
		t.Errorf("the answer is %+v", listed)
	}
	must(t, f.serve.WithdrawAttachment(f.as(author(0)), tender, g.ID, g.Version))
	if err := f.serve.WithdrawAttachment(f.as(author(0)), tender, g.ID, 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("withdrawn twice: %v", err)
	}
	receipt := f.submit(tender).Receipt
	if len(receipt.Files) != 2 || receipt.Format != seal.ReceiptFilesFormat {
		t.Fatalf("the receipt lists %+v", receipt.Files)
	}
	for _, l := range receipt.Files {
		if (l.ID == p.ID) != (l.Part == seal.PartPrice) {
			t.Errorf("file %s is in part %s", l.ID, l.Part)
		}
	}
	c, err := f.serve.OwnAttachment(f.as(author(0)), tender, a.ID, 0)
	if got := read(t, c, err); !bytes.Equal(got, ros) || c.Name != "ros æøå.pdf" {
		t.Errorf("the submitted file reads %q", got)
	}
	// A replacement carries the files over; one is exchanged.
	better := pdf("ros, bedre")
	b, err := f.put(app.NewAttachment{Tender: tender, ID: a.ID, Requirement: f.document, Name: "ros 2.pdf", Content: bytes.NewReader(better), Size: -1, Expected: a.Version})
	must(t, err)
	if b.Version != a.Version+1 {
		t.Errorf("version %d after %d", b.Version, a.Version)
	}
	c, err = f.serve.OwnAttachment(f.as(author(0)), tender, a.ID, 1)
	if got := read(t, c, err); !bytes.Equal(got, ros) {
		t.Errorf("what stands reads %q while it is being replaced", got)
	}
	f.submit(tender)
	bundle, err := f.serve.Bundle(f.as(signatory(0)), tender, 2)
	must(t, err)
	contents := func(_ int64, digest seal.Digest) (io.ReadCloser, error) {
		for _, content := range [][]byte{better, prices} {
			if sha256.Sum256(content) == digest {
				return io.NopCloser(bytes.NewReader(content)), nil
			}
		}
		return nil, fs.ErrNotExist
	}
	report := seal.VerifyBundleFiles(bundle, f.serve.Signing.PublicKeys(), nil, contents)
	proven := slices.DeleteFunc(slices.Clone(report.Checks), func(c seal.Check) bool { return c.Name != seal.CheckFile || c.Result != seal.Passed })
	if !report.OK() || len(proven) != 2 {
		t.Errorf("the receipt proves %+v", report.Checks)
	}
	if _, err := f.serve.OwnAttachment(f.as(author(1)), tender, a.ID, 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("another supplier reads: %v", err)
	}
	f.opened(tender, b, p, better, prices)
}

func (f *filing) opened(tender uuid.UUID, answer, price app.Attachment, better, prices []byte) {
	t := f.t
	t.Helper()
	evaluator := f.as("evaluerer-1.bodo")
	if _, err := f.serve.OpenedAttachments(evaluator, f.id, tender); fault.RuleOf(err) != "tenders.sealed" {
		t.Errorf("read before the opening: %v", err)
	}
	f.open()
	list, err := f.serve.OpenedAttachments(evaluator, f.id, tender)
	must(t, err)
	if len(list) != 2 || f.get().State.PriceOpenedAt.IsZero() {
		t.Fatalf("opened: %+v", list)
	}
	for id, want := range map[uuid.UUID][]byte{answer.ID: better, price.ID: prices} {
		c, err := f.serve.OpenedAttachment(evaluator, f.id, tender, id)
		if got := read(t, c, err); !bytes.Equal(got, want) {
			t.Errorf("%s reads %q", id, got)
		}
	}
	if _, err := f.serve.OpenedAttachment(f.as(author(1)), f.id, tender, answer.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("a supplier reads what was opened: %v", err)
	}
	var read int
	must(t, f.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT count(*) FROM audit WHERE action = 'tender.attachment-read' AND outcome = 'done' AND actor_org = (SELECT lead_org FROM procurements WHERE id = $1)`, f.id).Scan(&read))
	if read != 2 {
		t.Errorf("%d readings are recorded", read)
	}
}

// The same upload again, at once and side by side, is one file; and uploads to
// one requirement at the same time are all in its answer.
func TestUploadsAtTheSameTime(t *testing.T) {
	t.Parallel()
	f := newFiling(t)
	tender := f.interested()
	const n = 8
	ids := make([]uuid.UUID, n)
	var group sync.WaitGroup
	for i := range n {
		ids[i] = uuid.New()
		for range 2 {
			group.Go(func() {
				content := pdf(fmt.Sprint(i))
				if _, err := f.put(app.NewAttachment{Tender: tender, ID: ids[i], Requirement: f.document, Name: fmt.Sprintf("%d.pdf", i), Size: -1, Content: bytes.NewReader(content)}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	group.Wait()
	d, err := f.serve.ReadDraft(f.as(author(0)), tender)
	must(t, err)
	var listed []requirement.File
	must(t, json.Unmarshal(valueOf(d, f.document), &listed))
	for i, id := range ids {
		if !slices.Contains(listed, requirement.File{Name: fmt.Sprintf("%d.pdf", i), File: id}) {
			t.Errorf("file %d is lost", i)
		}
	}
	list, err := f.serve.Attachments(f.as(author(0)), tender)
	must(t, err)
	if len(list.Items) != n || len(listed) != n {
		t.Errorf("%d files, %d in the answer", len(list.Items), len(listed))
	}
	for _, a := range list.Items {
		if a.Version != 1 {
			t.Errorf("a repetition made version %d", a.Version)
		}
	}
	again, err := f.put(app.NewAttachment{Tender: tender, ID: ids[0], Requirement: f.document, Name: "0.pdf", Size: -1, SHA256: hash(pdf("0")), Content: brokenOff{}})
	if err != nil || again.Version != 1 || again.Tender.Version != d.Version {
		t.Errorf("an announced repetition is read: %+v %v", again, err)
	}
}

func hash(b []byte) []byte { sum := sha256.Sum256(b); return sum[:] }

// endless is a body that ends its context in the middle.
type endless struct {
	left   int
	cancel context.CancelFunc
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left -= len(p); e.left < 0 {
		e.cancel()
	}
	copy(p, "%PDF-")
	return len(p), nil
}

// A crash in the middle of an upload shows nothing; what was acknowledged before
// is in the submission; what nobody refers to is removed in time.
func TestAnUploadThatDies(t *testing.T) {
	t.Parallel()
	f := newFiling(t)
	tender := f.interested()
	f.answerRest(tender)
	kept, err := f.put(app.NewAttachment{Tender: tender, Requirement: f.document, Name: "x.pdf", Size: -1, Content: bytes.NewReader(pdf("kept"))})
	must(t, err)
	ctx, cancel := context.WithCancel(f.as(author(0)))
	if _, err := f.serve.PutAttachment(ctx, app.NewAttachment{Tender: tender, ID: uuid.New(), Name: "y.pdf", MediaType: "application/pdf", Size: -1, Content: &endless{3 << 20, cancel}}); err == nil {
		t.Fatal("an upload that died was taken over")
	}
	if list, err := f.serve.Attachments(f.as(author(0)), tender); err != nil || len(list.Items) != 1 || len(f.stored()) != 1 {
		t.Errorf("attached %d, stored %q: %v", len(list.Items), f.stored(), err)
	}
	// The transaction that would have shown it does not come.
	f.db.Exec(dbtest.Super, `ALTER TABLE draft_files ADD CONSTRAINT none CHECK (false) NOT VALID`)
	if _, err := f.put(app.NewAttachment{Tender: tender, Name: "z.pdf", Size: -1, Content: bytes.NewReader(pdf("z"))}); err == nil {
		t.Fatal("saved")
	}
	f.db.Exec(dbtest.Super, `ALTER TABLE draft_files DROP CONSTRAINT none`)
	if n := len(f.stored()); n != 2 {
		t.Errorf("%d objects", n)
	}
	receipt := f.submit(tender).Receipt
	if len(receipt.Files) != 1 || receipt.Files[0].ID != kept.ID {
		t.Errorf("submitted: %+v", receipt.Files)
	}
	if n, err := f.worker.RemoveUnusedFiles(t.Context()); err != nil || n != 0 {
		t.Errorf("removed %d young objects: %v", n, err)
	}
	for _, name := range f.stored() {
		must(t, os.Chtimes(filepath.Join(f.folder, name), longAgo, longAgo))
	}
	if n, err := f.worker.RemoveUnusedFiles(t.Context()); err != nil || n != 1 {
		t.Errorf("removed %d: %v", n, err)
	}
	c, err := f.serve.OwnAttachment(f.as(author(0)), tender, kept.ID, 0)
	if got := read(t, c, err); !bytes.Equal(got, pdf("kept")) {
		t.Errorf("what was submitted reads %q", got)
	}
}

// Memory does not grow with the file: 32 MB pass through a few.
func TestMemoryOfAnUpload(t *testing.T) { //nolint:paralleltest // it measures the whole process
	f := newFiling(t)
	tender := f.interested()
	const size = 32 << 20
	var peak, base runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&base)
	body := io.MultiReader(bytes.NewReader(pdf("")), io.LimitReader(rand.Reader, size))
	n := 0
	sampled := readerFunc(func(p []byte) (int, error) {
		got, err := body.Read(p)
		if n += got; n%(1<<20) < got {
			var now runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&now)
			peak.HeapAlloc = max(peak.HeapAlloc, now.HeapAlloc)
		}
		return got, err
	})
	_, err := f.put(app.NewAttachment{Tender: tender, Name: "x.pdf", Size: -1, Content: sampled})
	must(t, err)
	grown := int64(peak.HeapAlloc) - int64(base.HeapAlloc)
	t.Logf("the heap grew by at most %d KiB for a file of %d MiB", grown>>10, size>>20)
	if grown > 8<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// valueOf is what a draft answers to a requirement.
func valueOf(d app.Draft, id uuid.UUID) json.RawMessage {
	for _, a := range d.Answers {
		if a.Requirement == id {
			return a.Value
		}
	}
	return nil
}

// attached is a file that answers a requirement.
func attached(tender, requirement uuid.UUID, name string) app.NewAttachment {
	return app.NewAttachment{Tender: tender, Requirement: requirement, Name: name, Size: -1, Content: bytes.NewReader(pdf(name))}
}
