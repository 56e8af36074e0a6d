package consortium

import (
	"strconv"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// DeclarationOf gives the id under which an organisation's self-declaration
// stands among the tender's answers. Each has its own (FOA § 17-1); the id
// follows from the organisation, so that it can be told whose is missing before
// anything is read.
func (c Consortium) DeclarationOf(org uuid.UUID) uuid.UUID {
	if org == c.Lead {
		return procurement.DeclarationID
	}
	return uuid.NewSHA1(procurement.DeclarationID, org[:])
}

// Declarations gives the ids of all that the tender can hold, each with its
// organisation: the leader's and those of everybody who was ever a member.
func (c Consortium) Declarations() map[uuid.UUID]uuid.UUID {
	out := map[uuid.UUID]uuid.UUID{procurement.DeclarationID: c.Lead}
	for _, m := range c.Members {
		out[c.DeclarationOf(m.Org)] = m.Org
	}
	return out
}

// Of makes the consortium of a tender that was handed in.
func Of(lead uuid.UUID, joined []uuid.UUID) Consortium {
	c := Consortium{Lead: lead}
	for _, org := range joined {
		c.Members = append(c.Members, Member{Org: org, State: Accepted, Bound: true})
	}
	return c
}

func itoa(n int) string { return strconv.Itoa(n) }
