package notice

import (
	"encoding/xml"
	"strings"
)

// element is a node of the XML file. The standard encoder cannot write the
// prefixes that UBL documents have, so the tree is written by hand and only
// escaped by the encoder.
type element struct {
	name  string
	attrs []string // name, value, …
	text  string
	kids  []*element
}

// el makes an element of others; nil ones are left out, and an element that
// would be empty is nil.
func el(name string, kids ...*element) *element {
	e := &element{name: name}
	for _, k := range kids {
		if k != nil {
			e.kids = append(e.kids, k)
		}
	}
	if len(e.kids) == 0 {
		return nil
	}
	return e
}

// leaf makes an element with text; blank text makes none.
func leaf(name, text string, attrs ...string) *element {
	if text == "" {
		return nil
	}
	return &element{name: name, text: text, attrs: attrs}
}

func (e *element) write(b *strings.Builder, indent string) {
	b.WriteString(indent + "<" + e.name)
	for i := 0; i+1 < len(e.attrs); i += 2 {
		b.WriteString(" " + e.attrs[i] + `="`)
		escape(b, e.attrs[i+1])
		b.WriteString(`"`)
	}
	b.WriteString(">")
	escape(b, e.text)
	if len(e.kids) > 0 {
		b.WriteString("\n")
		for _, k := range e.kids {
			k.write(b, indent+"  ")
		}
		b.WriteString(indent)
	}
	b.WriteString("</" + e.name + ">\n")
}

// escape never fails: a strings.Builder takes everything.
func escape(b *strings.Builder, s string) { _ = xml.EscapeText(b, []byte(s)) }
