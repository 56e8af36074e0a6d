package party

import (
	"strings"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// OrgNumber is a Norwegian organisation number of nine digits whose check digit
// is right. The empty value means that the number is unknown; a number is never
// a key, because it may be unknown and may change.
type OrgNumber string

// actorScheme is the ISO 6523 code of Norwegian organisation numbers.
const actorScheme = "0192:"

var orgWeights = [8]int{3, 2, 7, 6, 5, 4, 3, 2}

// ParseOrgNumber reads a number; spaces between digits are allowed, as people
// write them. It returns an Invalid fault: party.org-number-malformed, or
// party.org-number-check-digit.
func ParseOrgNumber(s string) (OrgNumber, error) {
	digits := strings.ReplaceAll(s, " ", "")
	if len(digits) != 9 || strings.Trim(digits, "0123456789") != "" {
		return "", fault.New(fault.Invalid, "party.org-number-malformed")
	}
	sum := 0
	for i, weight := range orgWeights {
		sum += weight * int(digits[i]-'0')
	}
	// A remainder of 1 would need the check digit 10; such numbers are not given out.
	if check := (11 - sum%11) % 11; check != int(digits[8]-'0') {
		return "", fault.New(fault.Invalid, "party.org-number-check-digit")
	}
	return OrgNumber(digits), nil
}

// ParseActorID reads the form in which tokens and Peppol name an organisation,
// "0192:" and the number. The faults are those of ParseOrgNumber.
func ParseActorID(s string) (OrgNumber, error) {
	number, ok := strings.CutPrefix(s, actorScheme)
	if !ok {
		return "", fault.New(fault.Invalid, "party.org-number-malformed")
	}
	return ParseOrgNumber(number)
}

// ActorID gives the form that ParseActorID reads; "" for an unknown number.
func (n OrgNumber) ActorID() string {
	if n == "" {
		return ""
	}
	return actorScheme + string(n)
}

// String gives the nine digits without spaces.
func (n OrgNumber) String() string { return string(n) }

// UnmarshalText reads a number; empty text is an unknown one. The faults are
// those of ParseOrgNumber.
func (n *OrgNumber) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*n = ""
		return nil
	}
	p, err := ParseOrgNumber(string(b))
	if err != nil {
		return err
	}
	*n = p
	return nil
}
