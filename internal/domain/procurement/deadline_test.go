package procurement_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func TestExtendDeadlineRefusals(t *testing.T) {
	t.Parallel()
	type C = procurement.ExtendDeadline
	c := C{Until: at("2026-12-17 12:00"), Reason: "Endret krav 7"}
	refuses(t, published(t), c, at("2026-12-01 10:00"), []refusal[C]{
		{"not later", func(_ *procurement.Procurement, c *C) { c.Until = deadline }, fault.Invalid, "deadline.not-later", "until", ""},
		{"no reason", func(_ *procurement.Procurement, c *C) { c.Reason = "" }, fault.Invalid, "deadline.reason", "reason", ""},
	})
	// The deadline has passed and closing has not come yet.
	_, err := published(t).Decide(c, deadline)
	refused(t, err, fault.Conflict, "deadline.passed-without-outage", "outage", "")
	_, err = closed(t).Decide(c, openAt)
	refused(t, err, fault.Conflict, "deadline.passed-without-outage", "outage", "")
	c.Outage = "2026-12-10 11:40-12:20"
	_, err = approved(t, closed(t), procurement.Quality, alice, bob).Decide(c, openAt)
	refused(t, err, fault.Conflict, "deadline.opening-approved", "", "")
	// One approval alone opens nothing, and falls with the deadline.
	change, err := approved(t, closed(t), procurement.Quality, alice).Decide(c, openAt)
	if err != nil || change.After.Phase != procurement.Tendering || len(change.After.Approvals) > 0 || len(change.After.State.Decisions) != 1 {
		t.Fatalf("after one approval: %+v %v", change.After, err)
	}
	// An outage may be why nothing came in: the case goes on in a new process.
	empty := must(t, published(t), procurement.PassTime{}, closedAt)
	change, err = empty.Decide(c, openAt)
	if err != nil || change.After.Phase != procurement.Tendering || change.After.N != empty.N+1 || !change.Wake || !change.After.State.EndedAt.IsZero() {
		t.Fatalf("after no tenders: %+v %v", change.After, err)
	}
	_, err = empty.Decide(procurement.ExtendDeadline{Until: c.Until, Reason: c.Reason}, openAt)
	refused(t, err, fault.Conflict, "deadline.passed-without-outage", "outage", "")
	c.Until = openAt
	_, err = closed(t).Decide(c, openAt)
	refused(t, err, fault.Invalid, "deadline.not-later", "until", "")
}

