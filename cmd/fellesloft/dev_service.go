package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/fellesloft/fellesloft/internal/mail"
	"github.com/fellesloft/fellesloft/internal/seed"
	"github.com/fellesloft/fellesloft/internal/signin"
	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

// devClient is the name of the program at the development issuer.
const devClient = "fellesloft-dev"

// makeIssuer makes the issuer of the demo identities: people sign in with it as
// with Ansattporten, systems as with Maskinporten, and it answers for Altinn's
// register what the demo's supplier systems may do.
func (d *devRun) makeIssuer() (err error) {
	if d.issuer, err = devissuer.New(d.at.Issuer, d.keys.issuer, time.Now, devissuer.WithPeople(people())); err != nil {
		return fmt.Errorf("make the development issuer: %w", err)
	}
	if d.registerKeyID, err = d.issuer.Client(devClient, d.keys.register); err != nil {
		return fmt.Errorf("make a client of the development issuer: %w", err)
	}
	var grants []devissuer.Grant
	for _, s := range seed.Systems() {
		if s.Vendor != "" {
			grants = append(grants, devissuer.Grant{SystemUser: systemUser(s), Actions: []string{signin.ActionRead, signin.ActionWrite}})
		}
	}
	d.issuer.SetGrants(grants...)
	return nil
}

func systemUser(s seed.System) devissuer.SystemUser {
	return devissuer.SystemUser{ID: s.SystemUser, Organisation: s.Customer.OrgNumber}
}

// serveIssuer signs in whoever asks until ctx ends.
func (d *devRun) serveIssuer(ctx context.Context) error {
	return serveLoopback(ctx, d.at.Issuer, d.issuer.Handler())
}

// people are the demo identities as the sign-in page lists them, and one whom
// nobody has let in.
func people() []devissuer.Person {
	var out []devissuer.Person
	for _, i := range seed.Identities() {
		out = append(out, devissuer.Person{Subject: i.Subject, Name: i.Name, Note: i.OrgName + ": " + rolesOf(i)})
	}
	return append(out, devissuer.Person{Subject: "ingen", Name: "En som ikke representerer noen", Note: "–"})
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
