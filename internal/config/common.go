// Package config reads the program's settings from the environment. A required
// setting that is missing stops the program with its name, and a program never
// starts half-set.
package config

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/sethvargo/go-envconfig"
	"go.temporal.io/sdk/client"
	temporalenv "go.temporal.io/sdk/contrib/envconfig"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Common is what serve and worker both read.
type Common struct {
	// LogLevel is debug, info, warn or error.
	LogLevel slog.Level `env:"LOG_LEVEL, default=INFO"`
	// LogFormat is json, or text for a person at a terminal.
	LogFormat string `env:"LOG_FORMAT, default=json"`
	// MetricsAddr is host:port of /healthz, /readyz and /metrics.
	MetricsAddr string `env:"METRICS_ADDR, default=:9090"`
	// FileStoreURL is where the ciphertext of attached files lies, the same for
	// serve and worker: file:///a/folder or s3://bucket?…; without it no file can
	// be attached.
	FileStoreURL string `env:"FILE_STORE_URL"`
	// ClamdAddress is a ClamAV daemon that files are scanned by, tcp://host:port
	// or unix:///path; without it files count as not scanned.
	ClamdAddress string `env:"CLAMD_ADDRESS"`

	temporal client.Options
}

// Temporal is how to reach Temporal. It is read by Temporal's own names
// (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_…).
func (c *Common) Temporal() client.Options { return c.temporal }

// Read fills a struct that embeds [Common] from the environment. It returns
// invalid (config.missing with the setting's name, or config.unreadable).
func Read(ctx context.Context, into interface{ common() *Common }) error {
	return read(ctx, into, envconfig.OsLookuper(), nil)
}

func (c *Common) common() *Common { return c }

// read takes the environment as values, so that tests need not change their
// own.
func read(ctx context.Context, into interface{ common() *Common }, env envconfig.Lookuper, temporal temporalenv.EnvLookup) error {
	if err := envconfig.ProcessWith(ctx, &envconfig.Config{Target: into, Lookuper: env}); err != nil {
		rule := "config.unreadable"
		if errors.Is(err, envconfig.ErrMissingRequired) {
			rule = "config.missing"
		}
		return fault.Wrap(fault.Invalid, rule, err)
	}
	c := into.common()
	if c.LogFormat != "json" && c.LogFormat != "text" {
		return fault.New(fault.Invalid, "config.unreadable", fault.Params{"is": c.LogFormat}).At("LOG_FORMAT")
	}
	// A file in somebody's home must not decide where a server connects to.
	options, err := temporalenv.LoadClientOptions(temporalenv.LoadClientOptionsRequest{DisableFile: true, EnvLookup: temporal})
	if err != nil {
		return fault.Wrap(fault.Invalid, "config.temporal", err)
	}
	c.temporal = options
	return nil
}

// Logger is the log that the settings ask for, on standard error.
func (c *Common) Logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(os.Stderr, options))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, options))
}
