package procurement_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// waitsFor writes what is waited for, with its date and next wake in Norway.
func waitsFor(p procurement.Procurement, now time.Time) []string {
	const form = "2006-01-02 15:04:05"
	in := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return t.In(now.Location()).Format(form)
	}
	var all []string
	for _, w := range p.Waits(now) {
		all = append(all, string(w.For)+" by "+in(w.By)+" wake "+in(w.Wake))
	}
	return all
}

// Every phase names what it waits for. A date is reminded of at 07:00 three days
// before its last day; what an instant decides wakes at that instant.
func TestWaitsInEveryPhase(t *testing.T) {
	t.Parallel()
	want := map[procurement.Phase][]string{
		procurement.Draft:       nil,
		procurement.Mandates:    {"mandates by 2026-10-15 12:00:00 wake 2026-10-12 07:00:00"},
		procurement.Preparation: {"publication by 2026-11-03 00:00:00 wake 2026-10-30 07:00:00"},
		procurement.Tendering: {"answers by 2026-12-04 00:00:00 wake 2026-11-30 07:00:00",
			"tender-deadline by 2026-12-10 12:00:00 wake 2026-12-10 12:00:05"},
		procurement.Opening: {"opening by - wake -", "tender-validity by 2027-04-01 00:00:00 wake 2027-03-28 07:00:00"},
		procurement.Evaluation: {"award by 2027-01-12 00:00:00 wake 2027-01-08 07:00:00",
			"tender-validity by 2027-04-01 00:00:00 wake 2027-03-28 07:00:00"},
		procurement.Standstill:  {"standstill by 2027-01-22 00:00:00 wake 2027-01-22 00:00:00"},
		procurement.Contracting: {"contract by 2027-03-02 00:00:00 wake 2027-02-26 07:00:00"},
		procurement.Running: {"award-notice by 2027-03-04 00:00:00 wake 2027-02-28 07:00:00",
			"contract-end by 2031-03-01 00:00:00 wake 2031-03-01 00:00:00"},
		procurement.Ended:        nil,
		procurement.Cancelled:    nil,
		procurement.Unsuccessful: nil,
	}
	since := map[procurement.Phase]time.Time{procurement.Mandates: launchAt, procurement.Preparation: at("2026-10-01 10:00"), procurement.Tendering: publishAt,
		procurement.Opening: closedAt, procurement.Evaluation: openAt, procurement.Standstill: awardAt, procurement.Contracting: at("2027-01-22 00:00"), procurement.Running: contractAt}
	for _, phase := range procurement.Phases() {
		p, now := inPhase(t, phase)
		if at, ok := since[phase]; ok {
			now = at
		}
		if got := waitsFor(p, now.In(launchAt.Location())); !reflect.DeepEqual(got, want[phase]) {
			t.Errorf("%s waits for\n%q, want\n%q", phase, got, want[phase])
		}
	}
}

