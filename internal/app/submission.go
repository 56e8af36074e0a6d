package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// Submitted is the proof of a submission.
type Submitted struct {
	Tender
	// Receipt is the signed receipt, byte for byte.
	Receipt json.RawMessage
}

// Submit delivers the draft: one envelope per lot and part and one receipt, in
// one transaction that passed the gate. What it returns is durable. It returns
//   - conflict (tender.late) with the time of receipt at or after the deadline;
//     the attempt is recorded and shown to the lead buyer;
//   - invalid (tender.incomplete) with every requirement that is missing or
//     invalid;
//   - invalid (consortium.unanswered, consortium.declaration-absent) beside it
//     for organisations of the tender that have not answered or declared;
//   - denied (consortium.leader-hands-in) for a member that does not lead;
//   - stale when the tender has another version than expected;
//   - unavailable when the gate could not be passed in three seconds, which is
//     recorded with its time as an outage.
//   - conflict (tender.amended-since) where an amendment touches answers that
//     nobody has changed since; SubmitUnder says that they hold.
func (a *App) Submit(ctx context.Context, tenderID uuid.UUID, expected int64, lots []uuid.UUID) (Submitted, error) {
	return a.SubmitUnder(ctx, tenderID, expected, lots, 0)
}

// SubmitUnder is Submit for one who says which published version of the
// requirements the answers were looked at under; 0 says nothing. For another than
// the published one it returns stale (amendment.confirmed-version).
func (a *App) SubmitUnder(ctx context.Context, tenderID uuid.UUID, expected int64, lots []uuid.UUID, setVersion int) (Submitted, error) {
	return a.SubmitReplying(ctx, tenderID, expected, lots, setVersion, nil)
}

// SubmitReplying is SubmitUnder for a keyed request. reply says what a repetition
// is answered; it is kept in the transaction that submits, so that whoever lost
// the answer gets the receipt.
func (a *App) SubmitReplying(ctx context.Context, tenderID uuid.UUID, expected int64, lots []uuid.UUID, setVersion int, reply func(Submitted) Answer) (Submitted, error) {
	var out Submitted
	err := a.throughGate(ctx, tenderID, TenderSubmit, func(w *work, gate db.Gate) error {
		d, err := w.openDraft(ctx, tenderID, expected, true)
		if err != nil {
			return err
		}
		defer d.zero()
		if !d.begun() {
			return fault.New(fault.Conflict, "tender.no-draft")
		}
		if err := d.heldAgainst(ctx, setVersion); err != nil {
			return err
		}
		d.row.Lots = lots
		if err := d.complete(); err != nil {
			return err
		}
		receipt, err := d.submit(ctx, gate)
		if err != nil {
			return err
		}
		out = Submitted{tenderOf(d.row, d.pub.Title, d.pub.Deadline), receipt}
		if reply != nil {
			w.reply(ctx, reply(out))
		}
		w.now = gate.ReceivedAt
		if err := w.audit(ctx, entry{action: "tender.submitted", object: tenderID, audience: onObject,
			after: map[string]string{"submission": itoa(d.row.Submission), "receivedAt": gate.ReceivedAt.UTC().Format(time.RFC3339Nano)}, hash: hashOf(receipt)}); err != nil {
			return err
		}
		w.inCase(d.pub)
		return w.tellSigners(ctx, d.together, "tender.receipt", tenderID, map[string]string{"receivedAt": gate.ReceivedAt.UTC().Format(timeFormat), "submission": itoa(d.row.Submission)})
	})
	return out, err
}

// Withdraw takes the standing tender back before the deadline. The receipt is
// kept; the opening wraps are deleted, so the worker never unwraps it.
func (a *App) Withdraw(ctx context.Context, tenderID uuid.UUID, expected int64) (Tender, error) {
	var out Tender
	err := a.throughGate(ctx, tenderID, TenderSubmit, func(w *work, gate db.Gate) error {
		row, pub, err := w.ownTenderByID(ctx, tenderID, true)
		if err != nil {
			return err
		}
		if expected != 0 && expected != row.Version {
			return fault.New(fault.Stale, "case.version", fault.Params{"expected": itoa(expected), "is": itoa(row.Version)})
		}
		if row.State != stateSubmitted {
			return fault.New(fault.Conflict, "tender.not-submitted")
		}
		d := &draft{w: w, row: row, pub: pub}
		if err := d.endStanding(ctx, stateWithdrawn); err != nil {
			return err
		}
		d.row.State, d.row.ReceivedAt = stateWithdrawn, nil
		if err := d.saveRow(ctx); err != nil {
			return err
		}
		out = tenderOf(d.row, pub.Title, pub.Deadline)
		w.now = gate.ReceivedAt
		if err := w.audit(ctx, entry{action: "tender.withdrawn", object: tenderID, audience: onObject, after: map[string]string{"submission": itoa(row.Submission)}}); err != nil {
			return err
		}
		w.inCase(pub)
		together, err := w.together(ctx, row)
		if err != nil {
			return err
		}
		return w.tellSigners(ctx, together, "tender.withdrawn", tenderID, map[string]string{"submission": itoa(row.Submission)})
	})
	return out, err
}

