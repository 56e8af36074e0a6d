package seal

import (
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

const ownLabel = "fellesloft/own/1"

// EncryptOwn seals an entry of an organisation's own library with the
// organisation's key. The result opens only for the same organisation, entry and
// version. Faults: Invalid "seal.scope-invalid", TooLarge "seal.too-large",
// Internal "seal.key-gone".
func (k DataKey) EncryptOwn(org, entry uuid.UUID, version int64, plain []byte) ([]byte, error) {
	if err := ownScope(org, entry); err != nil {
		return nil, err
	}
	return k.sealBox(ownLabel, fields(org[:], entry[:], number(version)), plain)
}

// DecryptOwn opens what EncryptOwn made. Faults: Invalid "seal.scope-invalid",
// Internal "seal.broken", Internal "seal.key-gone".
func (k DataKey) DecryptOwn(org, entry uuid.UUID, version int64, sealed []byte) ([]byte, error) {
	if err := ownScope(org, entry); err != nil {
		return nil, err
	}
	return k.openBox(ownLabel, fields(org[:], entry[:], number(version)), sealed)
}

func ownScope(org, entry uuid.UUID) error {
	if org == uuid.Nil || entry == uuid.Nil {
		return fault.New(fault.Invalid, "seal.scope-invalid")
	}
	return nil
}
