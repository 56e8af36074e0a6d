package demonstration

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/fellesloft/fellesloft/internal/catalogue"
)

// noticeView is the notice's file, as far as the demonstration reads it. Names
// and reasons are keys of the catalogue.
type noticeView struct {
	Fields  []json.RawMessage `json:"fields"`
	Missing []struct {
		Name string `json:"name"`
		Fill string `json:"fill"` // who fills it in
	} `json:"missing"`
	Broken []struct {
		Why string `json:"why"`
	} `json:"broken"`
}

// notice fetches the notice as files, for the lead buyer to send, and tells what
// it lacks.
func (s *show) notice(ctx context.Context) error {
	for _, format := range []string{"json", "xml"} {
		a, err := s.api.do(ctx, call{method: http.MethodGet, path: s.at("/notice?format=" + format), as: lead})
		if err != nil {
			return err
		}
		if err := s.keep("Kunngjøring ("+format+")", a.name, a.body); err != nil {
			return err
		}
		s.say(lead, "Laster ned %s (%s byte).", a.name, catalogue.Number(language, int64(len(a.body))))
		if format != "json" {
			continue
		}
		var n noticeView
		if err := json.Unmarshal(a.body, &n); err != nil {
			return fmt.Errorf("read the notice: %w", err)
		}
		s.tell.detail(fmt.Sprintf("%d felt med eForms-id.", len(n.Fields)))
		s.tell.detail(n.lacks()...)
	}
	return nil
}

// lacks lists what the notice lacks, by who fills it in, and the rules that it
// breaks.
func (n noticeView) lacks() []string {
	var out []string
	for _, by := range []struct{ fill, text string }{
		{"plan", "Mangler i planen: "},
		{"buyer", "Mangler om kjøperne: "},
		{"sender", "Fylles ut når den sendes: "},
		{"form", "Står ikke i skjema E3, som gjelder under EØS-terskelverdien: "},
	} {
		if names := n.missing(by.fill); len(names) > 0 {
			out = append(out, by.text+strings.Join(names, "; ")+".")
		}
	}
	for _, b := range n.Broken {
		out = append(out, "Må rettes: "+catalogue.Text(language, b.Why))
	}
	return out
}

// missing names the fields that somebody has to fill in, each once.
func (n noticeView) missing(fill string) []string {
	var names []string
	for _, m := range n.Missing {
		if name := strings.ToLower(catalogue.Text(language, m.Name)); m.Fill == fill && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