// lateError carries the gate out of the transaction that is rolled back.
type lateError struct{ gate db.Gate }

func (lateError) Error() string { return "late" }

// throughGate runs f in a transaction whose first act is to pass the gate. What
// comes late, and what could not pass, is recorded in a transaction of its own.
func (a *App) throughGate(ctx context.Context, tenderID uuid.UUID, perm Permission, f func(w *work, gate db.Gate) error) error {
	by, err := actor.From(ctx)
	if err != nil {
		return err
	}
	if err := mayAtAll(by, perm); err != nil {
		a.noteDenied(ctx, by, perm, tenderID, err)
		return err
	}
	row, err := a.q.Tender(ctx, db.As(a.Pool, by), tenderID)
	if err != nil {
		return db.Fault(err)
	}
	if err := a.handsIn(ctx, by, perm, row); err != nil {
		return err
	}
	err = a.doIn(ctx, a.Submissions, perm, func(w *work) error {
		gate, err := db.EnterGate(ctx, w.tx, row.ProcurementID)
		if err != nil {
			return err
		}
		if !procurement.InTime(gate.ReceivedAt, gate.Deadline) {
			return lateError{gate}
		}
		if gate.ClosedAt != nil {
			// Received in time and yet behind closing cannot be; if it is, the
			// supplier is told the truth and the lead buyer can extend.
			return fault.New(fault.Unavailable, "tender.gate-closed")
		}
		return f(w, gate)
	})
	var late lateError
	switch {
	case errors.As(err, &late):
		a.noteAttempt(ctx, by, row, late.gate.ReceivedAt, late.gate.Deadline, "late")
		return fault.New(fault.Conflict, "tender.late", fault.Params{
			"receivedAt": late.gate.ReceivedAt.UTC().Format(time.RFC3339Nano), "deadline": late.gate.Deadline.UTC().Format(time.RFC3339)}).By("FOA § 24-1 (1) a")
	case fault.Is(err, fault.Unavailable):
		a.noteOutage(ctx, by, row)
	}
	return err
}

// noteAttempt records a late tender or one that could not pass the gate. When it
// cannot be recorded the log tells.
func (a *App) noteAttempt(ctx context.Context, by actor.Actor, row sqlcgen.Tender, at, deadline time.Time, reason string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := db.InTx(ctx, a.Pool, by, func(tx pgx.Tx) error {
		w := &work{app: a, tx: tx, q: a.q, by: by, now: at}
		w.p.ID = row.ProcurementID
		if err := a.q.NoteLateAttempt(ctx, tx, sqlcgen.NoteLateAttemptParams{ProcurementID: row.ProcurementID, TenderID: &row.ID, ReceivedAt: at, Deadline: deadline, Reason: reason}); err != nil {
			return db.Fault(err)
		}
		if err := db.Fault(a.q.TellLead(ctx, tx, sqlcgen.TellLeadParams{Procurement: row.ProcurementID, What: "tender." + reason, Object: row.ID,
			Params: asJSON(map[string]string{"receivedAt": at.UTC().Format(time.RFC3339Nano)})})); err != nil {
			return err
		}
		return w.audit(ctx, entry{action: "tender.submitted", outcome: "refused", object: row.ID, after: map[string]string{"reason": reason, "receivedAt": at.UTC().Format(time.RFC3339Nano)}})
	})
	if err != nil {
		a.Log.ErrorContext(ctx, "an attempt to submit could not be recorded", "tender", row.ID, "reason", reason, "receivedAt", at, "error", err.Error())
	}
}

func (a *App) noteOutage(ctx context.Context, by actor.Actor, row sqlcgen.Tender) {
	pub, err := a.q.PublicProcurement(context.WithoutCancel(ctx), db.As(a.Pool, by), row.ProcurementID)
	if err != nil {
		a.Log.ErrorContext(ctx, "a submission could not pass the gate, nor be recorded", "tender", row.ID, "error", err.Error())
		return
	}
	a.noteAttempt(ctx, by, row, pub.CaseNow, pub.Deadline, "gate_timeout")
}

