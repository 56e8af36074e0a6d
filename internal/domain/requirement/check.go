package requirement

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// MaxCharacters bounds a text answer that has no limit of its own.
const MaxCharacters = 100_000

const maxFileName = 255

// Check judges one answer value by the requirement's type and limits. It
// returns an Invalid fault with every problem, its fields being paths within
// the value, or nil. Faults never carry the answer's content.
func (r Requirement) Check(value json.RawMessage) error {
	var l fault.List
	value = bytes.TrimSpace(value)
	if len(value) == 0 || string(value) == "null" {
		l.Addf("answer.missing", "")
		return l.Err()
	}
	switch r.AnswerType {
	case Boolean:
		if string(value) != "true" && string(value) != "false" {
			l.Addf("answer.not-boolean", "")
		}
	case Choice:
		r.checkChoice(value, &l)
	case MultiChoice:
		r.checkChoices(value, &l)
	case Text:
		r.checkText(value, &l)
	case Number:
		r.checkNumber(value, &l)
	case Money:
		r.checkMoney(value, &l)
	case Date:
		r.checkDate(value, &l)
	case Document:
		r.checkFiles(value, &l)
	case PriceSchedule:
		var s Schedule
		if decode(value, &s) != nil {
			l.Addf("answer.not-schedule", "")
			break
		}
		r.checkSchedule(s, &l)
	default:
		l.Addf("answer.not-asked-for", "")
	}
	return l.Err()
}

// decode reads exactly one JSON value without unknown fields.
func decode(value []byte, into any) error {
	if len(value) > 0 && value[0] == '"' { // no fields to be unknown
		return json.Unmarshal(value, into)
	}
	d := json.NewDecoder(bytes.NewReader(value))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "answer.trailing")
	}
	return nil
}

// readable reports whether a text can be stored and shown: no control
// characters but line breaks and tabs, nothing that was lost in decoding.
func readable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(c rune) bool {
		return c == utf8.RuneError || (unicode.IsControl(c) && c != '\n' && c != '\r' && c != '\t')
	})
}

func (r Requirement) chosen(value []byte) (Chosen, error) {
	var c Chosen
	if len(value) > 0 && value[0] == '"' {
		err := decode(value, &c.Option)
		return c, err
	}
	err := decode(value, &c)
	return c, err
}

func (r Requirement) checkChoice(value []byte, l *fault.List) {
	c, err := r.chosen(value)
	if err != nil {
		l.Addf("answer.not-choice", "")
		return
	}
	i := slices.IndexFunc(r.Options, func(o Option) bool { return o.Label == c.Option })
	if i < 0 {
		l.Addf("answer.option-unknown", "")
		return
	}
	o := r.Options[i]
	switch {
	case o.WantsDate && c.Date == "":
		l.Addf("answer.date-missing", "date")
	case !o.WantsDate && c.Date != "":
		l.Addf("answer.not-asked-for", "date")
	case c.Date != "" && !isDate(c.Date):
		l.Addf("answer.not-date", "date")
	}
	switch {
	case o.WantsComment && strings.TrimSpace(c.Comment) == "":
		l.Addf("answer.comment-missing", "comment")
	case !o.WantsComment && c.Comment != "":
		l.Addf("answer.not-asked-for", "comment")
	default:
		checkReadable(c.Comment, MaxCharacters, "comment", l)
	}
}

func (r Requirement) checkChoices(value []byte, l *fault.List) {
	var chosen []string
	if decode(value, &chosen) != nil {
		l.Addf("answer.not-choices", "")
		return
	}
	for i, c := range chosen {
		field := fmt.Sprintf("[%d]", i)
		if !r.canAnswer(c) {
			l.Addf("answer.option-unknown", field)
		}
		if slices.Contains(chosen[:i], c) {
			l.Addf("answer.option-repeated", field)
		}
	}
	r.checkCount(len(chosen), l)
}

// checkCount judges the number of choices or files; none is no answer.
func (r Requirement) checkCount(n int, l *fault.List) {
	if n == 0 {
		l.Addf("answer.missing", "")
	}
	if limit, err := strconv.Atoi(r.Limits.Min); err == nil && n < limit {
		l.Addf("answer.too-few", "", fault.Params{"min": r.Limits.Min})
	}
	if limit, err := strconv.Atoi(r.Limits.Max); err == nil && n > limit {
		l.Addf("answer.too-many", "", fault.Params{"max": r.Limits.Max})
	}
}

func (r Requirement) checkText(value []byte, l *fault.List) {
	var s string
	if decode(value, &s) != nil {
		l.Addf("answer.not-text", "")
		return
	}
	if strings.TrimSpace(s) == "" {
		l.Addf("answer.missing", "")
		return
	}
	limit := MaxCharacters
	if r.Limits.Characters > 0 {
		limit = min(limit, r.Limits.Characters)
	}
	checkReadable(s, limit, "", l)
	if n := len(strings.Fields(s)); r.Limits.Words > 0 && n > r.Limits.Words {
		l.Addf("answer.too-many-words", "", fault.Params{"words": strconv.Itoa(n), "max": strconv.Itoa(r.Limits.Words)})
	}
}

func checkReadable(s string, limit int, field string, l *fault.List) {
	if !readable(s) {
		l.Addf("answer.unreadable", field)
	}
	if n := utf8.RuneCountInString(s); n > limit {
		l.Addf("answer.too-long", field, fault.Params{"characters": strconv.Itoa(n), "max": strconv.Itoa(limit)})
	}
}

// checkRange judges Min and Max. For an absolute requirement an answer outside
// them is an honest answer that fails it, see FailsAbsolute.
func (r Requirement) checkRange(answer string, l *fault.List) {
	if r.IsAbsolute() || r.within(answer) {
		return
	}
	l.Addf("answer.out-of-range", "", fault.Params{"min": r.Limits.Min, "max": r.Limits.Max})
}

func (r Requirement) checkNumber(value []byte, l *fault.List) {
	if _, err := parseDecimal(string(value)); err != nil || !json.Valid(value) {
		l.Addf("answer.not-number", "")
		return
	}
	r.checkRange(string(value), l)
}

func (r Requirement) checkMoney(value []byte, l *fault.List) {
	var n money.NOK
	if decode(value, &n) != nil {
		l.Addf("answer.not-money", "")
		return
	}
	if n < 0 && r.Limits.Min == "" {
		l.Addf("answer.price-negative", "")
		return
	}
	r.checkRange(n.String(), l)
}

func (r Requirement) checkDate(value []byte, l *fault.List) {
	var s string
	if decode(value, &s) != nil || !isDate(s) {
		l.Addf("answer.not-date", "")
		return
	}
	r.checkRange(s, l)
}

func (r Requirement) checkFiles(value []byte, l *fault.List) {
	var files []File
	if decode(value, &files) != nil {
		l.Addf("answer.not-files", "")
		return
	}
	seen := map[uuid.UUID]bool{}
	for i, f := range files {
		field := fmt.Sprintf("[%d]", i)
		if strings.TrimSpace(f.Name) == "" || len(f.Name) > maxFileName || !readable(f.Name) || strings.ContainsAny(f.Name, "/\\\n\r\t") {
			l.Addf("answer.file-name", field+".name")
		}
		if f.File != uuid.Nil && seen[f.File] {
			l.Addf("answer.file-repeated", field+".file")
		}
		seen[f.File] = true
	}
	r.checkCount(len(files), l)
}
