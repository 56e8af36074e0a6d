package api

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/record"
)

// recordFacts writes what the use case has gathered in the words of the record.
func recordFacts(r app.Record) record.Facts {
	p := r.Procurement
	f := record.Facts{
		Language: p.Plan.Language, Invented: p.Space != app.RealSpace, MadeAt: r.Now,
		Title: p.Plan.Title, Reference: p.Plan.Reference, Description: p.Plan.Description, Contract: p.Plan.Contract, Procedure: p.Plan.Procedure,
		Regime: p.State.Regime, Phase: p.Phase, NoLotsReason: p.Plan.NoLotsReason, Estimated: p.Plan.Estimated(), Maximum: p.Plan.Maximum(),
		Lead:     record.Organisation{Name: r.Lead.Name, OrgNr: r.Lead.OrgNumber, Address: r.LeadAddress, Email: p.Plan.Notice.ContactEmail},
		Dispatch: p.State.Dispatch, PublishedAt: p.State.PublishedAt, TenderDeadline: p.Plan.TenderDeadline, Negotiation: p.Plan.Negotiation, Openings: openings(r),
	}
	for _, lot := range p.Plan.Lots {
		f.Lots = append(f.Lots, record.Lot{Number: lot.Number, Title: lot.Title, CPV: lot.CPV, Estimated: lot.Estimated, Maximum: lot.Maximum})
	}
	for _, m := range r.Participants {
		f.Participants = append(f.Participants, record.Participant{Organisation: record.Organisation{Name: m.Name, OrgNr: m.OrgNumber, Address: m.Address}, State: m.State,
			DecidedOn: m.Terms.DecidedOn, CaseReference: m.Terms.CaseReference, Maximum: m.Terms.Maximum, CostShare: m.Terms.CostShare.String(), EndsOn: m.Terms.EndsOn, Reason: m.DeclineReason})
	}
	for _, h := range r.Timeline {
		f.Timeline = append(f.Timeline, record.Happening{At: h.At, Event: h.Event, Params: h.Params, Who: h.Who, Reason: reasonOf(p, h)})
	}
	for _, c := range r.Confirmations {
		if rule, err := r.Law.At(c.RuleID, p.Plan.DispatchOn); err == nil {
			f.Rules = append(f.Rules, record.RuleUsed{Rule: rule, ConfirmedBy: nameOf(r, c)})
		}
	}
	for _, m := range r.Team {
		if m.ImpartialDeclaredAt != nil {
			f.Declarations = append(f.Declarations, record.Declaration{Name: r.Names[m.Identity], Role: m.Role, At: *m.ImpartialDeclaredAt})
		}
	}
	for _, l := range r.Late {
		f.Late = append(f.Late, record.LateTender{Supplier: record.Organisation{Name: l.SupplierName}, At: l.ReceivedAt, Outage: l.Reason == "gate_timeout"})
	}
	f.Declined = declinedQuestions(r)
	recordTenders(r, &f)
	recordContracts(r, &f)
	if p.Phase == procurement.Cancelled || p.Phase == procurement.Unsuccessful {
		f.Ending = &record.Ending{Reason: p.State.EndReason, At: p.State.EndedAt}
	}
	return f
}

// reasonOf finds the reason that a person gave; the log holds instants to the
// microsecond.
func reasonOf(p procurement.Procurement, h app.Happening) string {
	for _, d := range p.State.Decisions {
		if d.Event == h.Event && d.At.Sub(h.At).Abs() < time.Millisecond {
			return d.Reason
		}
	}
	return ""
}

func nameOf(r app.Record, c rules.Confirmation) string {
	id, err := uuid.Parse(c.By)
	if err != nil {
		return ""
	}
	return r.Names[id]
}

// openings tells when each part was opened, and by whose approvals.
func openings(r app.Record) []record.Opening {
	var out []record.Opening
	for _, o := range []struct {
		part procurement.Part
		at   time.Time
	}{{procurement.Quality, r.Procurement.State.QualityOpenedAt}, {procurement.Price, r.Procurement.State.PriceOpenedAt}} {
		opening := record.Opening{Part: o.part, At: o.at}
		for _, a := range r.Approvals {
			if a.Part == o.part {
				opening.Approvals = append(opening.Approvals, record.Approval{Name: r.Names[a.Identity], At: a.ApprovedAt})
			}
		}
		if !o.at.IsZero() {
			out = append(out, opening)
		}
	}
	return out
}

// declinedQuestions lists those that no later version answers.
func declinedQuestions(r app.Record) []record.DeclinedQuestion {
	var out []record.DeclinedQuestion
	for i, c := range r.Clarifications {
		corrected := i+1 < len(r.Clarifications) && r.Clarifications[i+1].ID == c.ID
		if c.Declined && !corrected {
			out = append(out, record.DeclinedQuestion{Number: c.Number, Question: c.Question, Reason: c.Answer, At: c.AnsweredAt, AfterDeadline: !c.AnsweredAt.Before(r.Procurement.Plan.TenderDeadline)})
		}
	}
	return out
}

