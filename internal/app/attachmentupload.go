package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/scan"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// NewAttachment is a file to attach.
type NewAttachment struct {
	Tender uuid.UUID
	// ID is the supplier's own: the same again replaces the content.
	ID uuid.UUID
	// Requirement is what it answers, of answer type document; uuid.Nil for a
	// general annex.
	Requirement uuid.UUID
	// Price seals an annex with the prices, which may be opened after quality.
	Price     bool
	Name      string
	MediaType string
	// Size and SHA256 are those of the content, as announced; -1 and nil where
	// nothing is.
	Size   int64
	SHA256 []byte
	// Expected is the file's version (0: any).
	Expected int64
	// Content is read once, and not at all where the announced content is there
	// already.
	Content io.Reader
}

// annexPart is where an annex is sealed.
func (n NewAttachment) annexPart() seal.Part {
	if n.Price {
		return seal.PartPrice
	}
	return seal.PartQuality
}

// is reports whether a file is what is to be attached, to the last byte.
func (n NewAttachment) is(f draftFile) bool {
	return bytes.Equal(n.SHA256, f.SHA256[:]) && n.Name == f.Name && n.MediaType == f.MediaType && n.Requirement == f.Requirement &&
		(n.Requirement != uuid.Nil || n.annexPart() == f.part)
}

// PutAttachment attaches a file to the own tender's draft, and enters it in the
// answer that it belongs to. The content is encrypted while it comes; nothing of
// it is written in clear or held as a whole. What it returns is durable; before
// that nothing is to be seen. The same content again changes nothing and is
// answered the same. ctx bounds the whole upload. It returns
//   - invalid (attachment.…) for a name, type or content that is not taken;
//   - invalid (attachment.digest-differs, attachment.size-differs) for a content
//     other than announced, invalid (attachment.interrupted) when it breaks off;
//   - invalid (attachment.virus-found) when the scanner finds something;
//   - too_large for the file, or for the tender with it;
//   - conflict (attachment.belongs-elsewhere) for an id that is in use for
//     another requirement, stale (attachment.version) for another version;
//   - unavailable (files.…) when the store does not take it.
func (a *App) PutAttachment(ctx context.Context, n NewAttachment) (Attachment, error) {
	if err := a.judgeAttachment(n); err != nil {
		return Attachment{}, err
	}
	var at seal.FilePlace
	out, done, err := a.alreadyAttached(ctx, n, &at)
	if err != nil || done {
		return out, err
	}
	at.Object = uuid.New()
	file, err := a.takeIn(ctx, n, at)
	if err != nil {
		return Attachment{}, err
	}
	n.Size, n.SHA256 = file.Size, file.SHA256[:]
	err = a.do(ctx, TenderWrite, func(w *work) error {
		d, err := w.openDraft(ctx, n.Tender, 0, true)
		if err != nil {
			return err
		}
		defer d.zero()
		if err := d.takes(n); err != nil {
			return err
		}
		before, replaces := d.files[n.ID]
		if replaces && n.is(before) {
			out = d.attachment(before) // another request with the same content was first
			return nil
		}
		// A new content of a marked file is as secret as the one before.
		file.Version, file.savedAt, file.Secret = before.Version+1, w.now, before.Secret
		d.attach(file)
		if err := d.save(ctx); err != nil {
			return err
		}
		out = d.attachment(file)
		return w.audit(ctx, entry{action: "tender.attachment-saved", object: n.Tender, audience: onObject, hash: file.digest,
			after: map[string]string{"file": n.ID.String(), "version": itoa(file.Version), "draft": itoa(d.row.Draft), "scan": file.scan}})
	})
	return out, err
}

// judgeAttachment judges what needs no draft.
func (a *App) judgeAttachment(n NewAttachment) error {
	switch {
	case a.Files == nil:
		return fault.New(fault.Unavailable, "files.not-configured")
	case n.ID == uuid.Nil:
		return fault.New(fault.NotFound, "not-found")
	case !goodName(n.Name):
		return fault.New(fault.Invalid, "attachment.name-invalid").At("name")
	case n.Size > a.AttachmentLimits.File:
		return a.fileTooLarge()
	}
	return a.AttachmentLimits.judge(n.Name)
}

func (a *App) fileTooLarge() error {
	return fault.New(fault.TooLarge, "attachment.too-large", fault.Params{"limit": itoa(a.AttachmentLimits.File)})
}

// alreadyAttached judges the upload before any of it is read, and answers one
// whose announced content is there.
func (a *App) alreadyAttached(ctx context.Context, n NewAttachment, at *seal.FilePlace) (out Attachment, done bool, err error) {
	err = a.do(ctx, TenderWrite, func(w *work) error {
		d, err := w.openDraft(ctx, n.Tender, 0, false)
		if err != nil {
			return err
		}
		defer d.zero()
		if err := d.takes(n); err != nil {
			return err
		}
		at.Procurement, at.Tender = d.row.ProcurementID, d.row.ID
		if f, there := d.files[n.ID]; there && n.SHA256 != nil && n.is(f) {
			out, done = d.attachment(f), true
		}
		return nil
	})
	return out, done, err
}

