package seal

import (
	"crypto/ed25519"
	"time"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

const (
	publicKeysFormat = "fellesloft-public-keys/1"
	receiptLabel     = "fellesloft/receipt-signature/1"
)

// SigningKey signs receipts. Only `serve` holds it. It is safe for use by many
// goroutines.
type SigningKey struct {
	redacted
	id      uuid.UUID
	private ed25519.PrivateKey
	public  PublicKeys
}

// PublicKeys are the keys that receipts are verified with, oldest first: those
// of every signing key that has been in use. They are no secret; as JSON they
// are the file that is published.
type PublicKeys struct {
	Format string      `json:"format"`
	Keys   []PublicKey `json:"keys"`
}

// PublicKey is the public half of one signing key.
type PublicKey struct {
	ID uuid.UUID `json:"id"`
	// Created is when the key was made, UTC. Rotation adds; it does not end a
	// key's receipts.
	Created time.Time `json:"created"`
	// Ed25519 is the key, 32 bytes.
	Ed25519 []byte `json:"ed25519"`
}

// LoadSigningKey reads the key file of PurposeSigning; the newest key signs.
// Faults are those of a key file ("seal.key-file-…").
func LoadSigningKey(path string) (*SigningKey, error) { return Keys{}.LoadSigning(path) }

// LoadSigning is LoadSigningKey.
func (k Keys) LoadSigning(path string) (*SigningKey, error) {
	file, err := k.load(path, PurposeSigning)
	if err != nil {
		return nil, err
	}
	s := &SigningKey{public: PublicKeys{Format: publicKeysFormat}}
	for _, k := range file.keys {
		seed, err := secretBytes(k.secret)
		if err != nil {
			return nil, err
		}
		s.id, s.private = k.id, ed25519.NewKeyFromSeed(seed)
		clear(seed)
		public, _ := s.private.Public().(ed25519.PublicKey) // the only type it has
		s.public.Keys = append(s.public.Keys, PublicKey{ID: k.id, Created: k.created, Ed25519: public})
	}
	return s, nil
}

// PublicKeys gives the public halves, for publication.
func (s *SigningKey) PublicKeys() PublicKeys { return s.public }

// Sign completes a receipt with format, key id and order, and signs it. Faults:
// Invalid "seal.receipt-invalid" at the field.
func (s *SigningKey) Sign(r Receipt) (SignedReceipt, error) {
	r.Format, r.KeyID, r.Members, r.Envelopes, r.Files = r.format(), s.id, sortMembers(r.Members), sortEnvelopes(r.Envelopes), sortReceiptFiles(r.Files)
	r.ReceivedAt, r.Deadline = r.ReceivedAt.UTC(), r.Deadline.UTC()
	body, err := r.Canonical()
	if err != nil {
		return SignedReceipt{}, err
	}
	return SignedReceipt{Receipt: r, Signature: ed25519.Sign(s.private, signed(body))}, nil
}

// Verify checks a receipt's signature. Faults: Invalid "seal.receipt-invalid",
// "seal.signature-invalid"; NotFound "seal.signing-key-unknown".
func (p PublicKeys) Verify(s SignedReceipt) error {
	body, err := s.Receipt.Canonical()
	if err != nil {
		return err
	}
	for _, k := range p.Keys {
		if k.ID != s.Receipt.KeyID {
			continue
		}
		if len(k.Ed25519) != ed25519.PublicKeySize || !ed25519.Verify(k.Ed25519, signed(body), s.Signature) {
			return fault.New(fault.Invalid, "seal.signature-invalid", fault.Params{"key": k.ID.String()})
		}
		return nil
	}
	return fault.New(fault.NotFound, "seal.signing-key-unknown", fault.Params{"key": s.Receipt.KeyID.String()})
}

// ParsePublicKeys reads the published file: Invalid
// "seal.public-keys-malformed".
func ParsePublicKeys(b []byte) (PublicKeys, error) {
	var p PublicKeys
	malformed := fault.New(fault.Invalid, "seal.public-keys-malformed")
	if strictJSON(b, &p) != nil || p.Format != publicKeysFormat || len(p.Keys) == 0 {
		return PublicKeys{}, malformed
	}
	seen := map[uuid.UUID]bool{}
	for _, k := range p.Keys {
		if k.ID == uuid.Nil || seen[k.ID] || len(k.Ed25519) != ed25519.PublicKeySize {
			return PublicKeys{}, malformed
		}
		seen[k.ID] = true
	}
	return p, nil
}

// signed is the receipt under a label of its own, so that a signature over
// something else is never one over a receipt.
func signed(body []byte) []byte { return fields([]byte(receiptLabel), body) }