// reminders walks every wake from now and lists the reminders that are given.
func reminders(t tb, p procurement.Procurement, now, until time.Time) []string {
	t.Helper()
	var all []string
	for range 100 {
		next := p.NextWake(now)
		if next.IsZero() || next.After(until) {
			return all
		}
		now = next
		c, err := p.Decide(procurement.PassTime{}, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range c.Events {
			if e.Kind == procurement.ReminderDue {
				all = append(all, now.In(launchAt.Location()).Format("2006-01-02 15:04 ")+e.Params["for"])
			}
		}
		p = c.After
	}
	t.Fatal("wakes without end")
	return nil
}

func TestEachDateIsRemindedOfOnce(t *testing.T) {
	t.Parallel()
	p := launched(t)
	if got := reminders(t, p, launchAt, at("2026-10-15 11:59")); !reflect.DeepEqual(got, []string{"2026-10-12 07:00 mandates"}) {
		t.Errorf("before the deadline: %v", got)
	}
	// A date that moves is reminded of again.
	p = must(t, p, procurement.PassTime{}, at("2026-10-12 07:00"))
	p = must(t, p, procurement.ExtendMandates{Until: at("2026-10-29 12:00")}, at("2026-10-13 10:00"))
	if got := reminders(t, p, at("2026-10-13 10:00"), at("2026-10-29 11:59")); !reflect.DeepEqual(got, []string{"2026-10-26 07:00 mandates"}) {
		t.Errorf("after an extension: %v", got)
	}
	// Who moves it to tomorrow is not reminded at once.
	p = launched(t)
	p = must(t, p, procurement.ExtendMandates{Until: at("2026-10-16 12:00")}, at("2026-10-15 10:00"))
	if got := reminders(t, p, at("2026-10-15 10:00"), at("2026-10-16 11:59")); got != nil {
		t.Errorf("after an extension to tomorrow: %v", got)
	}
}

func TestMovedDispatchIsRemindedOf(t *testing.T) {
	t.Parallel()
	p := must(t, prepared(t), procurement.PassTime{}, at("2026-10-30 07:00"))
	next := p.Plan
	next.DispatchOn = day("2026-11-04")
	c, err := p.Decide(procurement.Revise{Plan: next, Participants: p.Participants}, at("2026-10-30 09:00"))
	if err != nil || !c.Wake {
		t.Fatalf("the workflow sleeps past the new day: %+v, %v", c.Wake, err)
	}
	if got := reminders(t, c.After, at("2026-10-30 09:00"), at("2026-12-31 00:00")); !reflect.DeepEqual(got, []string{"2026-11-01 07:00 publication"}) {
		t.Errorf("reminders %v", got)
	}
}

// A lead buyer who owes no answer is woken and not reminded; one who does is
// reminded before the last day and on it, also after the tender deadline has
// moved.
func TestReminderOfAnswers(t *testing.T) {
	t.Parallel()
	p := published(t)
	before := at("2026-12-10 11:59")
	if got := reminders(t, p, publishAt, before); got != nil {
		t.Errorf("with no question: %v", got)
	}
	p.Questions.Unanswered = 1
	if got := reminders(t, p, publishAt, before); !reflect.DeepEqual(got, []string{"2026-11-30 07:00 answers", "2026-12-03 07:00 answers-last-day"}) {
		t.Errorf("with one: %v", got)
	}
	p = must(t, p, procurement.PassTime{}, at("2026-11-30 07:00"))
	p = must(t, p, procurement.ExtendDeadline{Until: at("2026-12-17 12:00"), Reason: "Endring"}, at("2026-12-01 10:00"))
	if got := reminders(t, p, at("2026-12-01 10:00"), before); !reflect.DeepEqual(got, []string{"2026-12-07 07:00 answers", "2026-12-10 07:00 answers-last-day"}) {
		t.Errorf("after an extension: %v", got)
	}
	// A worker that comes back on the last day gives the last reminder alone.
	c, err := p.Decide(procurement.PassTime{}, at("2026-12-10 08:00"))
	if err != nil || len(c.Events) != 1 || c.Events[0].Params["for"] != "answers-last-day" {
		t.Errorf("on the last day: %+v, %v", c.Events, err)
	}
	// An answer that is owed stays visible after its day.
	if w := p.Waits(at("2026-12-12 10:00")); w[0].For != procurement.ForAnswers || !w[0].Wake.IsZero() {
		t.Errorf("overdue: %+v", w)
	}
}

// Every option has its own reminder, whatever their order in the plan.
func TestEveryOptionIsRemindedOf(t *testing.T) {
	t.Parallel()
	p := running(t)
	p.Plan.Options = []procurement.Option{{Text: "B", Months: 6, UseBy: day("2029-06-02")}, {Text: "A", Months: 6, UseBy: day("2028-06-01")}, {Text: "C", Months: 6, UseBy: day("2029-06-01")}}
	want := []string{"2027-02-28 07:00 award-notice", "2028-05-29 07:00 option", "2029-05-29 07:00 option", "2029-05-30 07:00 option"}
	if got := reminders(t, p, contractAt, at("2031-03-01 00:00")); !reflect.DeepEqual(got, want) {
		t.Errorf("reminders %v, want %v", got, want)
	}
	p = must(t, p, procurement.AwardNotice{Reference: "2027-1"}, at("2027-02-10 10:00"))
	if got := reminders(t, p, at("2027-02-10 10:00"), at("2031-03-01 00:00")); !reflect.DeepEqual(got, want[1:]) {
		t.Errorf("with the notice sent: %v", got)
	}
}

// The worker was away for days: reminders whose date is past are not given, and
// what time decides is done at once.
func TestCatchingUp(t *testing.T) {
	t.Parallel()
	p := launched(t)
	p.Participants.Named, p.Participants.Mandated = 2, 10
	c, err := p.Decide(procurement.PassTime{}, at("2026-10-20 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	happened(t, c, procurement.MandatesDone)
}

// A validity period that runs out is reminded of once; afterwards no award is
// possible, and cancelling is (FOA § 20-6).
func TestMissedValidity(t *testing.T) {
	t.Parallel()
	p := opened(t)
	got := reminders(t, p, openAt, at("2028-01-01 00:00"))
	if want := []string{"2027-01-08 07:00 award", "2027-03-28 07:00 tender-validity"}; !reflect.DeepEqual(got, want) {
		t.Errorf("reminders %v, want %v", got, want)
	}
	late := at("2027-04-01 09:00")
	if !p.NextWake(late).IsZero() {
		t.Errorf("wakes at %s", p.NextWake(late))
	}
	must(t, p, procurement.Cancel{Reason: "Vedståelsesfristen er ute"}, late)
}
