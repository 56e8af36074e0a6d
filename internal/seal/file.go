package seal

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/google/uuid"
)

// createFile writes a file that did not exist, whole or not at all:
// fs.ErrExist when another was first. A link is the one step that both fails on
// an existing name and never shows a half-written file, so a loser of the race
// reads the winner's whole content. The file system must know hard links.
func createFile(path string, content []byte) error {
	temp, err := writeTemp(path, content)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp) }()
	if err := os.Link(temp, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// replaceFile puts new content in place of a file in one step.
func replaceFile(path string, content []byte) error {
	temp, err := writeTemp(path, content)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp)
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// writeTemp writes and flushes a file beside path, for its owner only.
func writeTemp(path string, content []byte) (string, error) {
	temp := filepath.Join(filepath.Dir(path), tempPrefix(path)+uuid.NewString()+".tmp")
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(temp)
		return "", err
	}
	return temp, nil
}

// tempPrefix is what the names of path's temporary files begin with.
func tempPrefix(path string) string { return "." + filepath.Base(path) + "." }

// shredFile overwrites a file in place, flushes it and removes it. A file that
// is gone is no error. On storage that writes elsewhere (flash, copy on write,
// snapshots) the old bytes may stay; docs/sealing.md says what follows.
func shredFile(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = io.CopyN(f, zeros{}, info.Size())
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// shredFileUnless shreds old, a second name of what path was, but only takes
// the name away when path still is that file: then nothing replaced it.
func shredFileUnless(old, path string) error {
	was, err := os.Stat(old)
	if err != nil {
		return err
	}
	is, err := os.Stat(path)
	if err != nil || os.SameFile(was, is) {
		return errors.Join(err, os.Remove(old))
	}
	return shredFile(old)
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// syncFolder makes a new or removed name survive a power cut.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
