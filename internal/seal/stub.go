package seal

import (
	"context"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/google/uuid"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Answer is one answer of an envelope.
type Answer struct {
	Requirement uuid.UUID       `json:"requirement"`
	Version     int64           `json:"version"`
	Value       json.RawMessage `json:"value"`
}

// Envelope is all answers of a lot and part, encrypted.
type Envelope struct {
	Ciphertext []byte
	SHA256     [32]byte
}

func SealEnvelope(dk DataKey, scope Scope, answers []Answer) (Envelope, error)  { panic("stub") }
func OpenEnvelope(dk DataKey, scope Scope, ciphertext []byte) ([]Answer, error) { panic("stub") }

// Purpose says what a key file is for.
type Purpose string

const (
	PurposeWrapping Purpose = "wrapping"
	PurposeOpening  Purpose = "opening"
	PurposeSigning  Purpose = "signing"
)

func InitKeyFile(path string, purpose Purpose) (uuid.UUID, error)          { panic("stub") }
func EnsureKeyFile(path string, purpose Purpose) (created bool, err error) { panic("stub") }
func RotateKeyFile(path string, purpose Purpose) (uuid.UUID, error)        { panic("stub") }

// Unwrapping is one use of the wrapping key.
type Unwrapping struct {
	Organisation uuid.UUID
	DataKey      uuid.UUID
	WrappingKey  uuid.UUID
	Opened       bool
}

// UnwrapLog records every unwrap; when it fails, the key is not given.
type UnwrapLog func(ctx context.Context, u Unwrapping) error

type WrappingKey struct{ redacted }

func LoadWrappingKey(path string, log UnwrapLog) (*WrappingKey, error) { panic("stub") }
func (w *WrappingKey) WrapForOrg(org, dataKeyID uuid.UUID, dk DataKey) ([]byte, error) {
	panic("stub")
}
func (w *WrappingKey) UnwrapForOrg(ctx context.Context, org, dataKeyID uuid.UUID, wrapped []byte) (DataKey, error) {
	panic("stub")
}

// OpeningKeys is the port to the private halves of the opening keys.
type OpeningKeys interface {
	Create(ctx context.Context, id uuid.UUID) (public string, err error)
	Unwrap(ctx context.Context, scope Scope, wrapped []byte) (DataKey, error)
	Destroy(ctx context.Context, id uuid.UUID) error
	Check(ctx context.Context, id uuid.UUID, public string) error
}

func WrapForOpening(public string, scope Scope, dk DataKey) ([]byte, error) { panic("stub") }

type KeyDir struct{ redacted }

func InitKeyDir(folder string) (created bool, err error)                   { panic("stub") }
func OpenKeyDir(folder, masterFile string) (*KeyDir, error)                { panic("stub") }
func (d *KeyDir) Create(ctx context.Context, id uuid.UUID) (string, error) { panic("stub") }
func (d *KeyDir) Unwrap(ctx context.Context, scope Scope, wrapped []byte) (DataKey, error) {
	panic("stub")
}
func (d *KeyDir) Destroy(ctx context.Context, id uuid.UUID) error              { panic("stub") }
func (d *KeyDir) Check(ctx context.Context, id uuid.UUID, public string) error { panic("stub") }
func (d *KeyDir) Reencrypt(ctx context.Context) (int, error)                   { panic("stub") }

type ReceiptEnvelope struct {
	Lot    uuid.UUID
	Part   Part
	SHA256 [32]byte
	Size   int64
}

type Receipt struct {
	Format      string
	Procurement uuid.UUID
	Tender      uuid.UUID
	Supplier    uuid.UUID
	Submission  int
	ReceivedAt  time.Time
	Deadline    time.Time
	Envelopes   []ReceiptEnvelope
	KeyID       uuid.UUID
}

type SignedReceipt struct {
	Receipt   Receipt
	Signature []byte
}

func ParseSignedReceipt(b []byte) (SignedReceipt, error) { panic("stub") }

type SigningKey struct{ redacted }

func LoadSigningKey(path string) (*SigningKey, error)       { panic("stub") }
func (k *SigningKey) Sign(r Receipt) (SignedReceipt, error) { panic("stub") }
func (k *SigningKey) PublicKeys() PublicKeys                { panic("stub") }

type PublicKeys struct{}

func ParsePublicKeys(b []byte) (PublicKeys, error) { panic("stub") }
func (p PublicKeys) Verify(s SignedReceipt) error  { panic("stub") }

type SealedPart struct {
	Lot        uuid.UUID
	Part       Part
	Ciphertext []byte
	DataKey    string
}

type Bundle struct {
	Receipt SignedReceipt
	Parts   []SealedPart
}

type OpenedPart struct {
	Lot     uuid.UUID
	Part    Part
	Answers []Answer
}

type Report struct{}

func VerifyBundle(b Bundle, keys PublicKeys, opened []OpenedPart) Report { panic("stub") }
func VerifyReaders(bundle, keys, opened io.Reader) (Report, error)       { panic("stub") }
