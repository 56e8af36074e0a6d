// Package demo is the content of the demonstration: a requirement
// specification, procurement documents, and fictional suppliers with their
// answers. The municipalities of the demonstration are real; documents,
// decisions, figures and suppliers are invented.
package demo

import (
	"embed"
	"slices"
)

//go:embed spec/kravspesifikasjon.xlsx documents/*.md
var files embed.FS

// Specification is the requirement specification as a workbook, in bokmål. It
// reads with sheet.ReadSpecification without warnings.
func Specification() []byte { return read("spec/kravspesifikasjon.xlsx") }

// Document is a procurement document.
type Document struct {
	Name        string // file name
	Title       string // in bokmål
	ContentType string
	Content     []byte
}

// Documents are the tender rules, the contract draft and the annexes.
func Documents() []Document {
	const markdown = "text/markdown; charset=utf-8"
	return []Document{
		{"konkurranseregler.md", "Konkurranseregler", markdown, read("documents/konkurranseregler.md")},
		{"avtaleutkast.md", "Avtaleutkast", markdown, read("documents/avtaleutkast.md")},
		{"bilag.md", "Bilag til avtalen", markdown, read("documents/bilag.md")},
	}
}

// read gives a copy, so that no caller can change what the next one gets.
func read(name string) []byte {
	b, err := files.ReadFile(name)
	if err != nil {
		panic("demo: " + name + " is not embedded")
	}
	return slices.Clone(b)
}
