package api

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/fault"
)

type sample struct {
	Embedded
	Text   string            `json:"text"`
	Number int               `json:"number"`
	Flag   bool              `json:"flag,omitempty"`
	List   []sample          `json:"list,omitempty"`
	Map    map[string]string `json:"map,omitempty"`
	One    *sample           `json:"one,omitempty"`
	At     time.Time         `json:"at,omitzero"`
	On     calendar.Date     `json:"on,omitzero"`
	Amount money.NOK         `json:"amount"`
	ID     uuid.UUID         `json:"id"`
	Raw    json.RawMessage   `json:"raw,omitempty"`
	Secret string            `json:"-"`
}

// Embedded gives its fields to what embeds it.
type Embedded struct {
	Inner string `json:"inner"`
	Text  string `json:"text"` // hidden by the outer one
}

func TestStrictJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`: "", `{"text":"Bodø\n"}`: "", `{"inner":"x"}`: "", `{"one":null,"list":null,"map":null,"at":"2026-01-02T03:04:05Z"}`: "",
		`{"raw":{"anything":[1,2]}}`: "", ` {"number":1} `: "",
		`{"Secret":""}`:                     "input.unknown-field Secret",
		`{"-":""}`:                          "input.unknown-field -",
		`{"Text":""}`:                       "input.unknown-field Text",
		`{"Embedded":{}}`:                   "input.unknown-field Embedded",
		`{"list":[{},{"x":1}]}`:             "input.unknown-field list[1].x",
		`{"one":{"list":[{"number":1.5}]}}`: "input.type one.list[0].number",
		`{"number":99999999999999999999}`:   "input.type number",
		`{"text":"a","text":"b"}`:           "input.repeated-field text",
		`{"text":"a\u0000"}`:                "input.characters text",
		`{"text":"\ud800"}`:                 "input.characters text",
		`{"raw":{"a":["\u0000"]}}`:          "input.characters raw",
		`{"map":{"a\u0000":"b"}}`:           "input.characters map.a?",
		`{"at":"yesterday"}`:                "input.format at",
		`{"id":"17"}`:                       "input.format id",
		`{"on":"2026-02-30"}`:               "calendar.date-malformed on",
		`{"amount":"1.001"}`:                "money.decimals amount",
		`{"list":{}}`:                       "input.type list",
		`{"map":[]}`:                        "input.type map",
		`{} {}`:                             "input.json-malformed ",
		`{"text":}`:                         "input.json-malformed ",
		``:                                  "input.json-malformed ",
		`null`:                              "input.type ",
		strings.Repeat(`{"one":`, 70) + `{}` + strings.Repeat(`}`, 70): "input.too-deep " + strings.TrimSuffix(strings.Repeat("one.", 33), "."),
	} {
		var v sample
		got := ""
		if f, ok := fault.As(decodeJSON([]byte(text), &v)); ok {
			got = f.Rule + " " + f.Field
		}
		if got != want {
			t.Errorf("%.60s: %q, want %q", text, got, want)
		}
	}
}

// TestStrictJSONReadsWhatIsWritten holds the decoder to the standard one for
// everything that a program of ours writes.
func TestStrictJSONReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	text := rapid.StringMatching(`[a-zæøå \n"\\<>&]{0,12}`)
	var samples func(depth int) *rapid.Generator[sample]
	samples = func(depth int) *rapid.Generator[sample] {
		return rapid.Custom(func(r *rapid.T) sample {
			s := sample{Text: text.Draw(r, "text"), Number: rapid.Int().Draw(r, "number"), Flag: rapid.Bool().Draw(r, "flag"), Amount: money.NOK(rapid.Int64Range(-1e17, 1e17).Draw(r, "amount"))}
			s.Inner = text.Draw(r, "inner")
			s.Map = rapid.MapOfN(text, text, 0, 3).Draw(r, "map")
			s.At = time.Unix(rapid.Int64Range(0, 4e9).Draw(r, "at"), 0).UTC()
			if depth > 0 {
				s.List = rapid.SliceOfN(samples(depth-1), 0, 3).Draw(r, "list")
				one := samples(depth-1).Draw(r, "one")
				s.One = &one
			}
			return s
		})
	}
	rapid.Check(t, func(r *rapid.T) {
		in := samples(2).Draw(r, "sample")
		written, err := json.Marshal(in)
		if err != nil {
			r.Fatal(err)
		}
		var got, want sample
		if err := json.Unmarshal(written, &want); err != nil {
			r.Fatal(err)
		}
		if err := decodeJSON(written, &got); err != nil {
			r.Fatalf("%s: %v", written, err)
		}
		if !reflect.DeepEqual(got, want) {
			r.Fatalf("%s: %+v, want %+v", written, got, want)
		}
	})
}

// TestStrictJSONAcceptsNoMore holds it never to accept what the standard decoder
// refuses, and never to panic.
func TestStrictJSONAcceptsNoMore(t *testing.T) {
	t.Parallel()
	fragments := rapid.SampledFrom([]string{`{`, `}`, `[`, `]`, `,`, `:`, `"text"`, `"list"`, `"one"`, `"map"`, `"number"`, `null`, `1`, `"x"`, `true`, `"\u0000"`, `"id"`, ` `})
	rapid.Check(t, func(r *rapid.T) {
		text := strings.Join(rapid.SliceOfN(fragments, 0, 14).Draw(r, "fragments"), "")
		var got, want sample
		if decodeJSON([]byte(text), &got) != nil {
			return
		}
		if err := json.Unmarshal([]byte(text), &want); err != nil || !reflect.DeepEqual(got, want) {
			r.Fatalf("%s: %+v, standard %+v %v", text, got, want, err)
		}
	})
}
