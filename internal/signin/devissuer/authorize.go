package devissuer

import (
	"bytes"
	"crypto/rand"
	_ "embed"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Person is a made-up one who can be chosen in the browser.
type Person struct {
	Subject string
	Name    string
	// Note tells people apart on the page: what the person does, and where.
	Note string
	// Represents are organisations that the ID token says the person represents,
	// where the program asks for rights to represent.
	Represents []Organisation
	// More are claims of the ID token beside the usual ones, or instead of them.
	More map[string]any
}

// Organisation is one that a person represents.
type Organisation struct{ Number, Name string }

// Option changes an issuer.
type Option func(*Issuer)

// WithPeople lists who can be chosen in the browser. Without it any subject may
// be typed.
func WithPeople(people []Person) Option {
	return func(i *Issuer) { i.browser.people = people }
}

// codeFor is how long a code can be exchanged.
const codeFor = time.Minute

// browser is the part of the issuer that signs people in.
type browser struct {
	people []Person

	mu    sync.Mutex
	codes map[string]code
}

// code stands for a person who has been chosen.
type code struct {
	client, redirect, challenge string
	nonce, acr                  string
	// asked are the types of rights to represent, with the resource of each.
	asked []asked
	who   Person
	until time.Time
}

// withBrowser adds the pages and the exchange of codes to the issuer's own
// handler.
func (i *Issuer) withBrowser(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", next)
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		m := i.metadata()
		maps.Copy(m, map[string]any{
			"authorization_endpoint": i.url + "/authorize", "end_session_endpoint": i.url + "/end-session",
			"response_types_supported": []string{"code"}, "code_challenge_methods_supported": []string{"S256"},
			"token_endpoint_auth_methods_supported":          []string{"none", "client_secret_basic", "private_key_jwt"},
			"authorization_response_iss_parameter_supported": true,
		})
		answer(w, m)
	})
	mux.HandleFunc("GET /authorize", i.choose)
	mux.HandleFunc("POST /authorize", i.chosen)
	mux.HandleFunc("GET /end-session", i.endSession)
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		if form, ok := codeForm(r); ok {
			i.exchange(w, r, form)
			return
		}
		next.ServeHTTP(w, r)
	})
	return mux
}

//go:embed authorize.gohtml
var pageText string

var page = template.Must(template.New("authorize").Parse(pageText))

// choose shows who can be chosen.
func (i *Issuer) choose(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if why := wrongRequest(q); why != "" {
		http.Error(w, why, http.StatusBadRequest)
		return
	}
	var text bytes.Buffer
	if err := page.Execute(&text, map[string]any{"People": i.browser.people, "Request": r.URL.RawQuery}); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(text.Bytes())
}

// wrongRequest says what is wrong with a request of a program, "" for nothing.
// It is as strict as Ansattporten: PKCE, state and nonce are needed.
func wrongRequest(q url.Values) string {
	redirect, err := url.Parse(q.Get("redirect_uri"))
	switch {
	case err != nil || (redirect.Scheme != "http" && redirect.Scheme != "https") || (!isLoopback(redirect.Host) && redirect.Hostname() != "localhost"):
		return "redirect_uri must be on this host"
	case q.Get("response_type") != "code":
		return "response_type must be code"
	case q.Get("client_id") == "":
		return "client_id is missing"
	case !slices.Contains(strings.Fields(q.Get("scope")), "openid"):
		return "scope must hold openid"
	case q.Get("state") == "" || q.Get("nonce") == "":
		return "state and nonce are needed"
	case q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "":
		return "PKCE with S256 is needed"
	}
	return ""
}

// chosen sends the browser back with a code, or with a refusal.
func (i *Issuer) chosen(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, largest)
	q, err := url.ParseQuery(r.PostFormValue("request"))
	if err != nil || wrongRequest(q) != "" {
		http.Error(w, "the request is not whole", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}, "iss": {i.url}}
	who, ok := i.browser.person(r.PostFormValue("subject"))
	switch {
	case r.PostFormValue("cancel") != "":
		back.Set("error", "access_denied")
	case !ok:
		http.Error(w, "nobody of that name", http.StatusBadRequest)
		return
	default:
		back.Set("code", i.browser.issue(code{client: q.Get("client_id"), redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"),
			nonce: q.Get("nonce"), acr: acrOf(q.Get("acr_values")), asked: askedOf(q.Get("authorization_details")), who: who, until: i.now().Add(codeFor)}))
	}
	w.Header().Set("Location", q.Get("redirect_uri")+"?"+back.Encode())
	w.WriteHeader(http.StatusSeeOther)
}

func (b *browser) person(subject string) (Person, bool) {
	if len(b.people) == 0 {
		return Person{Subject: subject, Name: subject}, subject != ""
	}
	at := slices.IndexFunc(b.people, func(p Person) bool { return p.Subject == subject })
	if at < 0 {
		return Person{}, false
	}
	return b.people[at], true
}

func (b *browser) issue(c code) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.codes == nil {
		b.codes = map[string]code{}
	}
	id := rand.Text()
	b.codes[id] = c
	return id
}

// acrOf takes the level that is asked for first.
func acrOf(wanted string) string {
	if all := strings.Fields(wanted); len(all) > 0 {
		return all[0]
	}
	return "high"
}

func (i *Issuer) endSession(w http.ResponseWriter, r *http.Request) {
	to, err := url.Parse(r.URL.Query().Get("post_logout_redirect_uri"))
	if err != nil || (!isLoopback(to.Host) && to.Hostname() != "localhost") {
		http.Error(w, "post_logout_redirect_uri must be on this host", http.StatusBadRequest)
		return
	}
	w.Header().Set("Location", to.String())
	w.WriteHeader(http.StatusSeeOther)
}
