package signin

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// throttled fetches an issuer's keys at most once in a while and gives the last
// answer in between, since every token with an unknown key id asks for them.
type throttled struct {
	base http.RoundTripper
	now  func() time.Time

	mu   sync.Mutex
	at   time.Time
	last []byte
	err  error
}

// RoundTrip serves the one address of the keys.
func (t *throttled) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at.IsZero() || t.now().Sub(t.at) >= againAfter {
		t.at = t.now()
		t.last, t.err = t.fetch(r)
	}
	if t.err != nil {
		return nil, t.err
	}
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(t.last)), ContentLength: int64(len(t.last)), Request: r}, nil
}

func (t *throttled) fetch(r *http.Request) ([]byte, error) {
	base := t.base
	if base == nil {
		base = http.DefaultTransport
	}
	answer, err := base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, errors.New("keys answered " + answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, maxFetched))
}

// failing reports whether the keys could not be had when last asked for.
func (t *throttled) failing() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err != nil
}
