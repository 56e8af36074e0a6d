package word

import (
	"encoding/xml"
	"regexp"
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/ooxml"
)

// levels is how many levels a list has (ECMA-376 part 1, 17.9).
const levels = 9

// numbering resolves automatic numbers. It counts as the document is read, so
// paragraphs must be asked for once each and in order.
type numbering struct {
	styles    styles
	abstracts map[string]*abstract
	lists     map[string]*list
}

// abstract is a definition that lists share, and with it the counting.
type abstract struct {
	levels [levels]*level
	// link names a numbering style whose list defines the levels.
	link  string
	count [levels]int
	used  [levels]bool
}

// level is how one level counts and looks.
type level struct {
	start  int
	format string
	text   string // with %1 for the number of the first level
	// restart is the level, counted from 1, that a use of begins this one anew;
	// 0 for none.
	restart int
	legal   bool   // all numbers are written as digits
	style   string // the paragraph style that stands on this level
}

// list is a use of a definition. One that has a start of its own begins there
// the first time it is met.
type list struct {
	abstract string
	start    [levels]int // noLevel where it has none
	own      [levels]*level
	begun    [levels]bool
}

// Bounds of what a definition may say. Word has the same for the highest
// number; real level texts have a few characters.
const (
	maxNumber     = 32_767
	maxLevelText  = 100
	maxDefinition = 20_000
)

type levelXML struct {
	Level   int        `xml:"ilvl,attr"`
	Start   *val       `xml:"start"`
	Format  *formatXML `xml:"numFmt"`
	Choice  *formatXML `xml:"AlternateContent>Choice>numFmt"`
	Text    *val       `xml:"lvlText"`
	Restart *val       `xml:"lvlRestart"`
	Legal   *val       `xml:"isLgl"`
	Style   *val       `xml:"pStyle"`
}

type formatXML struct {
	Val    string `xml:"val,attr"`
	Format string `xml:"format,attr"`
}

func (x levelXML) level() *level {
	l := &level{start: number(x.Start, 0), format: "decimal", text: x.Text.text(), restart: x.Level, legal: x.Legal.on(), style: x.Style.text()}
	if x.Restart != nil {
		l.restart = number(x.Restart, x.Level)
	}
	if x.Choice != nil {
		l.format = x.Choice.Val
		if l.format == "custom" {
			l.format = x.Choice.Format
		}
	} else if x.Format != nil {
		l.format = x.Format.Val
	}
	if len(l.text) > maxLevelText {
		l.text = ""
	}
	return l
}

func number(v *val, otherwise int) int {
	n, err := strconv.Atoi(v.text())
	if err != nil || n < 0 || n > maxNumber {
		return otherwise
	}
	return n
}

func readNumbering(p *ooxml.Package, s styles) (*numbering, error) {
	n := &numbering{styles: s, abstracts: map[string]*abstract{}, lists: map[string]*list{}}
	names, err := p.Related(p.Main, "numbering")
	if err != nil || len(names) == 0 {
		return n, err
	}
	return n, p.Elements(names[0], func(d *xml.Decoder, e xml.StartElement) error {
		if len(n.abstracts)+len(n.lists) > maxDefinition {
			return nil
		}
		switch e.Name.Local {
		case "abstractNum":
			return n.addAbstract(d, e)
		case "num":
			return n.addList(d, e)
		}
		return nil
	})
}

func (n *numbering) addAbstract(d *xml.Decoder, e xml.StartElement) error {
	var x struct {
		ID     string     `xml:"abstractNumId,attr"`
		Levels []levelXML `xml:"lvl"`
		Link   *val       `xml:"numStyleLink"`
	}
	if err := d.DecodeElement(&x, &e); err != nil {
		return err
	}
	a := &abstract{link: x.Link.text()}
	for _, l := range x.Levels {
		if l.Level >= 0 && l.Level < levels {
			a.levels[l.Level] = l.level()
		}
	}
	n.abstracts[x.ID] = a
	return nil
}

