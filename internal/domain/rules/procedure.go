package rules

import "github.com/fellesloft/fellesloft/internal/domain/calendar"

// ProcedureRule is a procedure that a regime offers.
type ProcedureRule struct {
	Code   Procedure `json:"code"`
	Regime Regime    `json:"regime"`
	// EForms tells whether Code is a code of eForms' procurement-procedure-type.
	EForms bool `json:"eforms"`
	// Always is false for a procedure that may be used only on conditions; the
	// buyer then gives the reason in the procurement record.
	Always bool `json:"always"`
	// Negotiation tells whether tenders may be negotiated.
	Negotiation bool `json:"negotiation"`
	// TwoStage tells whether requests to participate come before tenders.
	TwoStage     bool          `json:"two_stage"`
	Paragraph    string        `json:"paragraph"`
	Source       string        `json:"source"`
	Mark         Mark          `json:"mark"`
	ValidFrom    calendar.Date `json:"valid_from"`
	ValidTo      calendar.Date `json:"valid_to,omitzero"`
	CheckedUntil calendar.Date `json:"checked_until,omitzero"`
}

// Procedures lists the procedures with a notice that a regime offers on the
// day, those that are always allowed first. Part I and what lies outside the
// law have no fixed procedures.
func (p Pack) Procedures(regime Regime, on calendar.Date) []ProcedureRule {
	var always, conditional []ProcedureRule
	for _, r := range p.procedures {
		switch {
		case r.Regime != regime || !inForce(r.ValidFrom, r.ValidTo, on):
		case r.Always:
			always = append(always, r)
		default:
			conditional = append(conditional, r)
		}
	}
	return append(always, conditional...)
}
