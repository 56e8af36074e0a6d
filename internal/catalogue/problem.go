package catalogue

import (
	"maps"
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Problem gives the title and the explanation of a refusal: what is wrong and
// what to do. Params are the fault's; "paragraph", where given, ends the
// explanation, and "field" is a JSON path. A rule without a text of its own, as
// the program's own failures are, gets the general one.
func Problem(lang, rule string, params map[string]string) (title, detail string) {
	p := maps.Clone(params)
	if p == nil {
		p = map[string]string{}
	}
	if p["field"] != "" {
		p["field"] = Field(lang, p["field"])
	}
	title, ok := text(lang, "problem."+rule+".title", p)
	if !ok {
		return Text(lang, "problem.internal.title"), Text(lang, "problem.internal.detail")
	}
	detail = Text(lang, "problem."+rule+".detail", p)
	if paragraph := p["paragraph"]; paragraph != "" {
		detail = strings.TrimSuffix(detail, ".") + " (" + paragraph + ")."
	}
	return title, detail
}

// Fault gives the text of a fault, with its paragraph. Internal faults always
// get the general text: what went wrong inside is for the log.
func Fault(lang string, e *fault.Error) (title, detail string) {
	if e.Kind == fault.Internal {
		return Problem(lang, "internal", nil)
	}
	p := map[string]string{}
	maps.Copy(p, e.Params)
	p["paragraph"], p["field"] = e.Paragraph, e.Field
	return Problem(lang, e.Rule, p)
}

// index splits "lots[1]" into "lots" and the number that people count by, "2".
func index(segment string) (name, number string) {
	name, rest, ok := strings.Cut(segment, "[")
	if !ok {
		return name, ""
	}
	if n, err := strconv.Atoi(strings.TrimSuffix(rest, "]")); err == nil {
		return name, strconv.Itoa(n + 1)
	}
	return name, ""
}
