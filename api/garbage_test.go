package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// TestNothingAClientSendsIsAFailureOfOurs sends requests that are nearly right,
// shaped by the document and then spoilt, to every operation in a procurement
// that is under way. do fails the test for any 5xx, for a refusal that is no
// problem document, and for an answer that the document does not know.
func TestNothingAClientSendsIsAFailureOfOurs(t *testing.T) {
	t.Parallel()
	s := begin(t)
	set := s.specify()
	s.mandates()
	s.publish()
	tender := s.tender(0)
	p := s.get()
	g := garbage{doc: documentOf(t), known: map[string]string{"id": s.id.String(), "tender": tender.String(), "sandbox": s.sandbox.ID.String()}, ids: []string{s.id.String(), s.sandbox.ID.String(), tender.String(), p.Plan.Lots[0].ID.String(), set.Requirements[0].ID.String(),
		seed.Participants()[1].ID().String(), uuid.NewString(), uuid.Nil.String()}}
	subjects := []string{lead, "apner-1.bodo", "evaluerer-1.bodo", giver(seed.Participants()[1]), buyer(seed.Participants()[2]), author(0), signatory(0), author(1)}
	operations := s.api.Operations()
	rapid.Check(t, func(r *rapid.T) {
		for range 8 {
			o := rapid.SampledFrom(operations).Draw(r, "operation")
			c := g.call(r, o)
			c.As = rapid.SampledFrom(subjects).Draw(r, "subject")
			if a := s.do(c); s.t.Failed() {
				r.Fatalf("%s %s as %s with %s %v: %d %s", c.Method, c.Path, c.As, c.Body, c.Headers, a.Status, a.Body)
			}
		}
	})
}

func documentOf(t *testing.T) *openapi3.T {
	t.Helper()
	text, err := api.New(api.Config{}).Document()
	must(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(text)
	must(t, err)
	return doc
}

// garbage makes requests out of the document.
type garbage struct {
	doc   *openapi3.T
	ids   []string
	known map[string]string // path parameters of what there is
}

func (g garbage) call(r *rapid.T, o api.Operation) call {
	described := g.doc.Paths.Find(o.Path).GetOperation(o.Method)
	path, query := o.Path, url.Values{}
	headers := map[string]string{}
	for _, p := range described.Parameters {
		switch v := p.Value; v.In {
		case "path":
			value := g.text(r, v.Schema.Value)
			if known, ok := g.known[v.Name]; ok && rapid.IntRange(1, 6).Draw(r, "known") > 1 {
				value = known
			}
			path = strings.ReplaceAll(path, "{"+v.Name+"}", url.PathEscape(value))
		case "query":
			if rapid.Bool().Draw(r, "given") {
				query.Set(v.Name, g.text(r, v.Schema.Value))
			}
		case "header":
			switch v.Name {
			case "If-Match":
				headers[v.Name] = rapid.SampledFrom([]string{"*", `"1"`, `W/"1"`, `"9223372036854775807"`, `"99999999999999999999"`, "x"}).Draw(r, "version")
			case "Idempotency-Key":
				headers[v.Name] = rapid.SampledFrom([]string{"same", uuid.NewString(), uuid.NewString(), strings.Repeat("k", 200)}).Draw(r, "key")
			}
		}
	}
	c := call{Method: o.Method, Path: path, Headers: headers}
	if len(query) > 0 {
		c.Path += "?" + query.Encode()
	}
	if described.RequestBody == nil {
		return c
	}
	if json := described.RequestBody.Value.Content.Get("application/json"); json != nil && json.Schema != nil {
		c.Body = g.body(r, json.Schema)
	} else {
		c.Body = []byte(rapid.String().Draw(r, "file"))
		headers["Content-Type"] = "text/plain"
	}
	return c
}

func (g garbage) body(r *rapid.T, s *openapi3.SchemaRef) []byte {
	b, err := json.Marshal(g.value(r, s.Value, 0))
	if err != nil {
		r.Fatal(err)
	}
	return b
}

// odd are values of a wrong type, beyond a limit, or fit to break what does not
// expect them.
var odd = []any{nil, true, 0, -1, 1e300, 9223372036854775807, "", " ", "x", "\x00", "\u202e", strings.Repeat("æ", 9000), "1e999999", "99999999999999999999.99", "-0.01",
	"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2199-12-31", "2026-02-30", []any{}, []any{nil}, map[string]any{}, map[string]any{"x": 1}}

func (g garbage) value(r *rapid.T, s *openapi3.Schema, depth int) any {
	const oneIn = 60
	if depth > 6 || rapid.IntRange(1, oneIn).Draw(r, "odd") == 1 {
		return rapid.SampledFrom(odd).Draw(r, "value")
	}
	switch {
	case s.Type.Is("object") || s.Properties != nil:
		return g.object(r, s, depth)
	case s.Items != nil:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(r, "items") {
			list = append(list, g.value(r, s.Items.Value, depth+1))
		}
		return list
	case s.Type.Includes("integer") || s.Type.Includes("number"):
		return rapid.OneOf(rapid.IntRange(-2, 100), rapid.Int()).Draw(r, "number")
	case s.Type.Includes("boolean"):
		return rapid.Bool().Draw(r, "flag")
	}
	return g.text(r, s)
}

func (g garbage) object(r *rapid.T, s *openapi3.Schema, depth int) any {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if rapid.IntRange(1, 16).Draw(r, "left out") > 1 {
			out[name] = g.value(r, s.Properties[name].Value, depth+1)
		}
	}
	if a := s.AdditionalProperties.Schema; a != nil {
		out[rapid.SampledFrom(g.ids).Draw(r, "key")] = g.value(r, a.Value, depth+1)
	}
	return out
}

func (g garbage) text(r *rapid.T, s *openapi3.Schema) string {
	switch {
	case len(s.Enum) > 0:
		return fmt.Sprint(rapid.SampledFrom(append(slices.Clone(s.Enum), "x")).Draw(r, "choice"))
	case s.Type.Is("integer"):
		return fmt.Sprint(rapid.IntRange(-1, 1200).Draw(r, "number"))
	case s.Format == "uuid":
		return rapid.SampledFrom(g.ids).Draw(r, "id")
	case s.Format == "date-time":
		return rapid.SampledFrom([]string{"2026-11-30T12:00:00+01:00", "2027-06-01T10:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z"}).Draw(r, "instant")
	case strings.Contains(s.Description, "2006-01-02"):
		return rapid.SampledFrom([]string{"2026-12-01", "2027-03-01", "1900-01-01", "2199-12-31", ""}).Draw(r, "date")
	case strings.Contains(s.Description, "kroner"):
		return rapid.SampledFrom([]string{"0", "1000000.00", "-1", "92233720368547758.07", "1000000000000.00"}).Draw(r, "amount")
	}
	return rapid.OneOf(rapid.SampledFrom([]string{"", "1", "10", "nb", "quality", "48814000-7", "NO071", "2026/42", "'; --", strings.Repeat("a", 3000)}), rapid.StringMatching(`[a-zæøå0-9 %_]{1,40}`)).Draw(r, "text")
}
