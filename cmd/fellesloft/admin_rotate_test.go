package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// run carries out a command line of the program.
func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(&out)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

// It is not parallel: the settings are the process's own environment.
func TestKeysAreMadeRotatedAndRetired(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"WRAPPING_KEY_FILE": "serve/wrapping", "SIGNING_KEY_FILE": "serve/signing", "RECEIPT_KEYS_FILE": "receipts.json",
		"AUDIT_SECRET_FILE": "secret", "KEY_DIR": "opening", "KEY_MASTER_FILE": "master/keys",
	}
	for setting, name := range files {
		files[setting] = filepath.Join(dir, name)
		t.Setenv(setting, files[setting])
	}
	for range 2 { // the second time finds all
		if out, err := run(t, "admin", "keys", "init"); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	folder, err := seal.OpenKeyDir(files["KEY_DIR"], files["KEY_MASTER_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	id := seal.OpeningKeyID(uuid.New(), uuid.New(), seal.PartQuality)
	public, err := folder.Create(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"rotate wrapping", "rotate signing", "rotate master", "retire wrapping", "retire master", "publish"} {
		out, err := run(t, append([]string{"admin", "keys"}, strings.Fields(line)...)...)
		if err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
	}
	after, err := seal.OpenKeyDir(files["KEY_DIR"], files["KEY_MASTER_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	if err := after.Check(t.Context(), id, public); err != nil {
		t.Errorf("an opening key is lost: %v", err)
	}
	signing, err := seal.LoadSigningKey(files["SIGNING_KEY_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	if n := len(signing.PublicKeys().Keys); n != 2 {
		t.Errorf("%d signing keys, want both", n)
	}
	t.Setenv("WRAPPING_KEY_FILE", "")
	if _, err := run(t, "admin", "keys", "rotate", "wrapping"); fault.RuleOf(err) != "config.missing" {
		t.Errorf("err = %v, want the setting that is missing", err)
	}
}
