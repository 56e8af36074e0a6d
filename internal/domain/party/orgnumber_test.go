package party_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func TestParseOrgNumber(t *testing.T) {
	t.Parallel()
	for in, rule := range map[string]string{
		"958935420":   "",
		"958 935 420": "",
		"920415288":   "", // old 1507 Ålesund
		"958935421":   "party.org-number-check-digit",
		"985935420":   "party.org-number-check-digit", // two digits swapped
		// The first eight digits leave a remainder of 1, so no check digit fits.
		"000000060":  "party.org-number-check-digit",
		"95893542":   "party.org-number-malformed",
		"9589354200": "party.org-number-malformed",
		"95893542A":  "party.org-number-malformed",
		"９５８":        "party.org-number-malformed", // nine bytes, no digit among them
		"-58935420":  "party.org-number-malformed",
		"":           "party.org-number-malformed",
	} {
		n, err := party.ParseOrgNumber(in)
		if fault.RuleOf(err) != rule || (err == nil) != (len(n) == 9) {
			t.Errorf("ParseOrgNumber(%q) = %q, %v; want %q", in, n, err, rule)
		}
	}
}

// The check finds every single wrong digit.
func TestOneWrongDigitIsFound(t *testing.T) {
	t.Parallel()
	all := party.Municipalities()
	rapid.Check(t, func(t *rapid.T) {
		right := rapid.SampledFrom(all).Draw(t, "municipality").OrgNumber
		if right == "" {
			t.Skip("number unknown")
		}
		wrong := []byte(right)
		i := rapid.IntRange(0, 8).Draw(t, "place")
		by := rapid.IntRange(1, 9).Draw(t, "by")
		wrong[i] = '0' + (wrong[i]-'0'+byte(by))%10
		if n, err := party.ParseOrgNumber(string(wrong)); err == nil {
			t.Fatalf("%s instead of %s was taken as %s", wrong, right, n)
		}
	})
}

// For eight digits there is one check digit, or none.
func TestAtMostOneCheckDigit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.IntRange(0, 99_999_999).Draw(t, "first eight digits")
		fits := 0
		for d := range 10 {
			if _, err := party.ParseOrgNumber(fmt.Sprintf("%08d%d", first, d)); err == nil {
				fits++
			}
		}
		if fits > 1 {
			t.Fatalf("%08d has %d check digits", first, fits)
		}
	})
}

func TestActorID(t *testing.T) {
	t.Parallel()
	n, err := party.ParseActorID("0192:958935420")
	if err != nil || n != "958935420" || n.ActorID() != "0192:958935420" {
		t.Errorf("%q, %v", n, err)
	}
	for _, in := range []string{"958935420", "9908:958935420", "0192:", "0192:958935421"} {
		if n, err := party.ParseActorID(in); !fault.Is(err, fault.Invalid) {
			t.Errorf("ParseActorID(%q) = %q, %v", in, n, err)
		}
	}
	if got := party.OrgNumber("").ActorID(); got != "" {
		t.Errorf("an unknown number is %q", got)
	}
}

func TestOrgNumberJSON(t *testing.T) {
	t.Parallel()
	var in struct{ A, B party.OrgNumber }
	if err := json.Unmarshal([]byte(`{"A":"958 935 420","B":""}`), &in); err != nil || in.A != "958935420" || in.B != "" {
		t.Errorf("%+v, %v", in, err)
	}
	if err := json.Unmarshal([]byte(`{"A":"958935421"}`), &in); !fault.Is(err, fault.Invalid) {
		t.Errorf("a wrong check digit was read: %v", err)
	}
}
