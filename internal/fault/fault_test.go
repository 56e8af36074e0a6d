package fault_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/internal/fault"
)

func TestAFaultKeepsItsKindThroughWrapping(t *testing.T) {
	t.Parallel()
	for _, kind := range fault.Kinds() {
		err := fmt.Errorf("while saving: %w", fault.New(kind, "some.rule"))
		if fault.KindOf(err) != kind || fault.RuleOf(err) != "some.rule" || !fault.Is(err, kind) || !kind.Known() {
			t.Errorf("%s became %s %s", kind, fault.KindOf(err), fault.RuleOf(err))
		}
	}
	if fault.KindOf(errors.New("else")) != fault.Internal || fault.KindOf(nil) != "" || fault.Is(nil, fault.Internal) {
		t.Error("an error that is no fault is internal, and nil is nothing")
	}
}

func TestAListTellsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	var l fault.List
	if l.Err() != nil || !l.Empty() {
		t.Fatal("an empty list is no error")
	}
	l.Addf("a", "x")
	l.Add(nil)
	l.Addf("b", "y", fault.Params{"max": "3"})
	l.Addf("c", "z")
	f, ok := fault.As(l.Err())
	if !ok {
		t.Fatal("no fault")
	}
	var rules []string
	for _, e := range f.All() {
		rules = append(rules, e.Rule+"@"+e.Field)
	}
	if !slices.Equal(rules, []string{"a@x", "b@y", "c@z"}) {
		t.Fatalf("told %v", rules)
	}
}

// The cause is for the log: what is stored and sent must not have it.
func TestTheCauseStaysInside(t *testing.T) {
	t.Parallel()
	f := fault.Wrap(fault.Unavailable, "database.unreachable", errors.New("secret text"))
	b, err := json.Marshal(f)
	if err != nil || strings.Contains(string(b), "secret") {
		t.Fatalf("%s %v", b, err)
	}
	if !strings.Contains(f.Error(), "secret text") {
		t.Error("the log has the chain")
	}
}

func TestEveryKindHasAStatusOfItsOwn(t *testing.T) {
	t.Parallel()
	seen := map[int]fault.Kind{}
	for _, k := range fault.Kinds() {
		status := k.Status()
		if other, twice := seen[status]; twice || status < 400 {
			t.Errorf("%s is answered with %d, as %s", k, status, other)
		}
		seen[status] = k
	}
	if got := fault.Kind("new").Status(); got != 500 {
		t.Errorf("an unknown kind is answered with %d", got)
	}
}
