package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// SetCopy says what is copied: a version of an earlier procurement's set, 0 for
// the newest, or for the one that is public where the organisation does not lead
// the procurement. Replace says that the draft's own requirements give way.
type SetCopy struct {
	Procurement uuid.UUID
	Version     int
	Replace     bool
}

// CopyRequirements makes the draft of a copy of an earlier set, of a procurement
// that the organisation leads or of one that is public. Requirements get new ids
// and keep where they come from. The warnings tell what could not come along. It
// returns not_found for a procurement that is neither, and conflict after
// publication and over requirements that are there (requirement-set.not-empty).
func (a *App) CopyRequirements(ctx context.Context, id uuid.UUID, expected int64, c SetCopy) (SetVersion, []requirement.Warning, error) {
	var out SetVersion
	var lost []requirement.Warning
	err := a.do(ctx, RequirementsWrite, func(w *work) error {
		draft, err := w.draftFor(ctx, id, expected)
		if err != nil {
			return err
		}
		if c.Procurement == id {
			return fault.New(fault.Invalid, "copy.itself").At("procurement")
		}
		if len(draft.Requirements) > 0 && !c.Replace {
			return fault.New(fault.Conflict, "requirement-set.not-empty")
		}
		earlier, err := w.earlierSet(ctx, c.Procurement, c.Version, func(p procurement.Procurement) bool { return p.Lead == w.by.Org })
		if err != nil {
			return err
		}
		source := requirement.Source{Procurement: c.Procurement, Set: earlier.ID, Version: earlier.Version}
		var set requirement.Set
		set, lost = earlier.Copy(source, w.planLots(), func() uuid.UUID { return uuid.Must(uuid.NewV7()) })
		return w.replaceSet(ctx, set, &out, map[string]string{"copiedFrom": c.Procurement.String(), "copiedVersion": itoa(earlier.Version)})
	})
	return out, lost, err
}

// earlierSet reads an earlier procurement's set: any version of one that the
// organisation sees and may, what is public of others.
func (w *work) earlierSet(ctx context.Context, id uuid.UUID, version int, may func(procurement.Procurement) bool) (*SetVersion, error) {
	p, _, err := db.LoadProcurement(ctx, w.tx, id, false)
	switch {
	case err == nil && may(p):
		return w.setVersion(ctx, id, version)
	case err != nil && !fault.Is(err, fault.NotFound):
		return nil, err
	}
	row, err := w.q.PublicProcurement(ctx, w.tx, id)
	if err != nil {
		return nil, db.Fault(err)
	}
	if version != 0 && version != int(row.SetVersion) {
		return nil, fault.New(fault.NotFound, "not-found")
	}
	set, err := decodeSet(row.RequirementSet)
	return &SetVersion{Set: set, Version: int(row.SetVersion), Locked: true}, err
}

// CopyDifference tells what differs between an earlier procurement's set and
// this one's newest version, which was copied from it. Version is the earlier
// one's, 0 for the one that was copied. It returns not_found where nothing was
// copied from there, and where the organisation may not read it (any more).
func (a *App) CopyDifference(ctx context.Context, id, from uuid.UUID, version int) (requirement.Diff, error) {
	var out requirement.Diff
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		newer, err := w.currentSet(ctx)
		if err != nil {
			return err
		}
		copied := false
		for _, s := range newer.CopiedFrom {
			if s.Procurement == from {
				copied = true
				if version == 0 {
					version = s.Version
				}
			}
		}
		if !copied {
			return fault.New(fault.NotFound, "not-found")
		}
		// Who takes part in the earlier case reads it as a buyer.
		earlier, err := w.earlierSet(ctx, from, version, func(procurement.Procurement) bool { return true })
		if err != nil {
			return err
		}
		out = requirement.Changed(earlier.Set, newer.SeenFrom(earlier.Set))
		return nil
	})
	return out, err
}
