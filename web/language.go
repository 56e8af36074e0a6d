package web

import (
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/fellesloft/fellesloft/internal/catalogue"
)

const (
	languageParam = "lang"
	languageFor   = 365 * 24 * time.Hour
	// longestAccept bounds what is read of Accept-Language.
	longestAccept = 200
)

// language is the person's choice, else the browser's, else bokmål. A choice is
// remembered.
func (s *Site) language(c *fiber.Ctx) string {
	name := s.host.cookie("language")
	if chosen := c.Query(languageParam); slices.Contains(catalogue.Languages(), chosen) {
		c.Cookie(&fiber.Cookie{Name: name, Value: chosen, Path: "/", MaxAge: int(languageFor.Seconds()), Secure: s.host.secure, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
		return chosen
	}
	if chosen := c.Cookies(name); slices.Contains(catalogue.Languages(), chosen) {
		return chosen
	}
	accept := c.Get(fiber.HeaderAcceptLanguage)
	if len(accept) > longestAccept {
		accept = ""
	}
	c.Vary(fiber.HeaderAcceptLanguage)
	return catalogue.Match(accept)
}

// languageLink leads to the same page in a language.
type languageLink struct {
	Lang, Name, Address string
	Current             bool
}

func (v *visit) languageLinks() []languageLink {
	path, query := "/", url.Values{}
	if v.page.Method == fiber.MethodGet && v.page.Path != "" {
		path = v.Path()
		query, _ = url.ParseQuery(string(v.Request().URI().QueryString()))
	}
	var out []languageLink
	for _, l := range catalogue.Languages() {
		query.Set(languageParam, l)
		out = append(out, languageLink{Lang: l, Name: catalogue.Text(l, "web.language-name"), Address: local(path + "?" + query.Encode()), Current: l == v.lang})
	}
	return out
}
