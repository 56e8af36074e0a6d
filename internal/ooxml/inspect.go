package ooxml

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/fellesloft/fellesloft/internal/fault"
)

const contentTypes = "[Content_Types].xml"

// What is read of a part to find its root, and of a part that describes others,
// in bytes; real ones have a few thousand.
const (
	maxProlog     = 256 << 10
	maxDescribing = 8 << 20
)

// recognise reads the declared content types: what the file is, and whether it
// says that it has macros.
func (p *Package) recognise() error {
	var types struct {
		Default []struct {
			ContentType string `xml:",attr"`
		}
		Override []struct {
			PartName    string `xml:",attr"`
			ContentType string `xml:",attr"`
		}
	}
	if found, err := p.decode(contentTypes, &types); err != nil || !found {
		return orElse(err, "file.type-unknown")
	}
	for _, d := range types.Default {
		if runs(d.ContentType) {
			return fault.New(fault.Invalid, "file.macros")
		}
	}
	for _, o := range types.Override {
		if runs(o.ContentType) {
			return fault.New(fault.Invalid, "file.macros")
		}
		switch strings.ToLower(o.ContentType) {
		case SpreadsheetType + ".main+xml":
			p.Format, p.Main = Spreadsheet, o.PartName
		case DocumentType + ".main+xml":
			p.Format, p.Main = Document, o.PartName
		}
	}
	if p.Format == "" {
		return fault.New(fault.Invalid, "file.type-unknown")
	}
	return nil
}

func orElse(err error, rule string) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Invalid, rule)
}

// runs reports whether a content type is one of those that hold code:
// macro-enabled documents and templates, VBA projects, controls.
func runs(contentType string) bool {
	t := strings.ToLower(contentType)
	return strings.Contains(t, "macroenabled") || strings.Contains(t, "vbaproject") || strings.Contains(t, "activex") || strings.Contains(t, "macrosheet")
}

// inspect judges each part by its name, and XML parts by what stands before
// their root and by their relationships.
func (p *Package) inspect() error {
	for _, name := range slices.Sorted(maps.Keys(p.parts)) {
		if holdsCode(name) {
			return fault.New(fault.Invalid, "file.macros")
		}
		if !strings.HasSuffix(name, ".xml") && !strings.HasSuffix(name, ".rels") {
			continue
		}
		if err := p.prolog(name); err != nil {
			return err
		}
		if strings.HasSuffix(name, ".rels") {
			if err := p.external(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// holdsCode judges a part by its name. A document inside the document (the
// figures behind a chart) is never opened and passes if it can hold no code.
func holdsCode(name string) bool {
	for _, code := range []string{"vbaproject", "vbadata", "macrosheets/", "activex/"} {
		if strings.Contains(name, code) {
			return true
		}
	}
	return strings.Contains(name, "embeddings/") && !slices.Contains([]string{".xlsx", ".docx", ".pptx"}, path.Ext(name))
}

// prolog refuses a part that declares a document type: that is where entities
// come from, and Office files have none (ECMA-376 part 2, 8.1.4).
func (p *Package) prolog(name string) error {
	r, _, err := p.Part(name)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // reading only
	d := decoder(io.LimitReader(r, maxProlog))
	for {
		token, err := d.RawToken()
		switch {
		case errors.Is(err, io.EOF):
			return nil // nothing in it
		case err != nil:
			return fault.Wrap(fault.Invalid, "file.unreadable", err)
		}
		switch token.(type) {
		case xml.StartElement:
			return nil
		case xml.Directive:
			return fault.New(fault.Invalid, "file.entities")
		}
	}
}

// external refuses relationships that take in content from outside the file.
// Links that a person clicks do not, and neither does the name of the template
// that a document was written in, which Word notes for every local template;
// one on the web is how an attacker reaches whoever opens the document.
func (p *Package) external(name string) error {
	all, err := p.relationships(name)
	if err != nil {
		return err
	}
	for _, r := range all {
		if !strings.EqualFold(r.Mode, "External") {
			continue
		}
		switch path.Base(r.Type) {
		case "hyperlink":
			continue
		case "attachedTemplate":
			if !strings.HasPrefix(strings.ToLower(strings.TrimSpace(r.Target)), "http") {
				continue
			}
		}
		return fault.New(fault.Invalid, "file.external-content")
	}
	return nil
}

// Relationship is a link from one part to another.
type Relationship struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:",attr"`
	Target string `xml:",attr"`
	Mode   string `xml:"TargetMode,attr"`
}

func (p *Package) relationships(name string) ([]Relationship, error) {
	var rels struct {
		Relationship []Relationship
	}
	_, err := p.decode(name, &rels)
	return rels.Relationship, err
}

// Related gives the names of the parts that a part is linked to, by the link's
// type, which is told by its last word ("numbering"), in the order of the file.
func (p *Package) Related(part, kind string) ([]string, error) {
	all, err := p.Links(part)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range all {
		if path.Base(r.Type) == kind {
			names = append(names, r.Target)
		}
	}
	return names, nil
}

// Links gives a part's relationships to other parts of the file; targets are
// names of parts.
func (p *Package) Links(part string) ([]Relationship, error) {
	dir, file := path.Split(strings.TrimPrefix(part, "/"))
	all, err := p.relationships(dir + "_rels/" + file + ".rels")
	if err != nil {
		return nil, err
	}
	var inside []Relationship
	for _, r := range all {
		if strings.EqualFold(r.Mode, "External") {
			continue
		}
		if !strings.HasPrefix(r.Target, "/") {
			r.Target = path.Join(dir, r.Target)
		}
		inside = append(inside, r)
	}
	return inside, nil
}

// Elements reads a part as XML. visit is called for each element as it begins
// and may read on from the decoder. It returns the faults of visit, and an
// Invalid fault for what is not well-formed and for other errors of visit; a
// part that the file does not have has no elements.
func (p *Package) Elements(part string, visit func(*xml.Decoder, xml.StartElement) error) error {
	r, found, err := p.Part(part)
	if err != nil || !found {
		return err
	}
	defer func() { _ = r.Close() }() // reading only
	d := decoder(r)
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fault.Wrap(fault.Invalid, "file.unreadable", err)
		}
		if start, ok := token.(xml.StartElement); ok {
			if err := visit(d, start); err != nil {
				return unreadable(err)
			}
		}
	}
}

// unreadable lets faults through and takes other errors for the file's.
func unreadable(err error) error {
	if _, known := fault.As(err); known {
		return err
	}
	return fault.Wrap(fault.Invalid, "file.unreadable", err)
}

// Attribute gives an element's attribute by its local name.
func Attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// decode reads a whole XML part into v; false where the file has none.
func (p *Package) decode(name string, v any) (bool, error) {
	r, found, err := p.Part(name)
	if err != nil || !found {
		return found, err
	}
	defer func() { _ = r.Close() }() // reading only
	if err := decoder(io.LimitReader(r, maxDescribing)).Decode(v); err != nil {
		return true, fault.Wrap(fault.Invalid, "file.unreadable", err)
	}
	return true, nil
}

// decoder reads XML strictly. Every encoding that is not UTF-8 is read as if it
// were: one that holds ASCII as ASCII stays readable where it matters, others
// fail.
func decoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	return d
}
