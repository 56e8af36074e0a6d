package app

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// OpenedMember is an organisation of an opened tender, beside its leader, with
// the self-declaration that it gave.
type OpenedMember struct {
	Org       uuid.UUID `json:"organisation"`
	Name      string    `json:"name"`
	OrgNumber string    `json:"orgNumber"`
	// Declaration is nil where its envelope could not be opened.
	Declaration json.RawMessage `json:"declaration"`
}

func openedMembers(raw json.RawMessage) ([]OpenedMember, error) {
	var out []OpenedMember
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fault.Wrap(fault.Internal, "members.decode", err)
	}
	for i, m := range out {
		if string(m.Declaration) == "null" {
			out[i].Declaration = nil
		}
	}
	return out, nil
}

// Names are those of all organisations of the tender, its leader's first.
func (t OpenedTender) Names() string {
	all := []string{t.SupplierName}
	for _, m := range t.Members {
		all = append(all, m.Name)
	}
	return strings.Join(all, ", ")
}

func (t OpenedTender) organisations() []uuid.UUID {
	all := []uuid.UUID{t.Supplier}
	for _, m := range t.Members {
		all = append(all, m.Org)
	}
	return all
}

// markSharing notes of each tender which others have an organisation in common
// with it.
func markSharing(tenders []OpenedTender) {
	for i := range tenders {
		own := tenders[i].organisations()
		for j, other := range tenders {
			if i != j && slices.ContainsFunc(other.organisations(), func(org uuid.UUID) bool { return slices.Contains(own, org) }) {
				tenders[i].AlsoIn = append(tenders[i].AlsoIn, other.ID)
			}
		}
	}
}
