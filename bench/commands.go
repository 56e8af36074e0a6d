package bench

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Command is a use case that can be run again and again.
type Command struct {
	Name, Door string
	// before makes the command possible and is not measured.
	before, run func(ctx context.Context, s *Stack) error
}

// Commands are those whose audit entries are measured: from each door one that
// is asked for most.
func Commands() []Command {
	return []Command{
		{"save five answers of a draft", "data", nil, func(ctx context.Context, s *Stack) error { return s.save(ctx, 5) }},
		{"submit a tender", "data", func(ctx context.Context, s *Stack) error { return s.save(ctx, 1) }, submit},
		{"give a mandate", "fact", nil, mandate},
		{"suspend and resume", "steering", nil, suspend},
	}
}

// Turn asks a process to run one of the Commands.
type Turn struct{ Command, Times int }

// Run runs the command a number of times, one after the other, and gives the
// time that it took.
func (c Command) Run(ctx context.Context, s *Stack, turns int) (time.Duration, error) {
	var took time.Duration
	for range turns {
		if c.before != nil {
			if err := c.before(ctx, s); err != nil {
				return 0, err
			}
		}
		start := time.Now()
		if err := c.run(ctx, s); err != nil {
			return 0, err
		}
		took += time.Since(start)
	}
	return took, nil
}

func (s *Stack) save(ctx context.Context, n int) error {
	author, err := As(ctx, Author)
	if err != nil {
		return err
	}
	// Another reason each time, and on each side: what is stored already would
	// not be written.
	reason := &requirement.Secret{Reason: "Lagring " + uuid.NewString()}
	some := make([]app.AnswerRow, 0, n)
	for _, id := range slices.SortedFunc(maps.Keys(s.Case.Answers), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })[:n] {
		some = append(some, app.AnswerRow{Requirement: id, Version: app.AnyVersion,
			Answer: requirement.Answer{Value: s.Case.Answers[id], Secret: reason}})
	}
	_, err = s.Serve.SaveAnswers(author, app.AnswersToSave{Tender: s.Case.Tender, Rows: some})
	return err
}

func submit(ctx context.Context, s *Stack) error {
	signatory, err := As(ctx, Signatory)
	if err != nil {
		return err
	}
	_, err = s.Serve.Submit(signatory, s.Case.Tender, 0, s.Case.Lots)
	return err
}

func mandate(ctx context.Context, s *Stack) error {
	giver, err := As(ctx, Giver)
	if err != nil {
		return err
	}
	return s.Serve.GiveMandate(giver, s.Case.Asked, s.Case.Terms)
}

func suspend(ctx context.Context, s *Stack) error {
	lead, err := As(ctx, Lead)
	if err != nil {
		return err
	}
	if err := done(s.Serve.Suspend(lead, s.Case.Competition, 0, "Midlertidig forføyning")); err != nil {
		return err
	}
	return done(s.Serve.Resume(lead, s.Case.Competition, 0))
}
