package seal_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// answerOf is an answer without marks; no value stands for a short one.
func answerOf(requirement uuid.UUID, version int64, value []byte) seal.Answer {
	if value == nil {
		value = []byte("1")
	}
	return seal.Answer{Requirement: requirement, Version: version, Value: value}
}

// drawAnswer generates an answer with any value and marks.
func drawAnswer(t *rapid.T) seal.Answer {
	return seal.Answer{
		Requirement: drawID(t, "requirement"), Version: rapid.Int64Min(1).Draw(t, "version"),
		Value:  must(json.Marshal(rapid.String().Draw(t, "value"))),
		Secret: rapid.StringN(-1, -1, 500).Draw(t, "secret"),
		Buyers: rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) uuid.UUID { return drawID(t, "buyer") }), 0, 5, rapid.ID).Draw(t, "buyers"),
	}
}

// sameAnswer compares what answers say, in whatever order they name buyers.
func sameAnswer(a, b seal.Answer) bool {
	var left, right any
	sorted := func(ids []uuid.UUID) []uuid.UUID {
		return slices.SortedFunc(slices.Values(ids), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	}
	return json.Unmarshal(a.Value, &left) == nil && json.Unmarshal(b.Value, &right) == nil && reflect.DeepEqual(left, right) &&
		a.Requirement == b.Requirement && a.Version == b.Version && a.Secret == b.Secret && slices.Equal(sorted(a.Buyers), sorted(b.Buyers))
}

func TestValueRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		scope := drawScope(t, "scope", seal.PartQuality, seal.PartPrice)
		a := drawAnswer(t)
		dk := seal.NewDataKey()
		sealed := must(dk.EncryptAnswer(scope, a))
		got := must(dk.DecryptAnswer(scope, a.Requirement, a.Version, sealed))
		if !sameAnswer(got, a) {
			t.Fatalf("got %+v, want %+v", got, a)
		}
		for _, plain := range []string{string(a.Value), a.Secret} {
			if len(plain) > 8 && bytes.Contains(sealed, []byte(plain)) {
				t.Fatal("the plain text is in the sealed answer")
			}
		}
	})
}

func TestValueSizesTellOnlyStepsOf64Bytes(t *testing.T) {
	t.Parallel()
	dk, scope, requirement := seal.NewDataKey(), newScope(seal.PartPrice), uuid.New()
	base := len(must(dk.EncryptAnswer(scope, answerOf(requirement, 1, nil)))) - seal.ValueStep
	for n := 1; n < 400; n++ {
		got := len(must(dk.EncryptAnswer(scope, answerOf(requirement, 1, bytes.Repeat([]byte("1"), n))))) - base
		want := (n + len(`{"value":}`) + 4 + seal.ValueStep - 1) / seal.ValueStep * seal.ValueStep
		if got != want {
			t.Fatalf("%d bytes: padded to %d, want %d", n, got, want)
		}
	}
}

func TestValueOpensInItsOwnRowOnly(t *testing.T) {
	t.Parallel()
	dk, scope, requirement := seal.NewDataKey(), newScope(seal.PartQuality), uuid.New()
	sealed := must(dk.EncryptAnswer(scope, answerOf(requirement, 3, []byte(`"41 900 000"`))))
	for name, other := range otherScopes(scope) {
		_, err := dk.DecryptAnswer(other, requirement, 3, sealed)
		t.Log(name)
		wantRule(t, err, fault.Internal, "seal.broken")
	}
	_, err := dk.DecryptAnswer(scope, uuid.New(), 3, sealed)
	wantRule(t, err, fault.Internal, "seal.broken")
	_, err = dk.DecryptAnswer(scope, requirement, 2, sealed)
	wantRule(t, err, fault.Internal, "seal.broken")
	_, err = seal.NewDataKey().DecryptAnswer(scope, requirement, 3, sealed)
	wantRule(t, err, fault.Internal, "seal.broken")
}

func TestAlteredValueIsRefused(t *testing.T) {
	t.Parallel()
	dk, scope, requirement := seal.NewDataKey(), newScope(seal.PartQuality), uuid.New()
	sealed := must(dk.EncryptAnswer(scope, answerOf(requirement, 1, []byte(`"ja"`))))
	eachTampering(sealed, func(name string, altered []byte) {
		if _, err := dk.DecryptAnswer(scope, requirement, 1, altered); fault.RuleOf(err) != "seal.broken" {
			t.Fatalf("%s: %v", name, err)
		}
	})
}

