package procurement_test

import (
	"testing"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func TestCancelRefusals(t *testing.T) {
	t.Parallel()
	type C = procurement.Cancel
	refuses(t, contracting(t), C{Reason: "Behovet falt bort"}, contractAt, []refusal[C]{
		{"no reason", func(_ *procurement.Procurement, c *C) { c.Reason = " " }, fault.Invalid, "cancel.reason", "reason", "FOA § 25-4"},
		{"no reason, Part II", func(p *procurement.Procurement, c *C) { p.State.Regime, c.Reason = rules.PartII, "" }, fault.Invalid, "cancel.reason", "reason", "FOA § 10-4"},
		{"a contract is signed", func(p *procurement.Procurement, _ *C) { p.State.ContractsSigned = 1 }, fault.Conflict, "award.contract-signed", "", "FOA § 25-4"},
	})
	c, err := contracting(t).Decide(C{Reason: "Behovet falt bort"}, contractAt)
	if err != nil || c.After.State.EndReason != "Behovet falt bort" || c.Events[0].Params["before"] != "contract" {
		t.Errorf("%+v, %v", c, err)
	}
	happened(t, c, procurement.CancelledByLead)
}

func TestDeclareUnsuccessful(t *testing.T) {
	t.Parallel()
	type C = procurement.DeclareUnsuccessful
	p := opened(t)
	p.Tenders.Rejected = p.Tenders.Submitted
	refuses(t, p, C{Reason: "Alle er avvist"}, awardAt, []refusal[C]{
		{"a tender is left", func(p *procurement.Procurement, _ *C) { p.Tenders.Rejected-- }, fault.Conflict, "unsuccessful.tenders-left", "", ""},
		{"no reason", func(_ *procurement.Procurement, c *C) { c.Reason = "" }, fault.Invalid, "cancel.reason", "reason", "FOA § 25-4"},
	})
	c, err := p.Decide(C{Reason: "Alle er avvist"}, awardAt)
	if err != nil || c.After.Phase != procurement.Unsuccessful {
		t.Errorf("%+v, %v", c, err)
	}
	happened(t, c, procurement.DeclaredEmpty)
}

func TestSuspendNeedsAReason(t *testing.T) {
	t.Parallel()
	_, err := awarded(t).Decide(procurement.Suspend{}, awardAt)
	refused(t, err, fault.Invalid, "suspend.reason", "reason", "")
}
