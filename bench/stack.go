package bench

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// Place is where a Stack stands: what a second process needs to open the same
// one.
type Place struct {
	// App, Engine and Anyone are the addresses of the database for its roles.
	App, Engine, Anyone string
	// Keys is a folder for key files, which are made where they are missing.
	Keys string
	// Connections is how many each role has at most.
	Connections int32
	// Case is set by the set-up and names what commands are about.
	Case Case
}

// Stack is serve and worker over one database, with the worker called directly
// where Temporal would call it: what is measured is the program's own work.
type Stack struct {
	Place
	Serve *app.App
	Pool  *pgxpool.Pool // of the role app

	worker *app.App
	close  []func()
}

// secret is as long as that of a deployment.
const secret = "a secret of the measurements, as long as one"

// Open connects to a place.
func Open(ctx context.Context, p Place) (s *Stack, err error) {
	s = &Stack{Place: p}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	pool := func(address string) *pgxpool.Pool {
		if err != nil {
			return nil
		}
		var opened *pgxpool.Pool
		if opened, err = db.Open(ctx, address, p.Connections); err == nil {
			s.close = append(s.close, opened.Close)
		}
		return opened
	}
	s.Pool = pool(p.App)
	anyone, engine := pool(p.Anyone), pool(p.Engine)
	if err != nil {
		return nil, err
	}
	law, err := rules.Load()
	if err != nil {
		return nil, err
	}
	k, err := openKeys(p.Keys)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	s.Serve = app.New(app.Config{Pool: s.Pool, Public: anyone, Law: law, Steering: s, Wrapping: k.wrapping, Signing: k.signing, Secret: []byte(secret), Log: log, Sandboxes: true})
	s.worker = app.New(app.Config{Pool: engine, Law: law, Opening: k.opening, ReceiptKeys: k.signing.PublicKeys(), Secret: []byte(secret), Log: log})
	return s, nil
}

// Close gives the connections back.
func (s *Stack) Close() {
	for _, f := range s.close {
		f()
	}
}

type keys struct {
	wrapping *seal.WrappingKey
	signing  *seal.SigningKey
	opening  *seal.KeyDir
}

func openKeys(dir string) (keys, error) {
	var k keys
	wrapping, signing, opening := filepath.Join(dir, "wrapping.keys"), filepath.Join(dir, "signing.keys"), filepath.Join(dir, "opening")
	if _, err := seal.EnsureKeyFile(wrapping, seal.PurposeWrapping); err != nil {
		return k, err
	}
	if _, err := seal.EnsureKeyFile(signing, seal.PurposeSigning); err != nil {
		return k, err
	}
	var err error
	if k.wrapping, err = seal.LoadWrappingKey(wrapping, func(context.Context, seal.Unwrapping) error { return nil }); err != nil {
		return k, err
	}
	if k.signing, err = seal.LoadSigningKey(signing); err != nil {
		return k, err
	}
	if _, err = seal.InitKeyDir(opening, ""); err != nil {
		return k, err
	}
	k.opening, err = seal.OpenKeyDir(opening, "")
	return k, err
}

// Steer carries a command out at once, in the worker's role.
func (s *Stack) Steer(ctx context.Context, _ string, _ uuid.UUID, _ int, commandID uuid.UUID) error {
	return s.worker.CarryOut(ctx, commandID)
}

// SteerLong is Steer, however long it takes: a worker goes on where a caller has
// stopped waiting.
func (s *Stack) SteerLong(ctx context.Context, kind string, id uuid.UUID, n int, commandID uuid.UUID) error {
	return s.Steer(context.WithoutCancel(ctx), kind, id, n, commandID)
}

// As gives a context of a demonstration's identity, by its subject.
func As(ctx context.Context, subject string) (context.Context, error) {
	for _, i := range seed.Identities() {
		if i.Subject == subject {
			return actor.With(ctx, actor.Actor{Kind: actor.Person, ID: i.ID, Name: i.Name, Org: i.Org, Roles: i.Roles, Request: uuid.NewString()}), nil
		}
	}
	return nil, fmt.Errorf("no identity %s", subject)
}
