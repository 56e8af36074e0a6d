// Package notice makes the competition notice of a joint procurement as a file
// that the lead buyer sends: subtype E3 of eForms as DFØ tailors it for
// procurements below the EEA thresholds, every value keyed by its eForms field
// id, with what is missing named.
//
// The facts about fields come from DFØ's eforms-sdk-nor (national-e rules and
// the page on procurements beneath threshold, CC BY 4.0) and from the
// Publications Office's eForms SDK (fields that subtype E3 makes mandatory,
// CC BY 4.0), both as of August 2026. The file is no proof of validity: neither
// the XML schema nor the schematron rules are run here.
package notice

import (
	"crypto/sha256"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

// Buyer is an organisation that the notice names as a contracting party.
type Buyer struct {
	ID    uuid.UUID
	Name  string
	OrgNr string
	// LegalType is eForms' buyer-legal-type; empty means "la", local authority.
	LegalType  string
	Street     string
	PostalCode string
	City       string
	// NUTS is the level 3 code of the address.
	NUTS    string
	Email   string
	Phone   string
	Website string
}

// Field is one value of the notice.
type Field struct {
	// ID is the eForms field id, for example "BT-262-Lot".
	ID string `json:"id"`
	// Name is the catalogue's key of the field's name.
	Name string `json:"name"`
	// Lot is the lot's identifier in the notice ("LOT-0001"), empty for what
	// holds for the whole procedure.
	Lot string `json:"lot,omitempty"`
	// Organisation is the technical identifier ("ORG-0001") of the
	// organisation that the value is about, empty for none.
	Organisation string `json:"organisation,omitempty"`
	// Group numbers values that belong together, as the type and weight of one
	// award criterion do; zero for none.
	Group int    `json:"group,omitempty"`
	Value string `json:"value"`
	// Unit is the currency of an amount or the unit of a measure.
	Unit string `json:"unit,omitempty"`
	// Source says where the value comes from: "plan.…" a JSON path of the plan,
	// "requirements", "review", "buyer", "state", "fixed" for what an E3 notice
	// of municipalities always says.
	Source string `json:"source"`
}

// Missing is a field that is required and has no value.
type Missing struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Lot          string `json:"lot,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	// Rule is where the requirement comes from.
	Rule string `json:"rule"`
	// Fill says who fills it: "plan", "buyer", "sender" for what only the one
	// who sends knows, or "form" where E3 is not the form to use.
	Fill string `json:"fill"`
}

// Notice is the whole notice as values.
type Notice struct {
	Fields  []Field   `json:"fields"`
	Missing []Missing `json:"missing"`
	// Broken lists DFØ's rules about values that the notice breaks.
	Broken []Broken `json:"broken"`

	title string
	lots  []string
}

// Broken is a rule that a value breaks.
type Broken struct {
	Rule  string `json:"rule"`
	Field string `json:"field"`
	Lot   string `json:"lot,omitempty"`
	// Why is the catalogue's key of the explanation.
	Why string `json:"why"`
}

// Build makes the notice of a procurement as it stands: participants are those
// that the notice names beside the lead buyer, in the order to be shown; review
// is the dry run for the day of dispatch. It never fails: what is not known is
// in Missing. The same input gives the same notice, also its identifiers, so
// that a file made again is the same notice.
func Build(p procurement.Procurement, participants []Buyer, lead Buyer, review procurement.Review, set requirement.Set) Notice {
	b := &builder{p: p, review: review, set: set, n: Notice{Fields: []Field{}, Missing: []Missing{}, Broken: []Broken{}, title: p.Plan.Title}}
	b.general()
	b.organisations(participants, lead)
	b.procedure()
	for _, lot := range p.Plan.Lots {
		b.lot(lot)
	}
	b.missing()
	b.n.Broken = broken(b.n)
	return b.n
}

// Complete reports whether nothing is missing that anyone but the sender fills,
// and no rule about values is broken.
func (n Notice) Complete() bool {
	for _, m := range n.Missing {
		if m.Fill != fillSender {
			return false
		}
	}
	return len(n.Broken) == 0
}

// values lists the values of a field in a lot and organisation; "" matches what
// holds for the whole.
func (n Notice) values(id, lot, org string) []string {
	var all []string
	for _, f := range n.Fields {
		if f.ID == id && f.Lot == lot && f.Organisation == org {
			all = append(all, f.Value)
		}
	}
	return all
}

func (n Notice) value(id, lot, org string) string {
	if all := n.values(id, lot, org); len(all) > 0 {
		return all[0]
	}
	return ""
}

// buyers lists the contracting parties, the lead buyer first.
func (n Notice) buyers() []string { return n.values("OPT-300-Procedure-Buyer", "", "") }

// identifier makes a random-looking UUID of version 4, as notices need, that is
// always the same for a procurement.
func identifier(id uuid.UUID, what string) string {
	sum := sha256.Sum256(append(id[:], what...))
	var u uuid.UUID
	copy(u[:], sum[:16])
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u.String()
}

// legalBasis is DFØ's controlled description of the part of the regulation. The
// E form knows no text for Part III: above the EEA thresholds another form is
// used.
func legalBasis(r rules.Regime) string {
	switch r {
	case rules.PartI:
		return "NOR — Anskaffelsesforskriften Del 1"
	case rules.PartII:
		return "NOR — Anskaffelsesforskriften Del 1 og 2"
	}
	return ""
}
