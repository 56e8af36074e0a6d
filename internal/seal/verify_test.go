package seal_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/google/uuid"
)

// submission is a tender as sent, with all that proves it.
type submission struct {
	bundle seal.Bundle
	opened seal.Opened
	keys   seal.PublicKeys
	signer *seal.SigningKey
}

func newSubmission(t testing.TB) submission {
	t.Helper()
	signer := signingKeyIn(t, filepath.Join(t.TempDir(), "signing.keys"))
	place := newScope(seal.PartQuality)
	receipt := seal.Receipt{
		Procurement: place.Procurement, Tender: place.Tender, Supplier: uuid.New(), Submission: 1,
		ReceivedAt: time.Date(2026, 10, 25, 2, 30, 0, 123456000, time.FixedZone("", 3600)),
		Deadline:   time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC),
	}
	s := submission{signer: signer, keys: signer.PublicKeys()}
	s.opened = seal.Opened{Format: seal.OpenedFormat, Tender: place.Tender}
	var bundle seal.Bundle
	for _, at := range []struct {
		lot  uuid.UUID
		part seal.Part
	}{{place.Lot, seal.PartPrice}, {place.Lot, seal.PartQuality}, {uuid.Nil, seal.PartQuality}} {
		scope, dk := place, seal.NewDataKey()
		scope.Lot, scope.Part = at.lot, at.part
		answers := sampleAnswers(3)
		answers[0].Secret, answers[1].Buyers = "Svarets grunn", []uuid.UUID{{2}, {1}}
		e := must(seal.SealEnvelope(dk, scope, answers))
		receipt.Envelopes = append(receipt.Envelopes, e.ReceiptEntry(at.lot, at.part))
		if err := bundle.Add(at.lot, at.part, e.Ciphertext, dk); err != nil {
			t.Fatal(err)
		}
		s.opened.Parts = append(s.opened.Parts, seal.OpenedPart{Lot: at.lot, Part: at.part, Answers: answers})
	}
	s.bundle = seal.NewBundle(must(signer.Sign(receipt)))
	s.bundle.Parts = bundle.Parts
	return s
}

func TestReceiptRoundTrip(t *testing.T) {
	t.Parallel()
	s := newSubmission(t)
	signed := s.bundle.Receipt
	if err := s.keys.Verify(signed); err != nil {
		t.Fatal(err)
	}
	text := must(json.Marshal(signed))
	if !strings.Contains(string(text), `"received_at":"2026-10-25T01:30:00.123456Z"`) {
		t.Fatalf("the time of receipt is not in UTC with microseconds: %s", text)
	}
	back := must(seal.ParseSignedReceipt(text))
	if err := s.keys.Verify(back); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(must(json.Marshal(back)), text) {
		t.Fatal("the receipt changed on the way")
	}
	keys := must(seal.ParsePublicKeys(must(json.Marshal(s.keys))))
	if err := keys.Verify(must(seal.ParseSignedReceipt(must(json.MarshalIndent(signed, "", "  "))))); err != nil {
		t.Fatalf("with blanks: %v", err)
	}
}

