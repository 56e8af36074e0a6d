package record

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strings"

	"github.com/fellesloft/fellesloft/internal/catalogue"
)

//go:embed templates/*
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"page": func(lang, key string) string { return words(lang).page(key) },
	"para": func(lang, key, param, value string) string {
		return words(lang).page(key, map[string]string{param: value})
	},
	"style":    style,
	"lines":    func(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") },
	"language": catalogue.Match,
}).ParseFS(files, "templates/*.gohtml"))

// style is inlined, so that a saved file looks the same and nothing is fetched.
func style() (template.CSS, error) {
	b, err := files.ReadFile("templates/style.css")
	return template.CSS(b), err //nolint:gosec // the program's own file
}

// HTML writes the record as one self-contained page for screen and print.
func (r Record) HTML() ([]byte, error) { return render("record.gohtml", r) }

func render(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	return b.Bytes(), nil
}
