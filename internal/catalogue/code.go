package catalogue

import (
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

// Phase names a phase of a procurement.
func Phase(lang string, p procurement.Phase) string { return Text(lang, "phase."+string(p)) }

// Wait says what is waited for.
func Wait(lang string, w procurement.Waiting) string { return Text(lang, "wait."+string(w)) }

// Milestone names a date of the timeline.
func Milestone(lang string, k procurement.MilestoneKind) string {
	return Text(lang, "milestone."+string(k))
}

// Event tells what happened, in one sentence; params are the event's.
func Event(lang string, k procurement.EventKind, params map[string]string) string {
	return Text(lang, "event."+string(k), params)
}

// Part names the half of a tender.
func Part(lang string, p procurement.Part) string { return Text(lang, "part."+string(p)) }

// Standing says whether a tender is submitted, in one sentence; params are the
// deadline and, of a tender that stands, its submission and when it was received.
func Standing(lang, state string, params map[string]string) string {
	return Text(lang, "standing."+state, params)
}

// Ground names a ground of rejection.
func Ground(lang string, g procurement.Ground) string { return Text(lang, "ground."+string(g)) }

// Rule names a rule of a rule pack by its id.
func Rule(lang, id string) string { return Text(lang, "rule."+id) }

// Regime names the part of the regulation that a procurement follows.
func Regime(lang string, r rules.Regime) string { return Text(lang, "regime."+string(r)) }

// Procedure names a procedure.
func Procedure(lang string, p rules.Procedure) string { return Text(lang, "procedure."+string(p)) }

// Contract names what is bought.
func Contract(lang string, k rules.ContractKind) string { return Text(lang, "contract."+string(k)) }

// Exemption names a ground on which environment need not be weighted.
func Exemption(lang string, e rules.Exemption) string { return Text(lang, "exemption."+string(e)) }

// Mark says how well a value was checked.
func Mark(lang string, m rules.Mark) string { return Text(lang, "mark."+string(m)) }

// RecordItem names an item of the procurement record.
func RecordItem(lang string, k rules.RecordKey) string { return Text(lang, "record."+string(k)) }

// Holiday names a holiday by its key in package calendar.
func Holiday(lang, key string) string { return Text(lang, "holiday."+key) }

// Reason says why a period does not end on a day.
func Reason(lang string, r calendar.Reason) string {
	if key, ok := r.Holiday(); ok {
		return Holiday(lang, key)
	}
	return Text(lang, "reason."+string(r))
}

// Field names the input that a JSON path leads to ("lots[1].cpv": CPV-kode,
// delkontrakt 2). A path without a name is given back.
func Field(lang, path string) string {
	segments := strings.Split(path, ".")
	last, at := index(segments[len(segments)-1])
	name, ok := text(lang, "field."+last, nil)
	if !ok {
		return path
	}
	if at != "" {
		name += " " + at
	}
	if len(segments) < 2 {
		return name
	}
	parent, n := index(segments[len(segments)-2])
	where, ok := text(lang, "field."+parent, nil)
	if !ok {
		return name
	}
	return strings.TrimSpace(name + ", " + where + " " + n)
}
