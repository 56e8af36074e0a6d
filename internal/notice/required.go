package notice

// Where a requirement comes from.
const (
	// sourceE3 is the eForms SDK: the field is mandatory in subtype E3.
	sourceE3 = "eForms SDK 1.16, E3"
	// sourceNational is DFØ's page on procurements beneath threshold: always
	// given in a Norwegian E3.
	sourceNational = "DFØ, E3"
)

// Who fills a missing field.
const (
	fillPlan   = "plan"
	fillBuyer  = "buyer"
	fillSender = "sender"
	fillForm   = "form"
)

// per says how often a field is required.
type per int

const (
	once per = iota
	eachLot
	eachOrganisation // every organisation in the notice
	eachBuyer        // every contracting party
)

// needed is a row of the table of required fields.
type needed struct {
	id   string
	rule string
	per  per
	fill string
	// when says whether the requirement applies; nil for always.
	when func(n Notice, lot string) bool
}

// required lists every field that DFØ's national rules, or subtype E3 of the
// eForms SDK on which they rest, require of a competition notice for a joint
// procurement in one stage. Fields that are required only in what this program
// does not do (two stages, change notices, prizes, eDelivery, touch points) are
// left out, and so is BT-1251-Lot: DFØ's page lists it as always given in E3, but
// it names a part of an earlier planning notice, and DFØ's own valid examples do
// without it.
var required = []needed{
	{"OPT-001-notice", sourceE3, once, fillPlan, nil},
	{"OPT-002-notice", "EFORMS-NOR-NATIONAL-CI-R001A", once, fillPlan, nil},
	{"OPP-070-notice", "EFORMS-NOR-NATIONAL-NT-R001B", once, fillPlan, nil},
	{"BT-701-notice", sourceE3, once, fillPlan, nil},
	{"BT-757-notice", sourceE3, once, fillPlan, nil},
	{"BT-04-notice", sourceE3, once, fillPlan, nil},
	{"BT-02-notice", sourceE3, once, fillPlan, nil},
	{"BT-03-notice", sourceE3, once, fillPlan, nil},
	{"BT-01-notice", sourceE3, once, fillPlan, nil},
	{"BT-01(c)-Procedure", "EFORMS-NOR-NATIONAL-LB-R010A", once, fillPlan, nil},
	{"BT-01(d)-Procedure", "EFORMS-NOR-NATIONAL-LB-R012B", once, fillForm, nil},
	{"BT-05(a)-notice", "EFORMS-NOR-NATIONAL-DV-R001B", once, fillSender, nil},
	{"BT-05(b)-notice", sourceE3, once, fillSender, nil},
	{"BT-702(a)-notice", "EFORMS-NOR-NATIONAL-LG-R001B", once, fillPlan, nil},

	{"OPT-200-Organization-Company", sourceE3, eachOrganisation, fillBuyer, nil},
	{"BT-500-Organization-Company", sourceE3, eachOrganisation, fillBuyer, nil},
	{"BT-514-Organization-Company", sourceE3, eachOrganisation, fillBuyer, nil},
	{"OPT-300-Procedure-Buyer", sourceE3, once, fillBuyer, nil},
	{"BT-11-Procedure-Buyer", "EFORMS-NOR-NATIONAL-LT-R001B", eachBuyer, fillBuyer, nil},
	{"OPP-050-Organization", sourceE3, eachBuyer, fillBuyer, func(n Notice, _ string) bool { return len(n.buyers()) > 1 }},

	{"BT-21-Procedure", sourceE3, once, fillPlan, nil},
	{"BT-24-Procedure", sourceE3, once, fillPlan, nil},
	{"BT-23-Procedure", sourceE3, once, fillPlan, nil},
	{"BT-26(m)-Procedure", sourceE3, once, fillPlan, nil},
	{"BT-262-Procedure", sourceE3, once, fillPlan, nil},
	{"BT-5071-Procedure", sourceE3, once, fillPlan, nil},
	{"BT-5141-Procedure", sourceE3, once, fillPlan, nil},
	{"BT-105-Procedure", "DFØ, procedure-type-e3", once, fillPlan, nil},
	{"BT-806-Procedure", sourceE3, once, fillPlan, nil},
	{"BT-27-Procedure", "EFORMS-NOR-NATIONAL-VA-R001C", once, fillPlan, nil},
	{"BT-271-Procedure", "EFORMS-NOR-NATIONAL-VA-R001E", once, fillPlan, func(n Notice, _ string) bool { return isFramework(n) }},

	{"BT-137-Lot", sourceE3, eachLot, fillPlan, nil},
	{"BT-21-Lot", sourceE3, eachLot, fillPlan, nil},
	{"BT-24-Lot", sourceE3, eachLot, fillPlan, nil},
	{"BT-23-Lot", sourceE3, eachLot, fillPlan, nil},
	{"BT-26(m)-Lot", sourceE3, eachLot, fillPlan, nil},
	{"BT-262-Lot", sourceE3, eachLot, fillPlan, nil},
	{"BT-5071-Lot", sourceE3, eachLot, fillPlan, nil},
	{"BT-5141-Lot", sourceE3, eachLot, fillPlan, nil},
	{"BT-27-Lot", "EFORMS-NOR-NATIONAL-VA-R001C", eachLot, fillPlan, nil},
	{"BT-271-Lot", "EFORMS-NOR-NATIONAL-VA-R001E", eachLot, fillPlan, inFramework},
	{"BT-765-Lot", sourceNational, eachLot, fillPlan, nil},
	{"BT-17-Lot", sourceNational, eachLot, fillPlan, nil},
	{"BT-18-Lot", sourceE3, eachLot, fillPlan, nil},
	{"BT-14-Lot", sourceNational, eachLot, fillPlan, nil},
	{"BT-15-Lot", sourceE3, eachLot, fillPlan, nil},
	{"OPT-140-Lot", sourceE3, eachLot, fillPlan, nil},
	{"BT-131(d)-Lot", sourceE3, eachLot, fillPlan, nil},
	{"BT-131(t)-Lot", sourceE3, eachLot, fillPlan, nil},
	{"BT-13(t)-Lot", sourceE3, eachLot, fillPlan, has("BT-13(d)-Lot")},
	{"BT-821-Lot", sourceE3, eachLot, fillPlan, nil},
	{"BT-539-Lot", "EFORMS-NOR-NATIONAL-EC-R001C", eachLot, fillPlan, nil},
	{"BT-540-Lot", sourceE3, eachLot, fillPlan, has("BT-539-Lot")},
	{"BT-5421-Lot", sourceE3, eachLot, fillPlan, has("BT-541-Lot-WeightNumber")},
	{"BT-06-Lot", "EFORMS-NOR-NATIONAL-SP-R004", eachLot, fillPlan, carriesEnvironment},
	{"BT-777-Lot", sourceE3, eachLot, fillPlan, func(n Notice, lot string) bool {
		v := n.value("BT-06-Lot", lot, "")
		return v != "" && v != "none"
	}},
}

func has(id string) func(Notice, string) bool {
	return func(n Notice, lot string) bool { return n.value(id, lot, "") != "" }
}

func isFramework(n Notice) bool {
	for _, lot := range n.lots {
		if inFramework(n, lot) {
			return true
		}
	}
	return false
}

func inFramework(n Notice, lot string) bool {
	v := n.value("BT-765-Lot", lot, "")
	return v != "" && v != noFramework
}

// Requirement is a row of the table of required fields, for pages and tests.
type Requirement struct {
	Field string `json:"field"`
	Rule  string `json:"rule"`
	Fill  string `json:"fill"`
}

// Requirements lists every field that a notice may have to have, with the rule
// that requires it and who fills it where it is missing.
func Requirements() []Requirement {
	all := make([]Requirement, len(required))
	for i, r := range required {
		all[i] = Requirement{Field: r.id, Rule: r.rule, Fill: r.fill}
	}
	return all
}
