package demonstration

import (
	"context"
	"html"
	"net/http"
	"regexp"
	"strings"

	"github.com/fellesloft/fellesloft/internal/catalogue"
)

// The record lists what is missing in a section of its own.
var (
	missingSection = regexp.MustCompile(`(?s)<section[^>]*aria-labelledby="missing".*?</section>`)
	listItem       = regexp.MustCompile(`(?s)<li>(.*?)</li>`)
	markup         = regexp.MustCompile(`<[^>]*>`)
)

// missingIn reads from the record what it shows as missing.
func missingIn(page []byte) []string {
	var out []string
	for _, item := range listItem.FindAllSubmatch(missingSection.Find(page), -1) {
		text := html.UnescapeString(string(markup.ReplaceAll(item[1], nil)))
		out = append(out, strings.Join(strings.Fields(text), " "))
	}
	return out
}

// record fetches the procurement record as HTML and tells what it shows as
// missing.
func (s *show) record(ctx context.Context) error {
	a, err := s.api.do(ctx, call{method: http.MethodGet, path: s.at("/record"), as: lead})
	if err != nil {
		return err
	}
	if err := s.keep("Anskaffelsesprotokoll", a.name, a.body); err != nil {
		return err
	}
	s.say(lead, "Henter anskaffelsesprotokollen: %s (%s byte).", a.name, catalogue.Number(language, int64(len(a.body))))
	gaps := missingIn(a.body)
	if len(gaps) == 0 {
		s.tell.detail("Ingenting er merket som manglende.")
		return nil
	}
	s.tell.detail("Den viser dette som manglende:")
	for _, gap := range gaps {
		s.tell.detail("– " + gap)
	}
	return nil
}
