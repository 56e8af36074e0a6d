package seal

import (
	"context"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

const (
	wrapLabel  = "fellesloft/org-wrap/1"
	wrapFormat = 1
	wrapHead   = 1 + len(uuid.UUID{})
)

// Unwrapping is one use of the wrapping key: whose wrap, of which data key.
type Unwrapping struct {
	Organisation uuid.UUID
	DataKey      uuid.UUID
	WrappingKey  uuid.UUID
	// Opened is false for a wrap that did not open: altered, or another
	// organisation's.
	Opened bool
}

// UnwrapLog records an unwrap before the key is given; when it fails, no key is
// given. The context is that of the request, by which the caller's alarm tells
// an unwrap without a request of that organisation.
type UnwrapLog func(ctx context.Context, u Unwrapping) error

// WrappingKey wraps data keys for the supplier organisations of a tender. Only
// `serve` holds it, and it uses it for a request of that organisation only. It
// is safe for use by many goroutines.
type WrappingKey struct {
	redacted
	newest uuid.UUID
	keys   map[uuid.UUID]DataKey
	log    UnwrapLog
}

// LoadWrappingKey reads the key file of PurposeWrapping. The newest key wraps,
// all unwrap. A log is required: Internal "seal.unwrap-log-missing". Otherwise
// the faults of a key file: "seal.key-file-…", with the file's name.
func LoadWrappingKey(path string, log UnwrapLog) (*WrappingKey, error) {
	return Keys{}.LoadWrapping(path, log)
}

// LoadWrapping is LoadWrappingKey.
func (k Keys) LoadWrapping(path string, log UnwrapLog) (*WrappingKey, error) {
	if log == nil {
		return nil, fault.New(fault.Internal, "seal.unwrap-log-missing")
	}
	file, err := k.load(path, PurposeWrapping)
	if err != nil {
		return nil, err
	}
	w := &WrappingKey{newest: file.newest().id, keys: map[uuid.UUID]DataKey{}, log: log}
	for _, k := range file.keys {
		b, err := secretBytes(k.secret)
		if err != nil {
			return nil, err
		}
		w.keys[k.id], err = dataKeyFrom(b)
		clear(b)
		if err != nil {
			return nil, err
		}
	}
	return w, nil
}

// WrapForOrg wraps a data key for an organisation. The wrap opens only for the
// same organisation and data key id. Faults: Invalid "seal.wrap-invalid" for a
// missing id; Internal "seal.key-gone".
func (w *WrappingKey) WrapForOrg(org, dataKeyID uuid.UUID, dk DataKey) ([]byte, error) {
	if org == uuid.Nil || dataKeyID == uuid.Nil {
		return nil, fault.New(fault.Invalid, "seal.wrap-invalid")
	}
	plain, err := dk.reveal()
	if err != nil {
		return nil, err
	}
	key, err := w.keys[w.newest].derive(nil, wrapLabel, keySize)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	box, err := sealWith(key, w.bound(w.newest, org, dataKeyID), plain)
	if err != nil {
		return nil, err
	}
	return append(append([]byte{wrapFormat}, w.newest[:]...), box...), nil
}

// Current reports whether a wrap was made with the newest key. A request that
// has unwrapped an older one wraps it anew, so that older keys can be retired.
func (w *WrappingKey) Current(wrapped []byte) bool {
	return len(wrapped) >= wrapHead && wrapped[0] == wrapFormat && uuid.UUID(wrapped[1:wrapHead]) == w.newest
}

// UnwrapForOrg gives the data key of a wrap to a request of the organisation;
// whether the request is one is the caller's to know. Every call that reaches a
// key is logged. Faults: Internal "seal.broken"; Unavailable
// "seal.wrapping-key-missing" when the key that wrapped is not in the file;
// the log's own error.
func (w *WrappingKey) UnwrapForOrg(ctx context.Context, org, dataKeyID uuid.UUID, wrapped []byte) (DataKey, error) {
	if len(wrapped) < wrapHead || wrapped[0] != wrapFormat {
		return DataKey{}, broken("org-wrap")
	}
	keyID := uuid.UUID(wrapped[1:wrapHead])
	master, ok := w.keys[keyID]
	if !ok {
		return DataKey{}, fault.New(fault.Unavailable, "seal.wrapping-key-missing", fault.Params{"key": keyID.String()})
	}
	dk, err := w.open(master, keyID, org, dataKeyID, wrapped[wrapHead:])
	entry := Unwrapping{Organisation: org, DataKey: dataKeyID, WrappingKey: keyID, Opened: err == nil}
	if logErr := w.log(ctx, entry); logErr != nil {
		dk.Zero()
		return DataKey{}, logErr
	}
	return dk, err
}

func (w *WrappingKey) open(master DataKey, keyID, org, dataKeyID uuid.UUID, box []byte) (DataKey, error) {
	key, err := master.derive(nil, wrapLabel, keySize)
	if err != nil {
		return DataKey{}, err
	}
	defer clear(key)
	plain, err := openWith(key, w.bound(keyID, org, dataKeyID), box)
	if err != nil {
		return DataKey{}, broken("org-wrap")
	}
	defer clear(plain)
	return dataKeyFrom(plain)
}

func (w *WrappingKey) bound(keyID, org, dataKeyID uuid.UUID) []byte {
	return fields([]byte(wrapLabel), keyID[:], org[:], dataKeyID[:])
}
