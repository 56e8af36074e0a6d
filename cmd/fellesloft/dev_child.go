package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/internal/devenv"
)

// devSettings are the settings of both children by name; serve and worker read
// them as they read those of production.
func (d *devRun) devSettings() map[string]string {
	return map[string]string{
		"LOG_LEVEL": envOr("LOG_LEVEL", "WARN"), "LOG_FORMAT": envOr("LOG_FORMAT", "text"),
		// Shorter than Supervise's patience: a child that still waits is not killed.
		"STOP_WAIT":        "5s",
		"TEMPORAL_ADDRESS": d.at.Temporal, "PUBLIC_URL": d.at.API, "AUDIT_SECRET_FILE": d.keys.secret,
		"FILE_STORE_URL": "file://" + filepath.Join(d.checkout.DevDir(), "files"),
	}
}

func (d *devRun) serveSettings() map[string]string {
	s := d.devSettings()
	s["METRICS_ADDR"] = hostPort(d.at.ServeReadiness)
	s["LISTEN_ADDR"] = hostPort(d.at.API)
	s["DATABASE_URL_APP"] = d.database.app
	s["DATABASE_URL_ANYONE"] = d.database.anyone
	s["ISSUERS"] = d.at.Issuer
	s["OIDC_ISSUER"], s["OIDC_CLIENT_ID"] = d.at.Issuer, devClient
	s["ALTINN_PLATFORM"], s["ALTINN_SUBSCRIPTION_KEY"], s["ALTINN_RESOURCE"] = d.at.Issuer, "development", devClient
	s["MASKINPORTEN_ISSUER"], s["MASKINPORTEN_CLIENT_ID"] = d.at.Issuer, devClient
	s["MASKINPORTEN_KEY_ID"], s["MASKINPORTEN_KEY_FILE"] = d.registerKeyID, d.keys.register
	// All who use it come from one address, and the demonstration is many of them.
	s["LIMIT_PER_ADDRESS"], s["LIMIT_PER_IDENTITY"] = "0", "0"
	s["WRAPPING_KEY_FILE"] = d.keys.wrapping
	s["SIGNING_KEY_FILE"] = d.keys.signing
	s["SANDBOXES"] = "true"
	return s
}

func (d *devRun) workerSettings() map[string]string {
	s := d.devSettings()
	s["METRICS_ADDR"] = hostPort(d.at.WorkerReadiness)
	s["DATABASE_URL_ENGINE"] = d.database.engine
	s["KEY_DIR"] = d.keys.opening
	s["KEY_MASTER_FILE"] = d.keys.master
	s["RECEIPT_KEYS_FILE"] = d.keys.receipts
	s["SMTP_HOST"] = "127.0.0.1"
	s["SMTP_PORT"] = strconv.Itoa(portOf(d.at.SMTP))
	s["SMTP_FROM"] = "Fellesløft (utvikling) <fellesloft@example.org>"
	s["SMTP_TLS"] = "none"
	return s
}

// child is `dev serve` or `dev worker` as a process of its own.
func (d *devRun) child(part string, settings map[string]string) devenv.Child {
	return devenv.Child{Name: part, Command: func() *exec.Cmd {
		// Its end is Supervise's to decide, which asks before it kills.
		cmd := exec.Command(d.program, "dev", part) //nolint:gosec,noctx // this program itself
		cmd.Env = childEnv(os.Environ(), settings)
		return cmd
	}}
}

// childEnv is the caller's environment without database addresses, so that
// neither child can reach the database as its owner or as the other one, and
// with the settings.
func childEnv(environ []string, settings map[string]string) []string {
	var out []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if _, set := settings[name]; set || strings.HasPrefix(name, "DATABASE_URL") || strings.HasPrefix(name, "PG") {
			continue
		}
		out = append(out, pair)
	}
	for name, value := range settings {
		out = append(out, name+"="+value)
	}
	return out
}

// readyPatience covers a slow machine that links and connects for the first
// time.
const readyPatience = 2 * time.Minute

// waitUntilReady returns when the part answers that it is ready, and tells why
// it is not when patience ends.
func waitUntilReady(ctx context.Context, part, readiness string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyPatience, fmt.Errorf("%s is not ready after %s; its own lines above say more", part, readyPatience))
	defer cancel()
	for {
		err := askReady(ctx, readiness)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// dialable tells at once of a server that does not listen, instead of leaving
// the children to wait for it.
func dialable(ctx context.Context, setting, address string) error {
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("%s names a server that does not answer: start it, or unset %s to have one started; %w", setting, setting, err)
	}
	return conn.Close()
}
