package seal

import (
	"crypto/cipher"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"hash"
	"io"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
	"golang.org/x/crypto/chacha20poly1305"
)

const (
	// FileStep is the step, in bytes, in which the size of a stored file grows.
	FileStep = 4096
	// fileChunk is the plain text of one chunk: memory holds one at a time.
	fileChunk = 64 << 10

	fileLabel = "fellesloft/file/1"
	fileMagic = "FLF1"
	fileHead  = len(fileMagic) + commitmentSize
	// padMark begins the padding: zeros follow to the next whole step (the
	// bit padding of ISO/IEC 7816-4), so the length need not be known at first.
	padMark = 0x80
)

// FilePlace is what the content of a file belongs to. A file moved to another
// tender, or stored under another object's id, does not open.
type FilePlace struct {
	Procurement uuid.UUID
	Tender      uuid.UUID
	// Object is the id under which the ciphertext is stored. Content is never
	// changed: what replaces it is another object.
	Object uuid.UUID
}

func (p FilePlace) validate() error {
	if p.Procurement == uuid.Nil || p.Tender == uuid.Nil || p.Object == uuid.Nil {
		return fault.New(fault.Invalid, "seal.scope-invalid").At("file")
	}
	return nil
}

// FileWriter encrypts a file chunk by chunk (the STREAM construction, as age
// has it): each chunk has its number and whether it is the last one in its
// nonce, so nothing can be cut off, exchanged or added. What stands before Close
// is no file: it does not open. It is for one goroutine.
type FileWriter struct {
	to     io.Writer
	aead   cipher.AEAD
	digest hash.Hash
	size   int64
	n      uint64
	buf    []byte
	out    []byte
	err    error
	closed bool
}

// NewFileWriter makes a key and a writer that encrypts one file with it. The
// key is made here because it must never encrypt a second content: its nonces
// are counted. Faults: Invalid "seal.scope-invalid"; the error of to.
func NewFileWriter(to io.Writer, at FilePlace) (*FileWriter, DataKey, error) {
	key := NewDataKey()
	w, err := newFileWriter(to, at, key)
	if err != nil {
		key.Zero()
		return nil, DataKey{}, err
	}
	return w, key, nil
}

func newFileWriter(to io.Writer, at FilePlace, key DataKey) (*FileWriter, error) {
	if err := at.validate(); err != nil {
		return nil, err
	}
	aead, commitment, err := fileCipher(key, at)
	if err != nil {
		return nil, err
	}
	w := &FileWriter{to: to, aead: aead, digest: sha256.New(), buf: make([]byte, 0, fileChunk), out: make([]byte, 0, fileChunk+chacha20poly1305.Overhead)}
	w.put(append([]byte(fileMagic), commitment...))
	return w, w.err
}

// FileDigest gives hash and size of the ciphertext that a key makes of a
// content. Encryption has no chance in it but the key, so the holder of a
// bundle proves with the plain file that it is the one of the receipt. It
// writes nothing, so the key is not used a second time. Faults: Invalid
// "seal.scope-invalid"; Internal "seal.key-gone"; the error of content.
func FileDigest(key DataKey, at FilePlace, content io.Reader) (Digest, int64, error) {
	w, err := newFileWriter(io.Discard, at, key)
	if err != nil {
		return Digest{}, 0, err
	}
	if _, err := io.Copy(w, content); err != nil {
		return Digest{}, 0, err
	}
	if err := w.Close(); err != nil {
		return Digest{}, 0, err
	}
	return w.Digest(), w.Size(), nil
}

// Write encrypts p. The error is that of the writer below.
func (w *FileWriter) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 && w.err == nil {
		if len(w.buf) == fileChunk {
			w.flush(false)
		}
		n := min(len(p), fileChunk-len(w.buf))
		w.buf = append(w.buf, p[:n]...)
		p, written = p[n:], written+n
	}
	return written, w.err
}

// Close pads and writes the last chunk. It does not close the writer below.
func (w *FileWriter) Close() error {
	if w.closed || w.err != nil {
		return w.err
	}
	w.closed = true
	if len(w.buf) == fileChunk {
		w.flush(false)
	}
	w.buf = append(w.buf, padMark)
	for len(w.buf)%FileStep != 0 {
		w.buf = append(w.buf, 0)
	}
	w.flush(true)
	return w.err
}

// Digest is the SHA-256 of the ciphertext, after Close.
func (w *FileWriter) Digest() Digest { return Digest(w.digest.Sum(nil)) }

