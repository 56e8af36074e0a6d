package app_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/scan"
	"github.com/fellesloft/fellesloft/internal/scan/scantest"
)

func (f *filing) scanner() *scantest.Server {
	f.t.Helper()
	server := scantest.New(f.t, nil)
	clamd, err := scan.NewClamd(server.URL(), slog.New(slog.DiscardHandler))
	must(f.t, err)
	f.configure(func(c *app.Config) { c.Scanner = clamd })
	return server
}

func TestTheScanner(t *testing.T) {
	t.Parallel()
	f := newFiling(t)
	tender := f.interested()
	f.answerRest(tender)
	virus := append(pdf(""), scantest.Virus()...)
	put := func(name string, content []byte) (app.Attachment, error) {
		return f.put(app.NewAttachment{Tender: tender, Name: name, Size: -1, Content: bytes.NewReader(content)})
	}
	off, err := put("off.pdf", pdf("off"))
	must(t, err)
	server := f.scanner()
	clean, err := put("clean.pdf", pdf("clean"))
	must(t, err)
	stored := len(f.stored())
	if _, err := put("virus.pdf", virus); fault.RuleOf(err) != "attachment.virus-found" || len(f.stored()) != stored {
		t.Errorf("a virus: %v, and %d objects", err, len(f.stored())-stored)
	}
	must(t, server.Close())
	away, err := put("away.pdf", virus)
	must(t, err)
	if off.Scan != "off" || clean.Scan != "clean" || away.Scan != "away" {
		t.Errorf("scans: %s, %s, %s", off.Scan, clean.Scan, away.Scan)
	}
	f.submit(tender)
	f.scanner()
	f.open()
	list, err := f.serve.OpenedAttachments(f.as("evaluerer-1.bodo"), f.id, tender)
	must(t, err)
	got := map[uuid.UUID]string{}
	for _, a := range list {
		got[a.ID] = a.Scan
	}
	if got[off.ID] != "clean" || got[clean.ID] != "clean" || got[away.ID] != "found" {
		t.Errorf("after the opening: %v", got)
	}
	if _, err := f.serve.OpenedAttachment(f.as("evaluerer-1.bodo"), f.id, tender, away.ID); fault.RuleOf(err) != "attachment.blocked" {
		t.Errorf("a blocked file: %v", err)
	}
	if tenders, err := f.serve.OpenedTenders(f.as("evaluerer-1.bodo"), f.id); err != nil || len(tenders) != 1 || tenders[0].Rejection != nil {
		t.Errorf("the tender: %+v %v", tenders, err)
	}
}

// A scanner that is away at the opening holds nothing up; the schedule scans
// what is left.
func TestTheScannerIsAwayAtTheOpening(t *testing.T) {
	t.Parallel()
	f := newFiling(t)
	tender := f.interested()
	f.answerRest(tender)
	file, err := f.put(app.NewAttachment{Tender: tender, Name: "x.pdf", Size: -1, Content: bytes.NewReader(append(pdf(""), scantest.Virus()...))})
	must(t, err)
	f.submit(tender)
	must(t, f.scanner().Close())
	f.open()
	c, err := f.serve.OpenedAttachment(f.as("evaluerer-1.bodo"), f.id, tender, file.ID)
	if read(t, c, err); c.Scan != "away" {
		t.Errorf("scan: %s", c.Scan)
	}
	f.scanner()
	if n, err := f.worker.ScanOpened(t.Context()); err != nil || n != 1 {
		t.Errorf("scanned %d: %v", n, err)
	}
	if n, err := f.worker.ScanOpened(t.Context()); err != nil || n != 0 {
		t.Errorf("scanned %d again: %v", n, err)
	}
	if _, err := f.serve.OpenedAttachment(f.as("evaluerer-1.bodo"), f.id, tender, file.ID); fault.RuleOf(err) != "attachment.blocked" {
		t.Errorf("after the find: %v", err)
	}
}
