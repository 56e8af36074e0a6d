package app

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Question is what a supplier asks, without the supplier.
type Question struct {
	ID           uuid.UUID
	Text         string
	Requirements []uuid.UUID
	AskedAt      time.Time
	// Late: not before the latest time for questions, as that is now. It never
	// holds the opening.
	Late bool
	// Clarification is the answer to all that it led to, with its number; nil
	// while there is none.
	Clarification *uuid.UUID
	Number        int
	// Declined: what it led to is a reason and no answer.
	Declined bool
}

// QuestionList is questions with the latest dates.
type QuestionList struct {
	Questions   []Question
	QuestionsBy time.Time
	// AnswersDue is the latest day for answers; zero where it is not known.
	AnswersDue calendar.Date
	// DaysLeft is how many days are left until then, negative when it is past.
	DaysLeft int
}

// NewQuestion is what is asked, and the requirements that it is about.
type NewQuestion struct {
	Text         string
	Requirements []uuid.UUID
}

// Ask puts a question to the lead buyer, who reads it without the asker's name.
// Asking registers interest. It returns conflict (question.repeated) for one
// that the organisation has asked before, whatever its spaces and capitals.
func (a *App) Ask(ctx context.Context, procurementID uuid.UUID, question NewQuestion) (Question, error) {
	var out Question
	err := a.do(ctx, QuestionAsk, func(w *work) error {
		c, err := w.asking(ctx, procurementID)
		if err != nil {
			return err
		}
		for i, id := range question.Requirements {
			if _, known := c.set.Requirement(id); !known {
				return fault.New(fault.Invalid, "answers.unknown-requirement").At("requirements[" + itoa(i) + "]")
			}
		}
		if before, repeated := c.asked[sameWords(question.Text)]; repeated {
			return fault.New(fault.Conflict, "question.repeated", fault.Params{"asked": before.AskedAt.UTC().Format(time.RFC3339)}).At("text")
		}
		all, err := w.ask(ctx, c, []NewQuestion{question})
		if err != nil {
			return err
		}
		out = all[0]
		return nil
	})
	return out, err
}

// asker is a supplier that asks in a procurement.
type asker struct {
	pub  sqlcgen.PublicProcurementRow
	set  requirement.Set
	late bool
	// asked is what it has asked before, by sameWords.
	asked map[string]Question
}

// asking judges whether the organisation may ask now, and registers its
// interest. Of two requests of one organisation the second waits for the first, so
// that nothing is asked twice.
func (w *work) asking(ctx context.Context, procurementID uuid.UUID) (asker, error) {
	var c asker
	var err error
	if c.pub, err = w.published(ctx, procurementID); err != nil {
		return c, err
	}
	tender, err := w.ownTender(ctx, c.pub)
	if err != nil {
		return c, err
	}
	if _, err := w.q.LockOwnTender(ctx, w.tx, tender.ID); err != nil {
		return c, db.Fault(err)
	}
	return c, w.recall(ctx, &c)
}

// recall reads what is published and what the organisation has asked before. It
// returns conflict when nothing can be asked any more.
func (w *work) recall(ctx context.Context, c *asker) error {
	var err error
	if c.set, err = decodeSet(c.pub.RequirementSet); err != nil {
		return err
	}
	if c.late, err = publicCase(c.pub).MayAsk(w.now); err != nil {
		return err
	}
	own, err := w.ownQuestions(ctx, c.pub)
	c.asked = make(map[string]Question, len(own))
	for _, q := range own {
		c.asked[sameWords(q.Text)] = q
	}
	return err
}

