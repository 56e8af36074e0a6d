package seed

import (
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/party"
)

// System is a system that can sign in to a development database with an access
// token.
type System struct {
	ID       uuid.UUID
	Label    string
	Customer party.Municipality
	// SystemUser and Vendor are those of a supplier system that acts for the
	// customer; a municipality's own system has neither.
	SystemUser uuid.UUID
	Vendor     party.OrgNumber
	Roles      []actor.Role
}

// demoVendor has the form of an organisation number and belongs to nobody in the
// register of municipalities.
const demoVendor party.OrgNumber = "999999999"

// Systems lists the demonstration's systems: the lead buyer's own one, and a
// supplier's that acts for a participant.
func Systems() []System {
	customer := Participants()[1]
	return []System{
		{ID: idOf("system", "own"), Label: "Fagsystem (demo) " + Lead().Name, Customer: Lead(), Roles: []actor.Role{actor.ProcurementLead}},
		{ID: idOf("system", "vendor"), Label: "Leverandørsystem (demo) " + customer.Name, Customer: customer, SystemUser: idOf("system-user", "vendor"), Vendor: demoVendor,
			Roles: []actor.Role{actor.ContractOwner}},
	}
}

// Subject is what the system is known by at the issuer of its tokens.
func (s System) Subject() string {
	if s.SystemUser != uuid.Nil {
		return "systemuser:" + s.SystemUser.String()
	}
	return s.Customer.OrgNumber.ActorID()
}
