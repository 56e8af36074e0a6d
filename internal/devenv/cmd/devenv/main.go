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
	os.Exit(status(os.Args[1:]))
}

// status runs the command line and gives the exit status: that of the command
// it ran, which has said why, or 1.
func status(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, args)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return max(exit.ExitCode(), 1) // one that a signal ended has none
	}
	fmt.Fprintln(os.Stderr, "devenv:", err)
	return 1
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) > 2 && args[0] == "test" && args[1] == "--":
		return devenv.RunWithTestServers(ctx, args[2:])
	case len(args) == 1 && args[0] == "clean":
		checkout, err := devenv.FindCheckout()
		if err != nil {
			return err
		}
		return devenv.Clean(ctx, checkout, os.Stdout)
	case len(args) == 2 && args[0] == "keep":
		return devenv.Keep(ctx, args[1], os.Stderr)
	}
	return errors.New("unknown command\n" + usage)
}
