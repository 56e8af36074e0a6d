package word_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/internal/specification"
	"github.com/fellesloft/fellesloft/internal/word"
)

const (
	rels      = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>`
	rel       = `<Relationship Id="%s" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s"/>`
	mainType  = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
	namespace = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:wps="wps"`
)

// parts are the parts of a document with a body, numbering and styles.
func parts(body, numbering, styles string) map[string]string {
	return map[string]string{
		"[Content_Types].xml":          `<Types xmlns="x"><Override PartName="/word/document.xml" ContentType="` + mainType + `"/></Types>`,
		"_rels/.rels":                  fmt.Sprintf(rels, fmt.Sprintf(rel, "r1", "officeDocument", "word/document.xml")),
		"word/_rels/document.xml.rels": fmt.Sprintf(rels, fmt.Sprintf(rel, "r1", "styles", "styles.xml")+fmt.Sprintf(rel, "r2", "numbering", "numbering.xml")),
		"word/document.xml":            `<w:document ` + namespace + `><w:body>` + body + `</w:body></w:document>`,
		"word/numbering.xml":           `<w:numbering ` + namespace + `>` + numbering + `</w:numbering>`,
		"word/styles.xml":              `<w:styles ` + namespace + `>` + styles + `</w:styles>`,
	}
}

func zipped(t *testing.T, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(t *testing.T, body, numbering, styles string) specification.Preview {
	t.Helper()
	p, err := word.ReadSpecification(bytes.NewReader(zipped(t, parts(body, numbering, styles))), options())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// para is a paragraph of a text; lines become breaks.
func para(text string) string {
	return `<w:p><w:r><w:t xml:space="preserve">` + strings.ReplaceAll(text, "\n", `</w:t><w:br/><w:t xml:space="preserve">`) + `</w:t></w:r></w:p>`
}

func styled(style, text string) string {
	return `<w:p><w:pPr><w:pStyle w:val="` + style + `"/></w:pPr><w:r><w:t>` + text + `</w:t></w:r></w:p>`
}

// listed is a paragraph on a level of a list.
func listed(list, level int, text string) string {
	return fmt.Sprintf(`<w:p><w:pPr><w:numPr><w:ilvl w:val="%d"/><w:numId w:val="%d"/></w:numPr></w:pPr><w:r><w:t>%s</w:t></w:r></w:p>`, level, list, text)
}

// row is a table row; what begins with a tag is the cell's content as it is.
func row(cells ...string) string {
	var b strings.Builder
	b.WriteString("<w:tr>")
	for _, c := range cells {
		if !strings.HasPrefix(c, "<") {
			c = para(c)
		}
		b.WriteString("<w:tc>" + c + "</w:tc>")
	}
	return b.String() + "</w:tr>"
}

func table(rows ...string) string { return "<w:tbl>" + strings.Join(rows, "") + "</w:tbl>" }

// levelText defines a level that counts from 1.
func levelText(i int, format, text string, more ...string) string {
	return fmt.Sprintf(`<w:lvl w:ilvl="%d"><w:start w:val="1"/><w:numFmt w:val="%s"/>%s<w:lvlText w:val="%s"/></w:lvl>`, i, format, strings.Join(more, ""), text)
}

func abstract(id int, levels ...string) string {
	return fmt.Sprintf(`<w:abstractNum w:abstractNumId="%d">%s</w:abstractNum>`, id, strings.Join(levels, ""))
}

func list(id, abstract int, overrides ...string) string {
	return fmt.Sprintf(`<w:num w:numId="%d"><w:abstractNumId w:val="%d"/>%s</w:num>`, id, abstract, strings.Join(overrides, ""))
}

const headingStyles = `<w:style w:type="paragraph" w:styleId="Overskrift1"><w:name w:val="heading 1"/></w:style>` +
	`<w:style w:type="paragraph" w:styleId="Overskrift2"><w:name w:val="heading 2"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>` +
	`<w:style w:type="paragraph" w:styleId="Tittel"><w:name w:val="Title"/></w:style>`

func numbers(p specification.Preview) []string {
	var all []string
	for _, r := range p.Set.Requirements {
		all = append(all, r.Number)
	}
	return all
}

func texts(p specification.Preview) []string {
	var all []string
	for _, r := range p.Set.Requirements {
		all = append(all, r.Text)
	}
	return all
}

func leftOut(p specification.Preview, why specification.Reason) int {
	n := 0
	for _, l := range p.LeftOut {
		if l.Reason == why {
			n++
		}
	}
	return n
}

func warned(p specification.Preview, rule string) int {
	n := 0
	for _, w := range p.Warnings {
		if w.Rule == rule {
			n++
		}
	}
	return n
}
