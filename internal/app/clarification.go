package app

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Clarification is one version of an answer to all, as everybody reads it. It
// tells nothing of who asked, how many did, or when.
type Clarification struct {
	ID     uuid.UUID
	Number int
	// Version counts from 1; a later one corrects it, and both stay.
	Version int
	// Edition is the version of the questions and answers, as a document, that
	// it came with.
	Edition int
	// Declined: Answer is the reason why there is no answer.
	Declined bool
	// Question is empty where the lead buyer tells something unasked.
	Question string
	Answer   string
	// Comment says why it was corrected; empty in the first version.
	Comment      string
	Requirements []LinkedRequirement
	// SetVersion is the version of the requirements that it led to, told since
	// SetEdition; 0 for none.
	SetVersion, SetEdition int
	AnsweredAt             time.Time
}

// LinkedRequirement is a requirement with the number that it had then.
type LinkedRequirement struct {
	ID     uuid.UUID `json:"id"`
	Number string    `json:"number"`
}

// NewClarification answers questions to all, or tells all something unasked.
type NewClarification struct {
	Questions        []uuid.UUID
	Question, Answer string
	// Requirements that it is about; nil for those of the questions.
	Requirements []uuid.UUID
}

// PublishedClarification is an answer as it was published. Past the latest day
// for answers the deadline has to move.
type PublishedClarification struct {
	Clarification
	Postponement *procurement.Postponement
}

// Correction takes the place of what an answer says.
type Correction struct {
	Question, Answer, Comment string
	// Requirements that it is about; nil for the same as before.
	Requirements []uuid.UUID
}

// Clarify answers one or several questions to everyone, or none: on the public
// page, and as a notification to all who have registered interest or begun a
// draft. The lead buyer words the question as all are to read it; the originals
// are kept. It returns conflict when no answer can be given any more, and invalid
// (clarification.questions, clarification.wording, answers.unknown-requirement).
func (a *App) Clarify(ctx context.Context, id uuid.UUID, c NewClarification) (PublishedClarification, error) {
	var out PublishedClarification
	err := a.do(ctx, ClarificationAnswer, func(w *work) error {
		if err := w.lock(ctx, id, ClarificationAnswer); err != nil {
			return err
		}
		var err error
		if out.Postponement, err = w.p.MayAnswer(w.now); err != nil {
			return err
		}
		all, err := w.clarify(ctx, []NewClarification{c}, false)
		if err != nil {
			return err
		}
		out.Clarification = all[0]
		return w.tellAnswers(ctx, "clarification.published", all, out.Postponement != nil)
	})
	return out, err
}

// DeclineQuestions declines questions with a reason, to all and like an answer.
// After the deadline it is the only way to settle a question, and without that
// nothing is opened. It returns conflict after the opening, and the invalid
// faults of Clarify.
func (a *App) DeclineQuestions(ctx context.Context, id uuid.UUID, c NewClarification) (Clarification, error) {
	var out Clarification
	err := a.do(ctx, ClarificationAnswer, func(w *work) error {
		if err := w.lock(ctx, id, ClarificationAnswer); err != nil {
			return err
		}
		late, err := w.p.MayDecline(w.now)
		if err != nil {
			return err
		}
		if len(c.Questions) == 0 {
			return fault.New(fault.Invalid, "clarification.questions").At("questions")
		}
		all, err := w.clarify(ctx, []NewClarification{c}, true)
		if err != nil {
			return err
		}
		out = all[0]
		return w.tellAnswers(ctx, "clarification.declined", all, late)
	})
	return out, err
}

