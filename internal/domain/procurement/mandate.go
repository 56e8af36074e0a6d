package procurement

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// MandateTerms is a municipality's own decision to let the lead buyer procure
// for it (fullmakt): its own vedtak, what it covers, and how far it goes. FOA
// § 29-1 makes joint buyers jointly responsible, so each states its own frame.
type MandateTerms struct {
	DecidedOn     calendar.Date `json:"decidedOn"`
	CaseReference string        `json:"caseReference"`
	Scope         string        `json:"scope"`
	// Lots that the mandate covers; at least one.
	Lots []uuid.UUID `json:"lots"`
	// Maximum is the most that the municipality will call off, ex VAT.
	Maximum money.NOK `json:"maximum"`
	// CostShare is its share of the joint costs, in percent.
	CostShare requirement.Percent `json:"costShare"`
	EndsOn    calendar.Date       `json:"endsOn"`
}

// validate judges the terms against the plan.
func (m MandateTerms) validate(p Plan, now time.Time) error {
	var l fault.List
	if m.DecidedOn.IsZero() || m.DecidedOn.After(calendar.DateOf(now)) {
		l.Addf("mandate.decision-date", "decidedOn", fault.Params{"latest": calendar.DateOf(now).String()})
	}
	if n := len([]rune(strings.TrimSpace(m.CaseReference))); n == 0 || n > 100 {
		l.Addf("mandate.case-reference", "caseReference")
	}
	if n := len([]rune(strings.TrimSpace(m.Scope))); n == 0 || n > 2000 {
		l.Addf("mandate.scope", "scope")
	}
	if len(m.Lots) == 0 {
		l.Addf("mandate.no-lots", "lots")
	}
	for i, lot := range m.Lots {
		at := "lots[" + strconv.Itoa(i) + "]"
		switch {
		case !p.HasLot(lot):
			l.Addf("mandate.unknown-lot", at)
		case slices.Contains(m.Lots[:i], lot):
			l.Addf("mandate.lot-twice", at)
		}
	}
	if m.Maximum <= 0 || m.Maximum > maxAmount {
		l.Addf("mandate.maximum", "maximum")
	}
	if m.CostShare < 0 || m.CostShare > requirement.Hundred {
		l.Addf("mandate.cost-share", "costShare")
	}
	if m.EndsOn.Before(p.ContractEnds) {
		l.Addf("mandate.ends-before-contract", "endsOn", fault.Params{"contractEnds": p.ContractEnds.String()})
	}
	return l.Err()
}

// revise replaces the plan. What participants have given mandates for cannot be
// changed under them: after launch who takes part, what is bought, for how long
// and below which quorum nothing comes of it stand fast. Amounts may still be
// set to what the mandates came to.
func (p Procurement) revise(c Revise, now time.Time) (Change, error) {
	if err := p.in(Draft, Mandates, Preparation); err != nil {
		return Change{}, err
	}
	if err := c.Plan.Validate(); err != nil {
		return Change{}, err
	}
	if p.Phase != Draft {
		if err := p.keepsMandates(c); err != nil {
			return Change{}, err
		}
	}
	after := p
	after.Plan = c.Plan
	after.Participants = c.Participants
	change := Change{Events: []Event{event(Revised)}}
	if p.Phase == Preparation && c.Plan.DispatchOn != p.Plan.DispatchOn {
		// The workflow sleeps until the reminder of the old day.
		after.State.WaitsSince = now
		change.Wake = true
	}
	change.After = after
	return change, nil
}

func (p Procurement) keepsMandates(c Revise) error {
	next := c.Plan
	var l fault.List
	was, is := p.Participants, c.Participants
	if was.Named != is.Named || was.Mandated != is.Mandated || was.Declined != is.Declined || was.Dropped != is.Dropped {
		l.Addf("plan.fixed-by-mandates", "participants")
	}
	if next.Quorum != p.Plan.Quorum {
		l.Addf("plan.fixed-by-mandates", "quorum")
	}
	if next.Contract != p.Plan.Contract {
		l.Addf("plan.fixed-by-mandates", "contract")
	}
	if len(next.Lots) != len(p.Plan.Lots) {
		l.Addf("plan.fixed-by-mandates", "lots")
	} else {
		for i, lot := range next.Lots {
			if lot.ID != p.Plan.Lots[i].ID {
				l.Addf("plan.fixed-by-mandates", "lots["+strconv.Itoa(i)+"].id")
			}
		}
	}
	if next.ContractEnds.After(p.Plan.ContractEnds) {
		l.Addf("plan.fixed-by-mandates", "contractEnds")
	}
	if !next.MandateDeadline.Equal(p.Plan.MandateDeadline) {
		l.Addf("plan.mandate-deadline-moves-by-extending", "mandateDeadline")
	}
	return l.Err()
}