func TestReceiptWithAnyChangedFieldIsRefused(t *testing.T) {
	t.Parallel()
	changes := map[string]func(*seal.SignedReceipt){
		"format":             func(s *seal.SignedReceipt) { s.Receipt.Format = "fellesloft-receipt/2" },
		"procurement":        func(s *seal.SignedReceipt) { s.Receipt.Procurement = uuid.New() },
		"tender":             func(s *seal.SignedReceipt) { s.Receipt.Tender = uuid.New() },
		"supplier":           func(s *seal.SignedReceipt) { s.Receipt.Supplier = uuid.New() },
		"submission":         func(s *seal.SignedReceipt) { s.Receipt.Submission = 2 },
		"received at":        func(s *seal.SignedReceipt) { s.Receipt.ReceivedAt = s.Receipt.ReceivedAt.Add(time.Microsecond) },
		"received at (nano)": func(s *seal.SignedReceipt) { s.Receipt.ReceivedAt = s.Receipt.ReceivedAt.Add(1) },
		"deadline":           func(s *seal.SignedReceipt) { s.Receipt.Deadline = s.Receipt.Deadline.Add(time.Second) },
		"envelope lot":       func(s *seal.SignedReceipt) { s.Receipt.Envelopes[0].Lot = uuid.UUID{0, 1} },
		"envelope part":      func(s *seal.SignedReceipt) { s.Receipt.Envelopes[0].Part = seal.PartPrice },
		"envelope hash":      func(s *seal.SignedReceipt) { s.Receipt.Envelopes[1].SHA256[31] ^= 1 },
		"envelope size":      func(s *seal.SignedReceipt) { s.Receipt.Envelopes[2].Size++ },
		"envelope left out":  func(s *seal.SignedReceipt) { s.Receipt.Envelopes = s.Receipt.Envelopes[1:] },
		"envelope twice": func(s *seal.SignedReceipt) {
			s.Receipt.Envelopes = append(s.Receipt.Envelopes, s.Receipt.Envelopes[0])
		},
		"envelope order": func(s *seal.SignedReceipt) {
			e := s.Receipt.Envelopes
			e[0], e[1] = e[1], e[0]
		},
		"key id":         func(s *seal.SignedReceipt) { s.Receipt.KeyID = uuid.New() },
		"signature":      func(s *seal.SignedReceipt) { s.Signature[10] ^= 1 },
		"signature cut":  func(s *seal.SignedReceipt) { s.Signature = s.Signature[:63] },
		"signature gone": func(s *seal.SignedReceipt) { s.Signature = nil },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSubmission(t)
			change(&s.bundle.Receipt)
			if err := s.keys.Verify(s.bundle.Receipt); err == nil {
				t.Fatal("verified")
			}
			if report := seal.VerifyBundle(s.bundle, s.keys, &s.opened); report.OK() || report.Checks[0].Result != seal.Failed {
				t.Fatalf("report: %+v", report.Checks)
			}
		})
	}
}

func TestReceiptThatCannotBeGiven(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*seal.Receipt)
		field  string
	}{
		"at the deadline":     {func(r *seal.Receipt) { r.ReceivedAt = r.Deadline }, "received_at"},
		"after the deadline":  {func(r *seal.Receipt) { r.ReceivedAt = r.Deadline.Add(time.Hour) }, "received_at"},
		"no time":             {func(r *seal.Receipt) { r.ReceivedAt = time.Time{} }, "received_at"},
		"nanoseconds":         {func(r *seal.Receipt) { r.ReceivedAt = r.ReceivedAt.Add(1) }, "received_at"},
		"no deadline":         {func(r *seal.Receipt) { r.Deadline = time.Time{} }, "deadline"},
		"no procurement":      {func(r *seal.Receipt) { r.Procurement = uuid.Nil }, "procurement"},
		"no tender":           {func(r *seal.Receipt) { r.Tender = uuid.Nil }, "tender"},
		"no supplier":         {func(r *seal.Receipt) { r.Supplier = uuid.Nil }, "supplier"},
		"no number":           {func(r *seal.Receipt) { r.Submission = 0 }, "submission"},
		"no envelopes":        {func(r *seal.Receipt) { r.Envelopes = nil }, "envelopes"},
		"summary as envelope": {func(r *seal.Receipt) { r.Envelopes[0].Part = seal.PartSummary }, "envelopes[0]"},
		"no hash":             {func(r *seal.Receipt) { r.Envelopes[1].SHA256 = seal.Digest{} }, "envelopes[1]"},
		"no size":             {func(r *seal.Receipt) { r.Envelopes[2].Size = 0 }, "envelopes[2]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSubmission(t)
			r := s.bundle.Receipt.Receipt
			tt.change(&r)
			_, err := s.signer.Sign(r)
			wantRule(t, err, fault.Invalid, "seal.receipt-invalid")
			if f, _ := fault.As(err); f.Field != tt.field {
				t.Fatalf("field %q, want %q", f.Field, tt.field)
			}
		})
	}
}

func TestReceiptTextWithTwoReadingsIsRefused(t *testing.T) {
	t.Parallel()
	good := string(must(json.Marshal(newSubmission(t).bundle.Receipt)))
	replace := func(was, is string) string { return strings.Replace(good, was, is, 1) }
	for name, text := range map[string]string{
		"empty":           "",
		"list":            "[]",
		"cut off":         good[:len(good)-1],
		"more after":      good + "{}",
		"repeated field":  replace(`"submission":1`, `"submission":2,"submission":1`),
		"unknown field":   replace(`"submission":1`, `"submission":1,"note":""`),
		"other case":      replace(`"submission"`, `"Submission"`),
		"other time form": replace(`.123456Z`, `.123456+00:00`),
		"fewer decimals":  replace(`.123456Z`, `.1234Z`),
		"upper-case hash": replace(`"sha256":"`+cutAfter(good, `"sha256":"`, 64), `"sha256":"`+strings.ToUpper(cutAfter(good, `"sha256":"`, 64))),
	} {
		if text == good {
			t.Fatalf("%s: nothing changed", name)
		}
		_, err := seal.ParseSignedReceipt([]byte(text))
		t.Log(name)
		wantRule(t, err, fault.Invalid, "seal.receipt-malformed")
	}
}

