package app

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// AttachmentLimits bound what a supplier can attach to a tender.
type AttachmentLimits struct {
	// File is the largest file, Tender the largest sum of a tender's files, in
	// bytes of plain content.
	File, Tender int64
	// Count is the largest number of files of a tender, at most seal.MaxFiles.
	Count int
	// Types are the file name extensions that are taken, without the dot, of
	// those that AttachmentTypes lists.
	Types []string
}

// DefaultAttachmentLimits hold where nothing else is set: 100 MB a file, 1 GB a
// tender, 200 files, and the usual document and picture types.
func DefaultAttachmentLimits() AttachmentLimits {
	return AttachmentLimits{File: 100 << 20, Tender: 1 << 30, Count: 200, Types: []string{"pdf", "docx", "xlsx", "pptx", "odt", "ods", "txt", "csv", "png", "jpg", "jpeg"}}
}

// Attachment is what is known of a file of a tender, to those who may read it.
type Attachment struct {
	ID uuid.UUID
	// Requirement is what it answers; uuid.Nil for a general annex.
	Requirement uuid.UUID
	// Part is the half of the tender that it is opened with.
	Part      procurement.Part
	Name      string
	MediaType string // as the supplier said
	Size      int64
	SHA256    []byte // of the plain content
	// Version counts the contents and names of the id; 0 once it is opened.
	Version int64
	// Scan: off, clean, found or away (internal/scan).
	Scan string
	// SavedAt is when this content came, or zero once it is opened.
	SavedAt time.Time
	// Secret says why the file is a business secret; nil for one that is not.
	Secret *requirement.Secret
	// Tender is the supplier's own with this file, for what is decided on it
	// next; zero once it is opened.
	Tender Tender
}

// AttachmentContent is a file to read. Content gives nothing that was altered,
// and is to be closed.
type AttachmentContent struct {
	Attachment
	Content io.ReadCloser
}

// Attachments lists the files of the supplier's own tender: of the draft, or of
// what was submitted while none is being written.
func (a *App) Attachments(ctx context.Context, tenderID uuid.UUID) (OfTender[Attachment], error) {
	var out OfTender[Attachment]
	err := a.do(ctx, TenderRead, func(w *work) error {
		d, err := w.openDraft(ctx, tenderID, 0, false)
		if err != nil {
			return err
		}
		defer d.zero()
		out.Tender = tenderOf(d.row, d.pub.Title, d.pub.Deadline)
		for _, f := range d.files {
			out.Items = append(out.Items, d.attachment(f))
		}
		slices.SortFunc(out.Items, func(a, b Attachment) int { return slices.Compare(a.ID[:], b.ID[:]) })
		return w.audit(ctx, entry{action: "tender.attachments-read", object: tenderID})
	})
	return out, err
}

// OwnAttachment gives the supplier a file of its own tender at any time.
// submission names one that was submitted; 0 the draft, or the newest
// submission while none is being written. ctx bounds the reading of the content
// too. It returns not_found for a file that is not there, unavailable
// (files.unavailable) while the store does not answer.
func (a *App) OwnAttachment(ctx context.Context, tenderID, id uuid.UUID, submission int) (AttachmentContent, error) {
	var file draftFile
	var out AttachmentContent
	var at seal.FilePlace
	err := a.do(ctx, TenderRead, func(w *work) error {
		d, err := w.openDraft(ctx, tenderID, 0, false)
		if err != nil {
			return err
		}
		defer func() { d.zero() }()
		if submission != 0 && (d.begun() || int(d.row.Submission) != submission) {
			if d, err = d.submitted(ctx, submission); err != nil {
				return err
			}
		}
		var ok bool
		if file, ok = d.files[id]; !ok {
			return fault.New(fault.NotFound, "not-found")
		}
		out.Attachment, at = d.attachment(file), file.Place(d.row.ProcurementID, d.row.ID)
		return w.audit(ctx, entry{action: "tender.attachment-read", object: tenderID, after: map[string]string{"file": id.String()}})
	})
	if err != nil {
		return AttachmentContent{}, err
	}
	key, err := seal.ImportDataKey(file.Key)
	if err != nil {
		return AttachmentContent{}, err
	}
	out.Content, err = a.openFile(ctx, at, key)
	return out, err
}