// Size is the size of the ciphertext in bytes, after Close.
func (w *FileWriter) Size() int64 { return w.size }

func (w *FileWriter) flush(last bool) {
	if w.err == nil {
		w.out = w.aead.Seal(w.out[:0], fileNonce(w.n, last), w.buf, nil)
		w.put(w.out)
	}
	w.n++
	clear(w.buf)
	w.buf = w.buf[:0]
}

func (w *FileWriter) put(b []byte) {
	n, err := w.to.Write(b)
	if err == nil && n != len(b) {
		err = io.ErrShortWrite
	}
	w.digest.Write(b[:n])
	w.size += int64(n)
	w.err = err
}

// FileReader decrypts what FileWriter wrote. It gives no byte that is not
// authentic, and EOF only at the true end. It is for one goroutine.
type FileReader struct {
	from io.Reader
	aead cipher.AEAD
	n    uint64
	buf  []byte
	rest []byte
	err  error
}

// NewFileReader begins to read a file. The key may be zeroed once it has
// returned. Faults, also of Read: Invalid "seal.scope-invalid"; Internal
// "seal.broken" for another key or place, or anything altered, cut off,
// reordered or added; Internal "seal.key-gone"; the error of from.
func NewFileReader(from io.Reader, at FilePlace, key DataKey) (*FileReader, error) {
	if err := at.validate(); err != nil {
		return nil, err
	}
	aead, commitment, err := fileCipher(key, at)
	if err != nil {
		return nil, err
	}
	head := make([]byte, fileHead)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, cutOff(err)
	}
	if string(head[:len(fileMagic)]) != fileMagic || subtle.ConstantTimeCompare(head[len(fileMagic):], commitment) != 1 {
		return nil, broken("file")
	}
	return &FileReader{from: from, aead: aead, buf: make([]byte, fileChunk+chacha20poly1305.Overhead)}, nil
}

// Read gives plain text.
func (r *FileReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 && len(p) > 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.rest, r.err = r.chunk()
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// chunk decrypts the next chunk; with io.EOF it is the last one.
func (r *FileReader) chunk() ([]byte, error) {
	n, err := io.ReadFull(r.from, r.buf)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, cutOff(err)
	}
	sealed := r.buf[:n]
	if err == nil {
		if plain, err := r.aead.Open(nil, fileNonce(r.n, false), sealed, nil); err == nil {
			r.n++
			return plain, nil
		}
		// A full chunk may be the last one, if nothing follows it.
		if n, err := io.ReadFull(r.from, make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			if n == 0 {
				return nil, err
			}
			return nil, broken("file")
		}
	}
	plain, err := r.aead.Open(sealed[:0], fileNonce(r.n, true), sealed, nil)
	if err != nil {
		return nil, broken("file")
	}
	plain, err = unmark(plain)
	if err != nil {
		return nil, err
	}
	return plain, io.EOF
}

// unmark takes the padding off the last chunk, and accepts only the one form
// that a content has.
func unmark(padded []byte) ([]byte, error) {
	end := len(padded) - 1
	for end >= 0 && padded[end] == 0 {
		end--
	}
	if len(padded)%FileStep != 0 || end < 0 || padded[end] != padMark || len(padded)-end > FileStep {
		return nil, broken("padding")
	}
	return padded[:end], nil
}

// cutOff tells an end that comes too early from a failure to read.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return broken("file")
	}
	return err
}

// fileCipher derives the cipher of a file and a commitment to its key: one
// ciphertext has one reading, as with an envelope.
func fileCipher(key DataKey, at FilePlace) (cipher.AEAD, []byte, error) {
	label := fields([]byte(fileLabel), at.Procurement[:], at.Tender[:], at.Object[:])
	out, err := key.derive(nil, string(label), keySize+commitmentSize)
	if err != nil {
		return nil, nil, err
	}
	defer clear(out[:keySize])
	aead, err := chacha20poly1305.New(out[:keySize])
	if err != nil {
		return nil, nil, fault.Wrap(fault.Internal, "seal.cipher", err)
	}
	return aead, out[keySize:], nil
}

// fileNonce is the chunk's number in eleven bytes, and 1 for the last chunk.
func fileNonce(n uint64, last bool) []byte {
	nonce := make([]byte, chacha20poly1305.NonceSize)
	binary.BigEndian.PutUint64(nonce[3:11], n)
	if last {
		nonce[11] = 1
	}
	return nonce
}
