package requirement

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Reference points from a requirement to another one of its set, or to a
// standard, rule or page in words, with an address where there is one.
type Reference struct {
	Requirement uuid.UUID `json:"requirement,omitzero"`
	Text        string    `json:"text,omitempty"`
	URL         string    `json:"url,omitempty"`
}

func (v *validator) references(at string, r Requirement) {
	for i, ref := range r.References {
		field := fmt.Sprintf("%s.references[%d]", at, i)
		if ref.Requirement == uuid.Nil && strings.TrimSpace(ref.Text) == "" && ref.URL == "" {
			v.Addf("requirement.reference-blank", field)
		}
		if _, known := v.index[ref.Requirement]; ref.Requirement != uuid.Nil && (!known || ref.Requirement == r.ID) {
			v.Addf("requirement.reference-unknown", field+".requirement")
		}
		if ref.URL != "" && !isWebAddress(ref.URL) {
			v.Addf("requirement.reference-address", field+".url")
		}
	}
}

// isWebAddress keeps out what a page must not offer as a link, such as
// javascript.
func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// EvidenceKind says what sort of documentation a requirement asks for. It
// never narrows what is accepted: equivalent documentation counts (FOA §§ 15-3,
// 15-4, 16-7).
type EvidenceKind string

// The kinds of evidence.
const (
	Agreement     EvidenceKind = "agreement"     // avtale
	Approval      EvidenceKind = "approval"      // godkjenning by a named body
	Certificate   EvidenceKind = "certificate"   // sertifikat or attest
	Declaration   EvidenceKind = "declaration"   // egenerklæring
	Demonstration EvidenceKind = "demonstration" // shown in use
	Register      EvidenceKind = "register"      // an entry in a public register
	Report        EvidenceKind = "report"        // test, audit or risk report
	Description   EvidenceKind = "description"   // the supplier's own documentation
)

// EvidenceKinds lists every kind of evidence.
func EvidenceKinds() []EvidenceKind {
	return []EvidenceKind{Agreement, Approval, Certificate, Declaration, Demonstration, Register, Report, Description}
}

// Known reports whether k is one of the kinds of evidence.
func (k EvidenceKind) Known() bool { return slices.Contains(EvidenceKinds(), k) }

func (v *validator) evidence(at string, r Requirement) {
	if r.EvidenceKind != "" && !r.EvidenceKind.Known() {
		v.Addf("requirement.evidence-kind-unknown", at+".evidenceKind")
	}
}
