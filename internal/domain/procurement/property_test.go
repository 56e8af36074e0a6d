package procurement_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// arrows are the only ways from phase to phase.
var arrows = map[procurement.Phase][]procurement.Phase{
	procurement.Draft:       {procurement.Mandates, procurement.Cancelled},
	procurement.Mandates:    {procurement.Preparation, procurement.Cancelled},
	procurement.Preparation: {procurement.Tendering, procurement.Cancelled},
	procurement.Tendering:   {procurement.Opening, procurement.Unsuccessful, procurement.Cancelled},
	procurement.Opening:     {procurement.Tendering, procurement.Evaluation, procurement.Cancelled},
	procurement.Evaluation:  {procurement.Standstill, procurement.Unsuccessful, procurement.Cancelled},
	procurement.Standstill:  {procurement.Contracting, procurement.Evaluation, procurement.Cancelled},
	procurement.Contracting: {procurement.Running, procurement.Evaluation, procurement.Cancelled, procurement.Ended},
	procurement.Running:     {procurement.Ended},
	// Only for a recorded outage, when nothing had come in.
	procurement.Unsuccessful: {procurement.Tendering},
}

// world is one procurement at an instant, with what its application would keep.
type world struct {
	p        procurement.Procurement
	now      time.Time
	law      rules.Effective
	reminded map[string]int
}

// anyOrder begins at a drawn phase, so that late phases are met as often as
// early ones.
func anyOrder(t *rapid.T) *world {
	start := rapid.SampledFrom([]procurement.Phase{procurement.Draft, procurement.Draft, procurement.Preparation, procurement.Tendering,
		procurement.Opening, procurement.Evaluation, procurement.Standstill, procurement.Running}).Draw(t, "start")
	p, now := inPhase(t, start)
	p.Plan.PriceAfterQuality = start != procurement.Evaluation && rapid.Bool().Draw(t, "price after quality")
	p.Plan.Options = []procurement.Option{{Text: "Forlengelse", Months: 6, UseBy: day("2029-06-01")}, {Text: "Forlengelse", Months: 6, UseBy: day("2028-06-01")}}
	return &world{p: p, now: now, law: confirmed(t, prepared(t)), reminded: map[string]int{}}
}

// command draws a command, lawful or not.
func (w *world) command(t *rapid.T) procurement.Command {
	reason := rapid.SampledFrom([]string{"", "Begrunnelse som holder", "Begrunnelse som holder"}).Draw(t, "reason")
	part := rapid.SampledFrom([]procurement.Part{procurement.Quality, procurement.Quality, procurement.Price}).Draw(t, "part")
	later := time.Duration(rapid.IntRange(-3*24, 40*24).Draw(t, "hours later")) * time.Hour
	all := []func() procurement.Command{
		func() procurement.Command {
			next := w.p.Plan
			next.DispatchOn = next.DispatchOn.AddDays(rapid.IntRange(-20, 20).Draw(t, "days"))
			return procurement.Revise{Plan: next, Participants: w.p.Participants}
		},
		func() procurement.Command { return procurement.Launch{} },
		func() procurement.Command { return procurement.GiveMandate{Terms: terms(), Tally: w.answered(t, true)} },
		func() procurement.Command {
			return procurement.DeclineMandate{Reason: reason, Tally: w.answered(t, false)}
		},
		func() procurement.Command {
			return procurement.ExtendMandates{Until: w.p.Plan.MandateDeadline.Add(later)}
		},
		func() procurement.Command {
			c := publication(t, w.p)
			c.Law, c.Dispatch.On = w.law, calendar.DateOf(w.now)
			return c
		},
		func() procurement.Command {
			return procurement.ExtendDeadline{Until: w.p.Plan.TenderDeadline.Add(later), Reason: reason, Outage: rapid.SampledFrom([]string{"", "12:00-13:00"}).Draw(t, "outage")}
		},
		func() procurement.Command {
			return procurement.ApproveOpening{Part: part, By: rapid.SampledFrom([]uuid.UUID{alice, bob}).Draw(t, "by")}
		},
		func() procurement.Command { return procurement.Open{Part: part} },
		func() procurement.Command {
			return procurement.Reject{Ground: procurement.GroundMaterial, Reason: reason}
		},
		func() procurement.Command {
			return procurement.Score{Part: part, Rated: true, Impartial: reason != ""}
		},
		func() procurement.Command { c := awarding(t, w.p); c.Law = w.law; return c },
		func() procurement.Command { return procurement.ReverseAward{Reason: reason} },
		func() procurement.Command {
			on := calendar.DateOf(w.now).AddDays(rapid.IntRange(-12, 1).Draw(t, "signed days ago"))
			return procurement.SignContract{BuyerOn: on, SupplierOn: on, Law: w.law, Signed: w.p.State.ContractsSigned + 1, Total: 2}
		},
		func() procurement.Command { return procurement.AwardNotice{Reference: reason} },
		func() procurement.Command { return procurement.DeclareUnsuccessful{Reason: reason} },
		func() procurement.Command { return procurement.Suspend{Reason: reason} },
		func() procurement.Command { return procurement.Resume{} },
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(t, "command")]()
}

