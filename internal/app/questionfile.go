package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/questionsheet"
)

// QuestionReading is what was understood of a supplier's workbook of questions.
type QuestionReading = questionsheet.Questions

// ReplyReading is what was understood of the lead buyer's workbook of answers.
type ReplyReading = questionsheet.Answers

// QuestionForm writes the workbook in which suppliers ask, with the published
// requirements' numbers. It is public, as they are.
func (a *App) QuestionForm(ctx context.Context, id uuid.UUID) ([]byte, error) {
	row, err := a.q.PublicProcurement(ctx, a.public(), id)
	if err != nil {
		return nil, db.Fault(err)
	}
	set, err := decodeSet(row.RequirementSet)
	if err != nil {
		return nil, err
	}
	return questionsheet.Form(set)
}

// PreviewQuestions tells what is understood of a workbook of questions, and
// keeps nothing of it: no interest is registered either. It returns the refusals
// of questionsheet, and those of Ask that concern the case.
func (a *App) PreviewQuestions(ctx context.Context, id uuid.UUID, file []byte) (QuestionReading, error) {
	c, f, err := a.openQuestions(ctx, id, file)
	if err != nil {
		return QuestionReading{}, err
	}
	return c.read(f)
}

// openQuestions judges who asks before it opens what is asked, and opens it
// outside a transaction: a large workbook takes a while.
func (a *App) openQuestions(ctx context.Context, id uuid.UUID, file []byte) (asker, questionsheet.File, error) {
	var c asker
	err := a.do(ctx, QuestionAsk, func(w *work) error {
		var err error
		if c.pub, err = w.published(ctx, id); err != nil {
			return err
		}
		if _, err := w.q.Participant(ctx, w.tx, sqlcgen.ParticipantParams{ProcurementID: id, OrgID: w.by.Org}); err == nil {
			return fault.New(fault.Denied, "tender.buyer-cannot-answer")
		}
		return w.recall(ctx, &c)
	})
	if err != nil {
		return c, questionsheet.File{}, err
	}
	f, err := questionsheet.Open(bytes.NewReader(file))
	return c, f, err
}

// AskFromFile asks what is understood of a workbook of questions, all of it in
// one transaction; the rows that are not understood are told. It returns what
// PreviewQuestions does.
func (a *App) AskFromFile(ctx context.Context, id uuid.UUID, file []byte) ([]Question, QuestionReading, error) {
	_, f, err := a.openQuestions(looking(ctx), id, file)
	if err != nil {
		return nil, QuestionReading{}, err
	}
	var out []Question
	var reading QuestionReading
	err = a.do(ctx, QuestionAsk, func(w *work) error {
		c, err := w.asking(ctx, id)
		if err != nil {
			return err
		}
		if reading, err = c.read(f); err != nil || len(reading.Questions) == 0 {
			return err
		}
		asked := make([]NewQuestion, len(reading.Questions))
		for i, q := range reading.Questions {
			asked[i] = NewQuestion{q.Text, q.Requirements}
		}
		out, err = w.ask(ctx, c, asked)
		return err
	})
	return out, reading, err
}

// looking is a request's context for what is not yet the effect that a repeated
// request must not have twice.
func looking(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, nil) }

func (c asker) read(f questionsheet.File) (QuestionReading, error) {
	before := make([]string, 0, len(c.asked))
	for text := range c.asked {
		before = append(before, text)
	}
	return f.Questions(c.set, before)
}

// QuestionFile writes the workbook in which the lead buyer answers what waits,
// in the order of the requirements: not in that of asking, which would tell
// which questions came together.
func (a *App) QuestionFile(ctx context.Context, id uuid.UUID) ([]byte, error) {
	var file []byte
	err := a.do(ctx, ClarificationAnswer, func(w *work) error {
		if err := w.load(ctx, id, ClarificationAnswer); err != nil {
			return err
		}
		set, err := w.publishedSet(ctx)
		if err != nil {
			return err
		}
		all, err := w.questions(ctx)
		if err != nil {
			return err
		}
		place := map[uuid.UUID]int{}
		for i, r := range set.Requirements {
			place[r.ID] = i + 1
		}
		var waiting []questionsheet.Unanswered
		for _, q := range all {
			if q.Clarification == nil {
				waiting = append(waiting, questionsheet.Unanswered{ID: q.ID, Text: q.Text, Requirements: q.Requirements, On: calendar.DateOf(q.AskedAt).String(), Late: q.Late})
			}
		}
		first := func(q questionsheet.Unanswered) int {
			if len(q.Requirements) == 0 {
				return len(place) + 1
			}
			return place[q.Requirements[0]]
		}
		slices.SortFunc(waiting, func(x, y questionsheet.Unanswered) int {
			return cmp.Or(cmp.Compare(first(x), first(y)), cmp.Compare(x.Text, y.Text), bytes.Compare(x.ID[:], y.ID[:]))
		})
		file, err = questionsheet.Replies(set, waiting)
		return err
	})
	return file, err
}

