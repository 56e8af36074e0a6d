package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/fellesloft/fellesloft/internal/catalogue"
)

//go:embed templates static
var files embed.FS

// views are the templates, each with the layout that all share.
type views struct {
	pages map[string]*template.Template
	// version changes with the stylesheet, so that browsers can keep it.
	version string
}

// newViews reads the templates. It panics, at start, on one that does not parse:
// they are part of the program.
func newViews() *views {
	layout := template.Must(template.ParseFS(files, "templates/layout.gohtml"))
	v := &views{pages: map[string]*template.Template{}}
	entries, err := files.ReadDir("templates")
	if err != nil {
		panic(err)
	}
	const suffix = len(".gohtml")
	for _, e := range entries {
		v.pages[e.Name()[:len(e.Name())-suffix]] = template.Must(template.Must(layout.Clone()).ParseFS(files, "templates/"+e.Name()))
	}
	style, err := files.ReadFile("static/style.css")
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(style)
	v.version = hex.EncodeToString(sum[:6])
	return v
}

// view is what a template sees: the layout's own, and the page's under Page.
type view struct {
	Lang        string
	Path        string
	Languages   []languageLink
	Version     string
	Who         *who
	Token       string
	Development bool
	Page        any
}

// T gives a text; pairs are the names and values of its params.
func (w view) T(key string, pairs ...string) string {
	params := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		params[pairs[i]] = pairs[i+1]
	}
	return catalogue.Text(w.Lang, key, params)
}

// Instant writes a time for people, to the minute.
func (w view) Instant(t time.Time) string { return catalogue.Instant(w.Lang, t.Truncate(time.Minute)) }

// show writes a page.
func (v *visit) show(status int, name string, page any) error {
	w := view{Lang: v.lang, Path: v.page.Path, Languages: v.languageLinks(), Version: v.site.view.version, Who: v.who(), Development: v.site.Development, Page: page}
	if v.seat != nil {
		w.Token = v.seat.Token
	}
	var text bytes.Buffer
	if err := v.site.view.pages[name].ExecuteTemplate(&text, "layout", w); err != nil {
		return err
	}
	v.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	v.Set(fiber.HeaderContentLanguage, v.lang)
	v.Vary(fiber.HeaderCookie)
	return v.Status(status).Send(text.Bytes())
}
