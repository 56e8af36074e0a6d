package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

// Purpose says what a key file is for. A file serves one purpose, so that the
// worker's folder cannot be mounted as the wrapping key of `serve`.
type Purpose string

// The purposes. Wrapping and signing keys belong to `serve`, the opening master
// to the worker.
const (
	PurposeWrapping Purpose = "wrapping"
	PurposeOpening  Purpose = "opening"
	PurposeSigning  Purpose = "signing"
)

const (
	keyFileFormat  = "fellesloft-keys/1"
	maxKeyFileSize = 1 << 20
)

// keyFile is a file of keys with one purpose, oldest first. The last one is
// used for new work; all of them open what older ones made.
type keyFile struct {
	redacted
	purpose Purpose
	keys    []fileKey
	// encrypted by a key service, and not plain.
	encrypted bool
}

// Keys says how key files are kept: plain, or with a service encrypted by it.
// Plain files are read also where there is a service, so that a deployment can
// go over to one.
type Keys struct{ Service KeyService }

// decrypt opens a key file that a service has encrypted.
func (k Keys) decrypt(path string, sealed []byte) ([]byte, error) {
	if k.Service == nil {
		return nil, keyFileFault(path, "locked", nil)
	}
	plain, err := decryptAge(sealed, serviceMaster{k.Service})
	if unanswered := away(err); unanswered != nil {
		return nil, unanswered
	}
	if err != nil {
		return nil, keyFileFault(path, "locked", nil)
	}
	return plain, nil
}

// encode writes a file as it is kept.
func (k Keys) encode(file keyFile) ([]byte, error) {
	plain, err := file.encode()
	if err != nil || k.Service == nil {
		return plain, err
	}
	defer clear(plain)
	return encryptAge(plain, serviceMaster{k.Service})
}

type fileKey struct {
	redacted
	id      uuid.UUID
	created time.Time
	secret  string
}

// keyFileJSON and fileKeyJSON are the written form. They are apart from the
// types in use, so that encoding a secret is always a deliberate step.
type keyFileJSON struct {
	Format  string        `json:"format"`
	Purpose Purpose       `json:"purpose"`
	Keys    []fileKeyJSON `json:"keys"`
}

type fileKeyJSON struct {
	ID      uuid.UUID `json:"id"`
	Created time.Time `json:"created"`
	Secret  string    `json:"secret"`
}

// InitKeyFile makes a key file with one new key and gives the key's id. It
// never overwrites: Conflict "seal.key-file-exists". The file is readable by
// its owner only, as is its folder where that is made too. For `admin keys
// init`.
func InitKeyFile(path string, purpose Purpose) (uuid.UUID, error) { return Keys{}.Init(path, purpose) }

// Init is InitKeyFile.
func (k Keys) Init(path string, purpose Purpose) (uuid.UUID, error) {
	key, err := newFileKey(purpose)
	if err != nil {
		return uuid.Nil, err
	}
	b, err := k.encode(keyFile{purpose: purpose, keys: []fileKey{key}})
	if err != nil {
		return uuid.Nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return uuid.Nil, keyFileFault(path, "unwritable", err)
	}
	if err := createFile(path, b); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return uuid.Nil, keyFileFault(path, "exists", nil)
		}
		return uuid.Nil, keyFileFault(path, "unwritable", err)
	}
	return key.id, nil
}

// EnsureKeyFile is InitKeyFile where the file may be there already; it is then
// checked. Several processes may call it at once: one makes the file. For `dev`.
func EnsureKeyFile(path string, purpose Purpose) (created bool, err error) {
	return Keys{}.Ensure(path, purpose)
}

// Ensure is EnsureKeyFile. A file that is there and plain is encrypted, where
// there is a service.
func (k Keys) Ensure(path string, purpose Purpose) (created bool, err error) {
	if _, err = k.Init(path, purpose); err == nil {
		return true, nil
	}
	if fault.RuleOf(err) != "seal.key-file-exists" {
		return false, err
	}
	file, err := k.load(path, purpose)
	if err != nil || k.Service == nil || file.encrypted {
		return false, err
	}
	return false, k.replace(path, file)
}

