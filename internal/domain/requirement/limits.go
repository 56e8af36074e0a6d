package requirement

import (
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

func (v *validator) limits(at string, r Requirement) {
	l := r.Limits
	at += ".limits"
	if l.Words < 0 || l.Characters < 0 {
		v.Addf("requirement.limit-negative", at)
	}
	if (l.Words != 0 || l.Characters != 0) && r.AnswerType != Text {
		v.Addf("requirement.limit-not-used", at)
	}
	if l.Min == "" && l.Max == "" {
		return
	}
	switch r.AnswerType {
	case Number, Money, MultiChoice, Document, Date:
	default:
		v.Addf("requirement.limit-not-used", at)
		return
	}
	okMin, okMax := r.limitReads(l.Min), r.limitReads(l.Max)
	if !okMin {
		v.Addf("requirement.limit-malformed", at+".min")
	}
	if !okMax {
		v.Addf("requirement.limit-malformed", at+".max")
	}
	if okMin && okMax && l.Min != "" && l.Max != "" && r.less(l.Max, l.Min) {
		v.Addf("requirement.limits-crossed", at)
	}
	if n, err := strconv.Atoi(l.Min); r.AnswerType == MultiChoice && err == nil && n > len(r.Options) {
		v.Addf("requirement.limits-crossed", at+".min")
	}
}

// limitReads reports whether a limit is written as its answer type needs.
func (r Requirement) limitReads(limit string) bool {
	if limit == "" {
		return true
	}
	switch r.AnswerType {
	case Date:
		return isDate(limit)
	case MultiChoice, Document:
		n, err := strconv.Atoi(limit)
		return err == nil && n >= 0
	}
	_, err := parseDecimal(limit)
	return err == nil
}

// less compares two well-formed limits or answers of the requirement's type.
func (r Requirement) less(a, b string) bool {
	if r.AnswerType == Date {
		return a < b
	}
	x, _ := decimal.NewFromString(a)
	y, _ := decimal.NewFromString(b)
	return x.LessThan(y)
}

// within reports whether a well-formed answer is inside Min and Max.
func (r Requirement) within(answer string) bool {
	l := r.Limits
	return (l.Min == "" || !r.less(answer, l.Min)) && (l.Max == "" || !r.less(l.Max, answer))
}

func isDate(s string) bool {
	t, err := time.Parse(time.DateOnly, s)
	return err == nil && t.Year() >= 1900 && t.Year() < 2200
}
