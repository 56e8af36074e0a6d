package specification

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// kind reads the kind. What is not understood stays empty, so that the set
// cannot be published before someone has chosen. The chosen codes come before
// the document's own list, its legend, and the common words and letters.
func (rd *reader) kind(r row) requirement.Kind {
	text := r.text(fieldKind)
	if text == "" {
		if r.layout.has(fieldKind) {
			rd.warn(r.place(fieldKind), "specification.kind-missing")
		}
		return ""
	}
	if kind, ok := coded(rd.preview.Set.KindCodes, text); ok {
		return kind
	}
	if e, ok := rd.kinds[strings.ToLower(text)]; ok {
		rd.learn(r, requirement.KindCode{Code: text, Kind: e.kind, Text: e.label}, "specification.kind-code-from-legend")
		return e.kind
	}
	kind, assumed, ok := kindOf(text)
	if !ok {
		rd.warn(r.place(fieldKind), "specification.kind-unknown", fault.Params{"code": shortened(text, longestTold)})
		return ""
	}
	if assumed {
		rd.learn(r, requirement.KindCode{Code: text, Kind: kind}, "specification.kind-code-assumed")
	}
	return kind
}

// longestTold is how much of a value a warning tells, in characters.
const longestTold = 40

func shortened(text string, most int) string {
	if all := []rune(text); len(all) > most {
		return string(all[:most]) + "…"
	}
	return text
}

// learn takes a code over into the set's list, and tells that it was a guess.
func (rd *reader) learn(r row, c requirement.KindCode, rule string) {
	rd.preview.Set.KindCodes = append(rd.preview.Set.KindCodes, c)
	rd.warn(r.place(fieldKind), rule, fault.Params{"code": c.Code, "kind": string(c.Kind)})
}

var maxWords = regexp.MustCompile(`(?i)^maks\.? (\d{1,5}) ord$`)

// answer reads the answer type and options. Without a column for the type it
// follows from the options, and from what the supplier's columns say: a prompt,
// a drop-down list, the codes named in their heading.
func (rd *reader) answer(r row, q *requirement.Requirement) {
	for _, line := range rd.optionLines(r) {
		q.Options = append(q.Options, rd.option(line))
	}
	if text := r.text(fieldAnswerType); text != "" {
		t, ok := answerTypeOf(text)
		if !ok {
			rd.warn(r.place(fieldAnswerType), "specification.answer-type-unknown", fault.Params{"type": shortened(text, longestTold)})
		}
		q.AnswerType = t
		return
	}
	q.AnswerType = requirement.Text
	if len(q.Options) > 0 {
		rd.choose(q, nil)
		return
	}
	for i := range r.Cells {
		if r.layout.all[i] == fieldAnswer {
			rd.prompt(r, i, q)
		}
	}
	if q.AnswerType != requirement.Text {
		q.Limits.Words = 0
	}
}

// prompt reads what a column for the supplier's answer already holds.
func (rd *reader) prompt(r row, column int, q *requirement.Requirement) {
	prompt := r.at(column)
	if t, ok := answerTypeOf(prompt); ok && t != requirement.NoAnswer {
		q.AnswerType = t
		return
	}
	if m := maxWords.FindStringSubmatch(prompt); m != nil {
		q.Limits.Words, _ = strconv.Atoi(m[1])
		return
	}
	for _, options := range [][]string{r.more(column).Options, alternatives(prompt), r.offered[column]} {
		if q.AnswerType == requirement.Text && len(options) > 1 {
			rd.choose(q, options)
		}
	}
}

// choose makes a choice of options; yes and no alone are a boolean.
func (rd *reader) choose(q *requirement.Requirement, labels []string) {
	for _, label := range labels {
		o := rd.option(label)
		if !slices.ContainsFunc(q.Options, func(have requirement.Option) bool { return have.Label == o.Label }) {
			q.Options = append(q.Options, o)
		}
	}
	q.AnswerType = requirement.Choice
	if len(q.Options) == 2 {
		first, ok := truth(q.Options[0].Label)
		second, ok2 := truth(q.Options[1].Label)
		if ok && ok2 && first != second {
			q.AnswerType, q.Options = requirement.Boolean, nil
		}
	}
}

// longestOption is longer than a label that stands beside others on a line.
const longestOption = 60

// alternatives reads labels that stand beside each other: on lines of their own,
// or with strokes or semicolons between.
func alternatives(text string) []string {
	all := lines(text)
	// Lines of a prompt are more often an instruction than labels, unless they
	// have boxes to tick or begin as answers do.
	for _, line := range all {
		if len(all) > 1 && !answerMeant.MatchString(line) && !strings.HasPrefix(line, "☐") && !strings.HasPrefix(line, "□") {
			return nil
		}
	}
	if len(all) == 1 {
		all = strings.FieldsFunc(strings.ReplaceAll(all[0], " / ", "|"), func(r rune) bool { return r == '|' || r == ';' })
	}
	var labels []string
	for _, label := range all {
		label = strings.TrimSpace(strings.TrimLeft(label, "☐□•-– "))
		if label == "" || len([]rune(label)) > longestOption {
			return nil
		}
		labels = append(labels, label)
	}
	if len(labels) < 2 {
		return nil
	}
	return labels
}

// optionLines gives the options of a row: one a line, or, in a buyer's own
// table, beside each other.
func (rd *reader) optionLines(r row) []string {
	text := r.text(fieldOptions)
	all := lines(text)
	if i, ok := r.layout.by[fieldOptions]; ok && text == "" {
		return r.more(i).Options
	}
	if len(all) == 1 && !r.layout.has(fieldAnswerType) {
		if beside := alternatives(text); len(beside) > 1 {
			return beside
		}
	}
	return all
}

// option reads a line as one of the buyer's answer codes, else as a label.
func (rd *reader) option(line string) requirement.Option {
	for _, c := range rd.preview.Set.AnswerCodes {
		if strings.EqualFold(c.Code, line) {
			return c.Option
		}
	}
	return optionOf(line)
}

var inBrackets = regexp.MustCompile(`\(([^()]{3,80})\)`)

// offered reads the codes that headings of the supplier's columns name: "Svar
// (S/T/N)".
func offered(l layout, header Row) map[int][]string {
	all := map[int][]string{}
	for i, f := range l.all {
		if f != fieldAnswer {
			continue
		}
		m := inBrackets.FindStringSubmatch(header.at(i))
		if m == nil {
			continue
		}
		var codes []string
		for _, c := range strings.FieldsFunc(m[1], func(r rune) bool { return r == '/' || r == ',' || r == '|' }) {
			if c = strings.TrimSpace(c); c != "" {
				codes = append(codes, c)
			}
		}
		if len(codes) > 1 {
			all[i] = codes
		}
	}
	return all
}
