package procurement_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// act is something that a person does at an instant.
type act struct {
	at       time.Time
	steering bool
	give     func(p procurement.Procurement) procurement.Command
}

// wakes counts why a workflow woke.
type wakes struct{ timed, steering, facts int }

// actions prices them: a timed wake is an activity and the next timer; a
// steering command also an update; a fact also a signal.
func (w wakes) actions() int { return 2*w.timed + 3*w.steering + 3*w.facts }

// drive lives through the acts as a workflow does: it sleeps until the next wake
// or until it is woken.
func drive(t tb, p procurement.Procurement, from time.Time, acts []act) (procurement.Procurement, wakes) {
	t.Helper()
	var w wakes
	now := from
	for _, a := range acts {
		for {
			next := p.NextWake(now)
			if next.IsZero() || next.After(a.at) {
				break
			}
			if w.timed++; w.timed > 1000 {
				t.Fatal("wakes without end")
			}
			now = next
			p = must(t, p, procurement.PassTime{}, now)
		}
		now = a.at
		c, err := p.Decide(a.give(p), now)
		if err != nil {
			t.Fatalf("%s in %s: %v", a.give(p).Operation(), p.Phase, err)
		}
		p = c.After
		switch {
		case a.steering:
			w.steering++
		case c.Wake:
			w.facts++
		}
	}
	return p, w
}

// plain is a tender in which all goes well, from launch to award, with some
// municipalities that never answer.
func plain(t tb, p procurement.Procurement, silent int, priceAfter bool) (procurement.Procurement, wakes) {
	t.Helper()
	all := p.Participants.Named
	p.Plan.PriceAfterQuality = priceAfter
	fixed := func(c procurement.Command) func(procurement.Procurement) procurement.Command {
		return func(procurement.Procurement) procurement.Command { return c }
	}
	acts := []act{{at: launchAt, give: fixed(procurement.Launch{})}}
	for i := 1; i <= all-silent; i++ {
		tally := mandated(all)
		tally.Named, tally.Mandated = all-i, i
		acts = append(acts, act{at: at("2026-10-01 10:00").Add(time.Duration(i) * time.Minute), give: fixed(procurement.GiveMandate{Terms: terms(), Tally: tally})})
	}
	publishing := publication(t, prepared(t))
	acts = append(acts, act{at: publishAt, steering: true, give: fixed(publishing)})
	p, before := drive(t, p, launchAt, acts)
	// Rows of others: five tenders, every score.
	p.Tenders = procurement.TenderTally{Submitted: 5, Scored: true, QualityScored: true}
	acts = nil
	parts := []procurement.Part{procurement.Quality}
	if priceAfter {
		parts = append(parts, procurement.Price)
	}
	for i, part := range parts {
		when := openAt.AddDate(0, 0, 14*i)
		acts = append(acts, act{at: when, give: fixed(procurement.ApproveOpening{Part: part, By: alice})},
			act{at: when, give: fixed(procurement.ApproveOpening{Part: part, By: bob})},
			act{at: when, steering: true, give: fixed(procurement.Open{Part: part})})
	}
	acts = append(acts, act{at: awardAt, steering: true, give: func(p procurement.Procurement) procurement.Command { return awarding(t, p) }})
	p, after := drive(t, p, publishAt, acts)
	return p, wakes{before.timed + after.timed, before.steering + after.steering, before.facts + after.facts}
}

// A plain tender from launch to award, with everything that is waited for:
//
//	facts     launch; the last mandate, where all answer
//	timed     reminder of mandates; mandate deadline, where some are silent;
//	          reminders of publication, of answers (two) and of the award; closing
//	steering  publish; open, once or (price later) twice; award
//
// That is 25 to 29 actions, of 36 that a tender may take, whatever the number of
// municipalities.
func TestActionsOfAPlainTender(t *testing.T) {
	t.Parallel()
	const most = 36
	for _, tt := range []struct {
		name       string
		silent     int
		priceAfter bool
		want       wakes
	}{
		{"all answer early", 0, false, wakes{timed: 5, steering: 3, facts: 2}},
		{"some never answer", 2, false, wakes{timed: 7, steering: 3, facts: 1}},
		{"some never answer, price later", 2, true, wakes{timed: 7, steering: 4, facts: 1}},
	} {
		for _, n := range []int{12, 357} {
			p := drafted()
			p.Participants = named(n)
			if p, got := plain(t, p, tt.silent, tt.priceAfter); got != tt.want || p.Phase != procurement.Standstill || got.actions() > most {
				t.Errorf("%s, %d municipalities: %+v, %d actions, in %s", tt.name, n, got, got.actions(), p.Phase)
			}
		}
		t.Logf("%s: %d actions", tt.name, tt.want.actions())
	}
}

// However the dates of a year-long tender lie, and however many take part, time
// wakes a workflow a bounded number of times and each wait is reminded of once.
func TestWakesOfALongTenderAreBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, now := inPhase(t, rapid.SampledFrom(procurement.Phases()).Draw(t, "phase"))
		move := func(name string) int { return rapid.IntRange(-60, 300).Draw(t, name) }
		p.Plan.TenderDeadline = p.Plan.TenderDeadline.AddDate(0, 0, move("deadline"))
		p.Plan.AwardOn, p.Plan.ValidUntil = p.Plan.AwardOn.AddDays(move("award")), p.Plan.ValidUntil.AddDays(move("validity"))
		p.State.AnswersDue, p.Plan.DispatchOn = p.State.AnswersDue.AddDays(move("answers")), p.Plan.DispatchOn.AddDays(move("dispatch"))
		p.Questions.Unanswered = rapid.IntRange(0, 1).Draw(t, "unanswered")
		few, many := p, p
		if p.Phase == procurement.Mandates {
			few.Participants, many.Participants = named(1), named(357)
			few.Participants.Mandated, many.Participants.Mandated = 10, 10
			few.Participants.MandatedValue, many.Participants.MandatedValue = money.Kroner(1), money.Kroner(1)
		}
		few.Tenders.Submitted, many.Tenders.Submitted = 1, 100
		a, b := wakesOf(t, few, now), wakesOf(t, many, now)
		if !slices.Equal(a, b) {
			t.Fatalf("few %v, many %v", a, b)
		}
		if len(a) > 6 {
			t.Fatalf("%s: %d wakes: %v", p.Phase, len(a), a)
		}
	})
}

// wakesOf lists every wake by time alone.
func wakesOf(t tb, p procurement.Procurement, now time.Time) []time.Time {
	t.Helper()
	var all []time.Time
	for next := p.NextWake(now); !next.IsZero() && len(all) < 1000; next = p.NextWake(now) {
		now = next
		all = append(all, now)
		p = must(t, p, procurement.PassTime{}, now)
	}
	return all
}
