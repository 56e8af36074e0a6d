package seal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func TestEnvelopeRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		scope := drawScope(t, "scope", seal.PartQuality, seal.PartPrice)
		answers := rapid.SliceOfNDistinct(rapid.Custom(drawAnswer), 0, 20, func(a seal.Answer) uuid.UUID { return a.Requirement }).Draw(t, "answers")
		dk := seal.NewDataKey()
		e := must(seal.SealEnvelope(dk, scope, answers))
		if e.SHA256 != sha256.Sum256(e.Ciphertext) {
			t.Fatal("the hash is not that of the ciphertext")
		}
		got := must(seal.OpenEnvelope(dk, scope, e.Ciphertext))
		slices.SortFunc(answers, func(a, b seal.Answer) int { return bytes.Compare(a.Requirement[:], b.Requirement[:]) })
		if len(got) != len(answers) {
			t.Fatalf("%d answers, want %d", len(got), len(answers))
		}
		for i := range got {
			if !sameAnswer(got[i], answers[i]) {
				t.Fatalf("answer %d differs", i)
			}
		}
	})
}

func TestEnvelopeSizes(t *testing.T) {
	t.Parallel()
	scope := newScope(seal.PartPrice)
	size := func(n int) int {
		value := json.RawMessage(`"` + strings.Repeat("x", n) + `"`)
		return len(must(seal.SealEnvelope(seal.NewDataKey(), scope,
			[]seal.Answer{{Requirement: uuid.New(), Version: 1, Value: value}})).Ciphertext)
	}
	base := size(0)
	for n := 0; n < 9000; n += 97 {
		if (size(n)-base)%seal.EnvelopeStep != 0 {
			t.Fatalf("a value of %d bytes shows in the size", n)
		}
	}
	if size(1) != base || size(5000) == base {
		t.Fatal("sizes do not grow in steps")
	}
}

func TestEnvelopeOpensInItsOwnPlaceOnly(t *testing.T) {
	t.Parallel()
	dk, scope := seal.NewDataKey(), newScope(seal.PartQuality)
	e := must(seal.SealEnvelope(dk, scope, sampleAnswers(3)))
	for name, other := range otherScopes(scope) {
		_, err := seal.OpenEnvelope(dk, other, e.Ciphertext)
		t.Log(name)
		wantRule(t, err, fault.Internal, "seal.broken")
	}
	_, err := seal.OpenEnvelope(seal.NewDataKey(), scope, e.Ciphertext)
	wantRule(t, err, fault.Internal, "seal.broken")
}

func TestAlteredEnvelopeIsRefused(t *testing.T) {
	t.Parallel()
	dk, scope := seal.NewDataKey(), newScope(seal.PartQuality)
	e := must(seal.SealEnvelope(dk, scope, sampleAnswers(2)))
	eachTampering(e.Ciphertext, func(name string, altered []byte) {
		if _, err := seal.OpenEnvelope(dk, scope, altered); fault.RuleOf(err) != "seal.broken" {
			t.Fatalf("%s: %v", name, err)
		}
	})
	_, err := seal.OpenEnvelope(dk, scope, make([]byte, seal.MaxEnvelope+1))
	wantRule(t, err, fault.Internal, "seal.broken")
}

func TestAnswersThatCannotBeSealed(t *testing.T) {
	t.Parallel()
	good := func() seal.Answer {
		return seal.Answer{Requirement: uuid.New(), Version: 1, Value: json.RawMessage(`true`)}
	}
	with := func(change func(*seal.Answer)) []seal.Answer {
		a := good()
		change(&a)
		return []seal.Answer{good(), a}
	}
	twice := good()
	tests := map[string]struct {
		answers []seal.Answer
		kind    fault.Kind
		rule    string
	}{
		"no requirement":   {with(func(a *seal.Answer) { a.Requirement = uuid.Nil }), fault.Invalid, "seal.answers-invalid"},
		"version 0":        {with(func(a *seal.Answer) { a.Version = 0 }), fault.Invalid, "seal.answers-invalid"},
		"no value":         {with(func(a *seal.Answer) { a.Value = nil }), fault.Invalid, "seal.answers-invalid"},
		"no JSON":          {with(func(a *seal.Answer) { a.Value = json.RawMessage(`{`) }), fault.Invalid, "seal.answers-invalid"},
		"two values":       {with(func(a *seal.Answer) { a.Value = json.RawMessage(`1 2`) }), fault.Invalid, "seal.answers-invalid"},
		"not UTF-8":        {with(func(a *seal.Answer) { a.Value = json.RawMessage("\"\xff\"") }), fault.Invalid, "seal.answers-invalid"},
		"reason not UTF-8": {with(func(a *seal.Answer) { a.Secret = "\xff" }), fault.Invalid, "seal.answers-invalid"},
		"reason too long":  {with(func(a *seal.Answer) { a.Secret = strings.Repeat("x", 4097) }), fault.Invalid, "seal.answers-invalid"},
		"buyer twice":      {with(func(a *seal.Answer) { a.Buyers = []uuid.UUID{{1}, {1}} }), fault.Invalid, "seal.answers-invalid"},
		"no buyer":         {with(func(a *seal.Answer) { a.Buyers = []uuid.UUID{{}} }), fault.Invalid, "seal.answers-invalid"},
		"answered twice":   {[]seal.Answer{twice, twice}, fault.Invalid, "seal.answers-invalid"},
		"too many":         {sampleAnswers(seal.MaxAnswers + 1), fault.TooLarge, "seal.too-many-answers"},
		"value too large":  {with(func(a *seal.Answer) { a.Value = make([]byte, seal.MaxValue+1) }), fault.TooLarge, "seal.too-large"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := seal.SealEnvelope(seal.NewDataKey(), newScope(seal.PartQuality), tt.answers)
			wantRule(t, err, tt.kind, tt.rule)
		})
	}
}

