package db_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/fault"
)

var _ fiber.Storage = (*db.Storage)(nil)

// shelf is a storage whose rows can be made older.
type shelf struct {
	*db.Storage
	t  *testing.T
	db *dbtest.DB
}

func newShelf(t *testing.T, idle time.Duration) shelf {
	t.Helper()
	d := dbtest.New(t)
	return shelf{db.NewStorage(d.Pool(db.RoleApp), "session", idle), t, d}
}

func (s shelf) wait(by time.Duration) {
	s.t.Helper()
	s.db.Exec(dbtest.Super, `UPDATE web_storage SET expires_at = expires_at - $1::interval, ends_at = ends_at - $1::interval`, by)
}

func (s shelf) want(key, value string) {
	s.t.Helper()
	got, err := s.Get(key)
	if err != nil || string(got) != value || (value == "" && got != nil) {
		s.t.Fatalf("%s is %q: %v, want %q", key, got, err, value)
	}
}

func (s shelf) put(key, value string, lifetime time.Duration) {
	s.t.Helper()
	if err := s.Set(key, []byte(value), lifetime); err != nil {
		s.t.Fatal(err)
	}
}

func TestStorageKeepsAndForgets(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 0)
	s.want("a", "")
	s.put("a", "one", time.Hour)
	s.want("a", "one")
	s.put("a", "two", time.Hour)
	s.want("a", "two")
	s.put("", "x", time.Hour)
	s.want("", "")
	if err := s.Delete("a"); err != nil {
		t.Fatal(err)
	}
	s.want("a", "")
	if err := s.Delete("a"); err != nil {
		t.Errorf("to delete again: %v", err)
	}
	if err := s.Set("a", []byte("x"), 0); fault.RuleOf(err) != "web-storage.endless" {
		t.Errorf("a value without end: %v", err)
	}
	if err := s.Reset(); err == nil {
		t.Error("all sessions can be deleted by a program")
	}
}

func TestKindsAreApart(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 0)
	s.put("a", "one", time.Hour)
	if got, err := db.NewStorage(s.db.Pool(db.RoleApp), "other", 0).Get("a"); got != nil || err != nil {
		t.Errorf("a key of another kind finds %q: %v", got, err)
	}
}

func TestStorageLimits(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 30*time.Minute)
	s.put("idle", "x", 8*time.Hour)
	s.put("used", "x", 8*time.Hour)
	s.put("short", "x", 10*time.Minute)
	s.wait(20 * time.Minute)
	s.want("short", "")
	s.want("used", "x")
	s.wait(20 * time.Minute)
	s.want("idle", "")
	for range 21 { // used every 20 minutes until 7:40 have gone
		s.want("used", "x")
		s.wait(20 * time.Minute)
	}
	s.want("used", "x")
	s.wait(20 * time.Minute)
	s.want("used", "")
}

func TestOneTakes(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 0)
	s.put("a", "one", time.Hour)
	var got atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if v, err := s.Take("a"); err != nil {
				t.Error(err)
			} else if v != nil {
				got.Add(1)
			}
		})
	}
	all.Wait()
	if got.Load() != 1 {
		t.Errorf("%d took it", got.Load())
	}
	s.put("old", "x", time.Minute)
	s.wait(time.Hour)
	if v, err := s.Take("old"); v != nil || err != nil {
		t.Errorf("an expired value is given: %q %v", v, err)
	}
}

// A leaked row does not name the cookie that it belongs to.
func TestRowsHoldNoKeys(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 0)
	s.put("the-secret", "x", time.Hour)
	var row string
	if err := s.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT w::text || encode(key, 'escape') FROM web_storage w`).Scan(&row); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(row, "the-secret") {
		t.Error("the key stands in the row")
	}
	var key []byte
	if err := s.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT key FROM web_storage`).Scan(&key); err != nil {
		t.Fatal(err)
	}
	s.want(string(key), "")
}

func TestExpiredRowsArePurged(t *testing.T) {
	t.Parallel()
	s := newShelf(t, 0)
	s.put("a", "x", time.Minute) // purges, and finds nothing
	s.wait(time.Hour)
	again := db.NewStorage(s.db.Pool(db.RoleApp), "session", 0)
	if err := again.Set("b", []byte("x"), time.Hour); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := s.db.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT count(*) FROM web_storage`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows: %v", n, err)
	}
}

func TestOnlyAppReachesTheStorage(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for _, role := range []string{db.RoleEngine, db.RoleAnyone} {
		if _, err := d.Pool(role).Exec(t.Context(), `SELECT web_storage_get('\x00', '1 minute')`); !denied(err) {
			t.Errorf("%s: %v", role, err)
		}
	}
	for _, statement := range []string{`SELECT 1 FROM web_storage`, `DELETE FROM web_storage`, `UPDATE web_storage SET value = ''`, `INSERT INTO web_storage VALUES ('', '', now(), now())`} {
		if _, err := d.Pool(db.RoleApp).Exec(t.Context(), statement); !denied(err) {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
