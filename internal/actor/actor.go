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

// Actor is one who acts. ID is opaque; Name is shown to people and is never
// stored outside audit_names, so that it can be erased.
type Actor struct {
	Kind  Kind
	ID    uuid.UUID
	Name  string
	Org   uuid.UUID // organisation acted for; uuid.Nil for the public and the engine
	Roles []Role
	// Issuer and Subject are the sign-in, the key of an identity; empty for the
	// public and the engine.
	Issuer, Subject string
	// Scoped is true for one who signed in with an access token, which may be
	// used only for what Scopes name, without the deployment's prefix
	// (anbud.read). A person with a session is not scoped.
	Scoped bool
	Scopes []string
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
