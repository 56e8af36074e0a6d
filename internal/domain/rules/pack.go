package rules

import (
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Pack is every rule that the program knows, over time. It is read-only and
// may be shared between goroutines.
type Pack struct {
	rules      []Rule // sorted by id, then ValidFrom
	duties     []EnvironmentDuty
	record     []RecordItem
	procedures []ProcedureRule
}

// Rules lists every version of every rule, sorted by id and first day.
func (p Pack) Rules() []Rule { return append([]Rule(nil), p.rules...) }

// At gives the version of a rule that holds on the day. It returns a NotFound
// fault: rules.unknown-rule for an id that no version has, rules.not-in-force
// where none holds on that day.
func (p Pack) At(id string, on calendar.Date) (Rule, error) {
	known := false
	for _, r := range p.rules {
		if r.ID != id {
			continue
		}
		if known = true; r.Holds(on) {
			return r, nil
		}
	}
	if known {
		return Rule{}, fault.New(fault.NotFound, "rules.not-in-force", fault.Params{"rule": id, "on": on.String()})
	}
	return Rule{}, fault.New(fault.NotFound, "rules.unknown-rule", fault.Params{"rule": id})
}

// Find lists the rules that hold on the day for a stage of a procedure under a
// regime, every variant, sorted by id. Rules for all regimes or any procedure
// are among them.
func (p Pack) Find(regime Regime, procedure Procedure, stage Stage, on calendar.Date) []Rule {
	var found []Rule
	for _, r := range p.rules {
		if r.Stage == stage && r.Holds(on) &&
			(r.Regime == regime || r.Regime == Any) &&
			(r.Procedure == procedure || r.Procedure == AnyProcedure) {
			found = append(found, r)
		}
	}
	return found
}
