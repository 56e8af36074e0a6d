package requirement_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

var monday = time.Date(2026, 9, 7, 8, 0, 0, 0, time.UTC)

func TestMayOpen(t *testing.T) {
	t.Parallel()
	open := requirement.Round{Opened: monday.Add(-time.Hour), Until: monday.Add(time.Hour)}
	until, dispatch := monday.AddDate(0, 0, 14), monday.AddDate(0, 0, 21)
	cases := map[string]struct {
		rounds          []requirement.Round
		set             requirement.Set
		until, dispatch time.Time
		rule            string
	}{
		"the first":             {nil, sample(), until, dispatch, ""},
		"after one":             {[]requirement.Round{{Opened: monday.AddDate(0, -1, 0), Until: monday}}, sample(), until, dispatch, ""},
		"after one that closed": {[]requirement.Round{{Opened: open.Opened, Until: open.Until, Closed: monday}}, sample(), until, dispatch, ""},
		"beside one":            {[]requirement.Round{open}, sample(), until, dispatch, "inputs.round-open"},
		"nothing to read":       {nil, requirement.Set{}, until, dispatch, "inputs.nothing-to-read"},
		"over already":          {nil, sample(), monday, dispatch, "inputs.until"},
		"until the dispatch":    {nil, sample(), dispatch, dispatch, ""},
		"after the dispatch":    {nil, sample(), dispatch.Add(1), dispatch, "inputs.until"},
		"no dispatch planned":   {nil, sample(), until, time.Time{}, ""},
	}
	for name, c := range cases {
		if err := requirement.MayOpen(c.rounds, c.set, c.until, c.dispatch, monday); fault.RuleOf(err) != c.rule {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARoundEndsByTimeOrByTheLeadBuyer(t *testing.T) {
	t.Parallel()
	r := requirement.Round{Opened: monday, Until: monday.Add(time.Hour)}
	for after, want := range map[time.Duration]bool{-1: false, 0: true, time.Hour - 1: true, time.Hour: false} {
		if got := r.IsOpen(monday.Add(after)); got != want {
			t.Errorf("after %s: %t", after, got)
		}
	}
	if r.Closed = monday.Add(1); r.IsOpen(monday.Add(2)) {
		t.Error("open after it was closed")
	}
}

func TestInputs(t *testing.T) {
	t.Parallel()
	s := sample()
	first := s.Requirements[0].ID
	valid := []requirement.Input{
		{Kind: requirement.AboutSet, Text: "Vekt pris lavere"},
		{Kind: requirement.AboutRequirement, Requirement: first, Text: "Uklart"},
		{Kind: requirement.AboutRequirement, Requirement: first, Text: "Uklart", Wording: "HelseID skal brukes"},
		{Kind: requirement.Proposal, Text: "Mangler", Wording: "Løsningen skal kunne slås av"},
	}
	for _, i := range valid {
		if err := i.Validate(s); err != nil {
			t.Errorf("%+v: %v", i, err)
		}
	}
	refused := map[string]requirement.Input{
		"inputs.text text":               {Kind: requirement.AboutSet, Text: " "},
		"inputs.kind kind":               {Kind: "x", Text: "y"},
		"inputs.requirement requirement": {Kind: requirement.AboutRequirement, Requirement: uuid.Max, Text: "y"},
		"inputs.wording wording":         {Kind: requirement.Proposal, Text: "y"},
	}
	for want, i := range refused {
		if got := rules(i.Validate(s)); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %q", want, got)
		}
	}
}

func TestInputAnswers(t *testing.T) {
	t.Parallel()
	read, now := sample(), sample()
	gone := read.Requirements[3].ID
	now.Requirements = slices.Delete(now.Requirements, 3, 4)
	about := requirement.Input{Kind: requirement.AboutRequirement, Requirement: gone, Text: "Ta det ut"}
	cases := map[string]struct {
		input  requirement.Input
		answer requirement.InputAnswer
		want   []string
	}{
		"taken out":               {about, requirement.InputAnswer{Outcome: requirement.TakenIn, Reason: "Enig", Requirements: []uuid.UUID{gone}}, nil},
		"not taken in":            {about, requirement.InputAnswer{Outcome: requirement.Rejected, Reason: "Lovkrav"}, nil},
		"a weight":                {requirement.Input{Kind: requirement.AboutSet, Text: "x"}, requirement.InputAnswer{Outcome: requirement.Partly, Reason: "Enig"}, nil},
		"without reason":          {about, requirement.InputAnswer{Outcome: requirement.Rejected, Reason: "  "}, []string{"inputs.reason reason"}},
		"no such outcome":         {about, requirement.InputAnswer{Outcome: "x", Reason: "Enig"}, []string{"inputs.outcome outcome"}},
		"without effect":          {about, requirement.InputAnswer{Outcome: requirement.Partly, Reason: "Enig"}, []string{"inputs.effect-missing requirements"}},
		"rejected and taken in":   {about, requirement.InputAnswer{Outcome: requirement.Rejected, Reason: "Nei", Requirements: []uuid.UUID{gone}}, []string{"inputs.effect requirements"}},
		"effect on nothing there": {about, requirement.InputAnswer{Outcome: requirement.TakenIn, Reason: "Enig", Requirements: []uuid.UUID{uuid.Max}}, []string{"inputs.effect requirements"}},
		"the same twice":          {about, requirement.InputAnswer{Outcome: requirement.TakenIn, Reason: "Enig", Requirements: []uuid.UUID{gone, gone}}, []string{"inputs.effect requirements"}},
		"too long a reason":       {about, requirement.InputAnswer{Outcome: requirement.Rejected, Reason: strings.Repeat("x", 8001)}, []string{"inputs.reason reason"}},
	}
	for name, c := range cases {
		if got := rules(c.answer.Validate(c.input, read, now)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// In whatever order inputs are given and answered, the set can be locked exactly
// while no round is open and every input has been answered.
func TestNothingIsLockedOverAnUnansweredInput(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := monday
		var rounds []requirement.Round
		var outcomes []requirement.Outcome // "" is unanswered
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 48).Draw(t, "hours")) * time.Hour)
			last := len(rounds) - 1
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				if requirement.MayOpen(rounds, sample(), now.Add(72*time.Hour), time.Time{}, now) == nil {
					rounds = append(rounds, requirement.Round{Opened: now, Until: now.Add(72 * time.Hour)})
				}
			case 1:
				if last >= 0 && rounds[last].IsOpen(now) {
					outcomes = append(outcomes, "")
				}
			case 2:
				if n := len(outcomes); n > 0 {
					outcomes[rapid.IntRange(0, n-1).Draw(t, "which")] = rapid.SampledFrom(requirement.Outcomes()).Draw(t, "outcome")
				}
			case 3:
				if last >= 0 && rounds[last].IsOpen(now) {
					rounds[last].Closed = now
				}
			}
			var tally requirement.InputTally
			for _, o := range outcomes {
				switch o {
				case requirement.TakenIn:
					tally.TakenIn++
				case requirement.Partly:
					tally.Partly++
				case requirement.Rejected:
					tally.Rejected++
				default:
					tally.Unanswered++
				}
			}
			open := slices.ContainsFunc(rounds, func(r requirement.Round) bool { return r.IsOpen(now) })
			if open {
				tally.OpenUntil = rounds[len(rounds)-1].Until
			}
			if may := tally.Settled() == nil; may != (!open && !slices.Contains(outcomes, "")) {
				t.Fatalf("lockable %t with %q, open %t", may, outcomes, open)
			}
			if e := tally.Effect(); tally.Given() != len(outcomes) || e < 0 || e > requirement.Hundred {
				t.Fatalf("%d given, effect %s", tally.Given(), e)
			}
		}
	})
}

func TestShareWithEffect(t *testing.T) {
	t.Parallel()
	tally := requirement.InputTally{TakenIn: 2, Partly: 1, Rejected: 1, Unanswered: 3}
	if got := tally.Effect(); got != requirement.Percents(75) || tally.Given() != 7 {
		t.Errorf("effect %s of %d", got, tally.Given())
	}
}