// PreviewReplies tells what is understood of a workbook of answers, and keeps
// nothing of it. It returns the refusals of questionsheet.
func (a *App) PreviewReplies(ctx context.Context, id uuid.UUID, file []byte) (ReplyReading, error) {
	waiting, f, err := a.openReplies(ctx, id, file)
	if err != nil {
		return ReplyReading{}, err
	}
	return f.Answers(waiting)
}

func (a *App) openReplies(ctx context.Context, id uuid.UUID, file []byte) (map[uuid.UUID]string, questionsheet.File, error) {
	var waiting map[uuid.UUID]string
	err := a.do(ctx, ClarificationAnswer, func(w *work) error {
		err := w.load(ctx, id, ClarificationAnswer)
		if err == nil {
			waiting, err = w.waiting(ctx)
		}
		return err
	})
	if err != nil {
		return nil, questionsheet.File{}, err
	}
	f, err := questionsheet.Open(bytes.NewReader(file))
	return waiting, f, err
}

// PublishedReplies is what a workbook of answers led to.
type PublishedReplies struct {
	Clarifications []Clarification
	Postponement   *procurement.Postponement
	Reading        ReplyReading
}

// PublishReplies publishes the answers of a workbook together, as one edition.
// While a row is odd nothing is published, since an answer to all cannot be
// taken back; with goodOnly the others are. It returns invalid
// (questionsheet.problems), and what PreviewReplies and Clarify do.
func (a *App) PublishReplies(ctx context.Context, id uuid.UUID, file []byte, goodOnly bool) (PublishedReplies, error) {
	_, f, err := a.openReplies(looking(ctx), id, file)
	if err != nil {
		return PublishedReplies{}, err
	}
	var out PublishedReplies
	err = a.do(ctx, ClarificationAnswer, func(w *work) error {
		if err := w.lock(ctx, id, ClarificationAnswer); err != nil {
			return err
		}
		var err error
		if out.Postponement, err = w.p.MayAnswer(w.now); err != nil {
			return err
		}
		waiting, err := w.waiting(ctx)
		if err != nil {
			return err
		}
		if out.Reading, err = f.Answers(waiting); err != nil {
			return err
		}
		if n := len(out.Reading.Problems); n > 0 && !goodOnly {
			return fault.New(fault.Invalid, "questionsheet.problems", fault.Params{"problems": itoa(n)})
		}
		if len(out.Reading.Replies) == 0 {
			return nil
		}
		var answers []NewClarification
		for _, r := range out.Reading.Replies {
			answers = append(answers, NewClarification{Questions: r.Questions, Question: r.Question, Answer: r.Answer})
		}
		if out.Clarifications, err = w.clarify(ctx, answers, false); err != nil {
			return err
		}
		return w.tellAnswers(ctx, "clarification.published", out.Clarifications, out.Postponement != nil)
	})
	return out, err
}

// waiting gives the texts of the questions that wait for an answer.
func (w *work) waiting(ctx context.Context) (map[uuid.UUID]string, error) {
	all, err := w.questions(ctx)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID]string{}
	for _, q := range all {
		if q.Clarification == nil {
			out[q.ID] = q.Text
		}
	}
	return out, nil
}

// EditionFormat is the kind of file that questions and answers are written as.
type EditionFormat string

// The formats.
const (
	EditionWorkbook EditionFormat = "xlsx"
	EditionDocument EditionFormat = "docx"
)

// QuestionsAndAnswers writes an edition of the questions and answers, 0 for the
// newest, and tells which one it is. Every edition is written as it was, without
// sign-in (FOA § 22-5 (1)). It returns not_found for one that there is not.
func (a *App) QuestionsAndAnswers(ctx context.Context, id uuid.UUID, edition int, format EditionFormat) ([]byte, int, error) {
	q := a.public()
	row, err := a.q.PublicProcurement(ctx, q, id)
	if err != nil {
		return nil, 0, db.Fault(err)
	}
	rows, err := a.q.PublicClarifications(ctx, q, id)
	if err != nil {
		return nil, 0, db.Fault(err)
	}
	all, err := clarifications(rows)
	if err != nil {
		return nil, 0, err
	}
	var notice PublicNotice
	if err := json.Unmarshal(row.Notice, &notice); err != nil {
		return nil, 0, fault.Wrap(fault.Internal, "notice.decode", err)
	}
	book := questionsheet.Book{Title: row.Title, Nynorsk: notice.Plan.Language == "nn", Exercise: row.Sandbox}
	for _, c := range all {
		e := questionsheet.Entry{Number: c.Number, Version: c.Version, Edition: c.Edition, Declined: c.Declined, Question: c.Question, Answer: c.Answer, Comment: c.Comment,
			SetVersion: c.SetVersion, SetEdition: c.SetEdition, At: c.AnsweredAt}
		for _, r := range c.Requirements {
			e.Requirements = append(e.Requirements, r.Number)
		}
		book.Entries = append(book.Entries, e)
	}
	if edition == 0 {
		edition = book.Newest()
	}
	if edition < 1 || edition > book.Newest() {
		return nil, 0, fault.New(fault.NotFound, "not-found")
	}
	write := book.Workbook
	if format == EditionDocument {
		write = book.Document
	}
	file, err := write(edition)
	return file, edition, err
}
