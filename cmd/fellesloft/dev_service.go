package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/fellesloft/fellesloft/internal/mail"
	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

// serveIssuer gives tokens for any subject until ctx ends.
func (d *devRun) serveIssuer(ctx context.Context) error {
	issuer, err := devissuer.New(d.at.Issuer, d.keys.issuer, time.Now)
	if err != nil {
		return fmt.Errorf("make the development issuer: %w", err)
	}
	return serveLoopback(ctx, d.at.Issuer, issuer.Handler())
}

// serveMail takes mail, keeps it and shows it until ctx ends.
func (d *devRun) serveMail(ctx context.Context) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", d.at.SMTP)
	if err != nil {
		return fmt.Errorf("listen for mail: %w", err)
	}
	catcher := mail.NewCatcher()
	pages := make(chan error, 1)
	go func() { pages <- serveLoopback(ctx, d.at.Mail, catcher) }()
	return errors.Join(catcher.Serve(ctx, l), <-pages)
}

func serveLoopback(ctx context.Context, address string, handler http.Handler) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", hostPort(address))
	if err != nil {
		return fmt.Errorf("listen for %s: %w", address, err)
	}
	const patience = 10 * time.Second
	server := &http.Server{Handler: handler, ReadHeaderTimeout: patience}
	stop := context.AfterFunc(ctx, func() {
		_ = server.Close() // nothing here is worth waiting for
	})
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", address, err)
	}
	return nil
}
