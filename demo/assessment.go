package demo

import (
	"fmt"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Assessment is what a fictional evaluator gives an answer.
type Assessment struct {
	Points int    // 0 to 10
	Note   string // in bokmål; the award letter's relative advantages come from it
}

// Assess gives an evaluator's assessment of a supplier's answer to a scored
// requirement, the same each time. Evaluators, counted from 0, differ by at
// most a point or two.
func Assess(supplier, evaluator int, r requirement.Requirement) Assessment {
	s := suppliers[supplier]
	points := min(max(s.strength-1+s.pick(r, 3)+(evaluator+s.pick(r, 2))%2, 0), 10)
	about := r.Title
	if about == "" {
		about = "krav " + r.Number
	}
	return Assessment{points, fmt.Sprintf("%s: %s (oppdiktet vurdering)", about, verdict(points))}
}

func verdict(points int) string {
	switch {
	case points >= 9:
		return "svært god og etterprøvbar beskrivelse, med målinger fra drift"
	case points >= 7:
		return "god beskrivelse som dekker behovet, enkelte punkter kunne vært mer konkrete"
	case points >= 5:
		return "behovet er dekket, men beskrivelsen er overordnet"
	}
	return "deler av behovet er lite beskrevet"
}
