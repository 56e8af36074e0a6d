package mail

import (
	"encoding/json"
	"html/template"
	"mime"
	"net/http"
)

var page = template.Must(template.New("mail").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Mail that was sent</title>
<meta name="viewport" content="width=device-width">
<h1>Mail that was sent</h1>
<p>Nothing here has left this machine. The newest is first; {{len .}} messages.
The same as JSON: <a href="/messages">/messages</a>, for one recipient <code>/messages?to=…</code></p>
{{range .}}<article>
<h2>{{.Subject}}</h2>
<p>To {{range .To}}<a href="/?to={{.}}">{{.}}</a> {{end}}· <time>{{.At.Format "2006-01-02 15:04:05 MST"}}</time></p>
<pre style="white-space: pre-wrap">{{.Text}}</pre>
</article>
{{else}}<p>Nothing has been sent yet.</p>
{{end}}</html>
`))

// ServeHTTP shows what was caught: / as a page, /messages as JSON, both with
// ?to= for one recipient.
func (c *Catcher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	messages := c.Messages(r.URL.Query().Get("to"))
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case r.Method != http.MethodGet:
		http.Error(w, "only GET", http.StatusMethodNotAllowed)
	case r.URL.Path == "/messages":
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(messages) // a reader that left needs no answer
	case r.URL.Path == "/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		_ = page.Execute(w, messages) // as above
	default:
		http.NotFound(w, r)
	}
}

// decodeHeader gives the text of an encoded header, or the header itself where
// it cannot be decoded.
func decodeHeader(s string) string {
	var d mime.WordDecoder
	if text, err := d.DecodeHeader(s); err == nil {
		return text
	}
	return s
}