// submitted reads an earlier submission in place of the draft.
func (d *draft) submitted(ctx context.Context, submission int) (*draft, error) {
	sent, err := d.w.q.Submissions(ctx, d.w.tx, d.row.ID)
	if err != nil {
		return d, db.Fault(err)
	}
	i := slices.IndexFunc(sent, func(s sqlcgen.SubmissionsRow) bool { return int(s.N) == submission })
	if i < 0 {
		return d, fault.New(fault.NotFound, "not-found")
	}
	old := &draft{w: d.w, row: d.row, pub: d.pub, set: d.set, together: d.together, handedIn: true}
	old.empty()
	old.row.Draft, old.row.Submission = sent[i].Draft, sent[i].N
	d.zero()
	return old, old.readSubmitted(ctx)
}

// openFile reads a file's content; the key ends with this call.
func (a *App) openFile(ctx context.Context, at seal.FilePlace, key seal.DataKey) (io.ReadCloser, error) {
	defer key.Zero()
	if a.Files == nil {
		return nil, fault.New(fault.Unavailable, "files.not-configured")
	}
	sealed, err := a.Files.Open(ctx, at.Object)
	if err != nil {
		return nil, err
	}
	plain, err := seal.NewFileReader(sealed, at, key)
	if err != nil {
		return nil, errors.Join(err, sealed.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{plain, sealed}, nil
}

// WithdrawAttachment takes a file out of the draft, and out of the answer that
// lists it. expected is the file's version (0: any). What was submitted stands
// until the new draft is submitted. It returns not_found for a file that the
// draft does not have, stale (attachment.version) for another version.
func (a *App) WithdrawAttachment(ctx context.Context, tenderID, id uuid.UUID, expected int64) error {
	return a.do(ctx, TenderWrite, func(w *work) error {
		d, err := w.openDraft(ctx, tenderID, 0, true)
		if err != nil {
			return err
		}
		defer d.zero()
		if err := d.writable(); err != nil {
			return err
		}
		file, ok := d.files[id]
		if !ok {
			return fault.New(fault.NotFound, "not-found")
		}
		if err := file.fresh(expected); err != nil {
			return err
		}
		d.detach(file)
		if err := d.save(ctx); err != nil {
			return err
		}
		return w.audit(ctx, entry{action: "tender.attachment-withdrawn", object: tenderID, audience: onObject, hash: file.digest,
			after: map[string]string{"file": id.String(), "draft": itoa(d.row.Draft)}})
	})
}

// MarkAttachment says that a file of the draft is a business secret, and why; nil
// takes the mark away. The same mark again changes nothing. expected is the
// file's version (0: any). It returns invalid (answer.secret-reason), not_found,
// and stale (attachment.version).
func (a *App) MarkAttachment(ctx context.Context, tenderID, id uuid.UUID, expected int64, secret *requirement.Secret) (Attachment, error) {
	var out Attachment
	if err := secret.Check("secret.reason"); err != nil {
		return out, err
	}
	err := a.do(ctx, TenderWrite, func(w *work) error {
		d, err := w.openDraft(ctx, tenderID, 0, true)
		if err != nil {
			return err
		}
		defer func() { d.zero() }()
		if err := d.writable(); err != nil {
			return err
		}
		file, ok := d.files[id]
		if !ok {
			return fault.New(fault.NotFound, "not-found")
		}
		reason := ""
		if secret != nil {
			reason = strings.TrimSpace(secret.Reason)
		}
		if file.Secret == reason {
			out = d.attachment(file)
			return nil
		}
		if err := file.fresh(expected); err != nil {
			return err
		}
		d.begin()
		file.Secret = reason
		file.Version++
		d.files[id] = file
		d.filesChanged = append(d.filesChanged, id)
		if err := d.save(ctx); err != nil {
			return err
		}
		out = d.attachment(file)
		return w.audit(ctx, entry{action: "tender.attachment-marked", object: tenderID, audience: onObject, hash: file.digest,
			after: map[string]string{"file": id.String(), "version": itoa(file.Version), "draft": itoa(d.row.Draft)}})
	})
	return out, err
}

// detach takes a file out, and out of its answer.
func (d *draft) detach(f draftFile) {
	d.begin()
	d.dropFiles([]uuid.UUID{f.ID})
	if f.Requirement != uuid.Nil {
		d.list(f.Requirement, slices.DeleteFunc(d.listed(f.Requirement), func(l requirement.File) bool { return l.File == f.ID }))
	}
}
