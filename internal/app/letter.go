package app

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/evaluation"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Kinds of letters.
const (
	letterAward        = "award"
	letterRejection    = "rejection"
	letterCancellation = "cancellation"
	letterReversal     = "reversal"
)

// LetterBody is the facts of a letter. The text is made from them at the edge,
// in the reader's language; letter, record and notice then cannot differ.
type LetterBody struct {
	Title     string    `json:"title"`
	Reference string    `json:"reference,omitempty"`
	From      string    `json:"from"`
	Contact   string    `json:"contact,omitempty"`
	Language  string    `json:"language,omitempty"`
	Invented  bool      `json:"invented,omitempty"`
	Supplier  string    `json:"supplier"`
	Regime    string    `json:"regime,omitempty"`
	SentAt    time.Time `json:"sentAt"`
	Reason    string    `json:"reason,omitempty"`
	Ground    string    `json:"ground,omitempty"`
	Paragraph string    `json:"paragraph,omitempty"`
	// Of an award letter:
	StandstillUntil time.Time   `json:"standstillUntil,omitzero"`
	Lots            []LetterLot `json:"lots,omitempty"`
}

// LetterLot tells a supplier how one lot was decided: the winner's name and
// properties, and the relative advantages per criterion (FOA § 25-1 (2), § 10-1).
type LetterLot struct {
	Number   int               `json:"number"`
	Title    string            `json:"title"`
	Winner   string            `json:"winner"`
	IsWinner bool              `json:"isWinner"`
	Reason   string            `json:"reason"`
	Rank     int               `json:"rank,omitempty"`
	Tenders  int               `json:"tenders"`
	Total    decimal.Decimal   `json:"total"`
	Winners  decimal.Decimal   `json:"winnersTotal"`
	Criteria []LetterCriterion `json:"criteria,omitempty"`
}

// LetterCriterion compares the receiver with the winner under one criterion.
// Prices stand with points only: the amounts of others are business secrets
// (FOA § 7-4).
type LetterCriterion struct {
	Name          string              `json:"name"`
	Weight        requirement.Percent `json:"weight"`
	Price         bool                `json:"price,omitempty"`
	OwnPrice      money.NOK           `json:"ownPrice,omitzero"`
	Points        decimal.Decimal     `json:"points"`
	WinnersPoints decimal.Decimal     `json:"winnersPoints"`
	Elements      []LetterElement     `json:"elements,omitempty"`
}

// LetterElement is one counted requirement with the evaluators' notes on both
// tenders.
type LetterElement struct {
	Number        string          `json:"number"`
	Text          string          `json:"text"`
	Points        decimal.Decimal `json:"points"`
	WinnersPoints decimal.Decimal `json:"winnersPoints"`
	Notes         []string        `json:"notes,omitempty"`
	WinnersNotes  []string        `json:"winnersNotes,omitempty"`
}

// letter keeps a letter and tells the organisations of the tender that it is
// there.
func (w *work) letter(ctx context.Context, t OpenedTender, kind string, body LetterBody) error {
	lead, err := w.q.Organisation(ctx, w.tx, w.p.Lead)
	if err != nil {
		return db.Fault(err)
	}
	body.Reference, body.From, body.Contact, body.Language = w.p.Plan.Reference, lead.Name, w.p.Plan.Notice.ContactEmail, w.p.Plan.Language
	body.Invented = w.p.Space != RealSpace
	if err := w.q.InsertLetter(ctx, w.tx, sqlcgen.InsertLetterParams{ID: uuid.Must(uuid.NewV7()), ProcurementID: w.p.ID, TenderID: t.ID, Round: int32(w.p.State.AwardRound), Kind: kind, Body: asJSON(body), SentAt: w.now}); err != nil { //nolint:gosec // rounds count up from 1
		return db.Fault(err)
	}
	params := map[string]string{}
	if !body.StandstillUntil.IsZero() {
		params["standstillUntil"] = body.StandstillUntil.UTC().Format(timeFormat)
	}
	for _, org := range t.organisations() {
		if err := w.tellOne(ctx, org, "letter."+kind, t.ID, params); err != nil {
			return err
		}
	}
	return nil
}

