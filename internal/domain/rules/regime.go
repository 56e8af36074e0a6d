package rules

import (
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// ContractKind is what is bought, as far as the choice of regime needs it.
type ContractKind string

// The kinds of contract.
const (
	Goods                ContractKind = "goods"
	Services             ContractKind = "services"
	WorksContract        ContractKind = "works"
	SpecialServices      ContractKind = "special"
	HealthSocialServices ContractKind = "health-social"
)

// BuyerClass tells state authorities from other buyers.
type BuyerClass string

// The classes. A joint procurement of municipalities is OtherBuyer.
const (
	StateBuyer BuyerClass = "state"
	OtherBuyer BuyerClass = "other"
)

// Input is what the regime depends on.
type Input struct {
	Kind  ContractKind
	Class BuyerClass
	// Value is the estimate by § 5-4: all options, the whole period and all
	// participants, without VAT.
	Value money.NOK
}

// Ids of the thresholds that RegimeFor compares with.
const (
	entryThreshold    = "loa.2.entry-threshold"
	nationalThreshold = "foa.5-1.2.national-threshold"
	eeaState          = "foa.5-3.1a.eea-threshold-goods-services-state"
	eeaOther          = "foa.5-3.1b.eea-threshold-goods-services-other"
	eeaWorks          = "foa.5-3.1c.eea-threshold-works"
	eeaSpecial        = "foa.5-3.2.eea-threshold-special-health-social"
)

// RegimeFor tells which part of FOA a procurement published on the day follows
// (FOA chapter 5), and the rules that the answer rests on in the order in which
// they were compared; the caller shows those that are unverified.
//
// It compares no further than it must, so a value below the national threshold
// has an answer while the EEA threshold is unknown. It returns an Invalid fault
// (rules.contract-kind, rules.buyer-class, rules.value-negative), or a Conflict
// fault with rule id and paragraph (rules.value-unknown) where a threshold that
// decides is unknown; the rules so far come with it.
func RegimeFor(in Input, e Effective, on calendar.Date) (Regime, []Rule, error) {
	eea, err := in.eeaThreshold()
	if err != nil {
		return "", nil, err
	}
	c := comparison{effective: e, on: on, value: in.Value}
	switch {
	case c.below(entryThreshold):
		return c.answer(NoRegime)
	case in.Kind == HealthSocialServices && c.below(eea):
		return c.answer(PartI)
	case in.Kind == HealthSocialServices:
		return c.answer(PartIV)
	case c.below(nationalThreshold):
		return c.answer(PartI)
	case in.Kind == SpecialServices, c.below(eea):
		return c.answer(PartII)
	}
	return c.answer(PartIII)
}

// eeaThreshold gives the id of the EEA threshold for the input.
func (in Input) eeaThreshold() (string, error) {
	if in.Value < 0 {
		return "", fault.New(fault.Invalid, "rules.value-negative").At("value")
	}
	if in.Class != StateBuyer && in.Class != OtherBuyer {
		return "", fault.New(fault.Invalid, "rules.buyer-class").At("buyer_class")
	}
	switch in.Kind {
	case Goods, Services:
		if in.Class == StateBuyer {
			return eeaState, nil
		}
		return eeaOther, nil
	case WorksContract:
		return eeaWorks, nil
	case SpecialServices, HealthSocialServices:
		return eeaSpecial, nil
	}
	return "", fault.New(fault.Invalid, "rules.contract-kind").At("kind")
}

// comparison holds a value against thresholds and remembers which. After the
// first failure every comparison answers false and answer gives the failure.
type comparison struct {
	effective Effective
	on        calendar.Date
	value     money.NOK
	used      []Rule
	err       error
}

func (c *comparison) below(id string) bool {
	if c.err != nil {
		return false
	}
	r, err := c.effective.At(id, c.on)
	if err != nil {
		c.err = err
		return false
	}
	c.used = append(c.used, r)
	threshold, err := r.Amount()
	c.err = err
	return err == nil && c.value < threshold
}

func (c *comparison) answer(r Regime) (Regime, []Rule, error) {
	if c.err != nil {
		return "", c.used, c.err
	}
	return r, c.used, nil
}
