package procurement

import (
	"strconv"
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// signContract records a contract signed by both parties; that is when it is
// concluded (FOA § 25-1 (5), § 10-1 (4)). Never before the standstill is over.
func (p Procurement) signContract(c SignContract, now time.Time) (Change, error) {
	if p.Phase == Standstill {
		return Change{}, refuse("contract.standstill", fault.Params{"until": instant(p.State.StandstillUntil)}).By(p.standstillParagraph())
	}
	if err := p.in(Contracting); err != nil {
		return Change{}, err
	}
	today := calendar.DateOf(now)
	earliest := calendar.DateOf(p.State.StandstillUntil)
	var l fault.List
	for _, d := range []struct {
		on    calendar.Date
		field string
	}{{c.BuyerOn, "buyerSignedOn"}, {c.SupplierOn, "supplierSignedOn"}} {
		if d.on.IsZero() || d.on.After(today) {
			l.Addf("contract.signed-on", d.field, fault.Params{"latest": today.String()})
		} else if d.on.Before(earliest) {
			l.Add(fault.New(fault.Invalid, "contract.standstill", fault.Params{"until": instant(p.State.StandstillUntil)}).At(d.field).By(p.standstillParagraph()))
		}
	}
	if err := l.Err(); err != nil {
		return Change{}, err
	}
	after := p
	after.State.ContractsToSign = c.Total
	after.State.ContractsSigned = c.Signed
	after.State.conclude(laterOf(c.BuyerOn, c.SupplierOn), c.Law, p)
	change := Change{After: after, Events: []Event{event(ContractSigned, "signed", strconv.Itoa(c.Signed), "total", strconv.Itoa(c.Total))}}
	if c.Signed < c.Total {
		return change, nil
	}
	change.After.enter(Running, now)
	change.Events = append(change.Events, event(Concluded, "on", change.After.State.ConcludedOn.String()))
	change.Wake = true
	return change, nil
}

// conclude notes the day of one contract. All are concluded on the latest of
// their days; the notice is due from the first, whatever the order in which
// they are recorded.
func (s *State) conclude(on calendar.Date, law rules.Effective, p Procurement) {
	s.ConcludedOn = laterOf(s.ConcludedOn, on)
	if due, ok := awardNoticeDue(law, p, on); ok && (s.AwardNoticeDue.IsZero() || due.Before(s.AwardNoticeDue)) {
		s.AwardNoticeDue = due
	}
}

func laterOf(a, b calendar.Date) calendar.Date {
	if a.After(b) {
		return a
	}
	return b
}

func (p Procurement) standstillParagraph() string { return p.by("FOA § 25-2 (1)", "FOA § 10-2") }

// awardNoticeDue is the last day for the notice of the concluded contract
// (FOA § 21-6: at most 30 days). Part II has none in the rule pack.
func awardNoticeDue(law rules.Effective, p Procurement, concluded calendar.Date) (calendar.Date, bool) {
	rule, err := law.Pick(p.State.Regime, p.Plan.Procedure, rules.AwardNotice, rules.Main, concluded)
	if err != nil {
		return calendar.Date{}, false
	}
	period, err := rule.Period(concluded)
	return period.Last, err == nil
}

// awardNotice records that the notice of the concluded contract was sent.
func (p Procurement) awardNotice(c AwardNotice, now time.Time) (Change, error) {
	if err := p.in(Running); err != nil {
		return Change{}, err
	}
	if !p.State.AwardNoticeAt.IsZero() {
		return Change{}, refuse("award-notice.sent-already")
	}
	if strings.TrimSpace(c.Reference) == "" {
		return Change{}, invalid("award-notice.reference", "reference").By("FOA § 21-6")
	}
	after := p
	after.State.AwardNoticeAt = now
	return Change{After: after, Events: []Event{event(AwardNoticeSent, "reference", c.Reference)}, Wake: true}, nil
}

// BuyerLimits is what one municipality may call off, and has.
type BuyerLimits struct {
	// Named: it was a participant when the notice was published.
	Named bool
	// Lot: its mandate covers the contract's lot.
	Lot bool
	// Cap is the mandate's maximum over all contracts, Used what is called off.
	Cap, Used money.NOK
	// ContractCap is the lot's framework maximum, ContractUsed what all buyers
	// have called off.
	ContractCap, ContractUsed money.NOK
	ContractEnds              calendar.Date
	MandateEnds               calendar.Date
	Signed                    bool
}

// callOff judges an order. Only buyers clearly identified in the notice may
// call off (FOA § 26-1 (3); in Part II an order by another is an illegal direct
// award all the same, KOFA 2015/65); nobody beyond the mandate's or the
// framework's maximum (CJEU C-216/17, C-23/20).
func (p Procurement) callOff(c CallOff, now time.Time) (Change, error) {
	b := c.Buyer
	identified := p.by("FOA § 26-1 (3)", "KOFA 2015/65")
	if !b.Named {
		return Change{}, refuse("call-off.not-named").By(identified)
	}
	if err := p.in(Running); err != nil && !(p.Phase == Contracting && b.Signed) {
		return Change{}, err
	}
	if !b.Signed {
		return Change{}, refuse("call-off.contract-unsigned").By(p.by("FOA § 25-1 (5)", "FOA § 10-1 (4)"))
	}
	today := calendar.DateOf(now)
	switch {
	case !b.Lot:
		return Change{}, refuse("call-off.lot-outside-mandate").By(identified)
	case c.Amount <= 0 || c.Amount > maxAmount:
		return Change{}, invalid("call-off.amount", "amount")
	case today.After(b.ContractEnds):
		return Change{}, refuse("call-off.contract-over", fault.Params{"ended": b.ContractEnds.String()})
	case today.After(b.MandateEnds):
		return Change{}, refuse("call-off.mandate-over", fault.Params{"ended": b.MandateEnds.String()})
	case b.Used+c.Amount > b.Cap:
		return Change{}, refuse("call-off.beyond-cap", fault.Params{"cap": b.Cap.String(), "used": b.Used.String(), "remaining": (b.Cap - b.Used).String()}).By("CJEU C-216/17")
	case b.ContractUsed+c.Amount > b.ContractCap:
		return Change{}, refuse("call-off.beyond-framework", fault.Params{"cap": b.ContractCap.String(), "used": b.ContractUsed.String(), "remaining": (b.ContractCap - b.ContractUsed).String()}).By("CJEU C-23/20")
	}
	return Change{After: p, Events: []Event{event(CalledOff, "amount", c.Amount.String())}}, nil
}
