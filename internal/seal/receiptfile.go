package seal

import (
	"slices"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

// ReceiptFile is what a receipt says of one file: nothing of its name or type.
type ReceiptFile struct {
	ID   uuid.UUID `json:"id"`
	Lot  uuid.UUID `json:"lot"`
	Part Part      `json:"part"`
	// SHA256 and Size are those of the ciphertext as it is stored.
	SHA256 Digest `json:"sha256"`
	Size   int64  `json:"size"`
}

func sortReceiptFiles(files []ReceiptFile) []ReceiptFile {
	return slices.SortedFunc(slices.Values(files), func(a, b ReceiptFile) int { return compareID(a.ID, b.ID) })
}

// validateFiles also refuses a file whose lot and part have no envelope: its
// key would be nowhere.
func (r Receipt) validateFiles() error {
	for i, f := range r.Files {
		unordered := i > 0 && compareID(r.Files[i-1].ID, f.ID) >= 0
		sealed := slices.ContainsFunc(r.Envelopes, func(e ReceiptEnvelope) bool { return e.Lot == f.Lot && e.Part == f.Part })
		if unordered || !sealed || f.ID == uuid.Nil || f.SHA256 == (Digest{}) || f.Size < int64(fileHead+FileStep) {
			return fault.New(fault.Invalid, "seal.receipt-invalid").At("files[" + itoa(i) + "]")
		}
	}
	return nil
}

// CoversFiles checks that the files of an opened envelope are those that the
// receipt lists for its lot and part: a list that was put together by another
// hand is not opened. Fault: Invalid "seal.files-not-in-receipt".
func (r Receipt) CoversFiles(lot uuid.UUID, part Part, files []File) error {
	differs := fault.New(fault.Invalid, "seal.files-not-in-receipt")
	inEnvelope := map[uuid.UUID]bool{}
	for _, f := range files {
		inEnvelope[f.ID] = true
	}
	listed := 0
	for _, f := range r.Files {
		if f.Lot != lot || f.Part != part {
			continue
		}
		if !inEnvelope[f.ID] {
			return differs
		}
		listed++
	}
	if listed != len(files) {
		return differs
	}
	return nil
}

// File gives what the receipt says of a file.
func (r Receipt) File(id uuid.UUID) (ReceiptFile, bool) {
	i := slices.IndexFunc(r.Files, func(f ReceiptFile) bool { return f.ID == id })
	if i < 0 {
		return ReceiptFile{}, false
	}
	return r.Files[i], true
}
