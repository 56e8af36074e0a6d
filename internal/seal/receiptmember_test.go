package seal_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// A receipt for several suppliers names them in the order of their ids, whatever
// order they come in; one for a single supplier is what it has always been.
func TestReceiptNamesItsMembers(t *testing.T) {
	t.Parallel()
	s := newSubmission(t)
	alone := s.bundle.Receipt.Receipt
	if alone.Format != seal.ReceiptFormat || strings.Contains(string(must(json.Marshal(alone))), "members") {
		t.Errorf("a receipt for one is %s", alone.Format)
	}
	together := alone
	a, b := uuid.UUID{1}, uuid.UUID{2}
	together.Members = []uuid.UUID{b, a}
	signed := must(s.signer.Sign(together))
	back := must(seal.ParseSignedReceipt(must(json.Marshal(signed))))
	if err := s.keys.Verify(back); err != nil {
		t.Fatal(err)
	}
	if r := back.Receipt; r.Format != seal.ReceiptMembersFormat || len(r.Members) != 2 || r.Members[0] != a || r.Members[1] != b {
		t.Errorf("the receipt names %v in %s", r.Members, r.Format)
	}
	for name, change := range map[string]func(r *seal.Receipt){
		"a member left out": func(r *seal.Receipt) { r.Members = r.Members[:1] },
		"another member":    func(r *seal.Receipt) { r.Members = []uuid.UUID{a, uuid.New()} },
		"another format":    func(r *seal.Receipt) { r.Format = seal.ReceiptFormat },
	} {
		changed := signed
		change(&changed.Receipt)
		if err := s.keys.Verify(changed); err == nil {
			t.Errorf("%s: verified", name)
		}
	}
	for name, members := range map[string][]uuid.UUID{"twice": {a, a}, "the supplier itself": {alone.Supplier}, "nobody": {uuid.Nil}} {
		wrong := alone
		wrong.Members = members
		if _, err := s.signer.Sign(wrong); fault.RuleOf(err) != "seal.receipt-invalid" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
