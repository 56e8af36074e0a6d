package answersheet

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

// values makes answers of the rows, requirement by requirement.
func (rd *reader) values() {
	for _, r := range rd.set.Requirements {
		all := rd.entries[r.ID]
		if len(all) == 0 {
			continue
		}
		if r.AnswerType == requirement.PriceSchedule {
			rd.schedule(r, all)
			continue
		}
		value, e, ok := rd.value(r, all)
		if !ok {
			continue
		}
		if err := r.Check(value); err != nil {
			rd.invalid(e, err)
			continue
		}
		rd.reading.Values[r.ID] = value
	}
}

// invalid tells of each rule that a value breaks.
func (rd *reader) invalid(e entry, err error) {
	f, ok := fault.As(err)
	if !ok {
		f = fault.New(fault.Invalid, ruleUnreadText)
	}
	for _, one := range f.All() {
		at := e.answerAt
		switch one.Field {
		case "date":
			at = e.dateAt
		case "comment":
			at = e.commentAt
		}
		rd.refuse(e, e.in(at), one.Rule, one.Field, one.Params)
	}
}

// value reads the rows of one requirement; false where there is nothing to take,
// or where it has told why.
func (rd *reader) value(r requirement.Requirement, all []entry) (json.RawMessage, entry, bool) {
	if r.AnswerType == requirement.MultiChoice {
		return rd.choices(r, all)
	}
	e := all[0]
	if len(all) > 1 {
		i := slices.IndexFunc(all, func(e entry) bool { return !e.blank() })
		e = all[max(i, 0)]
	}
	wantsComment := false
	if r.AnswerType == requirement.Choice {
		i := rd.option(r, e.answer.text)
		wantsComment = i >= 0 && r.Options[i].WantsComment
	}
	if !e.comment.blank() && !wantsComment {
		rd.leave(e.in(e.commentAt), CommentWithoutPlace)
		e.comment = gridCell{}
	}
	if e.answer.blank() {
		return nil, e, false
	}
	if e.answer.formula != "" && r.AnswerType != requirement.Number && r.AnswerType != requirement.Money {
		rd.refuse(e, e.in(e.answerAt), ruleFormula, "", nil)
		return nil, e, false
	}
	v, rule, params := rd.typed(r, e)
	if rule != "" {
		rd.refuse(e, e.in(e.answerAt), rule, "", params)
		return nil, e, false
	}
	b, err := json.Marshal(v)
	return b, e, err == nil
}

// typed gives the Go value whose JSON is the answer.
func (rd *reader) typed(r requirement.Requirement, e entry) (v any, rule string, params fault.Params) {
	text := e.answer.text
	switch r.AnswerType {
	case requirement.Boolean:
		b, ok := truth(text)
		if !ok {
			return nil, "answer.not-boolean", nil
		}
		return b, "", nil
	case requirement.Choice:
		return rd.choice(r, e)
	case requirement.Number:
		n, rule, params := rd.number(e, e.answer, e.answerAt, r.Limits.Unit)
		return json.RawMessage(n.String()), rule, params
	case requirement.Money:
		n, rule, params := rd.number(e, e.answer, e.answerAt, "")
		if rule == ruleNotNumber {
			rule = "answer.not-money"
		}
		if rule != "" {
			return nil, rule, params
		}
		amount, err := money.Parse(n.String())
		return amount, fault.RuleOf(err), nil
	case requirement.Date:
		day, rule, params := rd.date(e.answer)
		return day, rule, params
	case requirement.Document:
		rd.warnFormula(e)
		return rd.files(r, text), "", nil
	case requirement.NoAnswer:
		return nil, "answer.not-asked-for", nil
	default:
		rd.warnFormula(e)
		return text, "", nil
	}
}

// warnFormula tells of a text that a spreadsheet program would compute if it
// opened the CSV file. In a workbook a text is a text.
func (rd *reader) warnFormula(e entry) {
	if rd.isCSV && executable(e.row.at(e.answerAt).text) {
		rd.note(e, e.in(e.answerAt), ruleFormulaText, nil)
	}
}

// option finds the option that a text names: by its label, then without regard
// to case and blanks, then by the buyer's code for it; -1 for none.
func (rd *reader) option(r requirement.Requirement, text string) int {
	for _, same := range []func(label string) bool{
		func(l string) bool { return l == text },
		func(l string) bool { return strings.EqualFold(plain(l), plain(text)) },
	} {
		if i := slices.IndexFunc(r.Options, func(o requirement.Option) bool { return same(o.Label) }); i >= 0 {
			return i
		}
	}
	for _, c := range rd.set.AnswerCodes {
		if strings.EqualFold(plain(c.Code), plain(text)) {
			return slices.IndexFunc(r.Options, func(o requirement.Option) bool { return o.Label == c.Option.Label })
		}
	}
	return -1
}