// takes judges whether the draft can take the file.
func (d *draft) takes(n NewAttachment) error {
	if err := d.writable(); err != nil {
		return err
	}
	if n.Requirement != uuid.Nil {
		if r, known := d.set.Requirement(n.Requirement); !known || r.AnswerType != requirement.Document {
			return fault.New(fault.Invalid, "attachment.not-a-document").At("requirement")
		}
	}
	before, replaces := d.files[n.ID]
	switch {
	case replaces && n.SHA256 != nil && n.is(before):
		return nil // a repetition, whatever has been changed since
	case replaces && (before.Requirement != n.Requirement || n.Requirement == uuid.Nil && before.part != n.annexPart()):
		return fault.New(fault.Conflict, "attachment.belongs-elsewhere")
	}
	if err := before.fresh(n.Expected); err != nil {
		return err
	}
	limits := d.w.app.AttachmentLimits
	var sum int64
	for id, f := range d.files {
		if id != n.ID {
			sum += f.Size
		}
	}
	switch {
	case !replaces && len(d.files) >= limits.Count:
		return fault.New(fault.TooLarge, "attachment.too-many", fault.Params{"limit": itoa(limits.Count)})
	case sum+max(n.Size, 0) > limits.Tender:
		return fault.New(fault.TooLarge, "attachment.tender-too-large", fault.Params{"limit": itoa(limits.Tender)})
	}
	return nil
}

// takeIn stores the content, encrypted as it comes, and feeds the scanner beside
// it. What is not refused is stored whole when it returns. An object that nobody
// refers to afterwards is removed later: here it is not known whether a
// transaction that seemed to fail did.
func (a *App) takeIn(ctx context.Context, n NewAttachment, at seal.FilePlace) (draftFile, error) {
	body := &uploaded{from: n.Content}
	head := bufio.NewReaderSize(body, headSize)
	first, err := head.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return draftFile{}, body.fault(err)
	}
	if len(first) == 0 {
		return draftFile{}, fault.New(fault.Invalid, "attachment.empty")
	}
	if err := judgeHead(n.Name, first); err != nil {
		return draftFile{}, err
	}
	object, err := a.Files.Create(ctx, at.Object)
	if err != nil {
		return draftFile{}, err
	}
	defer object.Abort()
	sealed, key, err := seal.NewFileWriter(object, at)
	if err != nil {
		return draftFile{}, err
	}
	defer key.Zero()
	scanned := a.Scanner.Begin(ctx)
	defer scanned.Abort()
	plain := sha256.New()
	size, err := io.Copy(io.MultiWriter(sealed, plain, scanned), io.LimitReader(head, a.AttachmentLimits.File+1))
	switch {
	case err != nil:
		return draftFile{}, body.fault(err)
	case size > a.AttachmentLimits.File:
		return draftFile{}, a.fileTooLarge()
	case n.Size >= 0 && n.Size != size:
		return draftFile{}, fault.New(fault.Invalid, "attachment.size-differs")
	case n.SHA256 != nil && !bytes.Equal(n.SHA256, plain.Sum(nil)):
		return draftFile{}, fault.New(fault.Invalid, "attachment.digest-differs")
	}
	verdict, _ := scanned.Verdict()
	if verdict == scan.Found {
		return draftFile{}, fault.New(fault.Invalid, "attachment.virus-found")
	}
	if err := sealed.Close(); err != nil {
		return draftFile{}, err
	}
	if err := object.Close(); err != nil {
		return draftFile{}, err
	}
	exported, err := key.Export()
	if err != nil {
		return draftFile{}, err
	}
	digest := sealed.Digest()
	return draftFile{
		File: seal.File{ID: n.ID, Requirement: n.Requirement, Name: n.Name, MediaType: n.MediaType, Size: size, SHA256: seal.Digest(plain.Sum(nil)), Object: at.Object, Key: exported},
		part: n.annexPart(), digest: digest[:], stored: sealed.Size(), scan: string(verdict),
	}, nil
}

// uploaded tells a body that breaks off from a store that fails.
type uploaded struct {
	from   io.Reader
	broken bool
}

func (u *uploaded) Read(p []byte) (int, error) {
	n, err := u.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		u.broken = true
	}
	return n, err
}

func (u *uploaded) fault(err error) error {
	if _, known := fault.As(err); known || !u.broken {
		return err
	}
	return fault.Wrap(fault.Invalid, "attachment.interrupted", err)
}
