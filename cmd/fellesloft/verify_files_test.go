package main

import (
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Files are found by what is in them, wherever they lie and whatever they are
// called now.
func TestFilesAreFoundByTheirContent(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, content := range map[string]string{"a.pdf": "first", "deep/b.pdf": "other"} {
		path := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	contents, err := filesIn(folder)
	if err != nil {
		t.Fatal(err)
	}
	f, err := contents(5, sha256.Sum256([]byte("other")))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close()); err != nil || string(got) != "other" {
		t.Errorf("found %q: %v", got, err)
	}
	if _, err := contents(5, sha256.Sum256([]byte("third"))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
	if none, err := filesIn(""); none != nil || err != nil {
		t.Errorf("without a folder: %v", err)
	}
	if _, err := filesIn(filepath.Join(folder, "nowhere")); err == nil {
		t.Error("a folder that is not there is empty")
	}
}
