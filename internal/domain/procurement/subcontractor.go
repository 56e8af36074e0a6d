package procurement

import (
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Subcontractor is one who is to carry out a part of the contract for the
// supplier (underleverandør). The procurement record names it (FOA §§ 10-5,
// 25-5).
type Subcontractor struct {
	Name string `json:"name"`
	// OrganisationNumber is empty where the number is unknown or foreign.
	OrganisationNumber string `json:"organisationNumber,omitempty" doc:"nine digits; leave it out where there is none"`
	// Task is what it is to do.
	Task string `json:"task,omitempty" doc:"what it is to do"`
	// Share is of the contract's value, in whole percent: sealed declarations
	// cannot be converted, so the unit stays.
	Share int `json:"share" doc:"of the contract's value, in whole percent"`
	// ReliesOn: the supplier meets a selection criterion only with its capacity
	// (støtter seg på, FOA § 16-10 [G]).
	ReliesOn bool `json:"reliesOn,omitempty" doc:"the supplier relies on its capacity"`
	// Commitment is the file of the tender in which a subcontractor that is
	// relied on binds itself (forpliktelseserklæring).
	Commitment *uuid.UUID `json:"commitment,omitempty" doc:"the attachment in which one that is relied on commits itself"`
}

// maxSubcontractors in one declaration.
const maxSubcontractors = 100

// validateSubcontractors judges each row at its own path, and the shares
// together.
func validateSubcontractors(all []Subcontractor, attached func(file uuid.UUID) bool, l *fault.List) {
	const field = "declaration.subcontractors"
	if len(all) > maxSubcontractors {
		l.Addf("declaration.subcontractors-many", field, fault.Params{"limit": strconv.Itoa(maxSubcontractors)})
		return
	}
	sum := 0
	for i, s := range all {
		s.validate(field+"["+strconv.Itoa(i)+"]", attached, l)
		sum += max(0, min(s.Share, 100))
	}
	if sum > 100 {
		l.Addf("declaration.subcontractor-shares", field, fault.Params{"sum": strconv.Itoa(sum)})
	}
}

func (s Subcontractor) validate(field string, attached func(file uuid.UUID) bool, l *fault.List) {
	for _, t := range []struct {
		text, name string
		limit      int
	}{{s.Name, "name", 300}, {s.Task, "task", 1000}} {
		if n := len([]rune(strings.TrimSpace(t.text))); n == 0 || n > t.limit {
			l.Addf("declaration.subcontractor", field+"."+t.name, fault.Params{"limit": strconv.Itoa(t.limit)})
		}
	}
	if s.OrganisationNumber != "" {
		if _, err := party.ParseOrgNumber(s.OrganisationNumber); err != nil {
			l.Addf(fault.RuleOf(err), field+".organisationNumber")
		}
	}
	if s.Share < 1 || s.Share > 100 {
		l.Addf("declaration.subcontractor-share", field+".share")
	}
	switch {
	case s.ReliesOn && s.Commitment == nil:
		l.Addf("declaration.commitment-absent", field+".commitment")
	case s.Commitment != nil && !attached(*s.Commitment):
		l.Addf("declaration.commitment-unknown", field+".commitment")
	}
}
