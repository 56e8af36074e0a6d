package record

import (
	"strings"

	"github.com/shopspring/decimal"
)

// advantage says in words which tender was better under a criterion, and by how
// many points.
func (w words) advantage(winner, own string) string {
	a, errA := decimal.NewFromString(winner)
	b, errB := decimal.NewFromString(own)
	if errA != nil || errB != nil {
		return ""
	}
	by := map[string]string{"points": w.decimal(a.Sub(b).Abs().String())}
	switch a.Cmp(b) {
	case 1:
		return w.letter("advantage.winner", by)
	case -1:
		return w.letter("advantage.own", by)
	}
	return w.letter("advantage.equal")
}

// joinNotes sets the evaluators' notes after each other; who wrote which is not
// told.
func joinNotes(notes []string) string {
	var all []string
	for _, n := range notes {
		if n = strings.TrimSpace(n); n != "" {
			all = append(all, n)
		}
	}
	return strings.Join(all, " / ")
}
