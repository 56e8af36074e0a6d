package seal

import (
	"io"
	"log/slog"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

const (
	// BundleFormat names the form of the file that a supplier may download.
	BundleFormat = "fellesloft-bundle/1"
	// OpenedFormat names the form of the file that says what was opened.
	OpenedFormat = "fellesloft-opened/1"

	// maxBundle is the largest file that is read, in bytes.
	maxBundle = 256 << 20
)

// Bundle is a supplier's own proof: the receipt, the envelopes and the data
// keys that open them. Whoever has it can read the tender, so it is given to
// the supplier's own requests only and is not stored or logged.
type Bundle struct {
	Format  string        `json:"format"`
	Receipt SignedReceipt `json:"receipt"`
	Parts   []BundlePart  `json:"parts"`
}

// LogValue gives a fixed text: a log in JSON would otherwise write the keys.
func (Bundle) LogValue() slog.Value { return slog.StringValue(redaction) }

// BundlePart is one envelope of a bundle.
type BundlePart struct {
	Lot        uuid.UUID `json:"lot"`
	Part       Part      `json:"part"`
	Ciphertext []byte    `json:"ciphertext"`
	// DataKey is what DataKey.Export gives; empty where the holder has no key.
	DataKey ExportedKey `json:"data_key,omitempty"`
}

// Opened is what an opening wrote, as the buyer gives it out.
type Opened struct {
	Format string       `json:"format"`
	Tender uuid.UUID    `json:"tender"`
	Parts  []OpenedPart `json:"parts"`
}

// OpenedPart is one opened lot and part.
type OpenedPart struct {
	Lot     uuid.UUID `json:"lot"`
	Part    Part      `json:"part"`
	Answers []Answer  `json:"answers"`
}

// NewBundle starts a bundle for a receipt.
func NewBundle(receipt SignedReceipt) Bundle {
	return Bundle{Format: BundleFormat, Receipt: receipt}
}

// Add puts an envelope with its key into the bundle; Internal "seal.key-gone".
func (b *Bundle) Add(lot uuid.UUID, part Part, ciphertext []byte, dk DataKey) error {
	key, err := dk.Export()
	if err != nil {
		return err
	}
	b.Parts = append(b.Parts, BundlePart{Lot: lot, Part: part, Ciphertext: ciphertext, DataKey: key})
	return nil
}

// ReadBundle reads a bundle file: Invalid "seal.bundle-malformed".
func ReadBundle(r io.Reader) (Bundle, error) {
	var b Bundle
	err := readJSON(r, &b)
	if err != nil || b.Format != BundleFormat {
		return Bundle{}, fault.Wrap(fault.Invalid, "seal.bundle-malformed", err)
	}
	return b, nil
}

// ReadOpened reads a file of opened answers: Invalid "seal.opened-malformed".
func ReadOpened(r io.Reader) (Opened, error) {
	var o Opened
	err := readJSON(r, &o)
	if err != nil || o.Format != OpenedFormat {
		return Opened{}, fault.Wrap(fault.Invalid, "seal.opened-malformed", err)
	}
	return o, nil
}

// readJSON reads one document of bounded size.
func readJSON(r io.Reader, into any) error {
	b, err := io.ReadAll(io.LimitReader(r, maxBundle+1))
	if err != nil {
		return err
	}
	if len(b) > maxBundle {
		return tooLarge(maxBundle)
	}
	return strictJSON(b, into)
}
