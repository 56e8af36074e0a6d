// Package scan asks a virus scanner about a file while the file passes. The
// scanner sees the plain content, so it belongs to the trusted
// (docs/sealing.md).
//
// A scan never decides whether a file is taken over: it is fed beside the
// encryption, may hold it up by no more than a bound, and where it fails the
// file counts as not scanned.
package scan

import (
	"context"
	"io"
)

// Verdict is what a scan came to.
type Verdict string

// The verdicts.
const (
	// Off: there is no scanner here.
	Off Verdict = "off"
	// Clean: the scanner has seen all of the file and found nothing.
	Clean Verdict = "clean"
	// Found: the scanner has found something.
	Found Verdict = "found"
	// Away: the scanner did not answer, not in time, or refused the file.
	Away Verdict = "away"
)

// Scanner begins scans.
type Scanner interface {
	// Begin starts to scan one file. It never fails: a scanner that is not there
	// gives a Scan whose verdict is Away. ctx bounds the whole scan.
	Begin(ctx context.Context) Scan
}

// Scan is the scan of one file. It is for one goroutine.
type Scan interface {
	// Write feeds the next bytes of the file. It never fails.
	io.Writer
	// Verdict ends the file and waits for the answer, within the scanner's
	// bound. what names the finding, as the scanner does; "" without one.
	Verdict() (v Verdict, what string)
	// Abort ends a scan whose file did not come whole.
	Abort()
}

// None is the scanner where there is none.
type None struct{}

// Begin gives a scan that says Off.
func (None) Begin(context.Context) Scan { return none{} }

type none struct{}

func (none) Write(p []byte) (int, error) { return len(p), nil }
func (none) Verdict() (Verdict, string)  { return Off, "" }
func (none) Abort()                      {}
