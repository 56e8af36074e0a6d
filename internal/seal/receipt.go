package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

const (
	// ReceiptFormat names the form of a receipt; it is inside what is signed.
	ReceiptFormat = "fellesloft-receipt/1"
	// ReceiptFilesFormat names the form of a receipt that lists files.
	ReceiptFilesFormat = "fellesloft-receipt/2"
	// ReceiptMembersFormat names the form of a receipt for several suppliers; it
	// may list files.
	ReceiptMembersFormat = "fellesloft-receipt/3"

	instantForm = "2006-01-02T15:04:05.000000Z"
	maxReceipt  = 1 << 20
)

// ReceiptEnvelope is what a receipt says of one envelope.
type ReceiptEnvelope struct {
	Lot    uuid.UUID `json:"lot"`
	Part   Part      `json:"part"`
	SHA256 Digest    `json:"sha256"`
	// Size is the size of the ciphertext in bytes.
	Size int64 `json:"size"`
}

// Receipt says what was received when. It names no other supplier and no other
// receipt, so it tells its holder nothing about the competition.
type Receipt struct {
	// Format is set by Sign.
	Format      string
	Procurement uuid.UUID
	Tender      uuid.UUID
	// Supplier is the organisation that submitted.
	Supplier uuid.UUID
	// Members are the other organisations in whose name it was submitted, in the
	// order of their ids; Sign orders them.
	Members []uuid.UUID
	// Submission counts the submissions of this tender, from 1.
	Submission int
	// ReceivedAt is the database's clock at the gate, before any lock; whole
	// microseconds.
	ReceivedAt time.Time
	// Deadline is the one that ReceivedAt was judged against; whole
	// microseconds.
	Deadline time.Time
	// Envelopes are ordered by lot and part; Sign orders them.
	Envelopes []ReceiptEnvelope
	// Files are ordered by id; Sign orders them.
	Files []ReceiptFile
	// KeyID is the signing key; Sign sets it.
	KeyID uuid.UUID
}

// receiptJSON fixes names and order of the fields.
type receiptJSON struct {
	Format      string            `json:"format"`
	Procurement uuid.UUID         `json:"procurement"`
	Tender      uuid.UUID         `json:"tender"`
	Supplier    uuid.UUID         `json:"supplier"`
	Members     []uuid.UUID       `json:"members,omitempty"`
	Submission  int               `json:"submission"`
	ReceivedAt  string            `json:"received_at"`
	Deadline    string            `json:"deadline"`
	Envelopes   []ReceiptEnvelope `json:"envelopes"`
	Files       []ReceiptFile     `json:"files,omitempty"`
	KeyID       uuid.UUID         `json:"key_id"`
}

// Digest is a SHA-256, written in hexadecimal.
type Digest [sha256.Size]byte

// String gives lower-case hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText gives lower-case hexadecimal.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads hexadecimal.
func (d *Digest) UnmarshalText(text []byte) error {
	if b, err := hex.DecodeString(string(text)); err == nil && len(b) == len(d) {
		copy(d[:], b)
		return nil
	}
	return fault.New(fault.Invalid, "seal.digest-malformed")
}

// ReceiptEntry is what a receipt says of an envelope.
func (e Envelope) ReceiptEntry(lot uuid.UUID, part Part) ReceiptEnvelope {
	return ReceiptEnvelope{Lot: lot, Part: part, SHA256: e.SHA256, Size: int64(len(e.Ciphertext))}
}

// Validate gives an Invalid fault "seal.receipt-invalid" at the field at fault.
// A receipt is given only for what came before the deadline (FOA § 22-3).
func (r Receipt) Validate() error {
	bad := func(field string) error {
		return fault.New(fault.Invalid, "seal.receipt-invalid").At(field)
	}
	switch {
	case r.Format != r.format():
		return bad("format")
	case r.Procurement == uuid.Nil:
		return bad("procurement")
	case r.Tender == uuid.Nil:
		return bad("tender")
	case r.Supplier == uuid.Nil:
		return bad("supplier")
	case !r.orderedMembers():
		return bad("members")
	case r.Submission < 1:
		return bad("submission")
	case !wholeMicroseconds(r.Deadline):
		return bad("deadline")
	case !wholeMicroseconds(r.ReceivedAt) || !r.ReceivedAt.Before(r.Deadline):
		return bad("received_at")
	case r.KeyID == uuid.Nil:
		return bad("key_id")
	case len(r.Envelopes) == 0:
		return bad("envelopes")
	}
	for i, e := range r.Envelopes {
		unordered := i > 0 && compareEnvelopes(r.Envelopes[i-1], e) >= 0
		if unordered || !e.Part.Opens() || e.SHA256 == (Digest{}) || e.Size < 1 || e.Size > MaxEnvelope {
			return bad("envelopes[" + itoa(i) + "]")
		}
	}
	return r.validateFiles()
}

