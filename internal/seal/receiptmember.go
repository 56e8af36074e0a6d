package seal

import (
	"slices"

	"github.com/google/uuid"
)

// format is the newest form that the receipt needs: one without members or files
// is what it has always been.
func (r Receipt) format() string {
	switch {
	case len(r.Members) > 0:
		return ReceiptMembersFormat
	case len(r.Files) > 0:
		return ReceiptFilesFormat
	}
	return ReceiptFormat
}

// orderedMembers also refuses one that stands twice, and the supplier itself.
func (r Receipt) orderedMembers() bool {
	for i, m := range r.Members {
		if m == uuid.Nil || m == r.Supplier || i > 0 && compareID(r.Members[i-1], m) >= 0 {
			return false
		}
	}
	return true
}

func sortMembers(members []uuid.UUID) []uuid.UUID {
	return slices.SortedFunc(slices.Values(members), compareID)
}
