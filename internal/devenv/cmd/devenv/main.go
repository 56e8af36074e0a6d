// Command devenv runs what the Makefile and the test harness need of package
// devenv. It is no part of the product.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/fellesloft/fellesloft/internal/devenv"
)

const usage = `Usage:
  devenv test -- <command…>        run a command with the test servers up for all of it
  devenv clean                     stop and remove all that the checkout has outside itself
  devenv keep postgres|temporal    keep a test server until nobody uses it (tests start this)
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			os.Exit(max(exit.ExitCode(), 1)) // the command has said why; a signal has no code
		}
		fmt.Fprintln(os.Stderr, "devenv:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) > 2 && args[0] == "test" && args[1] == "--":
		return devenv.RunWithTestServers(ctx, args[2:])
	case len(args) == 1 && args[0] == "clean":
		return devenv.Clean(ctx, os.Stdout)
	case len(args) == 2 && args[0] == "keep":
		return devenv.Keep(ctx, args[1], os.Stderr)
	}
	return errors.New("unknown command\n" + usage)
}
