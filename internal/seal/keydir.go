package seal

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

const (
	masterName   = "master.keys"
	openingSub   = "opening"
	destroyedSub = "destroyed"

	openingSuffix   = ".age"
	destroyedSuffix = ".json"

	openingFormat   = "fellesloft-opening-key/1"
	destroyedFormat = "fellesloft-destroyed-key/1"
)

// KeyDir is OpeningKeys in a mounted folder: `opening/<id>.age` holds a key,
// encrypted with age for the newest master key, and `destroyed/<id>.json` marks
// a key that has ended. The mark is what makes a second key for an id
// impossible, so it is written first when a key is destroyed and looked at last
// when one is made. No locks: each step is one link, rename or removal, so
// several workers may share the folder over a file system that has hard links.
type KeyDir struct {
	redacted
	folder  string
	masters []age.Identity
	// newest is the master that encrypts, and recipient what it encrypts for.
	newest    age.Identity
	recipient age.Recipient
}

var _ OpeningKeys = (*KeyDir)(nil)

// openingJSON is what an opening key's file decrypts to. The id is inside, so
// that a renamed file is not taken for another key.
type openingJSON struct {
	Format   string    `json:"format"`
	ID       uuid.UUID `json:"id"`
	Created  time.Time `json:"created"`
	Identity string    `json:"identity"`
}

type destroyedJSON struct {
	Format    string    `json:"format"`
	ID        uuid.UUID `json:"id"`
	Destroyed time.Time `json:"destroyed"`
}

// InitKeyDir makes the folder with its parts and the master key file, and
// leaves what is there. An empty masterFile means `master.keys` in the folder;
// elsewhere is better in production, so that a copy of the folder is of no use
// alone. For `admin keys init` and `dev`; a worker never makes a folder, since
// an empty one is more likely a volume that is not mounted.
func InitKeyDir(folder, masterFile string) (created bool, err error) {
	return Keys{}.InitDir(folder, masterFile)
}

// InitDir is InitKeyDir. With a service there is no master key to make.
func (k Keys) InitDir(folder, masterFile string) (created bool, err error) {
	for _, dir := range []string{folder, filepath.Join(folder, openingSub), filepath.Join(folder, destroyedSub)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return false, keyFolderFault(dir, "unwritable", err)
		}
	}
	if k.Service != nil {
		return false, nil
	}
	return k.Ensure(masterPath(folder, masterFile), PurposeOpening)
}

// OpenKeyDir opens the folder that InitKeyDir made; all master keys in the file
// open, the newest encrypts. It finishes destructions that were cut off.
// Faults: Unavailable "seal.key-folder-missing", "seal.key-folder-unreadable";
// Internal "seal.key-folder-open-to-others"; those of a key file
// ("seal.key-file-…").
func OpenKeyDir(folder, masterFile string) (*KeyDir, error) {
	return Keys{}.OpenDir(folder, masterFile)
}

// OpenDir is OpenKeyDir. With a service it is the master key, which never leaves
// it; a file of older master keys is read where it is there, until all opening
// keys have been encrypted anew.
func (k Keys) OpenDir(folder, masterFile string) (*KeyDir, error) {
	for _, dir := range []string{folder, filepath.Join(folder, openingSub), filepath.Join(folder, destroyedSub)} {
		if err := checkFolder(dir); err != nil {
			return nil, err
		}
	}
	d := &KeyDir{folder: folder}
	file, err := k.load(masterPath(folder, masterFile), PurposeOpening)
	if err != nil && (k.Service == nil || fault.RuleOf(err) != "seal.key-file-missing") {
		return nil, err
	}
	for _, older := range file.keys {
		identity, err := age.ParseX25519Identity(older.secret)
		if err != nil {
			return nil, keyFileFault(masterPath(folder, masterFile), "malformed", nil)
		}
		d.masters = append(d.masters, identity)
		d.newest, d.recipient = identity, identity.Recipient()
	}
	if k.Service != nil {
		master := serviceMaster{k.Service}
		d.masters = append(d.masters, master)
		d.newest, d.recipient = master, master
	}
	return d, d.finishDestroyed()
}

