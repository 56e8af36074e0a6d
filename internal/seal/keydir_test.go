package seal_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func TestOpeningWrapRoundTrip(t *testing.T) {
	t.Parallel()
	d := newKeyDirOnly(t)
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		scope, dk := drawScope(t, "scope", seal.PartQuality, seal.PartPrice), seal.NewDataKey()
		public := must(d.Create(ctx, scope.OpeningKeyID()))
		wrapped := must(seal.WrapForOpening(public, scope, dk))
		if back := must(d.Unwrap(ctx, scope, wrapped)); !back.Equal(dk) {
			t.Fatal("another key came back")
		}
	})
}

func TestOpeningWrapOpensInItsOwnPlaceOnly(t *testing.T) {
	t.Parallel()
	d := newKeyDirOnly(t)
	scope := newScope(seal.PartQuality)
	public := must(d.Create(t.Context(), scope.OpeningKeyID()))
	wrapped := must(seal.WrapForOpening(public, scope, seal.NewDataKey()))
	for name, other := range otherScopes(scope) {
		must(d.Create(t.Context(), other.OpeningKeyID()))
		_, err := d.Unwrap(t.Context(), other, wrapped)
		t.Log(name)
		wantRule(t, err, fault.Internal, "seal.broken")
	}
	// A wrap made with the right key for the wrong place does not open either.
	price := scope
	price.Part = seal.PartPrice
	wrapped = must(seal.WrapForOpening(public, price, seal.NewDataKey()))
	_, err := d.Unwrap(t.Context(), scope, wrapped)
	wantRule(t, err, fault.Internal, "seal.broken")
}

func TestAlteredOpeningWrapIsRefused(t *testing.T) {
	t.Parallel()
	d, scope := newKeyDirOnly(t), newScope(seal.PartPrice)
	wrapped := must(seal.WrapForOpening(must(d.Create(t.Context(), scope.OpeningKeyID())), scope, seal.NewDataKey()))
	eachTampering(wrapped, func(name string, altered []byte) {
		if _, err := d.Unwrap(t.Context(), scope, altered); fault.RuleOf(err) != "seal.broken" {
			t.Fatalf("%s: %v", name, err)
		}
	})
	_, err := d.Unwrap(t.Context(), scope, make([]byte, 10_000))
	wantRule(t, err, fault.Internal, "seal.broken")
	for _, public := range []string{"", "age1", strings.ToUpper("age1x")} {
		_, err := seal.WrapForOpening(public, scope, seal.NewDataKey())
		wantRule(t, err, fault.Invalid, "seal.public-key-malformed")
	}
}

func TestCreateGivesOneKeyToMany(t *testing.T) {
	t.Parallel()
	_, folder := newKeyDir(t)
	id := uuid.New()
	publics := make([]string, 40)
	var group sync.WaitGroup
	for i := range publics {
		group.Go(func() {
			publics[i] = must(must(seal.OpenKeyDir(folder, "")).Create(t.Context(), id))
		})
	}
	group.Wait()
	for _, p := range publics {
		if p != publics[0] || p == "" {
			t.Fatalf("two keys for one id: %s, %s", publics[0], p)
		}
	}
	if names := filesIn(t, folder); len(names) != 2 { // the key and the master
		t.Fatalf("files: %v", names)
	}
}

const (
	helperFolder = "SEAL_TEST_FOLDER"
	helperID     = "SEAL_TEST_ID"
)

// TestMain is also the other process of TestCreateGivesOneKeyToProcesses.
func TestMain(m *testing.M) {
	folder := os.Getenv(helperFolder)
	if folder == "" {
		os.Exit(m.Run())
	}
	id := uuid.MustParse(os.Getenv(helperID))
	fmt.Println(must(must(seal.OpenKeyDir(folder, "")).Create(context.Background(), id)))
}

func TestCreateGivesOneKeyToProcesses(t *testing.T) {
	t.Parallel()
	_, folder := newKeyDir(t)
	id := uuid.New()
	outs := make([]string, 4)
	var group sync.WaitGroup
	for i := range outs {
		group.Go(func() {
			cmd := exec.CommandContext(t.Context(), must(os.Executable()))
			cmd.Env = append(os.Environ(), helperFolder+"="+folder, helperID+"="+id.String())
			outs[i] = string(must(cmd.Output()))
		})
	}
	group.Wait()
	for _, p := range outs {
		if p != outs[0] || !strings.HasPrefix(p, "age1") {
			t.Fatalf("processes got %v", outs)
		}
	}
}

