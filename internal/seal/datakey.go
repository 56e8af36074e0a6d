package seal

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// keySize is the size of every symmetric key, in bytes.
const keySize = 32

// DataKey is the key of one scope. Copies share the secret, so Zero on one ends
// all of them. The zero value holds no key and refuses to be used. It is not to
// be zeroed while another goroutine uses it.
type DataKey struct {
	redacted
	secret *secret
}

type secret struct {
	bytes [keySize]byte
	gone  bool
}

// NewDataKey makes a random key.
func NewDataKey() DataKey {
	k := DataKey{secret: &secret{}}
	_, _ = rand.Read(k.secret.bytes[:]) // never fails: the runtime stops the program instead
	return k
}

func dataKeyFrom(b []byte) (DataKey, error) {
	if len(b) != keySize {
		return DataKey{}, broken("data-key")
	}
	k := DataKey{secret: &secret{}}
	copy(k.secret.bytes[:], b)
	return k, nil
}

// Zero overwrites the secret. Whoever gets a key calls it when done, so that
// keys do not lie in memory for longer than a request.
func (k DataKey) Zero() {
	if k.secret == nil {
		return
	}
	clear(k.secret.bytes[:])
	k.secret.gone = true
}

// Equal compares two keys in constant time. A key that is gone equals nothing.
func (k DataKey) Equal(other DataKey) bool {
	a, errA := k.reveal()
	b, errB := other.reveal()
	return errA == nil && errB == nil && subtle.ConstantTimeCompare(a, b) == 1
}

// ExportedKey is a data key as text (base64). Printing and logging it gives a
// fixed text; JSON gives the key, since that is what a bundle is for.
type ExportedKey string

// Format gives a fixed text for every verb.
func (ExportedKey) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redaction) }

// LogValue gives a fixed text.
func (ExportedKey) LogValue() slog.Value { return slog.StringValue(redaction) }

// Export gives the key as text, for the supplier's own bundle and nothing else.
// It fails with Internal "seal.key-gone" for a zeroed key.
func (k DataKey) Export() (ExportedKey, error) {
	b, err := k.reveal()
	if err != nil {
		return "", err
	}
	return ExportedKey(base64.StdEncoding.EncodeToString(b)), nil
}

// ImportDataKey reads the text that Export gives; Invalid
// "seal.data-key-malformed" otherwise.
func ImportDataKey(text ExportedKey) (DataKey, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(string(text))
	if err != nil || len(b) != keySize {
		return DataKey{}, fault.New(fault.Invalid, "seal.data-key-malformed")
	}
	return dataKeyFrom(b)
}

func (k DataKey) reveal() ([]byte, error) {
	if k.secret == nil || k.secret.gone {
		return nil, fault.New(fault.Internal, "seal.key-gone")
	}
	return k.secret.bytes[:], nil
}

// derive gives n bytes for one use of the key. Each use has its own label, so
// what is encrypted for one can never be read as another.
func (k DataKey) derive(salt []byte, label string, n int) ([]byte, error) {
	b, err := k.reveal()
	if err != nil {
		return nil, err
	}
	out, err := hkdf.Key(sha256.New, b, salt, label, n)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "seal.derive", err)
	}
	return out, nil
}

// broken is the fault for what does not open: altered, or not what the caller
// says it is.
func broken(what string) *fault.Error {
	return fault.New(fault.Internal, "seal.broken", fault.Params{"what": what})
}
