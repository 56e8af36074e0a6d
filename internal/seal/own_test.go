package seal_test

import (
	"bytes"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

func TestAnOwnEntryOpensInItsPlaceOnly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOfN(rapid.Byte(), 0, 500).Draw(t, "plain")
		version := rapid.Int64Range(1, 1000).Draw(t, "version")
		org, entry, key := uuid.New(), uuid.New(), seal.NewDataKey()
		sealed, err := key.EncryptOwn(org, entry, version, plain)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := key.DecryptOwn(org, entry, version, sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("got %q: %v", got, err)
		}
		if len(sealed)%seal.ValueStep != len(sealedOf(t, key, nil))%seal.ValueStep {
			t.Error("the size tells more than a step")
		}
		for name, open := range map[string]func() ([]byte, error){
			"another organisation": func() ([]byte, error) { return key.DecryptOwn(uuid.New(), entry, version, sealed) },
			"another entry":        func() ([]byte, error) { return key.DecryptOwn(org, uuid.New(), version, sealed) },
			"another version":      func() ([]byte, error) { return key.DecryptOwn(org, entry, version+1, sealed) },
			"another key":          func() ([]byte, error) { return seal.NewDataKey().DecryptOwn(org, entry, version, sealed) },
			"as an answer": func() ([]byte, error) {
				a, err := key.DecryptAnswer(seal.Scope{Procurement: org, Tender: org, Part: seal.PartQuality}, entry, version, sealed)
				return a.Value, err
			},
		} {
			if _, err := open(); fault.RuleOf(err) != "seal.broken" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	if _, err := seal.NewDataKey().EncryptOwn(uuid.Nil, uuid.New(), 1, nil); fault.RuleOf(err) != "seal.scope-invalid" {
		t.Errorf("no organisation: %v", err)
	}
}

func sealedOf(t *rapid.T, key seal.DataKey, plain []byte) []byte {
	sealed, err := key.EncryptOwn(uuid.New(), uuid.New(), 1, plain)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}
