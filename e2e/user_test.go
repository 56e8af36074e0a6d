package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// user is one who can sign in, and has nothing but the HTTP API.
type user struct {
	s       *stack
	subject string
}

func (s *stack) as(subject string) user { return user{s, subject} }

// answer is what the API answered.
type answer struct {
	status   int
	location string
	version  int64 // of the ETag
	body     []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.body) }

// rule is the rule of a problem document, "" where the answer is none.
func (a answer) rule() string {
	var p struct {
		Rule string `json:"rule"`
	}
	_ = json.Unmarshal(a.body, &p) // not a problem: no rule
	return p.Rule
}

// send sends one request one time. key and version are left out when empty. The
// error is that of a request that got no answer.
func (u user) send(ctx context.Context, method, path, key, version, mediaType string, body []byte) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, u.s.base+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	token, err := u.s.token(u.subject)
	if err != nil {
		return answer{}, err
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + token, "Content-Type": mediaType, "Idempotency-Key": key, "If-Match": version} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: response.StatusCode, location: response.Header.Get("Location"), body: text}
	if tag, err := strconv.Unquote(response.Header.Get("ETag")); err == nil {
		a.version, _ = strconv.ParseInt(tag, 10, 64) // 0 for what is no version
	}
	return a, nil
}

func (s *stack) token(subject string) (string, error) {
	if token, ok := s.tokens.Load(subject); ok {
		return token.(string), nil //nolint:forcetypeassert,errcheck // only tokens are stored
	}
	token, err := s.issuer.Token(subject, "", nil)
	if err == nil {
		s.tokens.Store(subject, token)
	}
	return token, err
}

// try sends a request and gives whatever was answered; the test fails where
// nobody answers.
func (u user) try(method, path, version string, in any) answer {
	u.s.t.Helper()
	body, mediaType := encode(u, in)
	key := ""
	if method == http.MethodPost {
		key = uuid.NewString()
	}
	ctx, cancel := context.WithTimeout(u.s.t.Context(), time.Minute)
	defer cancel()
	a, err := u.send(ctx, method, path, key, version, mediaType, body)
	if err != nil {
		u.s.t.Fatalf("%s %s by %s was not answered: %v", method, path, u.subject, err)
	}
	return a
}

func encode(u user, in any) (body []byte, mediaType string) {
	u.s.t.Helper()
	if in == nil {
		return nil, ""
	}
	body, err := json.Marshal(in)
	must(u.s.t, err)
	return body, "application/json"
}

// ask sends a request that must succeed, and decodes the answer.
func (u user) ask(method, path, version string, in, out any) answer {
	u.s.t.Helper()
	a := u.try(method, path, version, in)
	if a.status/100 != 2 {
		u.s.t.Fatalf("%s %s by %s: %s", method, path, u.subject, a)
	}
	if out != nil {
		if err := json.Unmarshal(a.body, out); err != nil {
			u.s.t.Fatalf("%s %s: %v\n%s", method, path, err, a.body)
		}
	}
	return a
}

func (u user) get(path string, out any) {
	u.s.t.Helper()
	u.ask(http.MethodGet, path, "", nil, out)
}

func (u user) post(path string, in, out any) {
	u.s.t.Helper()
	u.ask(http.MethodPost, path, "*", in, out)
}

func (u user) put(path string, in, out any) {
	u.s.t.Helper()
	u.ask(http.MethodPut, path, "*", in, out)
}

// upload sends a file.
func (u user) upload(path, mediaType string, content []byte) {
	u.s.t.Helper()
	a, err := u.send(u.s.t.Context(), http.MethodPost, path, uuid.NewString(), "", mediaType, content)
	must(u.s.t, err)
	if a.status/100 != 2 {
		u.s.t.Fatalf("POST %s by %s: %s", path, u.subject, a)
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

func quoted(version int64) string { return strconv.Quote(strconv.FormatInt(version, 10)) }