// What is counted from the deadline moves with it, at the same hour in Norway.
func TestExtendDeadlineMovesWhatHangsOnIt(t *testing.T) {
	t.Parallel()
	p := published(t)
	p.Plan.QuestionsBy = at("2026-11-27 12:00").UTC()
	// Across the change to summer time on 28 March 2027.
	c, err := p.Decide(procurement.ExtendDeadline{Until: at("2027-04-15 12:00"), Reason: "Ny versjon"}, at("2026-11-20 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	after := c.After
	// 126 days: Friday 27 November to Friday 2 April, 3 December to 8 April.
	if !after.Plan.QuestionsBy.Equal(at("2027-04-02 12:00")) || after.State.AnswersDue != day("2027-04-08") || after.Plan.AwardOn != day("2027-05-17") {
		t.Errorf("questions by %s, answers by %s, award on %s", after.Plan.QuestionsBy, after.State.AnswersDue, after.Plan.AwardOn)
	}
	// The validity period is as long as announced (31 March + 126 days).
	if after.Plan.ValidUntil != day("2027-08-04") || c.Events[0].Params["validUntil"] != "2027-08-04" {
		t.Errorf("valid until %s, told %v", after.Plan.ValidUntil, c.Events[0].Params)
	}
	happened(t, c, procurement.DeadlineExtended)
}

// A short validity period, such as the law's own thirty days, never stands in
// the way of a later deadline; its end is moved to a working day (§ 7-6).
func TestExtendDeadlineBeyondTheValidity(t *testing.T) {
	t.Parallel()
	p := published(t)
	p.Plan.ValidUntil = day("2027-01-11")
	after := must(t, p, procurement.ExtendDeadline{Until: at("2027-02-05 12:00"), Reason: "Ny versjon"}, at("2026-12-01 10:00"))
	if after.Plan.ValidUntil != day("2027-03-09") { // 57 days
		t.Errorf("valid until %s", after.Plan.ValidUntil)
	}
	after = must(t, p, procurement.ExtendDeadline{Until: at("2026-12-15 12:00"), Reason: "Ny versjon"}, at("2026-12-01 10:00"))
	if after.Plan.ValidUntil != day("2027-01-18") { // five days are Saturday the 16th
		t.Errorf("valid until %s", after.Plan.ValidUntil)
	}
}

func TestOutageReopensTheGate(t *testing.T) {
	t.Parallel()
	p := must(t, closed(t), procurement.ExtendDeadline{Until: at("2026-12-11 12:00"), Reason: "Nedetid", Outage: "11:40-12:20"}, openAt)
	if p.Phase != procurement.Tendering || !p.State.ClosedAt.IsZero() || p.State.Outage == "" {
		t.Fatalf("%s %+v", p.Phase, p.State)
	}
	// A later extension without an outage does not hide it.
	p = must(t, p, procurement.ExtendDeadline{Until: at("2026-12-14 12:00"), Reason: "Endring"}, at("2026-12-10 14:00"))
	if p.State.Outage == "" {
		t.Error("the outage is gone from the record")
	}
	p = must(t, p, procurement.PassTime{}, at("2026-12-14 12:01"))
	if p.Phase != procurement.Opening {
		t.Errorf("closed anew it is %s", p.Phase)
	}
}

func TestClosing(t *testing.T) {
	t.Parallel()
	p := published(t)
	if c, _ := p.Decide(procurement.PassTime{}, closedAt.Add(-time.Nanosecond)); c.After.Phase != procurement.Tendering {
		t.Errorf("closed within %s of the deadline", procurement.CloseAfter)
	}
	c, err := p.Decide(procurement.PassTime{}, closedAt)
	if err != nil || c.After.Phase != procurement.Unsuccessful || c.After.State.EndReason != "no-tenders" || !c.After.State.EndedAt.Equal(closedAt) {
		t.Errorf("without tenders: %+v, %v", c, err)
	}
	if got := kinds(c); !slices.Contains(got, procurement.Closed) || got[len(got)-1] != procurement.NoTenders {
		t.Errorf("events %v", got)
	}
	p.Tenders.Submitted = 1
	if after := must(t, p, procurement.PassTime{}, closedAt); after.Phase != procurement.Opening || !after.State.ClosedAt.Equal(closedAt) {
		t.Errorf("with a tender: %s", after.Phase)
	}
}

// A suspension ends with the case, and nobody can resume what is over.
func TestNoTendersWhileSuspended(t *testing.T) {
	t.Parallel()
	p := must(t, published(t), procurement.Suspend{Reason: "Klage"}, at("2026-12-01 10:00"))
	p = must(t, p, procurement.PassTime{}, closedAt)
	if p.Phase != procurement.Unsuccessful || p.Suspended() || len(p.Waits(closedAt)) > 0 {
		t.Errorf("%s, suspended %t, waits %v", p.Phase, p.Suspended(), p.Waits(closedAt))
	}
	_, err := p.Decide(procurement.Resume{}, openAt)
	refused(t, err, fault.Conflict, "procurement.not-suspended", "", "")
}

// No command closes a competition, and resuming is one. Who resumes sees no
// tenders yet and must not make the competition fail for that.
func TestResumingDoesNotClose(t *testing.T) {
	t.Parallel()
	p := must(t, published(t), procurement.Suspend{Reason: "Klage"}, at("2026-12-01 10:00"))
	if after := must(t, p, procurement.Resume{}, openAt); after.Phase != procurement.Tendering {
		t.Errorf("resuming after the deadline leads to %s", after.Phase)
	}
}