func TestSameValueNeverLooksTheSame(t *testing.T) {
	t.Parallel()
	dk, scope, requirement := seal.NewDataKey(), newScope(seal.PartQuality), uuid.New()
	a := must(dk.EncryptAnswer(scope, answerOf(requirement, 1, []byte(`"ja"`))))
	b := must(dk.EncryptAnswer(scope, answerOf(requirement, 1, []byte(`"ja"`))))
	if bytes.Equal(a[1:25], b[1:25]) || bytes.Equal(a[25:], b[25:]) {
		t.Fatal("two encryptions share nonce or ciphertext")
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	dk, scope := seal.NewDataKey(), newScope(seal.PartSummary)
	sealed := must(dk.EncryptSummary(scope, 7, []byte(`{"complete":false}`)))
	if got := must(dk.DecryptSummary(scope, 7, sealed)); string(got) != `{"complete":false}` {
		t.Fatalf("got %s", got)
	}
	_, err := dk.DecryptSummary(scope, 8, sealed)
	wantRule(t, err, fault.Internal, "seal.broken")
	for _, other := range otherScopes(scope) {
		_, err := dk.DecryptSummary(other, 7, sealed)
		wantRule(t, err, fault.Internal, "seal.broken")
	}
	eachTampering(sealed, func(name string, altered []byte) {
		if _, err := dk.DecryptSummary(scope, 7, altered); fault.RuleOf(err) != "seal.broken" {
			t.Fatalf("%s: %v", name, err)
		}
	})
}

func TestScopesThatNameNoPlaceAreRefused(t *testing.T) {
	t.Parallel()
	whole, dk := newScope(seal.PartQuality), seal.NewDataKey()
	public := must(newKeyDirOnly(t).Create(t.Context(), whole.OpeningKeyID()))
	tests := map[string]struct {
		change func(*seal.Scope)
		field  string
	}{
		"no procurement": {func(s *seal.Scope) { s.Procurement = uuid.Nil }, "procurement"},
		"no tender":      {func(s *seal.Scope) { s.Tender = uuid.Nil }, "tender"},
		"no part":        {func(s *seal.Scope) { s.Part = "" }, "part"},
		"unknown part":   {func(s *seal.Scope) { s.Part = "annex" }, "part"},
		// The summary hangs on prices, so nothing opens it but its supplier.
		"summary": {func(s *seal.Scope) { s.Part, s.Lot = seal.PartSummary, uuid.Nil }, "part"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := whole
			tt.change(&s)
			_, encrypt := dk.EncryptAnswer(s, answerOf(uuid.New(), 1, nil))
			_, decrypt := dk.DecryptAnswer(s, uuid.New(), 1, nil)
			_, envelope := seal.SealEnvelope(dk, s, nil)
			_, open := seal.OpenEnvelope(dk, s, nil)
			_, wrap := seal.WrapForOpening(public, s, dk)
			for _, err := range []error{encrypt, decrypt, envelope, open, wrap} {
				wantRule(t, err, fault.Invalid, "seal.scope-invalid")
				if f, _ := fault.As(err); f.Field != tt.field {
					t.Fatalf("field %q, want %q", f.Field, tt.field)
				}
			}
		})
	}
	_, err := dk.EncryptSummary(whole, 1, nil)
	wantRule(t, err, fault.Invalid, "seal.scope-invalid")
	summaryWithLot := newScope(seal.PartSummary)
	summaryWithLot.Lot = uuid.New()
	_, err = dk.EncryptSummary(summaryWithLot, 1, nil)
	wantRule(t, err, fault.Invalid, "seal.scope-invalid")
}

func TestTooLargeValueIsRefused(t *testing.T) {
	t.Parallel()
	dk, scope := seal.NewDataKey(), newScope(seal.PartQuality)
	_, err := dk.EncryptAnswer(scope, answerOf(uuid.New(), 1, bytes.Repeat([]byte("1"), seal.MaxValue+1)))
	wantRule(t, err, fault.TooLarge, "seal.too-large")
	if _, err := dk.EncryptAnswer(scope, answerOf(uuid.New(), 1, bytes.Repeat([]byte("1"), seal.MaxValue))); err != nil {
		t.Fatal(err)
	}
}

func TestZeroedKeyRefusesEverything(t *testing.T) {
	t.Parallel()
	scope := newScope(seal.PartQuality)
	public := must(newKeyDirOnly(t).Create(t.Context(), scope.OpeningKeyID()))
	dk := seal.NewDataKey()
	copied := dk
	dk.Zero()
	for name, k := range map[string]seal.DataKey{"zeroed": dk, "copy of zeroed": copied, "never made": {}} {
		_, encrypt := k.EncryptAnswer(scope, answerOf(uuid.New(), 1, nil))
		_, envelope := seal.SealEnvelope(k, scope, nil)
		_, wrap := seal.WrapForOpening(public, scope, k)
		_, export := k.Export()
		for _, err := range []error{encrypt, envelope, wrap, export} {
			t.Log(name)
			wantRule(t, err, fault.Internal, "seal.key-gone")
		}
		if again := k; k.Equal(again) {
			t.Fatalf("%s: equals", name)
		}
	}
}

func TestDataKeyExport(t *testing.T) {
	t.Parallel()
	dk := seal.NewDataKey()
	text := must(dk.Export())
	if back := must(seal.ImportDataKey(text)); !back.Equal(dk) {
		t.Fatal("another key came back")
	}
	for _, bad := range []seal.ExportedKey{"", "x", text[:40], text + "AAAA", "-" + text[1:]} {
		_, err := seal.ImportDataKey(bad)
		wantRule(t, err, fault.Invalid, "seal.data-key-malformed")
	}
}

func TestOpeningKeyIDIsStable(t *testing.T) {
	t.Parallel()
	procurement := uuid.MustParse("0192b3c4-0000-7000-8000-000000000001")
	lot := uuid.MustParse("0192b3c4-0000-7000-8000-000000000002")
	// Keys in folders are found by these ids: they must not change.
	got := seal.OpeningKeyID(procurement, lot, seal.PartPrice).String()
	if want := "781f6fe4-93aa-5f18-bbe4-8f98eefb5811"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	seen := map[uuid.UUID]bool{}
	for _, p := range []uuid.UUID{procurement, uuid.New()} {
		for _, l := range []uuid.UUID{uuid.Nil, lot} {
			for _, part := range []seal.Part{seal.PartQuality, seal.PartPrice} {
				seen[seal.OpeningKeyID(p, l, part)] = true
			}
		}
	}
	if len(seen) != 8 {
		t.Fatalf("%d different ids of 8", len(seen))
	}
}

func newKeyDirOnly(t testing.TB) *seal.KeyDir {
	t.Helper()
	d, _ := newKeyDir(t)
	return d
}
