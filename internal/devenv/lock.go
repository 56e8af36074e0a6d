package devenv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// fileLock is a lock between processes. The system gives it back when its
// holder ends, however it ends, so a crash leaves nothing behind.
type fileLock struct{ file *os.File }

// errHeld says that another process holds the lock.
var errHeld = errors.New("the lock is held")

// tryLock takes the lock or returns errHeld at once.
func tryLock(path string, how int) (*fileLock, error) {
	// Close-on-exec, which Go sets, keeps children from holding the lock on.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil {
		return &fileLock{file: file}, nil
	}
	if closeErr := file.Close(); closeErr != nil {
		err = errors.Join(err, closeErr)
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errHeld
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// waitLock takes the lock exclusively, waiting for it.
func waitLock(ctx context.Context, path string) (*fileLock, error) {
	for {
		lock, err := tryLock(path, syscall.LOCK_EX)
		if !errors.Is(err, errHeld) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s: %w", path, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// isHeld reports whether some process holds the lock exclusively.
func isHeld(path string) (bool, error) {
	lock, err := tryLock(path, syscall.LOCK_SH)
	if errors.Is(err, errHeld) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	lock.release()
	return false, nil
}

// release gives the lock back; closing the file is what does so.
func (l *fileLock) release() { _ = l.file.Close() }
