package config

import "time"

// Serve is what serve reads. It has the wrapping and the signing key, and never
// the opening keys of the worker.
type Serve struct {
	Common
	// ListenAddr is host:port of the API and the pages.
	ListenAddr string `env:"LISTEN_ADDR, default=:8080"`
	// PublicURL is the address at which people and systems reach the program.
	PublicURL string `env:"PUBLIC_URL, required"`
	// TrustedProxies are addresses or networks in front of the program, whose
	// X-Forwarded-For and X-Forwarded-Proto are believed.
	TrustedProxies []string `env:"TRUSTED_PROXIES"`

	// DatabaseURL is the app role's address, PublicDatabaseURL that of the role
	// anyone, by which all that needs no sign-in is read.
	DatabaseURL       string `env:"DATABASE_URL_APP, required"`
	PublicDatabaseURL string `env:"DATABASE_URL_ANYONE, required"`
	// DatabaseConns bounds the pool; SubmissionConns are connections kept for
	// submitting tenders, PublicConns those of the role anyone.
	DatabaseConns   int32 `env:"DATABASE_CONNS_APP, default=16"`
	SubmissionConns int32 `env:"DATABASE_CONNS_SUBMISSIONS, default=8"`
	PublicConns     int32 `env:"DATABASE_CONNS_ANYONE, default=8"`

	// Issuers whose tokens are believed, each exactly as its tokens write it.
	Issuers []string `env:"ISSUERS, required"`
	// Audience that every token must name; empty for issuers whose tokens name
	// none.
	Audience string `env:"AUDIENCE"`

	// WrappingKeyFile and SigningKeyFile are made by admin keys init.
	WrappingKeyFile string `env:"WRAPPING_KEY_FILE, required"`
	SigningKeyFile  string `env:"SIGNING_KEY_FILE, required"`
	// SecretFile holds what keys the hashes of repeated inputs and of names in
	// the audit log; at least 32 bytes, the same for every serve and worker.
	SecretFile string `env:"AUDIT_SECRET_FILE, required"`

	// Sandboxes lets organisations make sandboxes here.
	Sandboxes bool `env:"SANDBOXES, default=false"`
	// RequestDeadline bounds one request.
	RequestDeadline time.Duration `env:"REQUEST_DEADLINE, default=30s"`
	// StopWait is how long running requests get to end at shutdown.
	StopWait time.Duration `env:"STOP_WAIT, default=20s"`
}
