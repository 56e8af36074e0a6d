// Package seal keeps tenders unreadable until they are opened, and proves
// afterwards that what was opened is what was sent.
//
// A draft has one data key per lot and part. Every value is encrypted with it
// from the first save. The data key is wrapped twice: for the supplier
// organisations of the tender, with the wrapping key that only `serve` holds,
// and, at submission, for the opening of the lot and part, with an opening key
// whose private half only the worker holds. A submitted tender is one Envelope
// per lot and part and one signed Receipt.
//
// FOA § 22-3 is the reason: nobody has access to the content before the
// deadline. docs/sealing.md says what is protected against whom.
//
// The package knows no database and takes no decision: whether the deadline has
// passed, who approved and who asks is judged by its callers, in the
// transaction that reads the wrapped key.
//
// Errors are faults. "seal.broken" says that something does not open: it was
// altered, or belongs to another place than the caller says. The two are not
// told apart, since the cipher cannot. No fault, String, log value or JSON of
// this package holds a secret or an answer.
package seal
