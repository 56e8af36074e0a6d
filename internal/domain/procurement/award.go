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
	if p.Tenders.Admitted() <= 0 {
		l.Add(refuse("award.no-tenders"))
	}
	for _, heading := range c.Missing {
		l.Add(refuse("award.documentation-missing", fault.Params{"heading": heading}).By(p.by("FOA § 17-1", "FOA § 8-10")))
	}
	p.checkWinners(c, &l)
	if calendar.DateOf(now).After(p.Plan.ValidUntil) {
		l.Add(refuse("award.validity-over", fault.Params{"validUntil": p.Plan.ValidUntil.String()}).By(p.by("FOA § 20-6", "FOA § 8-15")))
	}
	standstill, err := p.verifiedStandstill(c.Law, calendar.DateOf(now))
	if err != nil {
		addAll(&l, err)
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
	after.enter(Standstill, now)
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
			l.Add(fault.New(fault.Invalid, "award.reason").At(at + "reason").By(p.by("FOA § 25-1 (2)", "FOA § 10-1 (2)")))
		}
		// The ranking under the declared formula decides; a person records it
		// and cannot choose another.
		if !slices.Contains(c.Leaders[w.Lot], w.Tender) {
			l.Add(fault.New(fault.Invalid, "award.not-ranked-first").At(at + "tender").By(p.by("FOA § 18-1", "FOA § 8-11")))
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
// Part III (§ 25-2 (1)); in Part II the law says only "reasonable" (§ 10-2 (1)),
// so the plan's days hold, or the proposal. Special services from the EEA
// threshold follow § 25-2 in Part II too (§ 10-2 (2)).
func (p Procurement) Standstill(law rules.Effective, sent calendar.Date) (calendar.Period, error) {
	rule, _, err := p.standstillRule(p.State.Regime, law, sent)
	if err != nil {
		return calendar.Period{}, err
	}
	return standstillPeriod(rule, p.Plan.StandstillDays, sent)
}

// verifiedStandstill refuses to let contracts be concluded on a number that
// nobody vouches for: a version of the rule that began after publication was
// never confirmed.
func (p Procurement) verifiedStandstill(law rules.Effective, sent calendar.Date) (calendar.Period, error) {
	_, used, err := p.standstillRule(p.State.Regime, law, sent)
	if err != nil {
		return calendar.Period{}, err
	}
	for _, r := range unverified(used, sent) {
		return calendar.Period{}, unverifiedRule(r)
	}
	return p.Standstill(law, sent)
}

// standstillRule picks the rule under a part of the regulation, with all that
// the choice rests on.
func (p Procurement) standstillRule(regime rules.Regime, law rules.Effective, sent calendar.Date) (rules.Rule, []rules.Rule, error) {
	var used []rules.Rule
	if regime == rules.PartII && p.Plan.Contract == rules.SpecialServices {
		threshold, err := law.Pick(regime, p.Plan.Procedure, rules.EEAThreshold, rules.SpecialHealth, sent)
		if err != nil {
			return rules.Rule{}, nil, err
		}
		used = append(used, threshold)
		amount, err := threshold.Amount()
		if err != nil {
			return rules.Rule{}, used, err
		}
		if p.value() >= amount {
			regime = rules.PartIII
		}
	}
	rule, err := law.Pick(regime, p.Plan.Procedure, rules.Standstill, rules.Main, sent)
	if err != nil {
		return rules.Rule{}, used, err
	}
	return rule, append(used, rule), nil
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

// reverseAward takes the award back before the contract is concluded (FOA
// § 25-1 (4), § 10-1 (3)); the evaluation is open again.
func (p Procurement) reverseAward(c ReverseAward, now time.Time) (Change, error) {
	if err := p.in(Standstill, Contracting); err != nil {
		return Change{}, err
	}
	if p.State.ContractsSigned > 0 {
		return Change{}, refuse("award.contract-signed").By(p.by("FOA § 25-1 (4)", "FOA § 10-1 (3)"))
	}
	if strings.TrimSpace(c.Reason) == "" {
		return Change{}, invalid("award.reversal-reason", "reason").By(p.by("FOA § 25-1 (4)", "FOA § 10-1 (3)"))
	}
	after := p
	after.decided(AwardReversed, c.Reason, now)
	after.enter(Evaluation, now)
	after.State.AwardedAt = time.Time{}
	after.State.StandstillUntil = time.Time{}
	after.State.ContractsToSign = 0
	return Change{After: after, Events: []Event{event(AwardReversed)}}, nil
}
