package seal_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/google/uuid"
)

// golden is one of everything that is stored or handed out, in the first
// version of the formats, with keys made for this file alone.
type golden struct {
	DataKey                  string
	Value, Summary, Envelope []byte
	Receipt, PublicKeys      []byte
	WrappingFile, OrgWrap    []byte
	MasterFile, OpeningFile  []byte
	OpeningWrap              []byte
}

// What was sealed by an earlier build must open with every later one: tenders
// lie sealed over upgrades, and receipts are for years.
func TestFirstFormatsStillOpen(t *testing.T) {
	t.Parallel()
	var g golden
	if err := json.Unmarshal(must(os.ReadFile("testdata/format1.json")), &g); err != nil {
		t.Fatal(err)
	}
	id := func(n byte) uuid.UUID { return uuid.UUID{n, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, n} }
	scope := seal.Scope{Procurement: id(1), Tender: id(2), Lot: id(3), Part: seal.PartPrice}
	dk := must(seal.ImportDataKey(seal.ExportedKey(g.DataKey)))

	if got := must(dk.DecryptAnswer(scope, id(4), 5, g.Value)); string(got.Value) != "4190000050" {
		t.Errorf("value: %s", got.Value)
	}
	summary := seal.Scope{Procurement: id(1), Tender: id(2), Part: seal.PartSummary}
	if got := must(dk.DecryptSummary(summary, 9, g.Summary)); string(got) != "{}" {
		t.Errorf("summary: %s", got)
	}
	if got := must(seal.OpenEnvelope(dk, scope, g.Envelope)); len(got) != 1 || string(got[0].Value) != `{"amount":4190000050}` {
		t.Errorf("envelope: %v", got)
	}
	receipt := must(seal.ParseSignedReceipt(g.Receipt))
	if err := must(seal.ParsePublicKeys(g.PublicKeys)).Verify(receipt); err != nil {
		t.Error(err)
	}
	if err := receipt.Receipt.Covers(id(3), seal.PartPrice, g.Envelope); err != nil {
		t.Error(err)
	}

	wrapping := filepath.Join(t.TempDir(), "wrapping.keys")
	_ = must(0, os.WriteFile(wrapping, g.WrappingFile, 0o600))
	w := wrappingKeyIn(t, wrapping, nil)
	if got := must(w.UnwrapForOrg(t.Context(), id(6), id(7), g.OrgWrap)); !got.Equal(dk) {
		t.Error("the supplier's wrap gives another key")
	}
	folder := t.TempDir()
	master := filepath.Join(folder, "master.keys")
	_ = must(0, os.WriteFile(master, g.MasterFile, 0o600))
	must(seal.InitKeyDir(folder, ""))
	_ = must(0, os.WriteFile(filepath.Join(folder, "opening", scope.OpeningKeyID().String()+".age"), g.OpeningFile, 0o600))
	if got := must(must(seal.OpenKeyDir(folder, "")).Unwrap(t.Context(), scope, g.OpeningWrap)); !got.Equal(dk) {
		t.Error("the opening wrap gives another key")
	}
}
