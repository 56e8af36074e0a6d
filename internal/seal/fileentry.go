package seal

import (
	"encoding/json"
	"log/slog"
	"slices"
	"unicode/utf8"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

const (
	// MaxFiles is the largest number of files in an envelope.
	MaxFiles = 500

	// fileEntryStep is the step in which the size of a stored entry grows: wider
	// than that of a value, since most of an entry is the file's name.
	fileEntryStep  = 512
	fileEntryLabel = "fellesloft/file-entry/1"
)

// File is what is known of an attached file: in a draft encrypted beside the
// content, after submission inside the envelope. Its key opens the content.
type File struct {
	// ID stays when the content is replaced; answers name it.
	ID uuid.UUID `json:"id"`
	// Requirement is what the file answers; uuid.Nil for a general annex.
	Requirement uuid.UUID `json:"requirement"`
	// Version counts the contents and names of an ID, from 1.
	Version int64  `json:"version"`
	Name    string `json:"name"`
	// MediaType is what the supplier said that it is. Nobody serves it as that.
	MediaType string `json:"media_type"`
	// Size and SHA256 are those of the plain content.
	Size   int64     `json:"size"`
	SHA256 Digest    `json:"sha256"`
	Object uuid.UUID `json:"object"`
	// Key is the key of the content, as NewFileWriter made it.
	Key ExportedKey `json:"key"`
	// Secret is why the file is a business secret; "" for one that is not.
	Secret string `json:"secret,omitempty"`
}

// LogValue gives a fixed text: a log in JSON would otherwise write the key.
func (File) LogValue() slog.Value { return slog.StringValue(redaction) }

// Place is what the file's content belongs to.
func (f File) Place(procurement, tender uuid.UUID) FilePlace {
	return FilePlace{Procurement: procurement, Tender: tender, Object: f.Object}
}

func (f File) valid() bool {
	_, err := ImportDataKey(f.Key)
	return err == nil && f.ID != uuid.Nil && f.Object != uuid.Nil && f.Version >= 1 && f.Size >= 0 && f.SHA256 != Digest{} &&
		f.Name != "" && utf8.ValidString(f.Name) && utf8.ValidString(f.MediaType) && validReason(f.Secret)
}

// EncryptFile seals what is known of a file of a draft. The result opens only
// with the same scope, id and version. Faults: Invalid "seal.scope-invalid",
// "seal.file-invalid"; Internal "seal.key-gone".
func (k DataKey) EncryptFile(scope Scope, f File) ([]byte, error) {
	if err := scope.openable(); err != nil {
		return nil, err
	}
	if !f.valid() {
		return nil, fault.New(fault.Invalid, "seal.file-invalid", fault.Params{"file": f.ID.String()})
	}
	plain, err := canonicalJSON(f)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	key, err := k.derive(nil, fileEntryLabel, keySize)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	padded := pad(plain, fileEntryStep)
	defer clear(padded)
	return sealWith(key, fileEntryBound(scope, f.ID, f.Version), padded)
}

// DecryptFile opens what EncryptFile made. Faults: Invalid
// "seal.scope-invalid"; Internal "seal.broken", "seal.key-gone".
func (k DataKey) DecryptFile(scope Scope, id uuid.UUID, version int64, sealed []byte) (File, error) {
	if err := scope.openable(); err != nil {
		return File{}, err
	}
	key, err := k.derive(nil, fileEntryLabel, keySize)
	if err != nil {
		return File{}, err
	}
	defer clear(key)
	padded, err := openWith(key, fileEntryBound(scope, id, version), sealed)
	if err != nil {
		return File{}, err
	}
	plain, err := unpad(padded, fileEntryStep)
	if err != nil {
		return File{}, err
	}
	defer clear(padded)
	var f File
	if json.Unmarshal(plain, &f) != nil || f.ID != id || f.Version != version || !f.valid() {
		return File{}, broken("file-entry")
	}
	return f, nil
}

func fileEntryBound(scope Scope, id uuid.UUID, version int64) []byte {
	return fields([]byte(fileEntryLabel), fields(scope.bytes(), id[:], number(version)))
}

// sortFiles gives the files in the one order that an envelope has; false for
// what no envelope may have.
func sortFiles(files []File) ([]File, bool) {
	sorted := slices.SortedFunc(slices.Values(files), func(a, b File) int { return compareID(a.ID, b.ID) })
	for i, f := range sorted {
		if !f.valid() || i > 0 && sorted[i-1].ID == f.ID {
			return nil, false
		}
	}
	return sorted, true
}