// letters writes the same short letter to every supplier that delivered a
// tender. Before the opening nobody knows who they are: then everybody who is
// interested is told by the event itself.
func (w *work) letters(ctx context.Context, kind, reason string) error {
	if w.p.State.QualityOpenedAt.IsZero() {
		return nil
	}
	tenders, err := w.openedTenders(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenders {
		if err := w.letter(ctx, t, kind, LetterBody{Title: w.p.Plan.Title, Supplier: t.Names(), Reason: reason, SentAt: w.now, Regime: string(w.p.State.Regime)}); err != nil {
			return err
		}
	}
	return nil
}

// awardLetters writes to all suppliers whose tenders were opened, in one
// transaction: they get their letters at the same moment.
func (w *work) awardLetters(ctx context.Context, f evaluationFacts, rankings []LotRanking, winners []procurement.Winner) error {
	for _, t := range f.tenders {
		body := LetterBody{Title: w.p.Plan.Title, Supplier: t.Names(), Regime: string(w.p.State.Regime), SentAt: w.now, StandstillUntil: w.p.State.StandstillUntil}
		if t.Rejection != nil {
			body.Ground, body.Paragraph, body.Reason = string(t.Rejection.Ground), t.Rejection.Paragraph, t.Rejection.Reason
		}
		for _, r := range rankings {
			i := slices.IndexFunc(winners, func(c procurement.Winner) bool { return c.Lot == r.Lot.ID })
			if i >= 0 && slices.Contains(t.Lots, r.Lot.ID) {
				body.Lots = append(body.Lots, f.letterLot(t, r, winners[i]))
			}
		}
		if err := w.letter(ctx, t, letterAward, body); err != nil {
			return err
		}
	}
	return nil
}

func (f evaluationFacts) letterLot(t OpenedTender, r LotRanking, winner procurement.Winner) LetterLot {
	out := LetterLot{Number: r.Lot.Number, Title: r.Lot.Title, Winner: r.Names[winner.Tender], IsWinner: t.ID == winner.Tender, Reason: winner.Reason, Tenders: len(r.Names)}
	find := func(id uuid.UUID) (evaluation.Ranked, bool) {
		i := slices.IndexFunc(r.Result.Ranking, func(x evaluation.Ranked) bool { return x.Tender == id })
		if i < 0 {
			return evaluation.Ranked{}, false
		}
		return r.Result.Ranking[i], true
	}
	best, _ := find(winner.Tender)
	out.Winners = best.Total
	own, ranked := find(t.ID)
	if !ranked {
		return out // rejected: not evaluated
	}
	out.Rank, out.Total = own.Rank, own.Total
	for i, c := range own.Criteria {
		criterion, _ := f.set.Criterion(c.Criterion)
		line := LetterCriterion{Name: criterion.Name, Weight: c.Weight, Price: c.Kind == requirement.PriceCriterion, Points: c.Points, WinnersPoints: best.Criteria[i].Points}
		if line.Price {
			line.OwnPrice = c.Price
		}
		for j, e := range c.Elements {
			if line.Price {
				break
			}
			req, _ := f.set.Requirement(e.Requirement)
			line.Elements = append(line.Elements, LetterElement{Number: req.Number, Text: orElse(req.Title, req.Text), Points: e.Points, WinnersPoints: best.Criteria[i].Elements[j].Points,
				Notes: f.notes(t.ID, e.Requirement), WinnersNotes: f.notes(winner.Tender, e.Requirement)})
		}
		out.Criteria = append(out.Criteria, line)
	}
	return out
}

func (f evaluationFacts) notes(tender, requirement uuid.UUID) []string {
	var out []string
	for _, s := range f.scores {
		if s.Tender == tender && s.Requirement == requirement {
			out = append(out, s.Note)
		}
	}
	return out
}

// Letter is one letter to a supplier.
type Letter struct {
	ID           uuid.UUID
	Procurement  uuid.UUID
	Tender       uuid.UUID
	SupplierName string
	Kind         string
	SentAt       time.Time
	Body         LetterBody
}

// Letters lists the letters of a case for the team.
func (a *App) Letters(ctx context.Context, id uuid.UUID) ([]Letter, error) {
	var out []Letter
	err := a.do(ctx, TendersRead, func(w *work) error {
		if err := w.load(ctx, id, TendersRead); err != nil {
			return err
		}
		rows, err := w.q.Letters(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			l := Letter{ID: r.ID, Procurement: id, Tender: r.TenderID, SupplierName: r.SupplierName, Kind: r.Kind, SentAt: r.SentAt}
			if err := json.Unmarshal(r.Body, &l.Body); err != nil {
				return fault.Wrap(fault.Internal, "letter.decode", err)
			}
			out = append(out, l)
		}
		return nil
	})
	return out, err
}

// OwnLetters lists the letters to the supplier's own tender.
func (a *App) OwnLetters(ctx context.Context, tenderID uuid.UUID) ([]Letter, error) {
	var out []Letter
	err := a.do(ctx, TenderRead, func(w *work) error {
		if _, _, err := w.ownTenderByID(ctx, tenderID, false); err != nil {
			return err
		}
		rows, err := w.q.TenderLetters(ctx, w.tx, tenderID)
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			l := Letter{ID: r.ID, Procurement: r.ProcurementID, Tender: r.TenderID, Kind: r.Kind, SentAt: r.SentAt}
			if err := json.Unmarshal(r.Body, &l.Body); err != nil {
				return fault.Wrap(fault.Internal, "letter.decode", err)
			}
			out = append(out, l)
		}
		return nil
	})
	return out, err
}
