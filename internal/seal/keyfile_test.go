package seal_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/google/uuid"
)

func TestKeyFileIsForItsOwnerAndNeverOverwritten(t *testing.T) {
	t.Parallel()
	for _, purpose := range []seal.Purpose{seal.PurposeWrapping, seal.PurposeOpening, seal.PurposeSigning} {
		path := filepath.Join(t.TempDir(), "new folder", "a.keys")
		if id := must(seal.InitKeyFile(path, purpose)); id == uuid.Nil {
			t.Fatal("no id")
		}
		if mode := must(os.Stat(path)).Mode().Perm(); mode != 0o600 {
			t.Fatalf("%s: mode %v", purpose, mode)
		}
		before := must(os.ReadFile(path))
		_, err := seal.InitKeyFile(path, purpose)
		wantRule(t, err, fault.Conflict, "seal.key-file-exists")
		if must(seal.EnsureKeyFile(path, purpose)) {
			t.Fatal("a second file was made")
		}
		if string(before) != string(must(os.ReadFile(path))) {
			t.Fatal("the file was changed")
		}
		if left := must(os.ReadDir(filepath.Dir(path))); len(left) != 1 {
			t.Fatalf("left behind: %v", left)
		}
	}
	_, err := seal.InitKeyFile(filepath.Join(t.TempDir(), "a.keys"), "other")
	wantRule(t, err, fault.Invalid, "seal.key-purpose-unknown")
}

func TestKeyFileFaultsNameTheFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	opening := filepath.Join(folder, "opening")
	must(seal.InitKeyFile(opening, seal.PurposeOpening))
	good := filepath.Join(folder, "good")
	must(seal.InitKeyFile(good, seal.PurposeSigning))
	text := string(must(os.ReadFile(good)))
	var parsed struct{ Keys []struct{ ID, Secret string } }
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatal(err)
	}
	secret, id := parsed.Keys[0].Secret, parsed.Keys[0].ID
	zero := strings.Repeat("A", 43) + "="

	tests := map[string]struct {
		path string
		kind fault.Kind
		rule string
	}{
		"missing":         {filepath.Join(folder, "none"), fault.Unavailable, "seal.key-file-missing"},
		"a folder":        {folder, fault.Internal, "seal.key-file-malformed"},
		"other purpose":   {opening, fault.Internal, "seal.key-file-other-purpose"},
		"group may read":  {write("group", text, 0o640), fault.Internal, "seal.key-file-open-to-others"},
		"others may read": {write("others", text, 0o604), fault.Internal, "seal.key-file-open-to-others"},
		"empty":           {write("empty", "", 0o600), fault.Internal, "seal.key-file-malformed"},
		"no JSON":         {write("text", secret, 0o600), fault.Internal, "seal.key-file-malformed"},
		"cut off":         {write("cut", text[:len(text)-10], 0o600), fault.Internal, "seal.key-file-malformed"},
		"other format":    {write("format", strings.Replace(text, "keys/1", "keys/2", 1), 0o600), fault.Internal, "seal.key-file-malformed"},
		"unknown field":   {write("field", strings.Replace(text, `"format"`, `"x":1,"format"`, 1), 0o600), fault.Internal, "seal.key-file-malformed"},
		"short secret":    {write("short", strings.Replace(text, secret, secret[:40], 1), 0o600), fault.Internal, "seal.key-file-malformed"},
		"zero secret":     {write("zero", strings.Replace(text, secret, zero, 1), 0o600), fault.Internal, "seal.key-file-malformed"},
		"no id":           {write("id", strings.Replace(text, id, uuid.Nil.String(), 1), 0o600), fault.Internal, "seal.key-file-malformed"},
		"no keys":         {write("nokeys", `{"format":"fellesloft-keys/1","purpose":"signing","keys":[]}`, 0o600), fault.Internal, "seal.key-file-malformed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := seal.LoadSigningKey(tt.path)
			wantRule(t, err, tt.kind, tt.rule)
			if f, _ := fault.As(err); f.Params["file"] != tt.path {
				t.Fatalf("the fault names %q", f.Params["file"])
			}
			if strings.Contains(err.Error(), secret[:20]) {
				t.Fatal("the fault shows the secret")
			}
		})
	}
}

func TestRotateKeepsOlderKeys(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "signing.keys")
	first := must(seal.InitKeyFile(path, seal.PurposeSigning))
	second := must(seal.RotateKeyFile(path, seal.PurposeSigning))
	keys := must(seal.LoadSigningKey(path)).PublicKeys().Keys
	if len(keys) != 2 || keys[0].ID != first || keys[1].ID != second {
		t.Fatalf("keys: %v", keys)
	}
	if mode := must(os.Stat(path)).Mode().Perm(); mode != 0o600 {
		t.Fatalf("mode %v", mode)
	}
	_, err := seal.RotateKeyFile(path, seal.PurposeWrapping)
	wantRule(t, err, fault.Internal, "seal.key-file-other-purpose")
}

func TestManyEnsureOneFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "signing.keys")
	var group sync.WaitGroup
	made := make([]bool, 20)
	ids := make([]uuid.UUID, 20)
	for i := range made {
		group.Go(func() {
			made[i] = must(seal.EnsureKeyFile(path, seal.PurposeSigning))
			ids[i] = must(seal.LoadSigningKey(path)).PublicKeys().Keys[0].ID
		})
	}
	group.Wait()
	count := 0
	for i := range made {
		if made[i] {
			count++
		}
		if ids[i] != ids[0] {
			t.Fatal("two callers got different keys")
		}
	}
	if count != 1 {
		t.Fatalf("%d callers say that they made it", count)
	}
}

func TestRetireOlderKeys(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wrapping.keys")
	before := wrappingKeyIn(t, path, nil)
	org, id, dk := uuid.New(), uuid.New(), seal.NewDataKey()
	old := must(before.WrapForOrg(org, id, dk))
	must(seal.RotateKeyFile(path, seal.PurposeWrapping))
	undeleted := filepath.Join(t.TempDir(), "undeleted")
	if err := os.Link(path, undeleted); err != nil {
		t.Fatal(err)
	}
	rotated := wrappingKeyIn(t, path, nil)
	if rotated.Current(old) || !before.Current(old) {
		t.Fatal("the old wrap is that of the older key")
	}
	fresh := must(rotated.WrapForOrg(org, id, dk))

	removed := must(seal.RetireOlderKeys(path, seal.PurposeWrapping))
	if len(removed) != 1 {
		t.Fatalf("removed: %v", removed)
	}
	retired := wrappingKeyIn(t, path, nil)
	_, err := retired.UnwrapForOrg(t.Context(), org, id, old)
	wantRule(t, err, fault.Unavailable, "seal.wrapping-key-missing")
	if back := must(retired.UnwrapForOrg(t.Context(), org, id, fresh)); !back.Equal(dk) || !retired.Current(fresh) {
		t.Fatal("another key came back")
	}
	if b := must(os.ReadFile(undeleted)); strings.Trim(string(b), "\x00") != "" {
		t.Fatal("the old bytes were not overwritten")
	}
	if left := must(os.ReadDir(filepath.Dir(path))); len(left) != 1 {
		t.Fatalf("left: %v", left)
	}
	_, err = seal.RetireOlderKeys(path, seal.PurposeSigning)
	wantRule(t, err, fault.Invalid, "seal.key-purpose-kept")
}