// complete judges the draft as a whole: chosen lots, every answer that is
// asked, and the declaration.
func (d *draft) complete() error {
	var l fault.List
	var notice PublicNotice
	if err := json.Unmarshal(d.pub.Notice, &notice); err != nil {
		return fault.Wrap(fault.Internal, "notice.decode", err)
	}
	if len(d.row.Lots) == 0 {
		l.Addf("tender.no-lots", "lots")
	}
	for i, lot := range d.row.Lots {
		if !notice.Plan.HasLot(lot) || slices.Contains(d.row.Lots[:i], lot) {
			l.Addf("tender.unknown-lot", "lots["+itoa(i)+"]")
		}
	}
	if err := l.Err(); err != nil {
		return err
	}
	if err := d.judgeConsortium(&l); err != nil {
		return err
	}
	s := d.summary()
	for _, id := range s.Missing {
		l.Addf("tender.answer-missing", "answers."+id.String(), fault.Params{"number": d.number(id)})
	}
	for _, p := range s.Problems {
		l.Addf(p.Rule, "answers."+p.Requirement.String(), p.Params, fault.Params{"number": d.number(p.Requirement)})
	}
	if l.Empty() {
		return nil
	}
	// A summary that counts them stands first; the answers follow.
	first := fault.New(fault.Invalid, "tender.incomplete", fault.Params{"missing": itoa(len(s.Missing)), "invalid": itoa(len(s.Invalid))})
	if f, ok := fault.As(l.Err()); ok {
		first.Also = f.All()
		for i, e := range first.Also {
			c := *e
			c.Also = nil
			first.Also[i] = &c
		}
	}
	return first
}

func (d *draft) number(id uuid.UUID) string {
	r, _ := d.requirement(id)
	return r.Number
}

// parcel is what one envelope is to hold: the answers and files of a lot and
// part.
type parcel struct {
	place
	content seal.Content
	files   []draftFile
}

// parcels are what a submission for the draft's lots hands over, in the order of
// the receipt.
func (d *draft) parcels() []parcel {
	byPlace := map[place]*parcel{}
	at := func(p place) *parcel {
		if byPlace[p] == nil {
			byPlace[p] = &parcel{place: p}
		}
		return byPlace[p]
	}
	fallen := d.fallen()
	for id := range d.answers {
		p := d.placeOf(id)
		if !d.handsIn(p, id, fallen) {
			continue
		}
		at(p).content.Answers = append(at(p).content.Answers, d.sealable(id))
	}
	for p, files := range d.filesToSubmit(fallen) {
		at(p).files = files // files alone need an envelope too
		for _, f := range files {
			at(p).content.Files = append(at(p).content.Files, f.File)
		}
	}
	out := make([]parcel, 0, len(byPlace))
	for _, p := range byPlace {
		slices.SortFunc(p.content.Answers, func(a, b seal.Answer) int { return bytes.Compare(a.Requirement[:], b.Requirement[:]) })
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b parcel) int {
		return cmp.Or(bytes.Compare(a.lot[:], b.lot[:]), cmp.Compare(a.part, b.part))
	})
	return out
}

// fallen are the requirements that ask nothing of the tender: they do not apply,
// or an amendment has taken them out.
func (d *draft) fallen() map[uuid.UUID]bool {
	out := map[uuid.UUID]bool{}
	for _, id := range slices.Concat(d.summary().NotApplicable, d.goneIDs()) {
		out[id] = true
	}
	return out
}

// handsIn reports whether what belongs to a requirement is handed in: nothing for
// a lot that is not tendered or a question that fell away. What was handed in is
// as its envelopes have it.
func (d *draft) handsIn(p place, id uuid.UUID, fallen map[uuid.UUID]bool) bool {
	return d.handedIn || (p.lot == uuid.Nil || slices.Contains(d.row.Lots, p.lot)) && !fallen[id]
}

