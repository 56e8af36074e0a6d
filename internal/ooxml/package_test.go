package ooxml_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/ooxml"
)

const (
	types = `<Types><Default Extension="xml" ContentType="application/xml"/>%s</Types>`
	main  = `<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>`
	link  = `<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s" TargetMode="External"/></Relationships>`
)

func file(t *testing.T, more map[string]string) []byte {
	t.Helper()
	parts := map[string]string{"[Content_Types].xml": fmt.Sprintf(types, main), "word/document.xml": "<document/>"}
	maps.Copy(parts, more)
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

// noise is text that does not pack well.
func noise(n int) string {
	var b strings.Builder
	for i := uint64(1); b.Len() < n; i++ {
		fmt.Fprintf(&b, "%x ", i*0x9E3779B97F4A7C15)
	}
	return b.String()
}

func TestOpen(t *testing.T) {
	t.Parallel()
	one := func(name, text string) []byte { return file(t, map[string]string{name: text}) }
	override := func(contentType string) []byte {
		return one("[Content_Types].xml", fmt.Sprintf(types, main+`<Override PartName="/x.bin" ContentType="`+contentType+`"/>`))
	}
	parts := map[string]string{}
	for i := range ooxml.MaxParts {
		parts[fmt.Sprintf("word/media/%d.png", i)] = ""
	}
	for _, c := range []struct {
		name string
		file []byte
		rule string // "" for a file that is taken
	}{
		{"a document", one("x.xml", "<x/>"), ""},
		{"links to click", one("word/_rels/document.xml.rels", fmt.Sprintf(link, "hyperlink", "https://example.org")), ""},
		{"the template it was written in", one("word/_rels/settings.xml.rels", fmt.Sprintf(link, "attachedTemplate", `file:///C:\Maler\Brev.dotx`)), ""},
		{"figures behind a chart", one("word/embeddings/Microsoft_Excel_Sheet1.xlsx", "x"), ""},
		{"nothing", nil, "file.type-unknown"},
		{"text", []byte("Nr;Krav"), "file.type-unknown"},
		{"a zip of something else", one("[Content_Types].xml", "<Types/>"), "file.type-unknown"},
		{"encrypted or from before 2007", []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1}, "file.encrypted-or-old-format"},
		{"a macro-enabled document", one("[Content_Types].xml", fmt.Sprintf(types, `<Override PartName="/word/document.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>`)), "file.macros"},
		{"a macro-enabled workbook", one("[Content_Types].xml", fmt.Sprintf(types, `<Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/>`)), "file.macros"},
		{"a project by its content type", override("application/vnd.ms-office.vbaProject"), "file.macros"},
		{"a project by its name", one("word/vbaProject.bin", "x"), "file.macros"},
		{"a project in a folder of another case", one(`xl\VBAPROJECT.BIN`, "x"), "file.macros"},
		{"old macro sheets", one("xl/macrosheets/sheet1.xml", "<x/>"), "file.macros"},
		{"controls", one("word/activeX/activeX1.bin", "x"), "file.macros"},
		{"an object", one("word/embeddings/oleObject1.bin", "x"), "file.macros"},
		{"a picture from elsewhere", one("word/_rels/document.xml.rels", fmt.Sprintf(link, "image", "https://example.org/x.png")), "file.external-content"},
		{"another workbook's cells", one("xl/externalLinks/_rels/externalLink1.xml.rels", fmt.Sprintf(link, "externalLinkPath", "priser.xlsx")), "file.external-content"},
		{"a template on the web", one("word/_rels/settings.xml.rels", fmt.Sprintf(link, "attachedTemplate", "https://example.org/x.dotm")), "file.external-content"},
		{"entities", one("word/document.xml", `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>`), "file.entities"},
		{"entities behind a comment", one("word/styles.xml", `<!-- `+strings.Repeat("x", 1000)+` --><!DOCTYPE d [<!ENTITY x "y">]><d/>`), "file.entities"},
		{"a root that never comes", one("word/document.xml", `<!-- `+noise(1<<20)+` --><d/>`), "file.unreadable"},
		{"two parts of one name", file(t, map[string]string{"word/styles.xml": "<x/>", "word/Styles.xml": "<x/>"}), "file.unreadable"},
		{"a part that unpacks out of proportion", one("word/styles.xml", strings.Repeat(" ", 2<<20)), "file.unpacks-too-large"},
		{"parts that unpack too large together", one("word/media/x.png", strings.Repeat("\x00", ooxml.MaxUnpacked+1)), "file.unpacks-too-large"},
		{"more than 20 MB", make([]byte, ooxml.MaxBytes+1), "file.too-large"},
		{"too many parts", file(t, parts), "file.too-many-parts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := ooxml.Open(bytes.NewReader(c.file))
			if got := fault.RuleOf(err); got != c.rule || (err != nil && got == "") {
				t.Errorf("got %v, want %q", err, c.rule)
			}
			if kind := fault.KindOf(err); err != nil && kind != fault.Invalid && kind != fault.TooLarge {
				t.Errorf("kind %s", kind)
			}
		})
	}
}

// A part that says it is small and is not is cut off where it said.
func TestADeclaredSizeIsBinding(t *testing.T) {
	t.Parallel()
	b := file(t, map[string]string{"word/styles.xml": "<x>" + strings.Repeat("abc ", 2_000) + "</x>"})
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range z.File {
		if part.Name == "word/styles.xml" {
			part.UncompressedSize64 = 10
			r, err := part.Open()
			if err != nil {
				t.Fatal(err)
			}
			if n, err := new(bytes.Buffer).ReadFrom(r); err == nil || n > 8_010 {
				t.Errorf("read %d, %v", n, err)
			}
		}
	}
}
