// Package actor says who acts, and for which organisation. An actor is carried
// on the context from the edge (a request, an activity) to the transaction,
// where it sets the database's organisation and stands in the audit log.
package actor

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Kind tells people, machine clients, the program itself and the public apart.
type Kind string

// The kinds of actor.
const (
	Person    Kind = "person"    // a signed-in human being
	System    Kind = "system"    // an organisation's own system, with its own token
	Engine    Kind = "engine"    // the worker, acting by time or carrying out a command
	Anonymous Kind = "anonymous" // the public
)

// Role is what an organisation lets one of its members do. Roles in one case
// (opener, evaluator) are given per procurement and stand beside these.
type Role string

// The roles of an organisation's members.
const (
	Admin           Role = "admin"            // manages the organisation's own members
	ProcurementLead Role = "procurement_lead" // creates and leads procurements
	MandateGiver    Role = "mandate_giver"    // records the municipality's mandate
	ContractOwner   Role = "contract_owner"   // records contracts and call-offs
	CaseWorker      Role = "case_worker"      // may be named opener or evaluator in a case
	SupplierAuthor  Role = "supplier_author"  // writes drafts and asks questions
	Signatory       Role = "signatory"        // submits and withdraws tenders
	KSReader        Role = "ks_reader"        // reads progress, decides nothing
	Auditor         Role = "auditor"          // searches the audit log
)

// Roles lists every role, for validation and tests.
func Roles() []Role {
	return []Role{Admin, ProcurementLead, MandateGiver, ContractOwner, CaseWorker, SupplierAuthor, Signatory, KSReader, Auditor}
}

// Actor is one who acts. ID is opaque; Name is shown to people and is never
// stored outside audit_names, so that it can be erased.
type Actor struct {
	Kind  Kind
	ID    uuid.UUID
	Name  string
	Org   uuid.UUID // organisation acted for; uuid.Nil for the public and the engine
	Roles []Role
	// Request is the id of the HTTP request or activity, for the audit entry.
	Request string
}

// Has reports whether the actor holds one of the roles.
func (a Actor) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(a.Roles, r) })
}

// Nobody is the public: no organisation, no roles.
var Nobody = Actor{Kind: Anonymous}

// Named system actors. Their ids are fixed so that an audit entry can be read
// without a look-up.
var (
	// Clock decides what a date alone decides: mandate deadline, closing, end
	// of standstill.
	Clock = Actor{Kind: Engine, ID: uuid.MustParse("00000000-0000-4000-8000-00000000c10c"), Name: "Fellesløft clock"}
	// Steward carries out repairs: reconcile, key checks.
	Steward = Actor{Kind: Engine, ID: uuid.MustParse("00000000-0000-4000-8000-000000057e0d"), Name: "Fellesløft steward"}
	// Opener unwraps sealed tenders after two approvals.
	Opener = Actor{Kind: Engine, ID: uuid.MustParse("00000000-0000-4000-8000-0000000009e4"), Name: "Fellesløft opener"}
)

type key struct{}

// With puts the actor on the context.
func With(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, key{}, a) }

// From gives the actor of the context, or an Unauthenticated fault where none
// was put there: a missing actor must never act as the public by accident.
func From(ctx context.Context) (Actor, error) {
	a, ok := ctx.Value(key{}).(Actor)
	if !ok {
		return Actor{}, fault.New(fault.Unauthenticated, "actor.missing")
	}
	return a, nil
}
