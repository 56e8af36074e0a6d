package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
	"go.temporal.io/sdk/interceptor"
	"golang.org/x/sync/errgroup"

	"github.com/fellesloft/fellesloft/activities"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/config"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/mail"
	"github.com/fellesloft/fellesloft/internal/process"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// workerCommand runs what time and commands ask for: for a production database,
// or as a part of dev for a development one.
func workerCommand(development bool) *cobra.Command {
	return &cobra.Command{
		Use:   "worker",
		Short: "Carry out commands, pass time, send mail and compare cases with Temporal",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var c config.Worker
			if err := config.Read(cmd.Context(), &c); err != nil {
				return err
			}
			return work(cmd.Context(), c, development)
		},
	}
}

func work(ctx context.Context, c config.Worker, development bool) error {
	log := c.Logger()
	slog.SetDefault(log)
	pool, err := openPool(ctx, c.DatabaseURL, c.DatabaseConns)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := checkKind(ctx, pool, development); err != nil {
		return err
	}
	temporal, err := process.NewClient(c.Temporal(), log)
	if err != nil {
		return err
	}
	defer temporal.Close()
	attached, closeFiles, err := openFiles(ctx, c.Common, log)
	if err != nil {
		return err
	}
	defer closeFiles()
	a, err := workerApp(ctx, c, pool, attached, log)
	if err != nil {
		return err
	}
	sender, err := mail.NewSender(mail.Settings(c.SMTP))
	if err != nil {
		return err
	}
	build, err := process.Build()
	if err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	metrics := process.NewMetrics(registry)
	relay := process.Relay{Pool: pool, Cases: a, Process: temporal, Mailer: sender, Texts: catalogue.Mail, Metrics: metrics, Log: log}

	var taking atomic.Bool
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return operate(ctx, c.MetricsAddr, registry, func(ctx context.Context) error { return workerReady(ctx, pool, &taking) })
	})
	group.Go(func() error {
		return temporal.Run(ctx, process.Work{
			Activities:   &activities.Activities{Cases: a, Build: build},
			Interceptors: []interceptor.WorkerInterceptor{activities.Faults(log)},
			StopWait:     c.StopWait, Build: build,
			Started: func() { taking.Store(true) },
		})
	})
	group.Go(func() error {
		relay.Run(ctx)
		return nil
	})
	group.Go(func() error {
		process.RunJobs(ctx, pool, metrics, log, workerJobs(c, a, pool, temporal, metrics, log)...)
		return nil
	})
	log.InfoContext(ctx, "working", "build", build)
	return group.Wait()
}

func workerApp(ctx context.Context, c config.Worker, pool *pgxpool.Pool, attached files, log *slog.Logger) (*app.App, error) {
	law, err := rules.Load()
	if err != nil {
		return nil, err
	}
	keys, err := keysBy(ctx, workerService, c.KeyService)
	if err != nil {
		return nil, err
	}
	opening, err := keys.OpenDir(c.KeyDir, c.KeyMasterFile)
	if err != nil {
		return nil, err
	}
	published, err := os.ReadFile(c.ReceiptKeysFile)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "config.unreadable", err).At("RECEIPT_KEYS_FILE")
	}
	receipts, err := seal.ParsePublicKeys(published)
	if err != nil {
		return nil, err
	}
	secret, err := readSecret(c.SecretFile, "AUDIT_SECRET_FILE")
	if err != nil {
		return nil, err
	}
	return app.New(app.Config{Pool: pool, Law: law, Opening: opening, ReceiptKeys: receipts, Secret: secret, Log: log,
		Files: attached.store, Scanner: attached.unhurried()}), nil
}

// workerJobs is all that the worker does by itself, in no case's workflow.
func workerJobs(c config.Worker, a *app.App, pool *pgxpool.Pool, temporal *process.Client, metrics *process.Metrics, log *slog.Logger) []process.Job {
	const (
		watchEvery = 15 * time.Second
		scanEvery  = 5 * time.Minute
		sweepEvery = time.Hour
	)
	reconciler := process.Reconciler{Cases: a, Process: temporal, Log: log}
	jobs := []process.Job{
		{Name: "reconcile", Every: c.ReconcileEvery, Run: func(ctx context.Context) error {
			_, err := reconciler.Run(ctx)
			return err
		}},
		{Name: "outbox", Every: watchEvery, Run: process.WatchOutbox(pool, metrics, log, c.OutboxAlarm)},
		{Name: "opening-keys", Every: c.KeyCheckEvery, Run: func(ctx context.Context) error {
			failed, err := a.CheckOpeningKeys(ctx)
			if err == nil && failed > 0 {
				return fault.New(fault.Internal, "opening-keys.failed", fault.Params{"count": fmt.Sprint(failed)})
			}
			return err
		}},
	}
	if a.Files != nil {
		jobs = append(jobs, process.Job{Name: "scan-opened", Every: scanEvery, Run: counted(a.ScanOpened)},
			process.Job{Name: "unused-files", Every: sweepEvery, Run: counted(a.RemoveUnusedFiles)})
	}
	return jobs
}

// counted is a job for which it does not matter how much there was to do.
func counted(f func(context.Context) (int, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := f(ctx)
		return err
	}
}

// workerReady reports whether the worker takes work. A Temporal that goes away
// later is not told of here: the worker goes on by itself when it is back, and
// starting it anew would not help.
func workerReady(ctx context.Context, pool *pgxpool.Pool, taking *atomic.Bool) error {
	if !taking.Load() {
		return fault.New(fault.Unavailable, "temporal.unreachable")
	}
	if err := pool.Ping(ctx); err != nil {
		return fault.Wrap(fault.Unavailable, "database.unreachable", err)
	}
	return nil
}
