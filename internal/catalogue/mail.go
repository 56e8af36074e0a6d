package catalogue

import (
	"maps"
	"slices"

	"github.com/fellesloft/fellesloft/internal/domain/procurement"
)

// Kinds of notifications that are no event of a procurement.
const (
	MailQuestion     = "question.asked"          // to the lead buyer
	MailAnswer       = "clarification.published" // to all who are interested
	MailCorrection   = "clarification.corrected" // to all who are interested
	MailDeclined     = "clarification.declined"  // to all who are interested
	MailInputs       = "inputs.opened"           // to the participants
	MailReceipt      = "tender.receipt"          // to the supplier
	MailWithdrawn    = "tender.withdrawn"        // to the supplier
	MailConfirmed    = "tender.confirmed"        // to the supplier
	MailLate         = "tender.late"             // to the lead buyer
	MailGateTimeout  = "tender.gate_timeout"     // to the lead buyer
	MailAward        = "letter.award"            // to every affected supplier
	MailRejection    = "letter.rejection"
	MailCancellation = "letter.cancellation"
	MailReversal     = "letter.reversal"
	MailInvited      = "consortium.invited"  // to the supplier that is asked to join a tender
	MailAccepted     = "consortium.accepted" // to the tender's leader
	MailStaysOut     = "consortium.declined" // to the tender's leader
	MailLeft         = "consortium.left"     // to the tender's leader
	MailRemoved      = "consortium.removed"  // to the supplier that is taken out
)

// MailKinds lists every kind that Mail has a text for: the events of a
// procurement, and those above.
func MailKinds() []string {
	kinds := []string{}
	for _, k := range procurement.EventKinds() {
		kinds = append(kinds, string(k))
	}
	return append(kinds, MailQuestion, MailAnswer, MailCorrection, MailDeclined, MailInputs, MailReceipt, MailWithdrawn, MailConfirmed, MailLate, MailGateTimeout,
		MailAward, MailRejection, MailCancellation, MailReversal, MailInvited, MailAccepted, MailStaysOut, MailLeft, MailRemoved)
}

// Mail gives the subject and the plain-text body of a notification. Params are
// those of the event and "title" (the procurement's), "recipient" (the
// organisation's name) and "link"; each may be missing. A kind without a text
// gets a general one that sends the reader to the case.
func Mail(kind, lang string, params map[string]string) (subject, body string) {
	p := maps.Clone(params)
	if p == nil {
		p = map[string]string{}
	}
	key := "mail." + kind
	if !slices.Contains(MailKinds(), kind) {
		key = "mail.general"
	}
	subject = Text(lang, key+".subject", p)
	p["text"] = Text(lang, key+".body", p)
	return subject, Text(lang, "mail.frame", p)
}
