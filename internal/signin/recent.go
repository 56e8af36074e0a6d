package signin

import (
	"sync"
	"time"
)

const (
	// recentFor is how long what was looked up still counts: a membership that
	// has been ended, a permission or a key that has been taken back. Steering commands
	// read roles again when they are carried out.
	recentFor = 20 * time.Second
	// maxRecent bounds the memory that callers take.
	maxRecent = 10_000
)

// recent remembers what was looked up for a moment, so that a client that sends
// many requests does not have each of them looked up. Failures are not
// remembered.
type recent[K comparable, V any] struct {
	now func() time.Time

	mu    sync.Mutex
	known map[K]remembered[V]
}

type remembered[V any] struct {
	value V
	until time.Time
}

func newRecent[K comparable, V any](now func() time.Time) *recent[K, V] {
	return &recent[K, V]{now: now, known: map[K]remembered[V]{}}
}

func (r *recent[K, V]) get(key K, look func() (V, error)) (V, error) {
	r.mu.Lock()
	known, ok := r.known[key]
	r.mu.Unlock()
	asked := r.now()
	if ok && asked.Before(known.until) {
		return known.value, nil
	}
	value, err := look()
	if err != nil {
		return value, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.known) >= maxRecent {
		clear(r.known)
	}
	// From before the look-up: a slow answer is no newer than its question.
	r.known[key] = remembered[V]{value, asked.Add(recentFor)}
	return value, nil
}

// forget drops what is remembered under a key, after it has changed.
func (r *recent[K, V]) forget(key K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, key)
}