func recordTenders(r app.Record, f *record.Facts) {
	won := map[uuid.UUID]bool{}
	for _, a := range r.Awards {
		if a.ReversedAt == nil {
			won[a.Tender] = true
		}
	}
	for _, t := range r.Tenders {
		supplier := recordSupplier(t)
		line := record.Tender{Supplier: supplier, ReceivedAt: t.ReceivedAt, Lots: lotNumbers(r, t.Lots)}
		if t.Standing.State() == procurement.Unconfirmed {
			line.Under, line.Published = t.Standing.Base(), t.Standing.Published
		}
		f.Tenders = append(f.Tenders, line)
		if x := t.Rejection; x != nil {
			f.Rejections = append(f.Rejections, record.Rejection{Supplier: supplier, Ground: x.Ground, Paragraph: x.Paragraph, Reason: x.Reason, At: x.RejectedAt})
		}
		if !won[t.ID] {
			continue
		}
		f.Subcontractors = append(f.Subcontractors, recordSubcontractors(t.SupplierName, t.Declaration)...)
		for _, m := range t.Members {
			f.Subcontractors = append(f.Subcontractors, recordSubcontractors(m.Name, m.Declaration)...)
		}
	}
	for _, lot := range r.Rankings {
		ranking := record.Ranking{Lot: lot.Lot.Number}
		for _, x := range lot.Result.Ranking {
			row := record.Ranked{Rank: x.Rank, Supplier: lot.Names[x.Tender], Points: x.Total.String()}
			for _, c := range x.Criteria {
				row.Price = max(row.Price, c.Price)
			}
			ranking.Rows = append(ranking.Rows, row)
		}
		f.Rankings = append(f.Rankings, ranking)
	}
}

// recordSupplier names all organisations of a tender.
func recordSupplier(t app.OpenedTender) record.Organisation {
	out := record.Organisation{Name: t.SupplierName, OrgNr: t.OrgNumber}
	for _, m := range t.Members {
		out.With = append(out.With, record.Organisation{Name: m.Name, OrgNr: m.OrgNumber})
	}
	return out
}

func recordSubcontractors(supplier string, declaration json.RawMessage) []record.Subcontractor {
	var d procurement.Declaration
	if json.Unmarshal(declaration, &d) != nil {
		return nil
	}
	var out []record.Subcontractor
	for _, s := range d.Subcontractors {
		out = append(out, record.Subcontractor{Supplier: supplier, Organisation: record.Organisation{Name: s.Name, OrgNr: s.OrganisationNumber}, Task: s.Task, Share: s.Share})
	}
	return out
}

func recordContracts(r app.Record, f *record.Facts) {
	for _, a := range r.Awards {
		if a.ReversedAt != nil {
			continue
		}
		w := record.Winner{Supplier: record.Organisation{Name: a.SupplierName}, Reason: a.Reason, Lot: lotNumber(r, a.Lot)}
		if i := slices.IndexFunc(r.Tenders, func(t app.OpenedTender) bool { return t.ID == a.Tender }); i >= 0 {
			w.Supplier = recordSupplier(r.Tenders[i])
		}
		for _, c := range r.Contracts {
			if c.Lot == a.Lot {
				w.Value = c.Value
			}
		}
		f.Winners = append(f.Winners, w)
	}
	for _, c := range r.Contracts {
		f.Contracts = append(f.Contracts, record.Contract{Lot: lotNumber(r, c.Lot), Supplier: record.Organisation{Name: strings.Join(append([]string{c.SupplierName}, c.MemberNames...), ", ")}, Value: c.Value,
			BuyerSignedOn: c.BuyerSignedOn, SupplierSignedOn: c.SupplierSignedOn, StartsOn: c.StartsOn, EndsOn: c.EndsOn})
	}
	for _, c := range r.CallOffs {
		lot := 0
		if i := slices.IndexFunc(r.Contracts, func(x app.Contract) bool { return x.ID == c.Contract }); i >= 0 {
			lot = lotNumber(r, r.Contracts[i].Lot)
		}
		f.CallOffs = append(f.CallOffs, record.CallOff{Buyer: c.OrgName, Lot: lot, Amount: c.Amount, Reference: c.Reference, At: c.CalledAt})
	}
}

func lotNumber(r app.Record, id uuid.UUID) int {
	for _, lot := range r.Procurement.Plan.Lots {
		if lot.ID == id {
			return lot.Number
		}
	}
	return 0
}

func lotNumbers(r app.Record, ids []uuid.UUID) []int {
	out := make([]int, len(ids))
	for i, id := range ids {
		out[i] = lotNumber(r, id)
	}
	slices.Sort(out)
	return out
}
