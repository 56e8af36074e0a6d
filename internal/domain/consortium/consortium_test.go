package consortium_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/consortium"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

var lead, one, two, other = uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}, uuid.UUID{4}

func in(state consortium.State) consortium.Consortium {
	return consortium.Consortium{Lead: lead, Members: []consortium.Member{{Org: one, State: state}}}
}

func bound() consortium.Consortium { return consortium.Of(lead, []uuid.UUID{one}) }

// Every decision from every state: the state that follows, or the rule that
// refuses.
func TestDecisions(t *testing.T) {
	t.Parallel()
	type decision func(c consortium.Consortium) (consortium.Consortium, error)
	invite := func(c consortium.Consortium) (consortium.Consortium, error) {
		return c.Invite(lead, consortium.Member{Org: one})
	}
	accept := func(c consortium.Consortium) (consortium.Consortium, error) { return c.Accept(one) }
	decline := func(c consortium.Consortium) (consortium.Consortium, error) { return c.Decline(one) }
	leave := func(c consortium.Consortium) (consortium.Consortium, error) { return c.Leave(one) }
	remove := func(c consortium.Consortium) (consortium.Consortium, error) { return c.Remove(lead, one) }
	for _, tt := range []struct {
		name string
		do   decision
		// want by the state before: a state, or a rule.
		want map[consortium.State]string
	}{
		{"invite", invite, map[consortium.State]string{consortium.Invited: "consortium.invited-already", consortium.Accepted: "consortium.invited-already",
			consortium.Declined: "invited", consortium.Left: "invited", consortium.Removed: "invited"}},
		{"accept", accept, map[consortium.State]string{consortium.Invited: "accepted", consortium.Accepted: "consortium.not-invited",
			consortium.Declined: "consortium.not-invited", consortium.Left: "consortium.not-invited", consortium.Removed: "consortium.not-invited"}},
		{"decline", decline, map[consortium.State]string{consortium.Invited: "declined", consortium.Accepted: "consortium.not-invited",
			consortium.Declined: "consortium.not-invited", consortium.Left: "consortium.not-invited", consortium.Removed: "consortium.not-invited"}},
		{"leave", leave, map[consortium.State]string{consortium.Invited: "consortium.not-a-member", consortium.Accepted: "left",
			consortium.Declined: "consortium.not-a-member", consortium.Left: "consortium.not-a-member", consortium.Removed: "consortium.not-a-member"}},
		{"remove", remove, map[consortium.State]string{consortium.Invited: "removed", consortium.Accepted: "removed",
			consortium.Declined: "consortium.not-a-member", consortium.Left: "consortium.not-a-member", consortium.Removed: "consortium.not-a-member"}},
	} {
		for _, before := range consortium.States() {
			t.Run(tt.name+" "+string(before), func(t *testing.T) {
				t.Parallel()
				c := in(before)
				after, err := tt.do(c)
				m, _ := after.Member(one)
				got := string(m.State)
				if err != nil {
					got = fault.RuleOf(err)
				}
				if got != tt.want[before] {
					t.Errorf("%s, want %s", got, tt.want[before])
				}
				if c.Members[0].State != before {
					t.Error("the consortium was changed in place")
				}
			})
		}
	}
}

