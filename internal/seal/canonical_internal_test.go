package seal

import (
	"bytes"
	"testing"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// These forms cannot be made through SealEnvelope; a holder of a data key could
// make them, so opening refuses them.
func TestOnlyTheCanonicalFormOpens(t *testing.T) {
	t.Parallel()
	const a, b = "01000000-0000-4000-8000-000000000001", "02000000-0000-4000-8000-000000000002"
	good := `{"format":"fellesloft-answers/1","answers":[` +
		`{"requirement":"` + a + `","version":1,"value":1},{"requirement":"` + b + `","version":2,"value":"x"}]}`
	if _, err := decodeContent([]byte(good)); err != nil {
		t.Fatal(err)
	}
	marked := `{"format":"fellesloft-answers/3","answers":[{"requirement":"` + a + `","version":1,"value":1,"secret":"Pris","buyers":["` + a + `","` + b + `"]}]}`
	if c, err := decodeContent([]byte(marked)); err != nil || c.Answers[0].Secret != "Pris" || len(c.Answers[0].Buyers) != 2 {
		t.Fatal(c, err)
	}
	replace := func(was, is string) string { return string(bytes.Replace([]byte(good), []byte(was), []byte(is), 1)) }
	for name, plain := range map[string]string{
		"empty":                     "",
		"no JSON":                   "answers",
		"cut off":                   good[:len(good)-1],
		"more after":                good + "{}",
		"blank":                     replace(`,"answers"`, `, "answers"`),
		"other format":              replace("answers/1", "answers/2"),
		"unknown field":             replace(`"version":1`, `"version":1,"x":1`),
		"repeated field":            replace(`"version":1`, `"version":7,"version":1`),
		"other case":                replace(`"version":1`, `"Version":1`),
		"unordered":                 replace(a, "03000000-0000-4000-8000-000000000003"),
		"twice":                     replace(b, a),
		"no version":                replace(`"version":1,`, ``),
		"number as text":            replace(`"version":1`, `"version":"1"`),
		"null list":                 `{"format":"fellesloft-answers/1","answers":null}`,
		"marks before their format": string(bytes.Replace([]byte(marked), []byte("answers/3"), []byte("answers/1"), 1)),
		"buyers unordered":          string(bytes.Replace([]byte(marked), []byte(`"buyers":["01`), []byte(`"buyers":["03`), 1)),
		"no reason":                 string(bytes.Replace([]byte(marked), []byte(`"Pris"`), []byte(`""`), 1)),
		"upper-case id":             replace("4000-8000-000000000001", "4000-8000-00000000000A"),
	} {
		if _, err := decodeContent([]byte(plain)); fault.RuleOf(err) != "seal.broken" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOnlyOnePaddedForm(t *testing.T) {
	t.Parallel()
	for n := range 200 {
		plain := bytes.Repeat([]byte{7}, n)
		padded := pad(plain, 64)
		if got, err := unpad(padded, 64); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d: %v", n, err)
		}
		for name, bad := range map[string][]byte{
			"a step more":   append(bytes.Clone(padded), make([]byte, 64)...),
			"a byte more":   append(bytes.Clone(padded), 0),
			"a byte less":   padded[:len(padded)-1],
			"length beyond": append([]byte{0, 0, 255, 255}, padded[4:]...),
			"length huge":   append([]byte{255, 255, 255, 255}, padded[4:]...),
		} {
			if _, err := unpad(bad, 64); fault.RuleOf(err) != "seal.broken" {
				t.Fatalf("%d bytes, %s: %v", n, name, err)
			}
		}
	}
	padded := pad([]byte("x"), 64)
	padded[63] = 1
	if _, err := unpad(padded, 64); fault.RuleOf(err) != "seal.broken" {
		t.Fatalf("padding that is not zero: %v", err)
	}
}

func TestNumbersAreComparedExactly(t *testing.T) {
	t.Parallel()
	same := [][2]string{
		{"1.50", "1.5"}, {"15e-1", "1.5"}, {"0.15E1", "1.5"}, {"100", "1e2"}, {"0", "-0.00"}, {"0e5", "0"},
		{"-2.0", "-2"}, {`{"a":1,"b":[2.0]}`, `{"b":[2],"a":1.0}`}, {`"\u00e6"`, `"æ"`}, {"1e99999999999", "1e99999999999"},
	}
	for _, p := range same {
		if !sameValue([]byte(p[0]), []byte(p[1])) {
			t.Errorf("%s and %s are told apart", p[0], p[1])
		}
	}
	differ := [][2]string{
		{"1.5", "1.51"}, {"10", "100"}, {"1", "-1"}, {"9007199254740993", "9007199254740992"}, {"1", `"1"`},
		{"null", "0"}, {"[1,2]", "[2,1]"}, {`{"a":1}`, `{"a":1,"b":null}`}, {"1e99999999999", "-1e99999999999"}, {"1", "x"},
	}
	for _, p := range differ {
		if sameValue([]byte(p[0]), []byte(p[1])) {
			t.Errorf("%s and %s are taken for the same", p[0], p[1])
		}
	}
}
