package devenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestCleanStopsDevAndRemovesAll(t *testing.T) {
	t.Parallel()
	checkout := testCheckout(t)
	place, err := checkout.Place("dev")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(place.Dir, "data"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dev := standInForDev(t, checkout)

	var log output
	if err := Clean(t.Context(), checkout, &log); err != nil {
		t.Fatal(err)
	}
	if err := dev.Wait(); err == nil || !strings.Contains(err.Error(), "terminated") {
		t.Errorf("dev ended with %v, want a signal", err)
	}
	for _, dir := range []string{place.Dir, checkout.DevDir(), checkout.outsideDir()} {
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", dir, err)
		}
	}
	if !strings.Contains(log.String(), checkout.DevDir()) {
		t.Errorf("does not say what it removed: %q", log.String())
	}
}

func TestCleanWhereNothingEverRan(t *testing.T) {
	t.Parallel()
	if err := Clean(t.Context(), Checkout{Root: t.TempDir()}, &output{}); err != nil {
		t.Fatal(err)
	}
}

func TestCleanRefusesWhileTestsUseTheServers(t *testing.T) {
	t.Parallel()
	checkout := testCheckout(t)
	t.Cleanup(func() {
		if err := os.RemoveAll(checkout.outsideDir()); err != nil {
			t.Error(err)
		}
	})
	s, err := sharedService(checkout, "postgres")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.write(running{Keeper: os.Getpid()}); err != nil {
		t.Fatal(err)
	}
	// A user alone is enough: the keeper may be about to start.
	users, err := tryLock(s.file("users"), syscall.LOCK_SH)
	if err != nil {
		t.Fatal(err)
	}
	defer users.release()
	if err := Clean(t.Context(), checkout, &output{}); err == nil || !strings.Contains(err.Error(), "tests still use") {
		t.Errorf("err = %v, want a refusal", err)
	}
}

// standInForDev runs a process that holds dev's lock under dev's pid.
func standInForDev(t *testing.T, checkout Checkout) *exec.Cmd {
	t.Helper()
	lock, err := tryLock(devLock(checkout), syscall.LOCK_EX)
	if err != nil {
		t.Fatal(err)
	}
	dev := exec.Command("sleep", "600")
	dev.ExtraFiles = []*os.File{lock.file}
	if err := dev.Start(); err != nil {
		t.Fatal(err)
	}
	lock.release()
	if err := os.WriteFile(devPidFile(checkout), []byte(strconv.Itoa(dev.Process.Pid)), 0o600); err != nil {
		t.Fatal(err)
	}
	return dev
}
