package rules

import (
	"cmp"
	"slices"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
)

// RecordKey is what an item of the procurement record is about. The same key
// stands for the same content in Parts II and III.
type RecordKey string

// The items of §§ 10-5 and 25-5.
const (
	RecordBuyer               RecordKey = "buyer"
	RecordDescription         RecordKey = "description-and-value"
	RecordNoLots              RecordKey = "reason-no-lots"
	RecordNegotiation         RecordKey = "reason-negotiation-with-notice"
	RecordNoNotice            RecordKey = "reason-without-notice-or-competition"
	RecordNotElectronic       RecordKey = "reason-not-electronic"
	RecordRequests            RecordKey = "requests-received"
	RecordSelected            RecordKey = "selected-and-reason"
	RecordTenders             RecordKey = "tenders-received"
	RecordRejected            RecordKey = "rejected-and-reason"
	RecordReduced             RecordKey = "reduced-and-reason"
	RecordDialogueDeparture   RecordKey = "reason-departing-from-dialogue"
	RecordDialogueSuppliers   RecordKey = "dialogue-suppliers-and-reason"
	RecordConflictsOfInterest RecordKey = "conflicts-and-measures"
	RecordWinner              RecordKey = "winner-reason-and-value"
	RecordSubcontractors      RecordKey = "subcontractors"
	RecordCancellation        RecordKey = "reason-cancellation"
	RecordNonProfit           RecordKey = "reservation-non-profit"
	RecordOther               RecordKey = "other-material-matters"
)

// RecordItem is one thing that the procurement record must tell, to the extent
// relevant.
type RecordItem struct {
	Regime       Regime        `json:"regime"`
	Letter       string        `json:"letter"`
	Key          RecordKey     `json:"key"`
	Paragraph    string        `json:"paragraph"` // with the letter, "FOA § 25-5 a"
	Source       string        `json:"source"`
	Mark         Mark          `json:"mark"`
	ValidFrom    calendar.Date `json:"valid_from"`
	ValidTo      calendar.Date `json:"valid_to,omitzero"`
	CheckedUntil calendar.Date `json:"checked_until,omitzero"`
}

// ProtocolItems lists what the procurement record (protokoll) of a procurement
// under the regime must hold, in the order of the law: sixteen items in
// Part III (§ 25-5), fifteen in Part II (§ 10-5), none elsewhere.
func (p Pack) ProtocolItems(regime Regime, on calendar.Date) []RecordItem {
	var items []RecordItem
	for _, i := range p.record {
		if i.Regime == regime && inForce(i.ValidFrom, i.ValidTo, on) {
			items = append(items, i)
		}
	}
	slices.SortFunc(items, func(a, b RecordItem) int { return cmp.Compare(a.Letter, b.Letter) })
	return items
}

func inForce(from, to, on calendar.Date) bool {
	return !on.Before(from) && (to.IsZero() || !on.After(to))
}
