package signin

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// What a supplier system does for its customer, as the authorisation register
// names it.
const (
	ActionRead  = "read"
	ActionWrite = "write"
)

// SystemUser is a question to the authorisation register: may this supplier
// system act so for its customer?
type SystemUser struct {
	ID uuid.UUID
	// Organisation is the customer, who made the system user; never the maker
	// of the system.
	Organisation party.OrgNumber
	// Action is ActionRead or ActionWrite.
	Action string
}

// Authoriser is the national authorisation register, where an organisation says
// what a supplier system may do for it.
type Authoriser interface {
	// Permits reports whether the register lets the system user act. Every error
	// means that no answer could be had.
	Permits(ctx context.Context, u SystemUser) (bool, error)
}

// permitted asks the register for each action that the token's scopes need and
// gives the scopes of those that it permits: scopes that end in .write need
// write, all others read. So a system that may only read reads, whatever scopes
// its maker has. A token without any scope is asked about as one that reads.
//
// It returns denied (sign-in.system-user, sign-in.system-user-refused) and
// unavailable (sign-in.authoriser-unreachable).
func (s *Service) permitted(ctx context.Context, u SystemUser, scopes []string) ([]string, error) {
	if s.register == nil {
		return nil, fault.New(fault.Denied, "sign-in.system-user")
	}
	byAction := map[string][]string{}
	for _, scope := range scopes {
		byAction[actionOf(scope)] = append(byAction[actionOf(scope)], scope)
	}
	if len(scopes) == 0 {
		byAction[ActionRead] = nil
	}
	var out []string
	permitted := false
	for _, action := range []string{ActionRead, ActionWrite} {
		needing, asked := byAction[action]
		if !asked {
			continue
		}
		u.Action = action
		yes, err := s.decision(ctx, u)
		if err != nil {
			return nil, err
		}
		if yes {
			permitted, out = true, append(out, needing...)
		}
	}
	if !permitted {
		return nil, fault.New(fault.Denied, "sign-in.system-user-refused")
	}
	slices.Sort(out)
	return out, nil
}

// decision is the register's, remembered for a moment whether yes or no.
func (s *Service) decision(ctx context.Context, u SystemUser) (bool, error) {
	yes, err := s.decisions.get(u, func() (bool, error) { return s.register.Permits(ctx, u) })
	if err != nil {
		return false, fault.Wrap(fault.Unavailable, "sign-in.authoriser-unreachable", err)
	}
	return yes, nil
}
