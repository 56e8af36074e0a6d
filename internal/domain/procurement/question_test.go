package procurement_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func TestAskingInTime(t *testing.T) {
	t.Parallel()
	p := published(t)
	for _, tt := range []struct {
		at         string
		late, past bool
	}{
		{"2026-11-27 11:59", false, false}, {"2026-11-27 12:00", true, false}, {"2026-12-10 11:59", true, false}, {"2026-12-10 12:00", false, true},
	} {
		late, err := p.MayAsk(at(tt.at))
		if late != tt.late || (err != nil) != tt.past {
			t.Errorf("asking at %s: late %t, %v", tt.at, late, err)
		}
	}
	// FOA §§ 9-4 (1) a, 24-1 (1) a: late is at or after the deadline.
	if !procurement.InTime(deadline.Add(-time.Nanosecond), deadline) || procurement.InTime(deadline, deadline) {
		t.Error("the edge of the deadline")
	}
}

// FOA § 14-2 (2): answers six days before the deadline of 10 December, so at the
// latest on 3 December. A later one moves the deadline by as many days.
func TestAnsweringPastTheLatestDay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		at, until string
		regime    rules.Regime
		paragraph string
	}{
		{at: "2026-12-03 23:59"},
		{at: "2026-12-04 00:00", until: "2026-12-11 12:00", regime: rules.PartIII, paragraph: "FOA § 14-2 (2)"},
		{at: "2026-12-10 11:59", until: "2026-12-17 12:00", regime: rules.PartIII, paragraph: "FOA § 14-2 (2)"},
		{at: "2026-12-04 09:00", until: "2026-12-11 12:00", regime: rules.PartII, paragraph: "LOA § 4"},
	} {
		p := published(t)
		if tt.regime != "" {
			p.State.Regime = tt.regime
		}
		got, err := p.MayAnswer(at(tt.at))
		switch {
		case err != nil:
			t.Errorf("at %s: %v", tt.at, err)
		case got == nil != (tt.until == ""), got != nil && (!got.Until.Equal(at(tt.until)) || got.Paragraph != tt.paragraph):
			t.Errorf("at %s: %+v", tt.at, got)
		}
	}
	if _, err := closed(t).MayAnswer(openAt); !fault.Is(err, fault.Conflict) {
		t.Errorf("answering after closing: %v", err)
	}
}

// A deadline that is moved as far as is asked for makes the day of the answer
// the latest one, and makes questions timely that were late.
func TestThePostponementSuffices(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := published(t)
		minutes := int(deadline.Sub(publishAt).Minutes())
		now := publishAt.Add(time.Duration(rapid.IntRange(0, minutes-1).Draw(t, "minutes")) * time.Minute)
		need, err := p.MayAnswer(now)
		if err != nil || need == nil {
			return
		}
		p = must(t, p, procurement.ExtendDeadline{Until: need.Until, Reason: "Sent svar"}, now)
		if again, err := p.MayAnswer(now); err != nil || again != nil || p.State.AnswersDue != calendar.DateOf(now) {
			t.Fatalf("at %s, with the deadline at %s: %+v, %v, answers by %s", now, need.Until, again, err, p.State.AnswersDue)
		}
		if p.AskedLate(at("2026-11-27 12:00")) {
			t.Fatal("a question asked on the old day is still late")
		}
	})
}

// After the deadline declining is the only way out, until tenders are opened.
func TestDeclining(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		p     procurement.Procurement
		at    time.Time
		after bool
		may   bool
	}{
		{published(t), deadline.Add(-time.Second), false, true},
		{published(t), deadline, true, true},
		{closed(t), openAt, true, true},
		{opened(t), openAt.Add(time.Hour), false, false},
		{prepared(t), publishAt, false, false},
	} {
		if after, err := tt.p.MayDecline(tt.at); after != tt.after || (err == nil) != tt.may {
			t.Errorf("in %s at %s: after %t, %v", tt.p.Phase, tt.at, after, err)
		}
	}
}
