package procurement_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func buyer() procurement.BuyerLimits {
	return procurement.BuyerLimits{Named: true, Lot: true, Signed: true, Cap: money.Kroner(3_000_000), Used: money.Kroner(1_000_000),
		ContractCap: money.Kroner(36_000_000), ContractUsed: money.Kroner(10_000_000), ContractEnds: day("2031-02-28"), MandateEnds: day("2031-02-28")}
}

func TestSignContractRefusals(t *testing.T) {
	t.Parallel()
	type C = procurement.SignContract
	p := contracting(t)
	refuses(t, p, signing(t, p), contractAt, []refusal[C]{
		{"the buyer signs tomorrow", func(_ *procurement.Procurement, c *C) { c.BuyerOn = day("2027-02-02") }, fault.Invalid, "contract.signed-on", "buyerSignedOn", ""},
		{"the supplier has not signed", func(_ *procurement.Procurement, c *C) { c.SupplierOn = calendar.Date{} }, fault.Invalid, "contract.signed-on", "supplierSignedOn", ""},
		{"the buyer signed on the last day of the standstill", func(_ *procurement.Procurement, c *C) { c.BuyerOn = day("2027-01-21") },
			fault.Invalid, "contract.standstill", "buyerSignedOn", "FOA § 25-2 (1)"},
		{"the same in Part II", func(p *procurement.Procurement, c *C) { p.State.Regime = rules.PartII; c.BuyerOn = day("2027-01-21") },
			fault.Invalid, "contract.standstill", "buyerSignedOn", "FOA § 10-2"},
		{"while the standstill runs", func(p *procurement.Procurement, _ *C) { p.Phase = procurement.Standstill },
			fault.Conflict, "contract.standstill", "", "FOA § 25-2 (1)"},
	})
	// Letters of Monday 11 January: day 10 is Thursday 21 January.
	first := signing(t, p)
	first.BuyerOn, first.SupplierOn = day("2027-01-22"), day("2027-01-22")
	must(t, p, first, contractAt)
}

// The contract is concluded when both have signed (FOA § 25-1 (5)), and its
// notice is due 30 days later (§ 21-6 (1)).
func TestConclusion(t *testing.T) {
	t.Parallel()
	p := contracting(t)
	c, err := p.Decide(signing(t, p), contractAt)
	if err != nil || !c.Wake || c.After.Phase != procurement.Running {
		t.Fatalf("got %+v, %v", c, err)
	}
	happened(t, c, procurement.ContractSigned, procurement.Concluded)
	// 1 February and 30 days is Wednesday 3 March 2027.
	if s := c.After.State; s.ConcludedOn != day("2027-02-01") || s.AwardNoticeDue != day("2027-03-03") {
		t.Errorf("concluded %s, notice due %s", s.ConcludedOn, s.AwardNoticeDue)
	}
}

// With several contracts the notice is due from the first that was concluded,
// whatever the order in which they are recorded; only the last one wakes.
func TestSeveralContracts(t *testing.T) {
	t.Parallel()
	p := contracting(t)
	late, early := signing(t, p), signing(t, p)
	late.Total, early.Total, early.Signed = 2, 2, 2
	early.BuyerOn, early.SupplierOn = day("2027-01-25"), day("2027-01-25")
	c, err := p.Decide(late, contractAt)
	if err != nil || c.Wake || c.After.Phase != procurement.Contracting {
		t.Fatalf("the first recorded: %+v, %v", c, err)
	}
	if _, err := c.After.Decide(procurement.Cancel{Reason: "Angrer"}, contractAt); err == nil {
		t.Error("cancelled with a contract signed")
	}
	after := must(t, c.After, early, contractAt)
	if s := after.State; s.ConcludedOn != day("2027-02-01") || s.AwardNoticeDue != day("2027-02-24") {
		t.Errorf("concluded %s, notice due %s", s.ConcludedOn, s.AwardNoticeDue)
	}
	// A contract that is never signed does not keep the case open for ever.
	end := at("2031-03-01 00:00")
	if ended := must(t, c.After, procurement.PassTime{}, end); ended.Phase != procurement.Ended {
		t.Errorf("with one contract unsigned the case is %s at its end", ended.Phase)
	}
}