// submit seals the answers of the chosen lots and hands the data keys over for
// the opening.
func (d *draft) submit(ctx context.Context, gate db.Gate) (json.RawMessage, error) {
	parcels := d.parcels()
	n := d.row.Draft
	receipt := seal.Receipt{Procurement: d.row.ProcurementID, Tender: d.row.ID, Supplier: d.w.by.Org, Members: d.together.Joined(), Submission: int(n),
		ReceivedAt: gate.ReceivedAt.UTC().Truncate(time.Microsecond), Deadline: gate.Deadline.UTC().Truncate(time.Microsecond)}
	envelopes := make([]sealedEnvelope, 0, len(parcels))
	for _, p := range parcels {
		k := d.key(p.place)
		e, err := seal.SealContent(k.key, d.scope(p.place), p.content)
		if err != nil {
			return nil, err
		}
		receipt.Files = append(receipt.Files, p.listed()...)
		receipt.Envelopes = append(receipt.Envelopes, e.ReceiptEntry(p.lot, p.part))
		row := sealedEnvelope{Lot: p.lot, Part: p.part, DataKey: k.id, Sealed: base64.StdEncoding.EncodeToString(e.Ciphertext), SHA256: base64.StdEncoding.EncodeToString(e.SHA256[:]), place: p.place}
		for _, a := range p.content.Answers {
			row.Requirements = append(row.Requirements, a.Requirement)
		}
		envelopes = append(envelopes, row)
	}
	if err := d.saveKeys(ctx); err != nil {
		return nil, err
	}
	signed, err := d.w.app.Signing.Sign(receipt)
	if err != nil {
		return nil, err
	}
	raw := asJSON(signed)
	if err := d.deliver(ctx, n, gate, envelopes, raw); err != nil {
		return nil, err
	}
	return raw, d.deliverFiles(ctx, n, parcels)
}

type sealedEnvelope struct {
	Lot          uuid.UUID   `json:"lot_id"`
	Part         seal.Part   `json:"part"`
	DataKey      uuid.UUID   `json:"data_key_id"`
	Requirements []uuid.UUID `json:"requirements"`
	Sealed       string      `json:"sealed"`
	SHA256       string      `json:"sha256"`
	place        place
}

// deliver writes the submission in place of the one that stood before.
func (d *draft) deliver(ctx context.Context, n int32, gate db.Gate, envelopes []sealedEnvelope, receipt json.RawMessage) error {
	q, tx := d.w.q, d.w.tx
	if err := d.endStanding(ctx, "replaced"); err != nil {
		return err
	}
	if err := q.InsertSubmission(ctx, tx, sqlcgen.InsertSubmissionParams{TenderID: d.row.ID, N: n, Draft: d.row.Draft, SetVersion: d.pub.SetVersion, Lots: d.row.Lots, Members: d.together.Joined(),
		ReceivedAt: gate.ReceivedAt, SubmittedBy: d.w.by.ID, Receipt: receipt}); err != nil {
		return db.Fault(err)
	}
	if err := q.InsertEnvelopes(ctx, tx, sqlcgen.InsertEnvelopesParams{TenderID: d.row.ID, Submission: n, Rows: asJSON(envelopes)}); err != nil {
		return db.Fault(err)
	}
	wraps, err := d.openingWraps(envelopes)
	if err != nil {
		return err
	}
	if err := q.InsertOpeningWraps(ctx, tx, sqlcgen.InsertOpeningWrapsParams{TenderID: d.row.ID, Rows: wraps}); err != nil {
		return db.Fault(err)
	}
	// The envelopes hold the answers now; the supplier reads them from there.
	if err := q.ClearDraft(ctx, tx, sqlcgen.ClearDraftParams{TenderID: d.row.ID, Draft: d.row.Draft}); err != nil {
		return db.Fault(err)
	}
	d.row.State, d.row.Submission, d.row.ReceivedAt = stateSubmitted, n, &gate.ReceivedAt
	return d.saveRow(ctx)
}

func (d *draft) openingWraps(envelopes []sealedEnvelope) (json.RawMessage, error) {
	var public []PublicKey
	if err := json.Unmarshal(d.pub.OpeningKeys, &public); err != nil {
		return nil, fault.Wrap(fault.Internal, "opening-keys.decode", err)
	}
	type row struct {
		DataKey    uuid.UUID `json:"data_key_id"`
		OpeningKey uuid.UUID `json:"opening_key_id"`
		Wrapped    string    `json:"wrapped"`
	}
	rows := make([]row, 0, len(envelopes))
	for _, e := range envelopes {
		i := slices.IndexFunc(public, func(k PublicKey) bool { return k.Lot == e.Lot && k.Part == e.Part })
		if i < 0 {
			return nil, fault.New(fault.Internal, "opening-keys.missing")
		}
		wrapped, err := seal.WrapForOpening(public[i].Public, d.scope(e.place), d.keys[e.place].key)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{e.DataKey, public[i].ID, base64.StdEncoding.EncodeToString(wrapped)})
	}
	return asJSON(rows), nil
}

// endStanding marks the submission that stood, and deletes its opening wraps.
func (d *draft) endStanding(ctx context.Context, state string) error {
	if _, err := d.w.q.EndStandingSubmission(ctx, d.w.tx, sqlcgen.EndStandingSubmissionParams{TenderID: d.row.ID, State: state}); err != nil {
		return db.Fault(err)
	}
	return db.Fault(d.w.q.DropOpeningWraps(ctx, d.w.tx, d.row.ID))
}
