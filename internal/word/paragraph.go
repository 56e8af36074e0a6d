package word

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/ooxml"
	"github.com/fellesloft/fellesloft/internal/specification"
)

// paragraph is a paragraph as it is shown.
type paragraph struct {
	text    string
	label   label
	style   string
	outline int // the level of a heading, from 0; -1 for others
	// joined tells that a tracked change has deleted the paragraph's end: it
	// goes on with the next one.
	joined bool
	bold   bool // all of it
	hidden bool // it also has text that is not shown
}

// line is the paragraph with its automatic number.
func (p paragraph) line() string {
	if p.label.text == "" {
		return p.text
	}
	return strings.TrimRight(p.label.text+" "+p.text, " ")
}

// inline collects the text of a paragraph.
type inline struct {
	text        strings.Builder
	bold, light bool // whether some of it is, and some is not
	hidden      bool
}

// What stands one below the other inside a line, as in a text box, gets lines.
func (in *inline) paragraph(p paragraph) error {
	if in.text.Len() > 0 && p.text != "" {
		in.text.WriteByte('\n')
	}
	in.text.WriteString(p.line())
	in.hidden = in.hidden || p.hidden
	return nil
}

func (in *inline) table(t specification.Table) error {
	return in.paragraph(paragraph{text: flat(t)})
}

func (w *walker) paragraph() (paragraph, error) {
	var p paragraph
	var props paragraphXML
	var in inline
	numbered := false
	number := func() {
		numbered = true
		p.style = props.Style.text()
		if p.style == "" {
			p.style = w.styles.usual
		}
		p.joined = props.Mark != nil && (props.Mark.Deleted != nil || props.Mark.Moved != nil)
		if !p.joined && w.uncounted == 0 {
			p.label, _ = w.numbering.next(props.number(), p.style)
		}
	}
	err := w.children(func(e xml.StartElement) error {
		if e.Name.Local == "pPr" {
			if err := w.decoder.DecodeElement(&props, &e); err != nil {
				return err
			}
			number()
			return nil
		}
		if !numbered {
			number()
		}
		return w.inline(&in, e)
	})
	if !numbered {
		number()
	}
	p.outline = props.Outline.level()
	if p.outline == noLevel {
		p.outline = w.styles.outline(p.style)
	}
	p.text, p.hidden = specification.Clean(in.text.String()), in.hidden
	p.bold = !in.light && (in.bold || w.styles.by[p.style].bold)
	return p, err
}

// inline reads an element inside a paragraph. Elements that only wrap others
// are passed through, whatever they are called.
func (w *walker) inline(in *inline, e xml.StartElement) error {
	switch e.Name.Local {
	case "r":
		return w.run(in)
	case "del", "moveFrom", "Fallback", "pPr", "rPr", "instrText", "delText", "delInstrText", "tblPr", "annotationRef":
		return w.decoder.Skip()
	case "sdt":
		return w.control(func() error { return w.inlines(in) })
	case "txbxContent":
		return w.blocks(in)
	case "t":
		return w.write(in, false)
	}
	return w.inlines(in)
}

func (w *walker) inlines(in *inline) error {
	return w.children(func(e xml.StartElement) error { return w.inline(in, e) })
}

func (w *walker) write(in *inline, hidden bool) error {
	text, err := w.characters()
	if err != nil || w.placeholder > 0 {
		return err
	}
	if hidden {
		in.hidden = in.hidden || strings.TrimSpace(text) != ""
		return nil
	}
	in.text.WriteString(text)
	return nil
}

// run reads characters with one look.
func (w *walker) run(in *inline) error {
	var look struct {
		Bold   *val `xml:"b"`
		Hidden *val `xml:"vanish"`
	}
	before := in.text.Len()
	err := w.children(func(e xml.StartElement) error {
		sign := ""
		switch e.Name.Local {
		case "rPr":
			return w.decoder.DecodeElement(&look, &e)
		case "t":
			return w.write(in, look.Hidden.on())
		case "tab", "ptab":
			sign = "\t"
		case "br":
			if kind := ooxml.Attribute(e, "type"); kind == "" || kind == "textWrapping" {
				sign = "\n"
			}
		case "cr":
			sign = "\n"
		case "noBreakHyphen":
			sign = "-"
		case "sym":
			sign = symbol(e)
		case "fldChar":
			return w.formField()
		case "softHyphen", "footnoteReference", "endnoteReference", "commentReference", "lastRenderedPageBreak":
		default:
			return w.inline(in, e)
		}
		if !look.Hidden.on() && w.placeholder == 0 {
			in.text.WriteString(sign)
		}
		return w.decoder.Skip()
	})
	if in.text.Len() > before {
		if look.Bold.on() {
			in.bold = true
		} else {
			in.light = true
		}
	}
	return err
}

// formField reads the options of an old form's drop-down list.
func (w *walker) formField() error {
	return w.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "ffData", "ddList":
			return w.formField()
		case "listEntry":
			return w.option(e)
		}
		return w.decoder.Skip()
	})
}

// symbol reads a character of a symbol font: boxes to tick keep their meaning,
// the others are as a rule bullets.
func symbol(e xml.StartElement) string {
	code, err := strconv.ParseUint(ooxml.Attribute(e, "char"), 16, 32)
	if err != nil {
		return ""
	}
	switch code & 0xFF {
	case 0xA8, 0x6F, 0x71, 0xA3:
		return "☐"
	case 0xFE, 0xFD, 0x52, 0x54, 0x78:
		return "☒"
	case 0xFC:
		return "✓"
	case 0xE0, 0xE8, 0xF0:
		return "→"
	}
	return "•"
}
