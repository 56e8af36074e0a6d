// Command fellesloft is the whole program: the server, the worker, and what
// operators and developers run beside them.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/fault"
)

func main() {
	// The first signal asks for an orderly end; a second one ends at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	if err := rootCommand().ExecuteContext(ctx); err != nil {
		explain(os.Stderr, err)
		stop()
		os.Exit(1)
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "fellesloft",
		Short:         "Joint procurement and supplier dialogue for Norwegian municipalities",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(devCommand(), demoCommand(), serveCommand(false), workerCommand(false), migrateCommand(), adminCommand(), healthCommand(), replayCommand(), verifyCommand(), openapiCommand())
	return root
}

// explain tells an operator what is wrong and what to do; the chain stands
// below, for whoever helps.
func explain(to io.Writer, err error) {
	if f, ok := fault.As(err); ok && f.Kind != fault.Internal {
		title, detail := catalogue.Fault("en", f)
		fmt.Fprintf(to, "fellesloft: %s\n%s\n", title, detail)
	}
	fmt.Fprintf(to, "fellesloft: %v\n", err)
}
