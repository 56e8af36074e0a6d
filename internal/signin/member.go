package signin

import (
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// choose picks the membership to act by. organisation is the id that the caller
// chose, "" for none. What an identity might act for besides is not told.
func choose(list []db.Membership, by claims, organisation string) (db.Membership, error) {
	var wanted uuid.UUID
	if organisation != "" {
		id, err := uuid.Parse(organisation)
		if err != nil {
			return db.Membership{}, fault.New(fault.Invalid, "sign-in.organisation-malformed").At("Fellesloft-Organisation")
		}
		wanted = id
	}
	var fits []db.Membership
	for _, m := range list {
		if m.OrgID != nil && (wanted == uuid.Nil || *m.OrgID == wanted) && named(m, by) {
			fits = append(fits, m)
		}
	}
	switch {
	case len(fits) == 1:
		return fits[0], nil
	case len(fits) > 1:
		return db.Membership{}, fault.New(fault.Denied, "sign-in.organisation-not-chosen")
	}
	return db.Membership{}, fault.New(fault.Denied, "sign-in.not-a-member")
}

// named reports whether a membership is of the organisation that the token
// names. A supplier system's is the customer's, and holds for the maker that the
// customer named and no other.
func named(m db.Membership, by claims) bool {
	if by.systemUser != nil {
		return is(m.OrgNr, by.systemUser.Organisation.String()) && is(m.Vendor, by.consumer.String())
	}
	return m.Vendor == nil && (by.consumer == "" || is(m.OrgNr, by.consumer.String()))
}

func is(value *string, wanted string) bool { return value != nil && *value == wanted }

func actorOf(m db.Membership, by claims) actor.Actor {
	a := identityOf(m, by)
	a.Org = *m.OrgID
	for _, r := range m.Roles {
		a.Roles = append(a.Roles, actor.Role(r))
	}
	return a
}

func identityOf(m db.Membership, by claims) actor.Actor {
	return actor.Actor{
		Kind: actor.Kind(m.Kind), ID: m.IdentityID, Name: m.Name,
		Issuer: by.issuer, Subject: by.subject, Scoped: true, Scopes: by.scopes,
	}
}
