package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// SetVersion is one version of a case's requirement set.
type SetVersion struct {
	requirement.Set
	Version int
	// Edit counts the changes of the case's list, from 1; 0 while there is none.
	// A change is decided on one, and refused on an older one.
	Edit   int64
	Locked bool
}

// PutRequirements replaces the draft of the requirement set; the first time it
// makes version 1. The set is stored as it is given, also while it has problems
// that keep it from being published: those are told by the review. expected is
// the edit that was read (0: any). It returns stale (requirement-set.edited),
// invalid for what cannot be stored, conflict after publication.
func (a *App) PutRequirements(ctx context.Context, id uuid.UUID, expected int64, set requirement.Set) (SetVersion, error) {
	var out SetVersion
	err := a.do(ctx, RequirementsWrite, func(w *work) error {
		draft, err := w.draftFor(ctx, id, expected)
		if err != nil {
			return err
		}
		set.Lots, set.CopiedFrom = w.planLots(), draft.CopiedFrom
		return w.replaceSet(ctx, set, &out, nil)
	})
	return out, err
}

// draftFor locks the case for a change of its requirements and reads the draft,
// which is empty before there is one. It returns stale where the draft was
// edited after expected (0: any), and conflict after publication where no
// amendment is being written.
func (w *work) draftFor(ctx context.Context, id uuid.UUID, expected int64) (SetVersion, error) {
	if err := w.lock(ctx, id, RequirementsWrite); err != nil {
		return SetVersion{}, err
	}
	s, err := w.currentSet(ctx)
	if fault.Is(err, fault.NotFound) {
		s, err = &SetVersion{}, nil
	}
	if err != nil {
		return SetVersion{}, err
	}
	if err := w.editable(s); err != nil {
		return SetVersion{}, err
	}
	return *s, s.fresh(expected)
}

// editable judges whether requirements and files may be changed: before
// publication, and then as an amendment before the deadline. s is the newest
// version. It returns conflict otherwise.
func (w *work) editable(s *SetVersion) error {
	if w.unpublished() == nil {
		return nil
	}
	if s.Locked || w.p.Phase != procurement.Tendering {
		return fault.New(fault.Conflict, "requirement-set.locked")
	}
	return w.p.MayAmend(w.now)
}

// fresh refuses a change decided on an older edit; 0 is any.
func (s *SetVersion) fresh(expected int64) error {
	if expected != 0 && expected != s.Edit {
		return fault.New(fault.Stale, "requirement-set.edited", fault.Params{"expected": itoa(expected), "is": itoa(s.Edit)})
	}
	return nil
}

// planLots are the lots of the plan as the set names them.
func (w *work) planLots() []requirement.Lot {
	var out []requirement.Lot
	for _, lot := range w.p.Plan.Lots {
		out = append(out, requirement.Lot{ID: lot.ID, Name: lot.Title})
	}
	return out
}

// replaceSet stores the draft and tells of it.
func (w *work) replaceSet(ctx context.Context, set requirement.Set, out *SetVersion, more map[string]string) error {
	if err := w.putSet(ctx, &set, out); err != nil {
		return err
	}
	return w.audit(ctx, entry{action: "requirements.replaced", object: w.p.ID, audience: onObject,
		after: with(map[string]string{"set": out.ID.String(), "version": itoa(out.Version), "requirements": itoa(len(set.Requirements))}, more)})
}

func (w *work) putSet(ctx context.Context, set *requirement.Set, out *SetVersion) error {
	current, err := w.q.CurrentSet(ctx, w.tx, w.p.ID)
	switch err = db.Fault(err); {
	case fault.Is(err, fault.NotFound):
		current = sqlcgen.RequirementSet{ID: uuid.Must(uuid.NewV7()), Version: 1}
		set.ID = current.ID
		if err := w.q.InsertRequirementSet(ctx, w.tx, sqlcgen.InsertRequirementSetParams{ID: current.ID, Version: 1, CaseID: w.p.ID, SpaceID: w.p.Space, Head: head(*set)}); err != nil {
			return db.Fault(err)
		}
	case err != nil:
		return err
	default:
		set.ID = current.ID
		if err := w.q.ReplaceSetHead(ctx, w.tx, sqlcgen.ReplaceSetHeadParams{ID: current.ID, Version: current.Version, Head: head(*set)}); err != nil {
			return db.Fault(err)
		}
		if err := w.q.DeleteRequirements(ctx, w.tx, sqlcgen.DeleteRequirementsParams{SetID: current.ID, SetVersion: current.Version}); err != nil {
			return db.Fault(err)
		}
	}
	rows, err := requirementRows(*set)
	if err != nil {
		return err
	}
	if err := w.q.InsertRequirements(ctx, w.tx, sqlcgen.InsertRequirementsParams{SetID: current.ID, SetVersion: current.Version, Rows: rows}); err != nil {
		return db.Fault(err)
	}
	*out = SetVersion{Set: *set, Version: int(current.Version), Edit: current.Edit + 1}
	return nil
}

