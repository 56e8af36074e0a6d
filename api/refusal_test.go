package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// TestRefusals holds every way in which a request can be wrong before a use case
// sees it to one status, rule and field.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := begin(t)
	body := func(change string) []byte {
		b, err := json.Marshal(api.NewProcurement{Space: s.sandbox.ID, Plan: plan(s.sandbox.Now)})
		must(t, err)
		from, to, _ := strings.Cut(change, " → ")
		if !bytes.Contains(b, []byte(from)) {
			t.Fatalf("%s is not in %s", from, b)
		}
		return bytes.Replace(b, []byte(from), []byte(to), 1)
	}
	create := func(b []byte, headers map[string]string) call {
		return call{As: lead, Method: "POST", Path: "/procurements", Body: b, Headers: headers}
	}
	whole := body(" → ")
	for name, c := range map[string]struct {
		call        call
		status      int
		rule, field string
	}{
		"no token":             {call{Method: "GET", Path: s.path}, 401, "sign-in.needed", ""},
		"not a token":          {call{Method: "GET", Path: s.path, Headers: map[string]string{"Authorization": "Bearer a.b.c"}}, 401, "sign-in.token", ""},
		"not a bearer":         {call{Method: "GET", Path: s.path, Headers: map[string]string{"Authorization": "Basic YTpi"}}, 401, "sign-in.needed", ""},
		"stranger":             {call{As: "nobody.nowhere", Method: "GET", Path: s.path}, 403, "sign-in.not-a-member", ""},
		"other organisation":   {call{As: lead, Method: "GET", Path: s.path, Headers: map[string]string{"Fellesloft-Organisation": uuid.NewString()}}, 403, "sign-in.not-a-member", ""},
		"organisation":         {call{As: lead, Method: "GET", Path: s.path, Headers: map[string]string{"Fellesloft-Organisation": "Bodø"}}, 422, "sign-in.organisation-malformed", "Fellesloft-Organisation"},
		"unknown address":      {call{Method: "GET", Path: "/nothing"}, 404, "not-found", ""},
		"unknown page":         {call{Method: "GET", Path: api.Base + "/../nothing"}, 404, "not-found", ""},
		"unknown method":       {call{As: lead, Method: "PATCH", Path: s.path}, 405, "request.method", ""},
		"id":                   {call{As: lead, Method: "GET", Path: "/procurements/17"}, 422, "input.format", "id"},
		"nothing there":        {call{As: lead, Method: "GET", Path: "/procurements/" + uuid.NewString()}, 404, "not-found", ""},
		"not one's own":        {call{As: author(0), Method: "GET", Path: s.path}, 404, "not-found", ""},
		"role":                 {call{As: giver(seed.Participants()[1]), Method: "POST", Path: s.path + "/launch", Headers: map[string]string{"If-Match": "*"}}, 403, "permission.role", ""},
		"unknown parameter":    {call{As: lead, Method: "GET", Path: "/procurements?page=2"}, 422, "input.unknown-parameter", "page"},
		"repeated parameter":   {call{As: lead, Method: "GET", Path: "/procurements?limit=2&limit=3"}, 422, "input.repeated-parameter", "limit"},
		"parameter's type":     {call{As: lead, Method: "GET", Path: "/procurements?limit=many"}, 422, "input.type", "limit"},
		"parameter too great":  {call{As: lead, Method: "GET", Path: "/procurements?limit=1001"}, 422, "input.too-great", "limit"},
		"parameter with NUL":   {call{As: lead, Method: "GET", Path: "/procurements?after=%00"}, 422, "input.characters", "after"},
		"cursor":               {call{As: lead, Method: "GET", Path: "/procurements?after=x"}, 422, "input.cursor", "after"},
		"events cursor":        {call{As: lead, Method: "GET", Path: "/events?after=x"}, 422, "events.cursor", "after"},
		"no body":              {create(nil, map[string]string{"Content-Type": "application/json"}), 422, "input.body-missing", ""},
		"media type":           {create(whole, map[string]string{"Content-Type": "text/plain"}), 415, "request.media-type", ""},
		"packed":               {create(whole, map[string]string{"Content-Encoding": "gzip"}), 415, "request.content-encoding", ""},
		"too much JSON":        {create(bytes.Repeat([]byte(" "), 9<<20), nil), 413, "request.too-large", ""},
		"no JSON":              {create([]byte("{"), nil), 422, "input.json-malformed", ""},
		"no object":            {create([]byte("[]"), nil), 422, "input.type", ""},
		"unknown field":        {create(body(`"cpv": → "cvp":`), nil), 422, "input.unknown-field", "plan.cvp"},
		"field in other case":  {create(body(`"title": → "Title":`), nil), 422, "input.unknown-field", "plan.Title"},
		"unknown field, lot":   {create(body(`"estimated": → "estimate":`), nil), 422, "input.unknown-field", "plan.lots[0].estimate"},
		"repeated field":       {create(body(`{"space": → {"space":"","space":`), nil), 422, "input.repeated-field", "space"},
		"repeated field, same": {create([]byte(`{"participants":[],"participants":[]}`), nil), 422, "input.repeated-field", "participants"},
		"type of a field":      {create(body(`"months":48 → "months":"48"`), nil), 422, "input.type", "plan.framework.months"},
		"amount as a number":   {create(body(`"estimated":"20000000.00" → "estimated":20000000`), nil), 422, "money.malformed", "plan.lots[0].estimated"},
		"date":                 {create(body(`"awardOn":"20 → "awardOn":"x20`), nil), 422, "calendar.date-malformed", "plan.awardOn"},
		"NUL":                  {create(body(`"reference":"2026 → "reference":"\u00002026`), nil), 422, "input.characters", "plan.reference"},
		"rule of the plan":     {create(body(`"cpv":"48814000-7" → "cpv":"48"`), nil), 422, "plan.cpv", "plan.cpv"},
		"too many":             {create([]byte(`{"plan":{},"participants":[`+strings.TrimSuffix(strings.Repeat(`{"organisation":"`+uuid.NewString()+`","estimated":"1","maximum":"1"},`, 501), ",")+`]}`), nil), 422, "input.too-many", "participants"},
		"nested rule":          {create([]byte(`{"plan":{},"participants":[{"organisation":"`+uuid.Nil.String()+`","estimated":"1","maximum":"1"}]}`), nil), 422, "input.required", "participants[0].organisation"},
		"no key":               {create(whole, map[string]string{"Idempotency-Key": ""}), 422, "idempotency.key-missing", "Idempotency-Key"},
		"key":                  {create(whole, map[string]string{"Idempotency-Key": strings.Repeat("k", 101)}), 422, "idempotency.key-malformed", "Idempotency-Key"},
		"no version":           {call{As: lead, Method: "POST", Path: s.path + "/launch"}, 428, "request.version-missing", "If-Match"},
		"version":              {call{As: lead, Method: "POST", Path: s.path + "/launch", Headers: map[string]string{"If-Match": "7"}}, 422, "request.version-malformed", "If-Match"},
		"old version":          {call{As: lead, Method: "POST", Path: s.path + "/launch", Headers: map[string]string{"If-Match": `"7"`}}, 412, "case.version", ""},
		"either":               {call{As: lead, Method: "POST", Path: "/sandboxes/" + s.sandbox.ID.String() + "/advance", Body: map[string]any{}}, 422, "input.required", "to"},
		"backwards":            {call{As: lead, Method: "POST", Path: "/sandboxes/" + s.sandbox.ID.String() + "/advance", Body: map[string]any{"to": "2020-01-01T00:00:00Z"}}, 422, "sandbox.clock-back", "to"},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.do(c.call)
			a.t = t
			a.refused(c.status, c.rule, c.field)
		})
	}
}

