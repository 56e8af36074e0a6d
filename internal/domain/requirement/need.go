package requirement

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Need is a need (behov) of the buyers that requirements serve. Writing it down
// lets everybody see which requirements have no reason, and which needs nobody
// asks for.
type Need struct {
	ID     uuid.UUID `json:"id"`
	Number string    `json:"number,omitempty"`
	Text   string    `json:"text"`
}

// NOK is the currency of amounts unless a set says otherwise.
const NOK = "NOK"

// InNOK reports whether the set's amounts are kroner.
func (s Set) InNOK() bool { return s.Currency == "" || s.Currency == NOK }

func (v *validator) currency() {
	c := v.set.Currency
	if c != "" && (len(c) != 3 || strings.Trim(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		v.Addf("requirement.currency", "currency")
	}
}

func (v *validator) needs() {
	for i, n := range v.set.Needs {
		if strings.TrimSpace(n.Text) == "" {
			v.Addf("requirement.need-text-missing", fmt.Sprintf("needs[%d].text", i))
		}
	}
}

// serves judges which needs a requirement names.
func (v *validator) serves(at string, r Requirement) {
	for i, id := range r.Needs {
		field := fmt.Sprintf("%s.needs[%d]", at, i)
		if !slices.ContainsFunc(v.set.Needs, func(n Need) bool { return n.ID == id }) {
			v.Addf("requirement.need-unknown", field)
		}
		if slices.Contains(r.Needs[:i], id) {
			v.Addf("requirement.need-repeated", field)
		}
	}
}
