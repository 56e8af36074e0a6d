package procurement

import (
	"strconv"
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// MayAsk judges whether a question comes in time to be answered to all. A later
// one is kept and marked, since the lead buyer may still choose to answer.
func (p Procurement) MayAsk(now time.Time) (late bool, err error) {
	if err := p.in(Tendering); err != nil {
		return false, err
	}
	if !now.Before(p.Plan.TenderDeadline) {
		return false, refuse("tender.deadline-passed", fault.Params{"deadline": instant(p.Plan.TenderDeadline)})
	}
	return p.AskedLate(now), nil
}

// AskedLate reports whether a question was asked at or after the latest time for
// questions, as it is now: a later deadline makes questions timely that were not.
func (p Procurement) AskedLate(asked time.Time) bool { return !asked.Before(p.Plan.QuestionsBy) }

// Postponement is how far the tender deadline has to move at the least, and by
// which paragraph.
type Postponement struct {
	Until     time.Time
	Paragraph string
}

// MayAnswer judges whether an answer to all can still be given, or one that was
// given be corrected: until the deadline. Past the latest day for answers the
// deadline has to be moved too, so far that the day of the answer becomes the
// latest one; the postponement is nil before that. In Part III the law sets the
// day (FOA § 14-2 (2)); in Part II the duty follows from equal treatment.
func (p Procurement) MayAnswer(now time.Time) (*Postponement, error) {
	if _, err := p.MayAsk(now); err != nil {
		return nil, err
	}
	late := calendar.DateOf(now).Sub(p.State.AnswersDue)
	if late <= 0 {
		return nil, nil //nolint:nilnil // in time: there is nothing to move
	}
	return &Postponement{Until: laterByDays(p.Plan.TenderDeadline, late), Paragraph: p.by("FOA § 14-2 (2)", "LOA § 4")}, nil
}

// MayDecline judges whether a question can be declined with a recorded reason:
// until tenders are opened. After the deadline no answer can reach those who
// have tendered, so declining is then the only way out, and tells of the breach.
func (p Procurement) MayDecline(now time.Time) (afterDeadline bool, err error) {
	if err := p.in(Tendering, Opening); err != nil {
		return false, err
	}
	return !now.Before(p.Plan.TenderDeadline), nil
}

// settled holds the opening while a question that came in time is neither
// answered nor declined (own rule: the law asks for the answer, FOA § 14-2 (2),
// and not for what follows when it is missing). Late questions never hold it.
func (p Procurement) settled() error {
	if n := p.Questions.Unanswered; n > 0 {
		return refuse("opening.questions-unanswered", fault.Params{"unanswered": strconv.Itoa(n)})
	}
	return nil
}