func cutAfter(text, after string, n int) string {
	i := strings.Index(text, after) + len(after)
	return text[i : i+n]
}

func TestReceiptsOutliveRotation(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "signing.keys")
	before := signingKeyIn(t, path)
	receipt := newSubmission(t).bundle.Receipt.Receipt
	old := must(before.Sign(receipt))
	newest := must(seal.RotateKeyFile(path, seal.PurposeSigning))
	after := must(seal.LoadSigningKey(path))
	fresh := must(after.Sign(receipt))
	if fresh.Receipt.KeyID != newest {
		t.Fatal("the newest key does not sign")
	}
	for _, r := range []seal.SignedReceipt{old, fresh} {
		if err := after.PublicKeys().Verify(r); err != nil {
			t.Fatal(err)
		}
	}
	wantRule(t, before.PublicKeys().Verify(fresh), fault.NotFound, "seal.signing-key-unknown")
}

func TestVerifyProvesWhatWasOpened(t *testing.T) {
	t.Parallel()
	s := newSubmission(t)
	bundle, keys, opened := must(json.Marshal(s.bundle)), must(json.Marshal(s.keys)), must(json.MarshalIndent(s.opened, "", " "))
	report := must(seal.VerifyReaders(bytes.NewReader(bundle), bytes.NewReader(keys), bytes.NewReader(opened)))
	if !report.Proven() || !report.OK() || len(report.Checks) != 2+3*3 {
		t.Fatalf("report: %+v", report.Checks)
	}
	report = must(seal.VerifyReaders(bytes.NewReader(bundle), bytes.NewReader(keys), nil))
	if report.Proven() || !report.OK() {
		t.Fatalf("without what was opened: %+v", report.Checks)
	}
	marks := 0
	for _, c := range report.Checks {
		for _, m := range c.Marks {
			if marks++; m.Secret == (m.Buyers > 0) || m.Buyers > 0 && m.Buyers != 2 {
				t.Errorf("marks of %s: %+v", c.Name, c.Marks)
			}
		}
	}
	if marks != 2*3 {
		t.Errorf("%d marks are shown", marks)
	}
	text := string(must(json.Marshal(report)))
	if strings.Contains(text, string(s.bundle.Parts[0].DataKey)) || strings.Contains(text, "Svar") {
		t.Fatal("the report shows a key or an answer")
	}
}

