package notice

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

// Types of award criteria, with DFØ's own codes for the environment.
const (
	typePrice       = "price"
	typeQuality     = "quality"
	typeEnvironment = "quality-nor-env-criteria"
	typeSpecified   = "quality-nor-env-spec"
)

var exemptionTypes = map[rules.Exemption]string{
	rules.Insignificant:    "quality-nor-env-exempt-insignificant",
	rules.CriticalInterest: "quality-nor-env-exempt-critical-interest",
	rules.NationalMinimum:  "quality-nor-env-exempt-national-minimum",
}

func (b *builder) lot(l procurement.Lot) {
	plan := b.p.Plan
	lot := fmt.Sprintf("LOT-%04d", l.Number)
	b.n.lots = append(b.n.lots, lot)
	at := func(field string) string { return fmt.Sprintf("plan.lots[%d].%s", l.Number-1, field) }
	put := func(id, value, source string) { b.put(Field{ID: id, Lot: lot, Value: value, Source: source}) }
	fixed := func(id, value string) { put(id, value, "fixed") }

	put("BT-137-Lot", lot, at("number"))
	put("BT-21-Lot", l.Title, at("title"))
	if strings.TrimSpace(l.Description) != "" {
		put("BT-24-Lot", l.Description, at("description"))
	} else {
		put("BT-24-Lot", plan.Description, "plan.description")
	}
	put("BT-23-Lot", nature(plan.Contract), "plan.contract")
	fixed("BT-26(m)-Lot", "cpv")
	put("BT-262-Lot", cpv(l.CPV), at("cpv"))
	for i, code := range l.NUTS {
		b.put(Field{ID: "BT-5071-Lot", Lot: lot, Value: code, Group: i + 1, Source: at("nuts")})
		b.put(Field{ID: "BT-5141-Lot", Lot: lot, Value: country, Group: i + 1, Source: "fixed"})
	}
	b.amount("BT-27-Lot", lot, l.Estimated, fmt.Sprintf("lots[%d].estimated", l.Number-1))
	b.period(lot)
	b.framework(lot, l)
	b.submission(lot)
	b.criteria(lot, l)
	fixed("BT-821-Lot", inDocuments)
	if plan.Notice.PerformanceText != "" {
		fixed("OPT-060-Lot", "performance")
		put("BT-70-Lot", plan.Notice.PerformanceText, "plan.notice.performanceText")
	}
	put("OPT-301-Lot-AddInfo", b.orgs[0], "buyer")
	if len(b.orgs) > len(b.n.buyers()) {
		put("OPT-301-Lot-ReviewOrg", b.orgs[len(b.orgs)-1], "plan.notice.reviewBody")
	}
}

// period: the duration is the same for every lot, as DFØ's rules
// EFORMS-NOR-NATIONAL-DV-R004C and -R004D ask.
func (b *builder) period(lot string) {
	plan := b.p.Plan
	put := func(id, value, unit, path string) {
		b.put(Field{ID: id, Lot: lot, Value: value, Unit: unit, Source: "plan." + path})
	}
	if !plan.ContractStarts.IsZero() && !plan.ContractEnds.IsZero() {
		put("BT-536-Lot", date(plan.ContractStarts), "", "contractStarts")
		put("BT-537-Lot", date(plan.ContractEnds), "", "contractEnds")
	}
	if len(plan.Options) > 0 {
		texts := make([]string, len(plan.Options))
		for i, o := range plan.Options {
			texts[i] = o.Text
		}
		put("BT-58-Lot", strconv.Itoa(len(plan.Options)), "", "options")
		put("BT-57-Lot", strings.Join(texts, "; "), "", "options")
	}
	deadline := calendar.DateOf(plan.TenderDeadline)
	if !plan.TenderDeadline.IsZero() && plan.ValidUntil.After(deadline) {
		put("BT-98-Lot", strconv.Itoa(plan.ValidUntil.Sub(deadline)), "DAY", "validUntil")
	}
}

