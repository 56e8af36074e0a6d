// Package signin tells who sends a request: a bearer token of a listed issuer is
// verified, its subject looked up, and the organisation chosen that the request
// acts for.
//
// A national identity number that a token may carry (pid) is never read, so it
// can be neither stored nor logged: the key of a person is issuer and subject.
package signin

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// DefaultScopePrefix stands before the scopes of a deployment that has not
// chosen its own.
const DefaultScopePrefix = "fellesloft"

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
	// only where the issuers' tokens carry none. Maskinporten's carry none, or
	// "unspecified", unless the client asks for another.
	Audience string
	// ScopePrefix stands before this deployment's scopes, as it is registered in
	// Maskinporten: with "kommunelaget", a token's "kommunelaget:anbud.read" is
	// the scope anbud.read here. Empty is [DefaultScopePrefix].
	ScopePrefix string
	Directory   Directory
	// Authoriser is asked about supplier systems that act for a customer; nil
	// refuses them.
	Authoriser Authoriser
	// Now is the clock that tokens are judged by.
	Now func() time.Time
}

// Service verifies tokens. It is safe for use by many goroutines.
type Service struct {
	issuers   map[string]*issuer
	prefix    string
	directory Directory
	register  Authoriser
	now       func() time.Time
	tokens    *recent[[sha256.Size]byte, claims]
	members   *recent[subject, []db.Membership]
	decisions *recent[SystemUser, bool]
}

// subject is the key of an identity.
type subject struct{ issuer, subject string }

// New makes a Service. Issuers' metadata and keys are fetched when they are
// first needed, so the program starts while an issuer is away. It returns
// invalid (sign-in.no-issuer, sign-in.issuer-address, sign-in.issuer-algorithm,
// sign-in.scope-prefix).
func New(c Config) (*Service, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.ScopePrefix == "" {
		c.ScopePrefix = DefaultScopePrefix
	}
	if len(c.Issuers) == 0 {
		return nil, fault.New(fault.Invalid, "sign-in.no-issuer")
	}
	if !isScopePrefix(c.ScopePrefix) {
		return nil, fault.New(fault.Invalid, "sign-in.scope-prefix", fault.Params{"prefix": c.ScopePrefix})
	}
	s := &Service{
		issuers: map[string]*issuer{}, prefix: c.ScopePrefix, directory: c.Directory, register: c.Authoriser, now: c.Now,
		tokens: newRecent[[sha256.Size]byte, claims](c.Now), members: newRecent[subject, []db.Membership](c.Now), decisions: newRecent[SystemUser, bool](c.Now),
	}
	for _, i := range c.Issuers {
		if err := i.check(); err != nil {
			return nil, err
		}
		s.issuers[i.URL] = newIssuer(i, c.Audience, c.Now)
	}
	return s, nil
}

// Authenticate gives the actor of an access token. organisation is the id that
// the caller chose, "" for none; what the token itself says of the organisation
// comes before it. The actor has the token's scopes of this deployment: none of
// them means that it may do nothing, which is for the permissions to say.
//
// It returns unauthenticated (sign-in.token) for a token that does not hold,
// denied (sign-in.not-a-member, sign-in.organisation-not-chosen) where the
// organisation cannot be told and (sign-in.system-user,
// sign-in.system-user-refused) for a supplier system that may not act, invalid
// (sign-in.organisation-malformed), and unavailable
// (sign-in.issuer-unreachable, sign-in.authoriser-unreachable).
func (s *Service) Authenticate(ctx context.Context, token, organisation string) (actor.Actor, error) {
	by, err := s.verify(ctx, token)
	if err != nil {
		return actor.Actor{}, err
	}
	list, err := s.memberships(ctx, by)
	if err != nil {
		return actor.Actor{}, err
	}
	return s.member(ctx, by, list, organisation)
}

// Identify gives the actor of an access token without an organisation, for what
// a person may do before one is chosen: see what they represent, accept an
// invitation. A person who is not known yet has no id. A system has an
// organisation always, and is judged as by Authenticate. The faults are those of
// Authenticate.
func (s *Service) Identify(ctx context.Context, token string) (actor.Actor, error) {
	by, err := s.verify(ctx, token)
	if err != nil {
		return actor.Actor{}, err
	}
	list, err := s.memberships(ctx, by)
	switch {
	case err != nil:
		return actor.Actor{}, err
	case by.consumer != "":
		return s.member(ctx, by, list, "")
	case len(list) == 0:
		return identityOf(db.Membership{Kind: string(actor.Person)}, by), nil
	}
	return identityOf(list[0], by), nil
}

func (s *Service) memberships(ctx context.Context, by claims) ([]db.Membership, error) {
	return s.members.get(subject{by.issuer, by.subject}, func() ([]db.Membership, error) {
		return s.directory.MembershipsOf(ctx, by.issuer, by.subject)
	})
}

func (s *Service) member(ctx context.Context, by claims, list []db.Membership, organisation string) (actor.Actor, error) {
	m, err := choose(list, by, organisation)
	if err != nil {
		return actor.Actor{}, err
	}
	if by.systemUser != nil {
		if by.scopes, err = s.permitted(ctx, *by.systemUser, by.scopes); err != nil {
			return actor.Actor{}, err
		}
	}
	return actorOf(m, by), nil
}
