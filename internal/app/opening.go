package app

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/consortium"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// ApproveOpening is one named opener's approval, given after the deadline. It
// returns conflict (opening.same-person-twice) for a second one by the same
// person.
func (a *App) ApproveOpening(ctx context.Context, id uuid.UUID, part procurement.Part) error {
	return a.do(ctx, OpeningApprove, func(w *work) error {
		if err := w.lock(ctx, id, OpeningApprove); err != nil {
			return err
		}
		change, err := w.p.Decide(procurement.ApproveOpening{Part: part, By: w.by.ID}, w.now)
		if err != nil {
			return err
		}
		if err := w.q.Approve(ctx, w.tx, sqlcgen.ApproveParams{ProcurementID: id, Part: string(part), IdentityID: w.by.ID, OrgID: w.by.Org, ApprovedAt: w.now}); err != nil {
			return db.Fault(err)
		}
		return w.note(ctx, change, id, nil)
	})
}

type openInput struct {
	Part procurement.Part `json:"part"`
}

// Open opens a part of all tenders after two approvals (door 3). The worker
// alone can: it holds the opening keys.
func (a *App) Open(ctx context.Context, id uuid.UUID, expected int64, part procurement.Part) (CommandStatus, error) {
	return a.steer(ctx, id, OpeningApprove, expected, procurement.OpOpen, openInput{part})
}

func init() { //nolint:gochecknoinits // the table of operations is filled beside their code, one entry per operation
	steered(procurement.OpOpen, OpeningApprove, open)
	op := steering[procurement.OpOpen]
	op.prepare = unwrapAll
	steering[procurement.OpOpen] = op
}

// open makes the opened tenders known: the lead buyer's and the team's
// organisations get access in this transaction and not before.
func open(ctx context.Context, w *work, in openInput) (any, error) {
	if err := w.decide(ctx, procurement.Open{Part: in.Part}); err != nil {
		return nil, err
	}
	if err := w.q.GrantOpened(ctx, w.tx, w.p.ID); err != nil {
		return nil, db.Fault(err)
	}
	return Steered{w.p.Phase, w.p.Version}, nil
}

// heartbeat tells whoever runs a long activity that it is alive; the default
// does nothing.
type heartbeatKey struct{}

// WithHeartbeat lets a long use case tell that it is alive after every batch.
func WithHeartbeat(ctx context.Context, beat func()) context.Context {
	return context.WithValue(ctx, heartbeatKey{}, beat)
}

func beat(ctx context.Context) {
	if f, ok := ctx.Value(heartbeatKey{}).(func()); ok {
		f()
	}
}

// openBatch is how many tenders are read at a time; each is opened in a
// transaction of its own.
const openBatch = 20

// unwrapAll opens the sealed envelopes of a part, tender by tender. It can be
// stopped anywhere and taken up again: what is opened is not opened twice. The
// rows are nobody's to see before the deciding transaction grants access.
func unwrapAll(ctx context.Context, a *App, id uuid.UUID, input json.RawMessage) error {
	var in openInput
	if err := json.Unmarshal(input, &in); err != nil {
		return fault.Wrap(fault.Internal, "command.decode", err)
	}
	scanning, cancel := context.WithTimeout(ctx, openingScan)
	defer cancel()
	asked := &askedRequirements{versions: map[int]requirement.Set{}}
	for {
		var tenders []sqlcgen.UnopenedTendersRow
		err := a.doAsEngine(ctx, actor.Opener, func(w *work) error {
			parts, err := w.mayUnwrap(ctx, id, in.Part)
			if err != nil {
				return err
			}
			tenders, err = w.q.UnopenedTenders(ctx, w.tx, sqlcgen.UnopenedTendersParams{ProcurementID: id, Parts: parts, UpTo: openBatch})
			return db.Fault(err)
		})
		if err != nil || len(tenders) == 0 {
			return err
		}
		for _, t := range tenders {
			if err := a.doAsEngine(ctx, actor.Opener, func(w *work) error { return w.unwrap(ctx, id, in.Part, t, asked) }); err != nil {
				return err
			}
			a.scanAtOpening(scanning, t.ID)
			beat(ctx)
		}
	}
}

