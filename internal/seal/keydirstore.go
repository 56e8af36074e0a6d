package seal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

// load reads a key with any of the masters. The mark is looked at after the
// file too: a destruction in between leaves zeros to read.
func (d *KeyDir) load(id uuid.UUID) (*age.X25519Identity, error) {
	return d.loadWith(id, d.masters...)
}

func (d *KeyDir) loadWith(id uuid.UUID, masters ...age.Identity) (*age.X25519Identity, error) {
	identity, err := d.read(id, masters)
	gone, markErr := d.destroyed(id)
	switch {
	case markErr != nil:
		return nil, markErr
	case gone:
		return nil, openingFault(fault.Conflict, "destroyed", id)
	}
	return identity, err
}

func (d *KeyDir) read(id uuid.UUID, masters []age.Identity) (*age.X25519Identity, error) {
	sealed, err := os.ReadFile(d.openingPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, openingFault(fault.Unavailable, "missing", id)
	}
	if err != nil {
		return nil, storeFailed(id, err)
	}
	plain, err := decryptAge(sealed, masters...)
	if unanswered := away(err); unanswered != nil {
		return nil, unanswered
	}
	if err != nil {
		return nil, openingFault(fault.Unavailable, "locked", id)
	}
	defer clear(plain)
	var key openingJSON
	if err := strictJSON(plain, &key); err != nil || key.Format != openingFormat || key.ID != id {
		return nil, openingFault(fault.Unavailable, "locked", id)
	}
	identity, err := age.ParseX25519Identity(key.Identity)
	if err != nil {
		return nil, openingFault(fault.Unavailable, "locked", id)
	}
	return identity, nil
}

// write encrypts a key for the newest master and stores it by put, which is
// createFile or replaceFile.
func (d *KeyDir) write(id uuid.UUID, identity *age.X25519Identity, put func(string, []byte) error) error {
	plain, err := canonicalJSON(openingJSON{
		Format: openingFormat, ID: id, Created: time.Now().UTC().Truncate(time.Second), Identity: identity.String(),
	})
	if err != nil {
		return err
	}
	defer clear(plain)
	sealed, err := encryptAge(plain, d.recipient)
	if err != nil {
		return err
	}
	err = put(d.openingPath(id), sealed)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return storeFailed(id, err)
	}
	return err
}

// yieldToDestroyed takes back a file that was written while its key was being
// destroyed.
func (d *KeyDir) yieldToDestroyed(id uuid.UUID) error {
	gone, err := d.destroyed(id)
	if err != nil || !gone {
		return err
	}
	if err := d.shred(id); err != nil {
		return err
	}
	return openingFault(fault.Conflict, "destroyed", id)
}

func (d *KeyDir) destroyed(id uuid.UUID) (bool, error) {
	_, err := os.Stat(d.destroyedPath(id))
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	}
	return false, storeFailed(id, err)
}

// shred removes every copy of a key in the folder.
func (d *KeyDir) shred(id uuid.UUID) error {
	// A process that died while writing may have left the key under a
	// temporary name.
	entries, err := os.ReadDir(filepath.Join(d.folder, openingSub))
	if err != nil {
		return storeFailed(id, err)
	}
	path := d.openingPath(id)
	for _, e := range entries {
		if e.Name() != filepath.Base(path) && !strings.HasPrefix(e.Name(), tempPrefix(path)) {
			continue
		}
		if err := shredFile(filepath.Join(d.folder, openingSub, e.Name())); err != nil {
			return storeFailed(id, err)
		}
	}
	return nil
}

// finishDestroyed removes what a destruction that was cut off has left.
func (d *KeyDir) finishDestroyed() error {
	ids, err := d.stored()
	if err != nil {
		return err
	}
	for _, id := range ids {
		if gone, err := d.destroyed(id); err != nil {
			return err
		} else if !gone {
			continue
		}
		if err := d.shred(id); err != nil {
			return err
		}
	}
	return nil
}

// stored gives the ids of all keys in the folder, those under a temporary name
// too.
func (d *KeyDir) stored() ([]uuid.UUID, error) {
	folder := filepath.Join(d.folder, openingSub)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, keyFolderFault(folder, "unreadable", err)
	}
	seen := map[uuid.UUID]bool{}
	var ids []uuid.UUID
	for _, e := range entries {
		name, _, _ := strings.Cut(strings.TrimPrefix(e.Name(), "."), ".")
		if id, err := uuid.Parse(name); err == nil && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (d *KeyDir) openingPath(id uuid.UUID) string {
	return filepath.Join(d.folder, openingSub, id.String()+openingSuffix)
}

func (d *KeyDir) destroyedPath(id uuid.UUID) string {
	return filepath.Join(d.folder, destroyedSub, id.String()+destroyedSuffix)
}

func masterPath(folder, masterFile string) string {
	if masterFile == "" {
		return filepath.Join(folder, masterName)
	}
	return masterFile
}
