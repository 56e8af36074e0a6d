package seal

import (
	"bytes"
	"context"
	"errors"
	"time"

	"filippo.io/age"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// KeyService encrypts small secrets with a key that never leaves it: a key
// management service. An implementation is safe for use by many goroutines and
// returns faults: Invalid for a ciphertext that its key did not make, and
// Unavailable for all else, since a service that does not answer has lost
// nothing.
type KeyService interface {
	Encrypt(ctx context.Context, plaintext []byte) ([]byte, error)
	Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error)
}

// serviceWait bounds one call of a key service. Keys are read at start and when
// tenders are opened, where waiting longer helps nobody.
const serviceWait = 15 * time.Second

// stanzaType names what a key service has encrypted in the head of an age file.
const stanzaType = "fellesloft.org/key-service/1"

// serviceMaster is a key service as an age master key. What it encrypts is the
// key of one file, so files of any size cost the service one small call.
type serviceMaster struct{ service KeyService }

var (
	_ age.Recipient = serviceMaster{}
	_ age.Identity  = serviceMaster{}
)

// Wrap implements age.Recipient.
func (m serviceMaster) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	ctx, cancel := context.WithTimeout(context.Background(), serviceWait)
	defer cancel()
	sealed, err := m.service.Encrypt(ctx, fileKey)
	if err != nil {
		return nil, err
	}
	return []*age.Stanza{{Type: stanzaType, Body: sealed}}, nil
}

// Unwrap implements age.Identity.
func (m serviceMaster) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), serviceWait)
	defer cancel()
	for _, s := range stanzas {
		if s.Type != stanzaType {
			continue
		}
		fileKey, err := m.service.Decrypt(ctx, s.Body)
		if fault.Is(err, fault.Invalid) {
			return nil, age.ErrIncorrectIdentity
		}
		return fileKey, err
	}
	return nil, age.ErrIncorrectIdentity
}

// away gives the fault of a service that could not be asked, nil for another
// error: what cannot be asked now is not lost.
func away(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Unavailable {
		return f
	}
	return nil
}

// TryKeyService has a service encrypt and decrypt, as programs do at start. It
// returns the service's fault, or Internal (seal.key-service-mismatch).
func TryKeyService(ctx context.Context, s KeyService) error {
	trial := NewDataKey()
	defer trial.Zero()
	plain, err := trial.reveal()
	if err != nil {
		return err
	}
	sealed, err := s.Encrypt(ctx, plain)
	if err != nil {
		return err
	}
	back, err := s.Decrypt(ctx, sealed)
	defer clear(back)
	if err != nil {
		return err
	}
	if !bytes.Equal(back, plain) {
		return fault.New(fault.Internal, "seal.key-service-mismatch")
	}
	return nil
}
