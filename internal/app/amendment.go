package app

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Amendment is a draft of the next version of the requirements and files, beside
// the published one. Only the buyers see it.
type Amendment struct {
	// Version is the one that it becomes, Base the published one that it changes.
	Version, Base int
	// Edit is that of the requirements; a change is decided on one.
	Edit int64
	// Clarifications are the numbers of those that it follows from.
	Clarifications []int
	BegunBy        uuid.UUID
	BegunAt        time.Time
	Difference     requirement.Diff
	Files          procurement.FileChanges
}

// BeginAmendment begins a draft of the next version of the requirements and
// files, which is then written as before publication: PutRequirements,
// TakeFromLibrary, CopyRequirements, AddDocument, RemoveDocument. Nothing of it
// is public, and it holds up nothing: a draft that is not published when the
// competition closes is discarded. It returns conflict (amendment.begun) where
// there is one, and (amendment.deadline-passed) from the deadline on.
func (a *App) BeginAmendment(ctx context.Context, id uuid.UUID, clarifications []int) (Amendment, error) {
	var out Amendment
	err := a.do(ctx, RequirementsWrite, func(w *work) error {
		if err := w.lock(ctx, id, RequirementsWrite); err != nil {
			return err
		}
		if err := w.p.MayAmend(w.now); err != nil {
			return err
		}
		if _, err := w.amendment(ctx); !fault.Is(err, fault.NotFound) {
			if err == nil {
				err = fault.New(fault.Conflict, "amendment.begun")
			}
			return err
		}
		numbers, err := w.clarificationsKnown(ctx, clarifications)
		if err != nil {
			return err
		}
		base := int32(w.p.State.SetVersion) //nolint:gosec // versions count up from 1
		draft, err := w.q.BeginAmendmentDraft(ctx, w.tx, sqlcgen.BeginAmendmentDraftParams{CaseID: id, BaseVersion: base})
		if err != nil {
			return db.Fault(err)
		}
		if err := w.q.BeginAmendmentRequirements(ctx, w.tx, sqlcgen.BeginAmendmentRequirementsParams{ID: draft.ID, BaseVersion: base, ToVersion: draft.Version}); err != nil {
			return db.Fault(err)
		}
		if err := w.q.InsertAmendment(ctx, w.tx, sqlcgen.InsertAmendmentParams{ProcurementID: id, SpaceID: w.p.Space, SetVersion: draft.Version, BaseVersion: base,
			Clarifications: numbers, BegunBy: w.by.ID, BegunAt: w.now}); err != nil {
			return db.Fault(err)
		}
		if err := w.audit(ctx, entry{action: "amendment.begun", object: id, audience: onObject, after: map[string]string{"version": itoa(draft.Version), "base": itoa(base)}}); err != nil {
			return err
		}
		m, err := w.amendment(ctx)
		out = m.Amendment
		return err
	})
	return out, err
}

// clarificationsKnown judges numbers of clarifications that an amendment is said
// to follow from, and gives them in order.
func (w *work) clarificationsKnown(ctx context.Context, numbers []int) ([]int32, error) {
	out := make([]int32, 0, len(numbers))
	for _, n := range numbers {
		out = append(out, int32(n)) //nolint:gosec // the API bounds it
	}
	slices.Sort(out)
	out = slices.Compact(out)
	known, err := w.q.ClarificationsAmong(ctx, w.tx, sqlcgen.ClarificationsAmongParams{ProcurementID: w.p.ID, Numbers: out})
	if err != nil {
		return nil, db.Fault(err)
	}
	if int(known) != len(out) {
		return nil, fault.New(fault.Invalid, "amendment.clarifications").At("clarifications")
	}
	return out, nil
}

// amended is the amendment being written, with what it changes.
type amended struct {
	Amendment
	older, newer *SetVersion
	gone         []uuid.UUID // files that it takes out
}

