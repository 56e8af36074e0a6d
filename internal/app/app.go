// Package app holds the use cases: authorise, open a transaction, decide in the
// domain, save with the audit entry and what is to be told, commit. Handlers,
// activities and commands call it; it calls nothing that is not in its ports.
//
// A method's error is a fault (see package fault). Denied and not_found never
// tell more than the caller may know: a case of others is not_found.
package app

import (
	"context"
	"log/slog"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/filestore"
	"github.com/fellesloft/fellesloft/internal/scan"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// RealSpace is the space of real cases.
var RealSpace = uuid.MustParse("00000000-0000-4000-8000-000000000001")

// Steering carries a command to the process that drives its case. It returns
// when the command has ended, or when ctx is done: then the outcome is unknown
// and the command's row tells it later. It never fails for a refusal.
type Steering interface {
	Steer(ctx context.Context, caseKind string, caseID uuid.UUID, n int, commandID uuid.UUID) error
	// SteerLong is Steer for a command that takes longer than a few seconds.
	SteerLong(ctx context.Context, caseKind string, caseID uuid.UUID, n int, commandID uuid.UUID) error
}

// Mailer sends one mail. An error means that it was not taken over and will be
// tried again.
type Mailer interface {
	Send(ctx context.Context, m Mail) error
}

// Mail is one message to one recipient. Key is the same at every try.
type Mail struct {
	Key, To, Subject, Text string
}

// Config is what an App needs. Serve has the wrapping and the signing key and
// the app role's pools; the worker has the opening keys and the engine role's
// pool. Neither has the other's.
type Config struct {
	Pool *pgxpool.Pool
	// Submissions are connections of their own: waiting for one comes before
	// the clock is read, so the rush of the last hour queues there.
	Submissions *pgxpool.Pool
	// Public is a pool of the role anyone, for what is read without sign-in.
	Public   *pgxpool.Pool
	Law      rules.Pack
	Steering Steering
	Wrapping *seal.WrappingKey
	Signing  *seal.SigningKey
	Opening  seal.OpeningKeys
	// Receipts verify what serve has signed, before an envelope is opened.
	ReceiptKeys seal.PublicKeys
	// Secret keys the HMACs of idempotent inputs.
	Secret []byte
	Log    *slog.Logger
	// SystemIssuer issues the access tokens of organisations' own systems; empty
	// where no system can sign in.
	SystemIssuer string
	// Sandboxes tells whether organisations may make sandboxes here.
	Sandboxes bool
	// Files keeps the ciphertext of attached files; nil where none can be.
	Files *filestore.Store
	// Scanner looks for viruses in files: serve's at the upload, the worker's at
	// the opening. Nil for none.
	Scanner scan.Scanner
	// AttachmentLimits bound what can be attached; DefaultAttachmentLimits where
	// nothing is set.
	AttachmentLimits AttachmentLimits
}

// App is the use cases over one database role.
type App struct {
	Config
	q *sqlcgen.Queries
}

// New makes an App.
func New(c Config) *App {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Submissions == nil {
		c.Submissions = c.Pool
	}
	if c.Scanner == nil {
		c.Scanner = scan.None{}
	}
	if c.AttachmentLimits.Types == nil {
		c.AttachmentLimits = DefaultAttachmentLimits()
	}
	return &App{Config: c, q: sqlcgen.New()}
}
