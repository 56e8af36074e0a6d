package consortium

import (
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Most is the largest number of organisations beside the leader that are in a
// tender or asked to be.
const Most = 20

// Consortium is the organisations of one tender. The zero value of Members is a
// supplier that tenders alone.
type Consortium struct {
	// Lead began the tender and is the buyer's partner in the contract.
	Lead uuid.UUID
	// Members are the others, those too that are no longer in it; an
	// organisation stands there once.
	Members []Member
}

// Member finds an organisation other than the leader.
func (c Consortium) Member(org uuid.UUID) (Member, bool) {
	i := c.index(org)
	if i < 0 {
		return Member{}, false
	}
	return c.Members[i], true
}

func (c Consortium) index(org uuid.UUID) int {
	return slices.IndexFunc(c.Members, func(m Member) bool { return m.Org == org })
}

// Joined lists the organisations beside the leader that have accepted, in the
// order of their ids: those in whose name the tender is handed in.
func (c Consortium) Joined() []uuid.UUID {
	out := []uuid.UUID{}
	for _, m := range c.Members {
		if m.State == Accepted {
			out = append(out, m.Org)
		}
	}
	slices.SortFunc(out, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return out
}

// Leads refuses all but the leader with Denied consortium.not-leader.
func (c Consortium) Leads(by uuid.UUID) error {
	if by != c.Lead {
		return fault.New(fault.Denied, "consortium.not-leader")
	}
	return nil
}

// Invite asks an organisation to join; one that has declined, left or been taken
// out can be asked again. Only the leader may. Faults: Denied
// consortium.not-leader; Invalid consortium.leader-itself; Conflict
// consortium.invited-already, consortium.too-many.
func (c Consortium) Invite(by uuid.UUID, who Member) (Consortium, error) {
	if err := c.Leads(by); err != nil {
		return c, err
	}
	if who.Org == c.Lead {
		return c, fault.New(fault.Invalid, "consortium.leader-itself")
	}
	asked := 0
	for _, m := range c.Members {
		if m.State.open() {
			asked++
		}
	}
	before, known := c.Member(who.Org)
	switch {
	case known && before.State.open():
		return c, fault.New(fault.Conflict, "consortium.invited-already")
	case asked >= Most:
		return c, fault.New(fault.Conflict, "consortium.too-many", fault.Params{"limit": itoa(Most)})
	case known:
		return c.with(who.Org, Invited), nil
	}
	who.State, who.Bound = Invited, false
	return Consortium{c.Lead, append(slices.Clone(c.Members), who)}, nil
}

// Accept is the invited organisation's own decision to join. Fault: Conflict
// consortium.not-invited.
func (c Consortium) Accept(by uuid.UUID) (Consortium, error) { return c.answer(by, Accepted) }

// Decline is the invited organisation's own decision to stay out. Fault:
// Conflict consortium.not-invited.
func (c Consortium) Decline(by uuid.UUID) (Consortium, error) { return c.answer(by, Declined) }

func (c Consortium) answer(by uuid.UUID, state State) (Consortium, error) {
	if m, known := c.Member(by); !known || m.State != Invited {
		return c, fault.New(fault.Conflict, "consortium.not-invited")
	}
	return c.with(by, state), nil
}

// Leave is a member's own decision to go. One in whose name a tender stands is
// bound until the leader withdraws that. Faults: Denied
// consortium.leader-stays; Conflict consortium.not-a-member, consortium.bound.
func (c Consortium) Leave(by uuid.UUID) (Consortium, error) {
	if by == c.Lead {
		return c, fault.New(fault.Denied, "consortium.leader-stays")
	}
	m, known := c.Member(by)
	if !known || m.State != Accepted {
		return c, fault.New(fault.Conflict, "consortium.not-a-member")
	}
	return c.end(m, Left)
}

// Remove takes a member out, or an invitation back. Only the leader may, and not
// one in whose name a tender stands. Faults: Denied consortium.not-leader;
// Conflict consortium.not-a-member, consortium.bound.
func (c Consortium) Remove(by, org uuid.UUID) (Consortium, error) {
	if err := c.Leads(by); err != nil {
		return c, err
	}
	m, known := c.Member(org)
	if !known || !m.State.open() {
		return c, fault.New(fault.Conflict, "consortium.not-a-member")
	}
	return c.end(m, Removed)
}

func (c Consortium) end(m Member, state State) (Consortium, error) {
	if m.Bound {
		return c, fault.New(fault.Conflict, "consortium.bound")
	}
	return c.with(m.Org, state), nil
}

func (c Consortium) with(org uuid.UUID, state State) Consortium {
	out := Consortium{c.Lead, slices.Clone(c.Members)}
	out.Members[c.index(org)].State = state
	return out
}

// Unanswered lists the organisations whose answer the tender waits for: it is
// not handed in while one is asked.
func (c Consortium) Unanswered() []Member {
	var out []Member
	for _, m := range c.Members {
		if m.State == Invited {
			out = append(out, m)
		}
	}
	return out
}

// HandIn judges whether an organisation may hand in, replace or withdraw the
// tender: the leader, for all. Fault: Denied consortium.leader-hands-in.
func (c Consortium) HandIn(by uuid.UUID) error {
	if by != c.Lead {
		return fault.New(fault.Denied, "consortium.leader-hands-in")
	}
	return nil
}
