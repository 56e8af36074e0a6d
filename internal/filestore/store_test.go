package filestore_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/filestore"
)

func put(t *testing.T, s *filestore.Store, content string) uuid.UUID {
	t.Helper()
	id := uuid.New()
	w, err := s.Create(t.Context(), id)
	must(t, err)
	_, err = io.WriteString(w, content)
	must(t, err)
	must(t, w.Close())
	return id
}

func TestAnObjectIsThereWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(s place) {
		t := s.t
		must(t, s.Check(t.Context()))
		// Above the size of a part S3 takes an object in several requests.
		content := strings.Repeat("ciphertext", 1_200_000)
		id := put(t, s.Store, content)
		r, err := s.Open(t.Context(), id)
		must(t, err)
		got, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil || string(got) != content {
			t.Fatalf("%d bytes came back of %d: %v", len(got), len(content), err)
		}
		if got := s.names(); !slices.Equal(got, []string{id.String()}) {
			t.Errorf("the store holds %q", got)
		}
		for name, end := range map[string]func(*filestore.Writer, context.CancelFunc){
			"aborted":   func(w *filestore.Writer, _ context.CancelFunc) { w.Abort() },
			"cancelled": func(w *filestore.Writer, cancel context.CancelFunc) { cancel(); _ = w.Close() },
		} {
			for _, size := range []int{1 << 20, 12 << 20} {
				ctx, cancel := context.WithCancel(t.Context())
				broken := uuid.New()
				w, err := s.Create(ctx, broken)
				must(t, err)
				_, err = w.Write(bytes.Repeat([]byte("x"), size))
				must(t, err)
				if _, err := s.Open(t.Context(), broken); fault.RuleOf(err) != "files.missing" {
					t.Errorf("%s: seen while it is written: %v", name, err)
				}
				end(w, cancel)
				cancel()
				if got := s.names(); len(got) != 1 {
					t.Errorf("%s: the store holds %q", name, got)
				}
			}
		}
	})
}

func TestWhatNothingRefersToIsRemoved(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(s place) {
		t := s.t
		used, unused := put(t, s.Store, "a"), put(t, s.Store, "b")
		half := uuid.NewString() + ".18a.tmp"
		for _, name := range []string{half, "LESMEG.txt", uuid.NewString() + ".txt"} {
			s.beside(name)
		}
		s.age()
		young := put(t, s.Store, "c")
		asked := func(_ context.Context, ids []uuid.UUID) ([]uuid.UUID, error) {
			return slices.DeleteFunc(slices.Clone(ids), func(id uuid.UUID) bool { return id == used }), nil
		}
		n, err := s.Remove(t.Context(), time.Now().Add(-24*time.Hour), asked)
		if err != nil || n != 2 {
			t.Errorf("removed %d: %v", n, err)
		}
		left := s.names()
		if len(left) != 4 || slices.Contains(left, unused.String()) || slices.Contains(left, half) || !slices.Contains(left, young.String()) {
			t.Errorf("left: %q", left)
		}
	})
}

// More objects than a store lists at a time are all looked at.
func TestALongListIsLookedAtWhole(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(s place) {
		t := s.t
		const many = 1_203
		for range many {
			s.beside(uuid.NewString())
		}
		s.age()
		n, err := s.Remove(t.Context(), time.Now().Add(-24*time.Hour), func(_ context.Context, ids []uuid.UUID) ([]uuid.UUID, error) { return ids, nil })
		if err != nil || n != many || len(s.names()) != 0 {
			t.Errorf("removed %d of %d, %d are left: %v", n, many, len(s.names()), err)
		}
	})
}

func TestAFolderIsForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "files")
	s, err := filestore.Open(t.Context(), "file://"+folder)
	must(t, err)
	must(t, s.Close())
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v: %v", info, err)
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
