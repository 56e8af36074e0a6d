package procurement

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// award decides the winner of every lot. The letters go to all affected
// suppliers at the same moment, and the standstill runs from their day (FOA
// §§ 25-1, 25-2; Part II §§ 10-1, 10-2).
func (p Procurement) award(c Award, now time.Time) (Change, error) {
	if err := p.in(Evaluation); err != nil {
		return Change{}, err
	}
	var l fault.List
	if p.State.PriceOpenedAt.IsZero() {
		l.Add(refuse("award.price-sealed"))
	}
	if !p.Tenders.Scored {
		l.Add(refuse("award.scores-missing"))
	}
	if p.Tenders.Admitted() == 0 {
		l.Add(refuse("award.no-tenders"))
	}
	for _, heading := range c.Missing {
		l.Add(refuse("award.documentation-missing", fault.Params{"heading": heading}).By("FOA § 17-1"))
	}
	p.checkWinners(c, &l)
	if calendar.DateOf(now).After(p.validUntil()) {
		l.Add(refuse("award.validity-over", fault.Params{"validUntil": p.validUntil().String()}).By("FOA § 20-6"))
	}
	standstill, err := p.Standstill(c.Law, calendar.DateOf(now))
	if err != nil {
		return Change{}, err
	}
	if err := l.Err(); err != nil {
		return Change{}, err
	}
	after := p
	after.State.AwardRound++
	after.State.AwardedAt = now
	after.State.StandstillUntil = standstill.EndsBefore()
	after.State.ContractsToSign = len(c.Winners)
	after.State.ContractsSigned = 0
	after.Phase = Standstill
	return Change{After: after, Events: []Event{event(Awarded, "standstillUntil", instant(standstill.EndsBefore()), "lots", strconv.Itoa(len(c.Winners)))}}, nil
}

func (p Procurement) checkWinners(c Award, l *fault.List) {
	seen := map[uuid.UUID]bool{}
	for i, w := range c.Winners {
		at := fmt.Sprintf("winners[%d].", i)
		if !p.Plan.HasLot(w.Lot) || seen[w.Lot] {
			l.Addf("award.lot", at+"lot")
			continue
		}
		seen[w.Lot] = true
		if strings.TrimSpace(w.Reason) == "" {
			l.Add(fault.New(fault.Invalid, "award.reason").At(at + "reason").By("FOA § 25-1 (2)"))
		}
		// The ranking under the declared formula decides; a person records it
		// and cannot choose another.
		if !slices.Contains(c.Leaders[w.Lot], w.Tender) {
			l.Add(fault.New(fault.Invalid, "award.not-ranked-first").At(at + "tender").By("FOA § 18-1"))
		}
	}
	for _, lot := range p.Plan.Lots {
		if !seen[lot.ID] && len(c.Leaders[lot.ID]) > 0 {
			l.Addf("award.lot-without-winner", "winners", fault.Params{"lot": strconv.Itoa(lot.Number)})
		}
	}
	if len(c.Winners) == 0 {
		l.Addf("award.no-winners", "winners")
	}
}

// Standstill is the period from letters sent on a day: at least ten days in
// Part III (§ 25-2); in Part II the law says only "reasonable" (§ 10-2), so the
// plan's days hold, or the proposal.
func (p Procurement) Standstill(law rules.Effective, sent calendar.Date) (calendar.Period, error) {
	rule, err := law.Pick(p.State.Regime, p.Plan.Procedure, rules.Standstill, rules.Main, sent)
	if err != nil {
		return calendar.Period{}, err
	}
	return standstillPeriod(rule, p.Plan.StandstillDays, sent)
}

func standstillPeriod(rule rules.Rule, planned int, sent calendar.Date) (calendar.Period, error) {
	if rule.Kind == rules.Discretion {
		days := int64(planned)
		if days == 0 && rule.Proposed != nil {
			days = *rule.Proposed
		}
		if days == 0 {
			return calendar.Period{}, invalid("plan.standstill-days", "standstillDays").By(rule.Paragraph)
		}
		return calendar.Forward(sent, int(days)), nil
	}
	n, err := rule.Number()
	if err != nil {
		return calendar.Period{}, err
	}
	return calendar.Forward(sent, max(int(n), planned)), nil
}

// validUntil is the last day of the tender validity period.
func (p Procurement) validUntil() calendar.Date { return p.Plan.ValidUntil }

// reverseAward takes the award back before the contract is concluded (FOA
// § 25-1 (4)); the evaluation is open again.
func (p Procurement) reverseAward(c ReverseAward) (Change, error) {
	if err := p.in(Standstill, Contracting); err != nil {
		return Change{}, err
	}
	if p.State.ContractsSigned > 0 {
		return Change{}, refuse("award.contract-signed").By("FOA § 25-1 (4)")
	}
	if strings.TrimSpace(c.Reason) == "" {
		return Change{}, invalid("award.reversal-reason", "reason").By("FOA § 25-1 (4)")
	}
	after := p
	after.Phase = Evaluation
	after.State.AwardedAt = time.Time{}
	after.State.StandstillUntil = time.Time{}
	after.State.ContractsToSign = 0
	after.forget(ForValidity)
	return Change{After: after, Events: []Event{event(AwardReversed)}}, nil
}