// mayUnwrap checks the deadline and the approvals in the transaction that reads
// the wrapped keys.
func (w *work) mayUnwrap(ctx context.Context, id uuid.UUID, part procurement.Part) ([]string, error) {
	if err := w.load(ctx, id, OpeningApprove); err != nil {
		return nil, err
	}
	if _, err := w.p.Decide(procurement.Open{Part: part}, w.now); err != nil {
		return nil, err
	}
	var parts []string
	for _, p := range w.p.PartsOpenedBy(part) {
		parts = append(parts, string(p))
	}
	return parts, nil
}

func (w *work) unwrap(ctx context.Context, id uuid.UUID, part procurement.Part, t sqlcgen.UnopenedTendersRow, asked *askedRequirements) error {
	parts, err := w.mayUnwrap(ctx, id, part)
	if err != nil {
		return err
	}
	if err := asked.read(ctx, w, t.ID); err != nil {
		return err
	}
	receipt, err := seal.ParseSignedReceipt(t.Receipt)
	if err == nil {
		err = w.app.ReceiptKeys.Verify(receipt)
	}
	rows, qerr := w.q.EnvelopesToOpen(ctx, w.tx, sqlcgen.EnvelopesToOpenParams{TenderID: t.ID, Submission: t.N, Parts: parts})
	if qerr != nil {
		return db.Fault(qerr)
	}
	for _, e := range rows {
		scope := seal.Scope{Procurement: id, Tender: t.ID, Lot: e.LotID, Part: seal.Part(e.Part)}
		content, problem := w.openEnvelope(ctx, scope, receipt, err, e)
		if fault.Is(problem, fault.Unavailable) {
			return problem // of the moment: the key store is away
		}
		if err := w.keepOpened(ctx, t, e, asked.set, content.Answers, problem); err != nil {
			return err
		}
		if err := w.keepOpenedFiles(ctx, t, e, content.Files); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) openEnvelope(ctx context.Context, scope seal.Scope, receipt seal.SignedReceipt, receiptErr error, e sqlcgen.EnvelopesToOpenRow) (seal.Content, error) {
	if receiptErr != nil {
		return seal.Content{}, receiptErr
	}
	if err := receipt.Receipt.Covers(scope.Lot, scope.Part, e.Sealed); err != nil {
		return seal.Content{}, err
	}
	if len(e.Wrapped) == 0 {
		return seal.Content{}, fault.New(fault.NotFound, "opening.wrap-missing")
	}
	key, err := w.app.Opening.Unwrap(ctx, scope, e.Wrapped)
	if err != nil {
		return seal.Content{}, err
	}
	defer key.Zero()
	content, err := seal.OpenContent(key, scope, e.Sealed)
	if err != nil {
		return seal.Content{}, err
	}
	if err := receipt.Receipt.CoversFiles(scope.Lot, scope.Part, content.Files); err != nil {
		return seal.Content{}, err
	}
	return content, nil
}

// keepOpened writes the opened answers, or why the envelope could not be
// opened, and logs the unwrapping.
func (w *work) keepOpened(ctx context.Context, t sqlcgen.UnopenedTendersRow, e sqlcgen.EnvelopesToOpenRow, set requirement.Set, answers []seal.Answer, problem error) error {
	note := sqlcgen.NoteOpenedParams{TenderID: t.ID, Submission: t.N, LotID: e.LotID, Part: e.Part, Sha256: e.Sha256, OpenedAt: w.now}
	after := map[string]string{"lot": e.LotID.String(), "part": e.Part}
	if problem != nil {
		rule := fault.RuleOf(problem)
		note.Problem = &rule
		after["problem"] = rule
		w.app.Log.ErrorContext(ctx, "an envelope could not be opened", "tender", t.ID, "lot", e.LotID, "part", e.Part, "error", problem.Error())
	}
	if err := w.q.NoteOpened(ctx, w.tx, note); err != nil {
		return db.Fault(err)
	}
	if err := w.audit(ctx, entry{action: "tender.unwrapped", object: t.ID, hash: e.Sha256, after: after}); err != nil {
		return err
	}
	rows, declared := openedRows(set, place{e.LotID, seal.Part(e.Part)}, consortium.Of(t.SupplierOrg, t.Members), answers)
	for org, value := range declared {
		if err := w.q.InsertOpenedDeclaration(ctx, w.tx, sqlcgen.InsertOpenedDeclarationParams{TenderID: t.ID, OrgID: org, Value: value}); err != nil {
			return db.Fault(err)
		}
	}
	return db.Fault(w.q.InsertOpenedAnswers(ctx, w.tx, sqlcgen.InsertOpenedAnswersParams{TenderID: t.ID, Rows: asJSON(rows)}))
}

// askedRequirements are what the tenders of one opening answer, each version read
// once for all of them: a set is as large as a tender.
type askedRequirements struct {
	versions map[int]requirement.Set
	set      requirement.Set // of the tender at hand
}

// read finds the version that a tender's answers are given under.
func (r *askedRequirements) read(ctx context.Context, w *work, tender uuid.UUID) error {
	version, err := w.answeredUnder(ctx, tender)
	if err != nil {
		return err
	}
	s, read := r.versions[version]
	if !read {
		v, err := w.setVersion(ctx, w.p.ID, version)
		if err != nil {
			return err
		}
		s = v.Set
		r.versions[version] = s
	}
	r.set = s
	return nil
}

// publishedSet reads the version of the set that the case was published with.
func (w *work) publishedSet(ctx context.Context) (requirement.Set, error) {
	row, err := w.q.SetVersion(ctx, w.tx, sqlcgen.SetVersionParams{CaseID: w.p.ID, Version: int32(w.p.State.SetVersion)}) //nolint:gosec // versions count up from 1
	if err != nil {
		return requirement.Set{}, db.Fault(err)
	}
	s, err := w.readSet(ctx, row)
	if err != nil {
		return requirement.Set{}, err
	}
	return s.Set, nil
}

// CheckOpeningKeys tries wrap and unwrap of every key that a coming opening
// depends on, and destroys those whose purpose is over: the contract is signed
// or there will be none. The worker's daily schedule calls it. It returns the
// number of keys that failed; each is logged as an error, for an alarm.
func (a *App) CheckOpeningKeys(ctx context.Context) (failed int, err error) {
	var after uuid.UUID
	for {
		keys, err := a.q.UnopenedKeys(ctx, a.Pool, sqlcgen.UnopenedKeysParams{After: after, UpTo: 100})
		if err != nil {
			return failed, db.Fault(err)
		}
		if len(keys) == 0 {
			break
		}
		for _, k := range keys {
			after = k.ID
			if err := a.Opening.Check(ctx, k.ID, k.PublicKey); err != nil {
				failed++
				a.Log.ErrorContext(ctx, "an opening key does not work", "key", k.ID, "procurement", k.ProcurementID, "error", err.Error())
				continue
			}
			if err := a.doAsEngine(ctx, actor.Steward, func(w *work) error { return w.keyChecked(ctx, k.ID) }); err != nil {
				return failed, err
			}
		}
		beat(ctx)
	}
	return failed, a.destroyKeys(ctx)
}

func (w *work) keyChecked(ctx context.Context, id uuid.UUID) error {
	now, err := w.q.CaseNow(ctx, w.tx, RealSpace)
	if err != nil {
		return db.Fault(err)
	}
	return db.Fault(w.q.KeyChecked(ctx, w.tx, sqlcgen.KeyCheckedParams{ID: id, CheckedAt: &now}))
}

func (a *App) destroyKeys(ctx context.Context) error {
	keys, err := a.q.KeysToDestroy(ctx, a.Pool, 1000)
	if err != nil {
		return db.Fault(err)
	}
	for _, k := range keys {
		// First the key, then the note of it: a crash between leaves a key that
		// is destroyed again, which does nothing.
		if err := a.Opening.Destroy(ctx, k.ID); err != nil {
			return err
		}
		err := a.doAsEngine(ctx, actor.Steward, func(w *work) error {
			now, err := w.q.CaseNow(ctx, w.tx, RealSpace)
			if err != nil {
				return db.Fault(err)
			}
			if err := w.q.KeyDestroyed(ctx, w.tx, sqlcgen.KeyDestroyedParams{ID: k.ID, DestroyedAt: &now}); err != nil {
				return db.Fault(err)
			}
			w.p.ID = k.ProcurementID
			return w.audit(ctx, entry{action: "opening-key.destroyed", object: k.ProcurementID, after: map[string]string{"key": k.ID.String()}})
		})
		if err != nil {
			return err
		}
		beat(ctx)
	}
	return nil
}
