package seal_test

import (
	"bytes"
	"crypto/sha256"
	"io"
	"testing"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

const (
	fileHead    = 36
	sealedChunk = 64<<10 + 16
)

func newPlace() seal.FilePlace {
	return seal.FilePlace{Procurement: uuid.New(), Tender: uuid.New(), Object: uuid.New()}
}

// sealFile writes in pieces of the given size, as a request's body comes.
func sealFile(t interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}, at seal.FilePlace, content []byte, piece int) ([]byte, seal.DataKey) {
	t.Helper()
	var out bytes.Buffer
	w, key, err := seal.NewFileWriter(&out, at)
	if err != nil {
		t.Fatal(err)
	}
	for rest := content; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
		if n, err := w.Write(rest[:min(piece, len(rest))]); err != nil || n != min(piece, len(rest)) {
			t.Fatalf("wrote %d: %v", n, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w.Digest() != sha256.Sum256(out.Bytes()) || w.Size() != int64(out.Len()) {
		t.Fatal("hash or size is not that of what was written")
	}
	return out.Bytes(), key
}

func openFile(sealed []byte, at seal.FilePlace, key seal.DataKey) ([]byte, error) {
	r, err := seal.NewFileReader(bytes.NewReader(sealed), at, key)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// drawContent has sizes at and around the borders of steps and chunks.
func drawContent(t *rapid.T) []byte {
	border := rapid.SampledFrom([]int{0, seal.FileStep, 64<<10 - seal.FileStep, 64 << 10, 128 << 10, 192 << 10}).Draw(t, "border")
	size := max(0, border+rapid.IntRange(-2, 2).Draw(t, "beside"))
	content := make([]byte, size)
	fill := rapid.SampledFrom([]byte{0, 0x80, 0xff}).Draw(t, "fill") // zeros and marks look like padding
	for i := range content {
		content[i] = fill
	}
	return content
}

func TestAFileComesBackAsItWas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		content, at := drawContent(t), newPlace()
		sealed, key := sealFile(t, at, content, rapid.SampledFrom([]int{1 << 10, 4096, 65536, 70000, 1 << 20}).Draw(t, "piece"))
		padded := (len(content)/seal.FileStep + 1) * seal.FileStep
		chunks := (padded + 64<<10 - 1) / (64 << 10)
		if len(sealed) != fileHead+padded+16*chunks {
			t.Fatalf("%d bytes become %d", len(content), len(sealed))
		}
		got, err := openFile(sealed, at, key)
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%d bytes came back of %d: %v", len(got), len(content), err)
		}
		digest, size, err := seal.FileDigest(key, at, bytes.NewReader(content))
		if err != nil || digest != sha256.Sum256(sealed) || size != int64(len(sealed)) {
			t.Fatalf("the plain file does not give the ciphertext's hash: %v", err)
		}
	})
}

// tampered are the ways to alter a ciphertext of whole chunks.
var tampered = map[string]func(t *rapid.T, sealed []byte) []byte{
	"a byte flipped": func(t *rapid.T, s []byte) []byte {
		out := bytes.Clone(s)
		out[rapid.IntRange(0, len(s)-1).Draw(t, "where")] ^= byte(rapid.IntRange(1, 255).Draw(t, "how"))
		return out
	},
	"cut off anywhere": func(t *rapid.T, s []byte) []byte { return s[:rapid.IntRange(0, len(s)-1).Draw(t, "end")] },
	"cut off at a chunk": func(t *rapid.T, s []byte) []byte {
		return s[:fileHead+sealedChunk*rapid.IntRange(0, (len(s)-fileHead-1)/sealedChunk).Draw(t, "chunks")]
	},
	"bytes added": func(t *rapid.T, s []byte) []byte {
		return append(bytes.Clone(s), rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "more")...)
	},
	"the last chunk again": func(_ *rapid.T, s []byte) []byte {
		last := (len(s) - fileHead - 1) / sealedChunk
		return append(bytes.Clone(s), s[fileHead+last*sealedChunk:]...)
	},
	"two chunks exchanged": func(_ *rapid.T, s []byte) []byte {
		if len(s) < fileHead+2*sealedChunk {
			return s[1:]
		}
		out := bytes.Clone(s[:fileHead])
		out = append(out, s[fileHead+sealedChunk:fileHead+2*sealedChunk]...)
		out = append(out, s[fileHead:fileHead+sealedChunk]...)
		return append(out, s[fileHead+2*sealedChunk:]...)
	},
}

func TestAnAlteredFileIsRefused(t *testing.T) {
	t.Parallel()
	for name, alter := range tampered {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				content, at := drawContent(t), newPlace()
				sealed, key := sealFile(t, at, content, 64<<10)
				got, err := openFile(alter(t, sealed), at, key)
				if fault.RuleOf(err) != "seal.broken" {
					t.Fatalf("of %d bytes: %v", len(content), err)
				}
				if !bytes.HasPrefix(content, got) || len(got)%(64<<10) != 0 {
					t.Fatalf("%d bytes were given that were not sent", len(got))
				}
			})
		})
	}
}

func TestAFileOpensInItsPlaceOnly(t *testing.T) {
	t.Parallel()
	at := newPlace()
	sealed, key := sealFile(t, at, []byte("content"), 3)
	for name, other := range map[string]seal.FilePlace{
		"procurement": {Procurement: uuid.New(), Tender: at.Tender, Object: at.Object},
		"tender":      {Procurement: at.Procurement, Tender: uuid.New(), Object: at.Object},
		"object":      {Procurement: at.Procurement, Tender: at.Tender, Object: uuid.New()},
	} {
		if _, err := openFile(sealed, other, key); fault.RuleOf(err) != "seal.broken" {
			t.Errorf("another %s: %v", name, err)
		}
	}
	if _, err := openFile(sealed, at, seal.NewDataKey()); fault.RuleOf(err) != "seal.broken" {
		t.Errorf("another key: %v", err)
	}
	if _, _, err := seal.NewFileWriter(io.Discard, seal.FilePlace{}); fault.RuleOf(err) != "seal.scope-invalid" {
		t.Errorf("no place: %v", err)
	}
}

// A writer that fails leaves something that is no file.
func TestAFileThatWasNotClosedDoesNotOpen(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	at := newPlace()
	w, key, err := seal.NewFileWriter(&out, at)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 200<<10)); err != nil {
		t.Fatal(err)
	}
	if _, err := openFile(out.Bytes(), at, key); fault.RuleOf(err) != "seal.broken" {
		t.Errorf("opened: %v", err)
	}
}
