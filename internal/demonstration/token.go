package demonstration

import (
	"context"
	"sync"
)

// tokens keeps a token per subject. They outlive a demonstration.
type tokens struct {
	issue func(ctx context.Context, subject string) (string, error)
	mu    sync.Mutex
	known map[string]string
}

// of gives a subject's token. An issuer that does not answer is away, as the API
// may be.
func (t *tokens) of(ctx context.Context, subject string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if token, ok := t.known[subject]; ok {
		return token, nil
	}
	token, err := t.issue(ctx, subject)
	if err != nil {
		return "", &lostError{err}
	}
	t.known[subject] = token
	return token, nil
}
