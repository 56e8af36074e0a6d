package devenv

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestLeftOverEndsOnlyWhatItKnows(t *testing.T) {
	t.Parallel()
	child := exec.Command("sleep", "613")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	pidFile := filepath.Join(t.TempDir(), "pid")
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(child.Process.Pid)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := leftOver{name: "sleeper", pidFile: pidFile, signal: syscall.SIGTERM, grace: 10 * time.Second}
	var log bytes.Buffer

	l.is = func(args string) bool { return args == "another program" }
	if err := l.end(t.Context(), &log); err != nil || log.Len() > 0 {
		t.Fatalf("touched a process that it does not know: %v %s", err, log.String())
	}
	select {
	case err := <-ended:
		t.Fatalf("ended a process that it does not know: %v", err)
	default:
	}

	l.is = func(args string) bool { return args == "sleep 613" }
	if err := l.end(t.Context(), &log); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "terminated") {
		t.Errorf("the child ended with %v, want a signal", err)
	}
	if !strings.Contains(log.String(), "sleeper") {
		t.Errorf("said %q, want the name of what it ended", log.String())
	}
}
