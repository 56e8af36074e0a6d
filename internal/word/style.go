package word

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/ooxml"
)

// styles are the paragraph and numbering styles by id.
type styles struct {
	by map[string]style
	// usual is the style of a paragraph that names none.
	usual string
}

// style is what is read of a style. Absent properties are inherited.
type style struct {
	name, basedOn string
	number        numberProperty
	outline       int // from 0; -1 where it says nothing
	bold          bool
}

// numberProperty is a paragraph's or style's place in a list; "" and -1 where
// it says nothing.
type numberProperty struct {
	list  string
	level int
}

const noLevel = -1

// maxStyles bounds how far styles are based on each other, and how many are
// read.
const (
	maxInheritance = 50
	maxStyles      = 20_000
)

// val is an element with a value.
type val struct {
	Val string `xml:"val,attr"`
}

func (v *val) level() int {
	if v == nil {
		return noLevel
	}
	n, err := strconv.Atoi(v.Val)
	if err != nil || n < 0 || n >= levels {
		return noLevel
	}
	return n
}

func (v *val) text() string {
	if v == nil {
		return ""
	}
	return v.Val
}

func (v *val) on() bool {
	return v != nil && v.Val != "0" && v.Val != "false" && v.Val != "off"
}

// paragraphXML are the properties that matter of a paragraph or its style.
type paragraphXML struct {
	Style   *val `xml:"pStyle"`
	Outline *val `xml:"outlineLvl"`
	Number  *struct {
		Level *val `xml:"ilvl"`
		List  *val `xml:"numId"`
	} `xml:"numPr"`
	// Mark are the properties of the paragraph's end.
	Mark *struct {
		Deleted *struct{} `xml:"del"`
		Moved   *struct{} `xml:"moveFrom"`
	} `xml:"rPr"`
}

func (p paragraphXML) number() numberProperty {
	if p.Number == nil {
		return numberProperty{level: noLevel}
	}
	return numberProperty{p.Number.List.text(), p.Number.Level.level()}
}

func readStyles(p *ooxml.Package) (styles, error) {
	s := styles{by: map[string]style{}}
	names, err := p.Related(p.Main, "styles")
	if err != nil || len(names) == 0 {
		return s, err
	}
	return s, p.Elements(names[0], func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "style" || len(s.by) >= maxStyles {
			return nil
		}
		var x struct {
			ID        string       `xml:"styleId,attr"`
			Type      string       `xml:"type,attr"`
			Default   string       `xml:"default,attr"`
			Name      *val         `xml:"name"`
			BasedOn   *val         `xml:"basedOn"`
			Paragraph paragraphXML `xml:"pPr"`
			Run       struct {
				Bold *val `xml:"b"`
			} `xml:"rPr"`
		}
		if err := d.DecodeElement(&x, &e); err != nil {
			return err
		}
		s.by[x.ID] = style{x.Name.text(), x.BasedOn.text(), x.Paragraph.number(), x.Paragraph.Outline.level(), x.Run.Bold.on()}
		if x.Type == "paragraph" && (x.Default == "1" || x.Default == "true") {
			s.usual = x.ID
		}
		return nil
	})
}

// chain gives a style and those it is based on, the nearest first.
func (s styles) chain(id string) []string {
	var all []string
	for range maxInheritance {
		st, ok := s.by[id]
		if !ok {
			break
		}
		all = append(all, id)
		id = st.basedOn
	}
	return all
}

// outline gives the level of a heading's style, from 0; -1 for other styles.
func (s styles) outline(id string) int {
	for _, each := range s.chain(id) {
		st := s.by[each]
		if st.outline != noLevel {
			return st.outline
		}
		if after, ok := strings.CutPrefix(strings.ToLower(st.name), "heading "); ok {
			if n, err := strconv.Atoi(after); err == nil && n >= 1 && n <= levels {
				return n - 1
			}
		}
	}
	return noLevel
}

// isTitle reports whether a style is that of the document's title.
func (s styles) isTitle(id string) bool { return strings.EqualFold(s.by[id].name, "title") }