// Who may not decide, and about whom.
func TestRefusals(t *testing.T) {
	t.Parallel()
	full := consortium.Consortium{Lead: lead}
	for i := range consortium.Most {
		full.Members = append(full.Members, consortium.Member{Org: uuid.UUID{9, byte(i)}, State: consortium.Invited})
	}
	for _, tt := range []struct {
		name string
		do   func() (consortium.Consortium, error)
		kind fault.Kind
		rule string
	}{
		{"a member invites", func() (consortium.Consortium, error) {
			return in(consortium.Accepted).Invite(one, consortium.Member{Org: two})
		}, fault.Denied, "consortium.not-leader"},
		{"the leader invites itself", func() (consortium.Consortium, error) {
			return in(consortium.Accepted).Invite(lead, consortium.Member{Org: lead})
		}, fault.Invalid, "consortium.leader-itself"},
		{"one too many", func() (consortium.Consortium, error) { return full.Invite(lead, consortium.Member{Org: two}) }, fault.Conflict, "consortium.too-many"},
		{"a member takes another out", func() (consortium.Consortium, error) { return in(consortium.Accepted).Remove(one, one) }, fault.Denied, "consortium.not-leader"},
		{"a stranger accepts", func() (consortium.Consortium, error) { return in(consortium.Invited).Accept(other) }, fault.Conflict, "consortium.not-invited"},
		{"the leader leaves", func() (consortium.Consortium, error) { return in(consortium.Accepted).Leave(lead) }, fault.Denied, "consortium.leader-stays"},
		{"leaving what stands", func() (consortium.Consortium, error) { return bound().Leave(one) }, fault.Conflict, "consortium.bound"},
		{"taken out of what stands", func() (consortium.Consortium, error) { return bound().Remove(lead, one) }, fault.Conflict, "consortium.bound"},
		{"a member hands in", func() (consortium.Consortium, error) {
			return in(consortium.Accepted), in(consortium.Accepted).HandIn(one)
		}, fault.Denied, "consortium.leader-hands-in"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := tt.do(); !fault.Is(err, tt.kind) || fault.RuleOf(err) != tt.rule {
				t.Errorf("%v, want %s", err, tt.rule)
			}
		})
	}
	if err := bound().HandIn(lead); err != nil {
		t.Errorf("the leader hands in: %v", err)
	}
}

// TestDeclarations: each organisation's stands under an id of its own
// (FOA § 17-1).
func TestDeclarations(t *testing.T) {
	t.Parallel()
	c := consortium.Of(lead, []uuid.UUID{one, two})
	all := c.Declarations()
	if len(all) != 3 || all[procurement.DeclarationID] != lead || c.DeclarationOf(lead) != procurement.DeclarationID {
		t.Errorf("declarations: %v", all)
	}
	for _, org := range []uuid.UUID{lead, one, two} {
		if all[c.DeclarationOf(org)] != org {
			t.Errorf("%s has no declaration of its own", org)
		}
	}
}

// In any order of decisions by anybody the invariants hold, and whoever reads
// the tender has said yes.
func TestInvariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := consortium.Consortium{Lead: lead}
		agreed := map[uuid.UUID]bool{}
		orgs := rapid.SampledFrom([]uuid.UUID{lead, one, two, other})
		for range rapid.IntRange(1, 40).Draw(t, "decisions") {
			by, about := orgs.Draw(t, "by"), orgs.Draw(t, "about")
			var after consortium.Consortium
			var err error
			switch rapid.IntRange(0, 5).Draw(t, "decision") {
			case 0:
				after, err = c.Invite(by, consortium.Member{Org: about})
			case 1:
				if after, err = c.Accept(by); err == nil {
					agreed[by] = true
				}
			case 2:
				after, err = c.Decline(by)
			case 3:
				if after, err = c.Leave(by); err == nil {
					agreed[by] = false
				}
			case 4:
				if after, err = c.Remove(by, about); err == nil {
					agreed[about] = false
				}
			case 5:
				if after, err = c, c.HandIn(by); err == nil && len(c.Unanswered()) == 0 {
					after = handedIn(c)
				}
			}
			if err != nil {
				continue
			}
			c = after
			hold(t, c, agreed)
		}
	})
}

func handedIn(c consortium.Consortium) consortium.Consortium {
	out := consortium.Consortium{Lead: c.Lead, Members: slices.Clone(c.Members)}
	for i, m := range out.Members {
		out.Members[i].Bound = m.State == consortium.Accepted
	}
	return out
}

func hold(t *rapid.T, c consortium.Consortium, agreed map[uuid.UUID]bool) {
	seen := map[uuid.UUID]bool{c.Lead: true}
	for _, m := range c.Members {
		switch {
		case seen[m.Org]:
			t.Fatalf("%s stands twice", m.Org)
		case m.Bound && m.State != consortium.Accepted:
			t.Fatalf("%s is bound and %s", m.Org, m.State)
		case (m.State == consortium.Accepted) != agreed[m.Org]:
			t.Fatalf("%s is %s, and its own answer was %t", m.Org, m.State, agreed[m.Org])
		}
		seen[m.Org] = true
	}
	joined := c.Joined()
	if !slices.IsSortedFunc(joined, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }) {
		t.Fatal("the joined are not in order")
	}
	for _, org := range joined {
		if !agreed[org] {
			t.Fatalf("%s hands in without having said so", org)
		}
	}
}
