package keyservice_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/keyservice"
	"github.com/fellesloft/fellesloft/internal/seal"
)

const token = "hvs.test"

// fakeVault answers as the transit engine does: a ciphertext names the version
// of the key that made it, and one of another key is a bad request.
type fakeVault struct {
	mu       sync.Mutex
	versions map[string]int
	status   int // answered instead, unless 0
	asked    []string
}

func (f *fakeVault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, r.Method+" "+r.URL.Path+" "+r.Header.Get("X-Vault-Namespace"))
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/transit/"), "/")
	var in struct{ Plaintext, Ciphertext string }
	switch {
	case f.status != 0:
		w.WriteHeader(f.status)
		return
	case r.Header.Get("X-Vault-Token") != token:
		w.WriteHeader(http.StatusForbidden)
		return
	case r.Method != http.MethodPost || len(parts) != 2 || f.versions[parts[1]] == 0 || json.NewDecoder(r.Body).Decode(&in) != nil:
		w.WriteHeader(http.StatusNotFound)
		return
	}
	operation, key := parts[0], parts[1]
	data := map[string]string{}
	if operation == "encrypt" {
		data["ciphertext"] = fmt.Sprintf("vault:v%d:%s", f.versions[key], base64.StdEncoding.EncodeToString([]byte(key+"\x00"+in.Plaintext)))
	} else {
		made := strings.SplitN(in.Ciphertext, ":", 3)
		raw, err := base64.StdEncoding.DecodeString(made[len(made)-1])
		owner, plain, ok := strings.Cut(string(raw), "\x00")
		if err != nil || !ok || owner != key || len(made) != 3 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		data["plaintext"] = plain
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
}

func (f *fakeVault) rotate(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.versions[key]++
}

func (f *fakeVault) answers(status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status = status
}

// place is a fake server with a token file.
type place struct {
	*fakeVault
	address, tokenFile string
}

func newPlace(t *testing.T) place {
	t.Helper()
	p := place{fakeVault: &fakeVault{versions: map[string]int{"ours": 1, "theirs": 1}}, tokenFile: filepath.Join(t.TempDir(), "token")}
	server := httptest.NewServer(p.fakeVault)
	t.Cleanup(server.Close)
	p.address = "vault+" + server.URL + "/transit/"
	must(t, os.WriteFile(p.tokenFile, []byte(token+"\n"), 0o600))
	return p
}

