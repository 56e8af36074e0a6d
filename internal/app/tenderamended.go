package app

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Changes is what has changed of the requirements since a supplier answered.
type Changes struct {
	Tender
	// From is the version that the oldest of the answers was given under, To the
	// published one.
	From, To   int
	Difference requirement.Diff
	// Touched are own answers to requirements that ask something else now, New
	// requirements that ask the supplier for the first time, Gone own answers that
	// nothing asks for any more. They are of the draft where one is being written,
	// else of what was submitted.
	Touched, New, Gone []uuid.UUID
	// Amended is how the standing tender stands to the published version; nil where
	// none stands.
	Amended *procurement.Standing
}

// ChangesSince tells what has changed since the supplier answered.
func (a *App) ChangesSince(ctx context.Context, tenderID uuid.UUID) (Changes, error) {
	var out Changes
	err := a.do(ctx, TenderRead, func(w *work) error {
		row, pub, err := w.ownTenderByID(ctx, tenderID, false)
		if err != nil {
			return err
		}
		v := newVersions(w, pub)
		out = Changes{Tender: tenderOf(row, pub.Title, pub.Deadline), To: int(pub.SetVersion)}
		if out.Amended, err = v.standing(ctx, row.ID); err != nil {
			return err
		}
		under, lots, err := v.answeredUnder(ctx, row)
		if err != nil {
			return err
		}
		out.From = out.To
		for _, version := range under {
			out.From = min(out.From, version)
		}
		if out.Difference, err = v.difference(ctx, out.From); err != nil {
			return err
		}
		if out.Touched, out.Gone, err = v.touched(ctx, under); err != nil {
			return err
		}
		newer, err := v.set(ctx, out.To)
		if err != nil {
			return err
		}
		asked := out.Difference.Touched(newer, slices.Collect(maps.Keys(under)), lots)
		for _, id := range asked {
			if _, answered := under[id]; !answered {
				out.New = append(out.New, id)
			}
		}
		return nil
	})
	return out, err
}

// versions are the published versions of one procurement, read as they are
// asked for.
type versions struct {
	w    *work
	pub  sqlcgen.PublicProcurementRow
	sets map[int]requirement.Set
}

func newVersions(w *work, pub sqlcgen.PublicProcurementRow) *versions {
	return &versions{w: w, pub: pub, sets: map[int]requirement.Set{}}
}

func (v *versions) set(ctx context.Context, version int) (requirement.Set, error) {
	if s, read := v.sets[version]; read {
		return s, nil
	}
	raw := v.pub.RequirementSet
	if version != int(v.pub.SetVersion) {
		row, err := v.w.q.PublicVersion(ctx, v.w.tx, sqlcgen.PublicVersionParams{ProcurementID: v.pub.ID, Version: int32(version)}) //nolint:gosec // versions count up from 1
		if err != nil {
			return requirement.Set{}, db.Fault(err)
		}
		raw = row.RequirementSet
	}
	s, err := decodeSet(raw)
	v.sets[version] = s
	return s, err
}

// difference is that from a version to the published one.
func (v *versions) difference(ctx context.Context, from int) (requirement.Diff, error) {
	older, err := v.set(ctx, from)
	if err != nil {
		return requirement.Diff{}, err
	}
	newer, err := v.set(ctx, int(v.pub.SetVersion))
	return requirement.Changed(older, newer), err
}

// standing reads how a tender's standing submission stands to the published
// version; nil where none stands.
func (v *versions) standing(ctx context.Context, tender uuid.UUID) (*procurement.Standing, error) {
	row, err := v.w.q.StandingTender(ctx, v.w.tx, tender)
	if err = db.Fault(err); fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := &procurement.Standing{Submitted: int(row.SetVersion), Confirmed: int(row.Confirmed), Published: int(v.pub.SetVersion)}
	out.Touched, err = v.since(ctx, out.Base(), row.Answered, row.Lots)
	return out, err
}

// since lists what answers given under a version have to be held against.
func (v *versions) since(ctx context.Context, base int, answered, lots []uuid.UUID) ([]uuid.UUID, error) {
	if base >= int(v.pub.SetVersion) {
		return nil, nil
	}
	d, err := v.difference(ctx, base)
	if err != nil {
		return nil, err
	}
	newer, err := v.set(ctx, int(v.pub.SetVersion))
	return d.Touched(newer, answered, lots), err
}