// TestNotOnesOwnLooksAsIfMissing compares the answers byte for byte, but for the
// id of the request.
func TestNotOnesOwnLooksAsIfMissing(t *testing.T) {
	t.Parallel()
	s := begin(t)
	for _, rest := range []string{"", "/participants", "/requirements", "/documents", "/review", "/team", "/contracts", "/tenders", "/scores"} {
		var bodies []string
		for _, id := range []string{s.id.String(), uuid.NewString()} {
			a := s.do(call{As: author(0), Method: "GET", Path: "/procurements/" + id + rest})
			p := a.problem()
			p.Instance = ""
			text, err := json.Marshal(p)
			must(t, err)
			bodies = append(bodies, string(text))
		}
		if bodies[0] != bodies[1] {
			t.Errorf("%s: %s and %s", rest, bodies[0], bodies[1])
		}
	}
}

func TestEveryFaultIsTold(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a := s.do(call{As: lead, Method: "POST", Path: "/procurements", Body: []byte(`{"plan":{"title":1,"cvp":"","lots":[{"nr":1}]},"extra":true}`)})
	var fields []string
	for _, v := range a.problem().Errors {
		fields = append(fields, v.Rule+" "+v.Field)
	}
	want := "input.type plan.title, input.unknown-field plan.cvp, input.unknown-field plan.lots[0].nr, input.unknown-field extra"
	if got := strings.Join(fields, ", "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestTextsFollowTheLanguage(t *testing.T) {
	t.Parallel()
	s := api.New(api.Config{Log: slog.New(slog.DiscardHandler)})
	titles := map[string]string{}
	for accept, want := range map[string]string{"": "nb", "nb-NO,nb;q=0.9": "nb", "no": "nb", "nn": "nn", "en-GB": "en", "de, en;q=0.5": "en", "fr": "nb", ";;;": "nb"} {
		r := httptest.NewRequest(http.MethodGet, api.Base+"/nothing", nil)
		r.Header.Set("Accept-Language", accept)
		response, err := s.Web().Test(r)
		must(t, err)
		var p api.Problem
		must(t, json.NewDecoder(response.Body).Decode(&p))
		response.Body.Close()
		if got := response.Header.Get("Content-Language"); got != want {
			t.Errorf("%q is answered in %s, want %s", accept, got, want)
		}
		titles[want] = p.Title
	}
	if titles["nb"] == titles["en"] {
		t.Errorf("titles: %v", titles)
	}
}

type anybody struct{}

func (anybody) Authenticate(context.Context, string, string) (actor.Actor, error) {
	return actor.Actor{Kind: actor.Person, ID: uuid.New(), Org: uuid.New()}, nil
}

func (a anybody) Identify(ctx context.Context, token string) (actor.Actor, error) {
	return a.Authenticate(ctx, token, "")
}

// TestPanicsTellNothing sends a request to a server without use cases.
func TestPanicsTellNothing(t *testing.T) {
	t.Parallel()
	s := api.New(api.Config{SignIn: anybody{}, Log: slog.New(slog.DiscardHandler)})
	r := httptest.NewRequest(http.MethodGet, api.Base+"/procurements", nil)
	r.Header.Set("Authorization", "Bearer x")
	response, err := s.Web().Test(r)
	must(t, err)
	defer response.Body.Close()
	var p api.Problem
	must(t, json.NewDecoder(response.Body).Decode(&p))
	if response.StatusCode != http.StatusInternalServerError || p.Rule != "internal" || p.Instance == "" || p.Params != nil || p.Instance != "urn:uuid:"+response.Header.Get("X-Request-Id") {
		t.Errorf("%d %+v", response.StatusCode, p)
	}
}
