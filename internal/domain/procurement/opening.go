package procurement

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Openers is how many different people open (own rule, on by default: FOA Parts
// II and III have no such rule, municipal practice does).
const Openers = 2

// opensTogether lists the parts that an approval and an opening of part covers.
func (p Procurement) opensTogether(part Part) []Part {
	if p.Plan.PriceAfterQuality {
		return []Part{part}
	}
	return []Part{Quality, Price}
}

func (p Procurement) openable(part Part, now time.Time) error {
	if part != Quality && part != Price {
		return invalid("opening.part", "part")
	}
	if now.Before(p.Plan.TenderDeadline) {
		return refuse("opening.before-deadline", fault.Params{"deadline": instant(p.Plan.TenderDeadline)}).By("FOA § 22-3")
	}
	if err := p.in(Opening, Evaluation); err != nil {
		return err
	}
	if part == Quality && !p.State.QualityOpenedAt.IsZero() || part == Price && !p.State.PriceOpenedAt.IsZero() {
		return refuse("opening.open-already")
	}
	if part == Price {
		if !p.Plan.PriceAfterQuality {
			return refuse("opening.parts-together")
		}
		if p.State.QualityOpenedAt.IsZero() || !p.Tenders.QualityScored {
			return refuse("opening.quality-first")
		}
	}
	return p.settled()
}

// approveOpening is given after the deadline, by two different people.
func (p Procurement) approveOpening(c ApproveOpening, now time.Time) (Change, error) {
	if err := p.openable(c.Part, now); err != nil {
		return Change{}, err
	}
	if slices.Contains(p.Approvals[c.Part], c.By) {
		return Change{}, refuse("opening.same-person-twice")
	}
	after := p
	after.Approvals = map[Part][]uuid.UUID{}
	for part, by := range p.Approvals {
		after.Approvals[part] = slices.Clone(by)
	}
	after.Approvals[c.Part] = append(after.Approvals[c.Part], c.By)
	return Change{After: after, Events: []Event{event(OpeningApproved, "part", string(c.Part))}}, nil
}

// open is lawful after two approvals by different people, when every question
// that came in time is answered or declined; the event tells of declined ones
// for the record.
func (p Procurement) open(c Open, now time.Time) (Change, error) {
	if err := p.openable(c.Part, now); err != nil {
		return Change{}, err
	}
	if p.approvers(c.Part) < Openers {
		return Change{}, refuse("opening.two-people", fault.Params{"needed": strconv.Itoa(Openers), "has": strconv.Itoa(p.approvers(c.Part))})
	}
	after := p
	for _, part := range p.opensTogether(c.Part) {
		if part == Quality {
			after.State.QualityOpenedAt = now
		} else {
			after.State.PriceOpenedAt = now
		}
	}
	if p.Phase == Opening {
		after.enter(Evaluation, now)
	}
	params := []string{"part", string(c.Part)}
	if n := p.Questions.Declined; n > 0 {
		params = append(params, "declined", strconv.Itoa(n))
	}
	return Change{After: after, Events: []Event{event(Opened, params...)}}, nil
}

// approvers counts the different people who have approved opening a part.
func (p Procurement) approvers(part Part) int {
	different := map[uuid.UUID]bool{}
	for _, by := range p.Approvals[part] {
		different[by] = true
	}
	return len(different)
}

// PartsOpenedBy lists the parts whose envelopes an opening of part unwraps.
func (p Procurement) PartsOpenedBy(part Part) []Part { return p.opensTogether(part) }

// Ground is why a tender is rejected, with the paragraph.
type Ground string

// Grounds of rejection. The paragraph depends on the part of the regulation.
// GroundSupplier covers the other grounds of FOA § 24-2 and § 9-5, which differ
// between the parts; the person's reason names which.
const (
	GroundLate            Ground = "late"
	GroundQualification   Ground = "qualification"
	GroundSupplier        Ground = "supplier"
	GroundMaterial        Ground = "material-deviation"
	GroundNotBinding      Ground = "not-binding"
	GroundDeviation       Ground = "deviation"
	GroundAbnormallyLow   Ground = "abnormally-low"
	GroundOverBudget      Ground = "over-budget"
	GroundEnvironmentWork Ground = "environment-or-labour-law"
)

var groundParagraphs = map[Ground]struct{ partIII, partII string }{
	GroundLate:            {"FOA § 24-1 (1) a", "FOA § 9-4 (1) a"},
	GroundQualification:   {"FOA § 24-2 (1) a", "FOA § 9-5 (1) a"},
	GroundSupplier:        {"FOA § 24-2", "FOA § 9-5"},
	GroundMaterial:        {"FOA § 24-8 (1) b", "FOA § 9-6 (1) b"},
	GroundNotBinding:      {"FOA § 24-8 (1) a", "FOA § 9-6 (1) a"},
	GroundDeviation:       {"FOA § 24-8 (2) a", "FOA § 9-6 (2), cf. § 24-8 (2) a"},
	GroundAbnormallyLow:   {"FOA § 24-8 (2) b", "FOA § 9-6 (2), cf. § 24-8 (2) b"},
	GroundOverBudget:      {"FOA § 24-8 (2) d", "FOA § 9-6 (2), cf. § 24-8 (2) d"},
	GroundEnvironmentWork: {"FOA § 24-8 (2) c", "FOA § 9-6 (2), cf. § 24-8 (2) c"},
}

// Grounds lists every ground in a fixed order.
func Grounds() []Ground {
	return []Ground{GroundLate, GroundQualification, GroundSupplier, GroundMaterial, GroundNotBinding, GroundDeviation, GroundAbnormallyLow, GroundOverBudget, GroundEnvironmentWork}
}

// RejectionParagraph gives the paragraph for a ground under the procurement's
// part of the regulation, or an Invalid fault.
func (p Procurement) RejectionParagraph(g Ground) (string, error) {
	par, ok := groundParagraphs[g]
	if !ok {
		return "", invalid("rejection.ground", "ground")
	}
	return p.by(par.partIII, par.partII), nil
}

// reject rejects an opened tender. A failed absolute requirement is flagged by
// the system and never rejects by itself (KOFA 2025/0498: only material
// deviations must be rejected).
func (p Procurement) reject(c Reject) (Change, error) {
	if err := p.in(Evaluation); err != nil {
		return Change{}, err
	}
	paragraph, err := p.RejectionParagraph(c.Ground)
	if err != nil {
		return Change{}, err
	}
	if n := len([]rune(strings.TrimSpace(c.Reason))); n < 10 || n > 4000 {
		return Change{}, invalid("rejection.reason", "reason", fault.Params{"min": "10", "max": "4000"}).By(p.by("FOA § 24-10 (3)", "FOA § 9-7 (3)"))
	}
	after := p
	after.Tenders.Rejected++
	return Change{After: after, Events: []Event{event(Rejected, "ground", string(c.Ground), "paragraph", paragraph)}}, nil
}

// score judges whether points may be given now.
func (p Procurement) score(c Score) (Change, error) {
	if err := p.in(Evaluation); err != nil {
		return Change{}, err
	}
	switch {
	case !c.Impartial:
		return Change{}, refuse("evaluation.impartiality").By("FOA § 7-5")
	case !c.Rated:
		return Change{}, invalid("evaluation.not-rated", "requirement")
	case c.Rejected:
		return Change{}, refuse("evaluation.rejected-tender")
	case p.Plan.PriceAfterQuality && !p.State.PriceOpenedAt.IsZero() && c.Part == Quality:
		return Change{}, refuse("evaluation.quality-locked")
	}
	return Change{After: p}, nil
}