// RotateKeyFile adds a new key, which is used for new work from the next start
// on, and gives its id. Older keys stay, since what they made must still open.
// One operator does it at a time. Faults as for loading.
func RotateKeyFile(path string, purpose Purpose) (uuid.UUID, error) {
	return Keys{}.Rotate(path, purpose)
}

// Rotate is RotateKeyFile.
func (k Keys) Rotate(path string, purpose Purpose) (uuid.UUID, error) {
	file, err := k.load(path, purpose)
	if err != nil {
		return uuid.Nil, err
	}
	key, err := newFileKey(purpose)
	if err != nil {
		return uuid.Nil, err
	}
	file.keys = append(file.keys, key)
	b, err := k.encode(file)
	if err != nil {
		return uuid.Nil, err
	}
	if err := replaceFile(path, b); err != nil {
		return uuid.Nil, keyFileFault(path, "unwritable", err)
	}
	return key.id, nil
}

// RetireOlderKeys leaves only the newest key in a file and gives the ids of
// those removed; the file's old bytes are overwritten. What the removed keys
// made does not open afterwards: opening keys must have been encrypted anew
// (KeyDir.Reencrypt), suppliers' wraps wrapped anew (WrappingKey.Current).
// Signing keys stay, since receipts are verified with them: Invalid
// "seal.key-purpose-kept". Otherwise the faults of loading.
func RetireOlderKeys(path string, purpose Purpose) ([]uuid.UUID, error) {
	return Keys{}.RetireOlder(path, purpose)
}

// RetireOlder is RetireOlderKeys.
func (k Keys) RetireOlder(path string, purpose Purpose) ([]uuid.UUID, error) {
	if purpose == PurposeSigning {
		return nil, fault.New(fault.Invalid, "seal.key-purpose-kept")
	}
	file, err := k.load(path, purpose)
	if err != nil {
		return nil, err
	}
	var removed []uuid.UUID
	for _, older := range file.keys[:len(file.keys)-1] {
		removed = append(removed, older.id)
	}
	return removed, k.replace(path, keyFile{purpose: purpose, keys: []fileKey{file.newest()}})
}

// replace writes a file anew and overwrites its old bytes.
func (k Keys) replace(path string, file keyFile) error {
	b, err := k.encode(file)
	if err != nil {
		return err
	}
	old := filepath.Join(filepath.Dir(path), tempPrefix(path)+uuid.NewString()+".old")
	if err := os.Link(path, old); err != nil {
		return keyFileFault(path, "unwritable", err)
	}
	if err := errors.Join(replaceFile(path, b), shredFileUnless(old, path)); err != nil {
		return keyFileFault(path, "unwritable", err)
	}
	return nil
}

// load reads a key file, plain or encrypted by the service. Each fault names the
// file: Unavailable "seal.key-file-missing", "seal.key-file-unreadable",
// "seal.key-file-locked"; Internal "seal.key-file-open-to-others",
// "seal.key-file-malformed", "seal.key-file-other-purpose". A service that does
// not answer is told by its own fault.
func (k Keys) load(path string, purpose Purpose) (keyFile, error) {
	b, err := readSecretFile(path)
	if err != nil {
		return keyFile{}, err
	}
	encrypted := bytes.HasPrefix(b, []byte("age-encryption.org/"))
	if encrypted {
		if b, err = k.decrypt(path, b); err != nil {
			return keyFile{}, err
		}
	}
	defer clear(b)
	var written keyFileJSON
	if err := strictJSON(b, &written); err != nil || written.Format != keyFileFormat || len(written.Keys) == 0 {
		return keyFile{}, keyFileFault(path, "malformed", nil)
	}
	if written.Purpose != purpose {
		return keyFile{}, keyFileFault(path, "other-purpose", nil, fault.Params{
			"purpose": string(written.Purpose), "wanted": string(purpose),
		})
	}
	file := keyFile{purpose: purpose, encrypted: encrypted}
	seen := map[uuid.UUID]bool{}
	for i, k := range written.Keys {
		if k.ID == uuid.Nil || seen[k.ID] || !validSecret(purpose, k.Secret) {
			return keyFile{}, keyFileFault(path, "malformed", nil, fault.Params{"key": itoa(i + 1)})
		}
		seen[k.ID] = true
		file.keys = append(file.keys, fileKey{id: k.ID, created: k.Created, secret: k.Secret})
	}
	return file, nil
}

