package seal

import (
	"crypto/ed25519"
	"time"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

const (
	// ConfirmationFormat names the form of a confirmation; it is inside what is
	// signed.
	ConfirmationFormat = "fellesloft-confirmation/1"

	confirmationLabel = "fellesloft/confirmation-signature/1"
)

// Confirmation says that a supplier let what it had submitted stand under a
// later version of the requirements. It holds no answer and names no other
// supplier.
type Confirmation struct {
	Format      string    `json:"format"`
	Procurement uuid.UUID `json:"procurement"`
	Tender      uuid.UUID `json:"tender"`
	Supplier    uuid.UUID `json:"supplier"`
	// Submission is the one that stands; Receipt is the SHA-256 of its signed
	// receipt, byte for byte.
	Submission int    `json:"submission"`
	Receipt    Digest `json:"receipt"`
	// SetVersion is the version that it stands under; Requirements is the SHA-256
	// that was published with it.
	SetVersion   int    `json:"set_version"`
	Requirements Digest `json:"requirements"`
	// ConfirmedAt is the database's clock at the gate, before any lock, and
	// Deadline the one that it was judged against: UTC with six decimals.
	ConfirmedAt string    `json:"confirmed_at"`
	Deadline    string    `json:"deadline"`
	KeyID       uuid.UUID `json:"key_id"`
}

// SignedConfirmation is a confirmation with the server's signature.
type SignedConfirmation struct {
	Confirmation Confirmation `json:"confirmation"`
	Signature    []byte       `json:"signature"`
}

// Confirm completes a confirmation with format, instants and key id, and signs
// it.
func (s *SigningKey) Confirm(c Confirmation, at, deadline time.Time) (SignedConfirmation, error) {
	c.Format, c.KeyID = ConfirmationFormat, s.id
	c.ConfirmedAt, c.Deadline = at.UTC().Format(instantForm), deadline.UTC().Format(instantForm)
	body, err := canonicalJSON(c)
	if err != nil {
		return SignedConfirmation{}, err
	}
	return SignedConfirmation{Confirmation: c, Signature: ed25519.Sign(s.private, fields([]byte(confirmationLabel), body))}, nil
}

// VerifyConfirmation checks a confirmation's signature. Faults: Invalid
// "seal.signature-invalid"; NotFound "seal.signing-key-unknown".
func (p PublicKeys) VerifyConfirmation(s SignedConfirmation) error {
	body, err := canonicalJSON(s.Confirmation)
	if err != nil {
		return err
	}
	for _, k := range p.Keys {
		if k.ID != s.Confirmation.KeyID {
			continue
		}
		if len(k.Ed25519) != ed25519.PublicKeySize || s.Confirmation.Format != ConfirmationFormat ||
			!ed25519.Verify(k.Ed25519, fields([]byte(confirmationLabel), body), s.Signature) {
			return fault.New(fault.Invalid, "seal.signature-invalid", fault.Params{"key": k.ID.String()})
		}
		return nil
	}
	return fault.New(fault.NotFound, "seal.signing-key-unknown", fault.Params{"key": s.Confirmation.KeyID.String()})
}
