package seal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func newScope(part seal.Part) seal.Scope {
	s := seal.Scope{Procurement: uuid.New(), Tender: uuid.New(), Part: part}
	if part != seal.PartSummary {
		s.Lot = uuid.New()
	}
	return s
}

func wantRule(t testing.TB, err error, kind fault.Kind, rule string) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind || fault.RuleOf(err) != rule {
		t.Fatalf("got %v, want %s %s", err, kind, rule)
	}
}

// must gives the value of a call that has to succeed.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func sampleAnswers(n int) []seal.Answer {
	out := make([]seal.Answer, n)
	for i := range out {
		out[i] = seal.Answer{
			Requirement: uuid.New(), Version: int64(i%3 + 1),
			Value: json.RawMessage(fmt.Sprintf(`{"text":"Svar nr. %d <æøå> & mer","price":%d.50}`, i, i*1000)),
		}
	}
	return out
}

func drawID(t *rapid.T, label string) uuid.UUID {
	b := rapid.SliceOfN(rapid.Byte(), 15, 15).Draw(t, label)
	return uuid.UUID(append([]byte{1}, b...)) // never the nil id
}

func drawScope(t *rapid.T, label string, parts ...seal.Part) seal.Scope {
	s := seal.Scope{
		Procurement: drawID(t, label+" procurement"), Tender: drawID(t, label+" tender"),
		Part: rapid.SampledFrom(parts).Draw(t, label+" part"),
	}
	if s.Part != seal.PartSummary && rapid.Bool().Draw(t, label+" has lot") {
		s.Lot = drawID(t, label+" lot")
	}
	return s
}

// otherScopes are all the places that differ from s in one thing.
func otherScopes(s seal.Scope) map[string]seal.Scope {
	out := map[string]seal.Scope{}
	o := s
	o.Procurement = uuid.New()
	out["procurement"] = o
	o = s
	o.Tender = uuid.New()
	out["tender"] = o
	if s.Part == seal.PartSummary {
		return out
	}
	o = s
	o.Lot = uuid.New()
	out["lot"] = o
	o = s
	o.Lot = uuid.Nil
	out["no lot"] = o
	o = s
	o.Part = seal.PartPrice
	if s.Part == seal.PartPrice {
		o.Part = seal.PartQuality
	}
	out["part"] = o
	return out
}

// eachTampering calls try with every way of altering b: each byte changed, each
// shorter length (of the first and last hundred), and longer.
func eachTampering(b []byte, try func(name string, altered []byte)) {
	for i := range b {
		altered := append([]byte(nil), b...)
		altered[i] ^= 1 << (i % 8)
		try(fmt.Sprintf("byte %d changed", i), altered)
	}
	for i := range b {
		if i < 100 || i >= len(b)-100 {
			try(fmt.Sprintf("cut to %d", i), append([]byte(nil), b[:i]...))
		}
	}
	try("byte added", append(append([]byte(nil), b...), 0))
	try("empty", nil)
}

func newKeyDir(t testing.TB) (*seal.KeyDir, string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "keys")
	must(seal.InitKeyDir(folder, ""))
	return must(seal.OpenKeyDir(folder, "")), folder
}

func wrappingKeyIn(t testing.TB, path string, log seal.UnwrapLog) *seal.WrappingKey {
	t.Helper()
	must(seal.EnsureKeyFile(path, seal.PurposeWrapping))
	if log == nil {
		log = func(context.Context, seal.Unwrapping) error { return nil }
	}
	return must(seal.LoadWrappingKey(path, log))
}

func signingKeyIn(t testing.TB, path string) *seal.SigningKey {
	t.Helper()
	must(seal.EnsureKeyFile(path, seal.PurposeSigning))
	return must(seal.LoadSigningKey(path))
}
