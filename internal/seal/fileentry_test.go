package seal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/google/uuid"
)

// attached is a file with its content, as a supplier has it.
type attached struct {
	seal.File
	plain, sealed []byte
}

func attach(t testing.TB, scope seal.Scope, name string, content []byte) attached {
	t.Helper()
	f := seal.File{ID: uuid.New(), Requirement: uuid.New(), Version: 1, Name: name, MediaType: "application/pdf", Size: int64(len(content)), SHA256: sha256.Sum256(content), Object: uuid.New()}
	sealed, key := sealFile(t, f.Place(scope.Procurement, scope.Tender), content, 1<<20)
	f.Key = must(key.Export())
	return attached{f, content, sealed}
}

func (a attached) entry(scope seal.Scope) seal.ReceiptFile {
	return seal.ReceiptFile{ID: a.ID, Lot: scope.Lot, Part: scope.Part, SHA256: sha256.Sum256(a.sealed), Size: int64(len(a.sealed))}
}

func TestAFileEntryOpensInItsPlaceOnly(t *testing.T) {
	t.Parallel()
	dk, scope := seal.NewDataKey(), newScope(seal.PartQuality)
	short, long := attach(t, scope, "a.pdf", nil).File, attach(t, scope, strings.Repeat("æ", 60)+".pdf", []byte("x")).File
	sealed := must(dk.EncryptFile(scope, short))
	if other := must(dk.EncryptFile(scope, long)); len(other) != len(sealed) {
		t.Errorf("the length of a name shows: %d and %d", len(sealed), len(other))
	}
	if bytes.Contains(sealed, []byte("a.pdf")) {
		t.Error("the name is readable")
	}
	if got, err := dk.DecryptFile(scope, short.ID, 1, sealed); err != nil || got != short {
		t.Fatalf("%+v %v", got, err)
	}
	for name, other := range otherScopes(scope) {
		if _, err := dk.DecryptFile(other, short.ID, 1, sealed); fault.RuleOf(err) != "seal.broken" {
			t.Errorf("another %s: %v", name, err)
		}
	}
	if _, err := dk.DecryptFile(scope, uuid.New(), 1, sealed); fault.RuleOf(err) != "seal.broken" {
		t.Errorf("another id: %v", err)
	}
	if _, err := dk.DecryptFile(scope, short.ID, 2, sealed); fault.RuleOf(err) != "seal.broken" {
		t.Errorf("another version: %v", err)
	}
	short.Key = "x"
	if _, err := dk.EncryptFile(scope, short); fault.RuleOf(err) != "seal.file-invalid" {
		t.Errorf("without its key: %v", err)
	}
}

// filedTender is a submission with two files, and what its supplier has.
func filedTender(t testing.TB, keys *seal.SigningKey) (seal.Bundle, []attached) {
	t.Helper()
	dk, scope := seal.NewDataKey(), newScope(seal.PartQuality)
	files := []attached{attach(t, scope, "ros.pdf", bytes.Repeat([]byte("r"), 100<<10)), attach(t, scope, "plan.pdf", []byte("p"))}
	e := must(seal.SealContent(dk, scope, seal.Content{Answers: sampleAnswers(3), Files: []seal.File{files[0].File, files[1].File}}))
	at := time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC)
	receipt := must(keys.Sign(seal.Receipt{Procurement: scope.Procurement, Tender: scope.Tender, Supplier: uuid.New(), Submission: 1, ReceivedAt: at, Deadline: at.Add(time.Hour),
		Envelopes: []seal.ReceiptEnvelope{e.ReceiptEntry(scope.Lot, scope.Part)}, Files: []seal.ReceiptFile{files[0].entry(scope), files[1].entry(scope)}}))
	raw := must(json.Marshal(receipt))
	if parsed, err := seal.ParseSignedReceipt(raw); err != nil || parsed.Receipt.Format != seal.ReceiptFilesFormat || len(parsed.Receipt.Files) != 2 {
		t.Fatalf("the receipt reads as %+v: %v", parsed.Receipt, err)
	}
	b := seal.NewBundle(receipt)
	if err := b.Add(scope.Lot, scope.Part, e.Ciphertext, dk); err != nil {
		t.Fatal(err)
	}
	return b, files
}

func contentsOf(files ...attached) seal.Contents {
	return func(size int64, digest seal.Digest) (io.ReadCloser, error) {
		for _, f := range files {
			if f.Size == size && f.SHA256 == digest {
				return io.NopCloser(bytes.NewReader(f.plain)), nil
			}
		}
		return nil, fs.ErrNotExist
	}
}

func TestAReceiptProvesTheFiles(t *testing.T) {
	t.Parallel()
	keys := signingKeyIn(t, filepath.Join(t.TempDir(), "signing.keys"))
	b, files := filedTender(t, keys)
	results := func(r seal.Report) (out []string) {
		for _, c := range r.Checks {
			if c.Name == seal.CheckFiles || c.Name == seal.CheckFile {
				out = append(out, string(c.Name)+" "+string(c.Result)+" "+c.Rule)
			}
		}
		slices.Sort(out)
		return out
	}
	for name, c := range map[string]struct {
		contents seal.Contents
		want     []string
	}{
		"both at hand": {contentsOf(files...), []string{"file passed ", "file passed ", "files passed "}},
		"one at hand":  {contentsOf(files[1]), []string{"file passed ", "file skipped seal.file-not-given", "files passed "}},
		"none":         {nil, []string{"file skipped seal.file-not-given", "file skipped seal.file-not-given", "files passed "}},
		"another content": {func(int64, seal.Digest) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("p")), nil },
			[]string{"file failed seal.hash-differs", "file passed ", "files passed "}},
	} {
		if got := results(seal.VerifyBundleFiles(b, keys.PublicKeys(), nil, c.contents)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAReceiptListsExactlyTheFiles(t *testing.T) {
	t.Parallel()
	keys := signingKeyIn(t, filepath.Join(t.TempDir(), "signing.keys"))
	b, files := filedTender(t, keys)
	r := b.Receipt.Receipt
	e := r.Envelopes[0]
	if err := r.CoversFiles(e.Lot, e.Part, []seal.File{files[1].File, files[0].File}); err != nil {
		t.Error(err)
	}
	for name, list := range map[string][]seal.File{"one short": {files[0].File}, "one more": {files[0].File, files[1].File, attach(t, newScope(seal.PartQuality), "x", nil).File}, "another": {files[0].File, attach(t, newScope(seal.PartQuality), "x", nil).File}} {
		if err := r.CoversFiles(e.Lot, e.Part, list); fault.RuleOf(err) != "seal.files-not-in-receipt" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A file belongs to an envelope: elsewhere its key would be nowhere.
	r.Files = slices.Clone(r.Files)
	r.Files[0].Part = seal.PartPrice
	if _, err := keys.Sign(r); fault.RuleOf(err) != "seal.receipt-invalid" {
		t.Errorf("a file without its envelope: %v", err)
	}
}
