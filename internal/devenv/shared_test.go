package devenv

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestSharedServersServeAllWhoAsk(t *testing.T) {
	t.Parallel()
	services, err := ForTests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again, err := ForTests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if services != again {
		t.Errorf("asked twice: %v and %v", services, again)
	}
	execute(t, services.DatabaseURL, "SELECT 1")
}

func TestLockIsGivenBackByAKilledProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	// The child inherits the open file and with it the lock.
	lock, err := tryLock(path, syscall.LOCK_EX)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command("sleep", "600")
	child.ExtraFiles = []*os.File{lock.file}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lock.release()
	if _, err := tryLock(path, syscall.LOCK_EX); !errors.Is(err, errHeld) {
		t.Fatalf("err = %v, want that the child holds the lock", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil {
		t.Fatal("a killed child ended well")
	}
	// A child that another test was starting has a copy of the file from its fork
	// to its exec, a moment that a busy machine stretches.
	after, err := tryLock(path, syscall.LOCK_EX)
	for end := time.Now().Add(10 * time.Second); errors.Is(err, errHeld) && time.Now().Before(end); after, err = tryLock(path, syscall.LOCK_EX) {
		time.Sleep(time.Millisecond)
	}
	if err != nil {
		t.Fatalf("the lock outlived its holder: %v", err)
	}
	after.release()
}

// served is a server that does nothing but be stopped.
type served struct {
	once sync.Once
	done chan struct{}
}

func (s *served) Done() <-chan struct{} { return s.done }

func (s *served) Stop() error {
	s.once.Do(func() { close(s.done) })
	return nil
}

func TestKeeperEndsOnlyAfterTheLastUser(t *testing.T) {
	t.Parallel()
	s := shared{service: "fake", place: Place{Dir: t.TempDir()}}
	if err := s.write(running{Address: "here"}); err != nil {
		t.Fatal(err)
	}
	var users []*fileLock
	for range 2 {
		lock, err := tryLock(s.file("users"), syscall.LOCK_SH)
		if err != nil {
			t.Fatal(err)
		}
		users = append(users, lock)
	}
	life, err := tryLock(s.file("keeper"), syscall.LOCK_EX)
	if err != nil {
		t.Fatal(err)
	}
	server := &served{done: make(chan struct{})}
	ended := make(chan error, 1)
	ctx := t.Context()
	go func() { ended <- s.untilUnused(ctx, server, life, 200*time.Millisecond) }()
	users[0].release()
	select {
	case err := <-ended:
		t.Fatalf("ended with a user left: %v", err)
	case <-time.After(time.Second):
	}
	users[1].release()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	select {
	case <-server.done:
	default:
		t.Error("the server was not stopped")
	}
	if _, err := s.read(); err == nil {
		t.Error("the state file still says where the server listens")
	}
	if held, err := isHeld(s.file("keeper")); err != nil || held {
		t.Errorf("the keeper's lock is held: %v, %v", held, err)
	}
}

func TestOnlyOneDevRunsInACheckout(t *testing.T) {
	t.Parallel()
	checkout := testCheckout(t)
	release, err := LockDev(checkout)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LockDev(checkout); !errors.Is(err, errHeld) {
		t.Errorf("err = %v, want that dev already runs", err)
	}
	release()
	again, err := LockDev(checkout)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
