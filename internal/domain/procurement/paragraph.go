package procurement

import "github.com/fellesloft/fellesloft/internal/domain/rules"

// by gives the paragraph that decides under the procurement's part of the
// regulation. Before publication, when the part is not settled, it is that of
// Part III.
func (p Procurement) by(partIII, partII string) string { return under(p.State.Regime, partIII, partII) }

func under(regime rules.Regime, partIII, partII string) string {
	if regime == rules.PartII {
		return partII
	}
	return partIII
}

// suspensionParagraph: an injunction suspends by law in Part III, and in Part II
// for special services; any other hold there is the lead buyer's own choice.
func (p Procurement) suspensionParagraph() string {
	if p.State.Regime == rules.PartII && p.Plan.Contract != rules.SpecialServices {
		return ""
	}
	return p.by("FOA § 25-3", "FOA § 10-3")
}
