// Package fault is the one error vocabulary of the program. Every layer
// speaks it, so a refusal keeps its meaning from a database constraint or a
// paragraph of law to the problem document that a caller reads.
//
// A fault has two audiences. Kind, Rule, Field, Paragraph and Params are safe
// to show: they are codes, numbers, dates and paths, never content. The wrapped
// cause is for the log only.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind says what class of failure it is; the HTTP status follows from it.
type Kind string

// The kinds, with the HTTP status that the API answers for each.
const (
	Invalid         Kind = "invalid"         // 422: input breaks a rule
	Unauthenticated Kind = "unauthenticated" // 401
	Denied          Kind = "denied"          // 403: the caller may know the object but not do this
	NotFound        Kind = "not_found"       // 404: missing, or not the caller's to know of
	Conflict        Kind = "conflict"        // 409: the state does not allow it
	Stale           Kind = "stale"           // 412: the caller decided on an older version
	TooLarge        Kind = "too_large"       // 413
	Limited         Kind = "limited"         // 429
	Unavailable     Kind = "unavailable"     // 503: try again; nothing was changed
	Internal        Kind = "internal"        // 500: the program's own failure
)

var kinds = []Kind{Invalid, Unauthenticated, Denied, NotFound, Conflict, Stale, TooLarge, Limited, Unavailable, Internal}

// Kinds lists every kind, for tables and tests that must cover all.
func Kinds() []Kind { return slices.Clone(kinds) }

// statuses are those that the comments above say (RFC 9110).
var statuses = map[Kind]int{
	Invalid: 422, Unauthenticated: 401, Denied: 403, NotFound: 404, Conflict: 409, Stale: 412,
	TooLarge: 413, Limited: 429, Unavailable: 503, Internal: 500,
}

// Status is the HTTP status that a fault of the kind is answered with, by the API
// and by pages; 500 for a kind that is not known.
func (k Kind) Status() int {
	if status, ok := statuses[k]; ok {
		return status
	}
	return statuses[Internal]
}

// Known reports whether k is one of the kinds.
func (k Kind) Known() bool { return slices.Contains(kinds, k) }

// Params are the values that belong in the text of a refusal: numbers, dates
// (2006-01-02), instants (RFC 3339), codes and ids. Never names, answers or
// other content, because faults are stored in workflow histories in clear.
type Params map[string]string

// Error is a refusal or failure.
type Error struct {
	Kind Kind
	// Rule is the stable id of the rule that refused, for example
	// "procurement.deadline-too-short". Texts are looked up by it.
	Rule string
	// Paragraph is the law that decides, for example "FOA § 20-2 (1)"; empty
	// where no paragraph does.
	Paragraph string
	// Field is the JSON path of the input at fault, for example
	// "lots[0].cpv"; empty where no single field is.
	Field  string
	Params Params
	// Also holds further faults of the same input, so that a caller learns of
	// all at once.
	Also  []*Error
	cause error
}

// New makes a fault of a kind for a rule id.
func New(kind Kind, rule string, params ...Params) *Error {
	e := &Error{Kind: kind, Rule: rule}
	for _, p := range params {
		if e.Params == nil {
			e.Params = Params{}
		}
		maps.Copy(e.Params, p)
	}
	return e
}

// Wrap makes a fault with a cause that only the log sees.
func Wrap(kind Kind, rule string, cause error) *Error {
	return &Error{Kind: kind, Rule: rule, cause: cause}
}

// At names the input field at fault.
func (e *Error) At(field string) *Error { e.Field = field; return e }

// By names the paragraph that decides.
func (e *Error) By(paragraph string) *Error { e.Paragraph = paragraph; return e }

// Error gives the codes, for logs; never content.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Kind, e.Rule)
	if e.Field != "" {
		fmt.Fprintf(&b, " at %s", e.Field)
	}
	if e.Paragraph != "" {
		fmt.Fprintf(&b, " (%s)", e.Paragraph)
	}
	for _, k := range slices.Sorted(maps.Keys(e.Params)) {
		fmt.Fprintf(&b, " %s=%s", k, e.Params[k])
	}
	for _, a := range e.Also {
		b.WriteString("; ")
		b.WriteString(a.Error())
	}
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// As finds the fault in an error chain. It returns false for errors that are
// not faults: those are treated as Internal.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// KindOf gives the kind of an error: Internal for one that is no fault, and
// the empty kind for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e, ok := As(err); ok {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is a fault of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// RuleOf gives the rule id of a fault, or "".
func RuleOf(err error) string {
	if e, ok := As(err); ok {
		return e.Rule
	}
	return ""
}

// List collects the faults of one input. The zero value is ready.
type List struct{ all []*Error }

// Add appends a fault; nil is ignored.
func (l *List) Add(e *Error) {
	if e != nil {
		l.all = append(l.all, e)
	}
}

// Addf appends an Invalid fault at a field.
func (l *List) Addf(rule, field string, params ...Params) {
	l.Add(New(Invalid, rule, params...).At(field))
}

// Empty reports whether nothing was collected.
func (l *List) Empty() bool { return len(l.all) == 0 }

// Err gives nil, the single fault, or the first fault with the others in Also.
func (l *List) Err() error {
	switch len(l.all) {
	case 0:
		return nil
	case 1:
		return l.all[0]
	}
	first := *l.all[0]
	first.Also = append(slices.Clone(first.Also), l.all[1:]...)
	return &first
}

// All gives a fault and those beside it as a flat list.
func (e *Error) All() []*Error {
	out := []*Error{e}
	for _, a := range e.Also {
		out = append(out, a.All()...)
	}
	return out
}
