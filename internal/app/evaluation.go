package app

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// OpenedTender is a tender as the team sees it after the opening.
type OpenedTender struct {
	ID           uuid.UUID
	Supplier     uuid.UUID
	SupplierName string
	OrgNumber    string
	// Members are the other organisations in whose name it was handed in.
	Members []OpenedMember
	// AlsoIn are the other opened tenders that one of its organisations is in:
	// shown to people, never judged.
	AlsoIn      []uuid.UUID
	Lots        []uuid.UUID
	ReceivedAt  time.Time
	Declaration json.RawMessage
	// FailsAbsolute counts answers that say no to an absolute requirement: a
	// flag for people, never a rejection.
	FailsAbsolute int
	Rejection     *Rejection
	// Standing is how its answers stand to the published requirements: an
	// unconfirmed tender is opened and shown as such, never dropped.
	// Of what touches it, Missing is not answered since it was not asked, and Gone
	// is answered and asked no more.
	Standing      procurement.Standing
	Missing, Gone []uuid.UUID
}

// Rejection is why a tender was rejected.
type Rejection struct {
	Ground     procurement.Ground
	Paragraph  string
	Reason     string
	RejectedAt time.Time
}

// OpenedTenders lists the opened tenders of a case. Every reading is audited.
func (a *App) OpenedTenders(ctx context.Context, id uuid.UUID) ([]OpenedTender, error) {
	var out []OpenedTender
	err := a.do(ctx, TendersRead, func(w *work) error {
		if err := w.load(ctx, id, TendersRead); err != nil {
			return err
		}
		var err error
		if out, err = w.openedTenders(ctx); err != nil {
			return err
		}
		return w.audit(ctx, entry{action: "tenders.read", object: id})
	})
	return out, err
}

// Rules that refuse to read tenders before their opening.
const (
	ruleSealed      = "tenders.sealed"
	rulePriceSealed = "award.price-sealed"
)

func (w *work) openedTenders(ctx context.Context) ([]OpenedTender, error) {
	if w.p.State.QualityOpenedAt.IsZero() {
		return nil, fault.New(fault.Conflict, ruleSealed).By("FOA § 22-3")
	}
	rows, err := w.q.OpenedTenders(ctx, w.tx, w.p.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	standings, err := w.standings(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]OpenedTender, len(rows))
	for i, r := range rows {
		out[i] = OpenedTender{ID: r.ID, Standing: standings[r.ID].Standing, Missing: standings[r.ID].missing, Gone: standings[r.ID].gone, Supplier: r.SupplierOrg, SupplierName: r.SupplierName, OrgNumber: deref(r.Orgnr), Lots: r.Lots, ReceivedAt: r.ReceivedAt,
			Declaration: r.Declaration, FailsAbsolute: int(r.FailsAbsolute)}
		if out[i].Members, err = openedMembers(r.Members); err != nil {
			return nil, err
		}
		if r.Ground != nil {
			out[i].Rejection = &Rejection{procurement.Ground(*r.Ground), deref(r.Paragraph), deref(r.RejectionReason), deref(r.RejectedAt)}
		}
	}
	markSharing(out)
	return out, nil
}

// OpenedAnswers gives a tender's opened answers, by requirement, as JSON.
func (a *App) OpenedAnswers(ctx context.Context, id, tenderID uuid.UUID) (json.RawMessage, error) {
	var out json.RawMessage
	err := a.do(ctx, TendersRead, func(w *work) error {
		if err := w.load(ctx, id, TendersRead); err != nil {
			return err
		}
		if _, err := w.openedTender(ctx, tenderID); err != nil {
			return err
		}
		var err error
		if out, err = w.q.OpenedAnswers(ctx, w.tx, tenderID); err != nil {
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "tender.read", object: tenderID})
	})
	return out, err
}

func (w *work) openedTender(ctx context.Context, tenderID uuid.UUID) (OpenedTender, error) {
	all, err := w.openedTenders(ctx)
	if err != nil {
		return OpenedTender{}, err
	}
	i := slices.IndexFunc(all, func(t OpenedTender) bool { return t.ID == tenderID })
	if i < 0 {
		return OpenedTender{}, fault.New(fault.NotFound, "not-found")
	}
	return all[i], nil
}

