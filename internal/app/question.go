package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Question is what a supplier asks, without the supplier.
type Question struct {
	ID           uuid.UUID
	Text         string
	Requirements []uuid.UUID
	AskedAt      time.Time
	// Late: after the latest day for questions; an answer needs a longer
	// deadline.
	Late          bool
	Clarification *uuid.UUID
}

// Clarification is an answer to all.
type Clarification struct {
	ID         uuid.UUID
	Number     int
	Question   string
	Answer     string
	AnsweredAt time.Time
}

// Ask puts a question to the lead buyer, who reads it without the asker's name.
// Asking registers interest.
func (a *App) Ask(ctx context.Context, procurementID uuid.UUID, text string, requirements []uuid.UUID) (Question, error) {
	q := Question{ID: uuid.Must(uuid.NewV7()), Text: text, Requirements: requirements}
	if q.Requirements == nil {
		q.Requirements = []uuid.UUID{}
	}
	err := a.do(ctx, QuestionAsk, func(w *work) error {
		pub, err := w.published(ctx, procurementID)
		if err != nil {
			return err
		}
		if _, err := w.ownTender(ctx, pub); err != nil {
			return err
		}
		set, err := decodeSet(pub.RequirementSet)
		if err != nil {
			return err
		}
		for i, id := range requirements {
			if _, known := set.Requirement(id); !known {
				return fault.New(fault.Invalid, "answers.unknown-requirement").At("requirements[" + itoa(i) + "]")
			}
		}
		q.AskedAt = w.now
		if q.Late, err = mayAsk(pub, w.now); err != nil {
			return err
		}
		if err := w.q.InsertQuestion(ctx, w.tx, sqlcgen.InsertQuestionParams{ID: q.ID, ProcurementID: procurementID, Text: text, RequirementIds: q.Requirements, AskedAt: w.now, Late: q.Late}); err != nil {
			return db.Fault(err)
		}
		if err := w.q.InsertAsker(ctx, w.tx, sqlcgen.InsertAskerParams{QuestionID: q.ID, IdentityID: w.by.ID}); err != nil {
			return db.Fault(err)
		}
		w.p.ID = procurementID
		if err := db.Fault(w.q.TellLead(ctx, w.tx, sqlcgen.TellLeadParams{Procurement: procurementID, What: "question.asked", Object: q.ID, Params: asJSON(map[string]string{"title": pub.Title})})); err != nil {
			return err
		}
		// The feed tells the lead buyer that a question came, and never from
		// whom.
		return w.audit(ctx, entry{action: "question.asked", object: procurementID, audience: onObject, after: map[string]string{"question": q.ID.String()}})
	})
	return q, err
}

// mayAsk judges by what is public of the case: a supplier sees no more of it.
func mayAsk(pub sqlcgen.PublicProcurementRow, now time.Time) (bool, error) {
	p := procurement.Procurement{Phase: procurement.Phase(pub.Phase)}
	p.Plan.TenderDeadline = pub.Deadline
	p.Plan.QuestionsBy = deref(pub.QuestionsBy)
	return p.MayAsk(now)
}

// Questions lists the questions to the lead buyer.
func (a *App) Questions(ctx context.Context, id uuid.UUID) ([]Question, error) {
	var out []Question
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		rows, err := w.q.Questions(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, Question{r.ID, r.Text, r.RequirementIds, r.AskedAt, r.Late, r.ClarificationID})
		}
		return nil
	})
	return out, err
}

// Clarify answers one or several questions to everyone: on the public page, and
// as a notification to all who have registered interest or begun a draft. The
// lead buyer may edit the wording of the question; the original is kept.
func (a *App) Clarify(ctx context.Context, id uuid.UUID, questions []uuid.UUID, question, answer string) (Clarification, error) {
	c := Clarification{ID: uuid.Must(uuid.NewV7()), Question: question, Answer: answer}
	err := a.do(ctx, ClarificationAnswer, func(w *work) error {
		if err := w.lock(ctx, id, ClarificationAnswer); err != nil {
			return err
		}
		late, err := w.p.MayAnswer(w.now)
		if err != nil {
			return err
		}
		n, err := w.q.NextClarification(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		c.Number, c.AnsweredAt = int(n), w.now
		if err := w.q.InsertClarification(ctx, w.tx, sqlcgen.InsertClarificationParams{ID: c.ID, ProcurementID: id, N: n, Question: question, Answer: answer, AnsweredBy: w.by.ID, AnsweredAt: w.now}); err != nil {
			return db.Fault(err)
		}
		marked, err := w.q.MarkAnswered(ctx, w.tx, sqlcgen.MarkAnsweredParams{ProcurementID: id, ClarificationID: &c.ID, Ids: questions})
		if err != nil {
			return db.Fault(err)
		}
		if int(marked) != len(questions) {
			return fault.New(fault.Invalid, "clarification.questions").At("questions")
		}
		if err := w.q.PublishClarification(ctx, w.tx, sqlcgen.PublishClarificationParams{ID: c.ID, ProcurementID: id, N: n, Question: question, Answer: answer, AnsweredAt: w.now}); err != nil {
			return db.Fault(err)
		}
		params := asJSON(map[string]string{"title": w.p.Plan.Title, "number": itoa(n)})
		if err := w.q.TellInterested(ctx, w.tx, sqlcgen.TellInterestedParams{Procurement: id, What: "clarification.published", Object: c.ID, Params: params}); err != nil {
			return db.Fault(err)
		}
		after := map[string]string{"number": itoa(n)}
		if late {
			after["late"] = "true"
		}
		return w.audit(ctx, entry{action: "clarification.published", object: id, audience: interested, after: after})
	})
	return c, err
}

// LateAttempt is a tender that came too late or could not pass the gate.
type LateAttempt struct {
	Supplier     uuid.UUID
	SupplierName string
	ReceivedAt   time.Time
	Deadline     time.Time
	// Reason: late, or gate_timeout for an outage of ours.
	Reason string
}

// LateAttempts shows the lead buyer who came too late, once the deadline has
// passed: before it, nobody can have.
func (a *App) LateAttempts(ctx context.Context, id uuid.UUID) ([]LateAttempt, error) {
	var out []LateAttempt
	err := a.do(ctx, ProcurementPlan, func(w *work) error {
		if err := w.load(ctx, id, ProcurementPlan); err != nil {
			return err
		}
		rows, err := w.q.LateAttempts(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, LateAttempt{r.SupplierOrg, r.SupplierName, r.ReceivedAt, r.Deadline, r.Reason})
		}
		return nil
	})
	return out, err
}

// Receipt is one submission of the supplier's own, with its signed receipt.
type Receipt struct {
	Submission int
	// State: standing, replaced or withdrawn.
	State      string
	ReceivedAt time.Time
	Lots       []uuid.UUID
	Receipt    json.RawMessage
}

// Receipts lists the supplier's own submissions with their receipts, replaced
// and withdrawn ones too.
func (a *App) Receipts(ctx context.Context, tenderID uuid.UUID) ([]Receipt, error) {
	var out []Receipt
	err := a.do(ctx, TenderRead, func(w *work) error {
		if _, _, err := w.ownTenderByID(ctx, tenderID, false); err != nil {
			return err
		}
		rows, err := w.q.Submissions(ctx, w.tx, tenderID)
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, Receipt{int(r.N), r.State, r.ReceivedAt, r.Lots, r.Receipt})
		}
		return nil
	})
	return out, err
}
