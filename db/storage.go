package db

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/internal/fault"
)

const (
	// storageWait bounds one call: the interface that Storage fills has no
	// context.
	storageWait = 5 * time.Second
	// purgeAfter is how often a process removes expired rows, and purgeMost how
	// many at a time. It is done along with a write, so it costs nothing while
	// nobody signs in; rows that wait for it are not given out.
	purgeAfter = 10 * time.Minute
	purgeMost  = 1000
)

// Storage keeps what browsers' cookies refer to, for Fiber's middleware (it has
// the methods of fiber.Storage). Keys are secrets and are stored hashed.
// Lifetimes are judged by the database's clock. It is safe for use by many
// goroutines.
type Storage struct {
	pool *pgxpool.Pool
	kind string
	idle time.Duration

	mu     sync.Mutex
	purged time.Time
}

// NewStorage makes the storage of one kind of entry; a key of one kind finds
// nothing of another. idle ends an entry that is not read for so long (to a
// thirtieth), zero lets each live its whole time. The pool's role is app.
func NewStorage(pool *pgxpool.Pool, kind string, idle time.Duration) *Storage {
	return &Storage{pool: pool, kind: kind, idle: idle}
}

func (s *Storage) hash(key string) []byte {
	sum := sha256.Sum256([]byte(s.kind + ":" + key))
	return sum[:]
}

// Get gives a value, nil where there is none or it has expired, and moves its
// idle limit on. It returns unavailable where the database cannot be asked.
func (s *Storage) Get(key string) ([]byte, error) {
	return s.value(`SELECT web_storage_get($1, $2)`, s.hash(key), s.idle)
}

// Take gives a value once: it is gone when Take returns, and of several callers
// at once one gets it. nil where there is none.
func (s *Storage) Take(key string) ([]byte, error) {
	return s.value(`SELECT web_storage_take($1)`, s.hash(key))
}

func (s *Storage) value(sql string, args ...any) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), storageWait)
	defer cancel()
	var value []byte
	err := s.pool.QueryRow(ctx, sql, args...).Scan(&value)
	return value, Fault(err)
}

// Set keeps a value for a lifetime; an empty key or value is ignored.
func (s *Storage) Set(key string, value []byte, lifetime time.Duration) error {
	if key == "" || len(value) == 0 {
		return nil
	}
	if lifetime <= 0 {
		return fault.New(fault.Internal, "web-storage.endless")
	}
	idle := s.idle
	if idle == 0 {
		idle = lifetime
	}
	ctx, cancel := context.WithTimeout(context.Background(), storageWait)
	defer cancel()
	if _, err := s.pool.Exec(ctx, `SELECT web_storage_put($1, $2, $3, $4)`, s.hash(key), value, idle, lifetime); err != nil {
		return Fault(err)
	}
	return s.purge(ctx)
}

// Delete forgets a value.
func (s *Storage) Delete(key string) error {
	_, err := s.Take(key)
	return err
}

// Reset is refused: to end all sessions at once is an operator's work in the
// database.
func (s *Storage) Reset() error { return fault.New(fault.Internal, "web-storage.reset") }

// Close does nothing: the pool is its owner's to close.
func (s *Storage) Close() error { return nil }

func (s *Storage) purge(ctx context.Context) error {
	s.mu.Lock()
	due := time.Since(s.purged) >= purgeAfter
	if due {
		s.purged = time.Now()
	}
	s.mu.Unlock()
	if !due {
		return nil
	}
	_, err := s.pool.Exec(ctx, `SELECT web_storage_purge($1)`, purgeMost)
	return Fault(err)
}
