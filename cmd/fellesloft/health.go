package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// healthCommand asks a serve or worker on the same host whether it is ready.
// The image has no shell and no curl, so its health check is this program.
func healthCommand() *cobra.Command {
	var address string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask serve or worker on this host whether it is ready",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			host, port, err := net.SplitHostPort(address)
			if err != nil {
				return fmt.Errorf("read METRICS_ADDR: %w", err)
			}
			if host == "" {
				host = "127.0.0.1"
			}
			const patience = 5 * time.Second
			ctx, cancel := context.WithTimeout(cmd.Context(), patience)
			defer cancel()
			return askReady(ctx, "http://"+net.JoinHostPort(host, port))
		},
	}
	cmd.Flags().StringVar(&address, "metrics-addr", envOr("METRICS_ADDR", ":9090"), "where it serves /readyz (METRICS_ADDR)")
	return cmd
}

// askReady returns nil where the part at the address says that it is ready.
func askReady(ctx context.Context, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	const good = 2
	if response.StatusCode/100 == good {
		return nil
	}
	const enough = 500
	why, err := io.ReadAll(io.LimitReader(response.Body, enough))
	if err != nil {
		return err
	}
	return errors.New(response.Status + ": " + strings.TrimSpace(string(why)))
}

func envOr(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
