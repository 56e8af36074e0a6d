package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// VersionLine tells of one version of a case's requirement set.
type VersionLine struct {
	Version int
	// State: draft, kept (before publication, with a note), locked (published),
	// superseded by an amendment, or discarded (an amendment never published).
	State string
	Note  string
	// FrozenAt is when it was kept or published, in case time; nil for the draft.
	FrozenAt     *time.Time
	KeptBy       *uuid.UUID
	Requirements int
}

// SetVersions lists the versions of the case's set, oldest first. Whoever may
// read the case may.
func (a *App) SetVersions(ctx context.Context, id uuid.UUID) ([]VersionLine, error) {
	var out []VersionLine
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		rows, err := w.q.SetVersions(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, VersionLine{int(r.Version), r.State, deref(r.Note), r.LockedAt, r.KeptBy, int(r.Requirements)})
		}
		return nil
	})
	return out, err
}

// RequirementVersion gives one version of the case's set. It returns not_found
// for a version that there is not.
func (a *App) RequirementVersion(ctx context.Context, id uuid.UUID, version int) (SetVersion, error) {
	var out SetVersion
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		s, err := w.setVersion(ctx, id, version)
		if err == nil {
			out = *s
		}
		return err
	})
	return out, err
}

// setVersion reads a version of a case's set, 0 for the newest.
func (w *work) setVersion(ctx context.Context, id uuid.UUID, version int) (*SetVersion, error) {
	var row sqlcgen.RequirementSet
	var err error
	if version == 0 {
		row, err = w.q.CurrentSet(ctx, w.tx, id)
	} else {
		row, err = w.q.SetVersion(ctx, w.tx, sqlcgen.SetVersionParams{CaseID: id, Version: int32(version)}) //nolint:gosec // the API bounds it
	}
	if err != nil {
		return nil, db.Fault(err)
	}
	return w.readSet(ctx, row)
}

// KeepVersion keeps the draft as it is under a note, so that it can be compared
// with what comes later; the draft goes on as the next version. Saving a draft
// keeps nothing: a version is what somebody found worth a note. It returns
// conflict after publication, and where nothing has changed since the version
// before (requirement-set.unchanged).
func (a *App) KeepVersion(ctx context.Context, id uuid.UUID, note string) (VersionLine, error) {
	var out VersionLine
	err := a.do(ctx, RequirementsWrite, func(w *work) error {
		if err := w.lock(ctx, id, RequirementsWrite); err != nil {
			return err
		}
		if err := w.unpublished(); err != nil {
			return err
		}
		s, err := w.currentSet(ctx)
		if err != nil {
			return err
		}
		last, same, err := w.lastKept(ctx, s)
		if err != nil {
			return err
		}
		if same {
			return fault.New(fault.Conflict, "requirement-set.unchanged", fault.Params{"version": itoa(last)})
		}
		out = VersionLine{Version: s.Version, State: "kept", Note: strings.TrimSpace(note), FrozenAt: &w.now, KeptBy: &w.by.ID, Requirements: len(s.Requirements)}
		return w.keepSet(ctx, s, out.Note)
	})
	return out, err
}

// lastKept gives the newest kept version, 0 for none, and whether the draft
// still is what it was.
func (w *work) lastKept(ctx context.Context, s *SetVersion) (version int, same bool, err error) {
	row, err := w.q.LastKept(ctx, w.tx, w.p.ID)
	if err = db.Fault(err); fault.Is(err, fault.NotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	sum := sha256.Sum256(asJSON(s.Set))
	return int(row.Version), bytes.Equal(sum[:], row.Sha256), nil
}

// keepSet freezes the draft and lets it go on, with its files, as the next
// version.
func (w *work) keepSet(ctx context.Context, s *SetVersion, note string) error {
	if n := len(note); n == 0 || n > 500 {
		return fault.New(fault.Invalid, "requirement-set.note").At("note")
	}
	sum := sha256.Sum256(asJSON(s.Set))
	version := int32(s.Version) //nolint:gosec // versions count up from 1
	if err := w.q.KeepSet(ctx, w.tx, sqlcgen.KeepSetParams{ID: s.ID, Version: version, KeptAt: &w.now, Sha256: sum[:], Note: &note, KeptBy: &w.by.ID}); err != nil {
		return db.Fault(err)
	}
	if err := w.q.NextDraft(ctx, w.tx, sqlcgen.NextDraftParams{ID: s.ID, Version: version}); err != nil {
		return db.Fault(err)
	}
	if err := w.q.NextDraftRequirements(ctx, w.tx, sqlcgen.NextDraftRequirementsParams{ID: s.ID, Version: version}); err != nil {
		return db.Fault(err)
	}
	if err := w.q.MoveDocuments(ctx, w.tx, sqlcgen.MoveDocumentsParams{ProcurementID: w.p.ID, Version: version}); err != nil {
		return db.Fault(err)
	}
	return w.audit(ctx, entry{action: "requirements.kept", object: w.p.ID, audience: onObject, hash: sum[:],
		after: map[string]string{"set": s.ID.String(), "version": itoa(s.Version), "requirements": itoa(len(s.Requirements))}})
}

// Difference tells what differs between two versions of the case's set, 0 being
// the newest. It returns not_found for a version that there is not.
func (a *App) Difference(ctx context.Context, id uuid.UUID, from, to int) (requirement.Diff, error) {
	var out requirement.Diff
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		older, err := w.setVersion(ctx, id, from)
		if err != nil {
			return err
		}
		newer, err := w.setVersion(ctx, id, to)
		if err != nil {
			return err
		}
		out = requirement.Changed(older.Set, newer.Set)
		return nil
	})
	return out, err
}
