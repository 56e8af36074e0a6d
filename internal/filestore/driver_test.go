package filestore_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/filestore"
)

// place is a store and what lies behind it.
type place struct {
	*filestore.Store
	t      *testing.T
	names  func() []string   // of all that is kept
	beside func(name string) // keeps something under a name, past the store
	age    func()            // makes all that is kept two days older
}

const twoDays = 48 * time.Hour

// eachDriver runs a test with a folder and with S3.
func eachDriver(t *testing.T, f func(place)) {
	t.Helper()
	for name, open := range map[string]func(*testing.T) place{"folder": folder, "S3": s3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(open(t))
		})
	}
}

func open(t *testing.T, address string) *filestore.Store {
	t.Helper()
	s, err := filestore.Open(t.Context(), address)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func folder(t *testing.T) place {
	t.Helper()
	root := filepath.Join(t.TempDir(), "files")
	p := place{t: t, Store: open(t, "file://"+root)}
	p.names = func() []string {
		list, err := os.ReadDir(root)
		must(t, err)
		var all []string
		for _, e := range list {
			all = append(all, e.Name())
		}
		return all
	}
	p.beside = func(name string) { must(t, os.WriteFile(filepath.Join(root, name), []byte("x"), 0o600)) }
	p.age = func() {
		old := time.Now().Add(-twoDays)
		for _, name := range p.names() {
			must(t, os.Chtimes(filepath.Join(root, name), old, old))
		}
	}
	return p
}

// s3 is a server in the process that speaks S3 and has clocks of its own.
func s3(t *testing.T) place {
	t.Helper()
	const bucket = "filer"
	clock := gofakes3.FixedTimeSource(time.Now().Add(-twoDays))
	memory := s3mem.New(s3mem.WithTimeSource(clock))
	must(t, memory.CreateBucket(bucket))
	server := httptest.NewServer(gofakes3.New(memory, gofakes3.WithTimeSkewLimit(0)).Server())
	t.Cleanup(server.Close)
	p := place{t: t, Store: open(t, "s3://"+bucket+"?region=eu-north-1&use_path_style=true&anonymous=true&endpoint="+server.URL)}
	p.names = func() []string {
		var all []string
		for page := (gofakes3.ListBucketPage{}); ; {
			list, err := memory.ListBucket(bucket, &gofakes3.Prefix{}, page)
			must(t, err)
			for _, o := range list.Contents {
				all = append(all, o.Key)
			}
			if !list.IsTruncated {
				return all
			}
			page = gofakes3.ListBucketPage{Marker: list.NextMarker, HasMarker: true}
		}
	}
	p.beside = func(name string) {
		_, err := memory.PutObject(bucket, name, map[string]string{}, strings.NewReader("x"), 1, nil)
		must(t, err)
	}
	p.age = func() { clock.Advance(twoDays) }
	return p
}

// What does not answer, or has no such bucket, is not taken for an empty store.
func TestAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(gofakes3.New(s3mem.New(), gofakes3.WithTimeSkewLimit(0)).Server())
	t.Cleanup(server.Close)
	at := "?region=eu-north-1&use_path_style=true&anonymous=true&endpoint="
	for name, address := range map[string]string{"no such bucket": "s3://ingen" + at + server.URL, "nobody listens": "s3://filer" + at + "http://127.0.0.1:1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, address)
			if err := s.Check(t.Context()); !fault.Is(err, fault.Unavailable) {
				t.Errorf("checked: %v", err)
			}
			w, err := s.Create(t.Context(), [16]byte{1})
			must(t, err)
			_, _ = w.Write([]byte("x")) // what is refused may be told of here or at the end
			if err := w.Close(); !fault.Is(err, fault.Unavailable) {
				t.Errorf("written: %v", err)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
