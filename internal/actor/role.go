package actor

import "slices"

// Role is what an organisation lets one of its members do. Roles in one case
// (opener, evaluator) are given per procurement and stand beside these.
type Role string

// The roles of an organisation's members.
const (
	Admin           Role = "admin"               // manages the organisation's own members and systems
	ProcurementLead Role = "procurement_lead"    // creates and leads procurements
	MandateGiver    Role = "mandate_giver"       // records the municipality's mandate
	ContractOwner   Role = "contract_owner"      // records contracts and call-offs
	CaseWorker      Role = "case_worker"         // may be named author, opener or evaluator in a case
	SupplierAuthor  Role = "supplier_author"     // writes drafts and asks questions
	SupplierReader  Role = "supplier_reviewer"   // reads the own tender before it is submitted
	Signatory       Role = "signatory"           // submits and withdraws tenders
	Assessor        Role = "assessor"            // assesses applications for certification
	DecisionMaker   Role = "decision_maker"      // decides on certificates; never in a case that they assessed
	SchemeOwner     Role = "scheme_owner"        // owns a certification scheme
	ProgrammeOwner  Role = "programme_owner"     // owns a roll-out programme
	ChecklistOwner  Role = "checklist_owner"     // owns the municipality's own checklist
	Coordinator     Role = "network_coordinator" // follows the municipalities of a digital network
	KSReader        Role = "ks_reader"           // reads progress, decides nothing
	Auditor         Role = "auditor"             // searches the audit log
)

// Roles lists every role, for validation and tests.
func Roles() []Role {
	return []Role{Admin, ProcurementLead, MandateGiver, ContractOwner, CaseWorker, SupplierAuthor, SupplierReader, Signatory,
		Assessor, DecisionMaker, SchemeOwner, ProgrammeOwner, ChecklistOwner, Coordinator, KSReader, Auditor}
}

// RolesOf lists the roles that fit a kind of organisation: a supplier never gives
// a mandate, and a municipality never signs a tender. The database holds every
// membership to the same list (roles_for).
func RolesOf(kind string) []Role {
	common := []Role{Admin, Auditor}
	buyer := []Role{ProcurementLead, MandateGiver, ContractOwner, CaseWorker}
	certifier := []Role{Assessor, DecisionMaker, SchemeOwner}
	switch kind {
	case "supplier":
		return append(common, SupplierAuthor, SupplierReader, Signatory)
	case "municipality", "county_municipality":
		return slices.Concat(common, buyer, []Role{ChecklistOwner})
	case "joint_body":
		return slices.Concat(common, buyer, certifier, []Role{ProgrammeOwner, Coordinator})
	case "association":
		return slices.Concat(common, buyer, certifier, []Role{ProgrammeOwner, Coordinator, KSReader})
	case "authority":
		return slices.Concat(common, buyer, certifier, []Role{ProgrammeOwner})
	}
	return nil
}
