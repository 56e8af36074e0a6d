package questionsheet

import (
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/sheet"
	"github.com/fellesloft/fellesloft/internal/specification"
)

// Unanswered is a question that waits for an answer. On is the day it was asked,
// as it is to be shown: the hour would tell which questions came together.
type Unanswered struct {
	ID           uuid.UUID
	Text         string
	Requirements []uuid.UUID
	On           string
	Late         bool
}

// Replies writes the workbook in which the lead buyer answers, in the order of
// the questions given.
func Replies(set requirement.Set, questions []Unanswered) ([]byte, error) {
	t := sheet.Table{
		Name: "Svar",
		Above: []string{"Ubesvarte spørsmål til " + set.Title,
			"Fyll ut de åpne kolonnene. Rader med samme tall under «Samles som» får ett felles svar. Skriv om spørsmålet slik at det ikke røper hvem som spør. Tomme rader blir stående ubesvart."},
		Columns: []sheet.Column{{Heading: "Spørsmåls-id", Width: 38}, {Heading: "Stilt", Width: 12}, {Heading: "For sent", Width: 9}, {Heading: "Krav", Width: 14}, {Heading: "Kravtekst", Width: 50},
			{Heading: "Spørsmål", Width: 60}, {Heading: "Samles som", Width: 11, Open: true}, {Heading: "Spørsmålet slik alle skal lese det", Width: 60, Open: true}, {Heading: "Svar", Width: 60, Open: true}},
	}
	byID := map[uuid.UUID]reference{}
	for _, r := range references(set) {
		byID[r.of.ID] = r
	}
	for _, q := range questions {
		var labels, texts []string
		for _, id := range q.Requirements {
			if r, ok := byID[id]; ok {
				labels, texts = append(labels, r.label), append(texts, r.label+": "+r.of.Text)
			}
		}
		late := ""
		if q.Late {
			late = "ja"
		}
		t.Rows = append(t.Rows, []string{q.ID.String(), q.On, late, strings.Join(labels, "; "), clip(strings.Join(texts, "\n")), q.Text, "", q.Text, ""})
	}
	return sheet.WriteTables(t)
}

// Reply is an answer to one or several questions, with the rows that it comes
// from.
type Reply struct {
	Rows      []int       `json:"rows"`
	Questions []uuid.UUID `json:"questions"`
	Question  string      `json:"question"`
	Answer    string      `json:"answer"`
}

// Answers is what was understood of the lead buyer's workbook.
type Answers struct {
	Replies  []Reply   `json:"replies"`
	Problems []Problem `json:"problems"`
	// Left counts the rows that stay unanswered.
	Left int `json:"left"`
}

// Answers understands the lead buyer's workbook against the questions that wait,
// their texts by id. Rows of one bundle become one answer, whose wording and
// answer stand in any of its rows; with an odd row the whole bundle is refused.
// It returns Invalid (questionsheet.no-table), and TooLarge
// (questionsheet.too-many-questions).
func (f File) Answers(waiting map[uuid.UUID]string) (Answers, error) {
	found, err := f.headed(colID, colAnswer)
	if err != nil {
		return Answers{}, err
	}
	rd := replyReader{waiting: waiting, seen: map[uuid.UUID]int{}, bundles: map[string]*bundle{}}
	out := Answers{Replies: []Reply{}, Problems: []Problem{}}
	rows := 0
	for _, t := range found {
		for _, row := range t.rows {
			if rd.blank(t, row) {
				if t.text(row, colID) != "" {
					out.Left++
				}
				continue
			}
			if rows++; rows > MaxQuestions {
				return Answers{}, fault.New(fault.TooLarge, "questionsheet.too-many-questions", fault.Params{"max": strconv.Itoa(MaxQuestions)})
			}
			rd.row(t, row)
		}
	}
	for _, b := range rd.order {
		reply, problems := b.reply()
		out.Problems = append(out.Problems, problems...)
		if len(problems) == 0 {
			out.Replies = append(out.Replies, reply)
		}
	}
	return out, nil
}

type replyReader struct {
	waiting map[uuid.UUID]string
	seen    map[uuid.UUID]int // rows by question
	bundles map[string]*bundle
	order   []*bundle
}

// blank rows say nothing: no answer, no bundle, and the wording as it was
// written.
func (rd replyReader) blank(t headed, row specification.Row) bool {
	wording := t.text(row, colWording)
	return t.text(row, colAnswer) == "" && t.text(row, colBundle) == "" && (wording == "" || same(wording) == same(t.text(row, colText)))
}

// bundle is the rows that become one answer.
type bundle struct {
	lines    []line
	problems []Problem
}