// CorrectClarification publishes a new version of an answer, with the reason for
// it; the earlier versions stay beside it. What was declined is answered by it.
// It returns not_found for an answer that is none of the case's, and otherwise
// what Clarify does.
func (a *App) CorrectClarification(ctx context.Context, id, clarification uuid.UUID, c Correction) (PublishedClarification, error) {
	var out PublishedClarification
	err := a.do(ctx, ClarificationAnswer, func(w *work) error {
		if err := w.lock(ctx, id, ClarificationAnswer); err != nil {
			return err
		}
		before, err := w.q.LatestClarification(ctx, w.tx, sqlcgen.LatestClarificationParams{ProcurementID: id, ID: clarification})
		if err != nil {
			return db.Fault(err)
		}
		if out.Postponement, err = w.p.MayAnswer(w.now); err != nil {
			return err
		}
		if c.Question == "" && before.Question != "" {
			return fault.New(fault.Invalid, "clarification.wording").At("question")
		}
		set, err := w.publishedSet(ctx)
		if err != nil {
			return err
		}
		if err := known(set, c.Requirements); err != nil {
			return err
		}
		about := c.Requirements
		if about == nil {
			about = before.RequirementIds
		}
		next, err := w.q.NextClarification(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		out.Clarification = Clarification{ID: clarification, Number: int(before.N), Version: int(before.Version) + 1, Edition: int(next.Edition),
			Question: c.Question, Answer: c.Answer, Comment: c.Comment, Requirements: linked(set, about), AnsweredAt: w.now}
		all := []Clarification{out.Clarification}
		if err := w.keepVersions(ctx, all); err != nil {
			return err
		}
		return w.tellAnswers(ctx, "clarification.corrected", all, out.Postponement != nil)
	})
	return out, err
}

// clarify publishes answers, or reasons for none, as one edition. Several are
// numbered by the requirements that they are about and their wording, so that
// their order tells nothing of who asked what.
func (w *work) clarify(ctx context.Context, answers []NewClarification, declined bool) ([]Clarification, error) {
	set, err := w.publishedSet(ctx)
	if err != nil {
		return nil, err
	}
	about, err := w.aboutQuestions(ctx)
	if err != nil {
		return nil, err
	}
	next, err := w.q.NextClarification(ctx, w.tx, w.p.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	answered := map[uuid.UUID][]uuid.UUID{} // questions by answer
	out := make([]Clarification, 0, len(answers))
	for _, c := range answers {
		if err := judge(set, about, c); err != nil {
			return nil, err
		}
		requirements := c.Requirements
		if requirements == nil {
			for _, q := range c.Questions {
				requirements = append(requirements, about[q]...)
			}
		}
		made := Clarification{ID: uuid.New(), Version: 1, Edition: int(next.Edition), Declined: declined, Question: c.Question, Answer: c.Answer,
			Requirements: linked(set, requirements), AnsweredAt: w.now}
		answered[made.ID] = c.Questions
		out = append(out, made)
	}
	inSetOrder(set, out)
	for i := range out {
		out[i].Number = int(next.N) + i
	}
	if err := w.keepNumbers(ctx, out, answered); err != nil {
		return nil, err
	}
	return out, w.keepVersions(ctx, out)
}

// aboutQuestions gives the requirements of the questions that wait for an answer.
func (w *work) aboutQuestions(ctx context.Context) (map[uuid.UUID][]uuid.UUID, error) {
	questions, err := w.questions(ctx)
	if err != nil {
		return nil, err
	}
	about := map[uuid.UUID][]uuid.UUID{}
	for _, q := range questions {
		if q.Clarification == nil {
			about[q.ID] = q.Requirements
		}
	}
	return about, nil
}

func judge(set requirement.Set, waiting map[uuid.UUID][]uuid.UUID, c NewClarification) error {
	seen := map[uuid.UUID]bool{}
	for _, q := range c.Questions {
		if _, waits := waiting[q]; !waits || seen[q] {
			return fault.New(fault.Invalid, "clarification.questions").At("questions")
		}
		seen[q] = true
	}
	// Nothing is published in a supplier's own words unless the lead buyer says
	// so: they may tell who it is.
	if c.Question == "" && len(c.Questions) > 0 {
		return fault.New(fault.Invalid, "clarification.wording").At("question")
	}
	return known(set, c.Requirements)
}

func known(set requirement.Set, ids []uuid.UUID) error {
	for i, id := range ids {
		if _, ok := set.Requirement(id); !ok {
			return fault.New(fault.Invalid, "answers.unknown-requirement").At("requirements[" + itoa(i) + "]")
		}
	}
	return nil
}

// linked gives requirements with their numbers in the order of the set, each
// once. What an amendment has taken out is left out.
func linked(set requirement.Set, ids []uuid.UUID) []LinkedRequirement {
	out := []LinkedRequirement{}
	for _, r := range set.Requirements {
		if slices.Contains(ids, r.ID) {
			out = append(out, LinkedRequirement{r.ID, r.Number})
		}
	}
	return out
}

func inSetOrder(set requirement.Set, all []Clarification) {
	place := make(map[uuid.UUID]int, len(set.Requirements))
	for i, r := range set.Requirements {
		place[r.ID] = i
	}
	first := func(c Clarification) int {
		if len(c.Requirements) == 0 {
			return len(place)
		}
		return place[c.Requirements[0].ID]
	}
	slices.SortStableFunc(all, func(a, b Clarification) int {
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(a.Question, b.Question), cmp.Compare(a.Answer, b.Answer))
	})
}

// keepNumbers writes new answers and which questions they answer.
func (w *work) keepNumbers(ctx context.Context, all []Clarification, answered map[uuid.UUID][]uuid.UUID) error {
	type row struct {
		ID uuid.UUID `json:"id"`
		N  int       `json:"n"`
	}
	type mark struct {
		Question      uuid.UUID `json:"question_id"`
		Clarification uuid.UUID `json:"clarification_id"`
	}
	var rows []row
	marks := []mark{}
	for _, c := range all {
		rows = append(rows, row{c.ID, c.Number})
		for _, q := range answered[c.ID] {
			marks = append(marks, mark{q, c.ID})
		}
	}
	if err := w.q.InsertClarifications(ctx, w.tx, sqlcgen.InsertClarificationsParams{ProcurementID: w.p.ID, Rows: asJSON(rows)}); err != nil {
		return db.Fault(err)
	}
	n, err := w.q.MarkAnswered(ctx, w.tx, sqlcgen.MarkAnsweredParams{ProcurementID: w.p.ID, Rows: asJSON(marks)})
	if err != nil {
		return db.Fault(err)
	}
	if int(n) != len(marks) {
		return fault.New(fault.Invalid, "clarification.questions").At("questions")
	}
	return nil
}

// keepVersions writes versions of one edition, and makes them public.
func (w *work) keepVersions(ctx context.Context, all []Clarification) error {
	type row struct {
		ID           uuid.UUID           `json:"id"`
		N            int                 `json:"n"`
		Version      int                 `json:"version"`
		Declined     bool                `json:"declined"`
		Question     string              `json:"question"`
		Answer       string              `json:"answer"`
		Comment      *string             `json:"comment"`
		IDs          []uuid.UUID         `json:"requirement_ids"`
		Requirements []LinkedRequirement `json:"requirements"`
	}
	rows := make([]row, len(all))
	for i, c := range all {
		rows[i] = row{c.ID, c.Number, c.Version, c.Declined, c.Question, c.Answer, textOrNull(c.Comment), []uuid.UUID{}, c.Requirements}
		for _, r := range c.Requirements {
			rows[i].IDs = append(rows[i].IDs, r.ID)
		}
	}
	edition := int32(all[0].Edition) //nolint:gosec // editions count up from 1
	if err := w.q.InsertClarificationVersions(ctx, w.tx, sqlcgen.InsertClarificationVersionsParams{ProcurementID: w.p.ID, Edition: edition, WrittenBy: w.by.ID, WrittenAt: w.now, Rows: asJSON(rows)}); err != nil {
		return db.Fault(err)
	}
	return db.Fault(w.q.PublishClarifications(ctx, w.tx, sqlcgen.PublishClarificationsParams{ProcurementID: w.p.ID, Edition: edition, AnsweredAt: w.now, Rows: asJSON(rows)}))
}

// tellAnswers tells all who are interested, once for all that is published
// together.
func (w *work) tellAnswers(ctx context.Context, what string, all []Clarification, late bool) error {
	number := itoa(all[0].Number)
	if last := all[len(all)-1].Number; last != all[0].Number {
		number += "–" + itoa(last)
	}
	params := asJSON(map[string]string{"title": w.p.Plan.Title, "number": number})
	if err := w.q.TellInterested(ctx, w.tx, sqlcgen.TellInterestedParams{Procurement: w.p.ID, What: what, Object: all[0].ID, Params: params}); err != nil {
		return db.Fault(err)
	}
	after := map[string]string{"number": number, "edition": itoa(all[0].Edition)}
	if late {
		after["late"] = "true"
	}
	return w.audit(ctx, entry{action: what, object: w.p.ID, audience: interested, after: after})
}

// clarifications reads the public versions of a case's answers.
func clarifications(rows []sqlcgen.PublicClarification) ([]Clarification, error) {
	out := make([]Clarification, len(rows))
	for i, r := range rows {
		out[i] = Clarification{ID: r.ID, Number: int(r.N), Version: int(r.Version), Edition: int(r.Edition), Declined: r.Declined, Question: r.Question, Answer: r.Answer,
			Comment: deref(r.Comment), SetVersion: int(deref(r.SetVersion)), SetEdition: int(deref(r.SetEdition)), AnsweredAt: r.AnsweredAt}
		if err := json.Unmarshal(r.Requirements, &out[i].Requirements); err != nil {
			return nil, fault.Wrap(fault.Internal, "clarification.decode", err)
		}
	}
	return out, nil
}
