package seal_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func TestOrgWrapRoundTrip(t *testing.T) {
	t.Parallel()
	w := wrappingKeyIn(t, filepath.Join(t.TempDir(), "wrapping.keys"), nil)
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		org, id, dk := drawID(t, "org"), drawID(t, "data key"), seal.NewDataKey()
		wrapped := must(w.WrapForOrg(org, id, dk))
		if back := must(w.UnwrapForOrg(ctx, org, id, wrapped)); !back.Equal(dk) {
			t.Fatal("another key came back")
		}
		for _, other := range [][2]uuid.UUID{{uuid.New(), id}, {org, uuid.New()}, {id, org}} {
			if _, err := w.UnwrapForOrg(ctx, other[0], other[1], wrapped); fault.RuleOf(err) != "seal.broken" {
				t.Fatalf("opened for another: %v", err)
			}
		}
	})
}

func TestAlteredOrgWrapIsRefused(t *testing.T) {
	t.Parallel()
	w := wrappingKeyIn(t, filepath.Join(t.TempDir(), "wrapping.keys"), nil)
	org, id := uuid.New(), uuid.New()
	wrapped := must(w.WrapForOrg(org, id, seal.NewDataKey()))
	eachTampering(wrapped, func(name string, altered []byte) {
		_, err := w.UnwrapForOrg(t.Context(), org, id, altered)
		if r := fault.RuleOf(err); r != "seal.broken" && r != "seal.wrapping-key-missing" {
			t.Fatalf("%s: %v", name, err)
		}
	})
	for _, ids := range [][2]uuid.UUID{{uuid.Nil, id}, {org, uuid.Nil}} {
		_, err := w.WrapForOrg(ids[0], ids[1], seal.NewDataKey())
		wantRule(t, err, fault.Invalid, "seal.wrap-invalid")
	}
}

func TestEveryUnwrapIsLogged(t *testing.T) {
	t.Parallel()
	var log []seal.Unwrapping
	full := errors.New("log is full")
	var fail error
	w := wrappingKeyIn(t, filepath.Join(t.TempDir(), "wrapping.keys"), func(_ context.Context, u seal.Unwrapping) error {
		log = append(log, u)
		return fail
	})
	org, id := uuid.New(), uuid.New()
	wrapped := must(w.WrapForOrg(org, id, seal.NewDataKey()))

	_ = must(w.UnwrapForOrg(t.Context(), org, id, wrapped))
	stranger := uuid.New()
	_, err := w.UnwrapForOrg(t.Context(), stranger, id, wrapped)
	wantRule(t, err, fault.Internal, "seal.broken")
	if len(log) != 2 || log[0].Organisation != org || log[0].DataKey != id || !log[0].Opened ||
		log[1].Organisation != stranger || log[1].Opened || log[0].WrappingKey == uuid.Nil {
		t.Fatalf("log: %+v", log)
	}

	fail = full
	dk, err := w.UnwrapForOrg(t.Context(), org, id, wrapped)
	if !errors.Is(err, full) {
		t.Fatalf("a key was given without a log entry: %v", err)
	}
	if _, err := dk.Export(); err == nil {
		t.Fatal("the refused key is usable")
	}
	_, err = seal.LoadWrappingKey(filepath.Join(t.TempDir(), "any"), nil)
	wantRule(t, err, fault.Internal, "seal.unwrap-log-missing")
}

func TestWrappingKeyRotation(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wrapping.keys")
	before := wrappingKeyIn(t, path, nil)
	org, id, dk := uuid.New(), uuid.New(), seal.NewDataKey()
	old := must(before.WrapForOrg(org, id, dk))

	newest := must(seal.RotateKeyFile(path, seal.PurposeWrapping))
	var used uuid.UUID
	after := wrappingKeyIn(t, path, func(_ context.Context, u seal.Unwrapping) error { used = u.WrappingKey; return nil })
	if back := must(after.UnwrapForOrg(t.Context(), org, id, old)); !back.Equal(dk) || used == newest {
		t.Fatal("the old wrap does not open with the old key")
	}
	fresh := must(after.WrapForOrg(org, id, dk))
	if back := must(after.UnwrapForOrg(t.Context(), org, id, fresh)); !back.Equal(dk) || used != newest {
		t.Fatal("the new wrap is not made with the newest key")
	}
	_, err := before.UnwrapForOrg(t.Context(), org, id, fresh)
	wantRule(t, err, fault.Unavailable, "seal.wrapping-key-missing")
}
