package app

import (
	"context"
	"encoding/base64"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/scan"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// keepOpenedFiles writes down the files of an opened envelope with their keys:
// those who may see the tender can read them from the opening on. The content
// stays as the receipt has it.
func (w *work) keepOpenedFiles(ctx context.Context, t sqlcgen.UnopenedTendersRow, e sqlcgen.EnvelopesToOpenRow, files []seal.File) error {
	type row struct {
		ID          uuid.UUID        `json:"id"`
		Requirement *uuid.UUID       `json:"requirement_id,omitempty"`
		Lot         uuid.UUID        `json:"lot_id"`
		Part        string           `json:"part"`
		Name        string           `json:"name"`
		MediaType   string           `json:"media_type"`
		Size        int64            `json:"size"`
		SHA256      string           `json:"content_sha256"`
		Object      uuid.UUID        `json:"object_id"`
		Key         seal.ExportedKey `json:"key"`
		Secret      *string          `json:"secret,omitempty"`
	}
	if len(files) == 0 {
		return nil
	}
	rows := make([]row, len(files))
	for i, f := range files {
		rows[i] = row{f.ID, idOrNull(f.Requirement), e.LotID, e.Part, f.Name, f.MediaType, f.Size, base64.StdEncoding.EncodeToString(f.SHA256[:]), f.Object, f.Key, textOrNull(f.Secret)}
	}
	return db.Fault(w.q.InsertOpenedFiles(ctx, w.tx, sqlcgen.InsertOpenedFilesParams{TenderID: t.ID, Submission: t.N, Rows: asJSON(rows)}))
}

// OpenedAttachments lists the files of an opened tender, with what the virus
// scan came to. Every reading is audited.
func (a *App) OpenedAttachments(ctx context.Context, id, tenderID uuid.UUID) ([]Attachment, error) {
	var out []Attachment
	err := a.do(ctx, TendersRead, func(w *work) error {
		if err := w.load(ctx, id, TendersRead); err != nil {
			return err
		}
		if _, err := w.openedTender(ctx, tenderID); err != nil {
			return err
		}
		rows, err := w.q.OpenedFiles(ctx, w.tx, tenderID)
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, openedFileOf(r))
		}
		return w.audit(ctx, entry{action: "tender.attachments-read", object: tenderID})
	})
	return out, err
}

// OpenedAttachment gives the team a file of an opened tender. ctx bounds the
// reading of the content too. It returns conflict (attachment.blocked) for a
// file in which the scanner has found something, not_found for one that is not
// there or not opened.
func (a *App) OpenedAttachment(ctx context.Context, id, tenderID, file uuid.UUID) (AttachmentContent, error) {
	var out AttachmentContent
	var row sqlcgen.OpenedFile
	err := a.do(ctx, TendersRead, func(w *work) error {
		if err := w.load(ctx, id, TendersRead); err != nil {
			return err
		}
		if _, err := w.openedTender(ctx, tenderID); err != nil {
			return err
		}
		var err error
		if row, err = w.q.OpenedFile(ctx, w.tx, sqlcgen.OpenedFileParams{TenderID: tenderID, ID: file}); err != nil {
			return db.Fault(err)
		}
		if row.Scan == string(scan.Found) {
			return fault.New(fault.Conflict, "attachment.blocked")
		}
		out.Attachment = Attachment{ID: row.ID, Requirement: deref(row.RequirementID), Part: procurement.Part(row.Part), Name: row.Name, MediaType: row.MediaType, Size: row.Size, SHA256: row.ContentSha256, Scan: row.Scan, Secret: secretOf(deref(row.Secret))}
		return w.audit(ctx, entry{action: "tender.attachment-read", object: tenderID, after: map[string]string{"file": file.String()}})
	})
	if err != nil {
		return AttachmentContent{}, err
	}
	out.Content, err = a.openOpened(ctx, id, row)
	return out, err
}

func (a *App) openOpened(ctx context.Context, procurementID uuid.UUID, f sqlcgen.OpenedFile) (io.ReadCloser, error) {
	key, err := seal.ImportDataKey(seal.ExportedKey(base64.StdEncoding.EncodeToString(f.Key)))
	if err != nil {
		return nil, err
	}
	return a.openFile(ctx, seal.FilePlace{Procurement: procurementID, Tender: f.TenderID, Object: f.ObjectID}, key)
}

// scanBatch is how many files are listed at a time.
const scanBatch = 50

// ScanOpened has the scanner look at opened files that it has not seen: those
// that came while it was away or not in use. The worker's schedule calls it; it
// may be stopped anywhere and repeated. It returns how many files the scanner
// has judged. A file that it still cannot judge waits for the next time.
func (a *App) ScanOpened(ctx context.Context) (int, error) { return a.scanOpened(ctx, nil) }

// openingScan is how long an opening may take for scanning in all: the opening
// itself must be done before its command expires, and what is left is scanned
// by the schedule.
const openingScan = 2 * time.Minute