// Create implements OpeningKeys.
func (d *KeyDir) Create(ctx context.Context, id uuid.UUID) (string, error) {
	if err := usable(ctx, id); err != nil {
		return "", err
	}
	identity, err := d.load(id)
	if fault.RuleOf(err) != "seal.opening-key-missing" {
		return publicOf(identity, err)
	}
	identity, err = age.GenerateX25519Identity()
	if err != nil {
		return "", fault.Wrap(fault.Internal, "seal.random", err)
	}
	err = d.write(id, identity, createFile)
	if errors.Is(err, fs.ErrExist) {
		return publicOf(d.load(id))
	}
	if err != nil {
		return "", err
	}
	if err := d.yieldToDestroyed(id); err != nil {
		return "", err
	}
	return identity.Recipient().String(), nil
}

// Unwrap implements OpeningKeys.
func (d *KeyDir) Unwrap(ctx context.Context, scope Scope, wrapped []byte) (DataKey, error) {
	if err := scope.openable(); err != nil {
		return DataKey{}, err
	}
	if err := usable(ctx, scope.OpeningKeyID()); err != nil {
		return DataKey{}, err
	}
	identity, err := d.load(scope.OpeningKeyID())
	if err != nil {
		return DataKey{}, err
	}
	return unwrapWith(identity, scope.bytes(), wrapped)
}

// Destroy implements OpeningKeys. The file is overwritten before it is removed.
func (d *KeyDir) Destroy(ctx context.Context, id uuid.UUID) error {
	if err := usable(ctx, id); err != nil {
		return err
	}
	mark, err := canonicalJSON(destroyedJSON{Format: destroyedFormat, ID: id, Destroyed: time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	if err := createFile(d.destroyedPath(id), mark); err != nil && !errors.Is(err, fs.ErrExist) {
		return storeFailed(id, err)
	}
	return d.shred(id)
}

// Check implements OpeningKeys.
func (d *KeyDir) Check(ctx context.Context, id uuid.UUID, public string) error {
	if err := usable(ctx, id); err != nil {
		return err
	}
	identity, err := d.load(id)
	if err != nil {
		return err
	}
	trial, place := NewDataKey(), fields([]byte("check"), id[:])
	defer trial.Zero()
	wrapped, err := wrapFor(public, place, trial)
	if err != nil {
		return err
	}
	back, err := unwrapWith(identity, place, wrapped)
	defer back.Zero()
	if err != nil || !back.Equal(trial) {
		return openingFault(fault.Internal, "mismatch", id)
	}
	return nil
}

// Reencrypt encrypts every opening key for the newest master key and gives the
// number changed. After it the older master keys may leave the file. It is an
// operator's step, safe beside running workers.
func (d *KeyDir) Reencrypt(ctx context.Context) (int, error) {
	ids, err := d.stored()
	if err != nil {
		return 0, err
	}
	changed := 0
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return changed, fault.Wrap(fault.Unavailable, "seal.interrupted", err)
		}
		done, err := d.reencrypt(id)
		if err != nil {
			return changed, err
		}
		if done {
			changed++
		}
	}
	return changed, nil
}

func (d *KeyDir) reencrypt(id uuid.UUID) (bool, error) {
	// Only a service knows which version of its key has encrypted: what it
	// opens is written anew too.
	_, service := d.newest.(serviceMaster)
	if _, err := d.loadWith(id, d.newest); err == nil && !service {
		return false, nil
	}
	identity, err := d.load(id)
	switch fault.RuleOf(err) {
	case "":
	case "seal.opening-key-destroyed", "seal.opening-key-missing":
		return false, nil // destroyed meanwhile
	default:
		return false, err
	}
	if err := d.write(id, identity, replaceFile); err != nil {
		return false, err
	}
	err = d.yieldToDestroyed(id)
	if fault.RuleOf(err) == "seal.opening-key-destroyed" {
		return false, nil
	}
	return err == nil, err
}

func publicOf(identity *age.X25519Identity, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return identity.Recipient().String(), nil
}
