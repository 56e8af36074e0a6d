package app

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Document is a file of the procurement: tender rules, contract draft, annexes.
type Document struct {
	ID         uuid.UUID
	SetVersion int
	// Kind: tender_rules, contract_draft, annex, specification,
	// self_declaration.
	Kind      string
	Name      string
	MediaType string
	Size      int
	SHA256    []byte
	AddedAt   time.Time
	Content   []byte
}

// maxDocument is the largest file, in bytes.
const maxDocument = 20 << 20

// documentAnnex is the kind of files that say nothing of how the competition is
// run or what would be signed.
const documentAnnex = "annex"

// AddDocument adds a file to the version of the requirement set that is being
// prepared, or amended. It returns conflict (document.name-taken) for a name that
// the version has, and conflict after publication where no amendment is being
// written.
func (a *App) AddDocument(ctx context.Context, id uuid.UUID, d Document) (Document, error) {
	if len(d.Content) == 0 {
		return Document{}, fault.New(fault.Invalid, "document.empty").At("content")
	}
	if len(d.Content) > maxDocument {
		return Document{}, fault.New(fault.TooLarge, "document.too-large", fault.Params{"max": itoa(maxDocument)})
	}
	sum := sha256.Sum256(d.Content)
	d.ID, d.SHA256, d.Size = uuid.Must(uuid.NewV7()), sum[:], len(d.Content)
	err := a.do(ctx, ProcurementPlan, func(w *work) error {
		if err := w.lock(ctx, id, ProcurementPlan); err != nil {
			return err
		}
		var err error
		if d.SetVersion, err = w.documentsWritten(ctx); err != nil {
			return err
		}
		d.AddedAt = w.now
		there, err := w.documentsOf(ctx, d.SetVersion)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(there, func(o sqlcgen.DocumentsRow) bool { return o.Name == d.Name }) {
			return fault.New(fault.Conflict, "document.name-taken")
		}
		if err := w.q.AddDocument(ctx, w.tx, sqlcgen.AddDocumentParams{ID: d.ID, ProcurementID: id, SpaceID: w.p.Space, SetVersion: int32(d.SetVersion), //nolint:gosec // versions count up from 1
			Kind: d.Kind, Name: d.Name, MediaType: d.MediaType, Content: d.Content, Sha256: d.SHA256, AddedAt: w.now}); err != nil {
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "document.added", object: id, audience: onObject, hash: d.SHA256, after: map[string]string{"document": d.ID.String(), "kind": d.Kind}})
	})
	d.Content = nil
	return d, err
}

func (w *work) unpublished() error {
	switch w.p.Phase {
	case procurement.Draft, procurement.Mandates, procurement.Preparation:
		return nil
	}
	return fault.New(fault.Conflict, "procurement.published", fault.Params{"phase": string(w.p.Phase)})
}

// documentsWritten gives the version whose files are being written, and refuses
// where none is.
func (w *work) documentsWritten(ctx context.Context) (int, error) {
	s, err := w.currentSet(ctx)
	if fault.Is(err, fault.NotFound) {
		s, err = &SetVersion{Version: 1}, nil
	}
	if err != nil {
		return 0, err
	}
	if w.unpublished() != nil && s.Locked {
		return 0, w.unpublished()
	}
	return s.Version, w.editable(s)
}

// RemoveDocument takes a file out again before publication, or with an amendment.
func (a *App) RemoveDocument(ctx context.Context, id, document uuid.UUID) error {
	return a.do(ctx, ProcurementPlan, func(w *work) error {
		if err := w.lock(ctx, id, ProcurementPlan); err != nil {
			return err
		}
		written, err := w.documentsWritten(ctx)
		if err != nil {
			return err
		}
		version := int32(written) //nolint:gosec // versions count up from 1
		n, err := w.q.RemoveDocument(ctx, w.tx, sqlcgen.RemoveDocumentParams{ProcurementID: id, ID: document, SetVersion: version})
		if err != nil {
			return db.Fault(err)
		}
		if n == 0 {
			if n, err = w.q.WithdrawDocument(ctx, w.tx, sqlcgen.WithdrawDocumentParams{ProcurementID: id, ID: document, Version: version}); err != nil {
				return db.Fault(err)
			}
		}
		if n == 0 {
			return fault.New(fault.NotFound, "not-found")
		}
		return w.audit(ctx, entry{action: "document.removed", object: id, audience: onObject, before: map[string]string{"document": document.String()}})
	})
}

// Documents lists the files of the newest version.
func (a *App) Documents(ctx context.Context, id uuid.UUID) ([]Document, error) {
	var out []Document
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		rows, err := w.documents(ctx)
		for _, r := range rows {
			out = append(out, Document{ID: r.ID, SetVersion: int(r.SetVersion), Kind: r.Kind, Name: r.Name, MediaType: r.MediaType, Size: int(r.Size), SHA256: r.Sha256, AddedAt: r.AddedAt})
		}
		return err
	})
	return out, err
}

func (w *work) documents(ctx context.Context) ([]sqlcgen.DocumentsRow, error) {
	version := 1
	if s, err := w.q.CurrentSet(ctx, w.tx, w.p.ID); err == nil {
		version = int(s.Version)
	}
	return w.documentsOf(ctx, version)
}

func (w *work) documentsOf(ctx context.Context, version int) ([]sqlcgen.DocumentsRow, error) {
	rows, err := w.q.Documents(ctx, w.tx, sqlcgen.DocumentsParams{ProcurementID: w.p.ID, SetVersion: int32(version)}) //nolint:gosec // versions count up from 1
	return rows, db.Fault(err)
}

// Document gives one file with its content.
func (a *App) Document(ctx context.Context, id, document uuid.UUID) (Document, error) {
	var out Document
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		r, err := w.q.Document(ctx, w.tx, sqlcgen.DocumentParams{ProcurementID: id, ID: document})
		if err != nil {
			return db.Fault(err)
		}
		out = Document{ID: r.ID, Kind: r.Kind, Name: r.Name, MediaType: r.MediaType, Size: len(r.Content), SHA256: r.Sha256, Content: r.Content}
		return nil
	})
	return out, err
}