// answeredUnder gives the version under which each of the tender's own answers
// was given, and the lots that they are for: of the draft, or of what stands
// where none is being written.
func (v *versions) answeredUnder(ctx context.Context, row sqlcgen.Tender) (map[uuid.UUID]int, []uuid.UUID, error) {
	out := map[uuid.UUID]int{}
	if row.Draft > row.Submission {
		rows, err := v.w.q.AnsweredUnder(ctx, v.w.tx, sqlcgen.AnsweredUnderParams{TenderID: row.ID, Draft: row.Draft})
		if err != nil {
			return nil, nil, db.Fault(err)
		}
		for _, r := range rows {
			out[r.RequirementID] = int(r.SetVersion)
		}
		return out, row.Lots, v.withoutDeclarations(ctx, out)
	}
	s, err := v.w.q.StandingTender(ctx, v.w.tx, row.ID)
	if err = db.Fault(err); fault.Is(err, fault.NotFound) {
		return out, row.Lots, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, id := range s.Answered {
		out[id] = int(max(s.SetVersion, s.Confirmed))
	}
	return out, s.Lots, v.withoutDeclarations(ctx, out)
}

// withoutDeclarations takes out what no requirement of its version asks for.
func (v *versions) withoutDeclarations(ctx context.Context, under map[uuid.UUID]int) error {
	asked := map[int]map[uuid.UUID]bool{}
	for id, version := range under {
		if asked[version] == nil {
			s, err := v.set(ctx, version)
			if err != nil {
				return err
			}
			asked[version] = make(map[uuid.UUID]bool, len(s.Requirements))
			for _, r := range s.Requirements {
				asked[version][r.ID] = true
			}
		}
		if !asked[version][id] {
			delete(under, id)
		}
	}
	return nil
}

// touched finds the answers whose requirement asks something else than when they
// were given, and those that nothing asks for any more.
func (v *versions) touched(ctx context.Context, under map[uuid.UUID]int) (touched, gone []uuid.UUID, err error) {
	byVersion := map[int][]uuid.UUID{}
	for id, version := range under {
		if version < int(v.pub.SetVersion) {
			byVersion[version] = append(byVersion[version], id)
		}
	}
	for version, answered := range byVersion {
		d, err := v.difference(ctx, version)
		if err != nil {
			return nil, nil, err
		}
		for _, c := range d.Changed {
			if c.Touches && slices.Contains(answered, c.Requirement) {
				touched = append(touched, c.Requirement)
			}
		}
		for _, r := range d.Removed {
			if slices.Contains(answered, r.ID) {
				gone = append(gone, r.ID)
			}
		}
	}
	byID := func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }
	slices.SortFunc(touched, byID)
	slices.SortFunc(gone, byID)
	return touched, gone, nil
}

// heldAgainst refuses to hand in answers that an amendment touches and that
// nobody has looked at since. setVersion says that somebody has: it is the
// published version, or 0 where nothing is said. It returns stale
// (amendment.confirmed-version) for another one, and conflict
// (tender.amended-since).
func (d *draft) heldAgainst(ctx context.Context, setVersion int) error {
	published := int(d.pub.SetVersion)
	if setVersion != 0 {
		if setVersion != published {
			return fault.New(fault.Stale, "amendment.confirmed-version", fault.Params{"version": itoa(setVersion), "published": itoa(published)}).At("setVersion")
		}
		return nil
	}
	v := newVersions(d.w, d.pub)
	under, _, err := v.answeredUnder(ctx, d.row)
	if err != nil {
		return err
	}
	touched, _, err := v.touched(ctx, under)
	if err != nil || len(touched) == 0 {
		return err
	}
	return fault.New(fault.Conflict, "tender.amended-since", fault.Params{"version": itoa(published), "answers": itoa(len(touched))}).At("setVersion")
}

// setGoneAside takes answers to requirements that are no longer asked out of the
// draft: they are shown, and neither judged nor submitted.
func (d *draft) setGoneAside() {
	d.gone = requirement.Answers{}
	for id, answer := range d.answers {
		if _, known := d.requirement(id); !known && !d.isDeclaration(id) {
			d.gone[id] = answer
		}
	}
	for id := range d.gone {
		delete(d.answers, id)
	}
}

func (d *draft) goneIDs() []uuid.UUID { return slices.Collect(maps.Keys(d.gone)) }

// markCarried notes under which version the answers that a replacement takes over
// were given: they have not been looked at since.
func (d *draft) markCarried(ctx context.Context) error {
	if len(d.carried) == 0 {
		return nil
	}
	carried := slices.Collect(maps.Keys(d.carried))
	return db.Fault(d.w.q.CarriedUnder(ctx, d.w.tx, sqlcgen.CarriedUnderParams{TenderID: d.row.ID, Draft: d.row.Draft, Submission: d.row.Submission, Carried: carried}))
}
