package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/fellesloft/fellesloft/internal/devenv"
)

// startedServer is a server that this process has started: PostgreSQL or
// Temporal.
type startedServer interface {
	Done() <-chan struct{}
	Stop() error
}

// startServer starts a server and gives its address.
type startServer func(context.Context) (startedServer, string, error)

// keptServer is a server that is started again when it dies.
type keptServer struct {
	stop   context.CancelFunc
	ended  chan struct{}
	result error // valid once ended is closed
}

// keepServer keeps a server running until Stop, also beyond ctx: what uses it
// is stopped first. Programs know the address at which it was started, so a
// server that comes back elsewhere counts as lost.
func keepServer(ctx context.Context, name string, log io.Writer, server startedServer, address string, start startServer) *keptServer {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	k := &keptServer{stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(k.ended)
		k.result = keepUp(running, name, log, server, address, start)
	}()
	return k
}

func keepUp(ctx context.Context, name string, log io.Writer, server startedServer, address string, start startServer) error {
	for {
		select {
		case <-ctx.Done():
			return server.Stop()
		case <-server.Done():
		}
		fmt.Fprintf(log, "%s ended: starting it again\n", name)
		again, at, err := start(ctx)
		if err != nil {
			return fmt.Errorf("%s ended and cannot be started again: %w", name, err)
		}
		if at != address {
			return errors.Join(fmt.Errorf("%s came back at another address, since its own was taken: run this again", name), again.Stop())
		}
		server = again
	}
}

// Stop ends the server and returns when it has ended.
func (k *keptServer) Stop() error {
	k.stop()
	<-k.ended
	return k.result
}

// wait returns when ctx ends, or with the reason when the server is lost.
func (k *keptServer) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-k.ended:
		return k.result
	}
}

// startTemporal starts the development server; its UI's address comes beside.
func startTemporal(ctx context.Context, place devenv.Place, log io.Writer) (*devenv.Temporal, string, error) {
	t, err := devenv.StartTemporal(ctx, devenv.TemporalConfig{Place: place, Log: log})
	if err != nil {
		return nil, "", err
	}
	return t, t.Address(), nil
}

func startPostgres(ctx context.Context, place devenv.Place, log io.Writer) (*devenv.Postgres, string, error) {
	p, err := devenv.StartPostgres(ctx, devenv.PostgresConfig{Place: place, Log: log})
	if err != nil {
		return nil, "", err
	}
	return p, p.URL(), nil
}