// Covers checks that the receipt lists these bytes as the envelope of a lot and
// part. The worker asks before it opens, with a receipt that it has verified:
// anyone can wrap a key for the opening, only the server can give a receipt.
// Faults: Invalid "seal.envelope-not-in-receipt", "seal.hash-differs".
func (r Receipt) Covers(lot uuid.UUID, part Part, ciphertext []byte) error {
	for _, e := range r.Envelopes {
		if e.Lot != lot || e.Part != part {
			continue
		}
		if sha256.Sum256(ciphertext) != e.SHA256 || int64(len(ciphertext)) != e.Size {
			return fault.New(fault.Invalid, "seal.hash-differs")
		}
		return nil
	}
	return fault.New(fault.Invalid, "seal.envelope-not-in-receipt")
}

func wholeMicroseconds(t time.Time) bool {
	return !t.IsZero() && t.Nanosecond()%int(time.Microsecond) == 0 && t.UTC().Year() < 10000
}

// Canonical gives the bytes that are signed, after Validate.
func (r Receipt) Canonical() ([]byte, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	return canonicalJSON(r)
}

// MarshalJSON writes instants in UTC with microseconds and the fields in the
// order of the format.
func (r Receipt) MarshalJSON() ([]byte, error) {
	return canonicalJSON(receiptJSON{
		Format: r.Format, Procurement: r.Procurement, Tender: r.Tender, Supplier: r.Supplier, Members: r.Members, Submission: r.Submission,
		ReceivedAt: r.ReceivedAt.UTC().Format(instantForm), Deadline: r.Deadline.UTC().Format(instantForm),
		Envelopes: r.Envelopes, Files: r.Files, KeyID: r.KeyID,
	})
}

// UnmarshalJSON reads what MarshalJSON writes and refuses unknown fields.
func (r *Receipt) UnmarshalJSON(b []byte) error {
	var w receiptJSON
	if err := strictJSON(b, &w); err != nil {
		return err
	}
	received, errReceived := time.Parse(instantForm, w.ReceivedAt)
	deadline, errDeadline := time.Parse(instantForm, w.Deadline)
	if errReceived != nil || errDeadline != nil {
		return fault.New(fault.Invalid, "seal.receipt-malformed")
	}
	*r = Receipt{
		Format: w.Format, Procurement: w.Procurement, Tender: w.Tender, Supplier: w.Supplier, Members: w.Members, Submission: w.Submission,
		ReceivedAt: received, Deadline: deadline, Envelopes: w.Envelopes, Files: w.Files, KeyID: w.KeyID,
	}
	return nil
}

// SignedReceipt is a receipt with the server's signature; as JSON it is what is
// stored and handed out.
type SignedReceipt struct {
	Receipt   Receipt `json:"receipt"`
	Signature []byte  `json:"signature"`
}

// ParseSignedReceipt reads a signed receipt. Blanks do not matter; anything
// else that would not be written so (unknown, repeated or reordered fields) is
// refused, so two readers never see two different receipts. It does not verify
// the signature. Faults: Invalid "seal.receipt-malformed",
// "seal.receipt-invalid".
func ParseSignedReceipt(b []byte) (SignedReceipt, error) {
	malformed := fault.New(fault.Invalid, "seal.receipt-malformed")
	var s SignedReceipt
	if len(b) > maxReceipt || strictJSON(b, &s) != nil {
		return SignedReceipt{}, malformed
	}
	if err := s.Receipt.Validate(); err != nil {
		return SignedReceipt{}, err
	}
	if !sameJSON(b, s) {
		return SignedReceipt{}, malformed
	}
	return s, nil
}

// sameJSON reports whether b is the canonical form of v but for blanks.
func sameJSON(b []byte, v any) bool {
	want, err := canonicalJSON(v)
	if err != nil {
		return false
	}
	var got bytes.Buffer
	return json.Compact(&got, b) == nil && bytes.Equal(got.Bytes(), want)
}

func sortEnvelopes(list []ReceiptEnvelope) []ReceiptEnvelope {
	return slices.SortedFunc(slices.Values(list), compareEnvelopes)
}

func compareEnvelopes(a, b ReceiptEnvelope) int {
	if c := compareID(a.Lot, b.Lot); c != 0 {
		return c
	}
	return strings.Compare(string(a.Part), string(b.Part))
}
