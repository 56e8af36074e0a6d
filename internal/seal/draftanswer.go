package seal

import (
	"encoding/json"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

const (
	answerLabel = "fellesloft/answer/1"
	// valueLabel is that of an answer as it was stored before it had marks: the
	// value alone. Drafts lie over upgrades, so it opens.
	valueLabel = "fellesloft/value/1"
)

// answerEntry is the plain text of a draft's answer. Requirement and version are
// bound data and stand beside it.
type answerEntry struct {
	Value  json.RawMessage `json:"value"`
	Secret string          `json:"secret,omitempty"`
	Buyers []uuid.UUID     `json:"buyers,omitempty"`
}

// EncryptAnswer seals one answer of a draft, with its marks. The result opens
// only with the same scope, requirement and answer version, so rows cannot be
// swapped or put back to an older content under a newer version. Faults: Invalid
// "seal.scope-invalid", "seal.answers-invalid"; TooLarge "seal.too-large";
// Internal "seal.key-gone".
func (k DataKey) EncryptAnswer(scope Scope, a Answer) ([]byte, error) {
	if err := scope.openable(); err != nil {
		return nil, err
	}
	if len(a.Value) > MaxValue {
		return nil, tooLarge(MaxValue)
	}
	buyers, ok := sortIDs(a.Buyers)
	if !ok || !a.valid() {
		return nil, fault.New(fault.Invalid, "seal.answers-invalid", fault.Params{"requirement": a.Requirement.String()})
	}
	plain, err := canonicalJSON(answerEntry{a.Value, a.Secret, buyers})
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	return k.sealBox(answerLabel, answerBound(scope, a.Requirement, a.Version), plain)
}

// DecryptAnswer opens what EncryptAnswer made, and answers that were stored
// before they had marks. Faults: Invalid "seal.scope-invalid", Internal
// "seal.broken", Internal "seal.key-gone".
func (k DataKey) DecryptAnswer(scope Scope, requirement uuid.UUID, version int64, sealed []byte) (Answer, error) {
	if err := scope.openable(); err != nil {
		return Answer{}, err
	}
	a := Answer{Requirement: requirement, Version: version}
	plain, err := k.openBox(answerLabel, answerBound(scope, requirement, version), sealed)
	if err != nil {
		a.Value, err = k.openBox(valueLabel, answerBound(scope, requirement, version), sealed)
		return a, err
	}
	var entry answerEntry
	if strictJSON(plain, &entry) != nil {
		return Answer{}, broken("answer")
	}
	a.Value, a.Secret, a.Buyers = entry.Value, entry.Secret, entry.Buyers
	return a, nil
}

func answerBound(scope Scope, requirement uuid.UUID, version int64) []byte {
	return fields(scope.bytes(), requirement[:], number(version))
}
