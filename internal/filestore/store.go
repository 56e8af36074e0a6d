// Package filestore keeps the ciphertext of attached files: in a folder, or in a
// store that speaks S3. It knows ids and bytes; what they mean, and who may read
// them, is its callers' business. Nothing that is readable ever comes here.
//
// Every error is a fault: Unavailable "files.unavailable" when the store does not
// answer, NotFound "files.missing" for an object that is not there.
package filestore

import (
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/s3blob" // the scheme s3, of AWS and of what speaks like it
	"gocloud.dev/gcerrors"

	"github.com/fellesloft/fellesloft/internal/fault"
)

const (
	// partSize bounds what is held in memory of an upload to S3: one part. It is
	// the least that S3 takes, and allows files of 48 GiB.
	partSize = 5 << 20
	// object is what the store is told of what it keeps.
	object = "application/octet-stream"
)

// Store keeps objects by id. An object is written once, whole or not at all, and
// never changed. It is safe for use by many goroutines.
type Store struct {
	bucket *blob.Bucket
	// folder is the folder of a local store, "" for another.
	folder string
}

// Open opens the store of a URL:
//
//	file:///var/lib/fellesloft/files     a folder, which is made
//	file://./.dev/files                  the same, below the working folder
//	s3://bucket?region=eu-north-1        an S3 bucket; with &endpoint=https://…
//	                                     and &use_path_style=true one of another
//	                                     maker; credentials as the AWS tools have
//	                                     them
//
// It returns invalid (files.url) for a URL that names no store.
func Open(ctx context.Context, address string) (*Store, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return nil, fault.New(fault.Invalid, "files.url")
	}
	if u.Scheme == fileblob.Scheme {
		return openFolder(u)
	}
	bucket, err := blob.OpenBucket(ctx, address)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "files.url", err)
	}
	return &Store{bucket: bucket}, nil
}

// openFolder has temporary files beside the objects: a rename is then one step,
// and what a crash leaves is found and removed.
func openFolder(u *url.URL) (*Store, error) {
	folder := u.Path
	if u.Host == "." {
		folder = strings.TrimPrefix(folder, "/")
	}
	folder, err := filepath.Abs(filepath.FromSlash(folder))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "files.url", err)
	}
	bucket, err := fileblob.OpenBucket(folder, &fileblob.Options{CreateDir: true, DirFileMode: 0o700, NoTempDir: true, Metadata: fileblob.MetadataDontWrite})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "files.url", err)
	}
	return &Store{bucket: bucket, folder: folder}, nil
}

// Close lets go of the store's connections.
func (s *Store) Close() error { return s.bucket.Close() }

// Check reports whether the store answers.
func (s *Store) Check(ctx context.Context) error {
	ok, err := s.bucket.IsAccessible(ctx)
	if err == nil && !ok {
		err = errors.New("the store is not accessible")
	}
	return refused(err)
}

// Create begins an object. It is there once Close has returned nil, and not
// before; when ctx is done first, or the writer is Aborted, it never is.
func (s *Store) Create(ctx context.Context, id uuid.UUID) (*Writer, error) {
	ctx, cancel := context.WithCancel(ctx)
	w := &Writer{cancel: cancel, folder: s.folder}
	options := &blob.WriterOptions{ContentType: object, DisableContentTypeDetection: true, BufferSize: partSize, MaxConcurrency: 1,
		BeforeWrite: func(as func(any) bool) error {
			as(&w.file)
			return nil
		}}
	var err error
	if w.blob, err = s.bucket.NewWriter(ctx, id.String(), options); err != nil {
		cancel()
		return nil, refused(err)
	}
	return w, nil
}

// Writer writes one object. It is for one goroutine.
type Writer struct {
	blob   *blob.Writer
	cancel context.CancelFunc
	folder string
	file   *os.File
	ended  bool
}

// Write adds to the object.
func (w *Writer) Write(p []byte) (int, error) {
	n, err := w.blob.Write(p)
	return n, refused(err)
}

// Close makes the object, so that it survives a power cut.
func (w *Writer) Close() error {
	if w.ended {
		return nil
	}
	w.ended = true
	defer w.cancel()
	var synced error
	if w.file != nil {
		synced = w.file.Sync()
	}
	if synced != nil {
		w.cancel() // what may not be whole must not be made
	}
	err := errors.Join(synced, w.blob.Close())
	if err == nil && w.folder != "" {
		err = syncFolder(w.folder)
	}
	return refused(err)
}

// Abort leaves nothing behind. After Close it does nothing.
func (w *Writer) Abort() {
	if w.ended {
		return
	}
	w.ended = true
	w.cancel()
	_ = w.blob.Close() // says that it was cancelled
}

// Open reads an object from its beginning; ctx bounds the whole reading.
func (s *Store) Open(ctx context.Context, id uuid.UUID) (io.ReadCloser, error) {
	r, err := s.bucket.NewReader(ctx, id.String(), nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, fault.Wrap(fault.NotFound, "files.missing", err)
	}
	if err != nil {
		return nil, refused(err)
	}
	return r, nil
}

// Remove removes objects that nothing refers to. It looks at those that are
// older than the time given, so that an upload under way is left alone, and asks
// unused which of some ids nothing refers to. What a crash has left half-written
// goes too. It returns how many it removed. Only objects named by an id are
// looked at: a store may hold other things.
func (s *Store) Remove(ctx context.Context, olderThan time.Time, unused func(context.Context, []uuid.UUID) ([]uuid.UUID, error)) (int, error) {
	const batch = 500
	removed := 0
	found := map[uuid.UUID]string{}
	flush := func() error {
		ids := make([]uuid.UUID, 0, len(found))
		for id := range found {
			ids = append(ids, id)
		}
		gone, err := unused(ctx, ids)
		if err != nil {
			return err
		}
		for _, id := range gone {
			if err := s.delete(ctx, found[id]); err != nil {
				return err
			}
			removed++
		}
		clear(found)
		return nil
	}
	list := s.bucket.List(nil)
	for {
		o, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return removed, flush()
		}
		if err != nil {
			return removed, refused(err)
		}
		if o.IsDir || !o.ModTime.Before(olderThan) {
			continue
		}
		id, half := idOf(o.Key)
		switch {
		case id == uuid.Nil:
		case half:
			if err := s.delete(ctx, o.Key); err != nil {
				return removed, err
			}
			removed++
		default:
			found[id] = o.Key
		}
		if len(found) == batch {
			if err := flush(); err != nil {
				return removed, err
			}
		}
	}
}

func (s *Store) delete(ctx context.Context, key string) error {
	err := s.bucket.Delete(ctx, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil // another worker was first
	}
	return refused(err)
}

// idOf gives the id of an object's name, and whether it is only the beginning of
// one: the folder's driver writes <id>.<time>.tmp and renames it.
func idOf(key string) (id uuid.UUID, half bool) {
	name, _, half := strings.Cut(key, ".")
	if half && !strings.HasSuffix(key, ".tmp") {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(name)
	if err != nil || id.String() != name {
		return uuid.Nil, false
	}
	return id, half
}

// syncFolder makes a new name survive a power cut.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func refused(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	if _, known := fault.As(err); known {
		return err
	}
	return fault.Wrap(fault.Unavailable, "files.unavailable", err)
}
