// Package signin tells who sends a request: a bearer token of a listed issuer is
// verified, its subject looked up, and the organisation chosen that the request
// acts for.
//
// A national identity number that a token may carry (pid) is never read, so it
// can be neither stored nor logged: the key of a person is issuer and subject.
package signin

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Directory tells what a subject may act for.
type Directory interface {
	// MembershipsOf lists the organisations of a subject; empty for one that is
	// not known, and one entry without an organisation for one that represents
	// nobody.
	MembershipsOf(ctx context.Context, issuer, subject string) ([]db.Membership, error)
}

// Config is what a Service needs.
type Config struct {
	Issuers []Issuer
	// Audience must stand in every token; empty asks for none, which is right
	// only where the issuers' tokens carry none.
	Audience  string
	Directory Directory
	// Now is the clock that tokens are judged by.
	Now func() time.Time
}

// Service verifies tokens. It is safe for use by many goroutines.
type Service struct {
	issuers map[string]*issuer
	members *members
}

// New makes a Service. Issuers' metadata and keys are fetched when they are
// first needed, so the program starts while an issuer is away. It returns
// invalid (sign-in.no-issuer, sign-in.issuer-address).
func New(c Config) (*Service, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if len(c.Issuers) == 0 {
		return nil, fault.New(fault.Invalid, "sign-in.no-issuer")
	}
	s := &Service{issuers: map[string]*issuer{}, members: newMembers(c.Directory, c.Now)}
	for _, i := range c.Issuers {
		if err := i.check(); err != nil {
			return nil, err
		}
		s.issuers[i.URL] = newIssuer(i, c.Audience, c.Now)
	}
	return s, nil
}

// Authenticate gives the actor of a token. organisation is the id that the
// caller chose, "" for none; the token's own consumer claim comes before it.
//
// It returns unauthenticated (sign-in.token) for a token that does not hold,
// denied (sign-in.not-a-member, sign-in.organisation-not-chosen) where the
// organisation cannot be told, and unavailable (sign-in.issuer-unreachable).
func (s *Service) Authenticate(ctx context.Context, token, organisation string) (actor.Actor, error) {
	claims, err := s.verify(ctx, token)
	if err != nil {
		return actor.Actor{}, err
	}
	list, err := s.members.of(ctx, claims.issuer, claims.subject)
	if err != nil {
		return actor.Actor{}, err
	}
	m, err := choose(list, claims.consumer, organisation)
	if err != nil {
		return actor.Actor{}, err
	}
	return actorOf(m), nil
}

// choose picks the membership to act by. What an identity might act for besides
// is not told.
func choose(list []db.Membership, consumer, organisation string) (db.Membership, error) {
	var own []db.Membership
	for _, m := range list {
		if m.OrgID != nil {
			own = append(own, m)
		}
	}
	var wanted uuid.UUID
	if organisation != "" {
		id, err := uuid.Parse(organisation)
		if err != nil {
			return db.Membership{}, fault.New(fault.Invalid, "sign-in.organisation-malformed").At("Fellesloft-Organisation")
		}
		wanted = id
	}
	var fits []db.Membership
	for _, m := range own {
		if (consumer == "" || (m.OrgNr != nil && *m.OrgNr == consumer)) && (wanted == uuid.Nil || *m.OrgID == wanted) {
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

func actorOf(m db.Membership) actor.Actor {
	a := actor.Actor{Kind: actor.Kind(m.Kind), ID: m.IdentityID, Name: m.Name, Org: *m.OrgID}
	for _, r := range m.Roles {
		a.Roles = append(a.Roles, actor.Role(r))
	}
	return a
}

// organisationNumber reads an identifier of ISO 6523 for Norwegian
// organisations, "0192:" and the number; "" for anything else.
func organisationNumber(id string) string {
	number, ok := strings.CutPrefix(id, "0192:")
	if !ok {
		return ""
	}
	return number
}