// answered moves some of those who have not answered to one side.
func (w *world) answered(t *rapid.T, yes bool) procurement.ParticipantTally {
	tally := w.p.Participants
	n := rapid.IntRange(1, max(tally.Named, 1)).Draw(t, "answers")
	n = min(n, tally.Named)
	tally.Named -= n
	if yes {
		full := mandated(12)
		tally.Mandated += n
		tally.MandatedValue, tally.EarliestMandateEnd = full.MandatedValue, full.EarliestMandateEnd
	} else {
		tally.Declined += n
	}
	return tally
}

// decide judges a command and holds the outcome to everything that must be true
// whatever the order.
func (w *world) decide(t *rapid.T, c procurement.Command) {
	before, held := snapshot(t, w.p), w.p.Suspended()
	change, err := w.p.Decide(c, w.now)
	if snapshot(t, w.p) != before {
		t.Fatalf("%s changed its receiver", c.Operation())
	}
	if err != nil {
		if f, ok := fault.As(err); !ok || f.Kind == fault.Internal {
			t.Fatalf("%s: %v", c.Operation(), err)
		}
		return
	}
	was, is := w.p, change.After
	if was.Phase != is.Phase && !slices.Contains(arrows[was.Phase], is.Phase) {
		t.Fatalf("%s led from %s to %s", c.Operation(), was.Phase, is.Phase)
	}
	if _, byTime := c.(procurement.PassTime); was.Phase == procurement.Tendering && (is.Phase == procurement.Opening || is.Phase == procurement.Unsuccessful) && !byTime {
		t.Fatalf("%s closed the competition", c.Operation())
	}
	if held && slices.Contains([]string{procurement.OpOpen, procurement.OpAward, procurement.OpSignContract, procurement.OpPublish}, c.Operation()) {
		t.Fatalf("%s while suspended", c.Operation())
	}
	w.openedLawfully(t, was, is)
	w.contractedLawfully(t, was, is)
	if !was.State.PublishedAt.IsZero() && is.Plan.TenderDeadline.Before(was.Plan.TenderDeadline) {
		t.Fatalf("%s moved the deadline from %s to %s", c.Operation(), was.Plan.TenderDeadline, is.Plan.TenderDeadline)
	}
	for _, e := range change.Events {
		if e.Kind != procurement.ReminderDue {
			continue
		}
		key := e.Params["for"] + " " + e.Params["by"]
		if w.reminded[key]++; w.reminded[key] > 1 {
			t.Fatalf("reminded twice of %s", key)
		}
	}
	w.p = is
}

func (w *world) openedLawfully(t *rapid.T, was, is procurement.Procurement) {
	if was.State.QualityOpenedAt.Equal(is.State.QualityOpenedAt) && was.State.PriceOpenedAt.Equal(is.State.PriceOpenedAt) {
		return
	}
	part := procurement.Quality
	if !was.State.QualityOpenedAt.IsZero() {
		part = procurement.Price
	}
	if by := slices.Compact(slices.SortedFunc(slices.Values(was.Approvals[part]), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })); len(by) < 2 {
		t.Fatalf("%s opened by %v", part, by)
	}
	if w.now.Before(was.Plan.TenderDeadline) || was.Phase == procurement.Tendering {
		t.Fatalf("opened at %s in %s with the deadline at %s", w.now, was.Phase, was.Plan.TenderDeadline)
	}
}

func (w *world) contractedLawfully(t *rapid.T, was, is procurement.Procurement) {
	if is.State.ContractsSigned > was.State.ContractsSigned && (was.Phase != procurement.Contracting || w.now.Before(was.State.StandstillUntil)) {
		t.Fatalf("a contract in %s at %s with the standstill until %s", was.Phase, w.now, was.State.StandstillUntil)
	}
	if s := is.State; !s.ConcludedOn.IsZero() && s.ConcludedOn.StartOfDay().Before(s.StandstillUntil) {
		t.Fatalf("concluded on %s, within the standstill until %s", s.ConcludedOn, s.StandstillUntil)
	}
}

// passTime lets time decide, and judges that.
func (w *world) passTime(t *rapid.T) {
	w.decide(t, procurement.PassTime{})
	again, err := w.p.Decide(procurement.PassTime{}, w.now)
	if err != nil || len(again.Events) > 0 || snapshot(t, again.After) != snapshot(t, w.p) {
		t.Fatalf("at the same instant once more: %v, %v", kinds(again), err)
	}
	if next := w.p.NextWake(w.now); !next.IsZero() && !next.After(w.now) {
		t.Fatalf("in %s at %s the next wake is %s", w.p.Phase, w.now, next)
	}
}

