package seal

import "github.com/google/uuid"

const noteLabel = "fellesloft/note/1"

// EncryptNote seals what a supplier's people write to each other about an answer.
// The scope must be that of the summary, whose key is never handed over for the
// opening: no buyer ever reads a note. Faults: Invalid "seal.scope-invalid",
// TooLarge "seal.too-large", Internal "seal.key-gone".
func (k DataKey) EncryptNote(scope Scope, requirement, note uuid.UUID, plain []byte) ([]byte, error) {
	if err := scope.summarises(); err != nil {
		return nil, err
	}
	return k.sealBox(noteLabel, fields(scope.bytes(), requirement[:], note[:]), plain)
}

// DecryptNote opens what EncryptNote made. Faults: Invalid "seal.scope-invalid",
// Internal "seal.broken", Internal "seal.key-gone".
func (k DataKey) DecryptNote(scope Scope, requirement, note uuid.UUID, sealed []byte) ([]byte, error) {
	if err := scope.summarises(); err != nil {
		return nil, err
	}
	return k.openBox(noteLabel, fields(scope.bytes(), requirement[:], note[:]), sealed)
}
