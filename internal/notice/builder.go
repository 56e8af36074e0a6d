package notice

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

// sdk is the version of the eForms SDK that the customisation id names: the
// first one with E subtypes.
const sdk = "eforms-sdk-1.13"

// Codes of eForms code lists.
const (
	localAuthority  = "la"
	generalServices = "gen-pub"
	country         = "NOR"
	currency        = "NOK"
	noFramework     = "none"
	oneSupplier     = "fa-wo-rc" // without reopening competition
	inDocuments     = "epo-procurement-document"
	exactPercentage = "per-exa"
	environmentAim  = "env-imp"
)

type builder struct {
	p      procurement.Procurement
	review procurement.Review
	set    requirement.Set
	n      Notice
	orgs   []string
}

func nameKey(id string) string { return "notice." + id }

// put adds a value unless it is blank.
func (b *builder) put(f Field) {
	if f.Value = strings.TrimSpace(f.Value); f.Value == "" {
		return
	}
	f.Name = nameKey(f.ID)
	b.n.Fields = append(b.n.Fields, f)
}

func (b *builder) fixed(id, value string) { b.put(Field{ID: id, Value: value, Source: "fixed"}) }

func (b *builder) plan(id, value, path string) {
	b.put(Field{ID: id, Value: value, Source: "plan." + path})
}

func (b *builder) general() {
	b.fixed("OPT-001-notice", "2.3")
	b.fixed("OPT-002-notice", sdk+"#extended#urn:fdc:anskaffelser.no:2026:eforms:national-e")
	b.fixed("OPP-070-notice", "E3")
	b.put(Field{ID: "BT-701-notice", Value: identifier(b.p.ID, "notice"), Source: "state"})
	b.fixed("BT-757-notice", "01")
	b.put(Field{ID: "BT-04-notice", Value: identifier(b.p.ID, "procedure"), Source: "state"})
	b.fixed("BT-02-notice", "cn-standard")
	b.fixed("BT-03-notice", "competition")
	b.fixed("BT-01-notice", "other")
	b.fixed("BT-01(c)-Procedure", "https://lovdata.no/eli/forskrift/2016/8/12/974")
	b.put(Field{ID: "BT-01(d)-Procedure", Value: legalBasis(b.review.Regime), Source: "review"})
	if !b.review.Dispatch.IsZero() {
		b.put(Field{ID: "BT-05(a)-notice", Value: date(b.review.Dispatch), Source: "review"})
	}
	// DFØ's list of notice languages has NOR, NOB and NNO; texts and the legal
	// basis are marked NOR, as in DFØ's examples.
	b.fixed("BT-702(a)-notice", country)
}

func (b *builder) organisations(participants []Buyer, lead Buyer) {
	buyers := []Buyer{lead}
	for _, p := range participants {
		if p.ID != lead.ID {
			buyers = append(buyers, p)
		}
	}
	for i, o := range buyers {
		org := b.organisation(o)
		b.put(Field{ID: "OPT-300-Procedure-Buyer", Value: org, Source: "buyer"})
		legal := o.LegalType
		if legal == "" {
			legal = localAuthority
		}
		b.put(Field{ID: "BT-11-Procedure-Buyer", Organisation: org, Value: legal, Source: "buyer"})
		b.put(Field{ID: "BT-10-Procedure-Buyer", Organisation: org, Value: generalServices, Source: "fixed"})
		if len(buyers) > 1 {
			b.put(Field{ID: "OPP-050-Organization", Organisation: org, Value: strconv.FormatBool(i == 0), Source: "buyer"})
		}
	}
	if name := strings.TrimSpace(b.p.Plan.Notice.ReviewBody); name != "" {
		b.organisation(Buyer{Name: name})
	}
}

// organisation writes an organisation and gives its technical identifier.
func (b *builder) organisation(o Buyer) string {
	org := fmt.Sprintf("ORG-%04d", len(b.orgs)+1)
	b.orgs = append(b.orgs, org)
	put := func(id, value string) { b.put(Field{ID: id, Organisation: org, Value: value, Source: "buyer"}) }
	put("OPT-200-Organization-Company", org)
	put("BT-500-Organization-Company", o.Name)
	put("BT-501-Organization-Company", o.OrgNr)
	put("BT-510(a)-Organization-Company", o.Street)
	put("BT-512-Organization-Company", o.PostalCode)
	put("BT-513-Organization-Company", o.City)
	put("BT-507-Organization-Company", o.NUTS)
	put("BT-514-Organization-Company", country)
	put("BT-505-Organization-Company", o.Website)
	email, contact := o.Email, ""
	if org == "ORG-0001" {
		contact = b.p.Plan.Notice.ContactName
		if b.p.Plan.Notice.ContactEmail != "" {
			email = b.p.Plan.Notice.ContactEmail
		}
	}
	put("BT-502-Organization-Company", contact)
	put("BT-503-Organization-Company", o.Phone)
	put("BT-506-Organization-Company", email)
	return org
}

func (b *builder) procedure() {
	plan := b.p.Plan
	b.plan("BT-22-Procedure", plan.Reference, "reference")
	b.plan("BT-21-Procedure", plan.Title, "title")
	b.plan("BT-24-Procedure", plan.Description, "description")
	b.plan("BT-23-Procedure", nature(plan.Contract), "contract")
	b.fixed("BT-26(m)-Procedure", "cpv")
	b.plan("BT-262-Procedure", cpv(plan.CPV), "cpv")
	for i, code := range plan.NUTS {
		b.put(Field{ID: "BT-5071-Procedure", Value: code, Group: i + 1, Source: "plan.nuts"})
		b.put(Field{ID: "BT-5141-Procedure", Value: country, Group: i + 1, Source: "fixed"})
	}
	b.plan("BT-105-Procedure", procedureCode(plan.Procedure), "procedure")
	b.fixed("BT-106-Procedure", "false")
	b.fixed("BT-806-Procedure", inDocuments)
	b.amount("BT-27-Procedure", "", plan.Estimated(), "lots.estimated")
	if plan.Framework != nil {
		b.amount("BT-271-Procedure", "", plan.Maximum(), "lots.maximum")
	}
}

func (b *builder) amount(id, lot string, n money.NOK, path string) {
	if n == 0 {
		return
	}
	b.put(Field{ID: id, Lot: lot, Value: n.String(), Unit: currency, Source: "plan." + path})
}

// date writes a day as eForms does, with Norway's offset on that day.
func date(d calendar.Date) string { return d.StartOfDay().Format("2006-01-02Z07:00") }

// clock writes a time of day with Norway's offset at that instant.
func clock(t time.Time) string { return t.In(calendar.Oslo).Format("15:04:05Z07:00") }

// cpv is the code without its check digit.
func cpv(code string) string {
	main, _, _ := strings.Cut(code, "-")
	return main
}

func nature(k rules.ContractKind) string {
	switch k {
	case rules.Goods:
		return "supplies"
	case rules.WorksContract:
		return "works"
	case rules.Services, rules.SpecialServices, rules.HealthSocialServices:
		return "services"
	}
	return ""
}

// procedureCode is eForms' code. Part II has no code of its own there: its open
// procedure is written as open.
func procedureCode(p rules.Procedure) string {
	switch p {
	case rules.OpenNational:
		return string(rules.OpenProcedure)
	case rules.RestrictedNational:
		return string(rules.Restricted)
	}
	return string(p)
}