func (n *numbering) addList(d *xml.Decoder, e xml.StartElement) error {
	var x struct {
		ID        string `xml:"numId,attr"`
		Abstract  *val   `xml:"abstractNumId"`
		Overrides []struct {
			Level int       `xml:"ilvl,attr"`
			Start *val      `xml:"startOverride"`
			Own   *levelXML `xml:"lvl"`
		} `xml:"lvlOverride"`
	}
	if err := d.DecodeElement(&x, &e); err != nil {
		return err
	}
	l := &list{abstract: x.Abstract.text()}
	for i := range l.start {
		l.start[i] = noLevel
	}
	for _, o := range x.Overrides {
		if o.Level < 0 || o.Level >= levels {
			continue
		}
		l.start[o.Level] = number(o.Start, noLevel)
		if o.Own != nil {
			l.own[o.Level] = o.Own.level()
		}
	}
	n.lists[x.ID] = l
	return nil
}

// definition finds the abstract definition of a list, also through a numbering
// style; nil for none.
func (n *numbering) definition(l *list) *abstract {
	for range maxInheritance {
		a := n.abstracts[l.abstract]
		if a == nil || a.link == "" {
			return a
		}
		next := n.lists[n.styles.by[a.link].number.list]
		if next == nil {
			return a
		}
		l = next
	}
	return nil
}

// label is an automatic number as it is shown.
type label struct {
	text   string
	bullet bool
	// of tells which labels count together: those of one definition and level.
	of    *abstract
	level int
}

// next gives a paragraph its label and counts on. own is what the paragraph says
// itself, style its style.
func (n *numbering) next(own numberProperty, style string) (label, bool) {
	id, at := n.place(own, style)
	l := n.lists[id]
	if l == nil {
		return label{}, false
	}
	a := n.definition(l)
	if a == nil || at < 0 {
		return label{}, false
	}
	lvl := n.level(l, a, at)
	if lvl == nil {
		return label{}, false
	}
	start := lvl.start
	if l.start[at] != noLevel {
		start = l.start[at]
	}
	if !a.used[at] || (l.start[at] != noLevel && !l.begun[at]) {
		a.count[at] = start
	} else {
		a.count[at] = min(a.count[at]+1, maxNumber)
	}
	a.used[at], l.begun[at] = true, true
	for deeper := at + 1; deeper < levels; deeper++ {
		if d := n.level(l, a, deeper); d != nil && at < d.restart {
			a.used[deeper] = false
		}
	}
	if lvl.format == "bullet" {
		return label{text: "•", bullet: true, of: a, level: at}, true
	}
	text := n.text(l, a, lvl)
	return label{text: text, of: a, level: at}, text != ""
}

func (n *numbering) level(l *list, a *abstract, at int) *level {
	if l.own[at] != nil {
		return l.own[at]
	}
	return a.levels[at]
}

// place finds a paragraph's list and level: its own, else those of its style. A
// level that names the style is where the style's paragraphs stand.
func (n *numbering) place(own numberProperty, style string) (list string, at int) {
	list, at = own.list, own.level
	var from string
	for _, id := range n.styles.chain(style) {
		p := n.styles.by[id].number
		if list == "" && p.list != "" {
			list, from = p.list, id
		}
		if at == noLevel && own.list == "" {
			at = p.level
		}
	}
	if from != "" && own.level == noLevel {
		if l := n.lists[list]; l != nil {
			if a := n.definition(l); a != nil {
				if linked := a.standsAt(append([]string{style}, from)); linked != noLevel {
					at = linked
				}
			}
		}
	}
	return list, max(at, 0)
}

// standsAt gives the level that names one of the styles.
func (a *abstract) standsAt(styles []string) int {
	for _, s := range styles {
		for i, l := range a.levels {
			if l != nil && l.style == s && s != "" {
				return i
			}
		}
	}
	return noLevel
}

var placeholders = regexp.MustCompile(`%[1-9]`)

// text fills in the level's text. A level above that has not been met shows
// its start.
func (n *numbering) text(l *list, a *abstract, lvl *level) string {
	return strings.TrimSpace(placeholders.ReplaceAllStringFunc(lvl.text, func(p string) string {
		i := int(p[1] - '1')
		of := n.level(l, a, i)
		if of == nil {
			return ""
		}
		count := a.count[i]
		if !a.used[i] {
			count = of.start
		}
		if lvl.legal {
			return strconv.Itoa(count)
		}
		return formatted(count, of.format)
	}))
}
