package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/fellesloft/fellesloft/api"
	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/devenv"
	"github.com/fellesloft/fellesloft/internal/seed"
	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

const apiBase = api.Base

// devCommand runs the whole program on a developer's machine. It and its parts
// use a development database only, and listen on loopback only.
func devCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Run everything for development; Ctrl-C stops it, data stay",
		Long: `Runs PostgreSQL, Temporal, serve and worker with a development issuer, a mail
catcher and demonstration data, for one checkout.

DATABASE_URL names a database to use instead of a cluster of its own: an empty
one, or one that dev has used before; a superuser's address is the simplest.
TEMPORAL_ADDRESS names a Temporal server to use instead of one of its own.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return dev(cmd.Context(), cmd.OutOrStdout())
		},
	}
	cmd.AddCommand(serveCommand(true), workerCommand(true))
	return cmd
}

// devRun is one run of dev.
type devRun struct {
	checkout devenv.Checkout
	place    devenv.Place
	program  string // this program's file
	out      io.Writer
	at       devAddresses
	database roleURLs
	keys     devKeys
	issuer   *devissuer.Issuer
	// registerKeyID names the key of serve as a client of the issuer.
	registerKeyID string
	// servers are those that dev itself started, to be stopped in reverse.
	servers []*keptServer
}

// dev runs until ctx ends, and then stops what it started: first the children,
// then Temporal, then PostgreSQL.
func dev(ctx context.Context, out io.Writer) (err error) {
	d := &devRun{out: out}
	if d.checkout, err = devenv.FindCheckout(); err != nil {
		return err
	}
	release, err := devenv.LockDev(d.checkout)
	if err != nil {
		return err
	}
	defer release()
	defer func() {
		err = errors.Join(err, d.stopServers())
	}()
	if err := d.prepare(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // stopped while starting, as asked
		}
		return err
	}
	return d.run(ctx)
}

// prepare brings up all that the children need.
func (d *devRun) prepare(ctx context.Context) (err error) {
	if d.program, err = os.Executable(); err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	if d.place, err = d.checkout.Place("dev"); err != nil {
		return err
	}
	if d.at, err = chooseDevAddresses(ctx, d.checkout); err != nil {
		return err
	}
	if d.keys, err = ensureDevKeys(d.checkout); err != nil {
		return err
	}
	if err := d.makeIssuer(); err != nil {
		return err
	}
	if err := d.prepareDatabase(ctx); err != nil {
		return err
	}
	if err := d.prepareTemporal(ctx); err != nil {
		return err
	}
	return d.at.write(d.checkout)
}

func (d *devRun) prepareDatabase(ctx context.Context) (err error) {
	if given := databaseFromEnv(); given.owner != "" {
		d.step("using the database of DATABASE_URL")
		d.database, err = givenDatabase(ctx, given)
	} else {
		d.database, err = d.startDatabase(ctx)
	}
	if err != nil {
		return err
	}
	d.step("bringing the schema up to date")
	if err := db.Migrate(ctx, d.database.owner, db.Development); err != nil {
		return err
	}
	d.step("seeding municipalities, networks and demonstration identities")
	if err := seed.Registers(ctx, d.database.owner); err != nil {
		return err
	}
	return seed.Demo(ctx, d.database.owner, d.at.Issuer)
}

func (d *devRun) startDatabase(ctx context.Context) (roleURLs, error) {
	d.step("starting PostgreSQL in %s", filepath.Join(d.place.Dir, "pg"))
	cluster, address, err := startPostgres(ctx, d.place, d.out)
	if err != nil {
		return roleURLs{}, err
	}
	d.keep(ctx, "PostgreSQL", cluster, address, func(ctx context.Context) (startedServer, string, error) {
		return startPostgres(ctx, d.place, d.out)
	})
	return ownDatabase(ctx, cluster)
}

func (d *devRun) prepareTemporal(ctx context.Context) error {
	if address := os.Getenv("TEMPORAL_ADDRESS"); address != "" {
		d.step("using Temporal at %s", address)
		d.at.Temporal = address
		return dialable(ctx, "TEMPORAL_ADDRESS", address)
	}
	d.step("starting Temporal")
	server, address, err := startTemporal(ctx, d.place, d.out)
	if err != nil {
		return err
	}
	d.at.Temporal, d.at.TemporalUI = address, server.UIAddress()
	d.keep(ctx, "Temporal", server, address, func(ctx context.Context) (startedServer, string, error) {
		return startTemporal(ctx, d.place, d.out)
	})
	return nil
}

func (d *devRun) keep(ctx context.Context, name string, server startedServer, address string, start startServer) {
	d.servers = append(d.servers, keepServer(ctx, name, d.out, server, address, start))
}

// run keeps the children and the services beside them running until ctx ends or
// one of them fails for good.
func (d *devRun) run(ctx context.Context) error {
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return d.serveIssuer(running) })
	group.Go(func() error { return d.serveMail(running) })
	for _, server := range d.servers {
		group.Go(func() error { return server.wait(running) })
	}
	d.step("starting serve and worker")
	for _, child := range []devenv.Child{d.child("serve", d.serveSettings()), d.child("worker", d.workerSettings())} {
		group.Go(func() error { return devenv.Supervise(running, d.checkout, child, d.out) })
	}
	group.Go(func() error { return d.tellWhenReady(running) })
	err := group.Wait()
	if ctx.Err() != nil {
		d.step("stopping")
	}
	return err
}

func (d *devRun) tellWhenReady(ctx context.Context) error {
	for _, part := range []struct{ name, at string }{{"serve", d.at.ServeReadiness}, {"worker", d.at.WorkerReadiness}} {
		err := waitUntilReady(ctx, part.name, part.at)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // stopped, or another part has said why it failed
		}
		if err != nil {
			return err
		}
	}
	d.banner(d.out)
	return nil
}

// stopServers stops what prepare started, the last first.
func (d *devRun) stopServers() error {
	var errs []error
	for len(d.servers) > 0 {
		last := len(d.servers) - 1
		errs = append(errs, d.servers[last].Stop())
		d.servers = d.servers[:last]
	}
	return errors.Join(errs...)
}

func (d *devRun) step(format string, args ...any) {
	fmt.Fprintf(d.out, "dev: "+format+"\n", args...)
}
