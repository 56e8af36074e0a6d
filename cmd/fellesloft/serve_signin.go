package main

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/altinn"
	"github.com/fellesloft/fellesloft/internal/config"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/signin"
)

// systemsOf signs in whoever brings an access token, and tells what a person may
// act for.
func systemsOf(c config.Serve, development bool, pool *pgxpool.Pool) (*signin.Service, error) {
	if c.SystemIssuer != "" && !slices.Contains(c.Issuers, c.SystemIssuer) {
		return nil, fault.New(fault.Invalid, "config.unreadable", fault.Params{"is": c.SystemIssuer}).At("SYSTEM_ISSUER")
	}
	var list []signin.Issuer
	for _, u := range c.Issuers {
		list = append(list, signin.Issuer{URL: u, Loopback: development})
	}
	s := signin.Config{Issuers: list, Audience: c.Audience, ScopePrefix: c.ScopePrefix, Directory: directory{pool}}
	r := c.Register
	register := altinn.Settings{Platform: r.Platform, SubscriptionKey: r.SubscriptionKey, Resource: r.Resource, Issuer: r.Issuer,
		ClientID: r.ClientID, KeyID: r.KeyID, KeyFile: r.KeyFile, Loopback: development}
	if err := register.Check(); err != nil {
		return nil, err
	}
	if register.Set() {
		asked, err := altinn.New(register, time.Now)
		if err != nil {
			return nil, err
		}
		s.Authoriser = asked
	}
	return signin.New(s)
}

// peopleOf signs people in with the issuers of which anything is set.
func peopleOf(c config.Serve, development bool) (*signin.Login, error) {
	var used []signin.LoginIssuer
	for _, l := range []struct {
		name string
		config.Login
	}{{signin.Ansattporten, c.Ansattporten}, {signin.IDporten, c.IDporten}, {"oidc", c.OIDC}} {
		issuer := signin.LoginIssuer{Name: l.name, URL: l.Issuer, ClientID: l.ClientID, SecretFile: l.SecretFile, KeyFile: l.KeyFile, KeyID: l.KeyID,
			Scopes: l.Scopes, ACR: l.ACR, Services: l.Services, Resources: l.Resources, Loopback: development}
		if !issuer.Empty() {
			used = append(used, issuer)
		}
	}
	return signin.NewLogin(signin.LoginConfig{Issuers: used, PublicURL: c.PublicURL})
}

// directory looks memberships up as the app role.
type directory struct{ pool *pgxpool.Pool }

// MembershipsOf implements signin.Directory.
func (d directory) MembershipsOf(ctx context.Context, issuer, subject string) ([]db.Membership, error) {
	return db.MembershipsOf(ctx, d.pool, issuer, subject)
}
