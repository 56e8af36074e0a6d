// Package word reads and writes Word documents (.docx, ECMA-376 part 1): the
// tables of a buyer's requirement specification in, a specification out.
// Documents are handled in memory only.
//
// It reads and writes the parts with encoding/xml. Of the libraries that read
// .docx, fumiama/go-docx is under AGPL, and neither it nor gomutex/godocx (MIT,
// no longer kept up) resolves automatic numbers, tracked changes in runs or
// content controls, without which requirements get lost.
package word

import (
	"encoding/xml"
	"errors"
	"io"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/ooxml"
	"github.com/fellesloft/fellesloft/internal/specification"
)

// ReadSpecification reads a requirement specification from a Word document's
// tables. It returns the faults of [ooxml.Open], [Load] and
// [specification.Read]. Anyone may call it; it writes nothing to disk.
func ReadSpecification(r io.Reader, o specification.Options) (specification.Preview, error) {
	p, err := ooxml.Open(r)
	if err != nil {
		return specification.Preview{}, err
	}
	if p.Format != ooxml.Document {
		return specification.Preview{}, fault.New(fault.Invalid, "file.type-unknown")
	}
	d, err := Load(p)
	if err != nil {
		return specification.Preview{}, err
	}
	return specification.Read(d, o)
}

// Load takes the tables of a Word document as a person sees them: automatic
// numbers written out, what is inserted by a tracked change counted and what is
// deleted not. It returns an Invalid fault for what cannot be read, and TooLarge
// for more than specification's limits.
func Load(p *ooxml.Package) (specification.Document, error) {
	s, err := readStyles(p)
	if err != nil {
		return specification.Document{}, err
	}
	n, err := readNumbering(p, s)
	if err != nil {
		return specification.Document{}, err
	}
	d := &document{styles: s, numbering: n}
	err = p.Elements(p.Main, func(x *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "body" {
			return nil
		}
		w := &walker{decoder: x, document: d}
		return w.blocks(d)
	})
	if err != nil {
		return specification.Document{}, err
	}
	return d.result(), nil
}

// maxDepth is deeper than Word nests its elements.
const maxDepth = 300

var errDepth = errors.New("elements nested too deep")

// walker reads the document's main part as a stream. What a method is called
// for has begun; it reads to its end.
type walker struct {
	decoder *xml.Decoder
	*document
	depth int
	// uncounted is above zero in what is not shown: deleted rows and cells that
	// continue the one above. It takes no automatic numbers.
	uncounted int
	// placeholder is above zero in a content control that nobody has filled in.
	placeholder int
	// options are those of the drop-down lists met in the current cell.
	options []string
}

// children calls visit for each child element, which reads it to its end.
func (w *walker) children(visit func(e xml.StartElement) error) error {
	if w.depth++; w.depth > maxDepth {
		return errDepth
	}
	defer func() { w.depth-- }()
	for {
		token, err := w.decoder.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := visit(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// characters reads the text of an element that holds nothing else.
func (w *walker) characters() (string, error) {
	var text []byte
	for {
		token, err := w.decoder.Token()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			text = append(text, t...)
		case xml.StartElement:
			if err := w.decoder.Skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return string(text), w.budget.Text(len(text))
		}
	}
}

// sink takes what stands one below the other: in the body, a cell, a text box.
type sink interface {
	paragraph(p paragraph) error
	table(t specification.Table) error
}

// blocks reads paragraphs and tables, also within what only wraps them.
func (w *walker) blocks(into sink) error {
	return w.children(func(e xml.StartElement) error { return w.block(into, e) })
}

func (w *walker) block(into sink, e xml.StartElement) error {
	switch e.Name.Local {
	case "p":
		p, err := w.paragraph()
		if err != nil {
			return err
		}
		return into.paragraph(p)
	case "tbl":
		t, err := w.table()
		if err != nil {
			return err
		}
		return into.table(t)
	case "sdt":
		return w.control(func() error { return w.blocks(into) })
	case "customXml", "smartTag", "ins", "moveTo", "AlternateContent", "Choice":
		return w.blocks(into)
	}
	return w.decoder.Skip()
}

// control reads a content control: a drop-down list's options, and its content
// unless that is only the text that asks for it.
func (w *walker) control(content func() error) error {
	waiting := false
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "sdtPr":
			return w.children(func(e xml.StartElement) error {
				switch e.Name.Local {
				case "showingPlcHdr":
					waiting = isOn(e)
				case "dropDownList", "comboBox":
					return w.children(w.option)
				}
				return w.decoder.Skip()
			})
		case "sdtContent":
			if waiting {
				w.placeholder++
				defer func() { w.placeholder-- }()
			}
			return content()
		}
		return w.decoder.Skip()
	})
}

// maxOptions is more than a list that a person chooses from has.
const maxOptions = 200

// option reads an entry of a drop-down list. The entry without a value is the
// text that asks for a choice.
func (w *walker) option(e xml.StartElement) error {
	text, value := ooxml.Attribute(e, "displayText"), ooxml.Attribute(e, "value")
	if e.Name.Local == "listEntry" {
		text, value = ooxml.Attribute(e, "val"), ooxml.Attribute(e, "val")
	}
	if text = specification.Clean(text); text == "" {
		text = specification.Clean(value)
	}
	if text != "" && value != "" && len(w.options) < maxOptions {
		if err := w.budget.Text(len(text)); err != nil {
			return err
		}
		w.options = append(w.options, text)
	}
	return w.decoder.Skip()
}

// isOn reads a property that is on when it stands there without a value.
func isOn(e xml.StartElement) bool {
	switch ooxml.Attribute(e, "val") {
	case "0", "false", "off":
		return false
	}
	return true
}
