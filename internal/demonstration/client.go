package demonstration

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
)

const (
	// patience is how long one request is repeated while the API is away.
	patience   = 60 * time.Second
	firstPause = 100 * time.Millisecond
	longPause  = 2 * time.Second
	// oneTry is longer than the server's own deadline for a request.
	oneTry    = 45 * time.Second
	maxAnswer = 32 << 20
)

// client sends requests to the API as the demonstration's users. Its methods
// are safe for concurrent use.
type client struct {
	base     string // with the API's path, without a slash at the end
	language string
	http     *http.Client
	tokens   tokens
	newKey   func() string
	now      func() time.Time
	pause    func(context.Context, time.Duration) error
}

func newClient(base, language string, token func(context.Context, string) (string, error)) *client {
	return &client{
		base: base, language: language, http: &http.Client{Timeout: oneTry}, tokens: tokens{issue: token, known: map[string]string{}},
		newKey: uuid.NewString, now: time.Now, pause: pause,
	}
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// call is one request. It is repeated as it stands, so its effect is the same
// however often it is sent.
type call struct {
	method, path string
	as           string // the subject that asks; "" for the public
	version      int64  // the version that a change was decided on; 0 for any
	versioned    bool   // the operation wants a version
	body         any    // JSON, unless raw is given
	raw          []byte
	mediaType    string // of raw
	out          any    // what the answer is decoded into; nil for none
}

// answer is what came back.
type answer struct {
	status   int
	location string
	name     string // the file's, where the answer is one
	body     []byte
	version  int64
}

// do sends a call until it is answered. It returns a *RefusalError for a refusal, and
// the last failure when the API stays away for longer than patience.
func (c *client) do(ctx context.Context, r call) (answer, error) {
	body, mediaType, err := r.encode()
	if err != nil {
		return answer{}, err
	}
	key := ""
	if r.method == http.MethodPost {
		key = c.newKey()
	}
	until, wait := c.now().Add(patience), firstPause
	for unsure := false; ; {
		a, err := c.once(ctx, r, body, mediaType, key, unsure)
		if err == nil || !passing(err) || ctx.Err() != nil {
			return a, err
		}
		if !c.now().Add(wait).Before(until) {
			return a, fmt.Errorf("%s %s was not answered for %s: %w", r.method, r.path, patience, err)
		}
		unsure = true
		if err := c.pause(ctx, wait); err != nil {
			return a, err
		}
		wait = min(2*wait, longPause)
	}
}

func (r call) encode() (body []byte, mediaType string, err error) {
	if r.raw != nil || r.body == nil {
		return r.raw, r.mediaType, nil
	}
	body, err = json.Marshal(r.body)
	if err != nil {
		return nil, "", fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	return body, "application/json", nil
}

// once sends a call one time. unsure tells that an earlier try may have had its
// effect. A POST is then told apart by its key; a PUT or PATCH sets the same
// values again and goes by no version, which that effect may have raised.
func (c *client) once(ctx context.Context, r call, body []byte, mediaType, key string, unsure bool) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, c.base+r.path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if r.as != "" {
		token, err := c.tokens.of(ctx, r.as)
		if err != nil {
			return answer{}, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Accept-Language", c.language)
	if mediaType != "" {
		req.Header.Set("Content-Type", mediaType)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	if r.versioned {
		req.Header.Set("If-Match", "*")
		if r.version > 0 && (key != "" || !unsure) {
			req.Header.Set("If-Match", strconv.Quote(strconv.FormatInt(r.version, 10)))
		}
	}
	res, err := c.http.Do(req)
	if err != nil {
		return answer{}, &lostError{err}
	}
	defer res.Body.Close()
	return read(res, r.out)
}

func read(res *http.Response, out any) (answer, error) {
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return answer{}, &lostError{err}
	}
	a := answer{status: res.StatusCode, location: res.Header.Get("Location"), body: body, version: versionOf(res.Header.Get("ETag"))}
	if _, params, err := mime.ParseMediaType(res.Header.Get("Content-Disposition")); err == nil {
		a.name = params["filename"]
	}
	if res.StatusCode >= http.StatusBadRequest {
		return a, problemOf(res, body)
	}
	if out == nil {
		return a, nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return a, fmt.Errorf("%s %s: read the answer: %w", res.Request.Method, res.Request.URL.Path, err)
	}
	return a, nil
}

func versionOf(etag string) int64 {
	text, err := strconv.Unquote(etag)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// lostError is a request that got no answer: whether it had its effect is not
// known.
type lostError struct{ err error }

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

// passing reports whether the same request may be answered in a while: nobody
// answered, a part of the program is away, or the first try of the request is
// still being worked on.
func passing(err error) bool {
	var lost *lostError
	if errors.As(err, &lost) {
		return true
	}
	var p *RefusalError
	if !errors.As(err, &p) {
		return false
	}
	switch p.Status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusTooManyRequests:
		return true
	}
	return p.Rule == "idempotency.in-progress"
}