// readSecretFile refuses a file that others than its owner may read or write:
// a key that someone else could have read protects nothing.
func readSecretFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, keyFileFault(path, "missing", nil)
	case err != nil:
		return nil, keyFileFault(path, "unreadable", err)
	case !info.Mode().IsRegular() || info.Size() > maxKeyFileSize:
		return nil, keyFileFault(path, "malformed", nil)
	case info.Mode().Perm()&0o077 != 0:
		return nil, keyFileFault(path, "open-to-others", nil, fault.Params{"mode": info.Mode().Perm().String(), "wanted": "-rw-------"})
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, keyFileFault(path, "unreadable", err)
	}
	return b, nil
}

func (f keyFile) newest() fileKey { return f.keys[len(f.keys)-1] }

func (f keyFile) encode() ([]byte, error) {
	written := keyFileJSON{Format: keyFileFormat, Purpose: f.purpose}
	for _, k := range f.keys {
		written.Keys = append(written.Keys, fileKeyJSON{ID: k.id, Created: k.created, Secret: k.secret})
	}
	b, err := json.MarshalIndent(written, "", "  ")
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "seal.encode", err)
	}
	return append(b, '\n'), nil
}

func newFileKey(purpose Purpose) (fileKey, error) {
	id, err := uuid.NewRandom()
	if err != nil {
		return fileKey{}, fault.Wrap(fault.Internal, "seal.random", err)
	}
	key := fileKey{id: id, created: time.Now().UTC().Truncate(time.Second)}
	switch purpose {
	case PurposeOpening:
		identity, err := age.GenerateX25519Identity()
		if err != nil {
			return fileKey{}, fault.Wrap(fault.Internal, "seal.random", err)
		}
		key.secret = identity.String()
	case PurposeWrapping, PurposeSigning:
		var b [keySize]byte
		_, _ = rand.Read(b[:])
		key.secret = base64.StdEncoding.EncodeToString(b[:])
	default:
		return fileKey{}, fault.New(fault.Invalid, "seal.key-purpose-unknown")
	}
	return key, nil
}

func validSecret(purpose Purpose, text string) bool {
	if purpose == PurposeOpening {
		_, err := age.ParseX25519Identity(text)
		return err == nil
	}
	b, err := secretBytes(text)
	clear(b)
	return err == nil
}

// secretBytes reads a symmetric key or an Ed25519 seed; both are 32 bytes.
func secretBytes(text string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != keySize || bytes.Equal(b, make([]byte, keySize)) {
		return nil, broken("key-file")
	}
	return b, nil
}

// keyFileFault names the file and what is wrong with it. The first three can be
// mended from outside while the program waits; the others stop it.
func keyFileFault(path, problem string, cause error, more ...fault.Params) *fault.Error {
	kind := fault.Internal
	switch problem {
	case "missing", "unreadable", "locked":
		kind = fault.Unavailable
	case "exists":
		kind = fault.Conflict
	}
	e := fault.Wrap(kind, "seal.key-file-"+problem, cause)
	e.Params = fault.Params{"file": filepath.Clean(path)}
	for _, p := range more {
		for k, v := range p {
			e.Params[k] = v
		}
	}
	return e
}