// amendment reads the amendment being written; not_found where there is none.
func (w *work) amendment(ctx context.Context) (amended, error) {
	newer, err := w.currentSet(ctx)
	if err != nil {
		return amended{}, err
	}
	if newer.Locked || w.p.State.PublishedAt.IsZero() {
		return amended{}, fault.New(fault.NotFound, "amendment.none")
	}
	row, err := w.q.Amendment(ctx, w.tx, sqlcgen.AmendmentParams{ProcurementID: w.p.ID, SetVersion: int32(newer.Version)}) //nolint:gosec // versions count up from 1
	if err != nil {
		return amended{}, db.Fault(err)
	}
	older, err := w.setVersion(ctx, w.p.ID, int(row.BaseVersion))
	if err != nil {
		return amended{}, err
	}
	out := amended{older: older, newer: newer, Amendment: Amendment{Version: newer.Version, Base: older.Version, Edit: newer.Edit,
		BegunBy: row.BegunBy, BegunAt: row.BegunAt, Difference: requirement.Changed(older.Set, newer.Set)}}
	for _, n := range row.Clarifications {
		out.Clarifications = append(out.Clarifications, int(n))
	}
	out.Files, out.gone, err = w.fileChanges(ctx, older.Version, newer.Version)
	return out, err
}

// fileChanges compares the files of two versions.
func (w *work) fileChanges(ctx context.Context, from, to int) (procurement.FileChanges, []uuid.UUID, error) {
	before, err := w.documentsOf(ctx, from)
	if err != nil {
		return procurement.FileChanges{}, nil, err
	}
	after, err := w.documentsOf(ctx, to)
	if err != nil {
		return procurement.FileChanges{}, nil, err
	}
	var out procurement.FileChanges
	var gone []uuid.UUID
	has := func(all []sqlcgen.DocumentsRow, id uuid.UUID) bool {
		return slices.ContainsFunc(all, func(d sqlcgen.DocumentsRow) bool { return d.ID == id })
	}
	for _, d := range after {
		out.Kinds = append(out.Kinds, d.Kind)
		if !has(before, d.ID) {
			out.Added = append(out.Added, d.Name)
			out.Material = out.Material || d.Kind != documentAnnex
		}
	}
	for _, d := range before {
		if !has(after, d.ID) {
			gone = append(gone, d.ID)
			out.Removed = append(out.Removed, d.Name)
			out.Material = out.Material || d.Kind != documentAnnex
		}
	}
	return out, gone, nil
}

// Amendment gives the amendment being written, with how it differs from what is
// published. It returns not_found where there is none.
func (a *App) Amendment(ctx context.Context, id uuid.UUID) (Amendment, error) {
	var out Amendment
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		m, err := w.amendment(ctx)
		out = m.Amendment
		return err
	})
	return out, err
}

// DiscardAmendment ends the amendment being written; it stays among the versions
// as one that was never published. expected is the edit of its requirements (0:
// any). It returns not_found where there is none, and stale.
func (a *App) DiscardAmendment(ctx context.Context, id uuid.UUID, expected int64) error {
	return a.do(ctx, RequirementsWrite, func(w *work) error {
		if err := w.lock(ctx, id, RequirementsWrite); err != nil {
			return err
		}
		m, err := w.amendment(ctx)
		if err != nil {
			return err
		}
		if err := m.newer.fresh(expected); err != nil {
			return err
		}
		if _, err := w.q.DiscardDraft(ctx, w.tx, sqlcgen.DiscardDraftParams{CaseID: id, At: &w.now}); err != nil {
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "amendment.discarded", object: id, audience: onObject, after: map[string]string{"version": itoa(m.Version)}})
	})
}

// ReviewAmendment is the dry run: what would follow if the amendment were
// published now with the tender deadline until (zero: the proposed one). It
// tells the same whether or not anybody has answered.
func (a *App) ReviewAmendment(ctx context.Context, id uuid.UUID, until time.Time) (procurement.AmendmentReview, error) {
	var out procurement.AmendmentReview
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		m, err := w.amendment(ctx)
		if err != nil {
			return err
		}
		c, err := w.amending(ctx, m)
		if err != nil {
			return err
		}
		c.Until = until
		out = w.p.ReviewAmendment(c, w.now)
		return nil
	})
	return out, err
}

// amending makes the command of the amendment as it is written.
func (w *work) amending(ctx context.Context, m amended) (procurement.Amend, error) {
	law, err := w.law(ctx)
	return procurement.Amend{Older: m.older.Set, Newer: m.newer.Set, Version: m.Version, Files: m.Files, Law: law}, err
}

// dropAmendment discards an amendment that comes too late to be published.
func (w *work) dropAmendment(ctx context.Context) error {
	if w.p.State.PublishedAt.IsZero() {
		return nil
	}
	_, err := w.q.DiscardDraft(ctx, w.tx, sqlcgen.DiscardDraftParams{CaseID: w.p.ID, At: &w.now})
	return err
}
