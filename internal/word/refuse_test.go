package word_test

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/specification"
	"github.com/fellesloft/fellesloft/internal/word"
)

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	header := row("Nr", "Krav", "Type")
	many := table(header, strings.Repeat(row("1", "x", "A"), specification.MaxRows))
	wide := table(row("Nr", "Krav", `<w:tcPr><w:gridSpan w:val="30000"/></w:tcPr>`+para("Type")))
	deep := strings.Repeat("<w:ins>", 400) + strings.Repeat("</w:ins>", 400)
	for _, c := range []struct {
		name, body string
		kind       fault.Kind
		rule       string
	}{
		{"no table", para("Krav"), fault.Invalid, "specification.no-requirement-table"},
		{"a legend only", table(row("Kode", "Betydning"), row("A", "Absolutt")), fault.Invalid, "specification.no-requirement-table"},
		{"more than 20,000 rows", many, fault.TooLarge, "specification.too-many-rows"},
		{"too wide", wide, fault.TooLarge, "specification.too-many-columns"},
		{"nested without end", deep, fault.Invalid, "file.unreadable"},
		{"cut off", table(header) + "<w:p>", fault.Invalid, "file.unreadable"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := word.ReadSpecification(bytes.NewReader(zipped(t, parts(c.body, "", ""))), options())
			if fault.KindOf(err) != c.kind || fault.RuleOf(err) != c.rule {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A small file that a naive reader would blow up: wide merges repeated below,
// tables within tables, long level texts, numbers without bounds, style loops.
func TestSmallFilesStaySmall(t *testing.T) { //nolint:paralleltest // it measures the process's memory
	const most = 300 << 20
	text := strings.Repeat("Løsningen skal virke. ", 5_000)
	merged := table(row("Nr", "Krav", "Type"), row(`<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>`+para(text), "x", "A"),
		strings.Repeat(row(`<w:tcPr><w:vMerge/></w:tcPr>`+para(""), "x", "A"), 5_000))
	nested := para(text)
	for range 60 {
		nested = table(row(nested, "x"))
	}
	loop := `<w:style w:type="paragraph" w:styleId="a"><w:name w:val="a"/><w:basedOn w:val="b"/></w:style><w:style w:type="paragraph" w:styleId="b"><w:name w:val="b"/><w:basedOn w:val="a"/></w:style>`
	numbering := abstract(1, levelText(0, "upperLetter", strings.Repeat("%1", 50)), `<w:lvl w:ilvl="1"><w:start w:val="2147483647"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%2"/></w:lvl>`) + list(1, 1)
	for name, body := range map[string]string{
		"merged": merged, "nested": nested, "numbers": table(row("Nr", "Krav"), strings.Repeat(row(listed(1, 0, "")+listed(1, 1, ""), "x"), 10_000)), "styles": styled("a", text) + table(row("Nr", "Krav", "Type"), row("1", styled("b", "x"), "A")),
	} {
		file := zipped(t, parts(body, numbering, loop))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := word.ReadSpecification(bytes.NewReader(file), options())
		runtime.ReadMemStats(&after)
		if err != nil && fault.KindOf(err) == fault.Internal {
			t.Errorf("%s: not a fault: %v", name, err)
		}
		if grown := after.HeapInuse - min(before.HeapInuse, after.HeapInuse); grown > most {
			t.Errorf("%s: %d bytes for a file of %d", name, grown, len(file))
		}
	}
}

// A damaged document is refused or read, and never takes the process down.
func TestDamagedDocuments(t *testing.T) {
	t.Parallel()
	numbering := abstract(1, levelText(0, "decimal", "K%1"), levelText(1, "lowerRoman", "%1.%2")) + list(1, 1, `<w:lvlOverride w:ilvl="0"><w:startOverride w:val="3"/></w:lvlOverride>`)
	body := styled("Overskrift1", "Sikkerhet") + table(row("Nr", "Krav", "Type", "Svar"), row(listed(1, 0, ""), "HelseID"+strings.Repeat(" skal brukes", 9), "A", "Ja / Nei"),
		row(`<w:tcPr><w:gridSpan w:val="2"/><w:vMerge w:val="restart"/></w:tcPr>`+listed(1, 1, ""), table(row("a", "b"))+para("x"), "B"))
	whole := parts(body, numbering, headingStyles)
	rapid.Check(t, func(rt *rapid.T) {
		damaged := map[string]string{}
		for name, text := range whole {
			damaged[name] = text
		}
		name := rapid.SampledFrom([]string{"word/document.xml", "word/numbering.xml", "word/styles.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"}).Draw(rt, "part")
		text := []byte(damaged[name])
		for range rapid.IntRange(1, 4).Draw(rt, "times") {
			text = damage(rt, text)
		}
		damaged[name] = string(text)
		if rapid.IntRange(0, 5).Draw(rt, "drop") == 0 {
			delete(damaged, name)
		}
		p, err := word.ReadSpecification(bytes.NewReader(zipped(t, damaged)), options())
		if err != nil && fault.KindOf(err) == fault.Internal {
			rt.Fatalf("not a fault: %v", err)
		}
		if err == nil && len(p.Rows) != len(p.Set.Requirements) {
			rt.Fatalf("%d rows, %d requirements", len(p.Rows), len(p.Set.Requirements))
		}
	})
}

// damage changes a byte, takes some away, or puts something in that means
// something.
func damage(rt *rapid.T, text []byte) []byte {
	at := rapid.IntRange(0, max(len(text)-1, 0)).Draw(rt, "at")
	switch rapid.IntRange(0, 2).Draw(rt, "how") {
	case 0:
		if len(text) > 0 {
			text[at] = rapid.Byte().Draw(rt, "byte")
		}
		return text
	case 1:
		return slices.Delete(text, at, min(at+rapid.IntRange(1, 40).Draw(rt, "length"), len(text)))
	}
	word := rapid.SampledFrom([]string{"99999999999", "-1", "%9%9%9", "<w:tc>", "</w:tr>", "<w:tbl>", `<w:gridSpan w:val="-5"/>`, "<w:vMerge/>", "&#x0;", "&amp;", "\xff"}).Draw(rt, "word")
	return slices.Concat(text[:at], []byte(word), text[at:])
}

func ExampleReadSpecification() {
	_, err := word.ReadSpecification(strings.NewReader("Nr;Krav"), specification.Options{})
	fmt.Println(fault.RuleOf(err))
	// Output: file.type-unknown
}
