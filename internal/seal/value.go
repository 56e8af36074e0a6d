package seal

import (
	"crypto/rand"
	"encoding/binary"

	"github.com/fellesloft/fellesloft/internal/fault"
	"golang.org/x/crypto/chacha20poly1305"
)

const (
	// ValueStep is the step, in bytes, in which the size of a stored value
	// grows, so that a size does not tell a price.
	ValueStep = 64
	// MaxValue is the largest value, in bytes of plain text.
	MaxValue = 1 << 20

	// maxBox is the largest content of a box: a value with its marks.
	maxBox = MaxValue + 64<<10

	summaryLabel = "fellesloft/summary/1"

	lengthSize = 4
	boxFormat  = 1
)

// EncryptSummary seals the summary of a draft (validity, conditions,
// completeness) as computed for a version of the requirement set. The scope
// must be that of the summary: PartSummary and no lot. Faults: Invalid
// "seal.scope-invalid", TooLarge "seal.too-large", Internal "seal.key-gone".
func (k DataKey) EncryptSummary(scope Scope, setVersion int64, plain []byte) ([]byte, error) {
	if err := scope.summarises(); err != nil {
		return nil, err
	}
	return k.sealBox(summaryLabel, fields(scope.bytes(), number(setVersion)), plain)
}

// DecryptSummary opens what EncryptSummary made. Faults: Invalid
// "seal.scope-invalid", Internal "seal.broken", Internal "seal.key-gone".
func (k DataKey) DecryptSummary(scope Scope, setVersion int64, sealed []byte) ([]byte, error) {
	if err := scope.summarises(); err != nil {
		return nil, err
	}
	return k.openBox(summaryLabel, fields(scope.bytes(), number(setVersion)), sealed)
}

func (s Scope) summarises() error {
	if err := s.Validate(); err != nil {
		return err
	}
	if s.Part != PartSummary {
		return fault.New(fault.Invalid, "seal.scope-invalid").At("part")
	}
	return nil
}

// sealBox gives format byte, nonce and ciphertext of the padded plain text.
func (k DataKey) sealBox(label string, bound, plain []byte) ([]byte, error) {
	if len(plain) > maxBox {
		return nil, tooLarge(maxBox)
	}
	key, err := k.derive(nil, label, keySize)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	padded := pad(plain, ValueStep)
	defer clear(padded)
	return sealWith(key, fields([]byte(label), bound), padded)
}

func (k DataKey) openBox(label string, bound, sealed []byte) ([]byte, error) {
	key, err := k.derive(nil, label, keySize)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	padded, err := openWith(key, fields([]byte(label), bound), sealed)
	if err != nil {
		return nil, err
	}
	return unpad(padded, ValueStep)
}

// sealWith encrypts with XChaCha20-Poly1305 and a random nonce: 192 bits, so
// chance never repeats one.
func sealWith(key, bound, plain []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "seal.cipher", err)
	}
	out := make([]byte, 1+aead.NonceSize(), 1+aead.NonceSize()+len(plain)+aead.Overhead())
	out[0] = boxFormat
	_, _ = rand.Read(out[1:])
	return aead.Seal(out, out[1:], plain, bound), nil //nolint:gosec // the nonce was filled with random bytes just above
}

func openWith(key, bound, sealed []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "seal.cipher", err)
	}
	head := 1 + aead.NonceSize()
	if len(sealed) < head+aead.Overhead() || sealed[0] != boxFormat {
		return nil, broken("box")
	}
	plain, err := aead.Open(nil, sealed[1:head], sealed[head:], bound)
	if err != nil {
		return nil, broken("box")
	}
	return plain, nil
}

// pad gives length, plain text and zeros up to the next whole step.
func pad(plain []byte, step int) []byte {
	size := lengthSize + len(plain)
	size += (step - size%step) % step
	out := make([]byte, size)
	binary.BigEndian.PutUint32(out, uint32(len(plain))) //nolint:gosec // at most MaxEnvelope
	copy(out[lengthSize:], plain)
	return out
}

// unpad accepts only what pad gives, so a plain text has one padded form.
func unpad(padded []byte, step int) ([]byte, error) {
	if len(padded) < lengthSize || len(padded)%step != 0 {
		return nil, broken("padding")
	}
	n := int(binary.BigEndian.Uint32(padded))
	if n > len(padded)-lengthSize || len(padded)-lengthSize-n >= step {
		return nil, broken("padding")
	}
	for _, b := range padded[lengthSize+n:] {
		if b != 0 {
			return nil, broken("padding")
		}
	}
	return padded[lengthSize : lengthSize+n : lengthSize+n], nil
}

func tooLarge(limit int) *fault.Error {
	return fault.New(fault.TooLarge, "seal.too-large", fault.Params{"limit": itoa(limit)})
}