// Any order of commands at any times keeps what must hold.
func TestAnyOrderOfCommands(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := anyOrder(t)
		t.Repeat(map[string]func(*rapid.T){
			"command": func(t *rapid.T) { w.decide(t, w.command(t)) },
			// Whoever gives a command is not reminded of its own date at once.
			"command in time": func(t *rapid.T) {
				w.passTime(t)
				w.decide(t, w.command(t))
				change, err := w.p.Decide(procurement.PassTime{}, w.now)
				if err != nil || slices.Contains(kinds(change), procurement.ReminderDue) {
					t.Fatalf("reminded at once: %v, %v", change.Events, err)
				}
			},
			"wake": func(t *rapid.T) {
				if next := w.p.NextWake(w.now); !next.IsZero() && next.After(w.now) {
					w.now = next
				}
				w.passTime(t)
			},
			"later": func(t *rapid.T) {
				w.now = w.now.Add(time.Duration(rapid.Int64Range(1, 30*24*60).Draw(t, "minutes")) * time.Minute)
				if rapid.Bool().Draw(t, "with the worker up") {
					w.passTime(t)
				}
			},
			"tenders, scores, questions": func(t *rapid.T) {
				if w.p.Phase == procurement.Tendering {
					w.p.Tenders.Submitted = rapid.IntRange(0, 3).Draw(t, "tenders")
				}
				scored := rapid.Bool().Draw(t, "scored")
				w.p.Tenders.Scored, w.p.Tenders.QualityScored = scored, scored
				w.p.Questions.Unanswered = 0
			},
			// Until a contract is signed there is always a way out (FOA §§ 10-4, 25-4).
			"": func(t *rapid.T) {
				over := slices.Contains([]procurement.Phase{procurement.Running, procurement.Ended, procurement.Cancelled, procurement.Unsuccessful}, w.p.Phase)
				change, err := w.p.Decide(procurement.Cancel{Reason: "Behovet falt bort"}, w.now)
				if can := !over && w.p.State.ContractsSigned == 0; can != (err == nil) {
					t.Fatalf("cancelling in %s with %d signed: %v", w.p.Phase, w.p.State.ContractsSigned, err)
				}
				if err == nil && (change.After.Phase != procurement.Cancelled || change.After.Suspended() || len(change.After.Waits(w.now)) > 0) {
					t.Fatalf("cancelled: %+v", change.After)
				}
			},
		})
	})
}

// Whether time is looked at often or seldom, it leads to the same phase, and
// never backwards.
func TestPassTimeIsMonotone(t *testing.T) {
	t.Parallel()
	order := procurement.Phases()
	rapid.Check(t, func(t *rapid.T) {
		p, now := inPhase(t, rapid.SampledFrom(order).Draw(t, "phase"))
		p.Tenders.Submitted = rapid.IntRange(0, 1).Draw(t, "tenders")
		step := rapid.Int64Range(1, 60*24*400)
		first := now.Add(time.Duration(step.Draw(t, "minutes")) * time.Minute)
		second := first.Add(time.Duration(step.Draw(t, "more minutes")) * time.Minute)
		a := must(t, p, procurement.PassTime{}, first)
		b, direct := must(t, a, procurement.PassTime{}, second), must(t, p, procurement.PassTime{}, second)
		if b.Phase != direct.Phase {
			t.Fatalf("in two steps %s, in one %s", b.Phase, direct.Phase)
		}
		if slices.Index(order, a.Phase) < slices.Index(order, p.Phase) || slices.Index(order, b.Phase) < slices.Index(order, a.Phase) {
			t.Fatalf("%s, %s, %s", p.Phase, a.Phase, b.Phase)
		}
	})
}

// A suspended standstill runs out and leads nowhere until it is resumed (FOA
// § 25-3 (4): a suspension never ends before the standstill).
func TestSuspendedStandstill(t *testing.T) {
	t.Parallel()
	p := must(t, awarded(t), procurement.Suspend{Reason: "Begjæring"}, at("2027-01-20 10:00"))
	after := p.State.StandstillUntil.Add(time.Hour)
	if q := must(t, p, procurement.PassTime{}, after); q.Phase != procurement.Standstill || !q.NextWake(after).IsZero() {
		t.Errorf("time alone led to %s, next wake %s", q.Phase, q.NextWake(after))
	}
	c, err := p.Decide(procurement.Resume{}, after)
	if err != nil || c.After.Phase != procurement.Contracting {
		t.Fatalf("resumed after its end: %+v, %v", c, err)
	}
	happened(t, c, procurement.Resumed, procurement.StandstillOver)
	early := must(t, p, procurement.Resume{}, at("2027-01-21 10:00"))
	if early.Phase != procurement.Standstill || !early.NextWake(at("2027-01-21 10:00")).Equal(p.State.StandstillUntil) {
		t.Errorf("resumed before its end: %s", early.Phase)
	}
}

func TestArrowsCoverEveryPhase(t *testing.T) {
	t.Parallel()
	reached := map[procurement.Phase]bool{procurement.Draft: true}
	for from, all := range maps.All(arrows) {
		for _, to := range all {
			reached[to] = true
		}
		if len(all) == 0 {
			t.Errorf("%s has no way out", from)
		}
	}
	for _, p := range procurement.Phases() {
		if !reached[p] {
			t.Errorf("%s is never reached", p)
		}
	}
}
