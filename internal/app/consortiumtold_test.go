package app_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// Members are told what suppliers are told, and the log of who was asked is
// theirs: the buyers do not find it, not after the opening either.
func TestWhatMembersAreTold(t *testing.T) {
	t.Parallel()
	s := published(t).together()
	s.answer()
	s.invite(1)
	s.invite(2)
	s.accept(1)
	s.declare(1)
	q, err := s.serve.Ask(s.as(author(0)), s.story.id, app.NewQuestion{Text: "Gjelder krav 2.1 alle?"})
	must(t, err)
	_, err = s.serve.Clarify(s.as(lead), s.story.id, app.NewClarification{Questions: []uuid.UUID{q.ID}, Question: q.Text, Answer: "Ja."})
	must(t, err)
	must(t, s.serve.RemoveMember(s.as(signatory(0)), s.id, seed.SupplierID(2)))
	for i, want := range map[int][]string{
		0: {"consortium.accepted", "clarification.published"},
		1: {"consortium.invited", "clarification.published"},
		2: {"consortium.invited", "consortium.removed"},
	} {
		inbox, err := s.serve.Notifications(s.as(author(i)), math.MaxInt64, 50)
		must(t, err)
		var kinds []string
		for _, n := range inbox {
			kinds = append(kinds, n.Kind)
		}
		slices.Sort(kinds)
		slices.Sort(want)
		if !slices.Equal(kinds, want) {
			t.Errorf("supplier %d is told %v, want %v", i, kinds, want)
		}
	}
	_, err = s.submit()
	must(t, err)
	s.open()
	for subject, want := range map[string]bool{author(0): true, author(1): true, author(2): false, lead: false} {
		lines, err := s.serve.Timeline(s.as(subject), s.story.id, 0, 1000)
		if err != nil && !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		inFeed := s.findsJoining(subject)
		for range 100 {
			if inFeed == want {
				break
			}
			time.Sleep(50 * time.Millisecond) // a feed waits for older transactions, of other tests too
			inFeed = s.findsJoining(subject)
		}
		inTimeline := slices.ContainsFunc(lines, func(e app.TimelineEntry) bool { return e.Action == "consortium.accepted" })
		if inFeed != want || inTimeline != want {
			t.Errorf("%s finds who joined in the feed: %t, in the timeline: %t, want %t", subject, inFeed, inTimeline, want)
		}
	}
}

func (s *together) findsJoining(subject string) bool {
	s.t.Helper()
	events, err := s.serve.Events(s.as(subject), "", 500)
	must(s.t, err)
	return slices.ContainsFunc(events, func(e app.FeedEvent) bool { return e.Action == "consortium.accepted" })
}
