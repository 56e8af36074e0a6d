package devenv

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

const (
	temporalModule  = "github.com/temporalio/cli"
	temporalPackage = temporalModule + "/cmd/temporal"
	// temporalVersionVar is what its release build sets; without it the CLI
	// calls itself a development version.
	temporalVersionVar = temporalModule + "/temporalcli.Version"
)

// temporalCLI is the program that holds Temporal's dev server.
type temporalCLI struct{ path, version string }

// findTemporalCLI takes `temporal` from PATH, else the one that was built
// before, else builds the version that tools/go.mod pins.
func findTemporalCLI(ctx context.Context, checkout Checkout, log io.Writer) (temporalCLI, error) {
	onPath, pathErr := temporalOnPath(ctx)
	if pathErr == nil {
		return onPath, nil
	}
	built, buildErr := builtTemporal(ctx, checkout, log)
	if buildErr == nil {
		return built, nil
	}
	return temporalCLI{}, fmt.Errorf("Temporal cannot be started.\nTried:\n  - %w\n  - %w\nWhat to do: install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on PATH, or name a server of your own in TEMPORAL_ADDRESS (dev) or %s (tests)",
		pathErr, buildErr, TestTemporalAddressVar)
}

func temporalOnPath(ctx context.Context) (temporalCLI, error) {
	path, err := exec.LookPath("temporal")
	if err != nil {
		return temporalCLI{}, errors.New("temporal on PATH: not there")
	}
	return askTemporal(ctx, path)
}

func askTemporal(ctx context.Context, path string) (temporalCLI, error) {
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return temporalCLI{}, fmt.Errorf("%s --version: %w", path, err)
	}
	version, ok := strings.CutPrefix(strings.TrimSpace(string(out)), "temporal version ")
	if !ok {
		return temporalCLI{}, fmt.Errorf("%s --version says %q, which is not the Temporal CLI", path, version)
	}
	return temporalCLI{path: path, version: version}, nil
}

func builtTemporal(ctx context.Context, checkout Checkout, log io.Writer) (temporalCLI, error) {
	tools := filepath.Join(checkout.Root, "tools")
	out, err := exec.CommandContext(ctx, "go", "-C", tools, "list", "-m", "-f", "{{.Version}}", temporalModule).Output()
	if err != nil {
		return temporalCLI{}, fmt.Errorf("the version of %s in %s: %w", temporalModule, tools, withStderr(err))
	}
	version := strings.TrimSpace(string(out))
	cache, err := CacheDir(checkout)
	if err != nil {
		return temporalCLI{}, err
	}
	program := filepath.Join(cache, "temporal-"+version)
	lock, err := tryLockSaying(ctx, program+".lock", log)
	if err != nil {
		return temporalCLI{}, err
	}
	defer lock.release()
	if _, err := os.Stat(program); err != nil {
		if err := buildTemporal(ctx, tools, strings.TrimPrefix(version, "v"), program, log); err != nil {
			return temporalCLI{}, err
		}
	}
	return askTemporal(ctx, program)
}

func tryLockSaying(ctx context.Context, path string, log io.Writer) (*fileLock, error) {
	if held, err := isHeld(path); err == nil && held {
		fmt.Fprintln(log, "another process is building the Temporal CLI: waiting for it")
	}
	return waitLock(ctx, path)
}

// buildTemporal renames at the end, so that an interrupted build leaves no
// program that looks whole.
func buildTemporal(ctx context.Context, tools, version, program string, log io.Writer) error {
	fmt.Fprintf(log, "building the Temporal CLI into %s (once; about four minutes on two cores, less where its modules are cached)\n", program)
	next := program + ".next"
	cmd := exec.CommandContext(ctx, "go", "-C", tools, "build", "-v", "-buildvcs=false", "-ldflags", "-X "+temporalVersionVar+"="+version, "-o", next, temporalPackage)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return fmt.Errorf("build the Temporal CLI: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("build the Temporal CLI: %w", err)
	}
	said := reportProgress(stderr, log)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("build the Temporal CLI: %w\n%s", err, strings.Join(said, "\n"))
	}
	if err := os.Rename(next, program); err != nil {
		return fmt.Errorf("build the Temporal CLI: %w", err)
	}
	return nil
}

// reportProgress counts the packages that go build names, one a line, says
// the count every ten seconds, and returns the last lines for an error.
func reportProgress(lines io.Reader, log io.Writer) (last []string) {
	var compiled atomic.Int64
	begin := time.Now()
	done := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(10 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				fmt.Fprintf(log, "  building the Temporal CLI: %d packages compiled, %s\n", compiled.Load(), time.Since(begin).Round(time.Second))
			}
		}
	}()
	const kept = 20
	for scan := bufio.NewScanner(lines); scan.Scan(); {
		compiled.Add(1)
		last = append(last, scan.Text())
		last = last[max(0, len(last)-kept):]
	}
	close(done)
	<-stopped
	return last
}

// CacheDir is where built tools are kept from one run to the next: the user's
// cache, or the checkout where there is none (no home folder, or none to write).
func CacheDir(checkout Checkout) (string, error) {
	if base, err := os.UserCacheDir(); err == nil {
		dir := filepath.Join(base, "fellesloft")
		if err := os.MkdirAll(dir, 0o755); err == nil {
			return dir, nil
		}
	}
	dir := filepath.Join(checkout.DevDir(), "cache")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make %s: %w", dir, err)
	}
	return dir, nil
}

// withStderr adds what a failed command said.
func withStderr(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	return err
}
