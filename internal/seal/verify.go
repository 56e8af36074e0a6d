package seal

import (
	"io"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

// CheckName is the stable id of a check; texts are looked up by it.
type CheckName string

// The checks, in the order in which a report lists them.
const (
	CheckSignature CheckName = "signature" // the receipt is the server's, unaltered
	CheckComplete  CheckName = "complete"  // the envelopes are those that the receipt lists
	CheckHash      CheckName = "hash"      // an envelope has the receipt's hash and size
	CheckOpens     CheckName = "opens"     // the data key opens it as this tender's lot and part
	CheckOpened    CheckName = "opened"    // what was opened is what the envelope holds
	CheckFiles     CheckName = "files"     // the envelope's files are those that the receipt lists
	CheckFile      CheckName = "file"      // a plain file, encrypted with its key, has the receipt's hash
)

// Result is the outcome of a check.
type Result string

// The results. Skipped is not a success: what it would show is not shown.
const (
	Passed  Result = "passed"
	Failed  Result = "failed"
	Skipped Result = "skipped"
)

// Check is one line of a report.
type Check struct {
	Name   CheckName `json:"name"`
	Result Result    `json:"result"`
	// Lot and Part say which envelope; empty for a check of the whole.
	Lot  uuid.UUID `json:"lot"`
	Part Part      `json:"part,omitempty"`
	// File is which file; empty for a check of something else.
	File uuid.UUID `json:"file,omitzero"`
	// Rule is why the check failed or was skipped, as a rule id.
	Rule string `json:"rule,omitempty"`
	// Answers is the number of answers that the check saw.
	Answers int `json:"answers,omitempty"`
	// Marks are those of the envelope's answers and files.
	Marks []Mark `json:"marks,omitempty"`
}

// Mark says what is marked in an envelope, without the reason.
type Mark struct {
	// About is the requirement, or the file.
	About uuid.UUID `json:"about"`
	File  bool      `json:"file,omitempty"`
	// Secret: a business secret. Buyers: how many the answer covers; 0 for all.
	Secret bool `json:"secret,omitempty"`
	Buyers int  `json:"buyers,omitempty"`
}

// Report says what a bundle proves. It holds no answer and no key.
type Report struct {
	Receipt Receipt `json:"receipt"`
	Checks  []Check `json:"checks"`
}

// OK reports whether nothing failed. Checks that were skipped, for want of a key
// or of what was opened, do not count against it; they do for Proven.
func (r Report) OK() bool {
	for _, c := range r.Checks {
		if c.Result == Failed {
			return false
		}
	}
	return len(r.Checks) > 0
}

// Proven reports whether every check passed, that is, what was opened is shown
// to be what was sent.
func (r Report) Proven() bool {
	for _, c := range r.Checks {
		if c.Result != Passed {
			return false
		}
	}
	return len(r.Checks) > 0
}

// VerifyBundle checks a bundle against the published keys and, where given,
// against what was opened; it needs no server. Every failure is a line of the
// report, so it gives no error.
func VerifyBundle(b Bundle, keys PublicKeys, opened *Opened) Report {
	return VerifyBundleFiles(b, keys, opened, nil)
}

// VerifyBundleFiles is VerifyBundle with the plain files at hand; contents may
// be nil.
func VerifyBundleFiles(b Bundle, keys PublicKeys, opened *Opened, contents Contents) Report {
	report := Report{Receipt: b.Receipt.Receipt}
	report.add(Check{Name: CheckSignature}, keys.Verify(b.Receipt))
	report.add(Check{Name: CheckComplete}, b.complete(opened))
	for _, entry := range b.Receipt.Receipt.Envelopes {
		part, ok := b.part(entry.Lot, entry.Part)
		if !ok {
			continue // CheckComplete has failed for it
		}
		verifyPart(&report, b.Receipt.Receipt, entry, part, opened, contents)
	}
	return report
}

// VerifyReaders is VerifyBundle on files: the bundle, the published keys, and
// what was opened, which may be nil. Faults: Invalid "seal.bundle-malformed",
// "seal.public-keys-malformed", "seal.opened-malformed".
func VerifyReaders(bundle, publicKeys, opened io.Reader) (Report, error) {
	return VerifyReadersFiles(bundle, publicKeys, opened, nil)
}

// VerifyReadersFiles is VerifyReaders with the plain files at hand; contents may
// be nil.
func VerifyReadersFiles(bundle, publicKeys, opened io.Reader, contents Contents) (Report, error) {
	b, err := ReadBundle(bundle)
	if err != nil {
		return Report{}, err
	}
	raw, err := io.ReadAll(io.LimitReader(publicKeys, maxReceipt))
	if err != nil {
		return Report{}, fault.Wrap(fault.Invalid, "seal.public-keys-malformed", err)
	}
	keys, err := ParsePublicKeys(raw)
	if err != nil {
		return Report{}, err
	}
	if opened == nil {
		return VerifyBundleFiles(b, keys, nil, contents), nil
	}
	o, err := ReadOpened(opened)
	if err != nil {
		return Report{}, err
	}
	return VerifyBundleFiles(b, keys, &o, contents), nil
}

func verifyPart(report *Report, receipt Receipt, entry ReceiptEnvelope, part BundlePart, opened *Opened, contents Contents) {
	line := Check{Lot: entry.Lot, Part: entry.Part}
	at := func(name CheckName) Check { line.Name = name; return line }

	report.add(at(CheckHash), receipt.Covers(entry.Lot, entry.Part, part.Ciphertext))

	if part.DataKey == "" {
		report.skip(at(CheckOpens), "seal.data-key-not-given")
		report.skip(at(CheckOpened), "seal.data-key-not-given")
		return
	}
	content, err := openPart(receipt, entry, part)
	line.Answers = len(content.Answers)
	line.Marks = content.marks()
	report.add(at(CheckOpens), err)
	line.Marks = nil
	switch theirs, ok := opened.part(entry.Lot, entry.Part); {
	case err != nil:
		report.skip(at(CheckOpened), "seal.not-opened-here")
	case !ok:
		report.skip(at(CheckOpened), "seal.opened-not-given")
	default:
		report.add(at(CheckOpened), sameAnswers(content.Answers, theirs.Answers))
	}
	if err == nil {
		verifyFiles(report, receipt, Check{Lot: entry.Lot, Part: entry.Part}, content.Files, contents)
	}
}

func openPart(receipt Receipt, entry ReceiptEnvelope, part BundlePart) (Content, error) {
	dk, err := ImportDataKey(part.DataKey)
	if err != nil {
		return Content{}, err
	}
	defer dk.Zero()
	scope := Scope{Procurement: receipt.Procurement, Tender: receipt.Tender, Lot: entry.Lot, Part: entry.Part}
	return OpenContent(dk, scope, part.Ciphertext)
}

// complete reports envelopes that are missing, repeated or not in the receipt,
// in the bundle and in what was opened.
func (b Bundle) complete(opened *Opened) error {
	type place struct {
		lot  uuid.UUID
		part Part
	}
	listed := map[place]bool{}
	for _, e := range b.Receipt.Receipt.Envelopes {
		listed[place{e.Lot, e.Part}] = true
	}
	there := map[place]bool{}
	for _, p := range b.Parts {
		at := place{p.Lot, p.Part}
		if !listed[at] || there[at] {
			return fault.New(fault.Invalid, "seal.envelope-not-in-receipt")
		}
		there[at] = true
	}
	if len(there) != len(listed) {
		return fault.New(fault.Invalid, "seal.envelope-missing")
	}
	if opened == nil {
		return nil
	}
	if opened.Tender != b.Receipt.Receipt.Tender {
		return fault.New(fault.Invalid, "seal.opened-other-tender")
	}
	seen := map[place]bool{}
	for _, p := range opened.Parts {
		at := place{p.Lot, p.Part}
		if !listed[at] || seen[at] {
			return fault.New(fault.Invalid, "seal.opened-not-in-receipt")
		}
		seen[at] = true
	}
	return nil
}

func (b Bundle) part(lot uuid.UUID, part Part) (BundlePart, bool) {
	for _, p := range b.Parts {
		if p.Lot == lot && p.Part == part {
			return p, true
		}
	}
	return BundlePart{}, false
}

func (o *Opened) part(lot uuid.UUID, part Part) (OpenedPart, bool) {
	if o == nil {
		return OpenedPart{}, false
	}
	for _, p := range o.Parts {
		if p.Lot == lot && p.Part == part {
			return p, true
		}
	}
	return OpenedPart{}, false
}

func (r *Report) add(c Check, err error) {
	c.Result = Passed
	if err != nil {
		c.Result, c.Rule = Failed, fault.RuleOf(err)
	}
	r.Checks = append(r.Checks, c)
}

func (r *Report) skip(c Check, rule string) {
	c.Result, c.Rule = Skipped, rule
	r.Checks = append(r.Checks, c)
}
