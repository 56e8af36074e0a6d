package filestore_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/filestore"
)

func open(t *testing.T) (store *filestore.Store, folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "files")
	s, err := filestore.Open(t.Context(), "file://"+folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, folder
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

func put(t *testing.T, s *filestore.Store, content string) uuid.UUID {
	t.Helper()
	id := uuid.New()
	w, err := s.Create(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAnObjectIsThereWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	s, folder := open(t)
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := put(t, s, "ciphertext")
	r, err := s.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil || string(got) != "ciphertext" {
		t.Fatalf("%q %v", got, err)
	}
	if got := names(t, folder); !slices.Equal(got, []string{id.String()}) {
		t.Errorf("the folder holds %q", got)
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v: %v", info.Mode(), err)
	}
	for name, end := range map[string]func(*filestore.Writer, context.CancelFunc){
		"aborted":   func(w *filestore.Writer, _ context.CancelFunc) { w.Abort() },
		"cancelled": func(w *filestore.Writer, cancel context.CancelFunc) { cancel(); _ = w.Close() },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		broken := uuid.New()
		w, err := s.Create(ctx, broken)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(t.Context(), broken); fault.RuleOf(err) != "files.missing" {
			t.Errorf("%s: seen while it is written: %v", name, err)
		}
		end(w, cancel)
		cancel()
		if got := names(t, folder); len(got) != 1 {
			t.Errorf("%s: the folder holds %q", name, got)
		}
	}
}

func TestWhatNothingRefersToIsRemoved(t *testing.T) {
	t.Parallel()
	s, folder := open(t)
	used, unused, young := put(t, s, "a"), put(t, s, "b"), put(t, s, "c")
	half := uuid.NewString() + ".18a.tmp"
	for _, name := range []string{half, "LESMEG.txt", uuid.NewString() + ".txt"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-48 * time.Hour)
	for _, name := range names(t, folder) {
		if name != young.String() {
			if err := os.Chtimes(filepath.Join(folder, name), old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	asked := func(_ context.Context, ids []uuid.UUID) ([]uuid.UUID, error) {
		return slices.DeleteFunc(slices.Clone(ids), func(id uuid.UUID) bool { return id == used }), nil
	}
	n, err := s.Remove(t.Context(), time.Now().Add(-24*time.Hour), asked)
	if err != nil || n != 2 {
		t.Errorf("removed %d: %v", n, err)
	}
	left := names(t, folder)
	if len(left) != 4 || slices.Contains(left, unused.String()) || slices.Contains(left, half) {
		t.Errorf("left: %q", left)
	}
}

func TestAURLThatNamesNoStore(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "files", "ftp://x/y", "s3://bucket?nothing=known", "file:///proc/1/nowhere"} {
		if _, err := filestore.Open(t.Context(), url); fault.RuleOf(err) != "files.url" {
			t.Errorf("%q: %v", url, err)
		}
	}
}
