package notice

func (w writer) lot(lot string) *element {
	return el("cac:ProcurementProjectLot",
		leaf("cbc:ID", lot, "schemeName", "Lot"),
		w.lotTerms(lot), w.lotProcess(lot), w.lotProject(lot))
}

func (w writer) lotTerms(lot string) *element {
	v := func(id string) string { return w.n.value(id, lot, "") }
	return el("cac:TenderingTerms",
		el("cac:CallForTendersDocumentReference",
			leaf("cbc:ID", v("OPT-140-Lot")),
			leaf("cbc:DocumentType", v("BT-14-Lot")),
			el("cac:Attachment", el("cac:ExternalReference", leaf("cbc:URI", v("BT-15-Lot"))))),
		source("selection-criteria-source", v("BT-821-Lot")),
		el("cac:ContractExecutionRequirement",
			leaf("cbc:ExecutionRequirementCode", v("OPT-060-Lot"), "listName", "conditions"),
			leaf("cbc:Description", v("BT-70-Lot"), language, norwegian)),
		el("cac:AwardingTerms", el("cac:AwardingCriterion", w.criteria(lot)...)),
		party("cac:AdditionalInformationParty", v("OPT-301-Lot-AddInfo")),
		el("cac:TenderRecipientParty", leaf("cbc:EndpointID", v("BT-18-Lot"))),
		el("cac:TenderValidityPeriod", leaf("cbc:DurationMeasure", v("BT-98-Lot"), "unitCode", "DAY")),
		el("cac:AppealTerms", party("cac:AppealReceiverParty", v("OPT-301-Lot-ReviewOrg"))),
		el("cac:Language", leaf("cbc:ID", v("BT-97-Lot"))))
}

func (w writer) criteria(lot string) []*element {
	var all []*element
	for _, f := range w.n.Fields {
		if f.ID != "BT-539-Lot" || f.Lot != lot {
			continue
		}
		v := func(id string) string {
			for _, g := range w.n.Fields {
				if g.ID == id && g.Lot == lot && g.Group == f.Group {
					return g.Value
				}
			}
			return ""
		}
		all = append(all, el("cac:SubordinateAwardingCriterion",
			extension(el("efac:AwardCriterionParameter",
				leaf("efbc:ParameterCode", v("BT-5421-Lot"), "listName", "number-weight"),
				leaf("efbc:ParameterNumeric", v("BT-541-Lot-WeightNumber")))),
			leaf("cbc:AwardingCriterionTypeCode", f.Value, "listName", "award-criterion-type"),
			leaf("cbc:Description", v("BT-540-Lot"), language, norwegian)))
	}
	return all
}

func (w writer) lotProcess(lot string) *element {
	v := func(id string) string { return w.n.value(id, lot, "") }
	return el("cac:TenderingProcess",
		leaf("cbc:SubmissionMethodCode", v("BT-17-Lot"), "listName", "esubmission"),
		el("cac:TenderSubmissionDeadlinePeriod", leaf("cbc:EndDate", v("BT-131(d)-Lot")), leaf("cbc:EndTime", v("BT-131(t)-Lot"))),
		el("cac:AdditionalInformationRequestPeriod", leaf("cbc:EndDate", v("BT-13(d)-Lot")), leaf("cbc:EndTime", v("BT-13(t)-Lot"))),
		el("cac:FrameworkAgreement",
			leaf("cbc:MaximumOperatorQuantity", v("BT-113-Lot")),
			leaf("cbc:Justification", v("BT-109-Lot"), language, norwegian)),
		el("cac:ContractingSystem", leaf("cbc:ContractingSystemTypeCode", v("BT-765-Lot"), "listName", "framework-agreement")),
		el("cac:ContractingSystem", leaf("cbc:ContractingSystemTypeCode", v("BT-766-Lot"), "listName", "dps-usage")))
}

func (w writer) lotProject(lot string) *element {
	v := func(id string) string { return w.n.value(id, lot, "") }
	kids := []*element{
		leaf("cbc:ID", lot, "schemeName", "InternalID"),
		leaf("cbc:Name", v("BT-21-Lot"), language, norwegian),
		leaf("cbc:Description", v("BT-24-Lot"), language, norwegian),
		leaf("cbc:ProcurementTypeCode", v("BT-23-Lot"), "listName", "contract-nature"),
		el("cac:ProcurementAdditionalType",
			leaf("cbc:ProcurementTypeCode", v("BT-06-Lot"), "listName", "strategic-procurement"),
			leaf("cbc:ProcurementType", v("BT-777-Lot"), language, norwegian)),
		w.total("-Lot", lot),
		el("cac:MainCommodityClassification", leaf("cbc:ItemClassificationCode", v("BT-262-Lot"), "listName", v("BT-26(m)-Lot"))),
	}
	kids = append(kids, w.places("-Lot", lot)...)
	kids = append(kids,
		el("cac:PlannedPeriod", leaf("cbc:StartDate", v("BT-536-Lot")), leaf("cbc:EndDate", v("BT-537-Lot"))),
		el("cac:ContractExtension",
			leaf("cbc:MaximumNumberNumeric", v("BT-58-Lot")),
			el("cac:Renewal", el("cac:Period", leaf("cbc:Description", v("BT-57-Lot"), language, norwegian)))))
	return el("cac:ProcurementProject", kids...)
}
