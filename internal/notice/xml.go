package notice

import (
	"slices"
	"strings"
)

// remark stands at the top of the file, so that nobody takes it for a validated
// notice.
const remark = `
  Competition notice shaped as eForms subtype E3 (UBL ContractNotice).
  Made from the plan; neither the XML schema nor the schematron rules of the
  eForms SDK or of DFØ were run on it. Time of dispatch is set by the sender.
  Validate it with DFØ's validation service before it is sent.
`

const (
	norwegian = "NOR"
	language  = "languageID"
)

// XML writes the notice in the shape of UBL's ContractNotice, in UTF-8. It is
// well formed; whether it is valid is not judged here. Required fields that are
// missing are absent.
func (n Notice) XML() []byte {
	w := writer{n}
	root := el("ContractNotice",
		w.extensions(),
		leaf("cbc:UBLVersionID", n.value("OPT-001-notice", "", "")),
		leaf("cbc:CustomizationID", n.value("OPT-002-notice", "", "")),
		leaf("cbc:ID", n.value("BT-701-notice", "", ""), "schemeName", "notice-id"),
		leaf("cbc:ContractFolderID", n.value("BT-04-notice", "", "")),
		leaf("cbc:IssueDate", n.value("BT-05(a)-notice", "", "")),
		leaf("cbc:IssueTime", n.value("BT-05(b)-notice", "", "")),
		leaf("cbc:VersionID", n.value("BT-757-notice", "", "")),
		leaf("cbc:RegulatoryDomain", n.value("BT-01-notice", "", "")),
		leaf("cbc:NoticeTypeCode", n.value("BT-02-notice", "", ""), "listName", n.value("BT-03-notice", "", "")),
		leaf("cbc:NoticeLanguageCode", n.value("BT-702(a)-notice", "", "")),
	)
	for _, org := range n.buyers() {
		root.kids = append(root.kids, w.contractingParty(org))
	}
	root.kids = append(root.kids, w.terms(), w.process(), w.project())
	for _, lot := range n.lots {
		root.kids = append(root.kids, w.lot(lot))
	}
	root.kids = slices.DeleteFunc(root.kids, func(e *element) bool { return e == nil })
	root.attrs = []string{
		"xmlns", "urn:oasis:names:specification:ubl:schema:xsd:ContractNotice-2",
		"xmlns:cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
		"xmlns:cbc", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
		"xmlns:ext", "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
		"xmlns:efac", "http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1",
		"xmlns:efbc", "http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1",
		"xmlns:efext", "http://data.europa.eu/p27/eforms-ubl-extensions/1",
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<!--" + remark + "-->\n")
	root.write(&b, "")
	return []byte(b.String())
}

type writer struct{ n Notice }

// extension wraps what eForms adds to UBL.
func extension(kids ...*element) *element {
	return el("ext:UBLExtensions", el("ext:UBLExtension", el("ext:ExtensionContent", el("efext:EformsExtension", kids...))))
}

func (w writer) extensions() *element {
	var orgs []*element
	for _, org := range w.n.organisations() {
		orgs = append(orgs, w.organisation(org))
	}
	return extension(
		el("efac:NoticeSubType", leaf("cbc:SubTypeCode", w.n.value("OPP-070-notice", "", ""), "listName", "notice-subtype")),
		el("efac:Organizations", orgs...),
	)
}

func (w writer) organisation(org string) *element {
	v := func(id string) string { return w.n.value(id, "", org) }
	company := func(id string) string { return v(id + "-Organization-Company") }
	return el("efac:Organization",
		leaf("efbc:GroupLeadIndicator", v("OPP-050-Organization")),
		el("efac:Company",
			leaf("cbc:WebsiteURI", company("BT-505")),
			el("cac:PartyIdentification", leaf("cbc:ID", company("OPT-200"), "schemeName", "organization")),
			el("cac:PartyName", leaf("cbc:Name", company("BT-500"), language, norwegian)),
			el("cac:PostalAddress",
				leaf("cbc:StreetName", company("BT-510(a)")),
				leaf("cbc:CityName", company("BT-513")),
				leaf("cbc:PostalZone", company("BT-512")),
				leaf("cbc:CountrySubentityCode", company("BT-507"), "listName", "nuts-lvl3"),
				el("cac:Country", leaf("cbc:IdentificationCode", company("BT-514"), "listName", "country"))),
			el("cac:PartyLegalEntity", leaf("cbc:CompanyID", company("BT-501"))),
			el("cac:Contact",
				leaf("cbc:Name", company("BT-502")),
				leaf("cbc:Telephone", company("BT-503")),
				leaf("cbc:ElectronicMail", company("BT-506")))))
}

// party refers to an organisation of the notice.
func party(name, org string) *element {
	return el(name, el("cac:PartyIdentification", leaf("cbc:ID", org, "schemeName", "organization")))
}

func (w writer) contractingParty(org string) *element {
	return el("cac:ContractingParty",
		leaf("cbc:BuyerProfileURI", w.n.value("BT-505-Organization-Company", "", org)),
		el("cac:ContractingPartyType", leaf("cbc:PartyTypeCode", w.n.value("BT-11-Procedure-Buyer", "", org), "listName", "buyer-legal-type")),
		el("cac:ContractingActivity", leaf("cbc:ActivityTypeCode", w.n.value("BT-10-Procedure-Buyer", "", org), "listName", "authority-activity")),
		party("cac:Party", org))
}

func (w writer) terms() *element {
	return el("cac:TenderingTerms",
		el("cac:ProcurementLegislationDocumentReference",
			leaf("cbc:ID", w.n.value("BT-01(c)-Procedure", "", ""), "schemeName", "ELI"),
			leaf("cbc:DocumentDescription", w.n.value("BT-01(d)-Procedure", "", ""), language, norwegian)),
		source("exclusion-grounds-source", w.n.value("BT-806-Procedure", "", "")))
}

// source tells where requirements to tenderers stand.
func source(list, code string) *element {
	return el("cac:TendererQualificationRequest",
		el("cac:SpecificTendererRequirement", leaf("cbc:TendererRequirementTypeCode", code, "listName", list)))
}

func (w writer) process() *element {
	return el("cac:TenderingProcess",
		leaf("cbc:ProcedureCode", w.n.value("BT-105-Procedure", "", ""), "listName", "procurement-procedure-type"),
		el("cac:ProcessJustification", leaf("cbc:ProcessReasonCode", w.n.value("BT-106-Procedure", "", ""), "listName", "accelerated-procedure")))
}

func (w writer) project() *element {
	v := func(id string) string { return w.n.value(id+"-Procedure", "", "") }
	kids := []*element{
		leaf("cbc:ID", v("BT-22"), "schemeName", "InternalID"),
		leaf("cbc:Name", v("BT-21"), language, norwegian),
		leaf("cbc:Description", v("BT-24"), language, norwegian),
		leaf("cbc:ProcurementTypeCode", v("BT-23"), "listName", "contract-nature"),
		w.total("-Procedure", ""),
		el("cac:MainCommodityClassification", leaf("cbc:ItemClassificationCode", v("BT-262"), "listName", v("BT-26(m)"))),
	}
	return el("cac:ProcurementProject", append(kids, w.places("-Procedure", "")...)...)
}

func (w writer) total(suffix, lot string) *element {
	return el("cac:RequestedTenderTotal",
		extension(leaf("efbc:FrameworkMaximumAmount", w.n.value("BT-271"+suffix, lot, ""), "currencyID", currency)),
		leaf("cbc:EstimatedOverallContractAmount", w.n.value("BT-27"+suffix, lot, ""), "currencyID", currency))
}

func (w writer) places(suffix, lot string) []*element {
	var all []*element
	for _, code := range w.n.values("BT-5071"+suffix, lot, "") {
		all = append(all, el("cac:RealizedLocation", el("cac:Address",
			leaf("cbc:CountrySubentityCode", code, "listName", "nuts-lvl3"),
			el("cac:Country", leaf("cbc:IdentificationCode", country, "listName", "country")))))
	}
	return all
}

// organisations lists the technical identifiers in order.
func (n Notice) organisations() []string {
	var all []string
	for _, f := range n.Fields {
		if f.ID == "OPT-200-Organization-Company" {
			all = append(all, f.Organisation)
		}
	}
	return all
}
