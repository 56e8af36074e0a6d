package seal

import (
	"bytes"
	"context"
	"io"

	"filippo.io/age"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

const (
	openingLabel = "fellesloft/opening-wrap/1"
	maxWrap      = 4096
)

// OpeningKeys is the port to the private halves of the opening keys, one per
// lot and part of a procurement. Only the worker has it. An implementation is
// safe for use by several workers at once.
type OpeningKeys interface {
	// Create makes the key of an id, or finds it, and gives its public half.
	// However often and from however many workers it is called, an id has one
	// key. Faults: Conflict "seal.opening-key-destroyed"; Unavailable
	// "seal.key-store-failed" and "seal.opening-key-locked".
	Create(ctx context.Context, id uuid.UUID) (public string, err error)

	// Unwrap gives the data key that WrapForOpening wrapped for the scope. The
	// caller has checked the deadline and both approvals in the transaction
	// that read the wrap, and records the use. Faults: Unavailable
	// "seal.opening-key-missing", "seal.opening-key-locked",
	// "seal.key-store-failed"; Conflict "seal.opening-key-destroyed"; Internal
	// "seal.broken" for a wrap that is altered or of another scope.
	Unwrap(ctx context.Context, scope Scope, wrapped []byte) (DataKey, error)

	// Destroy ends a key for ever, also one that was never made: from then on
	// nothing wrapped for it opens, and no second key takes its place. It may
	// be repeated. Faults: Unavailable "seal.key-store-failed".
	Destroy(ctx context.Context, id uuid.UUID) error

	// Check tries wrap and unwrap with the public half that suppliers' keys are
	// wrapped for. Faults: those of Unwrap, and Internal
	// "seal.opening-key-mismatch" when the halves do not belong together.
	Check(ctx context.Context, id uuid.UUID, public string) error
}

// WrapForOpening wraps a data key for the opening of its lot and part, with the
// public half of the opening key alone. The wrap carries the scope, so it opens
// as that scope's and no other. Faults: Invalid "seal.scope-invalid",
// "seal.public-key-malformed"; Internal "seal.key-gone".
func WrapForOpening(public string, scope Scope, dk DataKey) ([]byte, error) {
	if err := scope.openable(); err != nil {
		return nil, err
	}
	return wrapFor(public, scope.bytes(), dk)
}

// wrapFor binds the place inside the encrypted part: age has no bound data.
func wrapFor(public string, place []byte, dk DataKey) ([]byte, error) {
	recipient, err := age.ParseX25519Recipient(public)
	if err != nil {
		return nil, fault.New(fault.Invalid, "seal.public-key-malformed")
	}
	secret, err := dk.reveal()
	if err != nil {
		return nil, err
	}
	plain := fields([]byte(openingLabel), place, secret)
	defer clear(plain)
	return encryptAge(plain, recipient)
}

// unwrapWith is the other half of wrapFor.
func unwrapWith(identity age.Identity, place, wrapped []byte) (DataKey, error) {
	if len(wrapped) > maxWrap {
		return DataKey{}, broken("opening-wrap")
	}
	plain, err := decryptAge(wrapped, identity)
	if err != nil {
		return DataKey{}, broken("opening-wrap")
	}
	defer clear(plain)
	head := fields([]byte(openingLabel), place, make([]byte, keySize))
	head = head[:len(head)-keySize]
	secret, ok := bytes.CutPrefix(plain, head)
	if !ok || len(secret) != keySize {
		return DataKey{}, broken("opening-wrap")
	}
	return dataKeyFrom(secret)
}

func encryptAge(plain []byte, recipient age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, recipient)
	if unanswered := away(err); unanswered != nil {
		return nil, unanswered
	}
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "seal.cipher", err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fault.Wrap(fault.Internal, "seal.cipher", err)
	}
	if err := w.Close(); err != nil {
		return nil, fault.Wrap(fault.Internal, "seal.cipher", err)
	}
	return out.Bytes(), nil
}

func decryptAge(sealed []byte, identities ...age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), identities...)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
