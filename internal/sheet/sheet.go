// Package sheet reads and writes spreadsheets: a buyer's requirement
// specification in and out. Workbooks are handled in memory only.
package sheet

import (
	"io"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/ooxml"
	"github.com/fellesloft/fellesloft/internal/specification"
)

// Options say how a specification is read.
type Options = specification.Options

// Preview is what was understood, before anything is saved.
type Preview = specification.Preview

// ReadSpecification reads a requirement specification from a workbook: our own
// template or a buyer's own. It returns the faults of [ooxml.Open], [Load] and
// [specification.Read]. Anyone may call it; it writes nothing to disk.
func ReadSpecification(r io.Reader, o Options) (Preview, error) {
	p, err := ooxml.Open(r)
	if err != nil {
		return Preview{}, err
	}
	if p.Format != ooxml.Spreadsheet {
		return Preview{}, fault.New(fault.Invalid, "file.type-unknown")
	}
	d, err := Load(p)
	if err != nil {
		return Preview{}, err
	}
	return specification.Read(d, o)
}
