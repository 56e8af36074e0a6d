package devenv

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// helperVar makes the test binary play the parent that is killed.
const helperVar = "DEVENV_TEST_HELPER"

func TestChildEndsWithAKilledParent(t *testing.T) {
	if os.Getenv(helperVar) != "" {
		p, err := startTied(exec.Command("sleep", "619"), syscall.SIGTERM)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("child", p.cmd.Process.Pid)
		time.Sleep(time.Minute)
		return
	}
	t.Parallel()
	parent := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	parent.Env = append(os.Environ(), helperVar+"=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	child := 0
	for lines := bufio.NewScanner(out); child == 0 && lines.Scan(); {
		if number, ok := strings.CutPrefix(lines.Text(), "child "); ok {
			if child, err = strconv.Atoi(number); err != nil {
				t.Fatal(err)
			}
		}
	}
	running := func() bool {
		args, err := commandLine(t.Context(), child)
		return err == nil && args == "sleep 619"
	}
	if child == 0 || !running() {
		t.Fatalf("the child (%d) does not run", child)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := parent.Wait(); err == nil {
		t.Fatal("a killed parent ended well")
	}
	eventually(t, "the child ends with its parent", func() bool { return !running() })
}
