package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// NewVersion is what the lead buyer decides about an amendment that is
// published.
type NewVersion struct {
	// Until is the new tender deadline; zero for the proposed one.
	Until time.Time `json:"until,omitzero"`
	// Reason is what everybody is told; Shorter is why the deadline moves less
	// than proposed.
	Reason  string `json:"reason"`
	Shorter string `json:"shorter,omitempty"`
	// Edit is that of the requirements that were looked at; 0 for any.
	Edit int64 `json:"edit,omitempty"`
}

func init() { //nolint:gochecknoinits // the table of operations is filled beside their code, one entry per operation
	steered(procurement.OpAmend, ProcurementSteer, publishAmendment)
}

// PublishAmendment publishes the amendment that is being written (door 3): the
// new version holds, the deadline moves as decided, and everybody is told how it
// differs. Tenders that stand go on standing.
func (a *App) PublishAmendment(ctx context.Context, id uuid.UUID, expected int64, v NewVersion) (CommandStatus, error) {
	return a.steer(ctx, id, ProcurementSteer, expected, procurement.OpAmend, v)
}

func publishAmendment(ctx context.Context, w *work, in NewVersion) (any, error) {
	m, err := w.amendment(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.newer.fresh(in.Edit); err != nil {
		return nil, err
	}
	c, err := w.amending(ctx, m)
	if err != nil {
		return nil, err
	}
	c.Until, c.Reason, c.Shorter = in.Until, in.Reason, in.Shorter
	before := w.p.Plan.TenderDeadline
	if err := w.decide(ctx, c); err != nil {
		return nil, err
	}
	ended, err := w.q.SupersedeSet(ctx, w.tx, sqlcgen.SupersedeSetParams{CaseID: w.p.ID, Version: int32(m.Base)}) //nolint:gosec // versions count up from 1
	if err != nil {
		return nil, db.Fault(err)
	}
	if ended != 1 {
		return nil, fault.New(fault.Internal, "amendment.base-not-published")
	}
	if err := w.lockSet(ctx, m.newer); err != nil {
		return nil, err
	}
	return Steered{w.p.Phase, w.p.Version}, w.amendPublic(ctx, m, in.Reason, before)
}

// amendPublic lets what is public be the new version. The exclusive lock on the
// gate's row waits for every submission that is in it: one that came before goes
// by the older version, one that comes after by the newer.
func (w *work) amendPublic(ctx context.Context, m amended, reason string, before time.Time) error {
	if err := w.q.MoveGate(ctx, w.tx, sqlcgen.MoveGateParams{ProcurementID: w.p.ID, Deadline: w.p.Plan.TenderDeadline}); err != nil {
		return db.Fault(err)
	}
	set := m.newer.ForSuppliers()
	version := int32(m.Version) //nolint:gosec // versions count up from 1
	if err := w.q.PublishAmended(ctx, w.tx, sqlcgen.PublishAmendedParams{ID: w.p.ID, SetVersion: version, RequirementSet: asJSON(set), Plan: asJSON(w.p.Plan),
		Deadline: w.p.Plan.TenderDeadline, QuestionsBy: &w.p.Plan.QuestionsBy, AnswersDue: db.DateOrNull(w.p.State.AnswersDue), ChangedAt: w.now}); err != nil {
		return db.Fault(err)
	}
	base := int32(m.Base) //nolint:gosec // versions count up from 1
	p := sqlcgen.PublishVersionParams{Before: &base, Difference: asJSON(requirement.Changed(m.older.ForSuppliers(), set)), Reason: reason, DeadlineBefore: &before,
		FilesAdded: m.Files.Added, FilesRemoved: m.Files.Removed}
	for _, n := range m.Clarifications {
		p.Clarifications = append(p.Clarifications, int32(n)) //nolint:gosec // read from an int4
	}
	if err := w.publishVersion(ctx, set, m.Version, p); err != nil {
		return err
	}
	if err := w.linkClarifications(ctx, p.Clarifications, version); err != nil {
		return err
	}
	if err := w.q.WithdrawPublicDocuments(ctx, w.tx, sqlcgen.WithdrawPublicDocumentsParams{ProcurementID: w.p.ID, Version: version, Ids: m.gone}); err != nil {
		return db.Fault(err)
	}
	return db.Fault(w.q.PublishDocuments(ctx, w.tx, sqlcgen.PublishDocumentsParams{ProcurementID: w.p.ID, SetVersion: version}))
}

// linkClarifications tells, of the answers to all that the amendment follows from,
// which version they led to.
func (w *work) linkClarifications(ctx context.Context, numbers []int32, version int32) error {
	if len(numbers) == 0 {
		return nil
	}
	next, err := w.q.NextClarification(ctx, w.tx, w.p.ID)
	if err != nil {
		return db.Fault(err)
	}
	_, err = w.q.LinkClarifications(ctx, w.tx, sqlcgen.LinkClarificationsParams{ProcurementID: w.p.ID, Numbers: numbers, SetVersion: &version, Edition: &next.Edition})
	return db.Fault(err)
}

// publishVersion keeps a version as suppliers read it, for good. set is the one
// for suppliers.
func (w *work) publishVersion(ctx context.Context, set requirement.Set, version int, p sqlcgen.PublishVersionParams) error {
	p.ProcurementID, p.Version, p.Deadline, p.PublishedAt = w.p.ID, int32(version), w.p.Plan.TenderDeadline, w.now //nolint:gosec // versions count up from 1
	p.RequirementSet = asJSON(set)
	p.Sha256 = hashOf(p.RequirementSet)
	if p.FilesAdded == nil {
		p.FilesAdded = []string{}
	}
	if p.FilesRemoved == nil {
		p.FilesRemoved = []string{}
	}
	if p.Clarifications == nil {
		p.Clarifications = []int32{}
	}
	return db.Fault(w.q.PublishVersion(ctx, w.tx, p))
}

// PublishedVersion tells of one version that has been published.
type PublishedVersion struct {
	Version     int
	PublishedAt time.Time
	SHA256      []byte
	Deadline    time.Time
	// Amendment is nil for the first one.
	Amendment *PublishedAmendment
}

// PublishedAmendment is how a version differs from the one before.
type PublishedAmendment struct {
	Before                   int
	Difference               requirement.Diff
	FilesAdded, FilesRemoved []string
	Clarifications           []int
	Reason                   string
	DeadlineBefore           time.Time
}

// PublishedVersions lists what has been published of a procurement, oldest first,
// without sign-in. It returns not_found where nothing has.
func (a *App) PublishedVersions(ctx context.Context, id uuid.UUID) ([]PublishedVersion, error) {
	rows, err := a.q.PublicVersions(ctx, a.public(), id)
	if err != nil {
		return nil, db.Fault(err)
	}
	if len(rows) == 0 {
		return nil, fault.New(fault.NotFound, "not-found")
	}
	out := make([]PublishedVersion, len(rows))
	for i, r := range rows {
		out[i] = PublishedVersion{Version: int(r.Version), PublishedAt: r.PublishedAt, SHA256: r.Sha256, Deadline: r.Deadline}
		if r.Before == nil {
			continue
		}
		m := PublishedAmendment{Before: int(*r.Before), FilesAdded: r.FilesAdded, FilesRemoved: r.FilesRemoved, Reason: r.Reason, DeadlineBefore: deref(r.DeadlineBefore)}
		if err := json.Unmarshal(r.Difference, &m.Difference); err != nil {
			return nil, fault.Wrap(fault.Internal, "difference.decode", err)
		}
		for _, n := range r.Clarifications {
			m.Clarifications = append(m.Clarifications, int(n))
		}
		out[i].Amendment = &m
	}
	return out, nil
}

// PublishedVersion gives the requirements as they were published in a version,
// without sign-in.
func (a *App) PublishedVersion(ctx context.Context, id uuid.UUID, version int) (SetVersion, error) {
	r, err := a.q.PublicVersion(ctx, a.public(), sqlcgen.PublicVersionParams{ProcurementID: id, Version: int32(version)}) //nolint:gosec // the API bounds it
	if err != nil {
		return SetVersion{}, db.Fault(err)
	}
	set, err := decodeSet(r.RequirementSet)
	return SetVersion{Set: set, Version: version, Locked: true}, err
}