// launch asks every named municipality for its mandate.
func (p Procurement) launch(now time.Time) (Change, error) {
	if err := p.in(Draft); err != nil {
		return Change{}, err
	}
	if err := p.Plan.Validate(); err != nil {
		return Change{}, err
	}
	if p.Participants.All() == 0 {
		return Change{}, invalid("procurement.no-participants", "participants")
	}
	if !p.Plan.MandateDeadline.After(now) {
		return Change{}, invalid("mandates.deadline-passed", "mandateDeadline", fault.Params{"deadline": instant(p.Plan.MandateDeadline)})
	}
	if p.Plan.Quorum.Participants > p.Participants.All() {
		return Change{}, invalid("mandates.quorum-unreachable", "quorum.participants", fault.Params{
			"quorum": strconv.Itoa(p.Plan.Quorum.Participants), "participants": strconv.Itoa(p.Participants.All())})
	}
	after := p
	after.enter(Mandates, now)
	after.State.LaunchedAt = now
	return Change{After: after, Events: []Event{event(Launched, "deadline", instant(p.Plan.MandateDeadline))}, Wake: true}, nil
}

func (p Procurement) mandateOpen(now time.Time) error {
	if err := p.in(Mandates); err != nil {
		return err
	}
	if !p.State.QuorumMissedAt.IsZero() {
		return refuse("mandates.quorum-missed")
	}
	if !now.Before(p.Plan.MandateDeadline) {
		return refuse("mandates.deadline-passed", fault.Params{"deadline": instant(p.Plan.MandateDeadline)})
	}
	return nil
}

func (p Procurement) giveMandate(c GiveMandate, now time.Time) (Change, error) {
	if err := p.mandateOpen(now); err != nil {
		return Change{}, err
	}
	if err := c.Terms.validate(p.Plan, now); err != nil {
		return Change{}, err
	}
	return p.answered(MandateGiven, c.Tally, now), nil
}

func (p Procurement) declineMandate(c DeclineMandate, now time.Time) (Change, error) {
	if err := p.mandateOpen(now); err != nil {
		return Change{}, err
	}
	if n := len([]rune(strings.TrimSpace(c.Reason))); n == 0 || n > 2000 {
		return Change{}, invalid("mandate.decline-reason", "reason")
	}
	return p.answered(MandateDeclined, c.Tally, now), nil
}

// answered counts an answer. The last one ends the waiting in its own
// transaction; the workflow is woken only then.
func (p Procurement) answered(kind EventKind, tally ParticipantTally, now time.Time) Change {
	after := p
	after.Participants = tally
	change := Change{After: after, Events: []Event{event(kind)}}
	if tally.Named > 0 {
		return change
	}
	return change.then(after.endMandates(now), true)
}

// endMandates closes the gathering: with the quorum the procurement goes on
// without those who have not answered; below it the lead buyer decides.
func (p Procurement) endMandates(now time.Time) Change {
	after := p
	t := p.Participants
	counts := []string{"mandated", strconv.Itoa(t.Mandated), "declined", strconv.Itoa(t.Declined), "unanswered", strconv.Itoa(t.Named)}
	if !p.Plan.Quorum.Met(t) {
		after.State.QuorumMissedAt = now
		return Change{After: after, Events: []Event{event(QuorumMissed, counts...)}}
	}
	after.Participants.Dropped += t.Named
	after.Participants.Named = 0
	after.enter(Preparation, now)
	after.State.MandatesEndedAt = now
	return Change{After: after, Events: []Event{event(MandatesDone, counts...)}}
}

func (p Procurement) extendMandates(c ExtendMandates, now time.Time) (Change, error) {
	if err := p.in(Mandates); err != nil {
		return Change{}, err
	}
	if !c.Until.After(now) || !c.Until.After(p.Plan.MandateDeadline) {
		return Change{}, invalid("mandates.deadline-not-later", "until", fault.Params{"deadline": instant(p.Plan.MandateDeadline)})
	}
	if calendar.DateOf(c.Until).After(p.Plan.DispatchOn) {
		return Change{}, invalid("plan.dispatch-before-mandates", "until", fault.Params{"dispatchOn": p.Plan.DispatchOn.String()})
	}
	after := p
	after.Plan.MandateDeadline = c.Until
	after.State.QuorumMissedAt = time.Time{}
	after.State.WaitsSince = now
	return Change{After: after, Events: []Event{event(MandatesExtended, "until", instant(c.Until))}, Wake: true}, nil
}

// then joins a following change to one.
func (c Change) then(next Change, wake bool) Change {
	return Change{After: next.After, Events: append(c.Events, next.Events...), Wake: c.Wake || next.Wake || wake}
}
