package app

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/answersheet"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// AnswerFormat is the kind of file that answers are written as.
type AnswerFormat string

// The formats.
const (
	AnswerWorkbook AnswerFormat = "xlsx"
	AnswerCSV      AnswerFormat = "csv"
)

// AnswerReading is what was understood of a supplier's file. It holds answers,
// so it is for the supplier's own request and is never kept.
type AnswerReading = answersheet.Reading

// answerBase is what an answer file is written from and read against.
type answerBase struct {
	set     requirement.Set
	options answersheet.Options
	answers requirement.Answers
	stored  map[uuid.UUID]storedVersion
}

// AnswerFile writes the organisation's answer form, blank or with what the draft
// has. It returns not_found for another's tender.
func (a *App) AnswerFile(ctx context.Context, tenderID uuid.UUID, format AnswerFormat, blank bool) ([]byte, error) {
	base, err := a.answerBase(ctx, TenderRead, tenderID, "tender.answer-file-read")
	if err != nil {
		return nil, err
	}
	if blank {
		base.options.Draft = nil
	}
	if format == AnswerCSV {
		return answersheet.WriteCSV(base.set, base.options), nil
	}
	return answersheet.WriteWorkbook(base.set, base.options)
}

// PreviewAnswers tells what is understood of a workbook or CSV file, held
// against the draft, and keeps nothing of it. It returns the refusals of
// answersheet.Read.
func (a *App) PreviewAnswers(ctx context.Context, tenderID uuid.UUID, file []byte) (AnswerReading, error) {
	base, err := a.answerBase(ctx, TenderWrite, tenderID, "tender.answer-file-previewed")
	if err != nil {
		return AnswerReading{}, err
	}
	return answersheet.Read(base.set, file, base.options)
}

// SaveAnswerFile saves what is understood of a workbook or CSV file, as
// SaveAnswers does: nothing is written before it is encrypted, what is not
// understood is told, and what the file does not answer stays as it was, as do
// the marks of what it answers. expected is the tender's version (0: any). reply
// says what a repetition is answered. What another has saved while the file was
// read stands, and is told. Beside the refusals of answersheet.Read and
// SaveAnswers it returns too_large (answersheet.too-many-answers), and then saves
// nothing.
func (a *App) SaveAnswerFile(ctx context.Context, tenderID uuid.UUID, expected int64, file []byte, reply func(SavedAnswers) Answer) (SavedAnswers, AnswerReading, error) {
	base, err := a.answerBase(looking(ctx), TenderWrite, tenderID, "tender.answer-file-previewed")
	if err != nil {
		return SavedAnswers{}, AnswerReading{}, err
	}
	// Read outside the transaction: a large workbook takes a while.
	reading, err := answersheet.Read(base.set, file, base.options)
	if err != nil {
		return SavedAnswers{}, AnswerReading{}, err
	}
	if len(reading.Values) > MaxAnswersAtOnce {
		return SavedAnswers{}, AnswerReading{}, fault.New(fault.TooLarge, "answersheet.too-many-answers", fault.Params{"max": itoa(MaxAnswersAtOnce)})
	}
	in := AnswersToSave{Tender: tenderID, Expected: expected, Reply: reply}
	for _, r := range base.set.Requirements {
		if value, there := reading.Values[r.ID]; there {
			answer := base.answers[r.ID]
			answer.Value = value
			in.Rows = append(in.Rows, AnswerRow{r.ID, base.stored[r.ID].n, answer})
		}
	}
	saved, err := a.SaveAnswers(ctx, in)
	for _, p := range saved.Problems {
		for _, f := range p.Problem.All() {
			reading.Problems = append(reading.Problems, answersheet.Problem{Requirement: p.Requirement, Number: p.Number, Outcome: answersheet.Refused, Rule: f.Rule, Field: f.Field, Params: f.Params})
		}
	}
	return saved, reading, err
}

// answerBase reads the published set and the organisation's own answers.
func (a *App) answerBase(ctx context.Context, perm Permission, tenderID uuid.UUID, action string) (answerBase, error) {
	var out answerBase
	err := a.do(ctx, perm, func(w *work) error {
		d, err := w.openDraft(ctx, tenderID, 0, false)
		if err != nil {
			return err
		}
		defer d.zero()
		var notice PublicNotice
		if err := json.Unmarshal(d.pub.Notice, &notice); err != nil {
			return fault.Wrap(fault.Internal, "notice.decode", err)
		}
		buyers := make(map[uuid.UUID]string, len(notice.Buyers))
		for _, b := range notice.Buyers {
			buyers[b.ID] = b.Name
		}
		out = answerBase{d.set, answersheet.Options{Version: int(d.pub.SetVersion), Buyers: buyers, Draft: d.answered().Values()}, d.answers, d.stored}
		return w.audit(ctx, entry{action: action, object: tenderID})
	})
	return out, err
}

// AnswerMatrix writes the opened answers of all suppliers beside each other, one
// row for each requirement, for the procurement's team. Prices are in it only
// when their part is open. Every reading is audited. It returns conflict
// (tenders.sealed) before the opening.
func (a *App) AnswerMatrix(ctx context.Context, id uuid.UUID) ([]byte, error) {
	var m answersheet.Matrix
	err := a.do(ctx, TendersRead, func(w *work) error {
		if err := w.load(ctx, id, TendersRead); err != nil {
			return err
		}
		tenders, err := w.openedTenders(ctx)
		if err != nil {
			return err
		}
		if m.Set, err = w.publishedSet(ctx); err != nil {
			return err
		}
		answers, err := w.markedAnswers(ctx)
		if err != nil {
			return err
		}
		if m.Buyers, err = w.buyerNames(ctx); err != nil {
			return err
		}
		for _, t := range tenders {
			c := answersheet.Column{Supplier: t.Names(), Rejected: t.Rejection != nil, Answers: answers[t.ID], Missing: t.Missing}
			if t.Standing.State() == procurement.Unconfirmed {
				c.Under = t.Standing.Base()
			}
			m.Columns = append(m.Columns, c)
		}
		gone, err := w.goneRequirements(ctx, tenders)
		if err != nil {
			return err
		}
		m.Set.Requirements = append(slices.Clone(m.Set.Requirements), gone...)
		m.Price = !w.p.State.PriceOpenedAt.IsZero()
		return w.audit(ctx, entry{action: "tenders.matrix-read", object: id})
	})
	if err != nil {
		return nil, err
	}
	return answersheet.WriteMatrix(m)
}

// markedAnswers reads the opened answers of the whole case by tender.
func (w *work) markedAnswers(ctx context.Context) (map[uuid.UUID]requirement.Answers, error) {
	rows, err := w.q.OpenedValues(ctx, w.tx, w.p.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make(map[uuid.UUID]requirement.Answers, len(rows))
	for _, r := range rows {
		var values requirement.Values
		if err := json.Unmarshal(r.Answers, &values); err != nil {
			return nil, fault.Wrap(fault.Internal, "answers.decode", err)
		}
		out[r.TenderID] = make(requirement.Answers, len(values))
		for id, v := range values {
			out[r.TenderID][id] = requirement.Answer{Value: v}
		}
	}
	marks, err := w.q.OpenedMarks(ctx, w.tx, w.p.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	for _, m := range marks {
		a := out[m.TenderID][m.RequirementID]
		a.Secret, a.Buyers = secretOf(deref(m.Secret)), m.Buyers
		out[m.TenderID][m.RequirementID] = a
	}
	return out, nil
}