// scanAtOpening scans a tender's files before anybody can read them. Nothing
// that the scanner does or leaves undone holds the opening up.
func (a *App) scanAtOpening(ctx context.Context, tender uuid.UUID) {
	if ctx.Err() != nil {
		return
	}
	if _, err := a.scanOpened(ctx, &tender); err != nil {
		a.Log.WarnContext(ctx, "opened files are left for the schedule to scan", "tender", tender, "error", err.Error())
	}
}

// scanOpened scans the files of one tender, or of all.
func (a *App) scanOpened(ctx context.Context, tender *uuid.UUID) (int, error) {
	if _, none := a.Scanner.(scan.None); none || a.Files == nil {
		return 0, nil
	}
	judged := 0
	var after sqlcgen.UnscannedFilesRow
	for {
		rows, err := a.q.UnscannedFiles(ctx, a.Pool, sqlcgen.UnscannedFilesParams{OfTender: tender, AfterTender: after.TenderID, AfterID: after.ID, UpTo: scanBatch})
		if err != nil {
			return judged, db.Fault(err)
		}
		for _, r := range rows {
			verdict, err := a.scanFile(ctx, r)
			if err != nil {
				return judged, err
			}
			if verdict == scan.Away {
				// Most likely for all of them: each would be waited for.
				return judged, nil
			}
			judged++
			beat(ctx)
		}
		if len(rows) < scanBatch {
			return judged, nil
		}
		after = rows[len(rows)-1]
	}
}

// scanFile reads one file past the scanner and notes the verdict. A file that
// cannot be read whole is noted as not scanned, and logged.
func (a *App) scanFile(ctx context.Context, r sqlcgen.UnscannedFilesRow) (scan.Verdict, error) {
	verdict, finding, err := a.judgeFile(ctx, r)
	if err != nil {
		a.Log.ErrorContext(ctx, "an opened file could not be read for the scanner", "tender", r.TenderID, "file", r.ID, "error", err.Error())
		if fault.Is(err, fault.Unavailable) || ctx.Err() != nil {
			return scan.Away, err
		}
		return scan.Off, nil // it will not be better the next time; the others go on
	}
	return verdict, a.doAsEngine(ctx, actor.Opener, func(w *work) error {
		now, err := w.q.CaseNow(ctx, w.tx, RealSpace)
		if err != nil {
			return db.Fault(err)
		}
		if err := w.q.NoteScan(ctx, w.tx, sqlcgen.NoteScanParams{TenderID: r.TenderID, ID: r.ID, Scan: string(verdict), Finding: textOrNull(finding), ScannedAt: &now}); err != nil {
			return db.Fault(err)
		}
		if verdict != scan.Found {
			return nil
		}
		w.p.ID = r.ProcurementID
		return w.audit(ctx, entry{action: "tender.attachment-blocked", object: r.TenderID, audience: onObject, after: map[string]string{"file": r.ID.String()}})
	})
}

func (a *App) judgeFile(ctx context.Context, r sqlcgen.UnscannedFilesRow) (scan.Verdict, string, error) {
	content, err := a.openOpened(ctx, r.ProcurementID, sqlcgen.OpenedFile{TenderID: r.TenderID, ObjectID: r.ObjectID, Key: r.Key})
	if err != nil {
		return scan.Away, "", err
	}
	defer content.Close()
	s := a.Scanner.Begin(ctx)
	defer s.Abort()
	if _, err := io.Copy(beating{ctx, s}, content); err != nil {
		return scan.Away, "", err
	}
	verdict, finding := s.Verdict()
	return verdict, finding, nil
}

// beating tells with every write that it is alive.
type beating struct {
	ctx context.Context // of one call, which makes and leaves it
	to  io.Writer
}

func (b beating) Write(p []byte) (int, error) {
	beat(b.ctx)
	return b.to.Write(p)
}

// objectGrace is how old an object is before nobody can be uploading it any
// more: far above the time that a request may take.
const objectGrace = 24 * time.Hour

// RemoveUnusedFiles removes stored objects that nothing refers to: what broke
// off, what was replaced or withdrawn before it was submitted. An object once
// without a reference never gets one. The worker's schedule calls it. It returns
// how many were removed.
func (a *App) RemoveUnusedFiles(ctx context.Context) (int, error) {
	return a.removeUnused(ctx, time.Now().Add(-objectGrace))
}

func (a *App) removeUnused(ctx context.Context, olderThan time.Time) (int, error) {
	if a.Files == nil {
		return 0, nil
	}
	return a.Files.Remove(ctx, olderThan, func(ctx context.Context, ids []uuid.UUID) ([]uuid.UUID, error) {
		beat(ctx)
		unused, err := a.q.UnusedObjects(ctx, a.Pool, ids)
		return unused, db.Fault(err)
	})
}
