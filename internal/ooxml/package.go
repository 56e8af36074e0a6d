// Package ooxml opens Office files (ECMA-376 part 2: a zip of parts) in memory
// and judges them before anything of them is read: what could run code, reach
// out of the file or grow beyond bounds is refused. Nothing is written to disk.
package ooxml

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Limits of a file. They bound memory as well as work: a small file can unpack
// to a large one.
const (
	MaxBytes    = 20 << 20  // the file
	MaxUnpacked = 200 << 20 // all parts together, unpacked
	MaxParts    = 2_000
	// MaxRatio is how many times larger than packed a part may unpack. Tables
	// of equal rows reach some 50; a bomb reaches 1,000, the most that the
	// compression can do. Parts below freeRatio may, since they do no harm.
	MaxRatio  = 200
	freeRatio = 1 << 20
)

// Format is the kind of document that a file says it is.
type Format string

// The formats.
const (
	Spreadsheet Format = "xlsx"
	Document    Format = "docx"
)

// Media types of the two formats.
const (
	SpreadsheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	DocumentType    = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
)

// Package is a file that has been judged.
type Package struct {
	Format Format
	// Main is the name of the document's main part.
	Main  string
	bytes []byte
	parts map[string]*zip.File // by lower-case name: names are compared without regard to case
}

// Open reads and judges a file. It returns TooLarge for what exceeds a limit
// and Invalid for what is neither a workbook nor a Word document, is encrypted,
// has macros or controls, takes in content from elsewhere, or declares XML
// entities. Anyone may call it.
func Open(r io.Reader) (*Package, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "file.unreadable", err)
	}
	if len(b) > MaxBytes {
		return nil, tooLarge("file.too-large", MaxBytes)
	}
	if bytes.HasPrefix(b, oldFormat) {
		return nil, fault.New(fault.Invalid, "file.encrypted-or-old-format")
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "file.type-unknown", err)
	}
	p := &Package{bytes: b, parts: make(map[string]*zip.File, len(z.File))}
	if err := p.measure(z.File); err != nil {
		return nil, err
	}
	if err := p.recognise(); err != nil {
		return nil, err
	}
	return p, p.inspect()
}

// oldFormat begins both encrypted files and those of before 2007.
var oldFormat = []byte{0xD0, 0xCF, 0x11, 0xE0}

func tooLarge(rule string, limit int) error {
	return fault.New(fault.TooLarge, rule, fault.Params{"max": strconv.Itoa(limit)})
}

// measure judges sizes before anything is unpacked. The declared ones are
// binding: archive/zip fails on a part that is longer than it says. Their sum
// counts parts that share their packed bytes once for each.
func (p *Package) measure(parts []*zip.File) error {
	if len(parts) > MaxParts {
		return tooLarge("file.too-many-parts", MaxParts)
	}
	var size uint64
	for _, part := range parts {
		declared := part.UncompressedSize64
		if size += declared; declared > MaxUnpacked || size > MaxUnpacked {
			return tooLarge("file.unpacks-too-large", MaxUnpacked)
		}
		if declared > freeRatio && declared/MaxRatio > part.CompressedSize64 {
			return tooLarge("file.unpacks-too-large", MaxUnpacked)
		}
		if part.Flags&1 != 0 {
			return fault.New(fault.Invalid, "file.encrypted-or-old-format")
		}
		key := partKey(part.Name)
		if _, twice := p.parts[key]; twice {
			return fault.New(fault.Invalid, "file.unreadable") // readers would differ about which one holds
		}
		p.parts[key] = part
	}
	return nil
}

// partKey is a part's name as parts are compared: without regard to case, with
// slashes, from the root.
func partKey(name string) string {
	name = strings.ReplaceAll(strings.ToLower(name), `\`, "/")
	if strings.HasSuffix(name, "/") {
		return name // a folder's own entry
	}
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}

// Bytes gives the file as it was sent.
func (p *Package) Bytes() []byte { return p.bytes }

// Part opens a part by name; false where the file has none.
func (p *Package) Part(name string) (io.ReadCloser, bool, error) {
	part, ok := p.parts[partKey(name)]
	if !ok {
		return nil, false, nil
	}
	r, err := part.Open()
	if err != nil {
		return nil, true, fault.Wrap(fault.Invalid, "file.unreadable", err)
	}
	return r, true, nil
}
