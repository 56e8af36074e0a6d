package answersheet

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// shownAnswer is an answer as cells show it. Text is what stands in the answer
// cell of a CSV file; Number and Day are set where a workbook has a number or a
// date there.
type shownAnswer struct {
	Text, Date, Comment string
	Number              *decimal.Decimal
	Day                 string
	Chosen              []string
}

// shownOf lays an answer out. What is no answer of the requirement's type, as a
// draft may hold, is blank.
func shownOf(r requirement.Requirement, raw json.RawMessage) shownAnswer {
	var s shownAnswer
	if len(raw) == 0 || string(raw) == "null" {
		return s
	}
	switch r.AnswerType {
	case requirement.Boolean:
		var b bool
		if json.Unmarshal(raw, &b) == nil {
			s.Text = truthWord(b)
		}
	case requirement.Choice:
		s.choice(raw)
	case requirement.MultiChoice:
		if json.Unmarshal(raw, &s.Chosen) == nil {
			s.Text = strings.Join(s.Chosen, "\n")
		}
	case requirement.Number:
		if n, err := decimal.NewFromString(string(raw)); err == nil && len(raw) <= maxDigits {
			s.setNumber(n)
		}
	case requirement.Money:
		var n money.NOK
		if json.Unmarshal(raw, &n) == nil {
			s.setNumber(n.Decimal())
		}
	case requirement.Date:
		var day string
		if json.Unmarshal(raw, &day) == nil {
			if shown, err := showDate(day); err == nil {
				s.Text, s.Day = shown, day
			}
		}
	case requirement.Document:
		var files []requirement.File
		if json.Unmarshal(raw, &files) == nil {
			names := make([]string, len(files))
			for i, f := range files {
				names[i] = f.Name
			}
			s.Text = strings.Join(names, "\n")
		}
	case requirement.Text:
		if json.Unmarshal(raw, &s.Text) != nil {
			s.Text = ""
		}
	case requirement.PriceSchedule, requirement.NoAnswer:
	}
	return s
}

func (s *shownAnswer) choice(raw json.RawMessage) {
	var c requirement.Chosen
	if json.Unmarshal(raw, &c) != nil && json.Unmarshal(raw, &c.Option) != nil {
		return
	}
	s.Text, s.Comment = c.Option, c.Comment
	if shown, err := showDate(c.Date); err == nil {
		s.Date, s.Day = shown, c.Date
	}
}

func (s *shownAnswer) setNumber(n decimal.Decimal) {
	s.Text, s.Number = strings.ReplaceAll(n.String(), ".", ","), &n
}

// showDate writes a date as Norwegians do.
func showDate(day string) (string, error) {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return "", err
	}
	return t.Format("02.01.2006"), nil
}
