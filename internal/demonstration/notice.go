package demonstration

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/fellesloft/fellesloft/internal/catalogue"
)

// noticeView is the notice's file, as far as the demonstration reads it. Names
// and reasons are keys of the catalogue.
type noticeView struct {
	Fields  []json.RawMessage `json:"fields"`
	Missing []struct {
		Name string `json:"name"`
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

// lacks lists what the notice lacks, each name once, and the rules that it
// breaks.
func (n noticeView) lacks() []string {
	var names []string
	times := map[string]int{}
	for _, m := range n.Missing {
		name := strings.ToLower(catalogue.Text(language, m.Name))
		if times[name]++; times[name] == 1 {
			names = append(names, name)
		}
	}
	for i, name := range names {
		if times[name] > 1 {
			names[i] = fmt.Sprintf("%s (%d steder)", name, times[name])
		}
	}
	var out []string
	if len(names) > 0 {
		out = append(out, "Mangler før den kan sendes: "+strings.Join(names, ", ")+".")
	}
	for _, b := range n.Broken {
		out = append(out, "Må rettes: "+catalogue.Text(language, b.Why))
	}
	return out
}
