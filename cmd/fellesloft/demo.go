package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fellesloft/fellesloft/internal/demonstration"
	"github.com/fellesloft/fellesloft/internal/devenv"
)

// demoFlags say where the program is that the demonstration runs against.
type demoFlags struct {
	api, issuer, dir, language string
}

// demoCommand runs the demonstration against a development program, as its
// users would: through the API.
func demoCommand() *cobra.Command {
	var flags demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run a joint procurement from launch to call-off against a running dev",
		Long: `Runs a joint procurement from launch to call-off through the API, in a sandbox
whose clock is advanced, and tells of it as it goes. Start dev first, in another
shell. A production deployment is refused.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return demonstrate(cmd, flags) },
	}
	cmd.Flags().StringVar(&flags.api, "api", "", "address of the API, as in http://127.0.0.1:8080 (default: that of this checkout's dev)")
	cmd.Flags().StringVar(&flags.issuer, "issuer", "", "address of the development issuer (default: that of this checkout's dev)")
	cmd.Flags().StringVar(&flags.dir, "dir", "", "folder for the files that are fetched (default: .dev/demo in this checkout, with the time)")
	cmd.Flags().StringVar(&flags.language, "language", "nb", "language of the API's refusals: nb, nn or en")
	return cmd
}

func demonstrate(cmd *cobra.Command, flags demoFlags) error {
	at, err := flags.fill()
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	base := strings.TrimSuffix(at.API, "/") + apiBase
	if err := reachable(ctx, at.API); err != nil {
		return err
	}
	if err := demonstration.Check(ctx, base); err != nil {
		return err
	}
	_, err = demonstration.Run(ctx, demonstration.Options{
		BaseURL: base, Token: issuerTokens(at.Issuer), Out: cmd.OutOrStdout(), Dir: flags.dir, Language: flags.language, TemporalUI: at.TemporalUI, Mail: at.Mail,
	})
	if err != nil {
		return fmt.Errorf("the demonstration stopped: %w", err)
	}
	return nil
}

// fill takes what no flag gives from the checkout's dev.
func (f *demoFlags) fill() (devAddresses, error) {
	if f.api != "" && f.issuer != "" {
		return devAddresses{API: f.api, Issuer: f.issuer}, nil
	}
	checkout, err := devenv.FindCheckout()
	if err != nil {
		return devAddresses{}, err
	}
	at, err := readDevAddresses(checkout)
	if errors.Is(err, fs.ErrNotExist) {
		return at, errors.New("dev has not run in this checkout: start `make dev` in another shell and wait until it is ready, or give --api and --issuer")
	}
	if err != nil {
		return at, err
	}
	if f.api != "" {
		at.API = f.api
	}
	if f.issuer != "" {
		at.Issuer = f.issuer
	}
	if f.dir == "" {
		f.dir = filepath.Join(checkout.DevDir(), "demo", time.Now().Format("20060102-150405"))
	}
	return at, nil
}

// reachable fails at once where nobody listens: the demonstration itself is
// patient, since parts of the program may be killed while it runs.
func reachable(ctx context.Context, address string) error {
	const patience = 5 * time.Second
	conn, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, "tcp", hostPort(address))
	if err != nil {
		return fmt.Errorf("nobody answers at %s: start `make dev` in another shell and wait until it is ready; %w", address, err)
	}
	return conn.Close()
}

// issuerTokens asks the development issuer for tokens.
func issuerTokens(issuer string) func(context.Context, string) (string, error) {
	const patience = 10 * time.Second
	client := &http.Client{Timeout: patience}
	return func(ctx context.Context, subject string) (string, error) {
		body, err := json.Marshal(map[string]string{"subject": subject})
		if err != nil {
			return "", err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(issuer, "/")+"/token", bytes.NewReader(body))
		if err != nil {
			return "", err
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			return "", err
		}
		defer res.Body.Close()
		var given struct {
			Token string `json:"access_token"`
		}
		if err := json.NewDecoder(res.Body).Decode(&given); err != nil || given.Token == "" {
			return "", fmt.Errorf("the issuer at %s gave no token for %s: %s", issuer, subject, res.Status)
		}
		return given.Token, nil
	}
}