// RejectTender rejects a tender with ground, paragraph and reason, and tells the
// supplier in writing (FOA § 24-10).
func (a *App) RejectTender(ctx context.Context, id, tenderID uuid.UUID, ground procurement.Ground, reason string) (Rejection, error) {
	var out Rejection
	err := a.do(ctx, TenderReject, func(w *work) error {
		if err := w.lock(ctx, id, TenderReject); err != nil {
			return err
		}
		t, err := w.openedTender(ctx, tenderID)
		if err != nil {
			return err
		}
		change, err := w.p.Decide(procurement.Reject{Ground: ground, Reason: reason}, w.now)
		if err != nil {
			return err
		}
		paragraph, err := w.p.RejectionParagraph(ground)
		if err != nil {
			return err
		}
		out = Rejection{ground, paragraph, reason, w.now}
		if err := w.q.InsertRejection(ctx, w.tx, sqlcgen.InsertRejectionParams{TenderID: tenderID, ProcurementID: id, Ground: string(ground), Paragraph: paragraph, Reason: reason, RejectedBy: w.by.ID, RejectedAt: w.now}); err != nil {
			return db.Fault(err)
		}
		if err := w.note(ctx, change, id, map[string]string{"tender": tenderID.String()}); err != nil {
			return err
		}
		body := LetterBody{Title: w.p.Plan.Title, Supplier: t.Names(), Ground: string(ground), Paragraph: paragraph, Reason: reason, SentAt: w.now, Regime: string(w.p.State.Regime)}
		return w.letter(ctx, t, letterRejection, body)
	})
	return out, err
}

// LotRanking is the ranking of one lot under the declared formula.
type LotRanking struct {
	Lot    procurement.Lot
	Result evaluation.Result
	// Names of the suppliers by tender.
	Names map[uuid.UUID]string
}

// Ranking ranks the tenders of every lot. It returns conflict
// (award.price-sealed) while prices are closed.
func (a *App) Ranking(ctx context.Context, id uuid.UUID) ([]LotRanking, error) {
	var out []LotRanking
	err := a.do(ctx, TendersRead, func(w *work) error {
		if err := w.load(ctx, id, TendersRead); err != nil {
			return err
		}
		f, err := w.evaluationFacts(ctx)
		if err != nil {
			return err
		}
		if out, err = f.rank(); err != nil {
			return err
		}
		return w.audit(ctx, entry{action: "tenders.ranking-read", object: id})
	})
	return out, err
}

// evaluationFacts is all that a ranking depends on.
type evaluationFacts struct {
	plan    procurement.Plan
	set     requirement.Set
	tenders []OpenedTender
	values  map[uuid.UUID]requirement.Values
	scores  []Score
}

func (w *work) evaluationFacts(ctx context.Context) (evaluationFacts, error) {
	f := evaluationFacts{plan: w.p.Plan, values: map[uuid.UUID]requirement.Values{}}
	if w.p.State.PriceOpenedAt.IsZero() {
		return f, fault.New(fault.Conflict, rulePriceSealed)
	}
	var err error
	if f.set, err = w.publishedSet(ctx); err != nil {
		return f, err
	}
	if f.tenders, err = w.openedTenders(ctx); err != nil {
		return f, err
	}
	if f.scores, err = w.scores(ctx); err != nil {
		return f, err
	}
	rows, err := w.q.OpenedValues(ctx, w.tx, w.p.ID)
	if err != nil {
		return f, db.Fault(err)
	}
	for _, r := range rows {
		var v requirement.Values
		if err := json.Unmarshal(r.Answers, &v); err != nil {
			return f, fault.Wrap(fault.Internal, "answers.decode", err)
		}
		f.values[r.TenderID] = v
	}
	return f, nil
}

// rank ranks lot by lot; a lot that nobody tendered for has an empty ranking.
func (f evaluationFacts) rank() ([]LotRanking, error) {
	out := make([]LotRanking, 0, len(f.plan.Lots))
	for _, lot := range f.plan.Lots {
		in := evaluation.Input{Set: f.set, Lot: lot.ID, Formula: f.plan.Formula}
		names := map[uuid.UUID]string{}
		for _, t := range f.tenders {
			if !slices.Contains(t.Lots, lot.ID) {
				continue
			}
			names[t.ID] = t.Names()
			e := evaluation.Tender{ID: t.ID, Rejected: t.Rejection != nil}
			prices, err := f.set.Prices(f.values[t.ID], lot.ID)
			if err != nil && !e.Rejected {
				return nil, err
			}
			e.Prices = prices
			for _, s := range f.scores {
				if r, known := f.set.Requirement(s.Requirement); s.Tender == t.ID && known && r.ForLot(lot.ID) {
					e.Scores = append(e.Scores, evaluation.Score{Requirement: s.Requirement, Evaluator: s.Evaluator, Points: s.Points})
				}
			}
			in.Tenders = append(in.Tenders, e)
		}
		r := LotRanking{Lot: lot, Names: names}
		if len(in.Tenders) > 0 {
			result, err := evaluation.Rank(in)
			if err != nil {
				return nil, err
			}
			r.Result = result
		}
		out = append(out, r)
	}
	return out, nil
}
