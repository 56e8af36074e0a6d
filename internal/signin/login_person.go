package signin

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/actor"
)

// Person gives the actor of a person who has signed in by [Login], for one
// organisation, or for none with uuid.Nil: then it is enough that the sign-in
// stands, and one who is not known yet has no id. Memberships are remembered for
// a moment, as those of access tokens are; an actor has no scopes, since a
// session is not a token.
//
// It returns denied (sign-in.not-a-member) for an organisation that the person
// does not act for, or no longer.
func (s *Service) Person(ctx context.Context, issuer, subject string, org uuid.UUID) (actor.Actor, error) {
	by := claims{issuer: issuer, subject: subject}
	list, err := s.memberships(ctx, by)
	if err != nil {
		return actor.Actor{}, err
	}
	// A system's identity is never a person's, whoever shows its subject.
	list = slices.DeleteFunc(slices.Clone(list), func(m db.Membership) bool { return m.Kind != string(actor.Person) })
	var a actor.Actor
	switch {
	case org == uuid.Nil && len(list) == 0:
		a = identityOf(db.Membership{Kind: string(actor.Person)}, by)
	case org == uuid.Nil:
		a = identityOf(list[0], by)
	default:
		m, err := choose(list, by, org.String())
		if err != nil {
			return actor.Actor{}, err
		}
		a = actorOf(m, by)
	}
	a.Scoped = false
	return a, nil
}

// Forget makes the next request of a subject look its memberships up, after
// they have changed.
func (s *Service) Forget(issuer, subj string) { s.members.forget(subject{issuer, subj}) }