func (rd *reader) choice(r requirement.Requirement, e entry) (any, string, fault.Params) {
	i := rd.option(r, e.answer.text)
	if i < 0 {
		if parts := lines(e.answer.text); len(parts) > 1 && !slices.ContainsFunc(parts, func(p string) bool { return rd.option(r, p) < 0 }) {
			return nil, ruleSeveral, nil
		}
		return nil, "answer.option-unknown", nil
	}
	c := requirement.Chosen{Option: r.Options[i].Label, Comment: e.comment.text}
	if !e.date.blank() {
		day, rule, params := rd.date(e.date)
		if rule != "" {
			return nil, rule, params
		}
		c.Date = day
	}
	if c.Date == "" && c.Comment == "" {
		return c.Option, "", nil
	}
	return c, "", nil
}

// choices reads a multi-choice from rows with one option each, or from one cell
// with an option on each line.
func (rd *reader) choices(r requirement.Requirement, all []entry) (json.RawMessage, entry, bool) {
	chosen := []string{}
	add := func(e entry, label string) bool {
		i := rd.option(r, label)
		if i < 0 {
			rd.refuse(e, e.in(e.answerAt), "answer.option-unknown", "", nil)
			return false
		}
		if !slices.Contains(chosen, r.Options[i].Label) {
			chosen = append(chosen, r.Options[i].Label)
		}
		return true
	}
	good := true
	about := all[0]
	for _, e := range all {
		if !e.comment.blank() {
			rd.leave(e.in(e.commentAt), CommentWithoutPlace)
		}
		switch {
		case e.answer.blank():
			continue
		case e.answer.formula != "":
			rd.refuse(e, e.in(e.answerAt), ruleFormula, "", nil)
			good = false
		case e.option != "":
			ticked, ok := truth(e.answer.text)
			if !ok {
				rd.refuse(e, e.in(e.answerAt), "answer.not-boolean", "", nil)
				good = false
			}
			good = good && (!ticked || add(e, e.option))
		case rd.option(r, e.answer.text) >= 0:
			good = add(e, e.answer.text) && good
		default:
			about = e
			for _, label := range lines(e.answer.text) {
				if !add(e, label) {
					good = false
					break // one problem for one cell
				}
			}
		}
	}
	if !good || len(chosen) == 0 {
		return nil, about, false
	}
	b, err := json.Marshal(chosen)
	return b, about, err == nil
}

// lines gives the filled lines of a cell.
func lines(text string) []string {
	var all []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// files names documents, one on each line. A name that the draft has keeps the
// file that was uploaded for it, and an uploaded file that the cell does not name
// stays: a cell takes nothing away.
func (rd *reader) files(r requirement.Requirement, text string) []requirement.File {
	var before []requirement.File
	if raw, ok := rd.options.Draft[r.ID]; ok {
		_ = json.Unmarshal(raw, &before) // a draft that is not valid has no files
	}
	all := []requirement.File{}
	for _, name := range lines(text) {
		f := requirement.File{Name: name}
		if i := slices.IndexFunc(before, func(b requirement.File) bool { return b.Name == name }); i >= 0 {
			f = before[i]
			before = slices.Delete(before, i, i+1)
		}
		all = append(all, f)
	}
	for _, f := range before {
		if f.File != uuid.Nil {
			all = append(all, f)
		}
	}
	return all
}

// conditions judges, with the draft's answers beside the file's, which rows are
// blank that must not be, and which answer what does not apply.
func (rd *reader) conditions() {
	merged := maps.Clone(rd.options.Draft)
	if merged == nil {
		merged = requirement.Values{}
	}
	maps.Copy(merged, rd.reading.Values)
	sum := rd.set.Completeness(merged)
	for _, id := range sum.Missing {
		if all := rd.entries[id]; len(all) > 0 && !rd.refused[id] && !rd.uncertain(id, map[uuid.UUID]bool{}) {
			rd.refuse(all[0], all[0].in(all[0].answerAt), ruleMissing, "", nil)
		}
	}
	for _, p := range sum.Problems {
		if _, given := rd.reading.Values[p.Requirement]; !given || p.Rule != "answer.not-applicable" || rd.uncertain(p.Requirement, map[uuid.UUID]bool{}) {
			continue
		}
		e := rd.entries[p.Requirement][0]
		rd.note(e, e.in(e.answerAt), p.Rule, nil)
	}
}

// uncertain reports whether it hangs on an answer that was not taken if a
// requirement applies.
func (rd *reader) uncertain(id uuid.UUID, seen map[uuid.UUID]bool) bool {
	i, ok := rd.index[id]
	if !ok || rd.set.Requirements[i].Condition == nil || seen[id] {
		return false
	}
	seen[id] = true
	return slices.ContainsFunc(rd.set.Requirements[i].Condition.AnyOf, func(c requirement.Clause) bool {
		_, taken := rd.reading.Values[c.Requirement]
		return rd.refused[c.Requirement] && !taken || rd.uncertain(c.Requirement, seen)
	})
}