func (b *builder) framework(lot string, l procurement.Lot) {
	put := func(id, value, source string) { b.put(Field{ID: id, Lot: lot, Value: value, Source: source}) }
	put("BT-766-Lot", "none", "fixed")
	f := b.p.Plan.Framework
	if f == nil {
		put("BT-765-Lot", noFramework, "plan.framework")
		return
	}
	put("BT-765-Lot", oneSupplier, "plan.framework")
	if f.Suppliers > 0 {
		put("BT-113-Lot", strconv.Itoa(f.Suppliers), "plan.framework.suppliers")
	}
	put("BT-109-Lot", f.SpecialReason, "plan.framework.specialReason")
	b.amount("BT-271-Lot", lot, l.Maximum, fmt.Sprintf("lots[%d].maximum", l.Number-1))
}

func (b *builder) submission(lot string) {
	plan := b.p.Plan
	put := func(id, value, source string) { b.put(Field{ID: id, Lot: lot, Value: value, Source: source}) }
	put("BT-17-Lot", "required", "fixed")
	put("BT-18-Lot", plan.Notice.SubmissionURL, "plan.notice.submissionUrl")
	put("BT-14-Lot", "non-restricted-document", "fixed")
	put("BT-15-Lot", plan.Notice.DocumentsURL, "plan.notice.documentsUrl")
	id := plan.Reference
	if id == "" {
		id = lot
	}
	put("OPT-140-Lot", id, "plan.reference")
	put("BT-97-Lot", map[string]string{"nb": "NOB", "nn": "NNO"}[plan.Language], "plan.language")
	if !plan.TenderDeadline.IsZero() {
		put("BT-131(d)-Lot", date(calendar.DateOf(plan.TenderDeadline)), "plan.tenderDeadline")
		put("BT-131(t)-Lot", clock(plan.TenderDeadline), "plan.tenderDeadline")
	}
	if !plan.QuestionsBy.IsZero() {
		put("BT-13(d)-Lot", date(calendar.DateOf(plan.QuestionsBy)), "plan.questionsBy")
		put("BT-13(t)-Lot", clock(plan.QuestionsBy), "plan.questionsBy")
	}
}

// criteria: type, name and weight of each, and how the environment is taken
// care of where no criterion does it.
func (b *builder) criteria(lot string, l procurement.Lot) {
	group := 0
	add := func(typ, text, weight, source string) {
		group++
		put := func(id, value string) {
			b.put(Field{ID: id, Lot: lot, Group: group, Value: value, Source: source})
		}
		put("BT-539-Lot", typ)
		put("BT-540-Lot", text)
		if weight != "" {
			put("BT-541-Lot-WeightNumber", weight)
			put("BT-5421-Lot", exactPercentage)
		}
	}
	for _, c := range b.set.Criteria {
		if !counts(b.set, c, l) {
			continue
		}
		typ := map[requirement.CriterionKind]string{requirement.PriceCriterion: typePrice, requirement.Environment: typeEnvironment}[c.Kind]
		if typ == "" {
			typ = typeQuality
		}
		add(typ, c.Name, c.Weight.String(), "requirements.criteria")
	}
	env := b.p.Plan.Environment
	if env.InSpecification {
		add(typeSpecified, env.Reason, "0", "plan.environment")
	}
	if typ := exemptionTypes[env.Exemption]; typ != "" {
		add(typ, env.Reason, "0", "plan.environment")
	}
	if carriesEnvironment(b.n, lot) {
		b.put(Field{ID: "BT-06-Lot", Lot: lot, Value: environmentAim, Source: "requirements.criteria"})
		b.put(Field{ID: "BT-777-Lot", Lot: lot, Value: environmentText[b.p.Plan.Language], Source: "requirements.criteria"})
	}
}

// environmentText says what the environment aim is; it stands in the notice
// itself, which is written in the language form of the documents.
var environmentText = map[string]string{
	"nb": "Mindre klima- og miljøbelastning",
	"nn": "Mindre klima- og miljøbelastning",
}

// counts reports whether anything is evaluated under the criterion in the lot.
func counts(set requirement.Set, c requirement.Criterion, l procurement.Lot) bool {
	for _, r := range set.Requirements {
		if r.Criterion == c.ID && r.IsRated() && r.ForLot(l.ID) {
			return true
		}
	}
	return false
}

// carriesEnvironment: at least 30 per cent, or requirements in the
// specification, make the environment one of the procurement's aims (DFØ's rule
// EFORMS-NOR-NATIONAL-SP-R004).
func carriesEnvironment(n Notice, lot string) bool {
	return environmentWeight(n, lot) >= environmentShare || len(groupsOf(n, lot, typeSpecified)) > 0
}
