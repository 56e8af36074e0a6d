package app

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Contract is the agreement for one lot.
type Contract struct {
	ID           uuid.UUID
	Lot          uuid.UUID
	Tender       uuid.UUID
	Supplier     uuid.UUID
	SupplierName string
	// MemberNames are those of the other organisations of the tender.
	MemberNames      []string
	Value            money.NOK
	BuyerSignedOn    calendar.Date
	SupplierSignedOn calendar.Date
	Reference        string
	StartsOn, EndsOn calendar.Date
	// Maximum is the lot's framework maximum, Used what all buyers have called
	// off.
	Maximum, Used money.NOK
}

// Contracts lists a case's contracts, signed or to be signed.
func (a *App) Contracts(ctx context.Context, id uuid.UUID) ([]Contract, error) {
	var out []Contract
	err := a.do(ctx, CallOffRead, func(w *work) error {
		if err := w.load(ctx, id, CallOffRead); err != nil {
			return err
		}
		var err error
		out, err = w.contracts(ctx)
		return err
	})
	return out, err
}

func (w *work) contracts(ctx context.Context) ([]Contract, error) {
	rows, err := w.q.Contracts(ctx, w.tx, w.p.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make([]Contract, len(rows))
	for i, r := range rows {
		out[i] = Contract{ID: r.ID, Lot: r.LotID, Tender: r.TenderID, Supplier: r.SupplierOrg, SupplierName: r.SupplierName, MemberNames: r.MemberNames, Value: money.NOK(r.Value),
			BuyerSignedOn: db.DateOf(r.BuyerSignedOn), SupplierSignedOn: db.DateOf(r.SupplierSignedOn), Reference: deref(r.Reference),
			StartsOn: calendar.FromTime(r.StartsOn), EndsOn: calendar.FromTime(r.EndsOn), Used: money.NOK(r.Used)}
		for _, lot := range w.p.Plan.Lots {
			if lot.ID == r.LotID {
				out[i].Maximum = lot.Maximum
			}
		}
	}
	return out, nil
}

// SignContract records that both parties have signed a contract: it is
// concluded then (FOA § 25-1 (5)). It returns conflict (contract.standstill)
// before the standstill is over. Door 2.
func (a *App) SignContract(ctx context.Context, id, contractID uuid.UUID, buyerOn, supplierOn calendar.Date, reference string) (Contract, error) {
	var out Contract
	err := a.do(ctx, ContractRecord, func(w *work) error {
		if err := w.lock(ctx, id, ContractRecord); err != nil {
			return err
		}
		all, err := w.contracts(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(c Contract) bool { return c.ID == contractID })
		if i < 0 {
			return fault.New(fault.NotFound, "not-found")
		}
		if !all[i].BuyerSignedOn.IsZero() {
			return fault.New(fault.Conflict, "contract.signed-already")
		}
		if n := len([]rune(strings.TrimSpace(reference))); n == 0 || n > 200 {
			return fault.New(fault.Invalid, "contract.reference").At("reference")
		}
		law, err := w.law(ctx)
		if err != nil {
			return err
		}
		signed := 1
		for _, c := range all {
			if !c.BuyerSignedOn.IsZero() {
				signed++
			}
		}
		if err := w.decide(ctx, procurement.SignContract{BuyerOn: buyerOn, SupplierOn: supplierOn, Law: law, Signed: signed, Total: len(all)}); err != nil {
			return err
		}
		if err := w.q.SignContract(ctx, w.tx, sqlcgen.SignContractParams{ID: contractID, BuyerSignedOn: db.DateOrNull(buyerOn), SupplierSignedOn: db.DateOrNull(supplierOn), Reference: &reference}); err != nil {
			return db.Fault(err)
		}
		out = all[i]
		out.BuyerSignedOn, out.SupplierSignedOn, out.Reference = buyerOn, supplierOn, reference
		return w.tellOne(ctx, out.Supplier, "contract.signed", out.ID, map[string]string{"signed": itoa(signed), "total": itoa(len(all))})
	})
	return out, err
}

// RecordAwardNotice records that the notice of the concluded contract was sent
// (FOA § 21-6). Door 2.
func (a *App) RecordAwardNotice(ctx context.Context, id uuid.UUID, expected int64, reference string) (Case, error) {
	err := a.do(ctx, ProcurementSteer, func(w *work) error {
		if err := w.lock(ctx, id, ProcurementSteer); err != nil {
			return err
		}
		if err := w.fresh(expected); err != nil {
			return err
		}
		return w.decide(ctx, procurement.AwardNotice{Reference: reference})
	})
	if err != nil {
		return Case{}, err
	}
	return a.Procurement(ctx, id)
}

// CallOff is one municipality's order.
type CallOff struct {
	ID       uuid.UUID
	Contract uuid.UUID
	Org      uuid.UUID
	OrgName  string
	Amount   money.NOK
	// Reference is the municipality's own order or case number.
	Reference string
	CalledAt  time.Time
	// Remaining is what the municipality's cap leaves after it.
	Remaining money.NOK
}

// CallOff orders under a contract for the actor's organisation. It returns
// conflict with the paragraph for a buyer that is not named in the notice
// (call-off.not-named), for an amount beyond its own cap (call-off.beyond-cap)
// or beyond the framework's maximum (call-off.beyond-framework).
func (a *App) CallOff(ctx context.Context, id, contractID uuid.UUID, amount money.NOK, reference string) (CallOff, error) {
	out := CallOff{ID: uuid.Must(uuid.NewV7()), Contract: contractID, Amount: amount, Reference: reference}
	err := a.do(ctx, CallOffMake, func(w *work) error {
		err := w.lock(ctx, id, CallOffMake)
		if fault.Is(err, fault.NotFound) {
			// A concluded agreement is public, so a stranger is told the rule
			// and not that there is nothing.
			if pub, perr := w.published(ctx, id); perr == nil {
				err = refuseStranger(pub, amount, w.now)
			}
		}
		if err != nil {
			return err
		}
		if n := len([]rune(strings.TrimSpace(reference))); n == 0 || n > 200 {
			return fault.New(fault.Invalid, "call-off.reference").At("reference")
		}
		limits, err := w.buyerLimits(ctx, contractID)
		if err != nil {
			return err
		}
		change, err := w.p.Decide(procurement.CallOff{Amount: amount, Buyer: limits}, w.now)
		if err != nil {
			return err
		}
		out.Org, out.CalledAt, out.Remaining = w.by.Org, w.now, limits.Cap-limits.Used-amount
		if err := w.q.InsertCallOff(ctx, w.tx, sqlcgen.InsertCallOffParams{ID: out.ID, SpaceID: w.p.Space, ProcurementID: id, ContractID: contractID, OrgID: w.by.Org, Amount: int64(amount), Reference: reference, CalledBy: w.by.ID, CalledAt: w.now}); err != nil {
			return db.Fault(err)
		}
		return w.note(ctx, change, id, map[string]string{"contract": contractID.String(), "org": w.by.Org.String()})
	})
	return out, err
}

// refuseStranger refuses a call-off by a municipality that is not named, by what
// is public of the case.
func refuseStranger(pub sqlcgen.PublicProcurementRow, amount money.NOK, now time.Time) error {
	var notice PublicNotice
	if err := json.Unmarshal(pub.Notice, &notice); err != nil {
		return fault.Wrap(fault.Internal, "notice.decode", err)
	}
	p := procurement.Procurement{Phase: procurement.Phase(pub.Phase), Plan: notice.Plan, State: procurement.State{Regime: rules.Regime(notice.Regime)}}
	_, err := p.Decide(procurement.CallOff{Amount: amount}, now)
	return err
}

// buyerLimits reads what the actor's organisation may call off under a contract,
// and has.
func (w *work) buyerLimits(ctx context.Context, contractID uuid.UUID) (procurement.BuyerLimits, error) {
	var b procurement.BuyerLimits
	all, err := w.contracts(ctx)
	if err != nil {
		return b, err
	}
	i := slices.IndexFunc(all, func(c Contract) bool { return c.ID == contractID })
	if i < 0 {
		return b, fault.New(fault.NotFound, "not-found")
	}
	c := all[i]
	b.ContractCap, b.ContractUsed, b.ContractEnds, b.Signed = c.Maximum, c.Used, c.EndsOn, !c.BuyerSignedOn.IsZero() && !c.SupplierSignedOn.IsZero()
	row, err := w.q.Participant(ctx, w.tx, sqlcgen.ParticipantParams{ProcurementID: w.p.ID, OrgID: w.by.Org})
	if err = db.Fault(err); fault.Is(err, fault.NotFound) {
		return b, nil
	}
	if err != nil {
		return b, err
	}
	b.Named = row.State == "mandated"
	b.Lot = slices.Contains(row.Lots, c.Lot)
	b.Cap, b.MandateEnds = money.NOK(deref(row.MandateMaximum)), db.DateOf(row.MandateEndsOn)
	used, err := w.q.CalledOffByOrg(ctx, w.tx, sqlcgen.CalledOffByOrgParams{ProcurementID: w.p.ID, OrgID: w.by.Org})
	b.Used = money.NOK(used)
	return b, db.Fault(err)
}

// CallOffs lists the orders under a case's contracts.
func (a *App) CallOffs(ctx context.Context, id uuid.UUID) ([]CallOff, error) {
	var out []CallOff
	err := a.do(ctx, CallOffRead, func(w *work) error {
		if err := w.load(ctx, id, CallOffRead); err != nil {
			return err
		}
		rows, err := w.q.CallOffs(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, CallOff{ID: r.ID, Contract: r.ContractID, Org: r.OrgID, OrgName: r.OrgName, Amount: money.NOK(r.Amount), Reference: r.Reference, CalledAt: r.CalledAt})
		}
		return nil
	})
	return out, err
}
