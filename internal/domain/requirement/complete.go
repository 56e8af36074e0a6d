package requirement

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Problem is one fault of one answer. It holds codes, numbers and paths only.
type Problem struct {
	Requirement uuid.UUID    `json:"requirement"`
	Rule        string       `json:"rule"`
	Field       string       `json:"field,omitempty"`
	Params      fault.Params `json:"params,omitempty"`
}

// Summary says how complete a tender's answers are. Every requirement stands
// in exactly one of the first five lists, in set order; the summary is as
// secret as the answers, since it tells which conditions hold.
type Summary struct {
	Answered      []uuid.UUID `json:"answered"`
	Missing       []uuid.UUID `json:"missing"`  // mandatory and unanswered
	Optional      []uuid.UUID `json:"optional"` // unanswered, and may be
	Invalid       []uuid.UUID `json:"invalid"`
	NotApplicable []uuid.UUID `json:"notApplicable"`
	// FailsAbsolute are answered requirements whose answer shows that they are
	// not met. It is a flag for a person, never a rejection by itself.
	FailsAbsolute []uuid.UUID `json:"failsAbsolute"`
	// Problems of the invalid answers, and of answers to what does not apply
	// or is not in the set.
	Problems []Problem `json:"problems"`
	// Partial are answered requirements whose answer covers some of the named
	// buyers only. A tender may be submitted so, but what it leaves out cannot
	// be asked for afterwards (KOFA 2025/1746).
	Partial []uuid.UUID `json:"partial"`
	// Secret are answered requirements whose answer is marked as a business
	// secret.
	Secret []uuid.UUID `json:"secret"`
	// Warnings are what to think over before submission; they stand in the way
	// of nothing.
	Warnings []Problem `json:"warnings"`
}

// Complete reports whether nothing is missing or invalid.
func (s Summary) Complete() bool { return len(s.Missing) == 0 && len(s.Invalid) == 0 }

// Completeness judges all answers of a tender for the lots that it covers; no
// lots means all. An answer to a requirement that does not apply is told as a
// problem and does not make the tender incomplete.
func (s Set) Completeness(values Values, lots ...uuid.UUID) Summary {
	sum := Summary{
		Answered: []uuid.UUID{}, Missing: []uuid.UUID{}, Optional: []uuid.UUID{}, Invalid: []uuid.UUID{},
		NotApplicable: []uuid.UUID{}, FailsAbsolute: []uuid.UUID{}, Problems: []Problem{},
		Partial: []uuid.UUID{}, Secret: []uuid.UUID{}, Warnings: []Problem{},
	}
	a := s.applicability(values, lots)
	for _, r := range s.Requirements {
		value, given := values[r.ID]
		value = bytes.TrimSpace(value)
		given = given && !isNull(value)
		switch {
		case r.AnswerType == NoAnswer, !a.applies(r):
			sum.NotApplicable = append(sum.NotApplicable, r.ID)
			if given {
				sum.Problems = append(sum.Problems, Problem{Requirement: r.ID, Rule: "answer.not-applicable"})
			}
		case !given && r.Mandatory:
			sum.Missing = append(sum.Missing, r.ID)
		case !given:
			sum.Optional = append(sum.Optional, r.ID)
		default:
			sum.judge(r, value)
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(values), func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) }) {
		if _, ok := a.index[id]; !ok {
			sum.Problems = append(sum.Problems, Problem{Requirement: id, Rule: "answer.requirement-unknown"})
		}
	}
	return sum
}

// Completeness judges answers with their marks, as Set.Completeness judges
// values.
func (a Answers) Completeness(s Set, lots ...uuid.UUID) Summary {
	sum := s.Completeness(a.Values(), lots...)
	index := s.indexed()
	for _, id := range sum.Answered {
		answer, r := a[id], s.Requirements[index[id]]
		var l fault.List
		if n := len(answer.Buyers); n > 0 {
			sum.Partial = append(sum.Partial, id)
			l.Addf("answer.partial", "", fault.Params{"buyers": strconv.Itoa(n)})
		}
		if answer.Secret != nil {
			sum.Secret = append(sum.Secret, id)
			if r.Part() == Price {
				l.Addf("answer.secret-price", "")
			}
		}
		sum.Warnings = append(sum.Warnings, problemsOf(id, l.Err())...)
	}
	return sum
}

func problemsOf(id uuid.UUID, err error) []Problem {
	f, ok := fault.As(err)
	if !ok {
		return nil
	}
	var out []Problem
	for _, one := range f.All() {
		out = append(out, Problem{id, one.Rule, one.Field, one.Params})
	}
	return out
}

func (s *Summary) judge(r Requirement, value json.RawMessage) {
	if err := r.Check(value); err != nil {
		s.Invalid = append(s.Invalid, r.ID)
		s.Problems = append(s.Problems, problemsOf(r.ID, err)...)
		return
	}
	s.Answered = append(s.Answered, r.ID)
	if r.fails(value) {
		s.FailsAbsolute = append(s.FailsAbsolute, r.ID)
	}
}

func isNull(value json.RawMessage) bool { return len(value) == 0 || string(value) == "null" }

// FailsAbsolute reports whether a valid answer shows that an absolute
// requirement is not met. Texts, documents and schedules are judged by people:
// for those it is false, as it is for answers that are not valid.
func FailsAbsolute(r Requirement, value json.RawMessage) bool {
	value = bytes.TrimSpace(value)
	return r.IsAbsolute() && r.Check(value) == nil && r.fails(value)
}

// fails judges an answer that has passed Check, without white space around it.
func (r Requirement) fails(value json.RawMessage) bool {
	if !r.IsAbsolute() {
		return false
	}
	switch r.AnswerType {
	case Boolean:
		pass := r.PassIf
		if len(pass) == 0 {
			pass = []string{"true"}
		}
		return !r.says(value, pass)
	case Choice:
		return len(r.PassIf) > 0 && !r.says(value, r.PassIf)
	case MultiChoice:
		// Each listed option is needed.
		return slices.ContainsFunc(r.PassIf, func(p string) bool { return !r.says(value, []string{p}) })
	case Number:
		return !r.within(string(value))
	case Money:
		var n money.NOK
		return decode(value, &n) == nil && !r.within(n.String())
	case Date:
		var d string
		return decode(value, &d) == nil && !r.within(d)
	}
	return false
}

// answeredWith reports whether a closed answer is valid and says one of the
// values.
func (r Requirement) answeredWith(value json.RawMessage, values []string) bool {
	value = bytes.TrimSpace(value)
	return !isNull(value) && r.Check(value) == nil && r.says(value, values)
}

// says reports whether a valid closed answer is, or contains, one of the values.
func (r Requirement) says(value json.RawMessage, values []string) bool {
	switch r.AnswerType {
	case Boolean:
		return slices.Contains(values, string(value))
	case Choice:
		c, err := r.chosen(value)
		return err == nil && slices.Contains(values, c.Option)
	case MultiChoice:
		var chosen []string
		return decode(value, &chosen) == nil && slices.ContainsFunc(chosen, func(c string) bool { return slices.Contains(values, c) })
	}
	return false
}