func TestAwardNotice(t *testing.T) {
	t.Parallel()
	type C = procurement.AwardNotice
	p := running(t)
	refuses(t, p, C{Reference: "2027-1"}, contractAt, []refusal[C]{
		{"no reference", func(_ *procurement.Procurement, c *C) { c.Reference = " " }, fault.Invalid, "award-notice.reference", "reference", "FOA § 21-6"},
		{"sent already", func(p *procurement.Procurement, _ *C) { p.State.AwardNoticeAt = contractAt }, fault.Conflict, "award-notice.sent-already", "", ""},
	})
	c, err := p.Decide(C{Reference: "2027-1"}, contractAt)
	if err != nil || !c.Wake || !c.After.State.AwardNoticeAt.Equal(contractAt) {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestCallOffRefusals(t *testing.T) {
	t.Parallel()
	type C = procurement.CallOff
	b := func(change func(b *procurement.BuyerLimits)) func(*procurement.Procurement, *C) {
		return func(_ *procurement.Procurement, c *C) { change(&c.Buyer) }
	}
	now := at("2027-03-15 10:00")
	refuses(t, running(t), C{Amount: money.Kroner(2_000_000), Buyer: buyer()}, now, []refusal[C]{
		{"not named in the notice", b(func(b *procurement.BuyerLimits) { b.Named = false }), fault.Conflict, "call-off.not-named", "", "FOA § 26-1 (3)"},
		{"not named in the notice, Part II", func(p *procurement.Procurement, c *C) { p.State.Regime = rules.PartII; c.Buyer.Named = false },
			fault.Conflict, "call-off.not-named", "", "KOFA 2015/65"},
		{"contract unsigned", b(func(b *procurement.BuyerLimits) { b.Signed = false }), fault.Conflict, "call-off.contract-unsigned", "", "FOA § 25-1 (5)"},
		{"lot outside the mandate", b(func(b *procurement.BuyerLimits) { b.Lot = false }), fault.Conflict, "call-off.lot-outside-mandate", "", "FOA § 26-1 (3)"},
		{"nothing", func(_ *procurement.Procurement, c *C) { c.Amount = 0 }, fault.Invalid, "call-off.amount", "amount", ""},
		{"more than can be added", func(_ *procurement.Procurement, c *C) { c.Amount = 1 << 62 }, fault.Invalid, "call-off.amount", "amount", ""},
		{"contract over", b(func(b *procurement.BuyerLimits) { b.ContractEnds = day("2027-03-14") }), fault.Conflict, "call-off.contract-over", "", ""},
		{"mandate over", b(func(b *procurement.BuyerLimits) { b.MandateEnds = day("2027-03-14") }), fault.Conflict, "call-off.mandate-over", "", ""},
		{"one øre beyond the cap", func(_ *procurement.Procurement, c *C) { c.Amount++ }, fault.Conflict, "call-off.beyond-cap", "", "CJEU C-216/17"},
		{"one øre beyond the framework", b(func(b *procurement.BuyerLimits) { b.ContractUsed = money.Kroner(34_000_000) + 1 }),
			fault.Conflict, "call-off.beyond-framework", "", "CJEU C-23/20"},
	})
}

// Before all contracts are signed, one that is can be called off from.
func TestCallOffFromTheFirstOfTwoContracts(t *testing.T) {
	t.Parallel()
	p := contracting(t)
	s := signing(t, p)
	s.Total = 2
	must(t, must(t, p, s, contractAt), procurement.CallOff{Amount: 1, Buyer: buyer()}, contractAt)
	unsigned := buyer()
	unsigned.Signed = false
	_, err := p.Decide(procurement.CallOff{Amount: 1, Buyer: unsigned}, contractAt)
	refused(t, err, fault.Conflict, "procurement.wrong-phase", "", "")
}

// Whatever is asked for in whatever order, no buyer gets beyond its mandate and
// all together not beyond the framework (CJEU C-23/20, C-216/17).
func TestCallOffsNeverPassACap(t *testing.T) {
	t.Parallel()
	p := running(t)
	rapid.Check(t, func(t *rapid.T) {
		caps := rapid.SliceOfN(rapid.Int64Range(0, 1000), 1, 5).Draw(t, "caps")
		framework := rapid.Int64Range(0, 2000).Draw(t, "framework")
		used := make([]int64, len(caps))
		var total int64
		for range rapid.IntRange(1, 60).Draw(t, "orders") {
			i := rapid.IntRange(0, len(caps)-1).Draw(t, "buyer")
			amount := rapid.Int64Range(-10, 700).Draw(t, "amount")
			b := buyer()
			b.Cap, b.Used, b.ContractCap, b.ContractUsed = money.NOK(caps[i]), money.NOK(used[i]), money.NOK(framework), money.NOK(total)
			_, err := p.Decide(procurement.CallOff{Amount: money.NOK(amount), Buyer: b}, contractAt)
			if fits := amount > 0 && used[i]+amount <= caps[i] && total+amount <= framework; fits != (err == nil) {
				t.Fatalf("%d by buyer %d with %d of %d, %d of %d in all: %v", amount, i, used[i], caps[i], total, framework, err)
			}
			if err == nil {
				used[i] += amount
				total += amount
			}
		}
		for i := range caps {
			if used[i] > caps[i] || total > framework {
				t.Fatalf("buyer %d used %d of %d, all %d of %d", i, used[i], caps[i], total, framework)
			}
		}
	})
}