func TestTooLargeEnvelopeIsRefused(t *testing.T) {
	t.Parallel()
	value := json.RawMessage(`"` + strings.Repeat("x", seal.MaxValue-2) + `"`)
	var answers []seal.Answer
	for range seal.MaxEnvelope/seal.MaxValue + 1 {
		answers = append(answers, seal.Answer{Requirement: uuid.New(), Version: 1, Value: value})
	}
	_, err := seal.SealEnvelope(seal.NewDataKey(), newScope(seal.PartQuality), answers)
	wantRule(t, err, fault.TooLarge, "seal.too-large")
}

func TestLargestNumberOfAnswers(t *testing.T) {
	t.Parallel()
	dk, scope, answers := seal.NewDataKey(), newScope(seal.PartQuality), sampleAnswers(seal.MaxAnswers)
	e := must(seal.SealEnvelope(dk, scope, answers))
	if got := must(seal.OpenEnvelope(dk, scope, e.Ciphertext)); len(got) != seal.MaxAnswers {
		t.Fatalf("%d answers", len(got))
	}
}

func TestOpenedValuesAreAsSent(t *testing.T) {
	t.Parallel()
	dk, scope := seal.NewDataKey(), newScope(seal.PartQuality)
	for _, value := range []string{`null`, `1.50`, `1e2`, `"<a> & b"`, `"\u2028"`, `{"b":1,"a":[true,null]}`, `""`} {
		in := []seal.Answer{{Requirement: uuid.New(), Version: 1, Value: json.RawMessage(value)}}
		out := must(seal.OpenEnvelope(dk, scope, must(seal.SealEnvelope(dk, scope, in)).Ciphertext))
		if !reflect.DeepEqual(in, out) {
			t.Errorf("%s came out as %s", value, out[0].Value)
		}
	}
}

func BenchmarkSealEnvelope1000(b *testing.B) {
	dk, scope, answers := seal.NewDataKey(), newScope(seal.PartQuality), sampleAnswers(1000)
	for b.Loop() {
		if _, err := seal.SealEnvelope(dk, scope, answers); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncryptValue(b *testing.B) {
	dk, scope, requirement, plain := seal.NewDataKey(), newScope(seal.PartQuality), uuid.New(), []byte(fmt.Sprint(41_900_000))
	for b.Loop() {
		if _, err := dk.EncryptAnswer(scope, answerOf(requirement, 1, plain)); err != nil {
			b.Fatal(err)
		}
	}
}

// What is stored in a draft, sealed in an envelope and opened by the key that was
// handed over is what was written, marks and all.
func TestDraftToOpeningIsLossless(t *testing.T) {
	t.Parallel()
	dir, _ := newKeyDir(t)
	scope := newScope(seal.PartPrice)
	public := must(dir.Create(t.Context(), scope.OpeningKeyID()))
	rapid.Check(t, func(r *rapid.T) {
		written := rapid.SliceOfNDistinct(rapid.Custom(drawAnswer), 0, 8, func(a seal.Answer) uuid.UUID { return a.Requirement }).Draw(r, "answers")
		draft := seal.NewDataKey()
		read := make([]seal.Answer, len(written))
		for i, a := range written {
			read[i] = must(draft.DecryptAnswer(scope, a.Requirement, a.Version, must(draft.EncryptAnswer(scope, a))))
		}
		e := must(seal.SealContent(draft, scope, seal.Content{Answers: read}))
		opening := must(dir.Unwrap(t.Context(), scope, must(seal.WrapForOpening(public, scope, draft))))
		opened := must(seal.OpenContent(opening, scope, e.Ciphertext)).Answers
		if len(opened) != len(written) {
			r.Fatalf("%d of %d answers are opened", len(opened), len(written))
		}
		for _, a := range written {
			if !slices.ContainsFunc(opened, func(o seal.Answer) bool { return sameAnswer(o, a) }) {
				r.Fatalf("%+v is not among what was opened", a)
			}
		}
	})
}