// line is one row with what is edited in it.
type line struct {
	table            headed
	row              specification.Row
	question         uuid.UUID
	original         string
	wording, answer  string
	edited, answered bool
}

func (rd *replyReader) row(t headed, row specification.Row) {
	b := rd.bundleOf(t, row)
	id, problem := rd.question(t, row)
	if problem != nil {
		b.problems = append(b.problems, *problem)
		return
	}
	l := line{table: t, row: row, question: id, original: rd.waiting[id], wording: t.text(row, colWording), answer: t.text(row, colAnswer)}
	l.edited = l.wording != "" && same(l.wording) != same(l.original)
	l.answered = l.answer != ""
	for c, most := range map[column]int{colWording: MaxText, colAnswer: MaxAnswer} {
		if count(t.text(row, c)) > most {
			b.problems = append(b.problems, t.problem(row, c, ruleTooLong, fault.Params{"max": strconv.Itoa(most)}))
		}
	}
	b.lines = append(b.lines, l)
}

// bundleOf gives the bundle of a row; without a number it is one of its own.
func (rd *replyReader) bundleOf(t headed, row specification.Row) *bundle {
	key := same(t.text(row, colBundle))
	if b, ok := rd.bundles[key]; ok {
		return b
	}
	b := &bundle{}
	if key != "" {
		rd.bundles[key] = b
	}
	rd.order = append(rd.order, b)
	return b
}

func (rd *replyReader) question(t headed, row specification.Row) (uuid.UUID, *Problem) {
	refuse := func(c column, rule string, params ...fault.Params) (uuid.UUID, *Problem) {
		p := t.problem(row, c, rule, params...)
		return uuid.Nil, &p
	}
	text := t.text(row, colID)
	if text == "" {
		return refuse(colID, ruleIDMissing)
	}
	id, err := uuid.Parse(text)
	original, waits := rd.waiting[id]
	switch {
	case err != nil || !waits:
		return refuse(colID, ruleUnknownQuestion)
	case rd.seen[id] > 0:
		return refuse(colID, ruleRepeated, fault.Params{"row": strconv.Itoa(rd.seen[id])})
	}
	// Columns that are sorted apart from each other would answer another question.
	if shown := t.text(row, colText); shown != "" && same(shown) != same(original) {
		return refuse(colText, ruleTextChanged)
	}
	rd.seen[id] = row.Number
	return id, nil
}

// reply makes the answer of a bundle, or says why there is none.
func (b *bundle) reply() (Reply, []Problem) {
	problems := b.problems
	var answered, edited *line
	for i := range b.lines {
		l := &b.lines[i]
		if l.answered {
			if answered != nil && same(l.answer) != same(answered.answer) {
				problems = append(problems, l.table.problem(l.row, colAnswer, ruleAnswersDiffer, fault.Params{"row": strconv.Itoa(answered.row.Number)}))
			}
			answered = l
		}
		if l.edited {
			if edited != nil && same(l.wording) != same(edited.wording) {
				problems = append(problems, l.table.problem(l.row, colWording, ruleWordingsDiffer, fault.Params{"row": strconv.Itoa(edited.row.Number)}))
			}
			edited = l
		}
	}
	if len(b.lines) > 0 {
		first := b.lines[0]
		if answered == nil && len(problems) == 0 {
			problems = append(problems, first.table.problem(first.row, colAnswer, ruleAnswerMissing))
		}
		// Of several questions none can speak for the others, and a cleared wording
		// is no leave to publish the original.
		if edited == nil && (len(b.lines) > 1 || first.wording == "") && len(problems) == 0 {
			problems = append(problems, first.table.problem(first.row, colWording, ruleWordingMissing))
		}
	}
	if len(problems) > 0 {
		return Reply{}, append(problems, b.others(problems)...)
	}
	out := Reply{Question: b.lines[0].wording, Answer: answered.answer}
	if edited != nil {
		out.Question = edited.wording
	}
	for _, l := range b.lines {
		out.Rows, out.Questions = append(out.Rows, l.row.Number), append(out.Questions, l.question)
	}
	return out, nil
}

// others tells the rows that are refused because of another of their bundle.
func (b *bundle) others(problems []Problem) []Problem {
	told := map[string]bool{}
	place := func(sheet string, row int) string { return strconv.Itoa(row) + " " + sheet }
	for _, p := range problems {
		told[place(p.Sheet, p.Row)] = true
	}
	var out []Problem
	for _, l := range b.lines {
		if !told[place(l.table.sheet, l.row.Number)] {
			out = append(out, l.table.problem(l.row, colBundle, ruleBundleRefused, fault.Params{"row": strconv.Itoa(problems[0].Row)}))
		}
	}
	return out
}