func TestDestroyedKeyIsGoneForEver(t *testing.T) {
	t.Parallel()
	d, folder := newKeyDir(t)
	ctx, scope := t.Context(), newScope(seal.PartPrice)
	id := scope.OpeningKeyID()
	public := must(d.Create(ctx, id))
	wrapped := must(seal.WrapForOpening(public, scope, seal.NewDataKey()))
	path := filepath.Join(folder, "opening", id.String()+".age")
	// A second name keeps the bytes in reach, as an undelete would.
	undeleted := filepath.Join(t.TempDir(), "undeleted")
	if err := os.Link(path, undeleted); err != nil {
		t.Fatal(err)
	}

	for range 2 { // it may be repeated
		if err := d.Destroy(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	for name, dir := range map[string]*seal.KeyDir{"same": d, "after a restart": must(seal.OpenKeyDir(folder, ""))} {
		_, create := dir.Create(ctx, id)
		_, unwrap := dir.Unwrap(ctx, scope, wrapped)
		for _, err := range []error{create, unwrap, dir.Check(ctx, id, public)} {
			t.Log(name)
			wantRule(t, err, fault.Conflict, "seal.opening-key-destroyed")
		}
	}
	if b := must(os.ReadFile(undeleted)); len(b) == 0 || !bytes.Equal(b, make([]byte, len(b))) {
		t.Fatal("the key's bytes were not overwritten")
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Fatal("the key's file is there")
	}
}

func TestDestroyBeforeCreate(t *testing.T) {
	t.Parallel()
	d, id := newKeyDirOnly(t), uuid.New()
	if err := d.Destroy(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	_, err := d.Create(t.Context(), id)
	wantRule(t, err, fault.Conflict, "seal.opening-key-destroyed")
}

func TestDestructionThatWasCutOffIsFinished(t *testing.T) {
	t.Parallel()
	d, folder := newKeyDir(t)
	ctx, id := t.Context(), uuid.New()
	must(d.Create(ctx, id))
	path := filepath.Join(folder, "opening", id.String()+".age")
	kept := must(os.ReadFile(path))
	if err := d.Destroy(ctx, id); err != nil {
		t.Fatal(err)
	}
	// As after a crash: the mark is written, the key and a temporary copy are not gone.
	temp := filepath.Join(folder, "opening", "."+id.String()+".age.x.tmp")
	for _, p := range []string{path, temp} {
		if err := os.WriteFile(p, kept, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d = must(seal.OpenKeyDir(folder, ""))
	if left := must(os.ReadDir(filepath.Join(folder, "opening"))); len(left) != 0 {
		t.Fatalf("left: %v", left)
	}
	_, err := d.Create(ctx, id)
	wantRule(t, err, fault.Conflict, "seal.opening-key-destroyed")
}

// Whatever the order in which they meet, no key outlives its destruction.
func TestCreateReencryptAndDestroyAtOnce(t *testing.T) {
	t.Parallel()
	d, folder := newKeyDir(t)
	must(seal.RotateKeyFile(filepath.Join(folder, "master.keys"), seal.PurposeOpening))
	rotated := must(seal.OpenKeyDir(folder, ""))
	ctx := t.Context()
	for range 60 {
		id := uuid.New()
		var group sync.WaitGroup
		for range 5 {
			old := uuid.New()
			must(d.Create(ctx, old)) // for the older master, so there is something to encrypt anew
			group.Go(func() { _ = must(0, d.Destroy(ctx, old)) })
		}
		group.Go(func() { _, _ = d.Create(ctx, id) })
		group.Go(func() { _, _ = rotated.Create(ctx, id) })
		group.Go(func() { _, _ = rotated.Reencrypt(ctx) })
		group.Go(func() { _ = must(0, d.Destroy(ctx, id)) })
		group.Wait()
		_, err := d.Create(ctx, id)
		wantRule(t, err, fault.Conflict, "seal.opening-key-destroyed")
	}
	if left := must(os.ReadDir(filepath.Join(folder, "opening"))); len(left) != 0 {
		t.Fatalf("left: %v", left)
	}
}

func TestMasterKeyRotation(t *testing.T) {
	t.Parallel()
	d, folder := newKeyDir(t)
	ctx, scope := t.Context(), newScope(seal.PartQuality)
	id, dk := scope.OpeningKeyID(), seal.NewDataKey()
	public := must(d.Create(ctx, id))
	wrapped := must(seal.WrapForOpening(public, scope, dk))
	master := filepath.Join(folder, "master.keys")
	must(seal.RotateKeyFile(master, seal.PurposeOpening))

	rotated := must(seal.OpenKeyDir(folder, ""))
	if must(rotated.Create(ctx, id)) != public {
		t.Fatal("rotation changed the key")
	}
	if back := must(rotated.Unwrap(ctx, scope, wrapped)); !back.Equal(dk) {
		t.Fatal("another key came back")
	}
	if n := must(rotated.Reencrypt(ctx)); n != 1 {
		t.Fatalf("%d keys encrypted anew", n)
	}
	if n := must(rotated.Reencrypt(ctx)); n != 0 {
		t.Fatalf("%d keys encrypted anew the second time", n)
	}
	_, err := d.Unwrap(ctx, scope, wrapped) // knows the old master only
	wantRule(t, err, fault.Unavailable, "seal.opening-key-locked")
	if back := must(rotated.Unwrap(ctx, scope, wrapped)); !back.Equal(dk) {
		t.Fatal("another key came back")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	d, folder := newKeyDir(t)
	ctx, id, other := t.Context(), uuid.New(), uuid.New()
	public, strange := must(d.Create(ctx, id)), must(d.Create(ctx, other))
	if err := d.Check(ctx, id, public); err != nil {
		t.Fatal(err)
	}
	wantRule(t, d.Check(ctx, id, strange), fault.Internal, "seal.opening-key-mismatch")
	wantRule(t, d.Check(ctx, id, "age1"), fault.Invalid, "seal.public-key-malformed")
	wantRule(t, d.Check(ctx, uuid.New(), public), fault.Unavailable, "seal.opening-key-missing")
	wantRule(t, d.Check(ctx, uuid.Nil, public), fault.Invalid, "seal.opening-key-id-missing")

	path := func(id uuid.UUID) string { return filepath.Join(folder, "opening", id.String()+".age") }
	if err := os.Rename(path(other), path(id)); err != nil {
		t.Fatal(err)
	}
	wantRule(t, d.Check(ctx, id, strange), fault.Unavailable, "seal.opening-key-locked")

	ended, cancel := context.WithCancel(ctx)
	cancel()
	wantRule(t, d.Check(ended, id, public), fault.Unavailable, "seal.interrupted")
}

func TestKeyFolder(t *testing.T) {
	t.Parallel()
	elsewhere := filepath.Join(t.TempDir(), "master")
	folder := filepath.Join(t.TempDir(), "keys")
	_, err := seal.OpenKeyDir(folder, elsewhere)
	wantRule(t, err, fault.Unavailable, "seal.key-folder-missing")
	if !must(seal.InitKeyDir(folder, elsewhere)) || must(seal.InitKeyDir(folder, elsewhere)) {
		t.Fatal("the folder is made the first time and left the second")
	}
	d := must(seal.OpenKeyDir(folder, elsewhere))
	id := uuid.New()
	must(d.Create(t.Context(), id))
	if names := filesIn(t, folder); len(names) != 1 {
		t.Fatalf("files: %v", names)
	}
	if mode := must(os.Stat(filepath.Join(folder, "opening", id.String()+".age"))).Mode().Perm(); mode != 0o600 {
		t.Fatalf("mode %v", mode)
	}

	for _, mode := range []os.FileMode{0o640, 0o604, 0o620} {
		if err := os.Chmod(elsewhere, mode); err != nil {
			t.Fatal(err)
		}
		_, err = seal.OpenKeyDir(folder, elsewhere)
		wantRule(t, err, fault.Internal, "seal.key-file-open-to-others")
	}
	if err := os.Chmod(elsewhere, 0o400); err != nil {
		t.Fatal(err)
	}
	must(seal.OpenKeyDir(folder, elsewhere))

	if err := os.Chmod(filepath.Join(folder, "destroyed"), 0o777); err != nil {
		t.Fatal(err)
	}
	_, err = seal.OpenKeyDir(folder, elsewhere)
	wantRule(t, err, fault.Internal, "seal.key-folder-open-to-others")

	// A volume that is not mounted: the folder is there, but empty.
	_, err = seal.OpenKeyDir(t.TempDir(), elsewhere)
	wantRule(t, err, fault.Unavailable, "seal.key-folder-missing")
}

func filesIn(t *testing.T, folder string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
