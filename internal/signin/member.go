package signin

import (
	"context"
	"sync"
	"time"

	"github.com/fellesloft/fellesloft/db"
)

const (
	// membersFor is how long a membership that has been ended still counts.
	// Steering commands read roles again when they are carried out.
	membersFor = 20 * time.Second
	// maxMembers bounds the memory that subjects take.
	maxMembers = 10_000
)

// members remembers memberships for a moment, so that a client that sends many
// requests does not have each of them looked up.
type members struct {
	directory Directory
	now       func() time.Time

	mu    sync.Mutex
	known map[subject]remembered
}

type subject struct{ issuer, subject string }

type remembered struct {
	list  []db.Membership
	until time.Time
}

func newMembers(d Directory, now func() time.Time) *members {
	return &members{directory: d, now: now, known: map[subject]remembered{}}
}

func (m *members) of(ctx context.Context, issuer, of string) ([]db.Membership, error) {
	key := subject{issuer, of}
	m.mu.Lock()
	r, ok := m.known[key]
	m.mu.Unlock()
	if ok && m.now().Before(r.until) {
		return r.list, nil
	}
	list, err := m.directory.MembershipsOf(ctx, issuer, of)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxMembers {
		clear(m.known)
	}
	m.known[key] = remembered{list, m.now().Add(membersFor)}
	return list, nil
}