func (p place) open(t *testing.T, key string) keyservice.Service {
	t.Helper()
	s, err := keyservice.Open(t.Context(), p.address+key, p.tokenFile)
	must(t, err)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestVaultRoundTrip(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.open(t, "ours?namespace=kommune")
	sealed, err := s.Encrypt(t.Context(), []byte("hemmelig"))
	must(t, err)
	back, err := s.Decrypt(t.Context(), sealed)
	if err != nil || !bytes.Equal(back, []byte("hemmelig")) {
		t.Errorf("%q %v", back, err)
	}
	must(t, seal.TryKeyService(t.Context(), s))
	if p.asked[0] != "POST /v1/transit/encrypt/ours kommune" || p.asked[1] != "POST /v1/transit/decrypt/ours kommune" {
		t.Errorf("asked %q", p.asked)
	}
	// An agent has renewed the token.
	must(t, os.WriteFile(p.tokenFile, []byte("another"), 0o600))
	if _, err := s.Encrypt(t.Context(), []byte("x")); fault.RuleOf(err) != "seal.key-service-away" {
		t.Errorf("with another token: %v", err)
	}
}

func TestVaultAwayAndWrongKey(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	sealed, err := p.open(t, "theirs").Encrypt(t.Context(), []byte("x"))
	must(t, err)
	s := p.open(t, "ours")
	if _, err := s.Decrypt(t.Context(), sealed); !fault.Is(err, fault.Invalid) {
		t.Errorf("made by another key: %v", err)
	}
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusTemporaryRedirect} {
		p.answers(status)
		for name, err := range map[string]error{"encrypt": second(s.Encrypt(t.Context(), []byte("x"))), "decrypt": second(s.Decrypt(t.Context(), sealed))} {
			if !fault.Is(err, fault.Unavailable) || fault.RuleOf(err) != "seal.key-service-away" {
				t.Errorf("%s, answered %d: %v", name, status, err)
			}
		}
	}
	p.answers(0)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Encrypt(ended, []byte("x")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("cut off: %v", err)
	}
	if _, err := p.open(t, "missing").Encrypt(t.Context(), []byte("x")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a key that is not there: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "vault+https://", "vault+https://vault.example.org/transit", "vault+http://vault.example.org/transit/ours", "https://vault.example.org/transit/ours",
		"vault+https://user:password@vault.example.org/transit/ours", "base64key://", "gcpkms://projects/x", "vault+https://%zz"} {
		if _, err := keyservice.Open(t.Context(), address, "token"); fault.RuleOf(err) != "config.key-service-url" {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, address := range []string{"vault+https://vault.example.org:8200/a/b/ours", "awskms://alias/ours?region=eu-north-1"} {
		if _, err := keyservice.Open(t.Context(), address, "token"); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := keyservice.Open(t.Context(), "vault+https://vault.example.org/transit/ours", ""); err == nil {
		t.Error("opened without a token")
	}
}

// The master of opening keys stays in the service: the folder has no key that
// opens, a service that is away loses nothing, and a rotated key opens what older
// versions made.
func TestOpeningKeysUnderAService(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	folder := filepath.Join(t.TempDir(), "keys")
	keys := seal.Keys{Service: p.open(t, "ours")}
	made, err := keys.InitDir(folder, "")
	if err != nil || made {
		t.Fatalf("made a master: %t %v", made, err)
	}
	dir, err := keys.OpenDir(folder, "")
	must(t, err)
	id := uuid.New()
	public, err := dir.Create(t.Context(), id)
	must(t, err)
	must(t, dir.Check(t.Context(), id, public))

	p.rotate("ours")
	must(t, dir.Check(t.Context(), id, public))
	if n, err := dir.Reencrypt(t.Context()); n != 1 || err != nil {
		t.Errorf("encrypted anew: %d %v", n, err)
	}
	file, err := os.ReadFile(filepath.Join(folder, "opening", id.String()+".age"))
	if err != nil || bytes.Contains(file, []byte("AGE-SECRET-KEY")) || bytes.Contains(file, []byte("X25519")) {
		t.Errorf("the file: %v", err)
	}

	p.answers(http.StatusServiceUnavailable)
	if err := dir.Check(t.Context(), id, public); fault.RuleOf(err) != "seal.key-service-away" {
		t.Errorf("away: %v", err)
	}
	if _, err := dir.Create(t.Context(), uuid.New()); fault.RuleOf(err) != "seal.key-service-away" {
		t.Errorf("making a key while it is away: %v", err)
	}
	p.answers(0)
	must(t, dir.Check(t.Context(), id, public))

	other, err := seal.Keys{Service: p.open(t, "theirs")}.OpenDir(folder, "")
	must(t, err)
	if err := other.Check(t.Context(), id, public); fault.RuleOf(err) != "seal.opening-key-locked" {
		t.Errorf("with another key: %v", err)
	}
	must(t, dir.Destroy(t.Context(), id))
	if err := dir.Check(t.Context(), id, public); fault.RuleOf(err) != "seal.opening-key-destroyed" {
		t.Errorf("destroyed: %v", err)
	}
}

// A deployment goes over from a master key file to a service without losing a
// key, and needs the file no more.
func TestGoingOverToAService(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	folder, master := filepath.Join(t.TempDir(), "keys"), filepath.Join(t.TempDir(), "master.keys")
	_, err := seal.InitKeyDir(folder, master)
	must(t, err)
	before, err := seal.OpenKeyDir(folder, master)
	must(t, err)
	id := uuid.New()
	public, err := before.Create(t.Context(), id)
	must(t, err)

	keys := seal.Keys{Service: p.open(t, "ours")}
	dir, err := keys.OpenDir(folder, master)
	must(t, err)
	must(t, dir.Check(t.Context(), id, public))
	if n, err := dir.Reencrypt(t.Context()); n != 1 || err != nil {
		t.Fatalf("encrypted anew: %d %v", n, err)
	}
	must(t, os.Remove(master))
	dir, err = keys.OpenDir(folder, master)
	must(t, err)
	must(t, dir.Check(t.Context(), id, public))
	if err := before.Check(t.Context(), id, public); fault.RuleOf(err) != "seal.opening-key-locked" {
		t.Errorf("the old master still opens: %v", err)
	}
}

// Key files of serve are encrypted by the service, plain ones when it is first
// used; without it, or with another key, they stay closed.
func TestKeyFilesUnderAService(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	path := filepath.Join(t.TempDir(), "wrapping.keys")
	_, err := seal.InitKeyFile(path, seal.PurposeWrapping)
	must(t, err)
	log := func(context.Context, seal.Unwrapping) error { return nil }
	plain, err := seal.LoadWrappingKey(path, log)
	must(t, err)
	org, key, secret := uuid.New(), uuid.New(), seal.NewDataKey()
	wrapped, err := plain.WrapForOrg(org, key, secret)
	must(t, err)

	keys := seal.Keys{Service: p.open(t, "ours")}
	made, err := keys.Ensure(path, seal.PurposeWrapping)
	if err != nil || made {
		t.Fatalf("%t %v", made, err)
	}
	file, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(file, []byte("age-encryption.org/")) || bytes.Contains(file, []byte("secret")) {
		t.Errorf("the file is plain: %v", err)
	}
	_, err = keys.Rotate(path, seal.PurposeWrapping)
	must(t, err)
	w, err := keys.LoadWrapping(path, log)
	must(t, err)
	back, err := w.UnwrapForOrg(t.Context(), org, key, wrapped)
	if err != nil || !back.Equal(secret) || w.Current(wrapped) {
		t.Errorf("what the first key wrapped: %v", err)
	}
	for name, k := range map[string]seal.Keys{"no service": {}, "another key": {Service: p.open(t, "theirs")}} {
		if _, err := k.LoadWrapping(path, log); fault.RuleOf(err) != "seal.key-file-locked" {
			t.Errorf("%s: %v", name, err)
		}
	}
	p.answers(http.StatusServiceUnavailable)
	if _, err := keys.LoadWrapping(path, log); fault.RuleOf(err) != "seal.key-service-away" {
		t.Errorf("away: %v", err)
	}
	if _, err := keys.Init(filepath.Join(t.TempDir(), "new.keys"), seal.PurposeSigning); fault.RuleOf(err) != "seal.key-service-away" {
		t.Errorf("making a file while it is away: %v", err)
	}
}