// maxRequirements is what one set may hold.
const maxRequirements = 5_000

// requirementRows makes the rows that jsonb_to_recordset reads.
func requirementRows(set requirement.Set) (json.RawMessage, error) {
	var l fault.List
	if len(set.Requirements) > maxRequirements {
		return nil, fault.New(fault.TooLarge, "requirements.too-many", fault.Params{"max": itoa(maxRequirements)})
	}
	type row struct {
		ID         uuid.UUID               `json:"id"`
		Ordinal    int                     `json:"ordinal"`
		Number     string                  `json:"number"`
		Kind       requirement.Kind        `json:"kind"`
		AnswerType requirement.AnswerType  `json:"answer_type"`
		Body       requirement.Requirement `json:"body"`
	}
	rows := make([]row, len(set.Requirements))
	seen := map[uuid.UUID]bool{}
	for i, r := range set.Requirements {
		at := fmt.Sprintf("requirements[%d].", i)
		if r.ID == uuid.Nil || seen[r.ID] {
			l.Addf("requirements.id", at+"id")
		}
		seen[r.ID] = true
		if !r.Kind.Known() {
			l.Addf("requirements.kind", at+"kind")
		}
		kind := r.AnswerType
		if kind == requirement.NoAnswer {
			kind = "text"
		} else if !kind.Known() {
			l.Addf("requirements.answer-type", at+"answerType")
		}
		rows[i] = row{r.ID, i, r.Number, r.Kind, kind, r}
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	return asJSON(rows), nil
}

func head(set requirement.Set) json.RawMessage {
	set.Requirements = nil
	return asJSON(set)
}

// Requirements gives the newest version of the case's requirement set.
func (a *App) Requirements(ctx context.Context, id uuid.UUID) (SetVersion, error) {
	var out SetVersion
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		s, err := w.currentSet(ctx)
		if err == nil {
			out = *s
		}
		return err
	})
	return out, err
}

// RequirementList gives the newest version of the case's requirement set as the
// JSON that the API answers: {"version", "locked", "set"}, set being a
// [requirement.Set], and its edit. It is what was stored, so a field that the set
// gets later is one that may be absent, or a migration writes it.
func (a *App) RequirementList(ctx context.Context, id uuid.UUID) (list []byte, edit int64, err error) {
	var row sqlcgen.RequirementListRow
	err = a.look(ctx, id, ProcurementRead, func(q db.DBTX) (standing, error) {
		var err error
		row, err = a.q.RequirementList(ctx, q, id)
		return standing{row.Leads, row.TakesPart}, err
	})
	switch {
	case err != nil:
		return nil, 0, err
	case row.Version == 0:
		return nil, 0, fault.New(fault.NotFound, "not-found")
	}
	set, _ := bytes.CutSuffix(row.Head, []byte("}")) // never empty: a set has an id
	before := fmt.Appendf(nil, `{"version": %d, "locked": %t, "set": %s, "requirements": `, row.Version, row.Locked, set)
	return slices.Concat(before, row.Requirements, []byte("}}")), row.Edit, nil
}

// currentSet reads the newest version; not_found where there is none.
func (w *work) currentSet(ctx context.Context) (*SetVersion, error) {
	row, err := w.q.CurrentSet(ctx, w.tx, w.p.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	return w.readSet(ctx, row)
}

func (w *work) readSet(ctx context.Context, row sqlcgen.RequirementSet) (*SetVersion, error) {
	out := SetVersion{Version: int(row.Version), Edit: row.Edit, Locked: row.State != "draft"}
	if err := json.Unmarshal(row.Head, &out.Set); err != nil {
		return nil, fault.Wrap(fault.Internal, "requirement-set.decode", err)
	}
	bodies, err := w.q.RequirementBodies(ctx, w.tx, sqlcgen.RequirementBodiesParams{SetID: row.ID, SetVersion: row.Version})
	if err != nil {
		return nil, db.Fault(err)
	}
	if err := json.Unmarshal(bodies, &out.Requirements); err != nil {
		return nil, fault.Wrap(fault.Internal, "requirement-set.decode", err)
	}
	return &out, nil
}

// lockSet freezes the version for publication, with its hash.
func (w *work) lockSet(ctx context.Context, s *SetVersion) error {
	sum := sha256.Sum256(asJSON(s.Set))
	return db.Fault(w.q.LockSet(ctx, w.tx, sqlcgen.LockSetParams{ID: s.ID, Version: int32(s.Version), LockedAt: &w.now, Sha256: sum[:]})) //nolint:gosec // versions count up from 1
}