func TestVerifyNamesWhatDiffers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*submission)
		check  seal.CheckName
		rule   string
	}{
		"envelope altered": {func(s *submission) { s.bundle.Parts[0].Ciphertext[200] ^= 1 }, seal.CheckHash, "seal.hash-differs"},
		"envelope cut":     {func(s *submission) { s.bundle.Parts[0].Ciphertext = nil }, seal.CheckHash, "seal.hash-differs"},
		"envelope missing": {func(s *submission) { s.bundle.Parts = s.bundle.Parts[1:] }, seal.CheckComplete, "seal.envelope-missing"},
		"envelope too many": {func(s *submission) {
			s.bundle.Parts = append(s.bundle.Parts, seal.BundlePart{Lot: uuid.New(), Part: seal.PartPrice})
		}, seal.CheckComplete, "seal.envelope-not-in-receipt"},
		"envelope twice": {func(s *submission) {
			s.bundle.Parts = append(s.bundle.Parts, s.bundle.Parts[0])
		}, seal.CheckComplete, "seal.envelope-not-in-receipt"},
		"envelopes swapped": {func(s *submission) {
			p := s.bundle.Parts
			p[0].Ciphertext, p[1].Ciphertext = p[1].Ciphertext, p[0].Ciphertext
		}, seal.CheckHash, "seal.hash-differs"},
		"keys swapped": {func(s *submission) {
			p := s.bundle.Parts
			p[0].DataKey, p[1].DataKey = p[1].DataKey, p[0].DataKey
		}, seal.CheckOpens, "seal.broken"},
		"key malformed":   {func(s *submission) { s.bundle.Parts[0].DataKey = "x" }, seal.CheckOpens, "seal.data-key-malformed"},
		"answer changed":  {func(s *submission) { s.opened.Parts[0].Answers[1].Value = []byte(`1`) }, seal.CheckOpened, "seal.opened-differs"},
		"reason changed":  {func(s *submission) { s.opened.Parts[0].Answers[0].Secret = "En annen" }, seal.CheckOpened, "seal.opened-differs"},
		"mark taken away": {func(s *submission) { s.opened.Parts[0].Answers[0].Secret = "" }, seal.CheckOpened, "seal.opened-differs"},
		"buyer left out":  {func(s *submission) { s.opened.Parts[0].Answers[1].Buyers = []uuid.UUID{{1}} }, seal.CheckOpened, "seal.opened-differs"},
		"older answer":    {func(s *submission) { s.opened.Parts[0].Answers[1].Version++ }, seal.CheckOpened, "seal.opened-differs"},
		"answer left out": {func(s *submission) { s.opened.Parts[0].Answers = s.opened.Parts[0].Answers[1:] }, seal.CheckOpened, "seal.opened-differs"},
		"answer too many": {func(s *submission) {
			s.opened.Parts[0].Answers = append(s.opened.Parts[0].Answers, sampleAnswers(1)...)
		}, seal.CheckOpened, "seal.opened-differs"},
		"answer twice": {func(s *submission) {
			first := s.opened.Parts[0].Answers[0]
			s.opened.Parts[0].Answers = append(s.opened.Parts[0].Answers, first)
		}, seal.CheckOpened, "seal.opened-differs"},
		"opened under another lot": {func(s *submission) { s.opened.Parts[0].Lot = uuid.New() }, seal.CheckComplete, "seal.opened-not-in-receipt"},
		"another tender opened":    {func(s *submission) { s.opened.Tender = uuid.New() }, seal.CheckComplete, "seal.opened-other-tender"},
		"another server's keys": {func(s *submission) {
			s.keys.Keys = []seal.PublicKey{{ID: s.keys.Keys[0].ID, Ed25519: make([]byte, 32)}}
		}, seal.CheckSignature, "seal.signature-invalid"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSubmission(t)
			tt.change(&s)
			report := seal.VerifyBundle(s.bundle, s.keys, &s.opened)
			if report.OK() || report.Proven() {
				t.Fatal("nothing failed")
			}
			for _, c := range report.Checks {
				if c.Result == seal.Failed && c.Name == tt.check && c.Rule == tt.rule {
					return
				}
			}
			t.Fatalf("no line says %s %s: %+v", tt.check, tt.rule, report.Checks)
		})
	}
}

func TestReceiptCoversItsEnvelopesOnly(t *testing.T) {
	t.Parallel()
	s := newSubmission(t)
	receipt, parts := s.bundle.Receipt.Receipt, s.bundle.Parts
	for _, p := range parts {
		if err := receipt.Covers(p.Lot, p.Part, p.Ciphertext); err != nil {
			t.Fatal(err)
		}
	}
	wantRule(t, receipt.Covers(parts[0].Lot, parts[0].Part, parts[1].Ciphertext), fault.Invalid, "seal.hash-differs")
	wantRule(t, receipt.Covers(uuid.New(), parts[0].Part, parts[0].Ciphertext), fault.Invalid, "seal.envelope-not-in-receipt")
}

func TestVerifyWithoutKeysProvesReceiptOnly(t *testing.T) {
	t.Parallel()
	s := newSubmission(t)
	for i := range s.bundle.Parts {
		s.bundle.Parts[i].DataKey = ""
	}
	report := seal.VerifyBundle(s.bundle, s.keys, &s.opened)
	if !report.OK() || report.Proven() {
		t.Fatalf("report: %+v", report.Checks)
	}
	if (seal.Report{}).OK() || (seal.Report{}).Proven() {
		t.Fatal("an empty report proves nothing")
	}
}

func TestVerifyReadersRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	s := newSubmission(t)
	bundle, keys := string(must(json.Marshal(s.bundle))), string(must(json.Marshal(s.keys)))
	for name, tt := range map[string]struct{ bundle, keys, opened, rule string }{
		"bundle": {"{}", keys, "", "seal.bundle-malformed"},
		"keys":   {bundle, "{}", "", "seal.public-keys-malformed"},
		"opened": {bundle, keys, "{}", "seal.opened-malformed"},
	} {
		_, err := seal.VerifyReaders(strings.NewReader(tt.bundle), strings.NewReader(tt.keys), strings.NewReader(tt.opened))
		t.Log(name)
		wantRule(t, err, fault.Invalid, tt.rule)
	}
}