// sameWords gives what texts have in common that differ in spaces and capitals.
func sameWords(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// ask writes questions. Their ids tell nothing of when or with what else they
// were asked.
func (w *work) ask(ctx context.Context, c asker, questions []NewQuestion) ([]Question, error) {
	type row struct {
		ID           uuid.UUID   `json:"id"`
		Text         string      `json:"text"`
		Requirements []uuid.UUID `json:"requirement_ids"`
	}
	var out []Question
	var rows []row
	var ids []uuid.UUID
	for _, q := range questions {
		made := Question{ID: uuid.New(), Text: q.Text, Requirements: append([]uuid.UUID{}, q.Requirements...), AskedAt: w.now, Late: c.late}
		out, ids = append(out, made), append(ids, made.ID)
		rows = append(rows, row{made.ID, made.Text, made.Requirements})
	}
	if err := w.q.InsertQuestions(ctx, w.tx, sqlcgen.InsertQuestionsParams{ProcurementID: c.pub.ID, AskedAt: w.now, Late: c.late, Rows: asJSON(rows)}); err != nil {
		return nil, db.Fault(err)
	}
	if err := w.q.InsertAskers(ctx, w.tx, sqlcgen.InsertAskersParams{IdentityID: w.by.ID, Questions: ids}); err != nil {
		return nil, db.Fault(err)
	}
	w.p.ID = c.pub.ID
	params := map[string]string{"title": c.pub.Title}
	after := map[string]string{"question": ids[0].String()}
	if len(ids) > 1 {
		params["count"] = itoa(len(ids))
		after = map[string]string{"count": itoa(len(ids))}
	}
	if err := w.q.TellLead(ctx, w.tx, sqlcgen.TellLeadParams{Procurement: c.pub.ID, What: "question.asked", Object: ids[0], Params: asJSON(params)}); err != nil {
		return nil, db.Fault(err)
	}
	// The feed tells the lead buyer that a question came, and never from whom.
	return out, w.audit(ctx, entry{action: "question.asked", object: c.pub.ID, audience: onObject, after: after})
}

// publicCase is what is public of a case, for judging by: a supplier sees no
// more of it.
func publicCase(pub sqlcgen.PublicProcurementRow) procurement.Procurement {
	p := procurement.Procurement{Phase: procurement.Phase(pub.Phase)}
	p.Plan.TenderDeadline = pub.Deadline
	p.Plan.QuestionsBy = deref(pub.QuestionsBy)
	p.State.AnswersDue = db.DateOf(pub.AnswersDue)
	return p
}

// Questions lists the questions to the lead buyer, with the latest dates.
func (a *App) Questions(ctx context.Context, id uuid.UUID) (QuestionList, error) {
	var out QuestionList
	err := a.do(ctx, ProcurementRead, func(w *work) error {
		if err := w.load(ctx, id, ProcurementRead); err != nil {
			return err
		}
		questions, err := w.questions(ctx)
		out = questionList(w.p, questions, w.now)
		return err
	})
	return out, err
}

func (w *work) questions(ctx context.Context) ([]Question, error) {
	rows, err := w.q.Questions(ctx, w.tx, w.p.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make([]Question, len(rows))
	for i, r := range rows {
		out[i] = Question{r.ID, r.Text, r.RequirementIds, r.AskedAt, w.p.AskedLate(r.AskedAt), r.ClarificationID, int(r.Number), r.Declined}
	}
	return out, nil
}

// OwnQuestions lists what the organisation has asked, and to which answer each
// question led.
func (a *App) OwnQuestions(ctx context.Context, tenderID uuid.UUID) (QuestionList, error) {
	var out QuestionList
	err := a.do(ctx, TenderRead, func(w *work) error {
		_, pub, err := w.ownTenderByID(ctx, tenderID, false)
		if err != nil {
			return err
		}
		questions, err := w.ownQuestions(ctx, pub)
		out = questionList(publicCase(pub), questions, w.now)
		return err
	})
	return out, err
}

func (w *work) ownQuestions(ctx context.Context, pub sqlcgen.PublicProcurementRow) ([]Question, error) {
	rows, err := w.q.OwnQuestions(ctx, w.tx, pub.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	p := publicCase(pub)
	out := make([]Question, len(rows))
	for i, r := range rows {
		out[i] = Question{r.ID, r.Text, r.RequirementIds, r.AskedAt, p.AskedLate(r.AskedAt), r.ClarificationID, int(r.Number), r.Declined}
	}
	return out, nil
}

func questionList(p procurement.Procurement, questions []Question, now time.Time) QuestionList {
	out := QuestionList{Questions: questions, QuestionsBy: p.Plan.QuestionsBy, AnswersDue: p.State.AnswersDue}
	if !out.AnswersDue.IsZero() {
		out.DaysLeft = out.AnswersDue.Sub(calendar.DateOf(now))
	}
	return out
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
func (a *App) Receipts(ctx context.Context, tenderID uuid.UUID) (OfTender[Receipt], error) {
	var out OfTender[Receipt]
	err := a.do(ctx, TenderRead, func(w *work) error {
		row, pub, err := w.ownTenderByID(ctx, tenderID, false)
		if err != nil {
			return err
		}
		out.Tender = tenderOf(row, pub.Title, pub.Deadline)
		rows, err := w.q.Submissions(ctx, w.tx, tenderID)
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out.Items = append(out.Items, Receipt{int(r.N), r.State, r.ReceivedAt, r.Lots, r.Receipt})
		}
		return nil
	})
	return out, err
}
